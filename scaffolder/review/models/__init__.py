"""Where and how a model is called."""
