"""Bytes of somebody else's file, as text.

Invariant: every input gives a text with `\\n` line ends, or None where it is binary; nothing is
raised. What a file says of its own encoding is not believed: only its bytes decide.
"""

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096
_CONTROL = bytes({*range(9), 11, *range(14, 27), *range(28, 32), 127})


def decode(raw: bytes, cut: bool = False) -> str | None:
    """The text of `raw`: UTF-8, UTF-16 and UTF-32, latin-1 otherwise; None where it is binary.

    Where `raw` is the `cut` beginning of a file, half a character at its end is left out.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _line_ends(_lenient(raw[len(mark) :], encoding))
    if b"\0" in raw:
        wide = _unmarked(raw[:_SAMPLE])
        return _line_ends(_lenient(raw, wide)) if wide else None
    text = _utf8(raw, cut)
    if text is None:
        text = None if _many_controls(raw[:_SAMPLE]) else raw.decode("latin-1")
    return None if text is None else _line_ends(text)


def _utf8(raw: bytes, cut: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(raw, final=not cut)
    except UnicodeDecodeError:
        return None


def _lenient(raw: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)("replace").decode(raw)


def _unmarked(sample: bytes) -> str | None:
    """UTF-16 without a mark, where nearly every second byte is NUL and the others never are."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) or max(even, odd) < 0.7 * (len(sample) // 2) or len(sample) < 4:
        return None
    return "utf-16-le" if odd else "utf-16-be"


def _many_controls(sample: bytes) -> bool:
    return len(sample) - len(sample.translate(None, _CONTROL)) > len(sample) // 50


def _line_ends(text: str) -> str:
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n")
