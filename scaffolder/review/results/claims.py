"""What a project claims in numbers, and what its result rows say: read, selected, recomputed.

Invariant: a value comes from rows and never from a claim; what a claim says only selects the rows.
A claim without rows has a problem and no value.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from scaffolder.manifest import MANIFEST
from scaffolder.review.areas import manifest
from scaffolder.review.model import Evidence, count, quote
from scaffolder.review.results import intervals
from scaffolder.review.results.resultrows import (
    MAX_FILES,
    Row,
    by_item,
    grade,
    is_earlier,
    kept_after,
    number,
    pairs,
    rows,
)
from scaffolder.review.results.timings import SHARES
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

MAX_CLAIMS = 200
"""Claims that are recomputed; the rubric's own template makes about thirty."""

MAX_VISITS = 300_000
"""Rows that are looked through for all claims together; thirty claims over 10,000 rows."""

MAX_SYSTEMS = 200
"""Systems of one file among which that of a claim is looked for."""

_HEADER = re.compile(r"\s*\[\[\s*claims\s*\]\]")
_PERCENTILE = re.compile(r"(?<![a-z0-9])(p50|p90|p95|p99|median)(?![a-z0-9])")
_PRINT = re.compile(r"[0-9a-f]{8,64}")
_BEFORE = re.compile(r"\b(?:before|earlier|previous|until|old)\b", re.IGNORECASE)
_AFTER = re.compile(r"\bafter\b", re.IGNORECASE)
_VALUE = re.compile(r"\s*value\s*=\s*([-+]?[\d_]+(?:\.[\d_]+)?(?:[eE][-+]?\d+)?)")


@dataclass(frozen=True)
class Claim:
    """One entry of the ledger; `digits` are the decimals that its value is written with.

    `baseline` is the file that its rows are set against, "" where it is no such difference.
    """

    text: str
    metric: str
    value: float
    digits: int
    n: int | None
    ci: tuple[float, float] | None
    method: str
    results: str
    where: Mapping[str, str]
    evidence: Evidence
    baseline: str = ""


@dataclass(frozen=True)
class Ledger:
    """The claims of scaffold.toml, `problems` for those that are none, numbers that are allowed."""

    claims: tuple[Claim, ...] = ()
    problems: tuple[Evidence, ...] = ()
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Recomputed:
    """What the rows of a claim say; `compared` where it is one system minus another.

    `percentile` is the share that a claim of a p50 or p95 asks for; any other asks for the mean.
    """

    rows: tuple[Row, ...] = ()
    values: tuple[float, ...] = ()
    compared: bool = False
    percentile: float | None = None
    problem: str = ""

    @property
    def candidates(self) -> tuple[float, ...]:
        """The recomputed value; a percentile in both of its usual definitions."""
        if not self.values:
            return (math.nan,)
        if self.percentile is not None:
            return intervals.percentiles(self.values, self.percentile)
        return (intervals.mean(self.values),)


_TOO_MUCH = Recomputed(problem="not recomputed, as all claims rest on too many rows together")


def ledger(view: RepoView) -> Ledger:
    """The `[[claims]]` of the project."""
    return view.once(_ledger)


def recompute(view: RepoView, claim: Claim) -> Recomputed:
    """The values that a claim rests on, one a row, or one a pair where it is a difference."""
    known = view.once(_recomputed)
    place = claim.evidence.line, claim.text, claim.results
    if place not in known:
        visited = sum(len(rows(view, path)) for _, _, path in known)
        known[place] = _TOO_MUCH if visited > MAX_VISITS else _recompute(view, claim)
    return known[place]


def _recomputed(_: RepoView) -> dict[tuple[int | None, str, str], Recomputed]:
    return {}


def _recompute(view: RepoView, claim: Claim) -> Recomputed:
    problem = _earlier_problem(view, claim) or _rowless(view, claim.results)
    if problem or (claim.baseline and (problem := _rowless(view, claim.baseline))):
        return Recomputed(problem=problem)
    found = rows(view, claim.results)
    pair = _before_and_after(view, claim) if claim.baseline else _pair(view, claim)
    if pair:
        return _difference(claim, *pair)
    metric, percentile = _asked(claim.metric)
    chosen = _selected(found, claim)
    if percentile is None:
        graded = by_item(chosen, metric, _claimed)
    else:
        graded = [(row, value) for row in chosen if (value := _claimed(row, metric)) is not None]
    if not graded:
        problem = f"no row of {clean(claim.results, 80)} has {clean(claim.metric, 40)}"
        return Recomputed(problem=problem)
    values = tuple(v for _, v in graded)
    return Recomputed(tuple(r for r, _ in graded), values, percentile=percentile)


