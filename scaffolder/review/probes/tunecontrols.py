"""Controls of a training pipeline: labels that teach nothing, a batch learnt by heart, the rate."""

import re

from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.codewords import in_files
from scaffolder.review.tunework import attempts, ladder, told
from scaffolder.review.view import RepoView

MOST_OF_TUNE = 0.5
"""Share of the tune's own score that shuffled labels may reach before they teach something."""

LEARNT = 0.2
"""Share of its first loss that a batch may have left once it is known by heart."""

_RATE = re.compile(r"learning[_ ]rate|\blr\b", re.IGNORECASE)
_ARGUED = re.compile(
    r"ten times|10x|x10|tenth|full (?:fine-?)?tun|because|swept|compared", re.IGNORECASE
)
_CONFIGS = ("*.toml", "*.yaml", "*.yml", "*.py")


def shuffled(view: RepoView) -> Reading:
    """A tune on shuffled labels was scored and learned nothing."""
    found = attempts.controls(view).get("shuffled labels")
    if not found or found.score is None:
        return no("No tune on shuffled labels was scored.")
    places = attempts.places(view, found)
    own = _own_score(view)
    if own and found.score > MOST_OF_TUNE * own:
        reason = (
            f"Shuffled labels reach {found.score:.2f}, the tune {own:.2f}: they teach something."
        )
        return no(reason, *places)
    beside = f", the tune {own:.2f}" if own else ""
    return yes(f"Shuffled labels reach {found.score:.2f}{beside}.", *places)


def one_batch(view: RepoView) -> Reading:
    """One batch over and over drives the loss to nothing."""
    found = attempts.controls(view).get("one batch")
    if not found or found.last is None:
        return no("No tune on one batch was recorded with its loss.")
    places = attempts.places(view, found)
    first = found.first if found.first else 1.0
    if found.last > LEARNT * first:
        return no(f"One batch is not learnt: the loss is {found.last:.2f} at the end.", *places)
    return yes(f"One batch is learnt by heart: loss {found.last:.3f}.", *places)


def rate_argued(view: RepoView) -> Reading:
    """The learning rate was compared with another, or is argued where it stands."""
    found = attempts.controls(view).get("another rate")
    if found and found.score is not None:
        return yes("Another learning rate was tried and scored.", *attempts.places(view, found))
    both = re.compile(rf"(?:{_RATE.pattern}).{{0,120}}(?:{_ARGUED.pattern})", re.IGNORECASE)
    commented = in_files(view, both, view.find(*_CONFIGS)[:200]) or [
        line for line in [told.first(view, _RATE, _ARGUED)] if line
    ]
    if commented:
        return partial("The learning rate is argued, and no other was tried.", *commented[:1])
    return no("No other learning rate was tried, and none is argued.")


def _own_score(view: RepoView) -> float | None:
    """What the tune itself scores: on the curve's largest size, else on the test items."""
    sizes = attempts.curve(view)
    if sizes:
        return sizes[-1].score
    tuned = ladder.systems(view).get("tuned")
    values = ladder.scores(tuned) if tuned else []
    return sum(values) / len(values) if values else None
