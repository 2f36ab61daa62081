"""Would more data help: tunes on growing shares of the rows, and what follows from them."""

import re

from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.tunework import attempts, told
from scaffolder.review.view import RepoView

FEWEST = 3
_MORE = re.compile(
    r"more (?:data|rows|examples|labels|messages)"
    r"|(?:data|rows|labels?|examples) (?:would|still|no longer)"
    r"|curve|flat(?:tens|tened)|plateau|levels? off|rising",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(
    r"help|worth|stop|next|label|collect|gain|enough|rises?|rising|bring|because|so\b",
    re.IGNORECASE,
)


def measured(view: RepoView) -> Reading:
    """At least three sizes, scored on the same items."""
    found = attempts.curve(view)
    if len({a.size for a in found}) < FEWEST:
        said = count(len(found), "size")
        reason = f"{said} of training data scored; a curve has {FEWEST}."
        return (
            partial(reason, *attempts.places(view, *found))
            if found
            else no("No data-size curve was found.")
        )
    if len({a.n for a in found}) > 1:
        return no("The sizes were not scored on the same items.", *attempts.places(view, *found))
    told_ = ", ".join(
        f"{a.size:.0f}: {a.score:.2f}" for a in found[:6] if a.size and a.score is not None
    )
    return yes(f"Scores by rows of training: {told_}.", *attempts.places(view, *found))


def concluded(view: RepoView) -> Reading:
    """The author says what the curve means for the next label."""
    if line := told.first(view, _MORE, _FOLLOWS):
        return yes("It is told whether more data would help.", line)
    return no("No document says what the curve means: whether more data would help.")
