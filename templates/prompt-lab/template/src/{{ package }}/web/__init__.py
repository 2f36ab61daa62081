"""The desk as a page on this machine."""
