"""New: the form, what it would make, and making it, as one sees and as the disk has it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from miniature import write_sequence
from onscreen import press, settle, shown, walk
from textual.pilot import Pilot

from scaffolder import paths, progress
from scaffolder.tui import apart
from scaffolder.tui.app import ScaffoldApp
from scaffolder.tui.screens.new import New

WIDE = (140, 42)


def at_once(
    journey: Callable[..., Any],
    *args: object,
    is_stopped: object = None,  # noqa: ARG001 - as `apart.call` has it
    tell: Callable[[str], None] | None = None,
) -> Any:
    """The journey in this process, where the miniature templates are."""
    return journey(*args, *([tell] if tell else []))


@pytest.fixture
def tiny(templates: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The miniature template, and a skill without one; rendered here, to be quick."""
    write_sequence(templates, "tiny", "later")
    shutil.copy(paths.templates_dir() / "tier-3.yml", templates)
    monkeypatch.setattr("scaffolder.tui.screens.new.PAUSE", 0.05)
    monkeypatch.setattr(apart, "call", at_once)
    return templates


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the program is started in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


async def opened(pilot: Pilot[Any], skill: str = "tiny") -> str:
    app = pilot.app
    assert isinstance(app, ScaffoldApp)
    app.choose(skill, None)
    return await press(pilot, "2")


async def typed(pilot: Pilot[Any], text: str) -> str:
    """Types without waiting in between, as people do."""
    await pilot.press(*text)
    await settle(pilot)
    return shown(pilot.app)


def page(pilot: Pilot[Any]) -> New:
    assert isinstance(pilot.app.screen, New)
    return pilot.app.screen


