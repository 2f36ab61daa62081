"""Whose work it is: the author's, or a template's with the author's name on it."""

import math
import re
from collections.abc import Mapping

from scaffolder.manifest import MANIFEST
from scaffolder.review import areas, ownwork, templatelock
from scaffolder.review.model import Evidence, Reading, count, no, partial, quote, yes
from scaffolder.review.ownwork import Share
from scaffolder.review.view import RepoView

OWN = 0.4
"""Share from which a repository counts as the author's (reference rubric, COM-03).

It is the mean over src, evals, prompts and README, so that five thousand lines of plumbing that
work do not outweigh the rest.
"""

STARTED = 0.1
"""Share of src below which nothing else makes up for it: the house's measure of a start."""

_STARTER = re.compile(
    r"\b(?:this is a|use this) (?:\w+ ){0,3}(?:template|starter|boilerplate)\b"
    r"|bootstrapped with|\bcreate[- ]react[- ]app\b|getting started with your (?:new )?project",
    re.IGNORECASE,
)


def own_work(view: RepoView) -> Reading:
    """The author's share of a generated project; elsewhere what a template left unfilled."""
    if not templatelock.recorded(view):
        return _without_template(view)
    problem = templatelock.lock_problem(view)
    if problem:
        at = [view.quote(MANIFEST, 1)] if view.has(MANIFEST) else []
        return no(f"{problem}. Restore it from the first commit.", *at)
    parts = _parts(view)
    mean = sum(s.part for s in parts.values()) / max(len(parts), 1)
    told = ", ".join(_said(name, share) for name, share in parts.items())
    reason = f"Yours: {told}; {mean:.0%} on average."
    open_points = _open_points(view, parts, mean)
    if not open_points:
        return yes(reason, *_most_own(view))
    reason = f"{reason} Left: {'; '.join(open_points)}."
    places = (*ownwork.unfilled_gaps(view)[:3], *_most_own(view)[:2])
    return partial(reason, *places) if mean >= OWN else no(reason, *places)


def _said(name: str, share: Share) -> str:
    return f"{name} {share.part:.0%}" if share.lines else f"no {name}"


def _parts(view: RepoView) -> Mapping[str, Share]:
    """Own lines of src, evals, prompts and README, those of them that are there."""
    shares = ownwork.shares(view)
    found = {
        "src": ownwork.total(s for p, s in shares.items() if _is_source(view, p)),
        "evals": ownwork.total(s for p, s in shares.items() if areas.area(view, p) == "evals"),
        "prompts": ownwork.total(s for p, s in shares.items() if areas.area(view, p) == "prompts"),
        "README": ownwork.total(s for p, s in shares.items() if p == view.readme),
    }
    return {name: share for name, share in found.items() if share.lines or name != "prompts"}


def _is_source(view: RepoView, path: str) -> bool:
    return path.startswith("src/") and areas.area(view, path) == "code"


def _open_points(view: RepoView, parts: Mapping[str, Share], mean: float) -> list[str]:
    gaps, sample = ownwork.unfilled_gaps(view), ownwork.left_over_sample(view)
    src = parts["src"]
    wanted = math.ceil(STARTED * src.lines)
    of_src = f"{src.own:,} of {src.lines:,} lines of src are yours, {wanted:,} are wanted"
    found = [
        (mean < OWN, f"{OWN:.0%} on average is wanted"),
        (src.part < STARTED, of_src if src.lines else "src has no line of code"),
        (sample is not None and sample > 0, f"{sample or 0:.0%} of the corpus is the sample"),
        (bool(gaps), f"{len(gaps)} place{'s' if len(gaps) > 1 else ''} to fill in"),
    ]
    return [said for is_open, said in found if is_open]


def _most_own(view: RepoView) -> tuple[Evidence, ...]:
    """The files with the most lines of the author; where there is none, the longest ones."""
    shares = ownwork.shares(view)
    filled = [p for p in shares if shares[p].lines]
    ordered = sorted(filled, key=lambda p: (-shares[p].own, -shares[p].lines, p))
    measured = [p for p in ordered if _is_source(view, p) or p == view.readme]
    measured += [p for p in ordered if areas.area(view, p) in ("evals", "prompts")]
    best = sorted(measured, key=lambda p: (-shares[p].own, -shares[p].lines))[:4]
    return tuple(quote(p, None, _yours(shares[p])) for p in best)


def _without_template(view: RepoView) -> Reading:
    gaps = ownwork.unfilled_gaps(view)
    if gaps:
        return partial("No template is recorded, but places of one are not filled in.", *gaps[:5])
    readme = view.readme
    if readme is None:
        return no("There is no README, so nothing says whose work this is and what it is for.")
    starter = list(view.search(_STARTER, [readme]))[:3]
    if starter:
        return partial("No template is recorded, but the README is that of a starter.", *starter)
    words = sum(len(line.split()) for line in view.lines(readme))
    if words < 20:
        reason = f"The README has {count(words, 'word')}: nothing in it tells this from an upload."
        return no(reason, view.quote(readme, 1))
    commits = len(view.history.commits)
    if view.history.available and commits < 2:
        reason = "No template is recorded, and one commit holds everything, as an upload does."
        return partial(reason, view.quote(readme, 1))
    told = count(commits, "commit") if view.history.available else "no history"
    reason = f"No template is recorded and no gap of one is left; to look at there is {told}."
    return yes(reason, view.quote(readme, 1))


def _yours(share: Share) -> str:
    return (
        f"{share.own:,} of {count(share.lines, 'line')} {'is' if share.own == 1 else 'are'} yours"
    )
