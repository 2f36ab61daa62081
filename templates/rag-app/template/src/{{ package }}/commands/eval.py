"""`eval`: measure every system on the golden set, publish the figures, guard the baseline.

Rows are written system by system when they are complete; a system that could not be measured
keeps its old rows, and the result says so.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from ..answer import System
from ..console import deliver, note
from ..errors import ConfigError, GateFailed, ProviderUnreachable, UsageError
from ..evaluation import gate, tuning
from ..evaluation.before import Change, keep, keep_after, keep_as, load_kept
from ..evaluation.claims import write_claims, write_readme
from ..evaluation.golden import Question, check_labels, load
from ..evaluation.reading import read_next
from ..evaluation.report import Report, build, load_runs
from ..evaluation.rows import Row, latency_ms, write
from ..evaluation.run import ANSWERING, SYSTEMS, measure_answers, measure_retriever
from ..evaluation.stamp import stamp_of
from ..index import Index
from ..layout import aligned, terminal_width, wrapped
from ..llm import client, provider
from ..project import load_env
from ..result import Result, Status, Usage
from ..settings import RETRIEVERS, Settings, load_settings
from ..trace import Trace
from . import open_index
from .ask import choose_system


@dataclass(frozen=True)
class Measurement:
    """Rows by system; `changes` since another setting; why the model is `left_out`, if it is."""

    runs: Mapping[str, Sequence[Row]]
    changes: Sequence[Change]
    trace: str
    status: Status = "answered"
    left_out: str = ""


def run(args: argparse.Namespace) -> int:
    """Measure, publish, and with `--gate` compare; GateFailed after the result was delivered."""
    settings = load_settings()
    load_env(settings.root)
    systems = _systems(args.system)
    index = open_index(settings)
    questions = load(settings.questions, index.corpus)
    if not questions:
        raise UsageError(
            f"{settings.questions.name} has no question for the corpus {index.corpus!r}",
            "write some with `label`",
        )
    if args.tune:
        return _tune(questions, index, settings, args.json)
    check_labels(settings.questions, questions, index)
    _warn_of_changes(settings)
    shown = [s for s in systems if s in (*ANSWERING, settings.retriever, args.system)]
    if args.keep is not None and (others := keep_as(args.keep, settings.results, shown, questions)):
        note(f"{others} rows are of other questions than today's and were not kept")
    measured = _measure(systems, questions, index, settings)
    for system in shown if args.keep is not None else ():
        keep_after(args.keep, settings.results, measured.runs.get(system, ()))
    published = _publish(questions, index, settings)
    if args.save_baseline:
        gate.save(settings.baseline, index.corpus, measured.runs)
    try:
        verdict = (
            gate.compare(settings.baseline, index.corpus, measured.runs) if args.gate else None
        )
    except ConfigError:
        _deliver(_result(measured, published, None, settings), published, args.json)
        raise
    _deliver(_result(measured, published, verdict, settings), published, args.json)
    if verdict and verdict.falls:
        falls = "\n  ".join(map(str, verdict.falls))
        raise GateFailed(f"below {settings.baseline.name} by more than {verdict.tolerance}", falls)
    return 0


def _deliver(result: Result, published: Report, as_json: bool) -> None:
    width = terminal_width()
    tables = aligned(published.markdown, width)
    deliver(result, as_json, f"{tables}\n\n{wrapped(result.message, width)}")


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


def _systems(wanted: str | None) -> tuple[str, ...]:
    """What to measure; ConfigError if the model is wanted by name and has no key."""
    if wanted:
        return (choose_system("model"),) if wanted == "model" else (wanted,)
    if client.key_is_set():
        return SYSTEMS
    note(f"{provider.KEY_VARIABLE} is not set: the model was not measured")
    return (*RETRIEVERS, "baseline")


def _measure(
    systems: Sequence[str], questions: Sequence[Question], index: Index, settings: Settings
) -> Measurement:
    """Rows of each system, written as they come; the model is last and may have to be left out.

    Raises ProviderUnreachable or BudgetExceeded if nothing but the model was to be measured.
    """
    trace = Trace.start(settings.traces, "eval")
    where = trace.path.relative_to(settings.root).as_posix()
    runs: dict[str, list[Row]] = {}
    changes: list[Change] = []
    for system in systems:
        try:
            runs[system] = _measure_one(system, questions, index, settings, trace)
        except client.BudgetExceeded as error:
            if not runs:
                raise
            reason = f"The model was not measured: {error.message}; {error.hint}."
            return Measurement(runs, changes, where, "budget_exceeded", reason)
        except ProviderUnreachable as error:
            if not runs:
                raise
            reason = f"The model was not measured: {error.message}."
            return Measurement(runs, changes, where, "degraded", reason)
        path = settings.results / f"{system}.jsonl"
        changes += filter(None, [keep(path, runs[system])])
        write(path, runs[system])
    return Measurement(runs, changes, where)


def _measure_one(
    system: str, questions: Sequence[Question], index: Index, settings: Settings, trace: Trace
) -> list[Row]:
    for retriever in RETRIEVERS:
        if system == retriever:
            return measure_retriever(questions, index, settings, retriever)
    answering: System = "model" if system == "model" else "baseline"
    return measure_answers(questions, index, settings, answering, trace)


def _publish(questions: Sequence[Question], index: Index, settings: Settings) -> Report:
    """Write README table and claims from all rows on disk of these questions and settings."""
    runs, stale = load_runs(settings.results, questions, index, settings)
    for system, others in stale.items():
        note(f"the rows of {system} are of {others} and were left out: measure it again")
    kept, left_out = load_kept(settings.results, index.corpus, runs)
    for name in left_out:
        note(f"the rows kept from before {name} have none of the same questions to be set against")
    published = build(runs, settings.retriever, kept)
    if not write_readme(settings.root / "README.md", published.markdown):
        note("README.md has no markers for the results: nothing was written there")
    claims = settings.root / "scaffold.toml"
    if claims.exists() and not write_claims(claims, published.claims):
        note("scaffold.toml has no markers for the claims: nothing was written there")
    return published


def _result(
    measured: Measurement, published: Report, verdict: gate.Verdict | None, settings: Settings
) -> Result:
    runs = measured.runs
    answers = runs.get("model") or runs.get("baseline") or []
    to_read = read_next(answers, settings.questions.with_name("failures.jsonl"))
    costs = [row.cost_usd for rows in runs.values() for row in rows]
    known = [cost for cost in costs if cost is not None]
    speed = {s: {"p50": latency_ms(r, 0.5), "p95": latency_ms(r, 0.95)} for s, r in runs.items()}
    detail = {
        "measured": {system: len(rows) for system, rows in runs.items()},
        "latency_ms": speed,
        "claims": [asdict(claim) for claim in published.claims],
        "before": [asdict(change) for change in measured.changes],
        "read_next": to_read,
        "gate": asdict(verdict) if verdict else None,
    }
    return Result(
        status="failed" if verdict and verdict.falls else measured.status,
        message="\n".join(_lines(measured, speed, verdict, to_read)),
        usage=sum((row.usage for rows in runs.values() for row in rows), Usage()),
        cost_usd=sum(known) if len(known) == len(costs) else None,
        trace=measured.trace,
        system="model" if "model" in runs else "baseline",
        detail=detail,
    )


def _lines(
    measured: Measurement,
    speed: Mapping[str, Mapping[str, float]],
    verdict: gate.Verdict | None,
    to_read: Sequence[str],
) -> Iterator[str]:
    """What the table does not say."""
    times = ", ".join(f"{s} {t['p50']:.0f}/{t['p95']:.0f}" for s, t in speed.items())
    yield f"p50/p95 in ms: {times}."
    yield from map(str, measured.changes)
    if measured.left_out:
        yield measured.left_out
    if to_read:
        yield f"Read next ({len(to_read)}): {' '.join(to_read)}"
    if verdict:
        word = "failed" if verdict.falls else "passed"
        counts = ", ".join(f"{system} {n}" for system, n in verdict.compared.items())
        yield f"Gate {word}; questions compared: {counts}."


def _tune(questions: Sequence[Question], index: Index, settings: Settings, as_json: bool) -> int:
    """Print the best threshold on dev and its neighbours; config.toml is the author's to change."""
    curve = tuning.threshold_curve(questions, index, settings)
    if not curve:
        raise UsageError(
            "the dev split has too few questions to choose a threshold",
            "it needs some with facts and some that the corpus does not answer",
        )
    best, n = tuning.best_threshold(curve), len(tuning.judged(questions))
    message = (
        f"Best on dev: threshold = {best.threshold} (now {settings.answer_threshold}), "
        f"n = {n} questions."
    )
    if n < tuning.ENOUGH:
        message += f" Fewer than {tuning.ENOUGH} are too few to choose by."
    detail = {"curve": [asdict(point) for point in curve], "n": n}
    table = "\n".join(map(_line, tuning.around(best, curve)))
    head = "threshold  right answers  right abstentions  balance"
    deliver(Result("answered", message, detail=detail), as_json, f"{message}\n\n{head}\n{table}")
    return 0


def _line(point: tuning.Point) -> str:
    rates = f"{point.right_answers:14.2f} {point.right_abstentions:18.2f}"
    return f"{point.threshold:9.3f} {rates} {point.balance:8.3f}"
