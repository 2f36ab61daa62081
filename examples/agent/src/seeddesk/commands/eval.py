"""`eval`: measure every system on the tasks, publish the figures, guard the baseline.

Rows are written system by system when they are complete; a system that could not be measured keeps
its old rows, and the result says so.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from ..console import deliver, note
from ..desk import READERS, System
from ..errors import ConfigError, GateFailed, ProviderUnreachable
from ..evaluation import gate
from ..evaluation.claims import write_claims, write_readme
from ..evaluation.report import NAMES, SYSTEMS, Report, build, load_runs
from ..evaluation.rows import Row, grades_of, latency_ms, write
from ..evaluation.run import PROMPTS, measure
from ..evaluation.stamp import stamp_of
from ..evaluation.tasks import Task, load_tasks
from ..layout import aligned, terminal_width, wrapped
from ..llm import client, provider
from ..result import Result, Status, Usage
from ..settings import Settings
from ..trace import Trace
from . import choose_system, open_settings


@dataclass(frozen=True)
class Measurement:
    """Rows by system; why one is `left_out`, if it is."""

    runs: Mapping[str, Sequence[Row]]
    trace: str
    status: Status = "answered"
    left_out: str = ""


def run(args: argparse.Namespace) -> int:
    """Measure, publish, and with `--gate` compare; GateFailed after the result was delivered."""
    settings = open_settings()
    tasks = load_tasks(settings.tasks)
    systems = _systems(args.system)
    _warn_of_changes(settings)
    measured = _measure(systems, tasks, settings, args.trials)
    published = _publish(tasks, settings)
    grades = {system: grades_of(rows) for system, rows in measured.runs.items()}
    if args.save_baseline:
        gate.save(settings.baseline, grades)
    try:
        found = gate.compare(settings.baseline, grades) if args.gate else None
    except ConfigError:
        _deliver(_result(measured, published, None), published, args.json)
        raise
    _deliver(_result(measured, published, found), published, args.json)
    if found and found.falls:
        falls = "\n  ".join(map(str, found.falls))
        raise GateFailed(f"below {settings.baseline.name} by more than {found.tolerance}", falls)
    return 0


def _systems(wanted: System | None) -> tuple[System, ...]:
    if wanted:
        return (choose_system(wanted),)
    if client.key_is_set():
        return SYSTEMS
    note(f"{provider.KEY_VARIABLE} is not set: single call and agent were not measured")
    return tuple(system for system in SYSTEMS if system in READERS)


def _warn_of_changes(settings: Settings) -> None:
    """Said before anything is measured, so that nobody pays a model for rows to make again."""
    changed = stamp_of(settings.root, settings.measured_on).changed
    if changed:
        left = len(changed) - 1
        which = f"{changed[0]} and {left} more differ" if left else f"{changed[0]} differs"
        note(
            f"{which} from the last commit, so these rows say -dirty: commit first and run eval "
            "again before you publish them"
        )


def _measure(
    systems: Sequence[System], tasks: Sequence[Task], settings: Settings, trials: int
) -> Measurement:
    """Rows of each system, written as they come. Raises if nothing could be measured at all."""
    trace = Trace.start(settings.traces, "eval")
    where = trace.path.relative_to(settings.root).as_posix()
    runs: dict[str, list[Row]] = {}
    for system in systems:
        if system in PROMPTS:
            most = f"at most ${settings.llm.budget_usd:.2f} each, [llm] budget_usd"
            note(f"{NAMES[system]}: {len(tasks) * trials} runs, {most}")
        try:
            runs[system] = measure(tasks, system, settings, trace, trials)
        except ProviderUnreachable as error:
            if not runs:
                raise
            reason = f"{system} was not measured to its end: {error.message}"
            return Measurement(runs, where, "degraded", reason)
        write(settings.results / f"{system}.jsonl", runs[system])
    return Measurement(runs, where)


def _publish(tasks: Sequence[Task], settings: Settings) -> Report:
    """Write README tables and claims from all rows on disk of these tasks and settings."""
    runs, stale = load_runs(tasks, settings)
    for system, others in stale.items():
        note(f"the rows of {system} are of {others} and were left out: measure it again")
    published = build(runs)
    if not write_readme(settings.root / "README.md", published.markdown):
        note("README.md has no markers for the results: nothing was written there")
    claims = settings.root / "scaffold.toml"
    if claims.exists() and not write_claims(claims, published.claims):
        note("scaffold.toml has no markers for the claims: nothing was written there")
    return published


def _deliver(result: Result, published: Report, as_json: bool) -> None:
    width = terminal_width()
    tables = aligned(published.markdown, width)
    deliver(result, as_json, f"{tables}\n\n{wrapped(result.message, width)}")


def _result(measured: Measurement, published: Report, found: gate.Verdict | None) -> Result:
    rows = [row for own in measured.runs.values() for row in own]
    known = [row.cost_usd for row in rows if row.cost_usd is not None]
    unsolved = list(dict.fromkeys(row.id for row in rows if row.grades["solved"] < 1))
    detail = {
        "measured": {system: len(own) for system, own in measured.runs.items()},
        "latency_ms": {
            system: {"p50": latency_ms(own, 0.5), "p95": latency_ms(own, 0.95)}
            for system, own in measured.runs.items()
        },
        "claims": [asdict(claim) for claim in published.claims],
        "unsolved": unsolved,
        "gate": asdict(found) if found else None,
    }
    return Result(
        status="failed" if found and found.falls else measured.status,
        message="\n".join(_lines(measured, unsolved, found)),
        usage=sum((row.usage for row in rows), Usage()),
        cost_usd=sum(known) if len(known) == len(rows) else None,
        trace=measured.trace,
        system="model" if "model" in measured.runs else "baseline",
        detail=detail,
    )


def _lines(
    measured: Measurement, unsolved: Sequence[str], found: gate.Verdict | None
) -> Iterator[str]:
    """What the tables do not say."""
    if measured.left_out:
        yield measured.left_out
    if unsolved:
        yield f"Not solved ({len(unsolved)}): {' '.join(unsolved)}. `why ID` says where one broke."
    if found:
        counts = ", ".join(f"{system} {n}" for system, n in found.compared.items())
        yield f"Gate {'failed' if found.falls else 'passed'}; tasks compared: {counts}."
