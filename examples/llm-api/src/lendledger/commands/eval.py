"""`eval`: measure every system on the questions, publish the figures, guard the baseline.

Rows are written system by system when they are complete; a system that could not be measured keeps
its old rows, and the result says so.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from ..assistant import WITHOUT_MODEL, System
from ..console import deliver, note
from ..errors import ConfigError, GateFailed, ProviderUnreachable
from ..evaluation import gate
from ..evaluation.claims import write_claims, write_readme
from ..evaluation.questions import Question, load_questions
from ..evaluation.report import Report, build, load_runs
from ..evaluation.rows import CORRECT, Row, grades_of, latency_ms, write
from ..evaluation.run import measure, name_of
from ..evaluation.stamp import stamp_of
from ..layout import aligned, terminal_width, wrapped
from ..llm import client
from ..llm.provider import adapter
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
    settings = open_settings(args.provider)
    questions = load_questions(settings.questions)
    systems = _systems(args.system, settings)
    _warn_of_changes(settings)
    measured = _measure(systems, questions, settings)
    published = _publish(questions, settings)
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


def _systems(wanted: System | None, settings: Settings) -> tuple[System, ...]:
    if wanted:
        return (choose_system(wanted, settings),)
    if client.key_is_set(settings.llm):
        return (*WITHOUT_MODEL, "model")
    note(f"{adapter(settings.llm).KEY_VARIABLE} is not set: the model was not measured")
    return tuple(WITHOUT_MODEL)


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
    systems: Sequence[System], questions: Sequence[Question], settings: Settings
) -> Measurement:
    """Rows of each system, written as they come. Raises if nothing could be measured at all."""
    trace = Trace.start(settings.traces, "eval")
    where = trace.path.relative_to(settings.root).as_posix()
    runs: dict[str, list[Row]] = {}
    for system in systems:
        name = name_of(system, settings)
        if system == "model":
            most = f"at most ${settings.llm.budget_usd:.2f} each, [llm] budget_usd"
            note(f"{settings.llm.model}: {len(questions)} questions, {most}")
        try:
            runs[name] = measure(questions, system, settings, trace)
        except ProviderUnreachable as error:
            if not runs:
                raise
            reason = f"{name} was not measured to its end: {error.message}"
            return Measurement(runs, where, "degraded", reason)
        write(settings.results / f"{name}.jsonl", runs[name])
    return Measurement(runs, where)


def _publish(questions: Sequence[Question], settings: Settings) -> Report:
    """Write README tables and claims from all rows on disk of these questions."""
    runs, stale = load_runs(questions, settings)
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
    wrong = list(dict.fromkeys(row.id for row in rows if row.grades[CORRECT] < 1))
    detail = {
        "measured": {system: len(own) for system, own in measured.runs.items()},
        "latency_ms": {
            system: {"p50": latency_ms(own, 0.5), "p95": latency_ms(own, 0.95)}
            for system, own in measured.runs.items()
        },
        "claims": [asdict(claim) for claim in published.claims],
        "wrong": wrong,
        "gate": asdict(found) if found else None,
    }
    return Result(
        status="failed" if found and found.falls else measured.status,
        message="\n".join(_lines(measured, wrong, found)),
        usage=sum((row.usage for row in rows), Usage()),
        cost_usd=sum(known) if len(known) == len(rows) else None,
        trace=measured.trace,
        system="model" if measured.runs.keys() - {*WITHOUT_MODEL} else "baseline",
        detail=detail,
    )


def _lines(
    measured: Measurement, wrong: Sequence[str], found: gate.Verdict | None
) -> Iterator[str]:
    """What the tables do not say."""
    if measured.left_out:
        yield measured.left_out
    if wrong:
        yield f"Not correct ({len(wrong)}): {' '.join(wrong)}. `why ID` shows one step by step."
    if found:
        counts = ", ".join(f"{system} {n}" for system, n in found.compared.items())
        yield f"Gate {'failed' if found.falls else 'passed'}; questions compared: {counts}."
