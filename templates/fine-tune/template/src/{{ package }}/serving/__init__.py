"""Serving: the scored model behind an OpenAI-compatible endpoint on loopback."""
