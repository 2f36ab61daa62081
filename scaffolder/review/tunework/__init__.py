"""What a project that trains a model leaves behind: splits, records, rows of each system."""
