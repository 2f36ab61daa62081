"""Results that a README gives in other forms: words, fractions, factors, counts, bare numbers.

Invariant: such a form is a result only in a sentence that speaks of what a system got right, wrong
or declined, or that names a metric: "two of three editions" is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffolder.review.readme import figures
from scaffolder.review.results import beside

RATIO, COUNT = "x", "count"
"""The unit of a factor ("doubled", "3x"), and of so many items ("57 correct answers")."""

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)
_TENS = ("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine")
_NUMERAL = r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_ITEMS = r"(?:questions?|answers?|items?|cases|tasks|times|queries|prompts)\b"
_PER_CENT = re.compile(
    r"\b(?:(twen|thir|for|fif|six|seven|eigh|nine)ty(?:[- ](one|two|three|four|five|six|seven"
    r"|eight|nine))?|(?:a|one) hundred)\sper\s?cent\b",
    re.IGNORECASE,
)
_OF = re.compile(
    rf"\b({_NUMERAL})\s(?:times\s)?(?:(?:out\s)?of|in)\s(?:the\s|its\s|our\s|all\s)?({_NUMERAL})\b",
    re.IGNORECASE,
)
_IN = re.compile(r"(?<![\w.,])(\d{1,4})\sin\s(\d{1,4})(?![\w.,]\w)")
_PART = re.compile(
    r"\b(half|a third|one third|two thirds|a quarter|one quarter|three quarters)\sof\s"
    rf"(?:(?:the|all|its|our|these|those)\s)?(?:\w{{1,20}}\s)?{_ITEMS}",
    re.IGNORECASE,
)
_PARTS = {"half": 50.0, "third": 100 / 3, "thirds": 200 / 3, "quarter": 25.0, "quarters": 75.0}
_TIMES = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:\.\d{1,2})?)\s?(?:x\b|\u00d7|times\b(?! out\b)|-?fold\b)"
    r"|\b(doubl(?:ed|es|ing)|tripl(?:ed|es|ing)|halv(?:ed|es|ing)|twice|thrice)\b",
    re.IGNORECASE,
)
_FACTORS = {"doubl": 2.0, "tripl": 3.0, "halve": 0.5, "halvi": 0.5, "twice": 2.0, "thric": 3.0}
_COUNTED = re.compile(
    r"(?<![\w.,$/])(\d{1,5})\s(?:(?:correct|right|wrong|incorrect)\s(?:answers?|questions?|items?)\b"
    r"|(?:of\sthem\s|questions\s|answers\s|items\s)(?:were\s|are\s)?(?:right|wrong|correct(?:ly)?"
    r"|incorrect)\b)",
    re.IGNORECASE,
)
_SHARES = (
    r"(?:accuracy|precision|recall|f1|mrr|ndcg|hit[ -]rate|faithfulness|relevancy|correctness)"
)
_BARE = re.compile(
    rf"\b{_SHARES}(?:@\d{{1,3}})?(?: score)?(?:\s?[:=]\s?|\s(?:is|was|of|at)\s)"
    r"(\d{2}|100)(?![\w.,:/%]|\s?(?:%|per|to\b|of\b|-|questions|items))",
    re.IGNORECASE,
)
_LONE = re.compile(r"[~\u2248]?(\d{1,6})")
_HEAD_UNIT = re.compile(r"(?:\(|\bin |_)(ms|%|s)\b|\(%\)|\bin %|^%", re.IGNORECASE)
_OF_SHARES = re.compile(rf"\b{_SHARES}\b", re.IGNORECASE)
_HEAD_COUNT = re.compile(
    r"(?:k|n|#|top|rank|count|size|seed|id|items?|questions?|tokens?|chunks?|rows?)\b",
    re.IGNORECASE,
)
_RIGHT = re.compile(r"\b(?:accurate|correct|right|wrong)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[.;:!?()]\s|,\s|\s(?:and|but|while|so|because|since)\s")
_MUCH = re.compile(
    r"\s(?:as (?:much|many|long|often|slow|fast|dear|cheap)|the (?:words|tokens|time|cost|price)"
    r"|a\b|per\b|each\b)",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    r"\b(?:answer|right|wrong|correct|incorrect|declin|refus|abstain|found|finds|miss|fail|solv"
    r"|accura)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Worded:
    """A result in words and where it stands; `value` of a share is a percentage.

    `digits` are its decimals, -1 where it is only known to ten.
    """

    start: int
    text: str
    value: float
    digits: int = 0
    share: bool = False
    unit: str = ""
    parts: tuple[int, int] | None = None


def found(text: str) -> Iterator[Worded]:
    """Every such result of a sentence or a cell."""
    yield from _per_cent(text)
    judged, named = bool(_VERDICT.search(text)), bool(figures.METRIC.search(text))
    if not judged and not named:
        return
    yield from _of(text)
    for match in _PART.finditer(text):
        size = _PARTS[match[1].lower().split(" ")[-1]]
        yield Worded(match.start(), match[0], size, -1, True, "%")
    for match in _COUNTED.finditer(text):
        yield Worded(match.start(), match[0], float(match[1]), unit=COUNT)
    for match in _BARE.finditer(text):
        yield Worded(match.start(1), match[1], float(match[1]), 0, True, "%")
    for match in _TIMES.finditer(text) if named or "x" in text else ():
        if not _is_factor(text, match):
            continue
        factor = float(match[1]) if match[1] else _FACTORS[match[2].lower()[:5]]
        yield Worded(match.start(), match[0], factor, 1, unit=RATIO)


def _is_factor(text: str, match: re.Match[str]) -> bool:
    """Whether a factor in words is a metric's: "twice as much a question" is none."""
    if match[1] and match[0][len(match[1]) :].strip()[:1] in ("x", "X", "\u00d7"):
        return True
    starts = [m.end() for m in _CLAUSE.finditer(text, 0, match.start())]
    ends = _CLAUSE.search(text, match.end())
    clause = text[starts[-1] if starts else 0 : ends.start() if ends else len(text)]
    named = beside.NAMED.search(clause) or _RIGHT.search(clause)
    return bool(named) and not _MUCH.match(text, match.end())


def lone(text: str, context: str) -> Worded | None:
    """A cell that is a whole number, where its header gives a unit or names a share."""
    match = _LONE.fullmatch(text.strip())
    if match is None or _HEAD_COUNT.match(context):
        return None
    unit, value = _HEAD_UNIT.search(context), float(match[1])
    if unit:
        written = (unit[1] or "%").lower()
        return Worded(text.find(match[1]), match[1], value, 0, written == "%", written)
    if 10 <= value <= 100 and _OF_SHARES.search(context):
        return Worded(text.find(match[1]), match[1], value, 0, True, "%")
    return None


def _per_cent(text: str) -> Iterator[Worded]:
    for match in _PER_CENT.finditer(text):
        value = 10.0 * (_TENS.index(match[1].lower()) + 2) if match[1] else 100.0
        value += _SMALL.index(match[2].lower()) if match[2] else 0
        yield Worded(match.start(), match[0], value, 0, True, "%")


def _of(text: str) -> Iterator[Worded]:
    for match in _OF.finditer(text):
        some, every = (_SMALL.index(match[n].lower()) for n in (1, 2))
        if some <= every:
            yield Worded(match.start(), match[0], some / every, 3, parts=(some, every))
    for match in _IN.finditer(text):
        some, every = int(match[1]), int(match[2])
        if some <= every <= 1000 and every:
            yield Worded(match.start(), match[0], some / every, 3, parts=(some, every))
