"""`eval`: measure every system on the golden set, publish the figures, guard the baseline.

Rows are written system by system when they are complete; a system that could not be measured
keeps its old rows, and the result says so.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..answer import System
from ..console import deliver, note
from ..errors import GateFailed, ProviderUnreachable, UsageError
from ..evaluation import gate, report, tuning
from ..evaluation.golden import Question, load
from ..evaluation.reading import read_next
from ..evaluation.rows import Row, latency_ms, write
from ..evaluation.run import SYSTEMS, measure_answers, measure_retriever
from ..index import Index
from ..llm import client, provider
from ..project import load_env
from ..result import Result, Status, Usage
from ..settings import RETRIEVERS, Settings, load_settings
from ..trace import Trace
from .ask import choose_system

Runs = Mapping[str, Sequence[Row]]


def run(args: argparse.Namespace) -> int:
    """Measure, publish, and with `--gate` compare; GateFailed after the result was delivered."""
    settings = load_settings()
    load_env(settings.root)
    index = Index.open(settings)
    questions = load(settings.questions, index.corpus)
    if not questions:
        raise UsageError(
            f"{settings.questions.name} has no question for the corpus {index.corpus!r}",
            "write some with `label`",
        )
    if args.tune:
        return _tune(questions, index, settings, args.json)
    runs, left_out = _measure(_systems(args.system), questions, index, settings, args.system)
    published = _publish(questions, settings)
    if args.save_baseline:
        gate.save(settings.baseline, index.corpus, runs)
    verdict = gate.compare(settings.baseline, index.corpus, runs) if args.gate else None
    result = _result(runs, published, verdict, left_out, settings)
    deliver(result, args.json, f"{published.markdown}\n\n{result.message}")
    if verdict and verdict.falls:
        falls = "\n  ".join(map(str, verdict.falls))
        raise GateFailed(f"below {settings.baseline.name} by more than {verdict.tolerance}", falls)
    return 0


def _systems(wanted: str | None) -> tuple[str, ...]:
    """What to measure; ConfigError if the model is wanted by name and has no key."""
    if wanted:
        return (choose_system("model"),) if wanted == "model" else (wanted,)
    if client.key_is_set():
        return SYSTEMS
    note(f"{provider.KEY_VARIABLE} is not set: the model was not measured")
    return (*RETRIEVERS, "baseline")


def _measure(
    systems: Sequence[str],
    questions: Sequence[Question],
    index: Index,
    settings: Settings,
    wanted: str | None,
) -> tuple[dict[str, list[Row]], str]:
    """Rows of each system, written as they come, and why one was left out ("" if none was).

    A spent budget leaves the model out. So does an unreachable provider, unless the model was
    `wanted` by name: then ProviderUnreachable is raised.
    """
    trace = Trace.start(settings.traces, "eval")
    runs: dict[str, list[Row]] = {}
    left_out = ""
    for system in systems:
        try:
            runs[system] = _measure_one(system, questions, index, settings, trace)
        except client.BudgetExceeded as error:
            left_out = f"The model was not measured: {error.message}; {error.hint}."
            continue
        except ProviderUnreachable as error:
            if wanted:
                raise
            left_out = f"The model was not measured: {error.message}."
            continue
        write(settings.results / f"{system}.jsonl", runs[system])
    return runs, left_out


def _measure_one(
    system: str, questions: Sequence[Question], index: Index, settings: Settings, trace: Trace
) -> list[Row]:
    for retriever in RETRIEVERS:
        if system == retriever:
            return measure_retriever(questions, index, settings, retriever)
    answering: System = "model" if system == "model" else "baseline"
    return measure_answers(questions, index, settings, answering, trace)


def _publish(questions: Sequence[Question], settings: Settings) -> report.Report:
    """Write README table and claims from all rows on disk that answer these questions."""
    runs, stale = report.load_runs(settings.results, questions)
    for system in stale:
        note(f"rows of {system} are of other questions and were left out: run it again")
    published = report.build(runs, settings.retriever)
    for name, write_part in (("README.md", report.write_readme), ("scaffold.toml", report.write_claims)):
        if not write_part(settings.root / name, published):
            note(f"{name} has no markers for the results: nothing was written there")
    return published


def _result(
    runs: Runs,
    published: report.Report,
    verdict: gate.Verdict | None,
    left_out: str,
    settings: Settings,
) -> Result:
    answers = runs.get("model") or runs.get("baseline") or []
    to_read = read_next(answers, settings.questions.with_name("failures.jsonl"))
    costs = [row.cost_usd for rows in runs.values() for row in rows]
    known = [cost for cost in costs if cost is not None]
    status: Status = "budget_exceeded" if "budget" in left_out else "answered"
    return Result(
        status=status,
        message="\n".join(_lines(runs, verdict, left_out, to_read)),
        usage=sum((row.usage for rows in runs.values() for row in rows), Usage()),
        cost_usd=sum(known) if len(known) == len(costs) else None,
        system="model" if "model" in runs else "baseline",
        detail={
            "measured": {system: len(rows) for system, rows in runs.items()},
            "latency_ms": {s: {"p50": latency_ms(r, 0.5), "p95": latency_ms(r, 0.95)} for s, r in runs.items()},
            "claims": [asdict(claim) for claim in published.claims],
            "read_next": to_read,
            "gate": _gate(verdict),
        },
    )
