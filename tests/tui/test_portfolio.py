"""Portfolio: what one sees of all projects, and where it leads."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from onscreen import press, settle, shown, walk
from textual.pilot import Pilot

from scaffolder import notebook, progress
from scaffolder.errors import CannotWrite
from scaffolder.journeys import portfolio
from scaffolder.notebook import Level
from scaffolder.tui import actions
from scaffolder.tui.app import ScaffoldApp
from scaffolder.tui.widgets.command import CommandLine

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MANIFEST = '[scaffold]\nformat = 1\nskill = "rag-app"\ntemplate_version = "1"\npackage = "p"\n'


def made(folder: Path, *levels: str) -> Path:
    folder.mkdir()
    (folder / "scaffold.toml").write_text(MANIFEST)
    (folder / "README.md").write_text("# Rulebook\n")
    progress.record_project("rag-app", folder, NOW)
    whole = Level(str(folder), "rag-app", "", 8.0, 10.0, 1, "", NOW, ("COM-06",), 2, 3, "reader")
    for days, name in zip(range(len(levels) - 1, -1, -1), levels, strict=True):
        at = NOW - timedelta(days=days)
        notebook.note_level(replace(whole, level=name, at=at, points=8.0 - days))
    return folder


def test_projects_are_listed_with_level_trend_and_what_is_missing(
    size: tuple[int, int], tmp_path: Path
) -> None:
    made(tmp_path / "rulebook", "draft", "working")

    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(pilot, "6")
        assert "rulebook" in seen
        assert "working" in seen
        assert "80%" in seen
        assert "shut: 1" in seen
        assert "its gate is shut: COM-06" in seen
        assert "$ scaffold portfolio" in seen

    walk(size, steps)


def test_the_page_tells_the_trend_in_words_and_the_rule(tmp_path: Path) -> None:
    made(tmp_path / "rulebook", "draft", "working")

    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(pilot, "6")
        assert "up since 22 Nov, from draft" in seen
        assert "A project proves its skill when" in seen

    walk((140, 42), steps)


def test_without_a_project_it_says_how_to_make_one(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(pilot, "6")
        assert "There is no project yet." in seen
        assert "Press n to make one" in seen
        assert "no project to measure" in await press(pilot, "m")

    walk(size, steps)


def test_the_project_that_is_opened_is_what_all_screens_are_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(tmp_path / "rulebook", "working")
    made(tmp_path / "other", "draft")
    visited: list[str] = []
    monkeypatch.setattr("scaffolder.tui.app.ScaffoldApp.action_visit", visit(visited))

    async def steps(pilot: Pilot[Any]) -> None:
        await press(pilot, "6", "r")
        app = cast(ScaffoldApp, pilot.app)
        assert (visited, app.project) == (["portfolio", "review"], first)
        await press(pilot, "j", "enter")
        assert visited[-1] == "project"
        assert app.project == tmp_path / "other"

    walk((140, 42), steps)


def visit(visited: list[str]) -> Any:
    real = ScaffoldApp.action_visit

    def seen(app: ScaffoldApp, name: str) -> None:
        visited.append(name)
        if name == "portfolio":
            real(app, name)

    return seen


def test_the_first_click_on_a_row_chooses_it_and_the_second_opens_it(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(shelf / "rulebook", "working")
    made(shelf / "other", "draft")
    visited: list[str] = []
    monkeypatch.setattr("scaffolder.tui.app.ScaffoldApp.action_visit", visit(visited))

    async def steps(pilot: Pilot[Any]) -> None:
        await press(pilot, "6")
        await pilot.click("#projects", offset=(5, 1))
        await settle(pilot)
        assert str(shelf / "other") in "".join(shown(pilot.app).split())
        assert visited == ["portfolio"]
        await pilot.click("#projects", offset=(5, 1))
        await settle(pilot)
        assert visited == ["portfolio", "project"]

    walk((200, 60), steps)


def test_projects_that_cannot_be_looked_at_say_so_and_are_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path / "rulebook", "working")
    real = portfolio.overview

    def broken() -> portfolio.Overview:
        raise CannotWrite("the disk is gone")

    monkeypatch.setattr(portfolio, "overview", broken)

    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(pilot, "6")
        assert "the disk is gone" in seen
        assert "tries again" in seen
        monkeypatch.setattr(portfolio, "overview", real)
        assert "rulebook" in await press(pilot, "a")

    walk((80, 24), steps)


@pytest.mark.parametrize("name", ["review", "portfolio"])
def test_what_can_be_done_is_known_before_the_page_is_shown(name: str) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        found = actions.of(cast(ScaffoldApp, pilot.app).place(name))
        assert "filter" in [action.name for action in found]

    walk((80, 24), steps)


def test_a_project_that_is_gone_says_so(tmp_path: Path) -> None:
    folder = made(tmp_path / "rulebook", "working")
    (folder / "scaffold.toml").unlink()

    async def steps(pilot: Pilot[Any]) -> None:
        assert "is gone: there is nothing to open" in await press(pilot, "6", "enter")

    walk((140, 42), steps)


def test_measuring_again_notes_a_level_and_shows_it(tmp_path: Path) -> None:
    folder = made(tmp_path / "rulebook")

    async def steps(pilot: Pilot[Any]) -> None:
        assert "not reviewed" in await press(pilot, "6")
        seen = await press(pilot, "m")
        assert "draft" in seen
        assert "not reviewed" not in seen

    walk((140, 42), steps)
    assert notebook.load().levels[str(folder)][0].level == "draft"


def test_measuring_can_be_stopped(tmp_path: Path) -> None:
    made(tmp_path / "rulebook", "working")

    async def steps(pilot: Pilot[Any]) -> None:
        await press(pilot, "6")
        await pilot.press("m")
        await pilot.pause()
        assert "x stops it" in shown(pilot.app)
        assert pilot.app.screen.query_one(CommandLine).line == "scaffold portfolio --review"
        assert "Stopped" in await press(pilot, "x")

    walk((140, 42), steps)


def test_the_filter_narrows_and_escape_shows_all_again(tmp_path: Path) -> None:
    made(tmp_path / "rulebook", "working")
    made(tmp_path / "minutes", "draft")

    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(pilot, "6", "slash", *"minu")
        assert re.search(r"minutes +rag-app", seen)
        assert not re.search(r"rulebook +rag-app", seen)
        assert "No project with" in await press(pilot, *"zzz")
        assert re.search(r"rulebook +rag-app", await press(pilot, "escape"))

    walk((140, 42), steps)


def test_a_hostile_name_is_only_text(size: tuple[int, int], tmp_path: Path) -> None:
    made(tmp_path / "[red]x[b]\x1b[31m\u202e", "working")

    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(pilot, "6")
        assert "[red]x[b]" in seen
        assert "\x1b" not in seen
        assert "\u202e" not in seen

    walk(size, steps)


def test_fifty_projects_scroll_to_the_last(size: tuple[int, int], tmp_path: Path) -> None:
    for number in range(50):
        made(tmp_path / f"rulebook-{number:02}")

    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(pilot, "6", "G")
        assert "rulebook-00" in seen

    walk(size, steps)
