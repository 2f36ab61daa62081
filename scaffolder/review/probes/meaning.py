"""A reply of the right form may still be wrong: what code checks of its meaning."""

import re

from scaffolder.review.agentwork import runs, tested
from scaffolder.review.model import Reading, count, no, partial, unknown, yes
from scaffolder.review.models.codewords import identifiers, place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.view import RepoView

_VALIDATOR = re.compile(
    r"(?:^|\.)(?:model_validator|field_validator|validator|root_validator|AfterValidator)$"
)
_CHECK = re.compile(
    r"^_?(?:check(?:ed|s)?|verif(?:y|ied)|validat(?:e|ed)|assert)_?(?:answer|figures?|meaning"
    r"|totals?|sums?"
    r"|dates?|claims?|consisten\w{1,6}|semantic\w{0,8}|fields?|reply|output)?$"
    r"|^_?(?:unfounded|unsupported|ungrounded|inconsistent|not_found|mismatch)\w{0,12}$",
    re.IGNORECASE,
)
_TESTED = re.compile(
    r"(?:sum|total|figure|amount|number|date|end)s? (?:\w{1,12} ){0,4}(?:mismatch|not in"
    r"|no result|wrong|before|differ"
    r"|invented|stand|in a result|is held|held back)|held back|invented|contradict|inconsisten"
    r"|semantic|valid but wrong"
    r"|wrong (?:figure|total|sum|date|number)|unfounded|ungrounded|mends? (?:it|its)|repair",
    re.IGNORECASE,
)
_REPAIRS = (
    "repairs",
    "repair_turns",
    "retries_parse",
    "validation_errors",
    "schema_valid",
    "parsed",
)
_VERIFY = (
    "Run the evaluation with a model and keep for each row how often its answer had to be mended."
)


def checked(view: RepoView) -> Reading:
    """Code checks what a schema cannot, and a test gives it an answer that is valid and wrong."""
    if not calls(view):
        return no("No model is called, so no answer of one is checked.")
    found = [
        place(view, f.path, d.line)
        for f in view.code
        for d in f.functions
        if any(_VALIDATOR.search(x) for x in d.decorators)
        or _CHECK.search(d.name.rpartition(".")[2])
    ]
    found += identifiers(view, re.compile(r"^(?:AfterValidator|BeforeValidator)$"), view.code)
    wrong = tested.on(view, _TESTED)
    if found and wrong:
        return yes(
            "An answer is checked for its meaning, and tests give it wrong ones.",
            found[0],
            *wrong[:2],
        )
    if found:
        return partial(
            "An answer is checked, and no test gives it one that is valid and wrong.", *found[:2]
        )
    return no(
        "Nothing checks what a schema cannot: sums, order of dates, figures and their source."
    )


def mends_counted(view: RepoView) -> Reading:
    """A model's rows say how often an answer had to be mended, and every one could be read."""
    every = runs.runs(view)
    if not every:
        return no("No rows of answered questions were found.")
    told = [r for r in runs.by_model(view) if any(k in r.row.data for k in _REPAIRS)]
    if not told:
        if runs.by_model(view):
            where = runs.spots(view, runs.by_model(view), 2)
            return no(
                "The rows of a model do not say how often an answer had to be mended.", *where
            )
        reason = "No rows of a model were found, so nobody knows how many answers could be read."
        return unknown(reason, _VERIFY, *runs.spots(view, every, 2), waits_for="model")
    failed = [r for r in told if r.status == "failed"]
    mended = [r for r in told if _mended(r)]
    said = f"{len(mended):,} of {count(len(told), 'answer')} were mended, {len(failed):,} failed"
    where = runs.spots(view, failed or mended or told, 3)
    return partial(f"{said}.", *where) if failed else yes(f"{said}.", *where)


def _mended(run: runs.Run) -> bool:
    value = next((run.row.data[k] for k in _REPAIRS if k in run.row.data), 0)
    return bool(value) if not isinstance(value, bool) else not value
