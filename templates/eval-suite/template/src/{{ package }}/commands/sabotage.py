"""`sabotage`: break the system on purpose and see whether the scores move."""

import argparse
from dataclasses import asdict

from .. import sabotage
from ..console import deliver
from ..errors import GateFailed
from ..evaluation.claims import grid
from ..evaluation.registry import headline
from ..evaluation.rows import by_item
from ..evaluation.run import measure
from ..jsonl import write_objects
from ..judging.labels import load_labels
from ..layout import aligned, terminal_width
from ..result import Result, Status
from ..sabotage import Moved, SelfTest
from ..trace import Trace
from . import Suite, grading_of, open_suite, rows_of


def run(args: argparse.Namespace) -> int:
    """Break, count, compare with itself; GateFailed names what did not move."""
    suite = open_suite()
    settings = suite.settings
    system = args.system or settings.measured[-1]
    trace = Trace.start(settings.traces, "sabotage")
    grading = grading_of(suite, trace, "rule")
    spec = settings.systems.get(system)
    rows = rows_of(settings, system)
    if spec and spec.kind == "callable":
        rows = [*measure(suite.items, spec, grading, settings, trace, 1)]
    outputs = sabotage.outputs_of(rows)
    moved = sabotage.sabotage(suite.items, outputs, grading)
    judged = sabotage.failed_by_people(load_labels(settings.labels), moved, grading)
    alike = _alike(suite, system)
    code = sabotage.code_metrics(suite.metrics)
    faults = sabotage.unmoved(moved, [m for m in headline(suite.metrics) if m in code])
    faults += sabotage.dead(moved, code)
    faults += sabotage.unmoved(judged, [m.metric for m in judged])
    faults += sabotage.junk_is_ungraded(suite.items, outputs, grading)
    faults += [f"{t.metric}: {t.alarms} of {t.draws} false alarms" for t in alike if not t.holds]
    path = settings.results / "sabotage" / f"{system}.jsonl"
    write_objects(path, [asdict(m) for m in [*moved, *judged]] + [asdict(t) for t in alike])
    message = _message(alike, judged, faults)
    detail = {"moved": [asdict(m) for m in moved], "faults": faults}
    table = aligned(_table(moved), terminal_width())
    status: Status = "failed" if faults else "answered"
    deliver(Result(status, message, detail=detail), args.json, f"{table}\n\n{message}")
    if faults:
        raise GateFailed("the evaluation cannot be trusted", "\n  ".join(faults))
    return 0


def _alike(suite: Suite, system: str) -> list[SelfTest]:
    """False alarms between a system and the one before it, their answers dealt out at random."""
    measured = suite.settings.measured
    other = next((name for name in reversed(measured) if name != system), None)
    if other is None:
        return []
    rows = [rows_of(suite.settings, name) for name in (other, system)]
    for metric in headline(suite.metrics):
        first, second = (by_item(own, metric) for own in rows)
        if first.keys() & second.keys():
            return [sabotage.self_test(first, second, metric)]
    return []


def _table(moved: list[Moved]) -> str:
    metrics = list(dict.fromkeys(m.metric for m in moved))
    cells = {"as it is": [f"{m.before:.2f}" for m in moved if m.name == moved[0].name]}
    for name in dict.fromkeys(m.name for m in moved):
        own = {m.metric: m for m in moved if m.name == name}
        cells[f"{name} ({own[metrics[0]].expected})"] = [f"{own[m].after:.2f}" for m in metrics]
    return grid(["Break", *metrics], cells)


def _message(alike: list[SelfTest], judged: list[Moved], faults: list[str]) -> str:
    lines = [
        f"{m.metric}: the judge passes {m.before:.2f} of the system's replies, and {m.after:.2f} "
        "of those that people failed."
        for m in judged
    ]
    if not alike:
        lines.append("Not tested against itself: it takes two measured systems with a grade alike.")
    lines += [
        f"A difference was called clear in {t.alarms} of {t.draws} draws in which there was none "
        f"(stated: at most {sabotage.LEVEL:.0%}; 95 % interval {t.interval.low:.3f} to "
        f"{t.interval.high:.3f})."
        for t in alike
    ]
    lines += [f"fault: {fault}" for fault in faults]
    return "\n".join(
        [*lines, "The scores move when the system is broken."] if not faults else lines
    )
