"""The agent: the model chooses the next call, code decides whether, how often and how long.

Think, act, observe, until the model answers or a bound is reached: tool calls, seconds, dollars,
the same thing over and over. Invariant: every way out is an Ending with an honest status.
"""

import time
from dataclasses import dataclass, field, replace

from . import modelcalls, runs
from .closing import composed, status_of, unfounded, with_log
from .ending import Ending
from .errors import ProviderUnreachable
from .executor import Executor, Observation
from .history import as_turn, compacted, from_turn
from .llm import client
from .llm.client import Spend
from .llm.types import Message, Reply, Request, Stop, Tool, ToolResult
from .modelcalls import Call
from .prompting import Prompt
from .repetition import Repetition, told
from .result import Status
from .settings import Settings
from .tools import TOOLS
from .trace import Trace

OFFERED = tuple(Tool(name, spec.description, spec.schema) for name, spec in TOOLS.items())


@dataclass
class Agent:
    """One run in progress; `turns` is the whole conversation, whatever the model is sent of it.

    `calls` and `started` count what an earlier process of this run has taken as well.
    """

    executor: Executor
    settings: Settings
    prompt: Prompt
    trace: Trace
    spend: Spend
    turns: list[Message] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)


def run(agent: Agent) -> Ending:
    """Go on from the turns there are until the run ends. Raises ConfigError (key, model id)."""
    repetition = Repetition(agent.settings.most_repeats)
    _load(agent)
    while not (bound := _bound(agent)):
        if agent.turns[-1].calls:  # a run that was killed between a call and its result
            reply = None
        else:
            try:
                reply = _think(agent)
            except client.BudgetExceeded as error:
                return _end(agent, "budget_exceeded", f"The budget is spent: {error.message}.")
            except ProviderUnreachable as error:
                lead = f"The model cannot be reached: {error.message}."
                return replace(_end(agent, "degraded", lead), unreachable=True)
            if reply.stop is not Stop.TOOL_USE:
                return _answer(agent, reply)
        if _act(agent, repetition):
            return _end(agent, "needs_human", "The run was turning in circles and was stopped.")
        if agent.executor.pending():
            return _end(agent, "needs_human", "A person has to agree first.")
    return _end(agent, "budget_exceeded", f"Stopped after {bound}.")


def _load(agent: Agent) -> None:
    """The turns of an earlier process, or the request as the first one."""
    run_ = agent.executor.run
    saved = runs.load_turns(agent.settings.runs, run_.id)
    agent.turns = [from_turn(turn) for turn in saved]
    if agent.turns:
        agent.executor.recall()
        _count_earlier(agent)
        _tell_decisions(agent)
    else:
        words = f"Customer {run_.customer}, {agent.settings.today}: {run_.request}"
        _say(agent, Message("user", words))


def _count_earlier(agent: Agent) -> None:
    """Money and time that the run has taken before count against its bounds."""
    agent.calls = modelcalls.earlier(agent.settings.runs, agent.executor.run.id)
    agent.spend.spent_usd += sum(call.cost_usd or 0 for call in agent.calls)
    took = sum(call.seconds for call in agent.calls)
    agent.started -= took + sum(seen.seconds for seen in agent.executor.done)


def _tell_decisions(agent: Agent) -> None:
    """What a person has agreed to is done now; the model learns what came of it."""
    if not agent.turns[-1].results:
        return
    told = []
    for pending, state, seen in agent.executor.carry_out_decided():
        trace_step(agent.trace, seen, len(agent.executor.done))
        told.append(f"{pending}: approval {state}, {seen.text}")
    if told:
        words = "\n".join(told)
        _say(agent, Message("user", f"A person has decided, and this came of it:\n{words}"))


def _bound(agent: Agent) -> str:
    """Which bound was reached; "" while none is."""
    settings, steps = agent.settings, len(agent.executor.done)
    if steps >= settings.most_steps:
        return f"{steps} tool calls, the most that one run may make"
    if _seconds_left(agent) <= 0:
        return f"{settings.most_seconds:g} seconds"
    return ""


