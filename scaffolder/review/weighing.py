"""Readings weighed into one: of the probes of a check, and of what was seen when it was run.

Invariant: the lowest counts; a run alone can lift nothing that the files deny, but where the check
says that it overrules them.
"""

from collections.abc import Mapping, Sequence

from scaffolder.review.model import Answer, Check, Reading

_LOWEST_FIRST = (Answer.NO, Answer.NOT_APPLICABLE, Answer.PARTIAL, Answer.UNKNOWN, Answer.YES)
"""A check is not applicable when one of its probes says so and none says no."""

SHOWN = 6
"""Commands that are shown as the evidence of one verdict."""


def lowest(readings: Sequence[Reading]) -> Reading:
    """The lowest answer, with the reasons and the evidence of every reading that gave it."""
    worst = min((r.answer for r in readings), key=_LOWEST_FIRST.index)
    same = [r for r in readings if r.answer is worst]
    return Reading(
        worst,
        " ".join(dict.fromkeys(r.reason for r in same)),
        tuple(dict.fromkeys(e for r in same for e in r.evidence)),
        " ".join(dict.fromkeys(r.verify for r in same if r.verify)),
        same[0].waits_for if len({r.waits_for for r in same}) == 1 else "",
    )


def seen(check: Check, tried: Mapping[str, Reading]) -> Reading | None:
    """What the tries of a check showed together; None where none of them was made.

    A fault that does not speak of the project says nothing beside one that does.
    """
    made = [tried[name] for name in check.tries if name in tried]
    told = [r for r in made if r.answer is not Answer.NOT_APPLICABLE]
    return lowest(told or made) if made else None


def together(check: Check, static: Reading | None, run: Reading) -> Reading:
    """The verdict of the files and of the run: what was run is shown first."""
    if static is None or (check.overrules and run.answer is Answer.YES):
        return run
    if run.answer is Answer.NOT_APPLICABLE:
        return static
    found = lowest([run, static])
    both = (*run.evidence[:SHOWN], *static.evidence)
    evidence = both if found.answer is Answer.YES else found.evidence
    return Reading(found.answer, found.reason, evidence, found.verify, found.waits_for)
