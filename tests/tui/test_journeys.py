"""The four journeys, end to end: from nothing to a project, its tests, its review, its report."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from onscreen import press, shown, walk
from reviewed import choose, page, small_project, until, visit
from textual.pilot import Pilot

from scaffolder import manifest, progress

PASSING = 'test = ["python", "-c", "print(\'612 passed\')"]'


def test_from_the_first_start_to_a_project(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "rag-app"

    async def steps(pilot: Pilot[Any]) -> None:
        assert "three short questions" in shown(pilot.app)
        await press(pilot, "b", *"law", "enter", *"clerks", "enter", *"finding", "enter", "enter")
        seen = await press(pilot, "escape", "j", "j", "j", "enter")
        assert "[2 New]" in seen
        seen = await press(pilot, "escape", "m")
        assert "python3 -m venv .venv" in seen
        assert "building" in await press(pilot, "escape", "1")

    walk(size, steps)
    assert manifest.read(made).answers["users"] == "clerks"
    assert progress.load().skills["rag-app"].project == str(made)
    assert [path.name for path in tmp_path.iterdir()] == ["rag-app"]


def test_the_tests_of_a_project_are_run_on_its_screen(
    size: tuple[int, int], tmp_path: Path
) -> None:
    root = tmp_path / "notes"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").touch()
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    about = 'format = 1\nskill = "rag-app"\ntemplate_version = "1.1.0"\npackage = "notes"'
    (root / "scaffold.toml").write_text(f"[scaffold]\n{about}\n[commands]\n{PASSING}\n", "utf-8")
    progress.record_project("rag-app", root)

    async def steps(pilot: Pilot[Any]) -> None:
        assert "[3 Project]" in await press(pilot, "enter")
        await pilot.press("x")
        seen = await until(pilot, lambda: "612 passed" in shown(pilot.app))
        assert "$ scaffold run" in seen

    walk(size, steps)


def test_a_mended_file_flips_its_item(size: tuple[int, int], tmp_path: Path) -> None:
    root = small_project(tmp_path / "mini")

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        await choose(pilot, "COM-04")
        (root / "LICENSE").write_text("MIT License\n\nPermission is hereby granted\n", "utf-8")
        (root / ".gitignore").write_text(".venv/\n__pycache__/\n.env\n", "utf-8")
        seen = await until(pilot, lambda: "COM-04 ✗ fail → ✓ pass" in shown(pilot.app))
        assert "$ scaffold review" in seen

    walk(size, steps)


def test_an_item_is_answered_and_the_report_put_into_a_file(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small_project(tmp_path / "mini")
    monkeypatch.chdir(tmp_path)
    why = "Ten questions, each answered with a line of the code."

    async def steps(pilot: Pilot[Any]) -> None:
        await visit(pilot, root)
        await choose(pilot, "COM-28")
        await press(pilot, "a")
        for given in ("yes", why, "README.md"):
            await pilot.press(*("space" if c == " " else c for c in given), "enter")
        await until(pilot, lambda: _verdict(pilot, "COM-28") == "pass")
        await press(pilot, "p", "up", "up", "enter", "enter")

    walk(size, steps)
    assert f'justification = "{why}"' in (root / "scaffold.toml").read_text("utf-8")
    written = next(path for path in tmp_path.iterdir() if path.suffix == ".json")
    report = json.loads(written.read_text("utf-8"))
    assert [i["status"] for i in report["items"] if i["id"] == "COM-28"] == ["pass"]


def _verdict(pilot: Pilot[Any], check_id: str) -> str:
    report = page(pilot).report
    found = (i.status.value for i in report.items if i.check.id == check_id) if report else ()
    return next(iter(found), "")
