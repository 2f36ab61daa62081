"""The text of an answer while its JSON is still arriving.

Invariant: what `add` gives, put together, is a beginning of the finished text.
"""

from dataclasses import dataclass

from pydantic_core import from_json


@dataclass
class Draft:
    """What has arrived so far, and how much of the text was given out."""

    arrived: str = ""
    given: int = 0

    def add(self, piece: str) -> str:
        """The part of the text that `piece` has made readable; "" if there is none."""
        self.arrived += piece
        try:
            found = from_json(self.arrived, allow_partial="trailing-strings")
        except ValueError:
            return ""
        text = found.get("text") if isinstance(found, dict) else None
        if not isinstance(text, str):
            return ""
        fresh = text[self.given :]
        self.given = max(self.given, len(text))
        return fresh
