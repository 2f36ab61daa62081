"""Text from repositories is text: on every screen, when clicked, and in the bytes of a terminal."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hostile_project import BENIGN, HOSTILE, MARKUP, PAINT, build
from markup_guard import faults
from onscreen import settle, shown, walk
from ptys import Terminal, environment
from textual.errors import NoWidget
from textual.pilot import Pilot

from scaffolder import tui
from scaffolder.paths import notebook_file, state_file
from scaffolder.tui.app import ScaffoldApp
from scaffolder.tui.page import Page
from scaffolder.tui.widgets.bar import PLACES

PACKAGE = Path(tui.__file__).parent
HERE = Path(__file__).parent


@pytest.fixture
def owned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a link in a text has done."""
    done: list[str] = []
    monkeypatch.setattr(ScaffoldApp, "action_owned", lambda _: done.append("x"), raising=False)
    return done


def test_no_screen_obeys_a_hostile_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owned: list[str]
) -> None:
    root = build(tmp_path, HOSTILE)
    monkeypatch.chdir(root)
    seen: list[str] = []

    async def steps(pilot: Pilot[Any]) -> None:
        for place in PLACES:
            pilot.app.choose("rag-app", root)  # type: ignore[attr-defined]
            await _visit(pilot, place)
            seen.append(_literal(pilot))
            await _click_everywhere(pilot)
            for opened in ("f1", "colon"):
                await pilot.press(opened)
                await pilot.pause()
                seen.append(_literal(pilot))
                await pilot.press("escape")
                await pilot.pause()

    walk((80, 24), steps)
    assert owned == []
    assert "[@click=app.owned()]X[/]" in "".join(seen)


async def _visit(pilot: Pilot[Any], place: str) -> None:
    pilot.app.action_visit(place)  # type: ignore[attr-defined]
    await settle(pilot)


def _literal(pilot: Pilot[Any]) -> str:
    """What is seen; no cell of it does anything when clicked but what our own widgets do."""
    for strip in pilot.app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style
            assert style is None or style.link is None, segment
            assert style is None or "@click" not in style.meta, segment
            assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", segment.text)
    return shown(pilot.app)


async def _click_everywhere(pilot: Pilot[Any]) -> None:
    place = pilot.app.screen
    for y in range(1, pilot.app.size.height - 1):
        x = (6, pilot.app.size.width // 2, pilot.app.size.width - 12)[y % 3]
        with suppress(NoWidget):
            await pilot.click(offset=(x, y))
        _literal(pilot)
        if pilot.app.screen is not place:
            await _come_back(pilot, place)


async def _come_back(pilot: Pilot[Any], place: Any) -> None:
    await pilot.pause()
    _literal(pilot)
    for _ in range(3):
        if pilot.app.screen is not place and not isinstance(pilot.app.screen, Page):
            await pilot.press("escape")
    if pilot.app.screen is not place:
        pilot.app.action_visit(place.PLACE)  # type: ignore[attr-defined]
        await pilot.pause()


@pytest.mark.parametrize("content", [MARKUP, "SQLite format 3\0" + PAINT])
def test_a_hostile_state_file_is_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owned: list[str], content: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in (state_file(), notebook_file()):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")

    async def steps(pilot: Pilot[Any]) -> None:
        assert "Retrieval-augmented generation" in _literal(pilot)
        for place in PLACES:
            await _visit(pilot, place)
            _literal(pilot)

    walk((80, 24), steps)
    assert owned == []


def test_a_home_of_markup_is_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owned: list[str]
) -> None:
    home = tmp_path / "[" / "] [@click=app.owned()]X[" / "\x1b]0;own\x07"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("EDITOR", MARKUP)
    monkeypatch.setenv("COLORFGBG", MARKUP)
    monkeypatch.chdir(home)

    async def steps(pilot: Pilot[Any]) -> None:
        for place in PLACES:
            await _visit(pilot, place)
            _literal(pilot)
            await _click_everywhere(pilot)

    walk((80, 24), steps)
    assert owned == []


_SEQUENCE = re.compile(
    r"\x1b\](?P<osc>[^\x07\x1b\x9c]*)(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b(?P<string>[PX^_])"
    r"|\x1b\[(?P<csi>[\d;:<=>?]*)(?P<middle>[ -/]*)(?P<final>[@-~])"
    r"|\x1b(?P<escape>.)"
    r"|(?P<control>[\x00-\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f])"
)


