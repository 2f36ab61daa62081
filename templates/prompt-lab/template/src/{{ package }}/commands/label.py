"""`label`: adds a labelled message to a split, after it was checked."""

import argparse

from ..console import deliver
from ..errors import UsageError
from ..items import SPLITS, Item, add_item, load_items
from ..policy import decide
from ..record import Fault, canonical, record_of
from ..result import Result
from ..settings import Settings
from . import open_settings

PREFIXES = {"train": "tr", "dev": "de", "test": "te"}


def run(args: argparse.Namespace) -> int:
    """Append the message; UsageError if it is there already or its record is not valid.

    The decision is the policy's, so a label never contradicts it.
    """
    settings = open_settings()
    text = " ".join(args.text.split())
    if not text:
        raise UsageError("the message is empty", "label what somebody wrote")
    days = int(args.days) if args.days.isdecimal() else args.days
    decision = decide(args.item, args.problem, days, args.opened)
    record = record_of(
        {
            "order": args.order,
            "item": args.item,
            "problem": args.problem,
            "days": days,
            "opened": args.opened,
            "decision": decision,
        }
    )
    if isinstance(record, Fault):
        raise UsageError(record.message, "data/labelling.md has the rules")
    known = _known(settings)
    _refuse(text, args.group, args.split, known)
    name = _next(args.split, known)
    add_item(settings.items(args.split), Item(name, text, record, args.slice, args.group))
    message = f"{name} added to {args.split}: {canonical(record)}"
    deliver(Result("answered", message, detail={"id": name}), args.json, message)
    return 0


def _known(settings: Settings) -> dict[str, list[Item]]:
    paths = {split: settings.items(split) for split in SPLITS}
    return {split: load_items(path) for split, path in paths.items() if path.exists()}


def _refuse(text: str, group: str, split: str, known: dict[str, list[Item]]) -> None:
    for where, items in known.items():
        for item in items:
            if item.text.casefold() == text.casefold():
                raise UsageError(f"that message is there already, as {item.id}", "one of each")
            if item.group == group and where != split:
                raise UsageError(f"group {group!r} is in {where}", "a group is in one split only")


def _next(split: str, known: dict[str, list[Item]]) -> str:
    ids = {item.id for item in known.get(split, [])}
    number = len(ids) + 1
    while (name := f"{PREFIXES[split]}-{number:03}") in ids:
        number += 1
    return name
