"""Work on prompts: their versions, and what was measured of each."""
