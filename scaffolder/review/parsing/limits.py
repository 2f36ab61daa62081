"""What is counted in a document before a parser builds anything of it.

Invariant: each function is linear in the text, holds no recursion and gives the reason of a refusal
or None. The limits come from measurements: without them 80 KB of TOML take minutes, 250 KB of YAML
or JSON end in the parser's own recursion, and 1 MB of dense Python takes 600 MB.
"""

import re
from itertools import accumulate

MAX_DEPTH = 100
"""Lists, objects, tables inside of each other."""

MAX_CONTAINERS = 1_000_000
MAX_DIGITS = 250
"""Digits of a whole number: a longer one is no float, and beyond 4,300 cannot even be shown."""

MAX_KEY_PARTS = 64
MAX_WORDS = 200_000
"""Names and numbers of a Python module; a megabyte of ordinary code holds 150,000."""

_JSON_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_TOML_STRING = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+(?:"{3,5})?'
    r"|'''(?:[^']++|'(?!''))*+(?:'{3,5})?"
    r'|"(?:[^"\\\n]++|\\[^\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+",
    re.DOTALL,
)
_TOML_PIECE = re.compile(r"[\n,=\[\]{}]")
_WORD = re.compile(r"\w++")
_LONG_NUMBER = re.compile(rf"(?<!\w)[-+]?[0-9][0-9A-Fa-f_xob:]{{{MAX_DIGITS},}}+")
_BRACKETS = b"[]{}"
_NOT_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class Excess(ValueError):
    """What a document has too much of, and on which 1-based line where that is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


def json_excess(text: str) -> str | None:
    """For JSON: its depth, and how many lists and objects it holds."""
    return _brackets(text, _JSON_STRING)


def toml_excess(text: str) -> str | None:
    """For TOML: the depth of its arrays and tables, and the parts of its dotted keys."""
    bare = _TOML_STRING.sub('""', text)
    if any(piece.count(".") >= MAX_KEY_PARTS for piece in _TOML_PIECE.split(bare)):
        return f"a key has more than {MAX_KEY_PARTS} parts"
    return long_number(bare) or _brackets(bare, None)


def long_number(text: str) -> str | None:
    """Whether a text holds what may be a whole number of more than MAX_DIGITS digits."""
    return f"a number has more than {MAX_DIGITS} digits" if _LONG_NUMBER.search(text) else None


def python_excess(text: str) -> str | None:
    """For Python: how many names and numbers it holds."""
    if len(text) > MAX_WORDS and sum(1 for _ in _WORD.finditer(text)) > MAX_WORDS:
        return f"it holds more than {MAX_WORDS:,} names and numbers"
    return None


def _brackets(text: str, strings: re.Pattern[bytes] | None) -> str | None:
    opened = text.count("[") + text.count("{")
    if opened <= MAX_DEPTH:
        return None
    raw = text.encode("utf-8", "surrogatepass")
    if strings is not None:
        raw = strings.sub(b"", raw)
    steps = raw.translate(None, _NOT_BRACKETS)
    if max(accumulate(map(_STEP.__getitem__, steps)), default=0) > MAX_DEPTH:
        return f"it is nested deeper than {MAX_DEPTH} levels"
    if len(steps) > 2 * MAX_CONTAINERS:
        return f"it holds more than {MAX_CONTAINERS:,} lists and objects"
    return None
