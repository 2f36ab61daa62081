"""What looks like a secret and is none: values that were written to be read.

Invariant: a value is judged by itself, never by a comment or a setting of the repository it is in.
"""

import math
import re
from collections import Counter
from itertools import pairwise

_WORDS = re.compile(
    r"example|placeholder|changeme|change[-_]me|dummy|fake|sample|redacted|your[-_]?(?:api|key|own|"
    r"token|secret|password|pass)|insert[-_]|my[-_](?:api|key|token|secret)|replace[-_]|<[^>]*>|"
    r"^test[-_]|\.\.\.|…|\*{3}|x{5}|y{6}|\{\{|\$\{|\$\(|not[-_]a[-_]|test[-_](?:key|token|secret|api|client)|"
    r"[-_](?:here|goes|test|mock)\b|todo|invalid|foobar|notreal|unused",
    re.IGNORECASE,
)
_RUN = 6
"""Neighbouring characters in order (123456, abcdef) that chance does not bring: 1 in 10^7 keys."""
_ONE_CHARACTER = 0.5
"""Share of one character from which a value is filler. A random key of 20 has one above a third
once in a million; a repeated pattern of three has a third, and might still be a key."""


def placeholder(value: str) -> bool:
    """Whether `value` was made up for a reader: a word, a row of letters, one character over."""
    body = re.sub(r"^[A-Za-z]{1,12}[-_](?:[a-z]{2,6}\d*[-_])*", "", value) or value
    return bool(_WORDS.search(value)) or _filler(body) or _ordered(value.lower())


def entropy(value: str) -> float:
    """Shannon's entropy of `value`, in bits a character."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts) if value else 0.0


def _filler(body: str) -> bool:
    letters = re.sub(r"[^A-Za-z0-9]", "", body)
    return not letters or max(Counter(letters).values()) >= _ONE_CHARACTER * len(letters)


def _ordered(value: str) -> bool:
    length = 1
    for before, after in pairwise(value):
        follows = ord(after) - ord(before) == 1 or (before, after) == ("9", "0")
        length = length + 1 if follows else 1
        if length >= _RUN:
            return True
    return False
