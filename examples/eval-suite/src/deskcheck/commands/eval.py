"""`eval`: measure systems on the golden set, publish the figures, guard the baseline.

Rows are written system by system when they are complete; a system that could not be measured keeps
its old rows, and the result says so.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from ..console import deliver, note
from ..errors import ConfigError, GateFailed, ProviderUnreachable, UsageError
from ..evaluation import gate
from ..evaluation.claims import write_claims, write_readme
from ..evaluation.report import Report, build, load_runs, never_varies
from ..evaluation.rows import Row, gated, latency_ms, slim, stream, write
from ..evaluation.run import Grading, measure, worst_cost
from ..evaluation.stamp import stamp_of
from ..judging.panel import read_checked, worst_judging
from ..layout import aligned, terminal_width, wrapped
from ..llm import client, provider
from ..result import Result, Status, Usage
from ..settings import Settings, SystemSpec, system_of
from ..trace import Trace
from . import Suite, grading_of, open_suite

ASKED_AGAIN = 3  # trials of a system whose grades fell: enough to see whether they vary


@dataclass(frozen=True)
class Measurement:
    """Rows by system; why one is `left_out`, if it is."""

    runs: Mapping[str, Sequence[Row]]
    trace: str
    status: Status = "answered"
    left_out: str = ""


def run(args: argparse.Namespace) -> int:
    """Measure, publish, and with `--gate` compare; GateFailed after the result was delivered."""
    suite = open_suite()
    settings = suite.settings
    trials = args.trials or settings.trials
    specs = _systems(args.system, settings)
    judge = args.judge or settings.judge
    _ask_before_spending(specs, suite, trials, judge, args.yes)
    _warn_of_changes(settings)
    trace = Trace.start(settings.traces, "eval")
    grading = grading_of(suite, trace, judge)
    measured = _measure(specs, suite, grading, trace, trials)
    published = _publish(suite)
    grades = {system: gated(rows) for system, rows in measured.runs.items()}
    if args.save_baseline:
        gate.save(settings.baseline, grades)
    try:
        found = _gate(suite, measured, specs, grading, trace) if args.gate else None
    except ConfigError:
        _deliver(_result(measured, published, None), published, args.json)
        raise
    _deliver(_result(measured, published, found), published, args.json)
    if found and found.falls:
        falls = "\n  ".join(map(str, found.falls))
        raise GateFailed(f"below {settings.baseline.name} by more than {found.tolerance}", falls)
    return 0


def _gate(
    suite: Suite,
    measured: Measurement,
    specs: Sequence[SystemSpec],
    grading: Grading,
    trace: Trace,
) -> gate.Verdict:
    """What fell below the baseline. Before a fall is believed, its system is asked twice more.

    Where the same item then gets other grades, answers vary by themselves, and a fall counts only
    if the paired comparison calls it clear.
    """
    settings = suite.settings
    grades = {system: gated(rows) for system, rows in measured.runs.items()}
    found = gate.compare(settings.baseline, grades)
    fallen = {fall.system for fall in found.falls}
    varying = set()
    for spec in (spec for spec in specs if spec.name in fallen):
        rows = [slim(r) for r in measure(suite.items, spec, grading, settings, trace, ASKED_AGAIN)]
        if not never_varies(rows):
            varying.add(spec.name)
            grades[spec.name] = gated(rows)
    return gate.compare(settings.baseline, grades, frozenset(varying)) if varying else found


def _systems(wanted: str | None, settings: Settings) -> list[SystemSpec]:
    if wanted:
        spec = system_of(settings, wanted)
        if spec.kind == "model" and not client.key_is_set():
            raise ConfigError(
                f"{wanted} needs {provider.KEY_VARIABLE}, which is not set", "put it in .env"
            )
        return [spec]
    specs = [settings.systems[name] for name in settings.measured]
    if client.key_is_set():
        known = [spec for spec in settings.systems.values() if spec.kind == "model"]
        return list({spec.name: spec for spec in [*specs, *known]}.values())
    if any(spec.kind == "model" for spec in settings.systems.values()):
        note(f"{provider.KEY_VARIABLE} is not set: the model was not measured")
    return [spec for spec in specs if spec.kind != "model"]


def _ask_before_spending(
    specs: Sequence[SystemSpec], suite: Suite, trials: int, judge: str, agreed: bool
) -> None:
    """UsageError above the limit; below it the worst case is only told."""
    settings = suite.settings
    cost = sum(worst_cost(suite.items, spec, settings, trials) for spec in specs)
    if judge == "model":
        cost += worst_judging(suite.items, suite.metrics, settings, trials * len(specs))
    if cost > settings.ask_above_usd and not agreed:
        raise UsageError(
            f"this run may cost up to ${cost:.2f}, more than ${settings.ask_above_usd:.2f}",
            "run it again with --yes, or measure fewer items",
        )
    if cost:
        note(f"this run may cost up to ${cost:.4f}; answers that are kept cost nothing")


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
    specs: Sequence[SystemSpec], suite: Suite, grading: Grading, trace: Trace, trials: int
) -> Measurement:
    """Rows of each system, written as they come. Raises if nothing could be measured at all."""
    settings = suite.settings
    where = trace.path.relative_to(settings.root).as_posix()
    runs: dict[str, list[Row]] = {}
    for spec in specs:
        try:
            rows = measure(suite.items, spec, grading, settings, trace, trials)
            runs[spec.name] = write(settings.results / f"{spec.name}.jsonl", rows)
            _refuse_wreck(settings, spec, runs[spec.name])
        except (client.BudgetExceeded, ProviderUnreachable) as error:
            if not runs:
                raise
            spent = isinstance(error, client.BudgetExceeded)
            reason = f"{spec.name} was not measured to its end: {error.message}."
            return Measurement(runs, where, "budget_exceeded" if spent else "degraded", reason)
    return Measurement(runs, where)


def _refuse_wreck(settings: Settings, spec: SystemSpec, rows: Sequence[Row]) -> None:
    """UsageError where nothing answered: that is a fault of the setting and no result."""
    if all(row.status == "failed" for row in rows):
        path = settings.results / f"{spec.name}.jsonl"
        first = next(stream(path)).error
        raise UsageError(
            f"every answer of {spec.name} failed; the first: {first}",
            "nothing was published; mend [systems] in config.toml or the system itself",
        )


def _publish(suite: Suite) -> Report:
    """Write README tables and claims from all rows on disk of these items and versions."""
    settings = suite.settings
    runs, stale = load_runs(suite.items, settings)
    for system, others in stale.items():
        note(f"the rows of {system} are of {others} and were left out: measure it again")
    checked = read_checked(settings.results / "judge" / f"{settings.judge}.jsonl")
    published = build(runs, suite.metrics, checked)
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
    costs = [cost for row in rows for cost in (row.cost_usd, row.grading_usd)]
    known = [cost for cost in costs if cost is not None]
    detail = {
        "measured": {system: len(own) for system, own in measured.runs.items()},
        "failed": sum(row.status == "failed" for row in rows),
        "ungraded": sum(bool(row.ungraded) for row in rows),
        "latency_ms": {
            system: {"p50": latency_ms(own, 0.5), "p95": latency_ms(own, 0.95)}
            for system, own in measured.runs.items()
        },
        "claims": [asdict(claim) for claim in published.claims],
        "gate": asdict(found) if found else None,
    }
    return Result(
        status="failed" if found and found.falls else measured.status,
        message="\n".join(_lines(measured, detail, found)),
        usage=sum((row.usage for row in rows), Usage()),
        cost_usd=sum(known) if len(known) == len(costs) else None,
        trace=measured.trace,
        system="model" if "model" in measured.runs else "baseline",
        detail=detail,
    )


def _lines(
    measured: Measurement, detail: Mapping[str, object], found: gate.Verdict | None
) -> Iterator[str]:
    """What the tables do not say."""
    if detail["failed"]:
        yield f"{detail['failed']} answers failed; their rows say why in `error`."
    if detail["ungraded"]:
        yield f"{detail['ungraded']} rows have a metric whose judge gave nothing usable."
    if measured.left_out:
        yield measured.left_out
    yield "Read next: `code` shows the worst results that nobody has read."
    if found:
        counts = ", ".join(f"{system} {n}" for system, n in found.compared.items())
        yield f"Gate {'failed' if found.falls else 'passed'}; items compared: {counts}."
        if new := [system for system in measured.runs if system not in found.compared]:
            yield f"Not gated, since the baseline does not have it: {', '.join(new)}."
