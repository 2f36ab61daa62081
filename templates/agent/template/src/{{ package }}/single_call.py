"""One call of the model with everything in view: what the agent's steps have to beat.

Invariant: the model's actions run under the same executor as everybody's; it sees no result, so its
reply is held against the log like any other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import runs
from .closing import composed, status_of, unfounded, with_log
from .ending import Ending
from .errors import ProviderUnreachable
from .executor import Executor
from .llm import client
from .llm.client import Completion, Spend
from .llm.types import Message, Request, Stop, ToolCall
from .loop import trace_step
from .prompting import Prompt
from .result import Status
from .settings import Settings
from .shop import opened
from .tools import TOOLS
from .trace import Trace

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["actions", "reply"],
    "properties": {
        "actions": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["tool", "arguments"],
                "properties": {
                    "tool": {"type": "string", "enum": [n for n, s in TOOLS.items() if s.writes]},
                    "arguments": {"type": "string"},
                },
            },
        },
        "reply": {"type": "string"},
    },
}
TABLES = ("orders", "shipments", "messages", "order_lines")
MOST_ACTIONS = 5


@dataclass(frozen=True)
class Plan:
    """What the model wants done, in order, and what it says."""

    actions: tuple[ToolCall, ...]
    reply: str


def run(
    executor: Executor, settings: Settings, prompt: Prompt, trace: Trace, spend: Spend
) -> Ending:
    """Ask once, do what was asked for, say what was done.

    A run that waited for a person is not asked again: what was decided is carried out.
    """
    if runs.decided(settings.runs, executor.run.id):
        executor.recall()
        executor.carry_out_decided()
        text = composed(executor.done)
        return Ending(status_of(executor.done, "answered"), text, prompt=prompt.name)
    request = Request(
        prompt.text,
        (Message("user", _seen(executor, settings)),),
        settings.max_output_tokens,
        SCHEMA,
    )
    try:
        done = client.complete(request, settings.llm, spend, trace)
    except client.BudgetExceeded as error:
        return Ending(
            "budget_exceeded", f"The budget is spent: {error.message}.", prompt=prompt.name
        )
    except ProviderUnreachable as error:
        lead = f"The model cannot be reached: {error.message}."
        return Ending("degraded", lead, prompt=prompt.name, unreachable=True)
    if done.reply.stop is Stop.CONTEXT_OVERFLOW:
        return _ending("degraded", "The data is too long for the model to read.", done, prompt)
    plan = _plan(done)
    if plan is None:
        return _ending("degraded", "The model's answer could not be used.", done, prompt)
    # What stands in the data was written by strangers, and the model has read it.
    executor.tainted = True
    for call in plan.actions[:MOST_ACTIONS]:
        trace_step(trace, executor.perform(call), len(executor.done))
    if claims := unfounded(plan.reply, executor.done):
        lead = f"The model's answer claimed {', '.join(claims)} and was held back."
        status = status_of(executor.done, "degraded")
        return _ending(status, composed(executor.done, lead), done, prompt)
    asks = plan.reply.rstrip().endswith("?") and not executor.done
    status = status_of(executor.done, "refused" if asks else "answered")
    return _ending(status, with_log(plan.reply, executor.done), done, prompt)


def _seen(executor: Executor, settings: Settings) -> str:
    """Request, policy and all that the shop knows of the customer."""
    run_ = executor.run
    orders = "SELECT order_id FROM orders WHERE customer_id = ?"
    with opened(run_.database) as connection:
        known = {
            table: [
                dict(row)
                for row in connection.execute(
                    f"SELECT * FROM {table} WHERE order_id IN ({orders})",
                    (run_.customer,),
                )
            ]
            for table in TABLES
        }
    policy = (settings.root / "data" / "policy.md").read_text(encoding="utf-8")
    tools = {name: spec.schema for name, spec in TOOLS.items() if spec.writes}
    parts = (policy, f"Tools: {json.dumps(tools)}", f"Data: {json.dumps(known)}")
    words = f"Customer {run_.customer}, {settings.today}: {run_.request}"
    return "\n\n".join([*parts, words])


def _plan(done: Completion) -> Plan | None:
    """The plan in a reply; None if it is not whole or not of the schema."""
    if done.reply.stop is not Stop.END:
        return None
    try:
        found = json.loads(done.reply.text)
        calls = [(str(each["tool"]), json.loads(each["arguments"])) for each in found["actions"]]
        reply = str(found["reply"])
    except (ValueError, TypeError, KeyError):
        return None
    actions = (
        ToolCall(f"s{at}", tool, arguments if isinstance(arguments, dict) else None)
        for at, (tool, arguments) in enumerate(calls, 1)
    )
    return Plan(tuple(actions), reply)


def _ending(status: Status, text: str, done: Completion, prompt: Prompt) -> Ending:
    reply = done.reply
    return Ending(status, text, reply.usage, done.cost_usd, prompt.name, reply.model)
