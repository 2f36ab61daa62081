"""Asks a system every item, several at a time, and grades what comes; one row per item and trial.

Invariant: rows are in the order of the items, whatever finished first, and the same answers give
the same rows.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from .. import cache, systems
from ..errors import UsageError
from ..graders import GRADERS
from ..items import Item, version_of
from ..judging import ORDER, Case, Judge, Judged, text_of
from ..llm.client import Spend
from ..llm.cost import budget_usd, worst_case
from ..settings import Settings, SystemSpec
from ..systems import Context, Output, asked
from ..trace import Trace
from .registry import Metric
from .rows import Row, Verdict
from .stamp import Stamp, stamp_of

CHUNK = 500
Asked = tuple[Item, int]  # an item and the number of the trial, from 1


@dataclass(frozen=True)
class Grading:
    """How outputs are graded: the metrics, the judge of each judged one, and the policy."""

    metrics: Sequence[Metric]
    judges: Mapping[str, Judge]
    policy: str


@dataclass(frozen=True)
class Graded:
    """What grading one output gave; `ungraded` names metrics whose judge gave nothing usable."""

    grades: Mapping[str, float]
    graders: Mapping[str, str]
    verdicts: tuple[Verdict, ...]
    ungraded: tuple[str, ...]
    cost_usd: float | None


def measure(
    items: Sequence[Item],
    spec: SystemSpec,
    grading: Grading,
    settings: Settings,
    trace: Trace,
    trials: int,
) -> Iterator[Row]:
    """Rows of one system as they come. Errors of the whole run are raised; what was paid stays."""
    context = Context(settings, trace, Spend(settings.llm.budget_usd))
    stamp = stamp_of(settings.root, settings.measured_on)
    version = version_of(items)
    work = [(item, trial) for item in items for trial in range(1, trials + 1)]
    setting = setting_of(spec, grading)
    for each, (output, graded) in zip(work, _graded(work, spec, grading, context), strict=True):
        yield _row(each, output, graded, spec, version, setting, stamp)


def worst_cost(items: Sequence[Item], spec: SystemSpec, settings: Settings, trials: int) -> float:
    """US dollars that the answers of a model may cost at most; 0 for what is free or kept.

    What a command, an address or another project costs is not known here.
    """
    if spec.kind != "model":
        return 0.0
    left = [
        item
        for item in items
        for trial in range(1, trials + 1)
        if not cache.fetch(cache.key_of(spec, item.input, trial, settings), settings)
    ]
    asks = (asked.request_for(item.input, spec.target, settings) for item in left)
    return sum(budget_usd(settings.llm.model, worst_case(request)) for request in asks)


def setting_of(spec: SystemSpec, grading: Grading) -> str:
    """What a row rests on beside the item: system, version, and how it was graded."""
    judges = {name: (judge.name, judge.prompt) for name, judge in grading.judges.items()}
    text = json.dumps([asdict(spec), [m.name for m in grading.metrics], judges], sort_keys=True)
    return f"{spec.kind} v{spec.version} {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def grade(item: Item, output: Output, grading: Grading) -> Graded:
    """Grades of one output; a system that failed gets 0 wherever the item asks for something."""
    grades: dict[str, float] = {}
    graders: dict[str, str] = {}
    failed = output.status == "failed"
    judges = [] if failed else [m for m in grading.metrics if _is_judged(m)]
    judged = {m.name: _judged(m, item, output, grading) for m in judges}
    for metric in grading.metrics:
        if _is_judged(metric):
            value = 0.0 if failed else _passed(judged[metric.name])
        else:
            value = GRADERS[metric.name](item.expected, output.output)
        if value is not None and not 0 <= value <= 1:
            raise UsageError(
                f"{metric.name} gave {value:g} for {item.id}", "graders.py: a grade is 0 to 1"
            )
        if value is not None:
            grades[metric.name] = 0.0 if failed else round(value, 6)
            graders[metric.name] = metric.grader
    verdicts = [_verdict(name, said, grading.judges[name]) for name, said in judged.items()]
    costs = [said.cost_usd for said in judged.values() if said.cost_usd is not None]
    return Graded(
        grades,
        graders,
        tuple(verdict for verdict in verdicts if verdict),
        tuple(name for name, said in judged.items() if said.verdict is None),
        sum(costs) if len(costs) == len(judged) else None,
    )


def _is_judged(metric: Metric) -> bool:
    return metric.grader == "judge"


def _judged(metric: Metric, item: Item, output: Output, grading: Grading) -> Judged:
    case = Case(grading.policy, item.text, text_of(output.output))
    return grading.judges[metric.name].decide(case, ORDER)


def _passed(said: Judged) -> float | None:
    """1 for a pass, 0 for a fail; None where no verdict came."""
    return None if said.verdict is None else float(said.verdict == "pass")


def _verdict(metric: str, said: Judged, judge: Judge) -> Verdict | None:
    if said.verdict is None:
        return None
    return Verdict(metric, said.critique, said.verdict, judge.name, judge.prompt)


def _graded(
    work: Sequence[Asked], spec: SystemSpec, grading: Grading, context: Context
) -> Iterator[tuple[Output, Graded]]:
    """Answers and grades in the order of `work`; the first error of the run stops the others."""

    def one(each: Asked) -> tuple[Output, Graded]:
        output = _answer(each, spec, context)
        return output, grade(each[0], output, grading)

    pool = ThreadPoolExecutor(context.settings.workers)
    try:
        for start in range(0, len(work), CHUNK):  # what waits to be written stays bounded
            yield from pool.map(one, work[start : start + CHUNK])
    finally:
        pool.shutdown(cancel_futures=True)


def _answer(each: Asked, spec: SystemSpec, context: Context) -> Output:
    item, trial = each
    if not cache.is_kept(spec):
        return systems.answer(item.input, spec, context)
    key = cache.key_of(spec, item.input, trial, context.settings)
    kept = cache.fetch(key, context.settings)
    if kept is None:
        kept = systems.answer(item.input, spec, context)
        cache.keep(key, kept, context.settings)
    return kept


def _row(
    each: Asked,
    output: Output,
    graded: Graded,
    spec: SystemSpec,
    version: str,
    setting: str,
    stamp: Stamp,
) -> Row:
    item, trial = each
    return Row(
        id=item.id,
        split=item.split,
        slice=item.slice,
        origin=item.origin,
        system=spec.name,
        trial=trial,
        item=item.fingerprint,
        version=version,
        status=output.status,
        output=output.output,
        grades=graded.grades,
        graders=graded.graders,
        verdicts=graded.verdicts,
        ungraded=graded.ungraded,
        latency_ms=output.latency_ms,
        usage=output.usage,
        cost_usd=output.cost_usd,
        grading_usd=graded.cost_usd,
        commit=stamp.commit,
        tree=stamp.tree,
        setting=setting,
        prompt=output.prompt,
        model=output.model,
        error=output.error,
    )
