"""Serving: the model that was scored behind an OpenAI-compatible endpoint, and its parity."""
