"""What the secret scan reads, in which disguises, and what is no secret."""
