"""What the parser door checks before anything is built."""
