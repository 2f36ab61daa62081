"""The local page over the same `answer` as the command line."""
