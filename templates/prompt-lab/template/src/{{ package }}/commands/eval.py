"""`eval`: measure a system on the locked test set, publish all figures, guard the baseline.

Without `--system` only the baseline is measured again: a model looks at the test set by `climb`,
once for the version that won on dev.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from ..console import deliver, note
from ..errors import ConfigError, GateFailed
from ..evaluation import gate
from ..evaluation.report import Report
from ..evaluation.rows import Row, grades_of, latency_ms, write
from ..evaluation.run import measure, opened
from ..evaluation.scoring import EXACT
from ..evaluation.stamp import stamp_of
from ..experiments.ladder import on_test
from ..experiments.testset import require_no_leak, take
from ..items import load_items
from ..layout import aligned, terminal_width, wrapped
from ..result import Result, Usage
from ..settings import Settings
from ..systems import System
from ..trace import Trace
from ..versions import load_versions, locked
from . import choose_system, open_settings
from .climb import progress
from .publishing import publish


def run(args: argparse.Namespace) -> int:
    """Measure, publish, and with `--gate` compare; GateFailed after the result was delivered."""
    settings = open_settings()
    system = choose_system(args.system or "baseline", settings)
    trace = Trace.start(settings.traces, "eval")
    rows = _measure(system, settings, trace)
    write(settings.results / f"{system}.jsonl", rows)
    published = publish(settings)
    grades: dict[str, dict[str, dict[str, float]]] = {system: grades_of(rows)}
    if args.save_baseline:
        gate.save(settings.baseline, grades)
    where = trace.path.relative_to(settings.root).as_posix()
    try:
        found = gate.compare(settings.baseline, grades) if args.gate else None
    except ConfigError:
        _deliver(_result(system, rows, where, published, None), published, args.json)
        raise
    _deliver(_result(system, rows, where, published, found), published, args.json)
    if found and found.falls:
        falls = "\n  ".join(map(str, found.falls))
        raise GateFailed(f"below {settings.baseline.name} by more than {found.tolerance}", falls)
    return 0


def _measure(system: System, settings: Settings, trace: Trace) -> list[Row]:
    changed = stamp_of(settings.root, settings.measured_on).changed
    if changed:
        note(f"{changed[0]} differs from the last commit, so these rows say -dirty: commit first")
    folder = settings.prompts / settings.prompt
    test, version = load_items(settings.items("test")), locked(folder)
    require_no_leak(settings, load_versions(folder), test, load_items(settings.items("train")))
    if system != "baseline":
        take(settings, system, version)
    return measure(on_test(version, test), opened(settings, system, trace, progress))


def _deliver(result: Result, published: Report, as_json: bool) -> None:
    width = terminal_width()
    tables = aligned(published.markdown, width)
    deliver(result, as_json, f"{tables}\n\n{wrapped(result.message, width)}")


def _result(
    system: System,
    rows: Sequence[Row],
    trace: str,
    published: Report,
    found: gate.Verdict | None,
) -> Result:
    known = [row.cost_usd for row in rows if row.cost_usd is not None]
    wrong = [row.id for row in rows if row.grades[EXACT] < 1]
    detail = {
        "measured": {system: len(rows)},
        "latency_ms": {system: {"p50": latency_ms(rows, 0.5), "p95": latency_ms(rows, 0.95)}},
        "prompt": rows[0].prompt,
        "claims": [asdict(claim) for claim in published.claims],
        "wrong": {system: wrong},
        "gate": asdict(found) if found else None,
    }
    return Result(
        status="failed" if found and found.falls else "answered",
        message="\n".join(_lines(system, rows, wrong, found)),
        usage=sum((row.usage for row in rows), Usage()),
        cost_usd=sum(known) if len(known) == len(rows) else None,
        trace=trace,
        system="model" if system == "api" else system,
        detail=detail,
    )


def _lines(
    system: System, rows: Sequence[Row], wrong: Sequence[str], found: gate.Verdict | None
) -> Iterator[str]:
    """What the tables do not say."""
    yield f"{system}: {len(wrong)} of {len(rows)} not exact. What is read one by one is dev: `why`."
    if found:
        counts = ", ".join(f"{name} {n}" for name, n in found.compared.items())
        yield f"Gate {'failed' if found.falls else 'passed'}; messages compared: {counts}."
