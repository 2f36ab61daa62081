"""The review: what a repository shows, each verdict with its evidence; nothing in it is run."""
