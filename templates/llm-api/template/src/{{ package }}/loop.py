"""The model answers by calling tools: ask, run every call, give every result back, until it ends.

Invariants: every stop reason has a branch and only a whole, checked answer is an answer; each call
gets its result in the next turn; turns, repairs and dollars are bounded.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from .answer import SCHEMA, Answer, checked, parse
from .conversation import Conversation
from .ending import Ending
from .errors import ProviderUnreachable
from .executor import Executor, Observation
from .llm import client
from .llm.client import Completion, Spend
from .llm.types import Message, Reply, Request, Stop, ToolResult
from .prompting import Prompt
from .result import Status, Usage
from .settings import Settings
from .tools import TOOLS
from .trace import Trace

OnText = Callable[[str], None]
MOST_REPAIRS = 1

_ENDS: dict[Stop, tuple[Status, str]] = {
    Stop.MAX_TOKENS: ("degraded", "The answer was cut off at the most tokens it may have."),
    Stop.REFUSAL: ("refused", "The model declined to answer."),
    Stop.CONTEXT_OVERFLOW: ("degraded", "The conversation is too long for the model."),
    Stop.PAUSED: ("degraded", "The provider paused the turn, and this program does not go on."),
    Stop.INCOMPLETE: ("degraded", "The answer broke off before its end."),
    Stop.OTHER: ("failed", "The model stopped for a reason that this program does not know."),
}
_KINDS: dict[str, Status] = {
    "answer": "answered",
    "no_data": "answered",
    "question": "refused",
    "out_of_scope": "refused",
}


@dataclass
class Turn:
    """One question in progress."""

    question: str
    conversation: Conversation
    executor: Executor
    settings: Settings
    prompt: Prompt
    trace: Trace
    spend: Spend
    on_text: OnText | None = None
    calls: list[Completion] = field(default_factory=list)
    repairs: int = 0


def run(turn: Turn) -> Ending:
    """Go on until there is an answer or a bound. Raises ConfigError (key, model id)."""
    for _ in range(turn.settings.most_turns):
        try:
            reply = _ask(turn)
        except client.BudgetExceeded as error:
            return _end(turn, "budget_exceeded", f"The budget is spent: {error.message}.")
        except ProviderUnreachable as error:
            words = f"The model cannot be reached: {error.message}."
            return _end(turn, "degraded", words, unreachable=True)
        if reply.stop is Stop.TOOL_USE:
            _act(turn, reply)
        elif reply.stop is not Stop.END:
            return _end(turn, *_ENDS[reply.stop])
        elif ending := _answer(turn, reply):
            return ending
    return _end(turn, "degraded", f"No answer after {turn.settings.most_turns} turns.")


def _ask(turn: Turn) -> Reply:
    """One request: tools and instructions first and always the same, then what was said."""
    turns = turn.conversation.to_send(turn.settings.most_tokens)
    limit = turn.settings.max_output_tokens
    request = Request(turn.prompt.text, tuple(turns), limit, SCHEMA, tuple(TOOLS.values()))
    done = client.complete(request, turn.settings.llm, turn.spend, turn.trace, turn.on_text)
    turn.calls.append(done)
    return done.reply


def _act(turn: Turn, reply: Reply) -> None:
    """Run every call of the reply; the results go back together, each under its call's id."""
    said = Message("assistant", reply.text, reply.calls, private=reply.private)
    turn.conversation.say(said)
    seen = turn.executor.perform(reply.calls)
    for observation in seen:
        trace_call(turn.trace, observation)
    results = (ToolResult(o.call.id, o.call.name, o.text, o.is_error) for o in seen)
    turn.conversation.say(Message("user", results=tuple(results)))


def _answer(turn: Turn, reply: Reply) -> Ending | None:
    """The answer, if its form and its figures hold; None where the model may mend it once."""
    found = parse(reply.text)
    wrong = found if isinstance(found, str) else checked(found, turn.question, turn.executor.done)
    turn.trace.event("judge", check="answer", fault=wrong)
    if isinstance(found, Answer) and not wrong:
        turn.conversation.say(Message("assistant", reply.text, private=reply.private))
        return _end(turn, _KINDS[found.kind], found.text)
    if turn.repairs == MOST_REPAIRS:
        words = f"The model's answer was held back: {wrong}."
        return _end(turn, "degraded" if turn.executor.done else "failed", words)
    turn.repairs += 1
    turn.conversation.say(Message("assistant", reply.text or "(nothing)", private=reply.private))
    turn.conversation.say(Message("user", f"Your answer cannot be used: {wrong}. Answer again."))
    return None


def _end(turn: Turn, status: Status, text: str, unreachable: bool = False) -> Ending:
    costs = [call.cost_usd for call in turn.calls]
    known = [cost for cost in costs if cost is not None]
    turn.conversation.close(text)
    return Ending(
        status,
        text,
        tuple(turn.executor.done),
        sum((call.reply.usage for call in turn.calls), Usage()),
        sum(known) if len(known) == len(costs) else None,
        turn.calls[-1].reply.model if turn.calls else turn.settings.llm.model,
        turn.prompt.name,
        turn.repairs,
        sum(call.attempts for call in turn.calls),
        turn.calls[-1].first_text_s if turn.calls else None,
        unreachable,
    )


def trace_call(trace: Trace, seen: Observation) -> None:
    """One event for a call and what came of it."""
    trace.event(
        "tool_call",
        step=seen.name,
        tool=seen.call.name,
        arguments=dict(seen.call.arguments or {}),
        outcome=seen.outcome,
        result=seen.text,
        seconds=seen.seconds,
    )
