"""Publishing: freeze the commits, scan them, make a private repository, push exactly them."""
