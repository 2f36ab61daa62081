"""Rows, figures, comparisons and what is published of them."""
