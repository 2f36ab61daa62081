"""`why`: one message again, its record held against the label field by field."""

import argparse

from ..console import deliver
from ..desk import handle
from ..errors import UsageError
from ..evaluation.rows import read
from ..evaluation.scoring import EXACT, grades, wrong_fields
from ..items import Item, by_id, load_items
from ..record import Fault, Record, canonical, parse
from ..result import Result
from ..settings import Settings
from ..trace import Trace
from . import choose_system, open_settings


def run(args: argparse.Namespace) -> int:
    """Read the item `args.id` again and explain it; without an id, list what was wrong."""
    settings = open_settings()
    items = load_items(settings.items("dev")) + load_items(settings.items("test"))
    if args.id is None:
        return _list(items, settings, args.system or "baseline", args.json)
    item = by_id(items, args.id)
    system = choose_system(args.system, settings)
    result = handle(item.text, settings, system, Trace.start(settings.traces, "why"))
    found = _record(result.answer)
    faults = wrong_fields(found, item.record) or ([] if found else [result.message])
    lines = [f"{item.id} ({item.slice}): {item.text}", f"label:  {canonical(item.record)}"]
    lines += [f"answer: {result.answer or 'none'}", *(f"wrong:  {fault}" for fault in faults)]
    detail = {"id": item.id, "grades": grades(found, item.record), "faults": faults}
    said = "; ".join(faults) or "exact"
    out = Result("answered", said, trace=result.trace, system=result.system, detail=detail)
    deliver(out, args.json, "\n".join(lines))
    return 0


def _record(answer: str | None) -> Record | None:
    found = parse(answer) if answer else None
    return None if isinstance(found, Fault) else found


def _list(items: list[Item], settings: Settings, system: str, as_json: bool) -> int:
    known = {item.id: item for item in items}
    name = "api" if system == "model" else system
    rows = read(settings.results / f"{name}.jsonl")
    if not rows:
        raise UsageError(f"there are no rows of {name}", f"run eval --system {name} first")
    missed = [row for row in rows if row.grades[EXACT] < 1 and row.id in known]
    lines = [f"{row.id} {row.slice:<15} {known[row.id].text[:56]}" for row in missed]
    message = f"{len(missed)} of {len(rows)} messages that {name} did not get right."
    detail = {"ids": [row.id for row in missed]}
    deliver(Result("answered", message, detail=detail), as_json, "\n".join([*lines, message]))
    return 0
