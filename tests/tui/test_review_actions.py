"""What is done from a review: mend and see it flip, answer, waive, take back, export."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from onscreen import press, shown, walk
from reviewed import choose, page, small_project, until, visit
from textual.pilot import Pilot
from textual.widgets import Input

from scaffolder.review.model import Status
from scaffolder.tui.widgets.leave import Leave

OURS = Path(__file__).parents[2]


def _status(pilot: Pilot[Any], check_id: str) -> Status:
    report = page(pilot).report
    assert report is not None
    return next(i.status for i in report.items if i.check.id == check_id)


async def _fill(pilot: Pilot[Any], **given: str) -> str:
    """Fills the fields of a dialog, by the end of their names, and leaves them with Enter."""
    for field in pilot.app.screen.query(Input):
        field.value = given[(field.id or "").rpartition("-")[2]]
    pilot.app.screen.query(Input).last().focus()
    return await press(pilot, "enter")


def test_a_save_is_reviewed_and_what_flipped_is_shown(tmp_path: Path) -> None:
    root = small_project(tmp_path / "mini")

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        assert _status(pilot, "COM-04") is Status.FAIL
        shutil.copy(OURS / "LICENSE", root)
        (root / ".gitignore").write_text(".venv/\n", "utf-8")
        page(pilot).look()
        seen = await until(pilot, lambda: bool(page(pilot).change))
        assert "↑ COM-04 ✗ fail → ◐ partial" in seen
        assert _status(pilot, "COM-04") is Status.PARTIAL
        assert "↑ ◐ COM-04" in await choose(pilot, "COM-04")
        assert "Not watching" in await press(pilot, "w")

    walk((80, 24), steps)


def test_an_item_is_waived_until_a_day_and_taken_back(tmp_path: Path) -> None:
    root = small_project(tmp_path / "mini")

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        await choose(pilot, "COM-20")
        await press(pilot, "v")
        until_day = pilot.app.screen.query_one("#waive-until", Input).value
        seen = await _fill(pilot, reason="", until=until_day)
        assert "reason is missing. Write it into its field." in seen
        assert "YYYY-MM-DD" in await _fill(pilot, reason="A library.", until="tomorrow")
        await _fill(pilot, reason="It runs as a library.", until=until_day)
        await until(pilot, lambda: _status(pilot, "COM-20") is Status.WAIVED)
        assert 'reason = "It runs as a library."' in (root / "scaffold.toml").read_text()
        assert "waived" in await choose(pilot, "COM-20")
        seen = await press(pilot, "x")
        assert "out of scaffold.toml?" in seen
        assert "COM-20 --remove" in seen
        await press(pilot, "y")
        await until(pilot, lambda: _status(pilot, "COM-20") is not Status.WAIVED)
        assert "[[waive]]" not in (root / "scaffold.toml").read_text()

    walk((80, 24), steps)


def test_an_item_that_only_a_person_decides_is_answered(tmp_path: Path) -> None:
    root = small_project(tmp_path / "mini")

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        seen = await choose(pilot, "COM-28")
        assert "$ scaffold answer" in seen
        assert "Does the claim hold?" in await press(pilot, "a")
        seen = await _fill(pilot, verdict="perhaps", justification="Good.", link="README.md")
        assert "verdict cannot be 'perhaps'" in seen
        assert "says too little" in seen
        why = "Ten questions, each answered with a line of the code."
        await _fill(pilot, verdict="yes", justification=why, link="README.md#L1")
        await until(pilot, lambda: _status(pilot, "COM-28") is Status.PASS)
        assert why in (root / "scaffold.toml").read_text()

    walk((80, 24), steps)


def test_a_dialog_shows_the_command_as_typed_and_is_left_by_a_click(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small_project(tmp_path / "mini")
    monkeypatch.chdir(tmp_path)

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        await choose(pilot, "COM-28")
        for key, typed, said in (
            ("v", "-it's no service", "$ scaffold waive mini COM-28 '--reason=-it'"),
            ("a", "yes", "$ scaffold answer mini COM-28 --verdict yes"),
            ("p", "r.xml", "$ scaffold review mini --format html --output r.xml"),
            ("o", "", "Esc Back"),
        ):
            await press(pilot, key)
            pilot.app.screen.query(Input).first().value = typed
            await pilot.pause()
            assert said in shown(pilot.app)
            await pilot.click(Leave)
            await pilot.pause()
            assert pilot.app.screen is page(pilot)

    walk((80, 24), steps)


def test_what_cannot_be_done_says_why(tmp_path: Path) -> None:
    root = small_project(tmp_path / "mini")

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        await choose(pilot, "COM-18")
        assert "COM-18 is not answered by a person" in await press(pilot, "a")
        assert "COM-18 cannot be waived" in await press(pilot, "v")
        assert "Nobody answered" in await press(pilot, "x")

    walk((140, 42), steps)


def test_the_report_goes_into_a_file_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small_project(tmp_path / "mini")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.json").write_text("mine")

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        assert "mini-review.html" in await press(pilot, "p")
        assert "mini-review.json" in await press(pilot, "up", "up")
        await press(pilot, "enter")
        assert "such a file already" in await _fill(pilot, name=str(tmp_path / "mine.json"))
        assert (tmp_path / "mine.json").read_text() == "mine"
        await press(pilot, "enter")
        assert "The report is in" in shown(pilot.app)

    walk((140, 42), steps)
    assert json.loads((tmp_path / "mine.json").read_text())["schema"] == "scaffold-review/1"