def _earlier_problem(view: RepoView, claim: Claim) -> str:
    """Why rows of an earlier setting bear no claim: they do beside the difference of a change."""
    if not is_earlier(claim.results):
        return ""
    held = f"{clean(claim.results, 80)} holds the rows of an earlier setting"
    if claim.baseline:
        kept = claim.results == kept_after(claim.baseline)
        needs = "a difference from them needs as `baseline` the rows from before the same change"
        return "" if kept else f"{held}, and {needs}"
    after = claim.results in from_after(view)
    if not after and all(c.baseline != claim.results for c in ledger(view).claims):
        return f"{held}, and no claim gives the difference to it (`baseline`)"
    word, pattern = ("after", _AFTER) if after else ("before", _BEFORE)
    return "" if pattern.search(claim.text) else f'{held}, and the text does not say "{word}"'


def from_after(view: RepoView) -> frozenset[str]:
    """Files with the rows from after a change, of those that a claim gives the difference of."""
    return view.once(_from_after)


def _from_after(view: RepoView) -> frozenset[str]:
    listed = ledger(view).claims
    return frozenset(c.results for c in listed if c.results == kept_after(c.baseline))


def _rowless(view: RepoView, path: str) -> str:
    if rows(view, path):
        return ""
    state = "holds no rows" if view.has(path) else "is not there"
    return f"{clean(path, 80) or 'its results file'} {state}"


def agrees(claim: Claim, found: Recomputed) -> bool:
    """Whether what was recomputed is the claim's value, to the decimals that it is written with."""
    return any(_agrees(claim, value) for value in found.candidates)


def _agrees(claim: Claim, value: float) -> bool:
    half = 0.5 * 10.0**-claim.digits + 1e-9
    percent = 1 < abs(claim.value) <= 100 and abs(value) <= 1
    return abs(value - claim.value) <= half or (percent and abs(100 * value - claim.value) <= half)


def _asked(metric: str) -> tuple[str, float | None]:
    """The field that a metric speaks of, and the percentile of it where it names one."""
    found = _PERCENTILE.search(metric.lower())
    if found is None:
        return metric, None
    rest = f"{metric[: found.start()]} {metric[found.end() :]}".strip(" _")
    return rest or "latency_ms", SHARES[found[1]]


def _claimed(row: Row, metric: str) -> float | None:
    if metric == "seconds" and (milliseconds := number(row.data.get("latency_ms"))) is not None:
        return milliseconds / 1000
    return grade(row, metric)


def _selected(found: Sequence[Row], claim: Claim) -> list[Row]:
    """The rows that a claim speaks of: as its `where` says, else as its text names them."""
    if claim.where:
        return [r for r in found if all(r.text(k) == v for k, v in claim.where.items())]
    return _narrowed(claim.text, found, tuple(_SELECTORS))


_SELECTORS: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "split": lambda v: (f"{v} split", f"split {v}", f"on {v}", f"({v})"),
    "slice": lambda v: (f"slice {v}", f"{v} slice"),
    "system": lambda v: (f"of {v}", f"{v}:", f"({v})", f"with {v}"),
}


def _narrowed(text: str, found: Sequence[Row], keys: Sequence[str]) -> list[Row]:
    """The rows whose value of each key the text names; all of them where it names none."""
    kept = list(found)
    for key in keys:
        occurring = {r.text(key) for r in kept} - {""}
        named = {v for v in occurring if any(_says(text, p) for p in _SELECTORS[key](v))}
        if named:
            kept = [r for r in kept if r.text(key) in named]
    return kept


def _says(text: str, phrase: str) -> bool:
    """Whether a phrase stands in a text and does not go on there ("on test" in "on tests")."""
    at = text.lower().find(phrase.lower())
    after = text[at + len(phrase) : at + len(phrase) + 1]
    return at >= 0 and not (after.isalnum() or after in {"-", "_"})


def _pair(view: RepoView, claim: Claim) -> tuple[list[Row], list[Row]] | None:
    """The rows of both systems of a claim such as "ndcg@10 of hybrid minus lexical"."""
    if " minus " not in claim.text:
        return None
    before, _, after = claim.text.partition(" minus ")
    folder = PurePosixPath(claim.results).parent
    ends = PurePosixPath(claim.results).suffix
    files = [f for f in view.files if f.endswith(ends) and PurePosixPath(f).parent == folder]
    near = [r for f in files[:MAX_FILES] for r in rows(view, f)]
    names = {r.system for r in near}
    first = max((s for s in names if before.endswith(s)), key=len, default="")
    second = max((s for s in names if _says(after[: len(s) + 1], s)), key=len, default="")
    if not first or not second:
        return None
    chosen = _narrowed(after, near, ("split", "slice"))
    return [r for r in chosen if r.system == first], [r for r in chosen if r.system == second]


