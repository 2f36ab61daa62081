"""The project: where it stands, its commands run here, its results over time."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from onscreen import press, shown, walk
from textual.pilot import Pilot

from scaffolder import progress
from scaffolder.tui.screens.project import Project
from scaffolder.tui.widgets.output import MAX_LINES, Output

SLOW = "import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(60)"
CLAIM = """
[[claims]]
text = "hit@5 of {system}, test split"
metric = "hit@5"
value = 0.5
n = 36
ci = [0.34, 0.66]
results = "evals/results/{system}.jsonl"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small project whose environment is there already, made by nobody we know."""
    root = tmp_path / "notes"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").touch()
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (root / "README.md").write_text("# Notes\n", "utf-8")
    declare(root, setup="print('set up')", test="print('2 passed')", demo=SLOW)
    return root


def declare(root: Path, skill: str = "agent", **scripts: str) -> None:
    """Most tests are about a skill whose milestones nothing can count yet: that is quick."""
    lines = [f'[scaffold]\nformat = 1\nskill = "{skill}"\ntemplate_version = "1.1.0"']
    lines += ['package = "notes"\n[commands]']
    lines += [f'{name} = ["python", "-c", {script!r}]' for name, script in scripts.items()]
    lines += [CLAIM.format(system="lexical"), CLAIM.format(system="dense")]
    (root / "scaffold.toml").write_text("\n".join(lines), "utf-8")


@pytest.fixture
def mine(folder: Path) -> Path:
    """The same, made on this machine."""
    progress.record_project("rag-app", folder)
    return folder


async def go(pilot: Pilot[Any], root: Path | None) -> str:
    pilot.app.choose("rag-app", root)  # type: ignore[attr-defined]
    return await press(pilot, "3")


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Waits for what a command of the project does."""
    async with asyncio.timeout(20):
        while not holds():
            await pilot.pause()


def output(pilot: Pilot[Any]) -> str:
    found = pilot.app.screen.query(Output)
    return "\n".join(line.text for pane in found for line in pane.lines)


def test_it_says_where_it_stands_and_runs_what_was_asked(mine: Path, size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        declare(mine, skill="rag-app", test="print('2 passed')")
        seen = await go(pilot, mine)
        assert "0 of 3 milestones met" in seen
        assert "RAG-01" in seen
        assert "$ scaffold review" in seen
        assert "hit@5 of lexical" in await press(pilot, "m", "M")
        assert "hit@5 of dense" in await press(pilot, "m")
        assert "hit@5 of lexical" in await press(pilot, "slash", *"lexical", "enter")
        seen = await press(pilot, "x")
        assert "2 passed" in seen
        assert "✓ test done in" in seen
        assert f"$ scaffold run {mine}"[:60] in seen

    walk(size, steps)


def test_a_command_that_runs_goes_on_elsewhere_and_is_stopped_for_good(mine: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await go(pilot, mine)
        await pilot.press("d")
        await until(pilot, (mine / "pid").exists)
        await pilot.press("x")
        await pilot.pause()
        assert "demo runs already: s stops it" in shown(pilot.app)
        await pilot.press("escape", "3")
        await pilot.pause()
        assert "demo running" in shown(pilot.app)
        assert "demo was stopped" in await press(pilot, "s")

    walk((140, 42), steps)
    assert not is_alive(int((mine / "pid").read_text()))


def test_leaving_the_program_ends_what_runs(mine: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await go(pilot, mine)
        await pilot.press("d")
        await until(pilot, (mine / "pid").exists)

    walk((80, 24), steps)
    assert not is_alive(int((mine / "pid").read_text()))


def test_a_chain_ends_with_the_first_that_fails(mine: Path) -> None:
    declare(mine, setup="print('set up')", test="raise SystemExit(3)", demo="print('asked')")

    async def steps(pilot: Pilot[Any]) -> None:
        pilot.app.choose("agent", mine)  # type: ignore[attr-defined]
        screen = pilot.app.place("project")  # type: ignore[attr-defined]
        assert isinstance(screen, Project)
        pilot.app.action_visit("project")  # type: ignore[attr-defined]
        screen.run_chain(["setup", "test", "demo"])
        await until(pilot, lambda: "not run after that" in output(pilot))
        said = output(pilot)
        assert "set up" in said
        assert "test ended with exit code 3" in said
        assert "asked" not in said

    walk((140, 42), steps)


def test_a_flood_and_bytes_that_are_no_text_do_not_harm_the_screen(mine: Path) -> None:
    flood = (
        "import sys; o = sys.stdout.buffer\n"
        "o.write(b'[bold]\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07 \\xff\\x00\\n')\n"
        "o.write(b'x' * 3000000 + b'\\n')\n"
        "for n in range(50000): o.write(b'%d\\n' % n)\n"
        "o.write(b'1%\\r50%\\r99%')\n"
    )
    declare(mine, test=flood, demo="print('[bold]\\x1b[31mred\\x1b[0m \\x1b]0;t\\x07 \\u202e')")

    async def steps(pilot: Pilot[Any]) -> None:
        await go(pilot, mine)
        await press(pilot, "x")
        assert len(pilot.app.screen.query_one(Output).lines) <= MAX_LINES
        said = output(pilot)
        assert "49999" in said
        assert "\n99%" in said
        seen = await press(pilot, "d")
        assert "[bold]red" in seen
        assert "<U+202E>" in seen
        assert "\x1b" not in seen

    walk((140, 42), steps)


def test_a_folder_of_somebody_else_is_asked_about_once(folder: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await go(pilot, folder)
        assert "not made on this machine" in await press(pilot, "x")
        assert "Nothing was run" in await press(pilot, "escape")
        assert "test done" not in output(pilot)
        await press(pilot, "x", "y")
        assert "test done" in output(pilot)
        await press(pilot, "u")
        assert "✓ setup done" in output(pilot)

    walk((80, 24), steps)


def test_without_a_project_or_with_a_broken_one_it_says_what_to_do(
    mine: Path,
) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        seen = await go(pilot, None)
        assert "No project yet for Retrieval-augmented" in seen
        assert "2 makes one" in await press(pilot, "x")
        (mine / "scaffold.toml").write_text("[scaffold\n", "utf-8")
        await press(pilot, "escape")
        assert "not valid TOML" in " ".join((await go(pilot, mine)).split())
        shutil.rmtree(mine)
        await press(pilot, "escape")
        assert "folder is gone" in await press(pilot, "3", "a")

    walk((80, 24), steps)


def test_evidence_opens_in_the_editor_at_its_line(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = mine / "told"
    editor = mine.parent / "code"
    editor.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}.part\nmv {told}.part {told}\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", f"{editor} --wait")

    async def steps(pilot: Pilot[Any]) -> None:
        await go(pilot, mine)
        await press(pilot, "l", "l", "e")
        await until(pilot, told.exists)

    walk((140, 42), steps)
    assert told.read_text().splitlines() == [str(mine / "scaffold.toml")]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
