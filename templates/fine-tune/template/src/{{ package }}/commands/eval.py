"""`eval`: measure every system on the locked test set, publish the figures, guard the baseline.

Rows are written system by system when they are complete; a system that could not be measured keeps
its old rows, and the result says so. With `--split dev` nothing is published: that is where prompts
are chosen.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..breakeven import load, rival_of, sentence
from ..console import deliver, note
from ..errors import ConfigError, GateFailed, ProviderUnreachable, UsageError
from ..evaluation import gate
from ..evaluation.claims import write_claims, write_readme
from ..evaluation.report import Report, build, load_runs
from ..evaluation.rows import Row, grades_of, latency_ms, write
from ..evaluation.run import measure
from ..evaluation.scoring import EXACT
from ..evaluation.stamp import stamp_of
from ..items import Item, load_items
from ..layout import aligned, terminal_width, wrapped
from ..regression import report_of
from ..result import Result, Status, Usage
from ..settings import Settings
from ..systems import System
from ..trace import Trace
from ..training.report import report_of as training_of
from . import choose_system, measurable, open_settings

PUBLISHED = "test"


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
    items = load_items(settings.items(args.split))
    if args.split != PUBLISHED and (args.gate or args.save_baseline):
        raise UsageError("the baseline is of the test split", "leave out --split")
    measured = _measure(_systems(args.system, settings), items, args.split, settings)
    if args.split != PUBLISHED:
        _deliver(_result(measured, Report(""), None), build(measured.runs), args.json)
        return 0
    published = _publish(items, settings)
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


def _systems(wanted: str | None, settings: Settings) -> Sequence[System]:
    changed = stamp_of(settings.root, settings.measured_on).changed
    if changed:
        note(f"{changed[0]} differs from the last commit, so these rows say -dirty: commit first")
    if wanted:
        return [choose_system(wanted, settings)]
    systems, reasons = measurable(settings)
    for reason in reasons:
        note(reason)
    return systems


def _measure(
    systems: Sequence[System], items: Sequence[Item], split: str, settings: Settings
) -> Measurement:
    """Rows of each system, written as they come. Raises if nothing could be measured at all."""
    trace = Trace.start(settings.traces, "eval")
    where = trace.path.relative_to(settings.root).as_posix()
    runs: dict[str, list[Row]] = {}
    for system in systems:
        if system == "api":
            most = f"at most ${settings.llm.budget_usd:.2f} each, [llm] budget_usd"
            note(f"{settings.llm.model}: {len(items)} messages, {most}")
        try:
            told = _progress(system, len(items))
            runs[system] = measure(system, items, split, settings, trace, told=told)
        except ProviderUnreachable as error:
            if not runs:
                raise
            reason = f"{system} was not measured to its end: {error.message}"
            return Measurement(runs, where, "degraded", reason)
        write(_place(split, settings) / f"{system}.jsonl", runs[system])
    return Measurement(runs, where)


def _progress(system: System, number: int) -> Callable[[int], None]:
    """A line for every fortieth message of what takes its time."""

    def told(done: int) -> None:
        if system != "baseline" and done % 40 == 0:
            note(f"{system}: {done} of {number}")

    return told


def _place(split: str, settings: Settings) -> Path:
    """Rows of dev are for the author's eyes and are not committed."""
    return settings.results if split == PUBLISHED else settings.root / "var" / split


def _publish(items: Sequence[Item], settings: Settings) -> Report:
    """Write README tables and claims from all rows on disk of these messages."""
    runs, stale = load_runs(items, settings)
    for system in stale:
        note(f"the rows of {system} are of other messages and were left out: measure it again")
    sheet = Report(_break_even(runs, settings))
    published = build(runs, report_of(settings), training_of(settings), sheet)
    if not write_readme(settings.root / "README.md", published.markdown):
        note("README.md has no markers for the results: nothing was written there")
    claims = settings.root / "scaffold.toml"
    if claims.exists() and not write_claims(claims, published.claims):
        note("scaffold.toml has no markers for the claims: nothing was written there")
    return published


def _break_even(runs: Mapping[str, Sequence[Row]], settings: Settings) -> str:
    """The sentence of the sheet, once its rival was measured."""
    path = settings.root / "breakeven.toml"
    if not path.exists():
        return ""
    rival = rival_of(runs, path, settings.llm.model)
    if not rival.measured:
        return ""  # an assumption belongs on the sheet, not among results
    return f"**Break-even:** {sentence(load(path, rival), rival, runs)}"


def _deliver(result: Result, published: Report, as_json: bool) -> None:
    width = terminal_width()
    tables = aligned(published.markdown, width)
    deliver(result, as_json, f"{tables}\n\n{wrapped(result.message, width)}")


def _result(measured: Measurement, published: Report, found: gate.Verdict | None) -> Result:
    rows = [row for own in measured.runs.values() for row in own]
    known = [row.cost_usd for row in rows if row.cost_usd is not None]
    wrong = {s: [row.id for row in own if row.grades[EXACT] < 1] for s, own in _each(measured)}
    detail = {
        "measured": {system: len(own) for system, own in _each(measured)},
        "latency_ms": {
            system: {"p50": latency_ms(own, 0.5), "p95": latency_ms(own, 0.95)}
            for system, own in _each(measured)
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
        system="model" if "api" in measured.runs else next(iter(measured.runs)),
        detail=detail,
    )


def _each(measured: Measurement) -> Sequence[tuple[str, Sequence[Row]]]:
    return list(measured.runs.items())


def _lines(
    measured: Measurement, wrong: Mapping[str, Sequence[str]], found: gate.Verdict | None
) -> Iterator[str]:
    """What the tables do not say."""
    if measured.left_out:
        yield measured.left_out
    for system, names in wrong.items():
        yield f"{system}: {len(names)} not exact. `why ID --system {system}` shows one."
    if found:
        counts = ", ".join(f"{system} {n}" for system, n in found.compared.items())
        yield f"Gate {'failed' if found.falls else 'passed'}; messages compared: {counts}."
