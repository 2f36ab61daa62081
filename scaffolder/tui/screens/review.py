"""Review: what a sceptical reader finds, why, where it stands, and what changed since a save."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from scaffolder.errors import ScaffoldError
from scaffolder.journeys import attest, rounds
from scaffolder.journeys.excerpt import Excerpt, excerpt
from scaffolder.journeys.sift import By, Sieve, Wanted
from scaffolder.review.model import Evidence, Status
from scaffolder.tui.acting import NEEDS_REPORT, Acting
from scaffolder.tui.page import Page
from scaffolder.tui.widgets.evidence import Source
from scaffolder.tui.widgets.items import Items
from scaffolder.tui.widgets.proof import Proof
from scaffolder.tui.widgets.reading import Reading
from scaffolder.tui.widgets.slim import Slim
from scaffolder.tui.widgets.verdicts import Verdicts
from scaffolder.tui.wording import findings
from scaffolder.tui.wording.commands import shown_path
from scaffolder.tui.words import MUTED

REST = 0.06
"""Seconds without a key after which what follows from it is drawn as well: item, narrowed list."""


class Review(Acting, Page):
    """The list, the detail of what is under the cursor, and the lines it rests on."""

    PLACE = "review"
    AUTO_FOCUS = "#verdicts"
    DEFAULT_CSS = """
    Review #head { height: auto; padding: 0 1; }
    Review #standing { width: 1fr; height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    Review #bars { width: auto; height: auto; margin-left: 3; }
    Review #bars-short { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Review #change { height: auto; max-height: 3; padding: 0 1; }
    Review #state { height: 1; padding: 0 1; color: $muted; text-wrap: nowrap;
        text-overflow: ellipsis; }
    Review #panes { height: 1fr; }
    Review #empty { height: 1fr; padding: 1 2; }
    Review #left { width: 44%; min-width: 55; }
    Review #right { width: 1fr; }
    Review #detail { height: auto; max-height: 60%; }
    Review #proof { height: 1fr; }
    Review #empty { display: none; }
    Review.-empty #empty { display: block; }
    Review.-empty #panes, Review.-empty #head, Review.-empty #bars-short { display: none; }
    Review.-wide #bars-short { display: none; }
    Review.-narrow #bars { display: none; }
    Review.-narrow #left { width: 1fr; }
    Review.-narrow #right { display: none; }
    Review.-narrow.-inside #left, Review.-narrow.-inside #head,
    Review.-narrow.-inside #bars-short { display: none; }
    Review.-narrow.-inside #right { display: block; }
    Review.-narrow #standing { max-height: 4; }
    Review.-narrow #places { max-height: 3; }
    Review.-narrow.-evidence #detail { height: 4; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("b", "blocking", "Blocking"),
        Binding("a", "answer", "Answer"),
        Binding("v", "waive", "Waive"),
        Binding("e", "edit", "Edit"),
        Binding("R", "run_it", "Run", tooltip="Run a copy of it, with faults", key_display="R"),
        Binding("r", "again", "Again", show=False),
        Binding("u", "open_only", "Hide or show what holds", show=False),
        Binding("s", "by", "Group by section or by dimension", show=False),
        Binding("n", "place(1)", "Next evidence", show=False),
        Binding("N", "place(-1)", "Evidence before", show=False),
        Binding("x", "take_out", "Take an answer or a waiver out", show=False),
        Binding("w", "watch", "Review again on a save, or not", show=False),
        Binding("p", "export", "Put the report into a file", show=False),
        Binding("P", "publish", "Show the command that publishes it", show=False),
        Binding("m", "reader", "What is seen in 60 seconds", show=False),
        Binding("o", "folder", "Review another folder", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.wanted = Wanted()
        self._sieve: Sieve | None = None
        self._of: Path | None = None
        self._looked_at: Evidence | None = None
        self._sought = ""
        self._possible: tuple[bool, ...] = ()

    def body(self) -> ComposeResult:
        """The head, what changed, the list and the detail; words where there is no report."""
        with Horizontal(id="head"):
            yield Static("", id="standing", markup=False)
            yield Static("", id="bars", markup=False)
        yield Static("", id="bars-short", markup=False)
        yield Static("", id="change", markup=False)
        yield Static("", id="state", markup=False)
        yield Static("", id="empty", markup=False)
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield Slim(
                    placeholder="letters of an id, claim, reason or status", id="review-filter"
                )
                yield Verdicts(id="verdicts")
            with Vertical(id="right"):
                yield Reading(id="detail")
                yield Proof(id="proof")

    def on_mount(self) -> None:
        """Titles; the folder is taken when the screen is shown."""
        self.query_one("#review-filter").display = False
        self.query_one("#verdicts").border_title = "Verdicts"
        self.query_one("#detail").border_title = "Why"

    def on_screen_resume(self) -> None:
        """Another project may have been chosen elsewhere."""
        project = self.home.project
        if self.root is None or (project and project not in (self._of, self.root)):
            self._of = project
            self.take(rounds.subject(project, Path.cwd()))

    def show_item(self, check_id: str) -> None:
        """Puts the cursor on that item of the project, as soon as its report is there."""
        self._sought = check_id
        if self.home.project in (None, self._of):
            self._land()

    def refresh_report(self) -> None:
        """Everything, from the report there is."""
        report = self.report
        self._sieve = Sieve(report) if report else None
        self.set_class(report is None, "-empty")
        self._show_change()
        if report is not None:
            self.query_one("#standing", Static).update(findings.standing(report))
            self.query_one("#bars", Static).update(findings.bars(report))
            self.query_one("#bars-short", Static).update(findings.bars_short(report))
            self.query_one(Verdicts).forget()
            self._fill()
            self._land()
        self.refresh_state()

    def refresh_state(self) -> None:
        """What goes on, in words."""
        self.query_one("#state", Static).update(Content(self.going_on()))
        if self.report is None:
            self.query_one("#empty", Static).update(self.emptiness())
            self._show_command()
        self._renew_keys()

    def action_filter(self) -> None:
        """Narrows the list to what holds the letters."""
        field = self.query_one("#review-filter", Input)
        field.display = True
        field.focus()

    def action_blocking(self) -> None:
        """Only what shuts the gate, or everything."""
        self._want(replace(self.wanted, only_blocking=not self.wanted.only_blocking))

    def action_open_only(self) -> None:
        """Leaves out what holds, or shows it again."""
        self._want(replace(self.wanted, hide_held=not self.wanted.hide_held))

    def action_by(self) -> None:
        """The other headings."""
        by: By = "dimension" if self.wanted.by == "section" else "section"
        self._want(replace(self.wanted, by=by))

    def action_place(self, step: int) -> None:
        """Another place of the evidence."""
        self.query_one(Proof).step(step)

    def action_reader(self) -> None:
        """What is seen without reading the code, where the reason of an item was."""
        if self.report:
            self.query_one("#detail", Reading).show(findings.reader_view(self.report))
            self.query_one("#detail").focus()
            self._show_command("--reader")

    def action_back(self) -> None:
        """Out of an item, out of the filter, out of a review that goes on, then the page."""
        field = self.query_one("#review-filter", Input)
        if self._pane() > 0:
            self.query_one(Verdicts).focus()
        elif field.display:
            field.value = ""
            field.display = False
            self.query_one(Verdicts).focus()
        elif not self.stop():
            super().action_back()

    def action_pane(self, step: int) -> None:
        """To the list, the reason, the places, the file."""
        panes = self._panes()
        panes[min(max(self._pane() + step, 0), len(panes) - 1)].focus()

    def on_descendant_focus(self) -> None:
        """On a narrow screen the list makes room for the item that is looked at."""
        self.set_class(self._pane() > 0, "-inside")
        self.set_class(self._pane() > 1, "-evidence")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters while one types, once what was typed is drawn."""
        self.run_worker(self._search_rested(event.value), group="search", exclusive=True)

    def on_input_submitted(self) -> None:
        """Into the narrowed list."""
        self.query_one(Verdicts).focus()

    def on_verdicts_moved(self) -> None:
        """Shows the item under the cursor, once the cursor rests on it."""
        self.item = self.query_one(Verdicts).chosen
        self.run_worker(self._show_rested(), group="item", exclusive=True)

    def on_verdicts_opened(self) -> None:
        """Into the item."""
        self.query_one("#detail").focus()

    def on_proof_chosen(self) -> None:
        """Looks into the file; of many places asked for in a row only the last matters."""
        chosen = self.place = self.query_one(Proof).chosen
        self._renew_keys()
        if chosen is None or chosen.ran is not None or self.root is None:
            self.query_one(Proof).put(Excerpt(""))
        elif self._looked_at is None:
            self._looked_at = chosen
            self.work_here("evidence", self._found, excerpt, self.root, chosen)

    async def _search_rested(self, text: str) -> None:
        await asyncio.sleep(REST)
        self._want(replace(self.wanted, search=text))

    async def _show_rested(self) -> None:
        await asyncio.sleep(REST)
        self._show_item()

    def _show_item(self) -> None:
        reading = self.query_one("#detail", Reading)
        if self.report and self.item:
            reading.show(findings.detail(self.report, self.item))
        else:
            reading.show(Content.styled(self._nothing_found(), MUTED))
        self.query_one(Proof).show(self.item)
        self._show_command()
        self._renew_keys()

    def _renew_keys(self) -> None:
        """The keys are drawn again only where one of them became possible, or impossible."""
        now = tuple(self.why_not(name) == "" for name in (*NEEDS_REPORT, "again", "run_it"))
        if now != self._possible:
            self._possible = now
            self.refresh_bindings()

    def _found(self, found: Excerpt) -> None:
        proof, looked_at = self.query_one(Proof), self._looked_at
        self._looked_at = None
        if proof.chosen == looked_at:
            proof.put(found)
        else:
            self.on_proof_chosen()

    def failed(self, task: str, error: ScaffoldError) -> None:
        """What cannot be looked at says so in its place."""
        if task == "evidence":
            self._looked_at = None
            self.query_one(Proof).put(Excerpt("", why_not=error.message))
        else:
            super().failed(task, error)

    def _fill(self) -> None:
        if self._sieve and self.report:
            groups = self._sieve.groups(self.wanted)
            self.query_one(Verdicts).show(groups, self.report.blockers, self.change.flips)

    def _want(self, wanted: Wanted) -> None:
        if wanted == self.wanted:
            return
        self.wanted = wanted
        said = ["only what shuts the gate"] if wanted.only_blocking else []
        said += ["what holds is hidden"] if wanted.hide_held else []
        said += [f"by {wanted.by}"] if wanted.by != "section" else []
        self.query_one("#verdicts").border_title = Content(", ".join(["Verdicts", *said]))
        self._fill()

    def _land(self) -> None:
        """On the item that was asked for; where it is filtered out, everything is shown."""
        if self._sought and self.report:
            verdicts, sought, self._sought = self.query_one(Verdicts), self._sought, ""
            if not verdicts.choose(sought):
                self.query_one("#review-filter", Input).value = ""
                self._want(Wanted(by=self.wanted.by))
                verdicts.choose(sought)

    def _panes(self) -> list[Widget]:
        panes = [self.query_one(Verdicts), self.query_one("#detail")]
        places = self.query_one("#places", Items)
        return [*panes, *([places] if places.display else []), self.query_one(Source)]

    def _pane(self) -> int:
        panes = self._panes()
        return panes.index(self.focused) if self.focused in panes else 0

    def _nothing_found(self) -> str:
        if self.wanted.only_blocking and not self.wanted.search:
            return "Nothing shuts the gate. b shows everything."
        return "No item is like that. Esc ends the filter, b and u show more."

    def _show_change(self) -> None:
        shown = self.query_one("#change", Static)
        shown.display = bool(self.change)
        if self.change:
            shown.update(findings.changed(self.change, self.changed_at))

    def show_run(self) -> None:
        """The command that runs it."""
        self._show_command("--run")

    def show_publish(self) -> None:
        """The command that publishes it."""
        self.show_command("publish", shown_path(self.root) if self.root else "PATH")

    def _show_command(self, *more: str) -> None:
        path = shown_path(self.root) if self.root else "PATH"
        item = self.item if self.report else None
        if self.is_trying:
            more = ("--run",)
        if more or item is None:
            self.show_command("review", path, *more)
        elif item.status is Status.UNVERIFIED and not attest.why_not_answered(item.check):
            self.show_command("answer", path, item.check.id)
        else:
            tries = item.waits_for == "run" and item.check.tries
            run = ["--run"] if tries else []
            self.show_command("review", path, *run, "--only", item.check.id)


PAGE = Review