def _seconds_left(agent: Agent) -> float:
    return agent.settings.most_seconds - (time.monotonic() - agent.started)


def _think(agent: Agent) -> Reply:
    settings = agent.settings
    turns = compacted(agent.turns, agent.executor.done, settings.most_history_chars)
    request = Request(agent.prompt.text, tuple(turns), settings.max_output_tokens, tools=OFFERED)
    left = max(0.1, _seconds_left(agent))
    llm = replace(settings.llm, deadline_s=min(settings.llm.deadline_s, left))
    done = client.complete(request, llm, agent.spend, agent.trace)
    reply = done.reply
    modelcalls.note(settings.runs, agent.executor.run.id, agent.calls, done)
    if reply.stop is Stop.TOOL_USE:
        _say(agent, Message("assistant", reply.text, reply.calls, private=reply.private))
    return reply


def _act(agent: Agent, repetition: Repetition) -> bool:
    """Run the calls of the last turn until a bound; True if the run turns in circles."""
    results, over = [], False
    for call in agent.turns[-1].calls:
        if bound := _bound(agent):
            words = f"not done: the run has reached {bound}"
            results.append(ToolResult(call.id, call.name, words, True))
            continue
        seen = agent.executor.perform(call)
        trace_step(agent.trace, seen, len(agent.executor.done))
        times = repetition.note(seen)
        over = over or repetition.is_over(times)
        text = f"{seen.text}\n{told(seen)}" if repetition.is_told(times) else seen.text
        results.append(ToolResult(call.id, call.name, text, seen.is_error))
    _say(agent, Message("user", results=tuple(results)))
    return over


def _say(agent: Agent, turn: Message) -> None:
    """Add a turn, on disk before anything follows from it."""
    agent.turns.append(turn)
    runs.save_turn(agent.settings.runs, agent.executor.run.id, len(agent.turns), as_turn(turn))


def _answer(agent: Agent, reply: Reply) -> Ending:
    """The model's last words, if they are whole and true; else what the log says."""
    done = agent.executor.done
    if reply.stop is Stop.REFUSAL:
        return _end(agent, "refused", "The model declined to answer.")
    if reply.stop is Stop.CONTEXT_OVERFLOW:
        return _end(agent, "degraded", "The run has become too long for the model to read.")
    if reply.stop is not Stop.END or not reply.text.strip():
        return _end(agent, "degraded", "The model's answer did not come whole.")
    if claims := unfounded(reply.text, done):
        lead = f"The model's answer claimed {', '.join(claims)} and was held back."
        return _end(agent, status_of(done, "degraded"), lead)
    acted = any(o.outcome == "ok" and TOOLS[o.tool].writes for o in done if o.tool in TOOLS)
    asks = reply.text.rstrip().endswith("?")
    wanted: Status = "refused" if asks and not acted else "answered"
    return _ended(agent, status_of(done, wanted), with_log(reply.text.strip(), done))


def _end(agent: Agent, status: Status, lead: str) -> Ending:
    """An ending that code writes, from the log."""
    return _ended(agent, status, composed(agent.executor.done, lead))


def _ended(agent: Agent, status: Status, text: str) -> Ending:
    calls = agent.calls
    model = calls[-1].model if calls else agent.settings.llm.model
    usage, cost = modelcalls.usage_of(calls), modelcalls.cost_of(calls)
    return Ending(status, text, usage, cost, agent.prompt.name, model)


def trace_step(trace: Trace, seen: Observation, number: int) -> None:
    """One event for a call and what came of it."""
    trace.event(
        "tool_call",
        step=number,
        tool=seen.tool,
        arguments=dict(seen.arguments),
        outcome=seen.outcome,
        result=seen.text,
        seconds=seen.seconds,
    )
