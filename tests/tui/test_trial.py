"""A run from the review page: agreed to, watched, stopped; what it decided shows its command."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import standin
from onscreen import press, shown, walk
from reviewed import choose, page, small_project, until, visit
from textual.pilot import Pilot

from scaffolder.review.model import Status
from scaffolder.tui.screens.review import Review
from scaffolder.tui.screens.trial import Trial
from scaffolder.tui.widgets.command import CommandLine

PATIENCE = 400
"""Looks at the screen, 20 ms apart, after which what was waited for will not come."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Review, "TERMS", staticmethod(standin.terms))
    monkeypatch.setattr(Review, "RUN", staticmethod(standin.run))
    monkeypatch.chdir(tmp_path)
    return small_project(tmp_path / "mini")


async def _soon(pilot: Pilot[Any], done: Callable[[], bool]) -> str:
    """What is seen as soon as it is so; work that goes on is not waited for."""
    for _ in range(PATIENCE):
        if done():
            return shown(pilot.app)
        await pilot.pause(0.02)
    raise AssertionError(shown(pilot.app))


async def _told(pilot: Pilot[Any], words: str) -> str:
    return await _soon(pilot, lambda: words in shown(pilot.app))


def test_the_terms_are_shown_and_nothing_runs_without_a_yes(root: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        await press(pilot, "R")
        seen = await _told(pilot, "break it on purpose?")
        assert isinstance(pilot.app.screen, Trial)
        for words in (
            "in a throw-away copy",
            "demo: python -m mini ask 'Why?'",
            "3 faults are tried, each after its control, 1 is known already.",
            "setup runs first, with the network",
            "It runs in a sandbox",
            "$ scaffold review mini --run",
        ):
            assert words in seen
        await press(pilot, "enter")
        await _told(pilot, "Nothing was run.")
        await press(pilot, "R", "escape")
        await _told(pilot, "Nothing was run.")
        assert not page(pilot).is_trying

    walk((80, 24), steps)


def test_progress_is_shown_and_what_was_run_stands_for_its_item(
    root: Path, size: tuple[int, int], tmp_path: Path
) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        await choose(pilot, standin.DECIDED)
        await press(pilot, "R")
        await pilot.press("y")
        seen = await _told(pilot, "[1/2] S10: a 429, then an answer")
        assert "Esc stops" in seen
        assert page(pilot).query_one(CommandLine).line == "scaffold review mini --run"
        await pilot.press("R")
        await _told(pilot, "A run goes on: Esc stops it.")
        (tmp_path / "looked").touch()
        await until(pilot, lambda: bool(page(pilot).ran_at))
        seen = await press(pilot, "tab")
        assert "✓ pass" in seen
        await press(pilot, "l", "l")
        seen = shown(pilot.app)
        assert "$ python -m mini ask 'Why?'" in seen
        assert "exit 0, 1.2 s, in a throw-away copy" in seen
        assert "it answered after the 429" in seen
        assert "is no file" in await press(pilot, "e")

    walk(size, steps)


def test_esc_stops_a_run_with_all_that_it_started(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Review, "RUN", staticmethod(standin.run_for_ever))

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        before = page(pilot).report
        await press(pilot, "R")
        await pilot.press("y")
        await _told(pilot, "[1/2] S10")
        pid = int((tmp_path / "pid").read_text())
        await pilot.press("escape")
        await _told(pilot, "R runs again")
        await _soon(pilot, lambda: not _lives(pid))
        assert page(pilot).report is before
        assert pilot.app.screen is page(pilot)

    walk((80, 24), steps)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_without_a_sandbox_the_screen_says_what_is_not_protected(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Review, "TERMS", staticmethod(standin.terms_without_a_sandbox))
    (tmp_path / "looked").touch()

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        seen = await press(pilot, "R")
        assert "WITHOUT a sandbox" in seen
        assert "your files" in seen
        assert "--run --unsandboxed" in seen
        await press(pilot, "y")
        await until(pilot, lambda: bool(page(pilot).ran_at))
        assert "sandboxed: False" in await choose(pilot, standin.DECIDED)

    walk((140, 42), steps)


def test_what_is_known_already_is_shown_without_asking(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Review, "TERMS", staticmethod(standin.terms_all_known))
    (tmp_path / "looked").touch()

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        seen = await press(pilot, "R")
        assert "R runs again, r reads the files only" in seen
        assert _status(pilot) is Status.PASS
        await press(pilot, "r")
        await until(pilot, lambda: _status(pilot) is not Status.PASS)

    walk((140, 42), steps)


def _status(pilot: Pilot[Any]) -> Status:
    report = page(pilot).report
    assert report is not None
    return next(i.status for i in report.items if i.check.id == standin.DECIDED)


def test_a_project_that_declares_nothing_says_how_to(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Review, "TERMS", staticmethod(standin.terms_of_nothing))

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        seen = await press(pilot, "R")
        assert "declares no command" in seen
        assert "init-review" in seen

    walk((140, 42), steps)


def test_a_run_goes_on_where_the_folder_is_the_one_we_are_in(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    (root / ".git").mkdir()
    (tmp_path / "looked").touch()

    async def steps(pilot: Pilot[Any]) -> None:
        await press(pilot, "4")
        await until(pilot, lambda: page(pilot).report is not None)
        await press(pilot, "R", "y")
        await until(pilot, lambda: bool(page(pilot).ran_at))
        assert _status(pilot) is Status.PASS

    walk((80, 24), steps)


def test_another_folder_ends_the_run(root: Path, tmp_path: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        await press(pilot, "R")
        await pilot.press("y")
        await _told(pilot, "[1/2] S10")
        page(pilot).take(small_project(tmp_path / "other"))
        seen = await until(pilot, lambda: page(pilot).report is not None)
        assert not page(pilot).is_trying
        assert "[1/2]" not in seen

    walk((80, 24), steps)


def test_publish_is_named_where_the_gate_is_ready_only(root: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        assert "The gate is shut" in await press(pilot, "P")
        report = page(pilot).report
        assert report is not None
        page(pilot).report = replace(report, ready=True, blockers=())
        page(pilot).refresh_report()
        await until(pilot, lambda: "P: scaffold publish" in shown(pilot.app))
        assert "$ scaffold publish mini" in await press(pilot, "P")

    walk((80, 24), steps)
