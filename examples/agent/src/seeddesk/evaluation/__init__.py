"""Tasks, how their end is judged, rows, figures and what is published of them."""
