"""The patterns, after a look at the question: what it lacks is asked for, two in one are two.

Invariant: what is told of a part is what the patterns tell of it alone; a question that lacks
something reads nothing.
"""

import re

from . import baseline
from .ending import Ending
from .executor import Executor
from .trace import Trace

# Words that point at something which only an earlier question could have said.
_POINTS = (
    (re.compile(r"\b(?:that|the|which) (month|quarter|day|year)\b(?! of)", re.I), "Which {0}?"),
    (re.compile(r"\b(?:since|until|before) then\b", re.I), "Since when, or until when?"),
    (re.compile(r"\b(?:the|that|the other) (branch|title|member|copy)\b", re.I), "Which {0}?"),
    (re.compile(r"\b(?:last|the other) (time|one)\b", re.I), "What is it to be compared with?"),
)
_NAMED = re.compile("|".join(baseline.BRANCHES))
_MONTH = re.compile(rf"\b(?:{'|'.join(baseline.MONTHS)}) \d{{4}}\b", re.IGNORECASE)
_AND = re.compile(r",? and (?=how (?:many|much))", re.IGNORECASE)


def run(question: str, executor: Executor, trace: Trace) -> Ending:
    """Ask for what is missing; answer each part of the question by the patterns."""
    if lacking := missing(question):
        return Ending("refused", lacking)
    parts = taken_apart(question)
    endings = [baseline.run(part, executor, trace) for part in parts]
    worst = next((ending for ending in endings if ending.status != "answered"), None)
    if worst or len(endings) == 1:
        return worst or endings[0]
    told = [f"{_about(part)}: {ending.text}" for part, ending in zip(parts, endings, strict=True)]
    return Ending("answered", " ".join(told), tuple(executor.done))


def missing(question: str) -> str:
    """What has to be asked back; "" if nothing is missing."""
    for pattern, words in _POINTS:
        if found := pattern.search(question):
            return words.format(*(part.lower() for part in found.groups()))
    return ""


def taken_apart(question: str) -> list[str]:
    """The questions in one: of two branches, of two months, of two kinds; else itself."""
    for names in (_NAMED.findall(question), _MONTH.findall(question)):
        if len(names) == 2 and names[0] != names[1]:
            whole = _plainly(question)
            return [_only(whole, names, name) for name in names]
    parts = _AND.split(question)
    return parts if len(parts) == 2 else [question]


def _plainly(question: str) -> str:
    """A comparison in the words of the patterns: loans of a branch in a month."""
    branches, months = _NAMED.findall(question), _MONTH.findall(question)
    if not re.search(r"\b(?:loans?|lend|lent|lending)\b", question, re.IGNORECASE):
        return question
    at = f" at {' '.join(branches)}" if branches else ""
    return f"How many loans were there{at} in {' '.join(months)}?"


def _only(question: str, names: list[str], wanted: str) -> str:
    other = next(name for name in names if name != wanted)
    return re.sub(r"\s+", " ", question.replace(other, " "))


def _about(part: str) -> str:
    named = [*_NAMED.findall(part), *_MONTH.findall(part)]
    return ", ".join(named) or part.rstrip("?").strip()
