"""One project: its milestones and what proves them, its commands run here, its results over time.

Invariant: a command that runs goes on when one leaves the page and ends with the program; at most
one runs. Nothing of a folder that was not made here is run without having asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from scaffolder import skills
from scaffolder.errors import ScaffoldError
from scaffolder.journeys import project, results, run
from scaffolder.journeys.project import Look
from scaffolder.journeys.results import History
from scaffolder.journeys.run import Planned, Ran
from scaffolder.tui.editing import open_in_editor
from scaffolder.tui.page import WIDE, Page
from scaffolder.tui.running import NO_PROJECT, Running
from scaffolder.tui.screens.choose import Choose
from scaffolder.tui.widgets.milestones import Milestones
from scaffolder.tui.widgets.output import Output
from scaffolder.tui.widgets.plot import Plot
from scaffolder.tui.widgets.tabs import Tabs
from scaffolder.tui.wording import projects
from scaffolder.tui.wording.commands import shown_path

PANES = ("milestones", "output", "results")


class Project(Running, Page):
    """Milestones on the left, output and results on the right; in 80 columns one at a time."""

    PLACE = "project"
    AUTO_FOCUS = "#milestones"
    DEFAULT_CSS = """
    Project #about { height: 2; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Project #panes { layout: horizontal; height: 1fr; }
    Project #left { width: 40%; min-width: 48; max-width: 66; }
    Project #milestones { height: 1fr; }
    Project #detail {
        height: auto; max-height: 11; padding: 0 1;
        border: round $border-blurred; border-title-color: $accent; border-title-style: bold;
    }
    Project #right { width: 1fr; }
    Project #output { height: 1fr; }
    Project #results { height: auto; max-height: 60%; min-height: 7; }
    Project Tabs { display: none; }
    Project.-narrow Tabs { display: block; }
    Project.-narrow #panes { layout: vertical; }
    Project.-narrow #left, Project.-narrow #right { width: 1fr; max-width: 100%; height: 1fr; }
    Project.-narrow #results { height: 1fr; max-height: 100%; }
    Project.-narrow #detail { max-height: 7; border: none; border-top: solid $border-blurred; }
    Project.-narrow .away { display: none; }
    Project.-zoomed #left, Project.-zoomed #results, Project.-zoomed #about { display: none; }
    Project.-zoomed #output { display: block; }
    """
    CSS = """
    Project.-narrow .pane { border: none; border-top: solid $border-blurred; }
    Project.-narrow .pane:focus { border: none; border-top: heavy $border; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit"),
        Binding("m", "metric(1)", "Next result", show=False),
        Binding("M", "metric(-1)", "Result before", show=False),
        Binding("slash", "choose", "Find a result", show=False, key_display="/"),
        Binding("z", "zoom", "Output on the whole screen", show=False),
        Binding("r", "app.visit('review')", "Review it", show=False),
        Binding("a", "again", "Look at the project again", show=False),
        Binding("tab", "pane(1)", "Next pane", show=False),
        Binding("shift+tab", "pane(-1)", "Pane before", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.look: Look | None = None
        self.ahead: Look | None = None
        self.last: Planned | None = None
        self.pane = PANES[0]

    def body(self) -> ComposeResult:
        """What it is about, then the panes."""
        yield Static("", id="about", markup=False)
        yield Tabs({name: name.capitalize() for name in PANES})
        with Container(id="panes"):
            with Vertical(id="left"):
                yield Milestones(id="milestones")
                yield Static("", id="detail", markup=False)
            with Vertical(id="right"):
                yield Output(id="output")
                yield Plot(id="results")

    def on_mount(self) -> None:
        """Names of the panes; drawing waits for something to draw."""
        self.query_one("#milestones").border_title = "Milestones"
        self.query_one("#detail").border_title = "What proves it"
        self.query_one("#results").border_title = "Results over time"
        self._show_pane(PANES[0])

    def on_screen_resume(self) -> None:
        """Another project may have been chosen, or files changed."""
        self.path = self.home.project
        if self.look and self.look.path != self.path:
            self.look = None
        self.action_again()

    def on_resize(self, _: Resize) -> None:
        """Rows are made for the width there is."""
        self.call_after_refresh(self._fill)

    def why_not(self, action: str) -> str:
        """What needs a project, or other results."""
        if action in ("edit", "metric", "choose") and self.path is None:
            return NO_PROJECT
        if (
            action in ("metric", "choose")
            and self.query(Plot)
            and len(self.query_one(Plot).history.series) < 2
        ):
            return "There are no more results."
        return super().why_not(action)

    def action_again(self) -> None:
        """What the manifest says at once, milestones and results as soon as they are measured."""
        if self.path is None:
            self._show_nothing()
            return
        if self.look is None or self.look.skill is None:
            self.query_one(Plot).show_history(History((), ""))
            self._looked(project.glance(self.path))
        if self.look and self.look.skill:
            self.work_apart("look", self._looked, project.look, self.path)
            self.work_apart("results", self._measured, results.history, self.path)
        self.refresh_bindings()

    def action_edit(self) -> None:
        """The evidence under the cursor in the editor; the manifest where there is none."""
        judged = self.query_one(Milestones).chosen
        place = projects.evidence(judged.item) if judged else None
        if self.path and place and self.pane != "results":
            open_in_editor(self, self.path / place.path, place.line, self.path)
        elif self.path and self.look:
            open_in_editor(self, self.look.manifest, None, self.path)
        self.action_again()

    def action_metric(self, step: int) -> None:
        """Another result."""
        self.query_one(Plot).move(step)
        self._show_pane("results")
        self._say_command()

    def action_choose(self) -> None:
        """One result of the list of all."""
        self.app.push_screen(Choose(self.query_one(Plot).history), self._chosen)

    def action_zoom(self) -> None:
        """The output alone, or all panes again."""
        self.toggle_class("-zoomed")
        if self.has_class("-zoomed"):
            self._show_pane("output")
            self.query_one(Output).focus()

    def action_back(self) -> None:
        """Out of the large output first."""
        if self.has_class("-zoomed"):
            self.remove_class("-zoomed")
        else:
            super().action_back()

    def action_pane(self, step: int) -> None:
        """The next pane; in 80 columns it takes the place of the one before."""
        at = PANES.index(self.pane) + step
        self._show_pane(PANES[at % len(PANES)])
        self.query_one(f"#{self.pane}").focus()

    def on_tabs_chosen(self, message: Tabs.Chosen) -> None:
        """A pane by a click on its name."""
        self._show_pane(message.name)
        self.query_one(f"#{self.pane}").focus()

    def on_descendant_focus(self) -> None:
        """The command that belongs to the pane."""
        if self.focused and self.focused.id in PANES:
            self.pane = self.focused.id
            self._say_command()

    def on_option_list_option_highlighted(self) -> None:
        """What is known of the item under the cursor."""
        self._show_detail()

    def on_option_list_option_selected(self) -> None:
        """Enter: to the place in the files, else to the review."""
        judged = self.query_one(Milestones).chosen
        if judged and projects.evidence(judged.item):
            self.action_edit()
        elif judged:
            self.home.action_visit("review")

    def failed(self, task: str, error: ScaffoldError) -> None:
        """Where the result would have been."""
        if task == "look" and self.look:
            self._looked(replace(self.look, unknown=error.message, hint=error.hint))
        elif task == "results":
            self._measured(History((), error.message))
        else:
            super().failed(task, error)

    def runs(self, planned: Planned) -> None:
        """A command began: its output is to be seen."""
        self.last = planned
        self._show_pane("output")
        self._say_command()

    def ran(self, ran: Ran) -> None:
        """A command ended: what it changed is looked at."""
        if ran.name in run.MEASURING:
            self.action_again()

    def _looked(self, look: Look) -> None:
        if look.path != self.path:
            return
        self.look, self.ahead = look, None
        self.query_one("#about", Static).update(projects.header(look))
        self.query_one(Output).offer(projects.offer(look))
        self._fill()

    def _measured(self, history: History) -> None:
        self.query_one(Plot).show_history(history)
        self._say_command()
        self.refresh_bindings()

    def _chosen(self, name: str | None) -> None:
        if name is not None:
            self.query_one(Plot).turn_to(name)
            self._show_pane("results")
            self.query_one(Plot).focus()
            self._say_command()

    def _fill(self) -> None:
        self.query_one(Milestones).show(self.look or self.ahead)
        self._show_detail()

    def _show_detail(self) -> None:
        look, listed = self.look, self.query_one(Milestones)
        said = Content("")
        if look and listed.chosen:
            said = projects.detail(listed.chosen, look)
        elif listed.heading:
            said = projects.goal(listed.heading)
        detail = self.query_one("#detail", Static)
        detail.display = bool(said.plain)
        detail.update(said)
        self._say_command()

    def _show_nothing(self) -> None:
        skill = next((s for s in skills.load() if s.slug == self.home.skill), None)
        self.look = None
        self.query_one("#about", Static).update(projects.nothing(skill))
        self.query_one(Plot).show_history(History((), ""))
        self.query_one(Output).offer(projects.offer(None))
        self.ahead = project.ahead(skill) if skill else None
        self._fill()
        self.refresh_bindings()

    def _show_pane(self, name: str) -> None:
        self.pane = name
        for pane in PANES:
            self.query_one(f"#{pane}").set_class(pane != name, "away")
        self.query_one("#left").set_class(name != PANES[0], "away")
        self.query_one("#right").set_class(name == PANES[0], "away")
        self.query_one(Tabs).show(name)
        if self.size.width < WIDE and self.screen.is_active:
            self.query_one(f"#{name}").focus()

    def _say_command(self) -> None:
        judged = self.query_one(Milestones).chosen
        series = self.query_one(Plot).series
        if self.path is None:
            self.show_command("skills", *filter(None, [self.home.skill]))
        elif self.pane == "output" and self.last:
            self.show_command("run", self.last.project, self.last.name)
        elif self.pane == "results":
            self.show_command("results", self.path, *(["--metric", series.name] if series else []))
        elif judged:
            self.show_command("review", self.path, "--only", judged.item.check.id)
        else:
            self.show_command("review", shown_path(self.path))


PAGE = Project
