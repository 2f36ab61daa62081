"""Text from anywhere, made safe for a terminal.

Invariant: what `clean` returns holds no control byte, no escape sequence, no character that turns
or hides text, and at most `limit` characters of the input. It never raises on a `str`.
"""

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_COMBINING = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED_UP = re.compile(f"({_COMBINING}{{4}}){_COMBINING}+")


def clean(text: str, limit: int = 4000, one_line: bool = True) -> str:
    """`text` with everything a terminal would act on shown instead of obeyed."""
    if len(text) > limit:
        text = f"{text[:limit]}… (+{len(text) - limit} characters)"
    text = _UNSAFE.sub(_visible, text)
    if one_line:
        text = text.replace("\n", "␊").replace("\t", "    ")
    return _PILED_UP.sub(r"\1…", text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"<U+{code:04X}>"
