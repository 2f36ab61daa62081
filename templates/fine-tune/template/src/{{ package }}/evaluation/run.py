"""Gives a system every message of a split and grades what comes; one row per message.

Invariant: rows are in the order of the messages, and all of a run were made by one setting.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..conversations import prompt_of
from ..errors import ConfigError
from ..generating import Model, open_model
from ..items import Item, fingerprint
from ..record import canonical
from ..settings import Settings
from ..systems import LOCAL, Answer, Session, System, answers, examples_of
from ..trace import Trace
from .rows import Row
from .scoring import grades
from .stamp import Stamp, stamp_of

LONGEST_ANSWER = 1000


@dataclass(frozen=True)
class Occasion:
    """What all rows of one run share."""

    system: System
    split: str
    data: str
    stamp: Stamp
    setting: str
    run: str
    prompt: str


def measure(
    system: System,
    items: Sequence[Item],
    split: str,
    settings: Settings,
    trace: Trace,
    model: Model | None = None,
    told: Callable[[int], None] = lambda done: None,
) -> list[Row]:
    """Rows of one system; a local one is opened unless `model` is given.

    `told` hears how many messages are done. Raises ConfigError and ProviderUnreachable: messages
    that nobody read are no result.
    """
    occasion = _occasion(system, split, settings)
    if system in LOCAL and model is None:
        model = _opened(system, settings)
    trace.event("system", system=system, setting=occasion.setting, messages=len(items))
    session = Session(settings, trace, model)
    found = answers(system, [item.text for item in items], session)
    rows: list[Row] = []
    for item, answer in zip(items, found, strict=True):
        rows.append(_row(item, answer, occasion))
        told(len(rows))
    return rows


def _opened(system: System, settings: Settings) -> Model:
    """The base model, for the tuned system with its adapter: rows never come from a stand-in."""
    if system == "tuned" and settings.adapter is None:
        raise ConfigError(
            f"there is no adapter for [local] run = {settings.run!r}",
            "run `tune` and name its folder of runs/ in config.toml",
        )
    return open_model(settings, settings.adapter if system == "tuned" else None)


def setting_of(system: System, settings: Settings) -> str:
    """What a system is set to, as in "api claude-haiku-5-5 best@1 1f0c5a2b".

    The fingerprint at its end changes with anything beside the messages that can change a row.
    """
    shown: list[str] = [system]
    behind: list[object] = []
    if system == "api":
        shown.append(settings.llm.model)
        behind.append(settings.max_output_tokens)
    if system != "baseline":
        prompt = prompt_of(system, settings.prompts)
        shown.append(prompt.name)
        behind += [prompt.text, [item.fingerprint for item in examples_of(system, settings)]]
    if system in LOCAL:
        behind += [settings.max_new_tokens, settings.run if system == "tuned" else ""]
    content = json.dumps([shown, behind])
    return " ".join([*shown, hashlib.sha256(content.encode()).hexdigest()[:8]])


def _occasion(system: System, split: str, settings: Settings) -> Occasion:
    prompt = "" if system == "baseline" else prompt_of(system, settings.prompts).name
    return Occasion(
        system,
        split,
        fingerprint(settings.items(split)),
        stamp_of(settings.root, settings.measured_on),
        setting_of(system, settings),
        settings.run if system == "tuned" else "",
        prompt,
    )


def _row(item: Item, answer: Answer, occasion: Occasion) -> Row:
    return Row(
        id=item.id,
        split=occasion.split,
        slice=item.slice,
        origin=item.origin,
        system=occasion.system,
        item=item.fingerprint,
        status="answered" if answer.record else "failed",
        expected=canonical(item.record),
        answer=answer.text[:LONGEST_ANSWER],
        fault=answer.fault,
        grades=grades(answer.record, item.record),
        latency_ms=round(answer.seconds * 1000, 1),
        usage=answer.usage,
        cost_usd=answer.cost_usd,
        data=occasion.data,
        commit=occasion.stamp.commit,
        tree=occasion.stamp.tree,
        setting=occasion.setting,
        run=occasion.run,
        prompt=occasion.prompt,
        model=answer.model,
    )
