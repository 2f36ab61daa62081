"""Figures of an answer, and where they come from."""

import re

from scaffolder.review.agentwork import runs, tested
from scaffolder.review.apiwork import figures
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.models.codewords import place
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

LEAST = 10
"""Answers with figures that the rows have to hold before they tell anything."""

TOLERATED = 0.02
"""Part of the figures that may stand in no result: sums in words, figures of speech."""

_CODE = re.compile(
    r"(?:^|_)(?:figures?|numbers?|amounts?|grounded|ungrounded|unfounded|supported|unsupported"
    r"|traceable)(?:_|$)",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"check|find|found|verif|stand|ground|support|in_rows|missing|unfound|extract|match|trac|told",
    re.I,
)
_TESTED = re.compile(
    r"(?:figure|number|amount|total|cell)s? (?:\w{1,12} ){0,5}(?:result|row|found|invented|held"
    r"|stand|told|checked"
    r"|not|no)|invented|unfounded|ungrounded|no rows|empty result|no data",
    re.IGNORECASE,
)


def held_in_code(view: RepoView) -> Reading:
    """Code looks each figure of an answer up in the results, and a test invents one."""
    found = [
        place(view, f.path, d.line)
        for f in view.code
        for d in f.functions
        if _CODE.search(d.name.rpartition(".")[2][:60])
        and (_VERB.search(d.name[-60:]) or _VERB.search(f.path) or _CODE.search(_stem(f.path)))
    ]
    wrong = tested.on(view, _TESTED)
    if found and wrong:
        return yes(
            "Figures are looked up in the results, and tests invent one.", found[0], *wrong[:2]
        )
    if found:
        return partial("Figures are looked up, and no test invents one.", *found[:2])
    return no("Nothing looks the figures of an answer up in what the tools returned.")


def rows_hold(view: RepoView) -> Reading:
    """Recomputed: each figure of an answer stands in a result that its row lists."""
    told = figures.told(view)
    if not told:
        every = runs.runs(view)
        reason = "No row lists an answer with figures beside the results that it rests on."
        return no(reason, *runs.spots(view, every, 2))
    total = sum(len(t.figures) for t in told)
    loose = [t for t in told if t.unfound]
    lost = sum(len(t.unfound) for t in loose)
    of = f"{count(total, 'figure')} in {count(len(told), 'answer')}"
    said = f"{total - lost:,} of {of} stand in a result"
    if lost > TOLERATED * total:
        first = f"first {clean(loose[0].unfound[0], 30)}"
        where = runs.spots(view, [t.run for t in loose], 3)
        return no(f"{said}; {lost:,} do not, {first}.", *where)
    where = runs.spots(view, [t.run for t in told], 2)
    if len(told) < LEAST:
        return partial(f"{said}; {LEAST} answers are asked for.", *where)
    return yes(f"{said}.", *where)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]
