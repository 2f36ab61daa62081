"""`why`: one message again, its record held against the label field by field.

Only dev is shown: who reads the failures of the test set mends them, and it tests nothing more.
"""

import argparse
from collections import Counter

from ..console import deliver
from ..desk import handle
from ..errors import UsageError
from ..evaluation.rows import Row, read
from ..evaluation.scoring import EXACT, grades, wrong_fields
from ..items import by_id, load_items
from ..record import FIELDS, Fault, Record, canonical, parse
from ..result import Result
from ..settings import Settings
from ..trace import Trace
from ..versions import locked
from . import choose_model, choose_system, open_settings


def run(args: argparse.Namespace) -> int:
    """Read the dev message `args.id` again and explain it; without an id, count the failures."""
    settings = open_settings()
    if args.id is None:
        return _list(settings, args.system, args.json)
    item = by_id(load_items(settings.items("dev")), args.id)
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


def _list(settings: Settings, wanted: str | None, as_json: bool) -> int:
    """Failures of the version in use by slice and field, the largest group first."""
    version = locked(settings.prompts / settings.prompt)
    system = choose_model(wanted)
    rows = read(settings.evals / "dev" / f"{system}-{version.short}.jsonl")
    if not rows:
        raise UsageError(f"{version.short} of {system} was not measured", "run climb first")
    groups = Counter(_groups(rows))
    lines = [f"{number:3} {group}" for group, number in groups.most_common()]
    missed = [row.id for row in rows if row.grades[EXACT] < 1]
    message = f"{len(missed)} of {len(rows)} messages that {version.short} did not get right: "
    message += " ".join(missed)
    detail = {"ids": missed, "groups": dict(groups)}
    deliver(Result("answered", message, detail=detail), as_json, "\n".join([*lines, message]))
    return 0


def _groups(rows: list[Row]) -> list[str]:
    wrong = [(row, f) for row in rows for f in FIELDS if row.grades[f] < 1]
    return [f"{row.slice}.{field}" for row, field in wrong]
