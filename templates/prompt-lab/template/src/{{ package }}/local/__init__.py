"""The local model: its weights, verified, and the replies it gives."""
