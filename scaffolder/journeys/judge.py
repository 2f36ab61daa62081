"""Advice beside a review: what would be sent and what it costs, then asking, then the report.

Invariant: `plan` sends nothing; `judge` sends what the plan shows and nothing else; no status of a
report is changed, and whatever fails, the rest of the report stands.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from scaffolder.journeys import review
from scaffolder.review.judge import budget, client, panel, questions
from scaffolder.review.judge.asking import MAX_TOKENS, MODEL
from scaffolder.review.judge.budget import Ledger
from scaffolder.review.judge.client import Clock, Failed, Failure, Service
from scaffolder.review.judge.excerpts import Gathered, gather
from scaffolder.review.judge.panel import Desk
from scaffolder.review.judge.votes import VOTES
from scaffolder.review.model import Advice, Report, Skipped, Status, count
from scaffolder.review.rubric import load
from scaffolder.review.view import RepoView, opened
from scaffolder.sanitise import clean

BUDGET_USD = 0.50
"""US dollars that a judge may cost where nothing else is said: some five times its worst price."""

IN_A_ROW = 3
"""Questions in a row without an answer, after which no other one is put."""

_NO_TEXT = {
    Status.NOT_STARTED: "what it is about is the template's, not the author's",
    Status.NOT_APPLICABLE: "the item does not apply",
    Status.WAIVED: "the item is waived",
}
_GAP = 4
"""Lines between two that are sent over which the plan speaks of one stretch."""


@dataclass(frozen=True)
class Plan:
    """What would be asked. `tokens` and `dollars` are the most that all of it can come to.

    `to` is the address it goes to, `kept` counts the questions that were answered before and cost
    nothing, `not_asked` has the reason by check. `problem` is why nothing can be asked, or "".
    """

    project: Path
    gathered: tuple[Gathered, ...]
    not_asked: Mapping[str, str]
    tokens: int
    dollars: float
    kept: int
    who: Service | Failure = field(repr=False)
    model: str = MODEL

    @property
    def to(self) -> str:
        return self.who.shown if isinstance(self.who, Service) else ""

    @property
    def problem(self) -> str:
        return self.who.value if isinstance(self.who, Failure) else ""

    @property
    def questions(self) -> Mapping[str, str]:
        """The questions, by check."""
        return {g.question.check: g.question.question for g in self.gathered}

    @property
    def files(self) -> Mapping[str, str]:
        """What is sent of each file, as stretches of lines."""
        sent: dict[str, set[int]] = {}
        for excerpt in (e for g in self.gathered for e in g.excerpts):
            sent.setdefault(excerpt.path, set()).update(n for n, _ in excerpt.lines)
        return {path: _stretches(sorted(lines)) for path, lines in sent.items()}

    @property
    def left_out(self) -> Sequence[Skipped]:
        """Files that a question names and that are not sent, with the reason."""
        return tuple(dict.fromkeys(s for g in self.gathered for s in g.left_out))


@dataclass(frozen=True)
class Judged:
    """What came of it: advice by check, what was not judged and why, US dollars spent.

    `over_budget` is true where the budget ended it; `notices` are what the user has to be told.
    """

    advice: Mapping[str, Advice]
    not_judged: Mapping[str, str]
    dollars: float
    over_budget: bool = False
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """5 where the budget ended it; else 0: a report without advice is whole."""
        return 5 if self.over_budget else 0


def plan(
    path: Path, report: Report | None = None, environment: Mapping[str, str] = os.environ
) -> Plan:
    """What would be asked about the folder `path`; with a `report`, about its items only.

    Nothing is sent. UsageError and EnvironmentProblem as in a review.
    """
    with opened(review.folder(path)) as view:
        return plan_of(view, report, environment)


def plan_of(
    view: RepoView, report: Report | None = None, environment: Mapping[str, str] = os.environ
) -> Plan:
    """As `plan`, of a folder that is open already."""
    statuses = _statuses(view, report)
    listed = [q for q in questions.load() if q.check in statuses]
    gathered = [gather(view, q) for q in listed if statuses[q.check] not in _NO_TEXT]
    not_asked = {q.check: _NO_TEXT.get(statuses[q.check], "") for q in listed}
    not_asked |= {g.question.check: _nothing(g) for g in gathered}
    asked = tuple(g for g in gathered if g.excerpts)
    return _plan(view.root, asked, {k: v for k, v in not_asked.items() if v}, environment)


def judge(
    plan: Plan,
    budget_usd: float = BUDGET_USD,
    tell: Callable[[str], None] = lambda _: None,
    is_stopped: Callable[[], bool] = lambda: False,
    clock: Clock | None = None,
) -> Judged:
    """Puts the questions of a plan, never for more than `budget_usd`; raises for no failure.

    What was answered before is found again without a key, a network or money.
    """
    ledger = Ledger(budget_usd)
    sitting = _Sitting(plan, ledger, why=plan.problem)
    if isinstance(plan.who, Service):
        sitting.desk = Desk(plan.who, ledger, is_stopped, tell, clock or Clock())
    heard = {g.question.check: sitting.hear(g, n) for n, g in enumerate(plan.gathered, 1)}
    missing = {check: found for check, found in heard.items() if isinstance(found, str)}
    return Judged(
        advice={check: found for check, found in heard.items() if isinstance(found, Advice)},
        not_judged={**plan.not_asked, **missing},
        dollars=budget.dollars(ledger.spent),
        over_budget=sitting.ended in (Failure.BUDGET, Failure.OVERBILLED),
        notices=tuple(ledger.notices),
    )


@dataclass
class _Sitting:
    """The questions of a plan, one after another; after `why` is set, no other one is put."""

    plan: Plan
    ledger: Ledger
    desk: Desk | None = None
    why: str = ""
    ended: Failure | None = None
    in_a_row: int = 0

    def hear(self, gathered: Gathered, number: int) -> Advice | str:
        """The advice on one question, or why there is none."""
        known = panel.remembered(self.ledger, gathered)
        if known or self.desk is None or self.why:
            return known or self.why
        check, many = gathered.question.check, len(self.plan.gathered)
        self.desk.tell(f"asking a model about {check} ({number} of {many})")
        found = panel.ask(self.desk, gathered)
        self.in_a_row = self.in_a_row + 1 if isinstance(found, Failed) else 0
        if isinstance(found, Failed):
            self._note(found)
            return found.said
        return found

    def _note(self, failed: Failed) -> None:
        """Ends the sitting where no other question would fare better."""
        if failed.why in client.FINAL:
            self.ended, self.why = failed.why, failed.said
        elif self.in_a_row >= IN_A_ROW:
            self.ended, self.why = failed.why, f"{failed.said}, {IN_A_ROW} times in a row"


def advise(report: Report, judged: Judged) -> Report:
    """The report with the advice beside its items; every status is as it was."""
    return replace(
        report,
        items=tuple(
            replace(item, advice=(*item.advice, judged.advice[item.check.id]))
            if item.check.id in judged.advice
            else item
            for item in report.items
        ),
    )


def terms(plan: Plan, budget_usd: float = BUDGET_USD) -> list[str]:
    """What is said before anything is sent: what, to whom, how much at most."""
    kept = f" {count(plan.kept, 'question')} answered before: no cost." if plan.kept else ""
    if plan.problem:
        return [f"Nothing is sent to a model: {plan.problem}. The rest of the report stands.{kept}"]
    if not plan.gathered:
        return ["Nothing is sent to a model: no file that a question reads may be sent."]
    asked = count(len(plan.gathered), "question")
    return [
        f"Advice: {asked}, each put {VOTES} times to {plan.model} at {plan.to}.{kept}",
        *(f"  sent: {clean(path, 200)}, {lines}" for path, lines in plan.files.items()),
        *(f"  not sent: {left.path}: {left.reason}" for left in plan.left_out),
        f"At most {plan.tokens:,} tokens and ${plan.dollars:.2f}; no call is made that could pass"
        f" the budget of ${budget_usd:.2f}.",
    ]


def sentences(judged: Judged) -> list[str]:
    """What is said afterwards: how much was judged, what was not and why, what was spent."""
    reasons: dict[str, list[str]] = {}
    for check, why in judged.not_judged.items():
        reasons.setdefault(why, []).append(check)
    asked = len(judged.advice) + len(judged.not_judged)
    first = f"Advice on {len(judged.advice)} of {asked} items; ${judged.dollars:.4f} spent."
    missing = [f"Not judged: {', '.join(checks)}: {why}." for why, checks in reasons.items()]
    stands = ["The rest of the report stands."] if missing else []
    return [first, *missing, *stands, *judged.notices]


def _statuses(view: RepoView, report: Report | None) -> Mapping[str, Status]:
    """The checks that may be asked about, with the verdict on each."""
    if report is not None:
        return {item.check.id: item.status for item in report.items}
    data = load(with_trees=False)
    return {c.id: Status.UNVERIFIED for c in review.asked(view, data, None, ())}


def _nothing(gathered: Gathered) -> str:
    """Why there is nothing to ask a question about; "" where there is something."""
    if gathered.excerpts:
        return ""
    left = "; ".join(f"{each.path}: {each.reason}" for each in gathered.left_out[:3])
    return f"nothing to read may be sent ({left})" if left else "what it reads is not there"


def _plan(
    root: Path,
    asked: tuple[Gathered, ...],
    not_asked: Mapping[str, str],
    environment: Mapping[str, str],
) -> Plan:
    ledger = Ledger(0)
    new = [g for g in asked if panel.remembered(ledger, g) is None]
    bounds = [panel.bound(g) for g in new]
    prices = [budget.worst(tokens) for tokens in bounds]
    known = [p for p in prices if p is not None]
    who: Service | Failure = client.service(environment)
    if len(known) < len(prices):
        who = Failure.NO_PRICE
    return Plan(
        project=root,
        gathered=asked,
        not_asked=not_asked,
        tokens=VOTES * (sum(bounds) + MAX_TOKENS * len(bounds)),
        dollars=budget.dollars(VOTES * sum(known)),
        kept=len(asked) - len(new),
        who=who,
    )


def _stretches(numbers: Sequence[int]) -> str:
    """Line numbers as stretches: `lines 1-60, 112-124`."""
    ends: list[list[int]] = []
    for number in numbers:
        if ends and number - ends[-1][1] <= _GAP:
            ends[-1][1] = number
        else:
            ends.append([number, number])
    return "lines " + ", ".join(f"{a}-{b}" if b > a else str(a) for a, b in ends)
