"""What can be done on a screen now: for the help and the palette."""

from dataclasses import dataclass, replace
from typing import Any

from textual.binding import ActiveBinding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import Input, TextArea


@dataclass(frozen=True)
class Action:
    """An action as its binding names it, whose it is, its words and keys, why not now or ""."""

    name: str
    node: DOMNode
    words: str
    key: str
    why_not: str


def of(screen: Screen[Any]) -> list[Action]:
    """Every action with a key on `screen`: those of the last line first, those of a field last."""
    found: dict[str, Action] = {}
    for active in sorted(screen.active_bindings.values(), key=_place):
        binding = active.binding
        if not binding.description or binding.system:
            continue
        key = screen.app.get_key_display(binding)
        if binding.action in found:
            known = found[binding.action]
            found[binding.action] = replace(known, key=f"{known.key} {key}")
            continue
        why = reason(active.node, binding.action)
        found[binding.action] = Action(
            binding.action, active.node, binding.tooltip or binding.description, key, why
        )
    return list(found.values())


def _place(active: ActiveBinding) -> tuple[bool, bool]:
    return isinstance(active.node, Input | TextArea), not active.binding.show


def reason(node: object, action: str) -> str:
    """Why `action` of `node` cannot be done now; "" where it can."""
    ask = getattr(node, "why_not", None)
    return str(ask(action.partition("(")[0].rpartition(".")[2])) if ask else ""
