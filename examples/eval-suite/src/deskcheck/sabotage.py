"""Breaks the system under test on purpose: an evaluation whose scores stay up measures nothing.

Invariant: a break changes outputs only; items, graders and judges are those of every other run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from .evaluation.registry import Metric
from .evaluation.rows import Row
from .evaluation.run import Grading, grade
from .evaluation.statistics import SEED, Interval, compare, wilson
from .items import Item
from .judging import ORDER, Case, Judge, Judged, Part
from .judging.labels import Label
from .systems import Output

RESAMPLES = 200
LEVEL = 0.05
LEAST = 0.05  # a mean below this has nowhere to fall to
FAILED = "failed by people"
KEPT = 0.9  # a metric that keeps this part of its mean under every break has not moved

Outputs = Sequence[Output]
Break = Callable[[Sequence[Item], Outputs], list[Output]]


@dataclass(frozen=True)
class Moved:
    """The mean of one metric as it was and under a break; `expected` is falls, rises or stays."""

    name: str
    expected: str
    metric: str
    before: float
    after: float
    as_expected: bool


@dataclass(frozen=True)
class SelfTest:
    """How often a difference was called clear where there was none."""

    metric: str
    alarms: int
    draws: int
    interval: Interval

    @property
    def holds(self) -> bool:
        """Whether the stated level is not ruled out from below."""
        return self.interval.low <= LEVEL


def _replaced(output: Output, fields: Mapping[str, object]) -> Output:
    return Output(dict(fields), output.status)


def constant(items: Sequence[Item], outputs: Outputs) -> list[Output]:
    """Everybody gets the answer to the first item."""
    return [outputs[0]] * len(outputs)


def shuffled(items: Sequence[Item], outputs: Outputs) -> list[Output]:
    """Everybody gets the answer of somebody half the list away; neighbours may be alike."""
    lag = len(outputs) // 2
    return [*outputs[lag:], *outputs[:lag]]


def echo(items: Sequence[Item], outputs: Outputs) -> list[Output]:
    """The message comes back as the reply, and nothing else."""
    return [_replaced(o, {"reply": i.text}) for i, o in zip(items, outputs, strict=True)]


def empty(items: Sequence[Item], outputs: Outputs) -> list[Output]:
    """An object without a key."""
    return [_replaced(output, {}) for output in outputs]


def truncated(items: Sequence[Item], outputs: Outputs) -> list[Output]:
    """Texts lose their second half, lists all but their first entry: a reply that was cut off."""
    return [_replaced(o, {k: _cut(v) for k, v in o.output.items()}) for o in outputs]


def leaked(items: Sequence[Item], outputs: Outputs) -> list[Output]:
    """The answer key: what is expected comes back, as from a system that was trained on it."""
    return [
        _replaced(o, {**o.output, **i.expected, "reply": _spelt(i)})
        for i, o in zip(items, outputs, strict=True)
    ]


def keys_reversed(items: Sequence[Item], outputs: Outputs) -> list[Output]:
    """The same objects with their keys in another order: nothing may change."""
    return [_replaced(o, dict([*o.output.items()][::-1])) for o in outputs]


def key_added(items: Sequence[Item], outputs: Outputs) -> list[Output]:
    """A key that no grader knows: nothing may change."""
    return [_replaced(o, {**o.output, "note": "unused"}) for o in outputs]


BREAKS: Mapping[str, Break] = {
    "constant": constant,
    "shuffle": shuffled,
    "echo": echo,
    "empty": empty,
    "truncate": truncated,
}
RISES: Mapping[str, Break] = {"leak": leaked}
NO_OPS: Mapping[str, Break] = {"keys reversed": keys_reversed, "key added": key_added}


def sabotage(items: Sequence[Item], outputs: Outputs, grading: Grading) -> list[Moved]:
    """Every break and no-op on the outputs of one system, metric by metric."""
    before = means(items, outputs, grading)
    moved = []
    for expected, changes in (("falls", BREAKS), ("rises", RISES), ("stays", NO_OPS)):
        for name, change in changes.items():
            after = means(items, change(items, outputs), grading)
            for metric, value in before.items():
                now = after.get(metric, 0.0)
                right = _as(expected, value, now)
                moved.append(Moved(name, expected, metric, value, now, right))
    return moved


def unmoved(moved: Sequence[Moved], metrics: Sequence[str]) -> list[str]:
    """What speaks against the evaluation: one line a fault, none if it can be trusted.

    Each of `metrics` has to fall under at least one break, and to rise where the answer key comes
    back; no metric may move under a no-op.
    """
    faults = []
    for metric in metrics:
        falls = [m for m in moved if m.metric == metric and m.expected == "falls"]
        if falls and falls[0].before >= LEAST and all(m.after > KEPT * m.before for m in falls):
            faults.append(f"{metric} does not fall under any of {', '.join(m.name for m in falls)}")
    for m in moved:
        held = m.expected == "stays" or (m.expected == "rises" and m.metric in metrics)
        if held and not m.as_expected:
            faults.append(f"{m.metric} {m.before:.2f} -> {m.after:.2f} under {m.name!r}")
    return faults


def dead(moved: Sequence[Moved], metrics: Sequence[str]) -> list[str]:
    """Metrics that nothing moves, neither a break nor the answer key: one line each."""
    faults = []
    for metric in metrics:
        own = [m for m in moved if m.metric == metric and m.expected != "stays"]
        if own and all(m.after == m.before for m in own):
            faults.append(f"{metric} is {own[0].before:.2f} whatever is done to the system")
    return faults


def failed_by_people(labels: Sequence[Label], moved: Sequence[Moved], g: Grading) -> list[Moved]:
    """The break for what a judge decides: replies that a person failed, in place of the system's.

    One line for each judged metric that has such labels outside of the judge's examples.
    """
    before = {m.metric: m.before for m in moved}
    found = []
    for metric, judge in g.judges.items():
        own = [x for x in labels if (x.metric, x.verdict) == (metric, "fail")]
        cases = [Case(g.policy, x.message, x.reply) for x in own if x.split != "train"]
        if cases and metric in before:
            passes = [judge.decide(case, ORDER).verdict == "pass" for case in cases]
            after = fmean(passes)
            right = _as("falls", before[metric], after)
            found.append(Moved(FAILED, "falls", metric, before[metric], after, right))
    return found


def junk_is_ungraded(items: Sequence[Item], outputs: Outputs, grading: Grading) -> list[str]:
    """Faults if a judge that gives nothing usable still yields a grade."""
    judges = {name: Judge("junk", _junk) for name in grading.judges}
    broken = Grading(grading.metrics, judges, grading.policy)
    faults = []
    for item, output in zip(items, outputs, strict=True):
        graded = grade(item, output, broken)
        if set(graded.ungraded) != set(judges) or set(judges) & graded.grades.keys():
            faults.append(f"{item.id} has a grade from a judge that gave none")
    return faults[:1]


def self_test(first: Mapping[str, float], second: Mapping[str, float], metric: str) -> SelfTest:
    """Two systems whose answers are dealt out at random between them do not differ.

    `first` and `second` are grades by item; in each of RESAMPLES draws every item's two grades are
    exchanged with a chance of a half, and the paired comparison is asked whether it sees something.
    """
    rng = np.random.default_rng(SEED)
    common = [item for item in first if item in second]
    alarms = 0
    for _ in range(RESAMPLES):
        swap = rng.random(len(common)) < 0.5
        pairs = [
            (second[i], first[i]) if swapped else (first[i], second[i])
            for i, swapped in zip(common, swap, strict=True)
        ]
        alarms += compare([a for a, _ in pairs], [b for _, b in pairs]).clear
    return SelfTest(metric, alarms, RESAMPLES, wilson(alarms, RESAMPLES))


def means(items: Sequence[Item], outputs: Outputs, grading: Grading) -> dict[str, float]:
    """The mean of each metric; what nobody graded is 0."""
    found: dict[str, list[float]] = {}
    for item, output in zip(items, outputs, strict=True):
        for metric, value in grade(item, output, grading).grades.items():
            found.setdefault(metric, []).append(value)
    return {metric: fmean(values) for metric, values in found.items()}


def outputs_of(rows: Sequence[Row]) -> list[Output]:
    """The first trial's outputs, as they stand in the rows."""
    return [Output(row.output, row.status) for row in rows if row.trial == 1]


def code_metrics(metrics: Sequence[Metric]) -> list[str]:
    """Metrics that code grades: a break of the system must show in those without any judge."""
    return [metric.name for metric in metrics if metric.grader == "code"]


def _as(expected: str, before: float, after: float) -> bool:
    if expected == "falls":
        return after < before
    if expected == "rises":
        return after > before or after >= 1
    return after == before


def _cut(value: object) -> object:
    if isinstance(value, str):
        return value[: len(value) // 2]
    return value[:1] if isinstance(value, list) else value


def _spelt(item: Item) -> str:
    groups = item.expected.get("facts") or []
    return ". ".join(str(group[0]) for group in groups if group)


def _junk(case: Case, order: tuple[Part, ...]) -> Judged:
    return Judged("%%%", None)
