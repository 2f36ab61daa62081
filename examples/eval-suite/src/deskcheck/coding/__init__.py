"""Error analysis: results are read, what went wrong is written down, grouped and counted."""
