"""A question put to the model three times: tried again where that helps, within time and money.

Invariant: each try is reserved before it and settled after it, an answer is kept before the next
call is made, and a question that was answered before costs nothing.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from scaffolder.review.judge import asking, budget, client
from scaffolder.review.judge.asking import MODEL, Answer, Request
from scaffolder.review.judge.budget import Ledger
from scaffolder.review.judge.client import Clock, Failed, Failure, Said, Service
from scaffolder.review.judge.excerpts import Gathered
from scaffolder.review.judge.votes import MAJORITY, VOTES, Vote, decided, looked_up
from scaffolder.review.model import Advice

TRIES = 4
"""Tries of one call, the first included."""

LONGEST_WAIT = 60.0
"""Seconds that a server may ask us to wait; beyond it we give up."""

ITEM_SECONDS = 90.0
"""Seconds for one question, with its three votes and all tries."""

_FIRST_PAUSE = 1.0
_TOLD = 2.0
"""Seconds of a pause from which on it is said."""

_SLICE = 0.2


@dataclass(frozen=True)
class Desk:
    """Where questions are put: who is asked, what it may cost, when to stop."""

    who: Service
    ledger: Ledger
    is_stopped: Callable[[], bool]
    tell: Callable[[str], None] = lambda _: None
    clock: Clock = field(default_factory=Clock)
    seconds: float = ITEM_SECONDS


def key(gathered: Gathered) -> str:
    """A digest of all that an answer rests on: question, excerpts, model and our own words."""
    asked = gathered.question.question
    rests_on = (asking.VERSION, MODEL, asked, [(e.path, e.lines) for e in gathered.excerpts])
    return hashlib.sha256(json.dumps(rests_on).encode()).hexdigest()


def bound(gathered: Gathered) -> int:
    """Tokens that one vote sends at most."""
    return asking.request(gathered.question.question, gathered.excerpts).tokens


def remembered(ledger: Ledger, gathered: Gathered) -> Advice | None:
    """The advice that was paid for before; None where a vote of it is missing."""
    known = ledger.known(key(gathered))
    if set(known) < set(range(1, VOTES + 1)):
        return None
    votes = [looked_up(known[n], gathered.excerpts) for n in range(1, VOTES + 1)]
    return decided(gathered, votes, MODEL)


def ask(desk: Desk, gathered: Gathered) -> Advice | Failed:
    """The advice on one question, or why there is none."""
    name = key(gathered)
    known = desk.ledger.known(name)
    until = desk.clock.now() + desk.seconds
    votes, spoiled = list[Vote](), list[Failed]()
    for number in range(1, VOTES + 1):
        answer = known.get(number) or _vote(desk, gathered, number, until)
        if isinstance(answer, Answer):
            if number not in known:
                desk.ledger.keep(name, number, answer)
            votes.append(looked_up(answer, gathered.excerpts))
        elif answer.why in client.OF_ONE_VOTE:
            spoiled.append(answer)
            votes.append(Vote("void", answer.why.value))
        else:
            return answer
    return decided(gathered, votes, MODEL) if len(spoiled) < MAJORITY else spoiled[0]


def _vote(desk: Desk, gathered: Gathered, number: int, until: float) -> Answer | Failed:
    """One answer; every second vote sees the documents in the other order."""
    turned = number % 2 == 0
    asked = asking.request(gathered.question.question, gathered.excerpts, turned)
    said = _tried(desk, asked, until)
    if isinstance(said, Failed):
        return said
    return asking.read(said.text, asked.word) or Failed(Failure.JUNK)


def _tried(desk: Desk, asked: Request, until: float) -> Said | Failed:
    """The reply to a request, tried again where the server is busy and says so in time."""
    for number in range(TRIES):
        left = until - desk.clock.now()
        if left <= 0:
            return Failed(Failure.DEADLINE, is_free=True)
        ended = _paid(desk, asked, left)
        if not isinstance(ended, Failed) or not _is_busy(ended) or number == TRIES - 1:
            return ended
        pause = _pause(ended, number, desk.clock)
        if pause > min(LONGEST_WAIT, until - desk.clock.now()):
            return ended
        if pause >= _TOLD:
            desk.tell(f"the provider is busy: trying again in {pause:.0f} s")
        if not _rested(desk, pause):
            return Failed(Failure.STOPPED)
    raise AssertionError("the last try returns")


def _paid(desk: Desk, asked: Request, seconds: float) -> Said | Failed:
    """One try, reserved and settled. What a server does not say costs what was reserved."""
    worst = budget.worst(asked.tokens)
    if worst is None:
        return Failed(Failure.NO_PRICE)
    if desk.is_stopped():
        return Failed(Failure.STOPPED)
    row = desk.ledger.reserve(worst)
    if row is None:
        return Failed(Failure.BUDGET)
    ended = client.send(desk.who, asked.body, seconds, desk.is_stopped)
    return ended if desk.ledger.settle(row, _cost(ended, worst)) else Failed(Failure.OVERBILLED)


def _cost(ended: Said | Failed, worst: int) -> int:
    if isinstance(ended, Failed) and ended.is_free:
        return 0
    billed = budget.price(*ended.tokens) if ended.tokens else None
    return worst if billed is None else billed


def _is_busy(ended: Failed) -> bool:
    return ended.why in (Failure.RATE_LIMIT, Failure.OVERLOADED)


def _pause(ended: Failed, number: int, clock: Clock) -> float:
    """Seconds to wait: what the server asked for, else a random part of a doubling time."""
    jitter = clock.chance()
    if ended.wait is not None:
        return ended.wait + jitter * _FIRST_PAUSE
    return jitter * _FIRST_PAUSE * 2.0**number


def _rested(desk: Desk, seconds: float) -> bool:
    """Waits; False where it was stopped meanwhile."""
    until = desk.clock.now() + seconds
    while (left := until - desk.clock.now()) > 0:
        if desk.is_stopped():
            return False
        desk.clock.sleep(min(left, _SLICE))
    return True
