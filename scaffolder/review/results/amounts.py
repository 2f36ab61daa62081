"""Numbers of tokens and words, prices and amounts of money, as a line of a document gives them.

Invariant: whatever its unit was, a count is of single tokens or words, a price is for a million, an
amount is in whole dollars or euros; a price is no amount.
"""

import re
from collections.abc import Iterator

_TOKENS = re.compile(
    r"(?<![\w.,$])(\d{1,3}(?:[,. ]\d{3})+|\d{1,9}(?:\.\d{1,3})?)\s?(k|m|thousand|million|mio)?\s?"
    r"(?:\w{1,12}[- ]){0,2}?(tokens?|words?|palabras|wörter|词)\b",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"(?<![\d.,])(?:(\d(?:\.\d{1,3})?) tokens? ?(?:a|per|for (?:a|each|every)|/) ?word"
    r"|(\d(?:\.\d{1,3})?) words? ?(?:a|per|for (?:a|each|every)|/) ?token)",
    re.IGNORECASE,
)
_PRICE = re.compile(
    r"[$€]\s?(\d{1,4}(?:\.\d{1,4})?)\s?(?:usd\s?)?(?:per|/|a|an|for|each)\s?(?:1\s?)?"
    r"(m\b|million|mtok|1,?000,?000|1k|k\b|1,?000\b|thousand)",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[$€]\s?(\d{1,6}(?:\.\d{1,6})?)|(\d{1,4}(?:\.\d{1,4})?)\s?(?:cents?|ct)\b", re.I
)
_SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "mio": 1e6}


def counts(line: str) -> Iterator[tuple[float, str]]:
    """Every number of tokens or words on a line, and which of the two it counts."""
    for found in _TOKENS.finditer(line):
        bare = re.sub(r"(?<=\d)[,. ](?=\d{3}(?:\D|$))", "", found[1])
        unit = "tokens" if found[3].lower().startswith("token") else "words"
        yield float(bare) * _SCALE.get((found[2] or "").lower(), 1), unit


def tokens_a_word(line: str) -> float | None:
    """The tokens of a word, as a line gives them either way round."""
    found = _RATE.search(line)
    if found is None:
        return None
    rate = float(found[1] or found[2])
    return None if not rate else rate if found[1] else 1 / rate


def prices(line: str) -> Iterator[float]:
    """Every price on a line, for a million."""
    for found in _PRICE.finditer(line):
        of_thousand = found[2].lower() in {"1k", "k", "1000", "1,000", "thousand"}
        yield float(found[1]) * (1000 if of_thousand else 1)


def amounts(line: str) -> Iterator[tuple[float, float]]:
    """Every amount of money on a line that is no price, and the half of its last digit."""
    for found in _MONEY.finditer(_PRICE.sub(" ", line)):
        written, scale = (found[1], 1.0) if found[1] else (found[2], 0.01)
        yield float(written) * scale, 0.5 * scale * 10.0 ** -len(written.partition(".")[2])
