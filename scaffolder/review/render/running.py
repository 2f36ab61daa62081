"""The words about a run of the project, and about what a model advised.

Invariant: a run is told from its evidence alone; advice is called that, in every form, and is never
worded like a verdict.
"""

from collections.abc import Sequence

from scaffolder.review.model import Advice, Item, Report, Status, count
from scaffolder.review.render import wording
from scaffolder.review.render.wording import line

ADVICE = "Advice, no verdict"

_DECIDED = (Status.PASS, Status.PARTIAL, Status.FAIL)
_NOT_TRIED = ("control", "declaration")


def decided(report: Report) -> int:
    """How many items have their verdict from a command that was run."""
    return sum(i.status in _DECIDED and _has_run(i) for i in report.items)


def is_made(report: Report) -> bool:
    """Whether the project was run for this report."""
    return any(_has_run(i) or i.waits_for in _NOT_TRIED for i in report.items)


def said(report: Report) -> str:
    """What a run decided, or how to make one; "" where no item asks for one."""
    if is_made(report):
        return _made(report)
    if not any(i.check.tries for i in report.items):
        return ""
    waiting = sum(i.waits_for == "run" for i in report.items)
    many = f", and {count(waiting, 'item waits', 'items wait')} for one" if waiting else ""
    return f"none was made{many}: `scaffold review PATH --run` makes it"


def is_all_that_is_left(report: Report) -> bool:
    """Whether every must that shuts the gate waits for a run, and for nothing else."""
    shut = [i for i in report.items if i.check.id in report.blockers]
    return bool(shut) and all(i.waits_for == "run" for i in shut)


def untouched(report: Report) -> str:
    """What was done to the repository, for the end of a page."""
    if is_made(report):
        return "A copy of the repository was run; nothing in it was changed."
    return "Nothing of the repository was run and nothing in it was changed."


def advice(item: Item) -> Sequence[str]:
    """What a model answered, one line a question."""
    return [_advised(a) for a in item.advice]


def _made(report: Report) -> str:
    number = count(decided(report), "item was", "items were")
    left = sum(i.waits_for in _NOT_TRIED for i in report.items)
    rest = f"; {count(left, 'item')} could not be tried, see what is not verified" if left else ""
    return f"{number} decided by running a copy of it with faults injected{rest}"


def _has_run(item: Item) -> bool:
    return any(e.ran for e in item.evidence)


def _advised(advice: Advice) -> str:
    who = f"advice from {line(advice.model, 80) or 'a model'} ({_votes(advice)})"
    asked = f"{who}: {line(advice.verdict, 20)}: {line(advice.question)}"
    parts = [asked, _quoted(advice), line(advice.note)]
    return " ".join(part for part in parts if part)


def _votes(advice: Advice) -> str:
    """How many of the votes say it; each of them where they differ."""
    votes = [line(vote, 20) for vote in advice.votes]
    if advice.verdict in votes:
        return f"{votes.count(advice.verdict)} of {len(votes)}"
    return ", ".join(votes) or "no vote"


def _quoted(advice: Advice) -> str:
    if advice.quote is None:
        return ""
    return f"Quoted from {wording.place(advice.quote)}: {line(advice.quote.text)}"
