"""A folder to review on the screen, and the review page with its work done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from onscreen import press, settle, shown
from textual.pilot import Pilot

from scaffolder.tui.screens.review import Review

MANY = 40
"""Rounds of work after which what was waited for will not come."""


def small_project(root: Path) -> Path:
    """A folder with a README and a module, and no licence."""
    (root / "src").mkdir(parents=True)
    (root / "README.md").write_text("# mini\n\nWords about it.\n", "utf-8")
    (root / "src" / "a.py").write_text("def f() -> int:\n    return 1\n", "utf-8")
    (root / "pyproject.toml").write_text('[project]\nname = "mini"\ndependencies = ["httpx"]\n')
    return root


def page(pilot: Pilot[Any]) -> Review:
    """The review page, wherever one is."""
    found = pilot.app.get_screen("review")
    assert isinstance(found, Review)
    return found


async def until(pilot: Pilot[Any], done: Callable[[], bool]) -> str:
    """Waits, round by round of work, for what must come; returns what is seen then."""
    for _ in range(MANY):
        await settle(pilot)
        if done():
            await settle(pilot)
            return shown(pilot.app)
    raise AssertionError(shown(pilot.app))


async def visit(pilot: Pilot[Any], root: Path) -> str:
    """Goes to the page about `root` and waits for the report."""
    pilot.app.choose("", root)  # type: ignore[attr-defined]
    await press(pilot, "4")
    return await until(pilot, lambda: page(pilot).report is not None)


async def choose(pilot: Pilot[Any], check_id: str) -> str:
    """Puts the cursor on an item."""
    from scaffolder.tui.widgets.verdicts import Verdicts

    page(pilot).query_one(Verdicts).choose(check_id)
    await settle(pilot)
    return shown(pilot.app)
