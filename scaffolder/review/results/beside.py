"""What stands beside a number of a text: the name of a metric, or an account of failures.

Invariant: a number is of a metric where the name stands before it with no other result between,
or right after it; a wider reading would make a setting of every sentence a result.
"""

import re
from collections.abc import Iterable, Sequence

from scaffolder.review.readme.markdown import Document

NAMED = re.compile(
    r"\b(?:accuracy|precision|recall|f1|mrr|ndcg|map@\d{1,3}|hit[ _-]?rate|hits?@\d{1,3}|bleu|rouge"
    r"|bertscore|faithfulness|relevancy|groundedness|correctness|exact match|auc|wer|kappa"
    r"|agreement|pass@\d{1,3}|(?:success|win|solve|error|failure|resolution|refusal|abstention"
    r"|decline) rate)(?![a-z])",
    re.IGNORECASE,
)
"""Metrics of quality by name; a speed or a score that a search gives is none."""

FAILURES = re.compile(
    r"where it (?:still )?(?:fails|breaks)|\bfail(?:s|ures?)\b|failure (?:cases?|modes?|analysis)"
    r"|what (?:does not|doesn't|did not) work"
    r"|error analysis|wrong answers|known failures|bad cases|d[oó]nde falla|fallos|失败|错误分析"
    r"|wo es versagt",
    re.IGNORECASE,
)
"""Headings below which failures are told one by one."""

_RESULT = re.compile(r"\d?\.\d{1,6}|\d\s?%")
_JOINED = re.compile(
    r"[-+\u2212]?(?:\d{0,3}\.\d{1,6}|\d{1,3}\s?%)[\])]?\s{0,2}(?:to|and|by|,|\u2192|->|\u2013|-)?"
    r"\s{0,2}[\[(]?$"
)
_AFTER = re.compile(
    r"^[\])\s]{0,3}(?:(?:of|in|for|mean|average|overall|fact|answer|citation)\s){0,2}"
)
_MOST = 5
"""Numbers in a row ("0.5 [0.4, 0.6] to 0.7"), and places of one number, that are looked at."""


def is_of_metric(text: str, number: str, metrics: Iterable[str] = (), cell: bool = False) -> bool:
    """Whether a number of `text` stands beside the name of a metric.

    `metrics` are more names; of a `cell` the text is what names it, its column and its row.
    """
    named = [m.replace("_", " ").lower() for m in metrics]
    if cell:
        return _has_name(text, named)
    at = -1
    for _ in range(_MOST):
        at = text.find(number, at + 1)
        if at < 0:
            return False
        if _is_named(text, at, at + len(number), named):
            return True
    return False


def in_failures(document: Document) -> frozenset[int]:
    """The lines of the sections that tell of failures."""
    sections = [s for s in document.sections(FAILURES) if s.heading.level > 1]
    return frozenset(n for s in sections for n in range(s.start, s.end))


def _is_named(text: str, start: int, end: int, named: Sequence[str]) -> bool:
    after = text[end : end + 60]
    begins = _AFTER.match(after)
    rest = after[begins.end() if begins else 0 :]
    if NAMED.match(rest) or any(rest.lower().startswith(m) for m in named):
        return True
    before = text[max(0, start - 300) : start]
    for _ in range(_MOST):
        joined = _JOINED.search(before[-24:])
        if joined is None:
            break
        before = before[: len(before) - len(joined[0])]
    results = [m.end() for m in _RESULT.finditer(before)]
    return _has_name(before[results[-1] if results else 0 :], named)


def _has_name(text: str, named: Sequence[str]) -> bool:
    lower = text.lower()
    return bool(NAMED.search(text)) or any(m in lower for m in named)
