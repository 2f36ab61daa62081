"""Is a tool called only where one is needed? Questions that tempt, and what rows did with them."""

import re
from collections.abc import Sequence

from scaffolder.review.agentwork import runs
from scaffolder.review.agentwork.runs import Run
from scaffolder.review.golden import itemset
from scaffolder.review.model import Reading, count, no, partial, unknown, yes
from scaffolder.review.view import RepoView

WANTED = 8
"""Questions of each kind (rubric, API-03)."""

ENOUGH = 0.9
"""Part of the questions that need no tool for which none was called."""

_NONE = "none needed"
_KINDS = {
    _NONE: re.compile(
        r"no[-_ ]?tool|chit|small[-_ ]?talk|irrelevan|out[-_ ]?of[-_ ]?(?:scope|domain)|general"
        r"|off[-_ ]?topic|greeting",
        re.IGNORECASE,
    ),
    "value missing": re.compile(r"miss|underspec|ambig|incomplete|clarif|vague", re.IGNORECASE),
    "wrong one tempts": re.compile(
        r"wrong|lure|tempt|decoy|distract|confus|similar[-_ ]?(?:tool|table)|trap", re.IGNORECASE
    ),
}
_ASKS = re.compile(
    r"\?\s*$|which|what (?:month|year|date|period|time)|please (?:say|tell|name|give)", re.I
)
_VERIFY = "Run the evaluation with a model and commit its rows."


def slices(view: RepoView) -> Reading:
    """Eight questions that need no tool, lack a value, or tempt to the wrong tool, of each."""
    found = itemset.kept(view)
    if not found:
        return no("No labelled questions were found.")
    by_kind = {k: [i for i in found if p.search(i.slice[:80])] for k, p in _KINDS.items()}
    told = ", ".join(f"{kind} {len(some):,}" for kind, some in by_kind.items())
    shown = itemset.places(view, [some[0] for some in by_kind.values() if some])
    if all(len(some) >= WANTED for some in by_kind.values()):
        return yes(f"Questions by slice: {told}.", *shown)
    reason = f"Questions by slice: {told}; {WANTED} of each are asked for."
    if sum(map(bool, by_kind.values())) > 1:
        return partial(reason, *shown)
    return no(reason, *(shown or itemset.places(view, found, 2)))


def calls_counted(view: RepoView) -> Reading:
    """A model's rows call no tool where none is needed, and ask for a value that is missing."""
    none, lacking = _of(view, _NONE), _of(view, "value missing")
    if not none or not lacking:
        every = runs.runs(view)
        if not every:
            return no("No rows of answered questions were found.")
        reason = (
            "No rows of a model answer questions that need no tool, and such that lack a value."
        )
        return unknown(reason, _VERIFY, *runs.spots(view, every, 2), waits_for="model")
    called = [r for r in none if r.actions]
    guessed = [r for r in lacking if not _asked(r)]
    told = (
        f"a tool was called for {len(called):,} of {count(len(none), 'question')} that need none; "
        f"{len(guessed):,} of {len(lacking):,} missing values were not asked for"
    )
    where = runs.spots(view, [*called, *guessed] or [*none, *lacking], 3)
    if len(called) > (1 - ENOUGH) * len(none) or len(guessed) > (1 - ENOUGH) * len(lacking):
        return partial(f"By the rows {told}.", *where)
    return yes(f"By the rows {told}.", *where)


def _of(view: RepoView, kind: str) -> Sequence[Run]:
    pattern = _KINDS[kind]
    return [r for r in runs.by_model(view) if pattern.search(r.row.text("slice")[:80])]


def _asked(run: Run) -> bool:
    return run.status in ("refused", "needs_human", "clarify") or bool(
        _ASKS.search(run.answer[-400:])
    )
