"""The decision comes before the tune: its parts, and numbers in it that were measured."""

import re
from collections.abc import Iterator, Mapping

from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.results import claims
from scaffolder.review.tunework import told
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

_PARTS: Mapping[str, re.Pattern[str]] = {
    "what a prompt reaches": re.compile(r"prompt|few[- ]shot|zero[- ]shot", re.IGNORECASE),
    "why looking things up would not help": re.compile(
        r"retriev|\brag\b|look(?:ed|ing|s)? (?:\w+ ){0,3}up|search(?:ing)? (?:in )?documents",
        re.IGNORECASE,
    ),
    "the format, time or price that is wanted": re.compile(
        r"\bp95\b|\bms\b|latency|seconds|\$|\busd\b|dollars?|\bcosts?\b|format|schema|valid",
        re.IGNORECASE,
    ),
    "the rule by which to stop": re.compile(
        r"\bstop\b|unnecessary|not worth|too small|good enough|enough (?:if|when)|would be enough"
        r"|(?:no|without) tun\w{1,4} (?:if|when)|abandon|give up",
        re.IGNORECASE,
    ),
}
_MEASURED = re.compile(r"(?<![\w.$-])(0\.\d{2,4}|1\.00)(?![\w%])")
_AIM = re.compile(
    r"target|\bstop\b|at least|below|above|under|threshold|would|need|\bgoal\b|\bbar\b|less than"
    r"|more than|\bif\b|learning|rate|dropout|\bp\s?=",
    re.IGNORECASE,
)
_GAP = re.compile(r"^\W{0,6}\**To write", re.IGNORECASE)


def reasoned(view: RepoView) -> Reading:
    """A finished record has the four parts: prompt, retrieval, what is wanted, when to stop."""
    path = told.decision(view)
    if not path:
        return no("No finished decision record says why to tune, or why not.")
    said = [(n, text) for n, text in told.lines(view, path) if not _GAP.search(text)]
    found = {name: _line(said, part) for name, part in _PARTS.items()}
    places = [view.quote(path, line) for line in found.values() if line]
    missing = [name for name, line in found.items() if not line]
    name = clean(path, 80)
    if missing:
        reason = f"{name} does not say {', nor '.join(missing)}."
        return partial(reason, *places) if places else no(reason)
    return yes(f"{name} has the four parts of the decision.", *places)


def numbers_held(view: RepoView) -> Reading:
    """The record quotes measured numbers, and each is one of the ledger."""
    path = told.decision(view)
    if not path:
        return no("No finished decision record says why to tune, or why not.")
    quoted = list(_quoted(view, path))
    if not quoted:
        return no(f"{clean(path, 80)} quotes no measured number.", view.quote(path, 1))
    known = frozenset(_known(view))
    if not known:
        return no("No claims are recorded that the numbers of the decision could be held against.")
    wrong = [(line, number) for line, number in quoted if not _is_known(number, known)]
    if wrong:
        line, number = wrong[0]
        return no(
            f"{number} in the decision is no number that was measured.", view.quote(path, line)
        )
    return yes("The numbers of the decision are those of the rows.", view.quote(path, quoted[0][0]))


def _line(said: list[tuple[int, str]], part: re.Pattern[str]) -> int:
    return next((n for n, text in said if part.search(text)), 0)


def _quoted(view: RepoView, path: str) -> Iterator[tuple[int, str]]:
    for number, text in told.lines(view, path):
        if not _AIM.search(text):
            yield from ((number, found) for found in _MEASURED.findall(text))


def _known(view: RepoView) -> Iterator[float]:
    ledger = claims.ledger(view).claims
    for claim in ledger:
        yield claim.value
        yield from claim.ci or ()
    by_metric = {(c.metric, c.results): c.value for c in ledger}
    for (metric, _), value in by_metric.items():
        yield from (abs(value - other) for (m, _), other in by_metric.items() if m == metric)


def _is_known(number: str, known: frozenset[float]) -> bool:
    tolerance = 0.51 * 10 ** -len(number.partition(".")[2])
    return any(abs(abs(value) - float(number)) <= tolerance for value in known)
