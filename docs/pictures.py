"""Makes the pictures of the terminal interface that the README shows.

usage: python docs/pictures.py [NAME...]      (environment: `make test`; needs git)
Writes docs/images/tui-NAME.svg. The program runs without a terminal in a home of its own, with a
fresh project and the finished example, both committed on fixed days, so that the same state of
this repository gives the same pictures. No path of the machine is in them: the home is a folder
with a name as long as HOME, which stands there instead.
"""

import asyncio
import os
import random
import re
import shutil
import string
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SIZE = (140, 42)
PATIENCE_S = 120
HOME = "/home/you"
DAY = datetime(2026, 11, 9, 19, 30, tzinfo=UTC)
FONTS = '"Fira Code", Menlo, Consolas, "DejaVu Sans Mono", monospace'
SECRETS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "NO_COLOR", "COLORFGBG")


@dataclass(frozen=True)
class Picture:
    """Which keys lead to it from the first screen, and in which theme."""

    name: str
    keys: Sequence[str]
    theme: str = "dark"


PICTURES = (
    Picture("sequence", ["1"]),
    Picture("new", ["2"]),
    Picture("project", ["3"]),
    Picture("review", ["4"]),
    Picture("drill", ["5"]),
    Picture("portfolio", ["6"]),
    Picture("review-light", ["4"], "light"),
)


def main() -> None:
    wanted = [p for p in PICTURES if p.name in sys.argv[1:] or not sys.argv[1:]]
    with scratch_home() as home:
        prepare(home)
        for picture in wanted:
            process = get_context("spawn").Process(target=draw, args=(picture, home))
            process.start()
            process.join(PATIENCE_S)
            if process.exitcode != 0:
                process.kill()
                sys.exit(f"{picture.name}: no picture within {PATIENCE_S} s")


def draw(picture: Picture, home: Path) -> None:
    """Writes one picture; in a process of its own, since a program on the screen is one."""
    text = neutral(asyncio.run(taken(picture)), picture.name, home)
    path = HERE / "images" / f"tui-{picture.name}.svg"
    path.write_text(text, "utf-8")
    print(f"{path.relative_to(HERE.parent)}  {len(text) // 1000} kB", flush=True)


@contextmanager
def scratch_home() -> Iterator[Path]:
    """A home that nobody has, as long as HOME; it is taken away again."""
    letters = random.choices(string.ascii_lowercase, k=len(HOME) - len("/tmp/"))
    home = Path("/tmp") / "".join(letters)
    home.mkdir()
    for name in [*SECRETS, *(n for n in os.environ if n.startswith(("XDG_", "GIT_")))]:
        os.environ.pop(name, None)
    os.environ.update(HOME=str(home), GIT_CONFIG_NOSYSTEM="1", TZ="UTC", EDITOR="vi")
    os.chdir(home)
    try:
        yield home
    finally:
        os.chdir(HERE)
        shutil.rmtree(home)


def prepare(home: Path) -> None:
    """A fresh project, the finished one of this repository, their reviews and a running clock."""
    from scaffolder import progress
    from scaffolder.cli import main as scaffold
    from scaffolder.gitrepo import committed
    from scaffolder.journeys import portfolio
    from scaffolder.journeys.review import review_repo

    fresh, finished = home / "minutes", home / "rulebook"
    scaffold(["new", "rag-app", str(fresh), "--defaults", "--no-git"])
    shutil.copytree(HERE.parent / "examples" / "rag-app", finished, ignore=unwanted)
    progress.start_build("rag-app", datetime.now(UTC) - timedelta(hours=31, minutes=30))
    for days, folder in enumerate((fresh, finished)):
        committed(folder, "Begin with the first corpus", DAY + timedelta(days=days))
        committed(folder, "Measure the first change", DAY + timedelta(days=days + 3))
        progress.record_project("rag-app", folder, DAY)
        portfolio.note(review_repo(folder), DAY + timedelta(days=days + 4))


def unwanted(_: str, names: list[str]) -> list[str]:
    return [n for n in names if n in (".venv", "var", "__pycache__") or n.endswith(".egg-info")]


async def taken(picture: Picture) -> str:
    """The screen as an SVG, after everything that goes on beside it is done."""
    from scaffolder import notebook
    from scaffolder.tui.app import ScaffoldApp

    notebook.set_setting("theme", picture.theme)
    app = ScaffoldApp()
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        for key in picture.keys:
            await pilot.press(key)
            await settled(pilot)
        return app.export_screenshot(title=f"scaffold: {picture.name}")


async def settled(pilot: Any) -> None:
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def neutral(svg: str, name: str, home: Path) -> str:
    """Without the home, ids that depend on it, and fonts that would be fetched from elsewhere."""
    svg = svg.replace(str(home), HOME)
    svg = re.sub(r"@font-face\s*\{[^}]*\}\s*", "", svg)
    svg = re.sub(r"font-family: Fira Code, monospace", f"font-family: {FONTS}", svg)
    return re.sub(r"terminal-\d+", f"tui-{name}", svg)


if __name__ == "__main__":
    main()
