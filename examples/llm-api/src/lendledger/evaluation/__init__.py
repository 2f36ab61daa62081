"""Labelled questions, how they are judged, the rows, and what is published."""
