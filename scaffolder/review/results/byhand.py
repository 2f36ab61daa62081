"""Signs that nothing was run for a row: it holds too little, too few, or what cannot be.

Invariant: a sign is one that no evaluation of somebody else's making gives by accident; where the
ids of the rows are not those of the golden set, nothing is said about it.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.model import count
from scaffolder.review.results import answers
from scaffolder.review.results.claims import Claim, recompute
from scaffolder.review.results.provenance import COMMIT_KEYS, Doubt
from scaffolder.review.results.resultrows import (
    ID_KEYS,
    SYSTEM_KEYS,
    VALUE_KEYS,
    Row,
    is_earlier,
    number,
    rows,
)
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

MANY = 10
"""Rows of one system from which equal times are no accident."""

MAX_SYSTEMS, MAX_ANSWER = 40, 2_000
FEWEST_FOUND, FEWEST_CHARACTERS = 3, 20
"""Passages of a list, and characters of an answer, that two systems do not give alike by chance."""

SLOW = 10.0
"""Milliseconds from which times of different requests differ; below that a clock may be coarse."""

_NO_GRADE = re.compile(r"latency|seconds|_ms\b|cost|usd|tokens|ttft|duration", re.IGNORECASE)
_ABOUT = {
    *(*ID_KEYS, *SYSTEM_KEYS, *COMMIT_KEYS, *VALUE_KEYS, "tree", "setting", "settings", "config"),
    *("split", "slice", "category", "type", "kind", "difficulty", "topic", "origin", "corpus"),
    *("date", "time", "timestamp", "created", "run", "seed", "trial", "prompt", "prompt_version"),
    *("query", "input", "expected", "expected_answer", "expected_output", "reference", "label"),
    *("ground_truth", "ground_truths", "gold", "gold_answer", "target", "relevant", "facts"),
    *("usage", "tags", "note", "notes", "comment", "status", "error", "metric", "judge", "grader"),
}
_RETURNED = ("pred", "output", "answer", "response", "label_ranks", "rank", "retriev", "generat")


def signs(view: RepoView, claims: Sequence[Claim], current: bool = False) -> list[Doubt]:
    """What speaks against a run behind the rows of these claims, the most serious first.

    Where the rows are known to be `current`, that questions have none is no oversight.
    """
    by_file = _claimed(view, claims)
    found: list[Doubt] = []
    for look in (_missing, _not_asked, _alone, _twice, _strange_sources, _same_times):
        seen = (d for path, listed in by_file.items() if (d := look(view, path, listed)))
        found += (replace(d, certain=current and look is _missing) for d in seen)
    return [*found, *_copied(view, by_file)]


def _claimed(view: RepoView, claims: Sequence[Claim]) -> Mapping[str, list[Row]]:
    """The rows that the claims rest on, by file, each once; a time or a price needs no output."""
    found: dict[str, dict[int, Row]] = {}
    graded = [claim for claim in claims if not _NO_GRADE.search(claim.metric)]
    for row in (row for claim in graded for row in recompute(view, claim).rows):
        found.setdefault(row.path, {})[id(row)] = row
    return {path: list(listed.values()) for path, listed in found.items()}


def _doubt(view: RepoView, said: str, *found: Row) -> Doubt:
    return Doubt(said, tuple(view.quote(r.path, r.line) for r in found[:3]))


def _alone(view: RepoView, path: str, listed: Sequence[Row]) -> Doubt | None:
    if any(map(_holds_output, listed)):
        return None
    said = (
        f"the rows of {clean(path, 80)} hold grades, and nothing that was answered or found: "
        "nobody can grade them again."
    )
    return _doubt(view, said, *listed)


def _holds_output(row: Row) -> bool:
    """Whether something in the row is what a system returned, in whatever field it is."""
    for key, value in row.data.items():
        name = str(key).lower()
        if name.startswith(_RETURNED) and value not in (None, "", []):
            return True
        if name not in _ABOUT and isinstance(value, str | list | dict) and value:
            return True
    return False


def _missing(view: RepoView, path: str, listed: Sequence[Row]) -> Doubt | None:
    """Golden questions of the kinds that a file has rows of, and that have none in it."""
    asked = answers.golden(view)
    there = {row.id for row in rows(view, path)}
    if is_earlier(path) or not _is_shared(listed, asked):
        return None
    kinds = {_kind(asked[row.id]) for row in listed if row.id in asked}
    left = [i for i, q in asked.items() if i not in there and _kind(q) in kinds]
    if not left:
        return None
    every = sum(_kind(q) in kinds for q in asked.values())
    said = (
        f"{clean(path, 80)} has no row for {len(left):,} of the {every:,} questions of those kinds "
        f"in the golden set, such as {clean(left[0], 40)}: its figures leave them out."
    )
    return _doubt(view, said, *listed)


def _kind(question: Mapping[str, Any]) -> tuple[str, str, str, bool]:
    texts = (str(question.get(k, ""))[:100] for k in ("corpus", "split", "origin"))
    corpus, split, origin = texts
    return corpus, split, origin, bool(question.get("relevant"))


def _is_shared(listed: Sequence[Row], asked: Mapping[str, object]) -> bool:
    """Whether the rows name questions as the golden set does."""
    return bool(asked) and 2 * sum(row.id in asked for row in listed) >= len(listed)


def _not_asked(view: RepoView, path: str, listed: Sequence[Row]) -> Doubt | None:
    """Rows of questions that the golden set does not have, or has in other words now."""
    asked = answers.golden(view)
    if is_earlier(path) or not _is_shared(listed, asked):
        return None
    strange = [row for row in listed if row.id not in asked]
    printed = [row for row in listed if row.id in asked and row.text("question")]
    same = [row for row in printed if row.text("question") == _fingerprint(asked[row.id])]
    # Only where most agree is it our template's fingerprint, and not somebody's own.
    changed = [r for r in printed if r not in same] if 2 * len(same) > len(printed) else []
    for found, said in ((strange, "does not have"), (changed, "has with other words or labels")):
        if found:
            which = f"{count(len(found), 'row')} of {clean(path, 80)}, such as line {found[0].line}"
            are = "is" if len(found) == 1 else "are"
            told = f"{which}, {are} of a question that the golden set {said}."
            return _doubt(view, told, *found)
    return None


def _fingerprint(question: Mapping[str, Any]) -> str:
    """As `evaluation/run.py` of our template makes it."""
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:12]


def _twice(view: RepoView, path: str, listed: Sequence[Row]) -> Doubt | None:
    """A row that stands twice, so that it counts twice."""
    seen: dict[tuple[str, str, str], Row] = {}
    for row in listed:
        first = seen.setdefault((row.id, row.text("split"), row.system), row)
        if first is not row and row.id and first.data == row.data:
            said = f"line {row.line} of {clean(path, 80)} is line {first.line} again."
            return _doubt(view, said, first, row)
    return None


def _strange_sources(view: RepoView, path: str, listed: Sequence[Row]) -> Doubt | None:
    """A row that found a document which the corpus does not have."""
    place = manifest_paths(view).get("corpus", "")
    names = {f[len(place) + 1 :] for f in view.files if below(f, place)} if place else set()
    found = [(row, source) for row in listed for source in _sources(row)]
    strange = [(row, source) for row, source in found if source not in names]
    if is_earlier(path) or not strange or 2 * len(strange) > len(found):
        return None
    row, source = strange[0]
    said = (
        f"line {row.line} of {clean(path, 80)} found {clean(source, 80)}, "
        f"and {clean(place, 80)} has no such document."
    )
    return _doubt(view, said, row)


def _sources(row: Row) -> Iterator[str]:
    """The documents of (source, chunk) in `ranked`."""
    ranked = row.data.get("ranked")
    for one in ranked[:100] if isinstance(ranked, list) else ():
        if isinstance(one, list) and len(one) == 2 and isinstance(one[0], str):
            yield one[0]


def _copied(view: RepoView, by_file: Mapping[str, Sequence[Row]]) -> Iterator[Doubt]:
    """Two systems that gave the same for every question: it was one that ran."""
    outputs: dict[str, dict[tuple[str, str], tuple[Row, str]]] = {}
    for row in (r for path, listed in by_file.items() if not is_earlier(path) for r in listed):
        said = _output(row)
        if said:
            outputs.setdefault(row.system, {})[row.id, row.text("split")] = row, said
    for (first, ours), (second, theirs) in combinations(list(outputs.items())[:MAX_SYSTEMS], 2):
        shared = ours.keys() & theirs.keys()
        if len(shared) >= MANY and all(ours[k][1] == theirs[k][1] for k in shared):
            names = f"{clean(first, 40)} and {clean(second, 40)}"
            said = f"{names} gave the same for all {len(shared):,} questions"
            at = min(shared)
            yield _doubt(view, f"{said}: one is a copy of the other.", ours[at][0], theirs[at][0])


def _output(row: Row) -> str:
    """What a row found and answered; "" where it is too little to differ between systems."""
    ranked = row.data.get("ranked")
    listed = ranked[:100] if isinstance(ranked, list) and len(ranked) >= FEWEST_FOUND else []
    answer = row.text("answer")[:MAX_ANSWER]
    told = answer if len(answer) >= FEWEST_CHARACTERS else ""
    answers_too = "answer" in row.data
    return json.dumps([listed, told, answers_too], default=str) if listed or told else ""


def _same_times(view: RepoView, path: str, listed: Sequence[Row]) -> Doubt | None:
    """Many requests that all took exactly as long as each other."""
    times = list(_times(listed))
    if len(times) < MANY or len(set(times)) > 1 or times[0] < SLOW:
        return None
    said = f"all {len(times):,} rows of {clean(path, 80)} took {times[0]:g} ms, to the digit."
    return _doubt(view, said, *listed[:2])


def _times(listed: Iterable[Row]) -> Iterator[float]:
    for row in listed:
        found = number(row.data.get("latency_ms"))
        if found is not None:
            yield found
