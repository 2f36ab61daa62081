"""How long a request takes and what it costs: over enough requests, told as it was measured."""

import re
from collections.abc import Iterator, Mapping, Sequence

from scaffolder.review.model import Answer, Reading, count, no, partial, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.results import intervals, timings
from scaffolder.review.results.timings import SHARES, Timed, Told
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

ENOUGH = 50
"""Requests that a p95 needs: of fewer it is the slowest one or two."""

ALIKE = 0.1
"""Part by which a time may differ from the rows where its line names no run."""

_COMMIT = re.compile(r"(?<![\w#])(?=[a-f]*\d)[0-9a-f]{7,40}(?!\w)", re.IGNORECASE)
_DIGITS = 7
_MACHINE = re.compile(
    r"\b(?:cpus?|gpu|ram|v?cores?|laptop|macbook|ryzen|intel|epyc|amd|xeon|apple m\d"
    r"|m[1-5] (?:pro|max)|rtx|a100|h100|t4|raspberry|hetzner|hardware|machine)\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"\b20\d\d-\d\d(?:-\d\d)?\b|\b(?:[A-Z][a-z]{2,8}) 20\d\d\b")
_MODEL = re.compile(r"\b(?:claude|gpt|o[134]|gemini|llama|mistral|qwen|phi|deepseek|gemma)\b", re.I)
_NO_MODEL = re.compile(r"\b(?:no|without) (?:an? |any )?(?:language )?(?:model|llm)\b", re.I)
_NEAR = 8
"""Lines around a percentile in which machine, date and model are looked for."""


def measured(view: RepoView) -> Reading:
    """p50 and p95, time to first token and cost from rows of at least 50 requests, told rightly."""
    timed = view.once(timings.timed)
    told = view.once(timings.told)
    if not timed:
        words = tuple(t.evidence for t in told[:3])
        if words:
            return partial("The README gives percentiles, and no rows are behind them.", *words)
        if not calls(view) and without_call(view).answer is Answer.NOT_APPLICABLE:
            return without_call(view)
        return no("No rows with the time of a request were found, and no p50 or p95 in the README.")
    wrong = [t for t in told if not _is_told_rightly(view, t, timed)]
    if wrong:
        return _wrong(view, wrong[0], timed)
    missing = list(_missing(view, timed, told))
    place = view.quote(timed[0].rows[0].path, timed[0].rows[0].line)
    n = len(timed[0].total)
    if missing:
        reason = (
            f"{count(n, 'timed request is', 'timed requests are')} in {clean(place.path, 80)}; "
            f"missing: {'; '.join(missing)}."
        )
        return partial(reason, place, *(t.evidence for t in told[:2]))
    p50, p95 = (intervals.percentiles(timed[0].total, s)[0] for s in (0.5, 0.95))
    reason = (
        f"p50 {p50:.0f} ms and p95 {p95:.0f} ms over {count(n, 'request')}, as the README says."
    )
    return yes(reason, place, *(t.evidence for t in told[:2]))


def _is_told_rightly(view: RepoView, told: Told, timed: Sequence[Timed]) -> bool:
    """To the digits written; where no run is named also to a tenth, as two runs differ."""
    if any(timings.holds(told, group) for group in timed):
        return True
    return not _names_run(view, told, timed) and any(
        timings.holds(told, group, ALIKE) for group in timed
    )


def _names_run(view: RepoView, told: Told, timed: Sequence[Timed]) -> bool:
    """Whether the line of a percentile names the commit, or the rows' own date, of its run."""
    line = view.lines(told.evidence.path)[(told.evidence.line or 1) - 1]
    named = {m[0].lower() for m in _COMMIT.finditer(line)}
    dates = {m[0] for m in _DATE.finditer(line)}
    rows = [group.rows[0] for group in timed]
    commits = {r.text("commit").lower() for r in rows if len(r.text("commit")) >= _DIGITS}
    said = {r.text(k)[:10] for r in rows for k in ("date", "timestamp")} - {""}
    same = any(a.startswith(b) or b.startswith(a) for a in named for b in commits)
    return same or bool(dates & said)


def _wrong(view: RepoView, told: Told, timed: Sequence[Timed]) -> Reading:
    group = timed[0]
    now = intervals.percentiles(group.total, SHARES[told.name])[0]
    reason = (
        f"The README says {told.name} {told.value:g} {told.unit}".rstrip()
        + f", and the rows of {clean(group.rows[0].path, 80)} give {now:.0f} ms"
    )
    places = told.evidence, view.quote(group.rows[0].path, group.rows[0].line)
    if _names_run(view, told, timed):
        return no(f"{reason}, of the run that it names.", *places)
    return partial(f"{reason}: if it was written before the last run, write it again.", *places)


def _missing(view: RepoView, timed: Sequence[Timed], told: Sequence[Told]) -> Iterator[str]:
    group = timed[0]
    if len(group.total) < ENOUGH:
        yield f"{ENOUGH} requests"
    if len(group.first) * 2 < len(group.total):
        yield "the time to the first token of each (ttft_ms)"
    if len(group.cost) * 2 < len(group.total):
        yield "the cost of each (cost_usd)"
    names = {SHARES[t.name] for t in told}
    if not {0.5, 0.95} <= names:
        yield "p50 and p95 in the README"
    for what, there in _conditions(view, group, told).items():
        if not there:
            yield f"the {what} beside them"


def _conditions(view: RepoView, group: Timed, told: Sequence[Told]) -> Mapping[str, bool]:
    path, row = view.readme, group.rows[0]
    lines = view.lines(path) if path else []
    near = {
        n
        for t in told
        if t.evidence.line
        for n in range(t.evidence.line - _NEAR, t.evidence.line + _NEAR)
    }
    text = "\n".join(lines[n - 1] for n in sorted(near) if 0 < n <= len(lines))
    keys = " ".join(map(str, row.data))
    # A row that says "none" has said it: that no model was asked is a condition like another.
    model = _MODEL.search(text) or _NO_MODEL.search(text) or row.text("model")
    return {
        "machine": bool(_MACHINE.search(text) or _MACHINE.search(keys)),
        "date": bool(_DATE.search(text) or row.text("date") or row.text("timestamp")),
        "model": bool(model),
    }
