"""Keys: none that a terminal program above takes away, each with words, none that does nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from onscreen import shown, walk
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from scaffolder.tui import actions
from scaffolder.tui.app import ScaffoldApp
from scaffolder.tui.page import Dialog, Page
from scaffolder.tui.widgets.bar import PLACES
from scaffolder.tui.widgets.keys import Key

ALLOWED = {"ctrl+c", "super+c"}
"""They copy, or say how to leave: no program above takes them."""


async def press(pilot: Pilot[Any], *keys: str) -> str:
    """What is seen after the keys; work that they begin is not waited for."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
    return shown(pilot.app)


def _on_every_page(steps: Any) -> None:
    async def visit(pilot: Pilot[Any]) -> None:
        for place in PLACES:
            pilot.app.action_visit(place)  # type: ignore[attr-defined]
            await pilot.pause()
            await steps(pilot)

    walk((80, 24), visit)


def _ours(screen: Screen[Any]) -> Iterator[tuple[DOMNode, Binding]]:
    """Every binding of ours that is on the screen, in whatever has the focus."""
    for node in [screen.app, screen, *screen.walk_children()]:
        for bindings in node._bindings.key_to_bindings.values():
            for binding in bindings:
                if type(node).__module__.startswith("scaffolder"):
                    yield node, binding


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_no_key_collides_with_what_runs_around_us() -> None:
    """tmux, screen, zellij, readline and flow control are all on Ctrl and Alt."""

    async def steps(pilot: Pilot[Any]) -> None:
        for node, binding in _ours(pilot.app.screen):
            for key in binding.key.split(","):
                taken = key.startswith(("ctrl+", "alt+", "super+")) and not isinstance(node, Input)
                assert not taken or key in ALLOWED or isinstance(node, TextArea), (node, binding)

    _on_every_page(steps)


def test_every_key_has_words_and_does_something() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        for node, binding in _ours(pilot.app.screen):
            assert binding.description, f"{node}: {binding.key}"
            namespace, name, _ = pilot.app._parse_action(binding.action, node)
            assert any(hasattr(namespace, f"{p}action_{name}") for p in ("", "_")), binding

    _on_every_page(steps)


def test_no_two_actions_of_a_page_have_one_key() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        page = pilot.app.screen
        keys = [key for key, found in page._bindings.key_to_bindings.items() if len(found) > 1]
        assert keys == []
        ours = set(page._bindings.key_to_bindings)
        assert ours & set(pilot.app._bindings.key_to_bindings) <= {"escape", "ctrl+c"}, page

    _on_every_page(steps)


def test_the_keys_at_the_bottom_fit_and_can_be_pressed() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        if isinstance(pilot.app.focused, Input):
            # What is typed into a field is text: it is left before a letter is a command.
            await press(pilot, "escape")
        keys = list(pilot.app.screen.query(Key))
        assert keys
        assert max(key.region.right for key in keys) <= 80, pilot.app.screen
        assert {"question_mark", "q"} <= {key.key for key in keys}

    _on_every_page(steps)


def test_help_opens_on_every_page_and_esc_leads_home() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        page = pilot.app.screen
        assert isinstance(page, Page)
        opens = "f1" if isinstance(pilot.app.focused, Input) else "question_mark"
        assert "Help: keys" in await press(pilot, opens)
        await press(pilot, "escape")
        assert pilot.app.screen is page
        for _ in range(4):
            await press(pilot, "escape")
        assert getattr(pilot.app.screen, "PLACE", "") == "sequence"

    _on_every_page(steps)


@pytest.mark.parametrize("place", PLACES)
def test_q_leaves_from_every_page(place: str) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        pilot.app.action_visit(place)  # type: ignore[attr-defined]
        await pilot.pause()
        if isinstance(pilot.app.focused, Input):
            await pilot.press("escape")
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app._exit
        assert pilot.app.return_code == 0

    walk((80, 24), steps)


def test_the_palette_lists_what_the_page_can_do() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        found = actions.of(pilot.app.screen)
        wanted = {a.words for a in found if isinstance(a.node, App | Screen)}
        listed = {c.title for c in pilot.app.get_system_commands(pilot.app.screen)}
        assert wanted <= listed
        if isinstance(pilot.app.focused, Input):
            await press(pilot, "escape")
        seen = await press(pilot, "colon")
        assert "Search for commands" in seen or any(words in seen for words in wanted)
        await press(pilot, "escape")

    _on_every_page(steps)


def test_letters_are_typed_into_a_field_and_f1_helps_there() -> None:
    typed = "q?1t:jkhl/"

    async def steps(pilot: Pilot[Any]) -> None:
        page = pilot.app.screen
        await press(pilot, "slash")
        field = pilot.app.focused
        if not isinstance(field, Input):
            return
        before = field.value
        names = {"?": "question_mark", ":": "colon", "/": "slash"}
        for letter in typed:
            await pilot.press(names.get(letter, letter))
        await pilot.pause()
        assert pilot.app.screen is page
        assert field.value == before + typed
        seen.append(page)
        await press(pilot, "f1")
        assert isinstance(pilot.app.screen, Dialog)
        await press(pilot, "escape", "escape")

    seen: list[object] = []
    _on_every_page(steps)
    assert len(seen) >= 3


def test_f1_and_question_mark_are_one_help() -> None:
    keys = {b.key for b in ScaffoldApp.BINDINGS if isinstance(b, Binding) and b.action == "help"}
    assert {k for key in keys for k in key.split(",")} == {"question_mark", "f1"}
