"""Takes the disguise off a text: invisible and alike letters, tag letters, base64.

Invariant: what is uncovered is text to be looked at; nothing is run and no length grows.
"""

import base64
import binascii
import re
import unicodedata

INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_LOOKALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb", "aeopcyxijsdh"
)
_TAGS = {0xE0000 + n: n for n in range(0x20, 0x7F)}
_ALIKE = re.compile(f"[{''.join(map(chr, _LOOKALIKE))}]")


def uncovered(text: str) -> str:
    """The text without what hides it: tag letters, invisible characters, wide and alike letters."""
    if INVISIBLE.search(text):
        text = INVISIBLE.sub("", text.translate(_TAGS))
    text = unicodedata.normalize("NFKC", text)
    return text.translate(_LOOKALIKE) if _ALIKE.search(text) else text


def decoded(written: str) -> str:
    """The text that a run of base64 holds; "" where it holds none."""
    try:
        raw = base64.b64decode(written[: len(written) // 4 * 4], validate=True)
        text = raw.decode("utf-16-le" if raw[1:2] == b"\0" else "utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    printable = sum(c.isprintable() or c.isspace() for c in text)
    return text if text and printable >= 0.95 * len(text) else ""
