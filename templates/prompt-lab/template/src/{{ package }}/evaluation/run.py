"""Gives a system every message of a trial and grades what comes; one row per message.

Invariant: rows are in the order of the messages, and all of a trial were made by one version.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..fewshot import examples_of
from ..generating import Model, open_model
from ..items import Item, fingerprint, load_items
from ..record import canonical
from ..settings import Settings
from ..systems import Answer, Session, System, answers
from ..trace import Trace
from ..versions import Version
from .rows import Row
from .scoring import grades
from .stamp import Stamp, stamp_of

LONGEST_ANSWER = 1000
Told = Callable[[str, int], None]


@dataclass(frozen=True)
class Trial:
    """What is measured: a version on messages of a split, as `texts` where they were changed.

    `place` is where its rows belong, in evals/; `name` is what was changed, as in "typos".
    """

    name: str
    place: str
    version: Version
    split: str
    items: Sequence[Item]
    texts: Sequence[str] = ()
    kinds: Sequence[str] = ()

    def path(self, system: System, settings: Settings) -> Path:
        """Where the rows of a system are kept."""
        ending = f"-{self.name}" if self.name else ""
        return settings.evals / self.place / f"{system}{ending}.jsonl"


@dataclass(frozen=True)
class Lab:
    """What all trials of one command share; the local model is opened once."""

    settings: Settings
    system: System
    trace: Trace
    model: Model | None = None
    told: Told = lambda name, done: None


def opened(settings: Settings, system: System, trace: Trace, told: Told) -> Lab:
    """A lab for a system. Raises ConfigError where its model cannot be opened."""
    model = open_model(settings) if system == "local" else None
    return Lab(settings, system, trace, model, told)


def measure(trial: Trial, lab: Lab) -> list[Row]:
    """Rows of one trial. Raises ConfigError and ProviderUnreachable: no answer is no result."""
    stamp = stamp_of(lab.settings.root, lab.settings.measured_on)
    setting = setting_of(trial, lab)
    lab.trace.event("system", system=lab.system, setting=setting, messages=len(trial.items))
    texts = trial.texts or [item.text for item in trial.items]
    session = Session(lab.settings, trial.version, lab.trace, lab.model)
    rows: list[Row] = []
    for item, answer in zip(trial.items, answers(lab.system, texts, session), strict=True):
        rows.append(_row(item, answer, trial, lab, setting, stamp, len(rows)))
        lab.told(trial.name, len(rows))
    return rows


def setting_of(trial: Trial, lab: Lab) -> str:
    """What a system is set to, as in "api claude-haiku-5-5 triage@3 1f0c5a2b".

    The fingerprint at its end changes with anything beside the messages that can change a row.
    """
    if lab.system == "baseline":
        return "baseline"
    settings, version = lab.settings, trial.version
    local = lab.system == "local"
    model = settings.local.model if local else settings.llm.model
    train = load_items(settings.items("train")) if version.examples else []
    used = [item.fingerprint for item in examples_of(version, train, settings.seed)]
    more = settings.local.sha256 if local else settings.max_output_tokens
    content = json.dumps([model, more, version.digest, used])
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    return f"{lab.system} {model} {version.name} {digest}"


def _row(
    item: Item, answer: Answer, trial: Trial, lab: Lab, setting: str, stamp: Stamp, place: int
) -> Row:
    ruled = lab.system == "baseline"
    return Row(
        id=item.id,
        split=trial.split,
        slice=item.slice,
        origin=item.origin,
        system=lab.system,
        item=item.fingerprint,
        status="answered" if answer.record else "failed",
        expected=canonical(item.record),
        answer=(canonical(answer.record) if answer.record else answer.text)[:LONGEST_ANSWER],
        fault=answer.fault,
        grades=grades(answer.record, item.record),
        latency_ms=round(answer.seconds * 1000, 1),
        usage=answer.usage,
        cost_usd=answer.cost_usd,
        data=fingerprint(lab.settings.items(trial.split)),
        commit=stamp.commit,
        tree=stamp.tree,
        setting=setting,
        prompt="" if ruled else trial.version.name,
        digest="" if ruled else trial.version.digest,
        model=answer.model,
        variant=trial.name,
        kind=trial.kinds[place] if trial.kinds else "",
    )