@pytest.mark.usefixtures("tiny")
def test_the_form_is_filled_and_shows_what_it_would_make(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        seen = await opened(pilot)
        assert "A tiny skill" in seen
        assert "ready: 3 files" in seen
        assert "$ scaffold new tiny " in seen
        if size[0] < 110:
            seen = await press(pilot, "escape", "v")
        assert "README.md" in seen
        assert "# tiny" in seen

    walk(size, steps)


@pytest.mark.usefixtures("tiny")
def test_the_name_follows_the_folder_until_it_is_typed() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        seen = await typed(pilot, "rules")
        assert page(pilot).fields["package"].entry.value == "rules"
        assert "# rules" in seen
        await press(pilot, "tab", "tab")
        await typed(pilot, "mine")
        await press(pilot, "shift+tab", "shift+tab")
        seen = await typed(pilot, "2")
        assert page(pilot).fields["project_name"].entry.value == "2"
        assert "--set package=mine" in seen

    walk(WIDE, steps)


@pytest.mark.usefixtures("tiny")
def test_keys_of_the_program_are_typed_into_a_field() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await pilot.press("q", "question_mark", "1", "slash", "m", "colon")
        await settle(pilot)
        assert page(pilot).fields["folder"].given == "q?1/m:"
        assert "Help" in await press(pilot, "f1")

    walk((80, 24), steps)


FAULTS = [
    ("folder", "full", "is not empty"),
    ("folder", "~nobody-here/x", "no such user"),
    ("folder", "full/mine.txt/x", "is a file, so"),
    ("package", "json", "not a free Python import name"),
    ("author", "[@click=app.quit()]X[/]\x1b[2J\u202e", "control character"),
    ("problem", "x" * 10_000, "longer than 300"),
]


@pytest.mark.usefixtures("tiny")
def test_a_fault_is_said_under_its_field_and_nothing_is_made(here: Path) -> None:
    (here / "full").mkdir()
    (here / "full" / "mine.txt").write_text("keep")

    async def steps(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        for key, value, said in FAULTS:
            line = page(pilot).fields[key].entry
            line.value = value
            await settle(pilot)
            seen = shown(pilot.app)
            assert said in " ".join(seen.split())
            assert not {"\x1b", "\u202e"} & set(seen)
            assert "to be mended" in seen
            assert line.value == value
            line.value = ""
        line.value = "x" * 301
        assert "First mend: Problem" in await press(pilot, "escape", "m")

    walk((80, 24), steps)
    assert [p.name for p in here.iterdir()] == ["full"]


@pytest.mark.usefixtures("tiny")
def test_markup_in_an_answer_is_shown_as_it_is() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        page(pilot).fields["problem"].entry.value = "[/] [@click=app.quit()]X[/]"
        await settle(pilot)
        seen = shown(pilot.app)
        assert seen.count("[/] [@click=app.quit()]X[/]") >= 2
        assert "ready" in seen

    walk((200, 60), steps)


def test_the_project_is_made_and_becomes_what_the_screens_are_about(here: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await opened(pilot, "rag-app")
        seen = await press(pilot, "escape", "enter")
        assert "rag-app is made" in seen
        assert "first commit" in seen
        assert "python3 -m venv .venv" in seen
        await press(pilot, "c")
        assert pilot.app.clipboard.splitlines()[0] == f"cd {here / 'rag-app'}"
        await press(pilot, "escape")
        assert isinstance(pilot.app, ScaffoldApp)
        assert pilot.app.project == here / "rag-app"
        assert pilot.app.screen is pilot.app.place("project")
        await opened(pilot, "rag-app")
        assert page(pilot).fields["folder"].entry.value == str(here / "rag-app-2")

    walk((80, 24), steps)
    assert (here / "rag-app" / ".git" / "HEAD").is_file()
    assert progress.load().skills["rag-app"].project == str(here / "rag-app")


def test_stopped_it_leaves_no_trace_and_keeps_what_was_typed(here: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await opened(pilot, "rag-app")
        await typed(pilot, "deep/rules")
        await press(pilot, "escape")
        await pilot.press("m", "escape")
        while "Stopped" not in shown(pilot.app):
            await settle(pilot)
        assert "Nothing is left of it" in shown(pilot.app)
        await press(pilot, "enter")
        assert page(pilot).fields["folder"].entry.value == "deep/rules"
        assert "ready" in shown(pilot.app)

    walk(WIDE, steps)
    assert list(here.iterdir()) == []


@pytest.mark.usefixtures("tiny")
def test_without_git_it_says_so_and_can_be_made_without(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    async def steps(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        seen = await press(pilot, "escape", "m")
        assert "git is not installed" in seen
        assert list(here.iterdir()) == []
        await press(pilot, "escape")
        page(pilot).fields["repository"].entry.focus()
        assert "--no-git" in await press(pilot, "right")
        assert "is made" in await press(pilot, "escape", "m")

    walk(WIDE, steps)
    assert not (here / "rag-app" / ".git").exists()


@pytest.mark.usefixtures("tiny")
def test_a_skill_without_a_template_offers_one_that_has() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        seen = await opened(pilot, "later")
        assert "no template yet" in seen
        seen = await press(pilot, "enter")
        assert "ready" in seen
        await typed(pilot, "kept")
        await press(pilot, "escape", "escape")
        await opened(pilot, "later")
        seen = await press(pilot, "enter")
        assert page(pilot).fields["folder"].entry.value == "kept"

    walk(WIDE, steps)


@pytest.mark.usefixtures("tiny")
def test_the_tree_is_filtered_and_a_file_is_read() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await opened(pilot)
        await press(pilot, "escape", "slash")
        seen = await typed(pilot, "read")
        assert "README.md" in seen
        assert "scaffold.toml" not in seen
        await press(pilot, "enter", "enter")
        assert pilot.app.focused is page(pilot).query_one("#text")
        assert "scaffold.toml" in await press(pilot, "escape")

    walk((80, 24), steps)


@pytest.mark.usefixtures("tiny")
def test_a_folder_that_cannot_be_written_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)

    async def steps(pilot: Pilot[Any]) -> None:
        seen = " ".join((await opened(pilot)).split())
        assert "may not be changed by you" in seen

    walk((80, 24), steps)
