"""`code`: read one result after the other, write down what went wrong first, give it a name."""

import argparse
from collections.abc import Sequence

from ..coding.codes import NONE, Code, append_code, load_codes, unread
from ..coding.screen import listed, page
from ..console import deliver
from ..errors import UsageError
from ..evaluation.registry import load_taxonomy
from ..evaluation.rows import Row
from ..items import Item
from ..keyboard import Ended, Terminal, keyboard
from ..result import Result
from . import Suite, open_suite, person, rows_of, today

KEYS = "123456789abcdefghijklm"  # leaves n, o, q and s for the actions
HELP = "o nothing is wrong   n a new name   s skip   q quit; all is saved at once"


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
    if args.failure is None or (args.note is None and args.failure != NONE):
        raise UsageError("a reading needs --note and --failure", "or --failure none alone")
    code = _code(queue[0], args.note or "", args.failure, person(args.coder))
    _check_name(suite, code.failure)
    append_code(suite.settings.failures, code)
    message = f"{code.id} of {code.system}: {code.failure}"
    deliver(Result("answered", message, detail={"id": code.id}), args.json, message)
    return 0


def _check_name(suite: Suite, name: str) -> None:
    names = [failure.name for failure in load_taxonomy(suite.settings)]
    if name != NONE and name not in names:
        raise UsageError(
            f"taxonomy.toml has no failure {name!r}",
            f"define it there first; there are: {', '.join([*names, NONE])}",
        )


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
    names = [failure.name for failure in load_taxonomy(suite.settings)]
    terminal.write(f"\n{page(item, row, place)}\n\n{listed(names, KEYS)}\n{HELP}")
    while True:
        key = terminal.read_key().lower()
        if key == "q":
            raise Ended
        if key == "s":
            return False
        if key == "o":
            append_code(suite.settings.failures, _code(row, "", NONE, coder))
            return True
        if key == "n":
            terminal.write("A new name needs a definition: write both into evals/taxonomy.toml,")
            terminal.write("then come back; this page is the next one again.")
            raise Ended
        if key in KEYS[: len(names)] and key:
            note = terminal.read_line("what went wrong first: ").strip()
            if note:
                chosen = names[KEYS.index(key)]
                append_code(suite.settings.failures, _code(row, note, chosen, coder))
                return True
            terminal.write("Nothing was written down: choose again.")


def _code(row: Row, note: str, failure: str, coder: str) -> Code:
    return Code(row.id, row.system, row.trial, note, failure, coder, today())
