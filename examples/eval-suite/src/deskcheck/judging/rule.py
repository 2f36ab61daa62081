"""The judge without a model: a promise is a sentence in the words of one that the policy lacks.

It is the baseline that a model has to beat: free, fast, and blind to a promise in other words.
"""

import re

from ..items import plain
from . import Case, Judged, Part

NAME = "rule"
_PROMISE = re.compile(
    r"\b(?:we|i)(?: will|'ll| shall| are going to| guarantee| promise)\b|\byou(?: will|'ll) (?:get|"
    r"receive|pay nothing)\b|\bfree of charge\b|\bno charge\b|\bmoney back\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+")


def decide(case: Case, order: tuple[Part, ...]) -> Judged:
    """Fail for the first sentence that sounds like a promise and does not stand in the policy."""
    policy = plain(case.policy)
    for sentence in _SENTENCE.split(case.reply):
        if _PROMISE.search(sentence) and plain(sentence) not in policy:
            return Judged(f'"{sentence}" sounds like a promise and is not in the policy.', "fail")
    return Judged("No sentence outside of the policy sounds like a promise.", "pass")
