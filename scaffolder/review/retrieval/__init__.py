"""What the code does to find passages: cutting, indexing, searching, and measuring the search."""