def _before_and_after(view: RepoView, claim: Claim) -> tuple[list[Row], list[Row]]:
    """The rows of today and those of `baseline` that a claim speaks of."""
    now, then = rows(view, claim.results), rows(view, claim.baseline)
    if claim.where:
        return _selected(now, claim), _selected(then, claim)
    today, _, before = claim.text.partition(" minus ")
    split_by = ("split", "slice")
    first = _of_system(today, _narrowed(claim.text, now, split_by))
    return first, _of_system(before or today, _narrowed(claim.text, then, split_by))


def _of_system(text: str, found: list[Row]) -> list[Row]:
    """Those of the system that the text names, of a file that holds several."""
    systems = sorted({r.system for r in found if len(r.system) <= 100})[:MAX_SYSTEMS]
    named = {s for s in systems if re.search(rf"(?<!\w){re.escape(s)}(?!\w)", text)}
    return [r for r in found if r.system in named] if named else found


def _difference(claim: Claim, first: list[Row], second: list[Row]) -> Recomputed:
    metric = claim.metric.removesuffix(" difference").strip()
    found = pairs(first, second, metric)
    if not found:
        return Recomputed(problem="the two systems have no graded item in common")
    other = sum(_is_other(a, b) for a, b, _, _ in found)
    if other:
        return Recomputed(problem=f"{count(other, 'question')} changed between the two runs")
    both = tuple(row for a, b, _, _ in found for row in (a, b))
    return Recomputed(both, tuple(a - b for _, _, a, b in found), compared=True)


def _is_other(first: Row, second: Row) -> bool:
    """Whether two rows carry different fingerprints of their question."""
    printed = first.text("question"), second.text("question")
    return all(map(_PRINT.fullmatch, printed)) and printed[0] != printed[1]


def _ledger(view: RepoView) -> Ledger:
    table = manifest(view)
    raw = table.get("claims", [])
    listed = raw[:MAX_CLAIMS] if isinstance(raw, list) else []
    starts = [n for n, line in enumerate(view.lines(MANIFEST), 1) if _HEADER.match(line)]
    made = [
        _claim(view, entry, starts[k] if len(starts) >= len(listed) else None)
        for k, entry in enumerate(listed)
    ]
    review = table.get("review")
    allowed = review.get("allow_numbers", []) if isinstance(review, dict) else []
    words = frozenset(str(a).strip() for a in allowed) if isinstance(allowed, list) else frozenset()
    problems = tuple(m for m in made if isinstance(m, Evidence))
    if isinstance(raw, list) and len(raw) > MAX_CLAIMS:
        problems += (quote(MANIFEST, None, f"{len(raw):,} claims, of which {MAX_CLAIMS} are read"),)
    return Ledger(tuple(m for m in made if isinstance(m, Claim)), problems, words)


def _claim(view: RepoView, entry: object, line: int | None) -> Claim | Evidence:
    if not isinstance(entry, dict):
        return quote(MANIFEST, line, "[[claims]] holds something that is no table")
    text, metric, value = (entry.get(k) for k in ("text", "metric", "value"))
    shown_value = number(value)
    results = entry.get("results")
    if not isinstance(metric, str) or shown_value is None or not isinstance(results, str):
        shown = clean(str(text), 60)
        return quote(MANIFEST, line, f"[[claims]] {shown}: metric, value or results is missing")
    where, baseline = entry.get("where"), entry.get("baseline")
    return Claim(
        text=clean(text, 300) if isinstance(text, str) else metric,
        metric=metric,
        value=shown_value,
        digits=_digits(view, shown_value, line),
        n=entry["n"] if type(entry.get("n")) is int else None,
        ci=_bounds(entry),
        method=str(entry.get("method", ""))[:80],
        results=results.removeprefix("./"),
        where={str(k): str(v) for k, v in where.items()} if isinstance(where, dict) else {},
        evidence=quote(MANIFEST, line, f"{text} = {value}"),
        baseline=baseline.removeprefix("./") if isinstance(baseline, str) else "",
    )


def _bounds(entry: Mapping[str, Any]) -> tuple[float, float] | None:
    listed = entry.get("ci", [entry.get("ci_low"), entry.get("ci_high")])
    found = [number(v) for v in listed] if isinstance(listed, list) and len(listed) == 2 else []
    low, high = found if found else (None, None)
    return None if low is None or high is None else (low, high)


def _digits(view: RepoView, value: float, line: int | None) -> int:
    """Decimals as written, since 0.800000 says more than 0.8."""
    if line is not None:
        for text in view.lines(MANIFEST)[line : line + 20]:
            if text.startswith("[["):
                break
            if match := _VALUE.match(text):
                return len(match[1].partition(".")[2])
    return len(repr(value).partition(".")[2])
