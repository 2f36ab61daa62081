"""Training: rows as the trainer sees them, one tune, and what was recorded of it."""
