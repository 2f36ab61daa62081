"""The terminal interface: redraws what the journeys say, decides nothing."""
