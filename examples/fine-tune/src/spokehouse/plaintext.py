"""Text from outside, a document's or a person's, made plain.

Invariant: it can be written as UTF-8, has "\\n" as its only line break and no other control
character than a tab.
"""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def clean(text: str) -> str:
    """`text` with other line breaks as "\\n" and every other control character as a blank."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    return _CONTROL.sub(" ", lines).encode("utf-8", "replace").decode("utf-8")
