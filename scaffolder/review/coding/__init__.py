"""Error analysis: outputs that were read, what went wrong in them, and the metrics that follow."""
