"""Whether answers rest on the passages: the same model with and without them."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from scaffolder.review.answering.refusals import ANSWERS
from scaffolder.review.golden import fields, measured, questions
from scaffolder.review.model import Evidence, Reading, count, no, partial, unknown, yes
from scaffolder.review.results import answers, intervals, resultrows
from scaffolder.review.results.resultrows import Row, number
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

GAP = 0.2
"""Twenty points between with and without passages, or an explanation (rubric, RAG-09)."""

ALTERED = 8
"""Questions on altered passages that stand for a closed-book run; a slice of the rubric, RAG-05."""

_CLOSED = re.compile(
    r"closed.?book|(?:no|without|zero).?(?:the.?)?(?:rag|retriev|context|passage|document|corpus)"
    r"|parametric|(?:memory|llm|model).?(?:only|alone)|bare.?(?:model|llm)",
    re.IGNORECASE,
)
_ALTERED = re.compile(r"counter.?fact|altered|perturb|swapped|edited|fictional|changed", re.I)
_SAID = ("system", "variant", "method", "approach", "mode", "condition", "setting", "retriever")
_TOKENS = ("output_tokens", "completion_tokens", "total_tokens", "tokens", "cost_usd", "cost")
_NO_MODEL = {"", "none", "baseline", "extractive", "rules", "null", "n/a"}
_QUALITY = re.compile(
    r"accura|correct|exact|match|\bf1|score|pass|grade|faith|recall(?!@)", re.IGNORECASE
)
_DECLINED = re.compile(r"abst|refus|latency|cost|token|cit", re.IGNORECASE)
_WHY = re.compile(
    r"because|since\b|reason|already|know|public|trained|memor|explain", re.IGNORECASE
)
_VERIFY = (
    "Run the model on the same questions with and without passages, and commit both sets of rows."
)


def depends_on_passages(view: RepoView) -> Reading:
    """A model's answers without passages beside those with them, on the same questions."""
    rows = list(_model_rows(view))
    if not rows:
        reason = (
            "No rows of a model's answers were found; a baseline that only quotes passages has no "
            "memory to answer from."
        )
        return unknown(reason, _VERIFY, waits_for="model")
    closed = [r for r in rows if _is_closed(r)]
    opened = [r for r in rows if not _is_closed(r)]
    altered = _altered(view, opened)
    if not closed and altered:
        return _on_altered(view, *altered)
    if not closed or not opened:
        what = "with passages" if closed else "without passages"
        reason = f"A model's answers are here, and none {what}, so what it knew cannot be told."
        return no(reason, view.quote(rows[0].path, rows[0].line))
    return _contradicted(view, closed) or _compared(view, opened, closed)


def _contradicted(view: RepoView, closed: Sequence[Row]) -> Reading | None:
    """Why the rows without passages cannot be what they say; None where they can."""
    false = [r for r in closed if _has_passages(r)]
    if false:
        reason = "Rows that are called closed-book hold passages, so they are none."
        return no(reason, *(view.quote(r.path, r.line) for r in false[:3]))
    odd = next((f for p in sorted({r.path for r in closed}) if (f := answers.fault(view, p))), None)
    if odd:
        reason = f"A row without passages is not what its question gives: {odd.said}."
        return no(reason, view.quote(odd.row.path, odd.row.line))
    return None


def _compared(view: RepoView, opened: Sequence[Row], closed: Sequence[Row]) -> Reading:
    shared = _best_pairs(opened, closed)
    if not shared:
        reason = "The rows with and without passages share no graded question."
        return partial(reason, *(view.quote(r.path, r.line) for r in (closed[0], opened[0])))
    metric, pairs = shared
    places = tuple(view.quote(r.path, r.line) for r in (pairs[0][1], pairs[0][0]))
    differences = [a - b for _, _, a, b in pairs]
    low, high = intervals.bootstrap(differences)
    gap = intervals.mean(differences)
    told = (
        f"With passages minus without, {clean(metric, 30)}: {gap:+.2f} [{low:+.2f}, {high:+.2f}] "
        f"over {count(len(pairs), 'shared question')} "
        f"({intervals.mean([b for *_, b in pairs]):.2f} without)."
    )
    if len(pairs) < measured.FEWEST:
        return partial(f"{told} That is under {measured.FEWEST} questions.", *places)
    return _judged(view, told, gap, places)


