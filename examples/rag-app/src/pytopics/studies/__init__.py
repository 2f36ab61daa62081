"""Studies beyond `eval`: what k does, planted text, changed documents, time, the whole corpus.

Each module returns result rows; `ledger` writes what they say into README.md and scaffold.toml.
"""

STUDIES = ("depth", "planted", "edited", "latency", "prompts")
