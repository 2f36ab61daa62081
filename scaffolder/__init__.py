"""scaffold: from working software engineer to a repository an AI-engineering team believes.

Invariant: importing this package imports nothing else, so that `scaffold --help` stays fast.
"""

__version__ = "0.1.0"