def controls(written: bytes) -> set[str]:
    """Every kind of control sequence in it; the numbers count where they change what is done."""
    return set(_kinds(written.decode("utf-8", "backslashreplace")))


def _kinds(text: str) -> Iterator[str]:
    for match in _SEQUENCE.finditer(text):
        kind, found = match.lastgroup, match.groupdict()
        if found["final"]:
            counts = found["final"] not in "mHABCDG"
            yield f"CSI {found['csi'] if counts else ''}{found['middle']}{found['final']}"
        else:
            yield f"{kind} {match[0]!r}"


def test_what_is_written_to_a_terminal_is_counted() -> None:
    benign = b"\x1b[?25l\x1b[2;3H\x1b[31mx\r\n"
    assert controls(benign) == {"CSI ?25l", "CSI H", "CSI m"}
    for bad in (
        "\x1b]0;x\x07",
        "\x1b]8;;h\x1b\\",
        "\x1b[2J",
        "\x1bPq\x1b\\",
        "\x9b31m",
        "\a",
        "\b",
        "\0",
    ):
        assert controls(benign + bad.encode()) > controls(benign), bad


def test_a_terminal_gets_what_it_gets_for_a_benign_project(tmp_path: Path) -> None:
    twins = {"hostile": HOSTILE, "benign": BENIGN}
    with ThreadPoolExecutor() as both:
        run = {name: both.submit(_session, tmp_path / name, word) for name, word in twins.items()}
    written = {name: session.result() for name, session in run.items()}
    assert controls(written["hostile"]) <= controls(written["benign"])


def _session(home: Path, word: str) -> bytes:
    """All bytes of a visit to every place, with what is under the first rows and the help."""
    home.mkdir()
    build = subprocess.run(
        [sys.executable, str(HERE / "hostile_project.py"), str(home)],
        input=word.encode("utf-8", "surrogatepass"),
        env=environment({"HOME": str(home)}),
        check=True,
        capture_output=True,
    )
    root, variables = Path(os.fsdecode(build.stdout)), {"HOME": str(home)}
    with Terminal(size=(140, 42), folder=root, variables=variables) as terminal:
        terminal.wait_for()
        for key, name in reversed(PLACES.values()):
            while f"[{key} {name}]".encode() not in terminal.written:
                terminal.type(b"\x1b")
                terminal.quiet(0.5)
                terminal.type(key.encode())
                terminal.quiet(0.5)
            for more in (b"j", b"l", b"\x1bOP", b"\x1b", b"\x1b"):
                terminal.type(more)
                terminal.quiet(0.3)
        terminal.type(b"q")
        assert terminal.ends() == 0
        return terminal.written


def test_the_sources_hand_no_text_to_markup() -> None:
    sources = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    found = faults({str(p.relative_to(PACKAGE)): ast.parse(s) for p, s in sources.items()})
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "Static(text)",
        "Static(f'a {text}')",
        "Label(error.message)",
        "Button(text)",
        "self.notify(text)",
        "self.notify(str(error), severity='error')",
        "me.border_title = path.name",
        "me.border_subtitle = f'{count} of {path}'",
        "me.tooltip = text",
        "me.table.add_row(text)",
        "tree.root.add(name)",
        "tree.root.add_leaf(f'{name}')",
        "Select([(name, 1)], prompt=name)",
        "Content.from_markup(text)",
        "Content.from_text(text)",
        "Tab(text)",
        "Items(Option(text))",
        "Input(placeholder=text)",
        "import rich.markup",
        "class A(Static):\n    def __init__(self, text):\n        super().__init__(text)",
        "class A(Static):\n    def render(self):\n        return text",
    ],
)
def test_the_guard_sees_what_markup_would_get(line: str) -> None:
    assert faults({"a.py": ast.parse(line)})


@pytest.mark.parametrize(
    "line",
    [
        "Static('ours')",
        "Static(text, markup=False)",
        "Static(plain(text))",
        "Static(Content(text))",
        "self.notify(text, markup=False)",
        "me.border_title = Content(text)",
        "me.border_title = 'A' if yes else plain(x)",
        "def title(x) -> Content: ...\nme.border_title = title(x)",
        "me.border_title = None",
        "seen.add(text)",
        "row = plain(x)\nOption(row)",
        "def put(row: Content): Option(row)",
    ],
)
def test_the_guard_lets_pass_what_is_safe(line: str) -> None:
    assert faults({"a.py": ast.parse(line)}) == []
