"""Portfolio: all projects, what each proves, and what the set lacks before it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import Click, Resize
from textual.widgets import Input, Static
from textual.widgets.option_list import Option

from scaffolder.errors import ScaffoldError
from scaffolder.journeys import portfolio
from scaffolder.journeys.portfolio import Overview
from scaffolder.journeys.projects import Entry
from scaffolder.tui.page import WIDE, Page
from scaffolder.tui.widgets.items import Items
from scaffolder.tui.widgets.reading import Reading
from scaffolder.tui.wording import entries, findings
from scaffolder.tui.words import plain

LOOKING, MEASURING = "looking", "measuring"
WAIT = "Looking at your projects …"


class Rows(Items):
    """The first click on a row chooses it, one on the chosen row opens it."""

    def on_click(self, event: Click) -> None:
        """A row that is not chosen yet is not opened."""
        row = event.style.meta.get("option")
        if row is not None and row != self.highlighted:
            event.prevent_default()
            self.highlighted = row


class Portfolio(Page):
    """The table, the project under the cursor, and what is missing."""

    PLACE = "portfolio"
    AUTO_FOCUS = "#projects"
    DEFAULT_CSS = """
    Portfolio #panes { height: 1fr; layout: horizontal; }
    Portfolio #left { width: 3fr; }
    Portfolio #page { width: 2fr; }
    Portfolio #table { height: auto; max-height: 60%; border: round $border-blurred;
        border-title-color: $muted; padding: 0 1; }
    Portfolio #table:focus-within { border: heavy $border; border-title-color: $foreground;
        border-title-style: bold; }
    Portfolio #columns { height: 1; }
    Portfolio #projects { height: auto; max-height: 100%; border: none; padding: 0;
        text-wrap: nowrap; text-overflow: ellipsis; background: $background;
        background-tint: transparent; }
    Portfolio #missing { height: 1fr; }
    Portfolio #doing { height: 1; padding: 0 1; color: $accent; display: none; }
    Portfolio #empty { height: 1fr; align: center middle; display: none; }
    Portfolio #empty Static { width: 64; max-width: 95%; }
    Portfolio.-empty #panes { display: none; }
    Portfolio.-empty #empty { display: block; }
    Portfolio.-narrow #panes { layout: vertical; }
    Portfolio.-narrow #left { width: 1fr; height: 3fr; }
    Portfolio.-narrow #table { border: none; padding: 0; }
    Portfolio.-narrow #page { width: 1fr; height: 2fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open"),
        Binding("r", "review", "Review it"),
        Binding("m", "measure", "Measure all again"),
        Binding("x", "stop", "Stop measuring", show=False),
        Binding("n", "make", "Make a project", show=False),
        Binding("a", "again", "Look at the projects again", show=False),
        Binding("slash", "filter", "Filter", key_display="/"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.found: Overview | None = None
        self.chosen = ""
        self.wanted = ""

    def body(self) -> ComposeResult:
        """The table over what is missing, the project beside them."""
        with Container(id="panes"):
            with Container(id="left"):
                with Container(id="table"):
                    yield Input(placeholder="a name, skill or level, Esc to end", id="filter")
                    yield Static("", id="columns", markup=False)
                    yield Rows(id="projects", classes="rows")
                yield Reading(id="missing")
            yield Reading(id="page")
        with Container(id="empty"):
            yield Static("", markup=False)
        yield Static("", id="doing", markup=False)

    def on_mount(self) -> None:
        """Words until the projects are known."""
        self.query_one("#filter").display = False
        self.query_one("#table").border_title = "Projects"
        self.query_one("#page").border_title = "Project"
        self.query_one("#missing").border_title = "Missing before the set is worth showing"
        self._say_instead(Content(WAIT))
        self.show_command("portfolio")

    def on_screen_resume(self) -> None:
        """Projects and levels may have changed elsewhere."""
        self._look()

    def on_resize(self, _: Resize) -> None:
        """Rows are made for the width there is."""
        self._fill()

    def why_not(self, action: str) -> str:
        """What needs a project, or one that is still there."""
        entry = self._entry()
        if action in ("open", "review") and entry is None:
            return "There is no project to open: n makes one."
        if action in ("open", "review") and entry and not entry.there:
            return f"{plain(entry.name).plain} is gone: there is nothing to open."
        if action == "measure" and not any(e.there for e in self._all()):
            return "There is no project to measure: n makes one."
        if action == "measure" and self.is_working(MEASURING):
            return "They are being measured: x stops it."
        if action == "stop" and not self.is_working(MEASURING):
            return "Nothing is being measured."
        return ""

    def action_open(self) -> None:
        """The project under the cursor is what all screens are about."""
        self._visit("project")

    def action_review(self) -> None:
        """To its review."""
        self._visit("review")

    def action_make(self) -> None:
        """To the form for a project."""
        self.home.action_visit("new")

    def action_again(self) -> None:
        """Looks at the projects again, as after a failure."""
        if self.found is None:
            self._say_instead(Content(WAIT))
        self._look()

    def action_measure(self) -> None:
        """Reviews all projects, one after another, beside the screen."""
        self.work_apart(
            MEASURING, self._measured, portfolio.measure_again, tell=self._show_progress
        )
        self._show_progress("beginning")
        self.show_command("portfolio", "--review")

    def action_stop(self) -> None:
        """Ends it; what was measured until now is kept."""
        self.stop_work(MEASURING)
        self._measured(("Stopped; what was measured until now is kept.",))

    def action_filter(self) -> None:
        """Narrows the table."""
        field = self.query_one("#filter", Input)
        field.display = True
        field.focus()

    def action_back(self) -> None:
        """Out of the filter first."""
        field = self.query_one("#filter", Input)
        if not field.display:
            super().action_back()
            return
        field.value = ""
        field.display = False
        self.query_one("#projects").focus()

    def action_pane(self, step: int) -> None:
        """The rows are a pane too; its border is that of the whole table."""
        walk = self.focus_next if step > 0 else self.focus_previous
        walk(".pane, .rows")

    def failed(self, task: str, error: ScaffoldError) -> None:
        """What could not be looked at says so in its place; what was measured is over."""
        if task == LOOKING and self.found is None:
            ways = (("a", "tries again"),)
            self._say_instead(findings.no_report(error.message, ways, error.hint))
            return
        if task == MEASURING:
            self.query_one("#doing").display = False
        super().failed(task, error)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters while one types."""
        self.wanted = event.value.strip().casefold()
        self._fill()

    def on_input_submitted(self) -> None:
        """Into the narrowed table."""
        self.query_one("#projects").focus()

    def on_option_list_option_highlighted(self, event: Items.OptionHighlighted) -> None:
        """Shows the project under the cursor."""
        self.chosen = event.option_id or ""
        self._show_page()

    async def on_option_list_option_selected(self, _: Items.OptionSelected) -> None:
        """Enter or a click on a row."""
        await self.run_action("open")

    def _look(self) -> None:
        self.work_here(LOOKING, self._show, portfolio.overview)

    def _show(self, found: Overview) -> None:
        for notice in found.notices:
            self.notify(notice, severity="warning", markup=False)
        self.found = found
        if not found.entries:
            self._say_instead(entries.no_project())
            return
        self.set_class(False, "-empty")
        self._show_title(found)
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        """What is broken into lines waits for panes that have a width."""
        if self.found is not None:
            self.query_one("#missing", Reading).show(entries.missing(self.found))
            self._fill()

    def _show_title(self, found: Overview) -> None:
        said = "Worth showing" if found.worth_showing else "Missing before the set is worth showing"
        self.query_one("#missing").border_title = said
        proving = sum(entry.proves for entry in found.entries)
        count = f"{proving} of {len(found.entries)} prove their skill"
        self.query_one("#table").border_title = Content(f"Projects: {count}")

    def _say_instead(self, words: Content) -> None:
        """Words in place of the panes."""
        self.set_class(True, "-empty")
        self.query_one("#empty Static", Static).update(words)
        self.refresh_bindings()

    def _fill(self) -> None:
        """The rows, the cursor where it was."""
        items = self.query_one("#projects", Items)
        width = self._columns()
        self.query_one("#columns", Static).update(entries.header(width))
        listed = [e for e in self._all() if entries.holds(e, self.wanted)]
        chosen = self.chosen
        items.clear_options()
        items.add_options(Option(entries.row(e, width), id=e.path) for e in listed)
        paths = [entry.path for entry in listed]
        items.highlighted = paths.index(chosen) if chosen in paths else 0 if paths else None
        if not paths:
            self.chosen = ""
            self._show_page()

    def _columns(self) -> int:
        """The width of a row, without border, padding and scroll bar."""
        width = self.size.width
        return width - 2 if width < WIDE else width * 3 // 5 - 6

    def _show_page(self) -> None:
        entry = self._entry()
        reading = self.query_one("#page", Reading)
        reading.show(entries.page(entry) if entry else entries.no_match(self.wanted))
        if not self.is_working(MEASURING):
            self.show_command("portfolio")
        self.refresh_bindings()

    def _all(self) -> Sequence[Entry]:
        return self.found.entries if self.found else ()

    def _entry(self) -> Entry | None:
        return next((entry for entry in self._all() if entry.path == self.chosen), None)

    def _visit(self, place: str) -> None:
        entry = self._entry()
        if entry is not None and entry.there:
            self.home.choose(entry.slug, Path(entry.path))
            self.home.action_visit(place)

    def _show_progress(self, line: str) -> None:
        doing = self.query_one("#doing", Static)
        doing.display = True
        doing.update(plain(f"◐ {line} … (x stops it)"))
        self.refresh_bindings()

    def _measured(self, told: Sequence[str]) -> None:
        self.query_one("#doing").display = False
        for line in told:
            self.notify(line, markup=False)
        if not told:
            self.notify("Every project is measured.", markup=False)
        self.show_command("portfolio")
        self._look()


PAGE = Portfolio
