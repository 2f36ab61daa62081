"""The terminal interface on its Review screen, with a made report instead of a real one.

usage: python benchmarks/bigreport.py FOLDER ITEMS
The rules of the report are made up, its shape is not: three sections, five dimensions, every
status, evidence in two files of FOLDER. One item, NEEDLE, points into the middle of its README.
"""

import inspect
import sys
from pathlib import Path

from textual.widgets import Input

from scaffolder.journeys.rounds import Round
from scaffolder.journeys.watch import Print
from scaffolder.review import score
from scaffolder.review.model import Check, Evidence, Examined, Item, Project, Report, Status
from scaffolder.review.rubric import WEIGHTS
from scaffolder.tui import reviewing
from scaffolder.tui.app import ScaffoldApp

DIMENSIONS = ("evidence", "honesty", "robustness", "security", "reader")
SECTIONS = ("ONE", "TWO", "SIX")
NEEDLE = "ONE-0001"


def report(folder: Path, count: int) -> Report:
    """A report of `count` items on `folder`."""
    items = tuple(_item(n, folder) for n in range(count))
    blockers = score.blockers(items)
    return Report(
        tool_version="0",
        rubric_version="0",
        duration_s=1.0,
        project=Project(str(folder), folder.name, "rag-app", "a" * 40, False, None),
        own_work=None,
        facts={},
        items=items,
        sections={s: score.tally(i for i in items if i.check.section == s) for s in SECTIONS},
        section_titles={s: f"Section {s.lower()}" for s in SECTIONS},
        dimensions=score.by_dimension(items, DIMENSIONS),
        level="working",
        weakest_dimension="reader",
        mends=(),
        ready=False,
        blockers=blockers,
        examined=Examined(2, 10, 3),
        questions=dict.fromkeys(DIMENSIONS, "Is it so?"),
    )


def _item(number: int, folder: Path) -> Item:
    name = f"{SECTIONS[number % 3]}-{number:04}"
    line = 10_000 if number == 1 else number % 300 + 1
    path = "README.md" if number == 1 else "module.py"
    check = Check(
        id=NEEDLE if number == 1 else name,
        section="ONE" if number == 1 else SECTIONS[number % 3],
        weight=tuple(WEIGHTS)[number % len(WEIGHTS)],
        dimension=DIMENSIONS[number % 5],
        claim=f"Claim {number} of {folder.name}: the numbers can be recomputed from a result file.",
        why="A figure that is made up costs all trust at once, and it happens to careful people.",
        fix="Commit one row per item and let one command write the table from them.",
        effort=30,
        source=(),
    )
    statuses = [s for s in Status if s is not Status.WAIVED]
    places = tuple(Evidence(path, line + k, None, f"value_{k} = measured({k})") for k in range(3))
    return Item(check, statuses[number % len(statuses)], "3 of 8 numbers were found.", places)


class Made(ScaffoldApp):
    """Begins on Review; cursors do not blink, so that every byte that is written follows a key."""

    CSS_PATH = Path(inspect.getfile(ScaffoldApp)).with_name("scaffold.tcss")

    def __init__(self, folder: Path, count: int) -> None:
        super().__init__()
        self.folder = folder
        self.made = report(folder, count)

    def on_ready(self) -> None:
        """Reviews are made, not done."""
        self.choose("rag-app", self.folder)
        done = Round(self.made, Print("", 0))

        def start(page: reviewing.Reviewing) -> None:
            page.root, page.watching = self.folder, False
            page._reviewed(done)

        reviewing.Reviewing.start = start  # type: ignore[method-assign]
        self.action_visit("review")
        self.call_after_refresh(self._still)

    def _still(self) -> None:
        for field in self.screen.query(Input):
            field.cursor_blink = False


if __name__ == "__main__":
    app = Made(Path(sys.argv[1]), int(sys.argv[2]))
    app.run()
    if app.crash:
        raise app.crash
