"""Groups notes into the taxonomy: a note gets the name of those that are alike, or a new one.

Invariant: a name is given only if the taxonomy defines it; a note without one stays as it is.
"""

from ..errors import UsageError
from ..evaluation.registry import add_failure, load_taxonomy
from ..keyboard import Ended, Terminal
from ..settings import Settings
from .codes import NONE, UNNAMED, Code, load_codes, name_code
from .screen import listed

KEYS = "123456789abcdefghijklm"  # leaves n, q and s for the actions
HELP = "n a new name   s later   q quit"


def check_name(settings: Settings, name: str) -> None:
    """UsageError unless the taxonomy defines the name, or it stands for no failure or no name."""
    names = [failure.name for failure in load_taxonomy(settings)]
    if name not in (*names, NONE, UNNAMED):
        raise UsageError(
            f"taxonomy.toml has no failure {name!r}",
            f"add --define WHAT-BELONGS-TO-IT; there are: {', '.join([*names, NONE])}",
        )


def group(settings: Settings, terminal: Terminal) -> int:
    """Ask for the name of each note that has none; how many got one."""
    unnamed = [c for c in load_codes(settings.failures) if c.failure == UNNAMED]
    named = 0
    try:
        for place, code in enumerate(unnamed, 1):
            terminal.write(f"\n{place}/{len(unnamed)}  {code.id}  {code.system}\n  {code.note}")
            named += name_it(settings, code, terminal)
    except Ended:
        pass
    return named


def name_it(settings: Settings, code: Code, terminal: Terminal) -> bool:
    """Ask which group a note belongs to and write it down; False if it is left for later."""
    names = [failure.name for failure in load_taxonomy(settings)]
    terminal.write(f"belongs to:\n{listed(names, KEYS)}\n{HELP}")
    while True:
        key = terminal.read_key().lower()
        if key == "q":
            raise Ended
        if key == "s":
            return False
        if key == "n":
            chosen = _new(settings, terminal)
        else:
            chosen = names[KEYS.index(key)] if key and key in KEYS[: len(names)] else ""
        if chosen:
            name_code(settings.failures, code, chosen)
            return True


def _new(settings: Settings, terminal: Terminal) -> str:
    """A name that was added to the taxonomy; "" if it could not be."""
    name = terminal.read_line("a short name: ").strip()
    definition = terminal.read_line("what belongs to it, in one sentence: ").strip()
    try:
        add_failure(settings, name, definition)
    except UsageError as error:
        terminal.write(f"{error.message}: {error.hint}. Choose again.")
        return ""
    return name
