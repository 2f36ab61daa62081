"""The loop of an agent: small enough to explain, bounded three ways, and seen to end."""

import re

from scaffolder.review.agentwork import bounds, loop, runs, tested
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.codewords import place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.readme.frontpage import page
from scaffolder.review.readme.written import written
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

SMALL = 200
"""Lines of the module that holds the loop (rubric, AGT-02)."""

_EXPLAINED = re.compile(
    r"\bloop\b|\bturn\b.{0,60}\b(?:tool|model)|\bstep\b.{0,80}\btool|think.{0,20}act|\bgraph\b.{0,60}\bnode",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"(?:max|limit|bound|budget|too many|most)\b.{0,40}(?:steps?|turns?|iterations?|calls)?"
    r"|(?:steps?|turns?|iterations?) (?:limit|bound|budget|run out)|never (?:stops?|ends?|finishes)"
    r"|stops? (?:at|after|when|in time)|runaway|endless|infinite|for ?ever",
    re.IGNORECASE,
)
_NAMED = re.compile(r"loop|agent|react|run", re.IGNORECASE)
_NO_LOOP = (
    "No loop of an agent was found: neither one that asks a model and runs its tools, nor a "
    "framework's."
)


def small(view: RepoView) -> Reading:
    """The loop stands in one module of under 200 lines, or a framework's loop is explained."""
    found = loop.loops(view)
    if not found:
        return _without(view)
    by_hand = [x for x in found if not x.framework]
    if by_hand:
        sizes = {f.path: f.lines for f in view.code}
        least = min(by_hand, key=lambda x: (not _NAMED.search(x.path), sizes.get(x.path, 0)))
        lines = sizes.get(least.path, 0)
        told = f"The loop stands in {clean(least.path, 80)}, {count(lines, 'line')}"
        if lines < SMALL:
            return yes(f"{told}.", loop.spot(view, least))
        return partial(f"{told}: under {SMALL} can be drawn and defended.", loop.spot(view, least))
    explained = _explained(view)
    name = clean(found[0].framework.rpartition(".")[2], 40)
    if explained:
        return yes(f"The loop is {name}'s, and a document explains it.", loop.spot(view, found[0]))
    reason = f"The loop is {name}'s, and no document says what happens in one turn of it."
    return partial(reason, loop.spot(view, found[0]))


def bounded(view: RepoView) -> Reading:
    """The loop is bounded in steps, in time and in money, by something that compares them."""
    if not loop.loops(view):
        return _without(view)
    found = bounds.bounds(view)
    missing = [kind for kind in bounds.KINDS if kind not in found]
    places = list(dict.fromkeys(found.values()))
    if not missing:
        set_in = [e for kind in bounds.KINDS if (e := bounds.configured(view, kind))]
        return yes("The loop is bounded in steps, time and money.", *places, *set_in[:2])
    if found:
        named = " and ".join(found)
        return partial(
            f"The loop is bounded in {named}, and not in {' or '.join(missing)}.", *places
        )
    reason = "Nothing in the code compares the steps, the time or the money of a run with a limit."
    return no(reason, loop.spot(view, loop.loops(view)[0]))


def limited(view: RepoView) -> Reading:
    """Steps, time or recursion are bounded by the project; a framework's default is partial."""
    found = loop.loops(view)
    if not found:
        return _without(view)
    kept = {k: e for k, e in bounds.bounds(view).items() if k != "money"}
    if kept:
        return yes(f"The loop is bounded in {' and '.join(kept)}.", *kept.values())
    if all(x.framework for x in found):
        reason = "Only what the framework does by itself bounds the loop."
        return partial(reason, loop.spot(view, found[0]))
    return no("Nothing bounds the steps or the time of the loop.", loop.spot(view, found[0]))


def bound_tested(view: RepoView) -> Reading:
    """A test lets the loop run into its bound."""
    found = tested.on(view, _ENDS)
    if found:
        return yes("A test lets a run reach its bound.", *found[:2])
    return no("No test lets the loop run into its bound and looks at how it ends.")


def kept_in_rows(view: RepoView) -> Reading:
    """The rows of runs say how many steps each took, and none took more than the bound."""
    found = [r for r in runs.runs(view) if r.steps is not None]
    if not found:
        return no("No rows of runs say how many steps a run took.")
    most = max(found, key=lambda r: r.steps or 0)
    limit = bounds.most_steps(view)
    told = f"{count(len(found), 'run')} took {most.steps} steps at most"
    if limit is not None and (most.steps or 0) > limit + 1:
        reason = f"{told}, and the limit is {limit}: the bound did not hold, or counts otherwise."
        return no(reason, runs.spot(view, most))
    return yes(f"{told}.", runs.spot(view, most), runs.spot(view, found[0]))


def _without(view: RepoView) -> Reading:
    if not calls(view):
        return without_call(view)
    first = calls(view)[0]
    return no(_NO_LOOP, place(view, first.path, first.line))


def _explained(view: RepoView) -> list[Evidence]:
    for one, lines in written(view):
        found = [view.quote(one.path, n) for n, text in lines if _EXPLAINED.search(text)]
        if found:
            return found[:1]
    pictures = [p for p in view.find("*.md")[:60] if page(view, p).document.fences]
    return [view.quote(p, 1) for p in pictures if "mermaid" in view.text(p)][:1]
