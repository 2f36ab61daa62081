"""`label`: pass or fail one reply after the other, without seeing what a judge said."""

import argparse
from collections.abc import Sequence

from ..coding.screen import page
from ..console import deliver
from ..errors import UsageError
from ..evaluation.rows import Row
from ..items import Item
from ..judging import VERDICTS, text_of
from ..judging.labels import Label, append_label, load_labels, next_split
from ..keyboard import Ended, Terminal, keyboard
from ..prompting import load_prompt
from ..result import Result
from . import Suite, judged_metrics, open_suite, person, rows_of, today

HELP = "p pass   f fail   c the criterion   s skip   q quit; all is saved at once"


def run(args: argparse.Namespace) -> int:
    """One label from the flags, or a dialogue on a terminal until it is ended."""
    suite = open_suite()
    metric = _metric(suite, args.metric)
    rows = rows_of(suite.settings, args.system or suite.settings.measured[-1])
    done = {(x.id, x.system) for x in load_labels(suite.settings.labels, metric)}
    queue = [row for row in rows if row.trial == 1 and (row.id, row.system) not in done]
    if args.id:
        queue = [row for row in queue if row.id == args.id]
    if not queue:
        raise UsageError("there is no such result without a label", "choose another --system")
    if args.verdict or args.critique is not None:
        return _from_flags(args, suite, queue[0], metric)
    made = _dialogue(suite, queue, metric, person(args.labeller), keyboard())
    counts = _counts(suite, metric)
    message = f"{made} labels made; {counts}. `calibrate` holds a judge against them."
    deliver(Result("answered", message, detail={"made": made}), args.json, message)
    return 0


def _metric(suite: Suite, wanted: str | None) -> str:
    names = [metric.name for metric in judged_metrics(suite.metrics)]
    if wanted is not None and wanted not in names:
        raise UsageError(f"no judge grades {wanted!r}", f"one of {', '.join(names)}")
    return wanted or names[0]


def _from_flags(args: argparse.Namespace, suite: Suite, row: Row, metric: str) -> int:
    if not args.verdict or not (args.critique or "").strip():
        raise UsageError("a label needs --verdict and --critique", "the reason teaches the judge")
    label = _label(suite, row, metric, args.verdict, args.critique, person(args.labeller))
    append_label(suite.settings.labels, label)
    message = f"{label.id} of {label.system}: {label.verdict}, split {label.split}"
    deliver(Result("answered", message, detail={"id": label.id}), args.json, message)
    return 0


def _dialogue(
    suite: Suite, queue: Sequence[Row], metric: str, labeller: str, terminal: Terminal
) -> int:
    items = {item.id: item for item in suite.items}
    made = 0
    try:
        for place, row in enumerate(queue, 1):
            if row.id in items and row.output:
                where = f"{place}/{len(queue)}"
                made += _label_one(suite, items[row.id], row, metric, where, labeller, terminal)
    except Ended:
        pass
    return made


def _label_one(
    suite: Suite, item: Item, row: Row, metric: str, place: str, labeller: str, terminal: Terminal
) -> bool:
    shown = page(item, row, place, grades=False)
    terminal.write(f"\n{shown}\n\n{metric.replace('_', ' ')}?\n{HELP}")
    while True:
        key = terminal.read_key().lower()
        if key == "q":
            raise Ended
        if key == "s":
            return False
        if key == "c":
            terminal.write(_criterion(suite, metric))
        for verdict in VERDICTS:
            if key == verdict[0]:
                why = terminal.read_line(f"{verdict}, because: ").strip()
                if why:
                    label = _label(suite, row, metric, verdict, why, labeller)
                    append_label(suite.settings.labels, label)
                    return True
                terminal.write("A label without its reason teaches nothing: choose again.")


def _criterion(suite: Suite, metric: str) -> str:
    path = next(m.prompt for m in suite.metrics if m.name == metric)
    return load_prompt(suite.settings.root / path).text


def _label(
    suite: Suite, row: Row, metric: str, verdict: str, critique: str, labeller: str
) -> Label:
    given = next(item.text for item in suite.items if item.id == row.id)
    split = next_split(load_labels(suite.settings.labels, metric), verdict, row.id)
    reply, why = text_of(row.output), critique.strip()
    made = (given, reply, verdict, why, labeller, today(), split)
    return Label(row.id, row.system, metric, *made)


def _counts(suite: Suite, metric: str) -> str:
    labels = load_labels(suite.settings.labels, metric)
    passed = sum(label.verdict == "pass" for label in labels)
    return f"{passed} pass and {len(labels) - passed} fail in all"
