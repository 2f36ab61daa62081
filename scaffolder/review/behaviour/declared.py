"""What a run needs, as `scaffold.toml` declares it, and nothing else.

Invariant: a value of another shape than promised is not there: it is the text of a stranger.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scaffolder.manifest import MANIFEST
from scaffolder.review import parse
from scaffolder.review.areas import manifest
from scaffolder.review.behaviour.model import Declared, NotDeclared
from scaffolder.review.parse import Refused
from scaffolder.review.view import RepoView

MOST = 64
"""Words of one command, and entries of one table, that are believed."""


def declared(view: RepoView) -> Declared:
    """What the manifest of the project declares; every table is empty where there is none."""
    table = manifest(view)
    return Declared(
        package=_text(_table(table.get("scaffold")).get("package")),
        commands=_commands(table.get("commands")),
        entry_points=_texts(table.get("entry_points")),
        paths=_texts(table.get("paths")),
        faults=_texts(table.get("faults")),
    )


def fault(view: RepoView) -> str:
    """Why the manifest of a project declares nothing that can be run; "" where it does."""
    if not view.has(MANIFEST):
        return f"there is no {MANIFEST}"
    found = view.toml(MANIFEST)
    if isinstance(found, Refused):
        return f"{MANIFEST} {found.reason}"
    listed = _table(parse.mapping(found).get("commands"))
    odd = next((str(k) for k, v in listed.items() if not _is_argv(v)), None)
    if odd is not None:
        return f'[commands] {odd} of {MANIFEST} is no list of words such as ["python", "-m", "app"]'
    return "" if listed else f"{MANIFEST} declares no [commands]"


def command(wanted: Declared, name: str) -> tuple[str, ...]:
    """The declared command; NotDeclared says what to add."""
    if name not in wanted.commands:
        raise NotDeclared(f"[commands] has no {name!r}")
    return tuple(wanted.commands[name])


def ask(wanted: Declared, question: str) -> tuple[str, ...]:
    """The command that asks `question`: `ask` with its {question}, else the demo's own, replaced.

    The question of a demo is its last word that holds a blank.
    """
    if "ask" in wanted.commands:
        return tuple(w.replace("{question}", question) for w in command(wanted, "ask"))
    words = list(command(wanted, "demo"))
    words[_asking(words)] = question
    return tuple(words)


def question(wanted: Declared) -> str:
    """What the demo asks; NotDeclared where it asks nothing that can be told from its words."""
    words = command(wanted, "demo")
    return words[_asking(words)]


def _asking(words: Sequence[str]) -> int:
    asking = [at for at, word in enumerate(words) if " " in word]
    if not asking:
        raise NotDeclared("[commands] has no `ask` with {question}, and the demo asks nothing")
    return asking[-1]


def _commands(raw: Any) -> Mapping[str, Sequence[str]]:
    listed = {str(k): v for k, v in [*_table(raw).items()][:MOST]}
    return {k: tuple(v) for k, v in listed.items() if _is_argv(v)}


def _is_argv(value: Any) -> bool:
    words = value if isinstance(value, list) else []
    whole = all(isinstance(word, str) and "\0" not in word for word in words)
    return 0 < len(words) <= MOST and whole and bool(words[0])


def _texts(raw: Any) -> Mapping[str, str]:
    return {str(k): v for k, v in [*_table(raw).items()][:MOST] if isinstance(v, str)}


def _table(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
