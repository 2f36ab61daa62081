"""`code`: read one result after the other, write down what went wrong first.

A name comes after the note, or later, when notes that are alike are grouped: `taxonomy --group`.
"""

import argparse
from collections.abc import Sequence

from ..coding.codes import NONE, UNNAMED, Code, append_code, load_codes, unread
from ..coding.naming import check_name, name_it
from ..coding.screen import page
from ..console import deliver
from ..errors import UsageError
from ..evaluation.registry import add_failure
from ..evaluation.rows import Row
from ..items import Item
from ..keyboard import Ended, Terminal, keyboard
from ..result import Result
from . import Suite, open_suite, person, rows_of, today

HELP = "w write what went wrong   o nothing is wrong   s skip   q quit; all is saved at once"


def run(args: argparse.Namespace) -> int:
    """One reading from the flags, or a dialogue on a terminal until it is ended."""
    suite = open_suite()
    rows = rows_of(suite.settings, args.system or suite.settings.measured[-1])
    queue = unread(rows, load_codes(suite.settings.failures))
    if args.id:
        queue = [row for row in rows if row.id == args.id]
        if not queue:
            raise UsageError(f"{rows[0].system} has no row of {args.id!r}", "`items` lists the set")
    if args.note is not None or args.failure is not None:
        return _from_flags(args, suite, queue)
    read = _dialogue(suite, queue, person(args.coder), keyboard())
    left = max(0, len(queue) - read)
    message = f"{read} read, {left} left of {rows[0].system}; `taxonomy` counts them."
    deliver(Result("answered", message, detail={"read": read, "left": left}), args.json, message)
    return 0


def _from_flags(args: argparse.Namespace, suite: Suite, queue: Sequence[Row]) -> int:
    if not queue:
        raise UsageError("every result of this system was read", "name one with --id")
    if args.note is None and args.failure != NONE:
        raise UsageError("a reading needs --note", "or --failure none alone, if nothing is wrong")
    failure = args.failure or UNNAMED
    if args.define:
        add_failure(suite.settings, failure, args.define)
    code = _code(queue[0], args.note or "", failure, person(args.coder))
    check_name(suite.settings, code.failure)
    append_code(suite.settings.failures, code)
    message = f"{code.id} of {code.system}: {code.failure or code.note}"
    deliver(Result("answered", message, detail={"id": code.id}), args.json, message)
    return 0


def _dialogue(suite: Suite, queue: Sequence[Row], coder: str, terminal: Terminal) -> int:
    """How many were read; each answer is on disk before the next page is shown."""
    items = {item.id: item for item in suite.items}
    read = 0
    try:
        for place, row in enumerate(queue, 1):
            if row.id in items:
                where = f"{place}/{len(queue)}"
                read += _read_one(suite, items[row.id], row, where, coder, terminal)
    except Ended:
        pass
    return read


def _read_one(
    suite: Suite, item: Item, row: Row, place: str, coder: str, terminal: Terminal
) -> bool:
    terminal.write(f"\n{page(item, row, place)}\n\n{HELP}")
    while True:
        key = terminal.read_key().lower()
        if key == "q":
            raise Ended
        if key == "s":
            return False
        if key == "o":
            append_code(suite.settings.failures, _code(row, "", NONE, coder))
            terminal.write(f"saved: nothing is wrong with {row.id}")
            return True
        if key == "w":
            note = ""
            while not note:  # keys of a note must never be taken for answers
                note = terminal.read_line("what went wrong first (Ctrl-D stops): ").strip()
            code = _code(row, note, UNNAMED, coder)
            append_code(suite.settings.failures, code)
            name_it(suite.settings, code, terminal)
            return True


def _code(row: Row, note: str, failure: str, coder: str) -> Code:
    return Code(row.id, row.system, row.trial, note, failure, coder, today())