def _judged(view: RepoView, told: str, gap: float, places: tuple[Evidence, ...]) -> Reading:
    if gap >= GAP:
        return yes(told, *places)
    why = next(_explained(view), None)
    if why:
        return yes(f"{told} That is little, and the project says why.", *places, why)
    reason = f"{told} Under {GAP:.0%} the model knew most of it, and no document says why."
    return no(reason, *places)


def _on_altered(view: RepoView, rows: Sequence[Row], metric: str) -> Reading:
    """On altered passages memory gives the old value, so that each right answer was read."""
    values = [v for r in rows if (v := resultrows.grade(r, metric)) is not None]
    followed = intervals.mean(values)
    told = (
        f"On {count(len(values), 'question')} of altered passages the model's "
        f"{clean(metric, 30)} is {followed:.2f}; memory would give the old values."
    )
    return _judged(view, told, followed, tuple(view.quote(r.path, r.line) for r in rows[:2]))


def _altered(view: RepoView, opened: Sequence[Row]) -> tuple[Sequence[Row], str] | None:
    slices = {q.id: q.slice for q in questions.asked(view)}
    rows = [r for r in opened if _ALTERED.search(r.text("slice") or slices.get(r.id, ""))]
    metrics = [m for m in (resultrows.grades(rows[0]) if rows else ()) if _is_quality(m)]
    enough = len({r.id for r in rows}) >= ALTERED
    return (rows, metrics[0]) if enough and metrics else None


def _model_rows(view: RepoView) -> Iterator[Row]:
    """Rows of answers that a model made, on the asked questions where those are known."""
    ids = {q.id for q in questions.asked(view)}
    for path in resultrows.result_files(view):
        for row in resultrows.rows(view, path):
            if _by_model(row) and (not ids or row.id in ids or row.id not in view.once(_all_ids)):
                yield row


def _all_ids(view: RepoView) -> frozenset[str]:
    return frozenset(q.id for q in questions.questions(view))


def _by_model(row: Row) -> bool:
    """Whether a row has an answer, and a model's name, tokens or a price beside it."""
    if not any(k in row.data for k in ANSWERS):
        return False
    named = next((row.text(k) for k in ("model", "model_name", "llm") if row.text(k)), "")
    usage = row.data.get("usage")
    spent = {**row.data, **usage} if isinstance(usage, dict) else row.data
    return named.lower() not in _NO_MODEL or any((number(spent.get(k)) or 0) > 0 for k in _TOKENS)


def _is_closed(row: Row) -> bool:
    said = (*(row.text(k) for k in _SAID), PurePosixPath(row.path).stem)
    return any(_CLOSED.search(s[:200]) for s in said if s)


def _has_passages(row: Row) -> bool:
    return any(row.data.get(k) for k in fields.PASSAGES)


def _best_pairs(
    opened: Sequence[Row], closed: Sequence[Row]
) -> tuple[str, list[tuple[Row, Row, float, float]]] | None:
    """The metric of 0 to 1 on which most questions are in both, and the rows of those."""
    there = {g for r in closed[:500] for g in resultrows.grades(r)}
    here = dict.fromkeys(g for r in opened[:500] for g in resultrows.grades(r))
    found = ((m, resultrows.pairs(opened, closed, m)) for m in here if m in there)
    useful = [(m, p) for m, p in found if p and _is_quality(m) and _are_shares(p)]
    return max(useful, key=lambda one: len(one[1]), default=None)


def _is_quality(metric: str) -> bool:
    return bool(_QUALITY.search(metric)) and not _DECLINED.search(metric)


def _are_shares(pairs: Sequence[tuple[Row, Row, float, float]]) -> bool:
    return all(0 <= v <= 1 for *_, a, b in pairs for v in (a, b))


def _explained(view: RepoView) -> Iterator[Evidence]:
    """A line of a document that speaks of answers without passages, with a reason near it."""
    for path in view.find("*.md", "*.rst")[:200]:
        lines = view.lines(path)[:3000]
        for at, line in enumerate(lines):
            if _CLOSED.search(line) and any(map(_WHY.search, lines[at : at + 4])):
                yield view.quote(path, at + 1)
