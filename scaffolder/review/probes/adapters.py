"""More than one provider: who knows of a vendor, and whether two were asked the same questions."""

import re
from collections import defaultdict

from scaffolder.review.agentwork import runs
from scaffolder.review.apiwork import adapters
from scaffolder.review.model import Evidence, Reading, count, no, partial, unknown, yes
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.view import RepoView

SHARED = 10
"""Questions that two providers were both asked, at least."""

_MODEL = (
    ("anthropic", re.compile(r"claude|anthropic", re.IGNORECASE)),
    ("openai", re.compile(r"gpt|openai|^o[1-9]\b|/o[1-9]\b", re.IGNORECASE)),
    ("google", re.compile(r"gemini|google", re.IGNORECASE)),
    ("mistral", re.compile(r"mi[sx]tral", re.IGNORECASE)),
    ("meta", re.compile(r"llama", re.IGNORECASE)),
)
_VERIFY = "Run the evaluation with a model of each provider and commit the rows of both."


def apart(view: RepoView) -> Reading:
    """Each vendor's SDK is imported in a module of its own, and no other code asks which it is."""
    modules = adapters.by_module(view)
    if not modules:
        return no("No SDK of a provider is imported, so nothing is kept apart from one.")
    where = list(adapters.vendors(view).values())
    mixed = [path for path, who in modules.items() if len(who) > 1]
    if mixed:
        line = next(e for e in where if e.path == mixed[0]) if where else view.quote(mixed[0], 1)
        return no("One module imports the SDKs of several providers.", line)
    branches = adapters.branches(view)
    if branches:
        reason = "Code outside of the adapters asks which provider it is."
        return partial(reason, *branches[:3])
    return yes(f"{count(len(where), 'provider')}, each in a module of its own.", *where[:3])


def same_questions(view: RepoView) -> Reading:
    """Rows of models of two providers answer the same questions."""
    asked: dict[str, set[str]] = defaultdict(set)
    shown: dict[str, Evidence] = {}
    for run in runs.by_model(view):
        if who := _vendor(run):
            asked[who].add(run.task)
            shown.setdefault(who, runs.spot(view, run))
    every = runs.runs(view)
    if not asked:
        if not every:
            return no("No rows of answered questions were found.")
        reason = "No rows of a model were found, so no provider can be seen to answer."
        return unknown(reason, _VERIFY, *runs.spots(view, every, 2), waits_for="model")
    if len(asked) < 2:
        reason = f"The rows are of one provider: {next(iter(asked))}."
        return unknown(reason, _VERIFY, *shown.values(), waits_for="model")
    first, second, *_ = sorted(asked.values(), key=len, reverse=True)
    if len(first & second) < SHARED:
        reason = (
            f"Two providers share {count(len(first & second), 'question')}; {SHARED} are asked for."
        )
        return partial(reason, *list(shown.values())[:2])
    told = (
        f"{count(len(first & second), 'question')} were answered by {' and '.join(sorted(asked))}."
    )
    return yes(told, *list(shown.values())[:3])


def third(view: RepoView) -> Reading:
    """Three providers can be called."""
    found = adapters.vendors(view)
    where = list(found.values())[:3]
    if len(found) > 2:
        return yes(f"Three adapters: {', '.join(sorted(found))}.", *where)
    if len(found) == 2:
        return partial(f"Two adapters, {' and '.join(sorted(found))}, and no third.", *where)
    if not calls(view):
        return no("No model is called.")
    return no("Fewer than two adapters were found.", *where)


def _vendor(run: runs.Run) -> str:
    said = f"{run.row.text('provider')} {run.row.text('model')} {run.system}"
    return next((who for who, pattern in _MODEL if pattern.search(said[:200])), "")
