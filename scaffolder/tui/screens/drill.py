"""Drill: answer first, then compare with what a strong answer holds, rate yourself, come back."""

from __future__ import annotations

import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.events import Resize
from textual.widgets import Button, Input, Static
from textual.widgets.option_list import Option

from scaffolder import skills
from scaffolder.errors import ScaffoldError
from scaffolder.journeys import defend, drill
from scaffolder.journeys.defend import Defence
from scaffolder.journeys.drill import MISSED, PARTLY, STRONG
from scaffolder.tui.drilling import DESIGN, INTERVIEW, REPOSITORY, Drilling
from scaffolder.tui.page import WIDE, Page
from scaffolder.tui.widgets.draft import Draft
from scaffolder.tui.widgets.items import Items
from scaffolder.tui.widgets.kinds import Kinds
from scaffolder.tui.widgets.reading import Prose, Reading
from scaffolder.tui.wording import questions

KINDS = ((INTERVIEW, "i", "Interview"), (DESIGN, "d", "Design"), (REPOSITORY, "r", "Repository"))
RATE = ((MISSED, "m Missed"), (PARTLY, "p Partly"), (STRONG, "s Strong"))
READ = "defend"
TICK = 0.5
LEFT = 44
"""Columns of the list where it stands beside the question."""


class Drill(Page):
    """The questions at the left, at the right the one that is asked, the answer, the comparison."""

    PLACE = "drill"
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    Drill #panes { height: 1fr; layout: horizontal; }
    Drill #left { width: 44; }
    Drill #questions { height: 1fr; }
    Drill #right { width: 1fr; }
    Drill #ask { height: auto; max-height: 45%; }
    Drill #answers { height: 1fr; layout: horizontal; }
    Drill #draft { width: 2fr; height: 1fr; }
    Drill #strong { width: 3fr; height: 1fr; }
    Drill #act { height: 1; padding: 0 1; }
    Drill #held { width: auto; color: $muted; }
    Drill #act Button { margin: 0 2 0 0; min-width: 10; background: $panel; color: $foreground; }
    Drill #act Button:focus { background: $block-cursor-background;
        color: $block-cursor-foreground; }
    Drill #all { width: 1fr; text-align: right; color: $muted; display: none; }
    Drill.-narrow #all { display: block; }
    Drill.-narrow .-compared #all { display: none; }
    Drill.-narrow #left { width: 1fr; display: none; }
    Drill.-narrow.-listing #left { display: block; }
    Drill.-narrow.-listing #right { display: none; }
    Drill.-narrow #questions { text-wrap: nowrap; text-overflow: ellipsis; }
    Drill.-narrow #answers { layout: vertical; }
    Drill.-narrow #draft { width: 1fr; }
    Drill.-narrow #strong { width: 1fr; height: 2fr; }
    Drill.-narrow .-compared #draft { max-height: 5; }
    Drill.-narrow .-compared #ask { max-height: 5; }
    Drill .-bare #answers, Drill .-bare #act, Drill .-none #left { display: none; }
    Drill .-bare #ask { height: 1fr; max-height: 100%; }
    """
    CSS = """
    Drill.-wide #ask, Drill.-wide #strong { padding: 1 2; }
    Drill.-wide #draft { padding: 1 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "answer", "Type an answer"),
        Binding("c", "compare", "Compare"),
        Binding("enter", "compare", "Compare", show=False),
        Binding("n", "step(1)", "Next"),
        Binding("N", "step(-1)", "Question before", show=False),
        Binding("m", "rate('missed')", "Rate your answer: missed", show=False),
        Binding("p", "rate('partly')", "Rate your answer: held partly", show=False),
        Binding("s", "rate('strong')", "Rate your answer: strong", show=False),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("i", "kind('interview')", "Interview questions of the skill", show=False),
        Binding("d", "kind('design')", "Design prompts of the skill", show=False),
        Binding("r", "kind('repository')", "Defend this repository", show=False),
        Binding("x", "stop", "Stop reading the repository", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.now = Drilling()
        self.error: ScaffoldError | None = None
        self.began = 0.0

    def body(self) -> ComposeResult:
        """The kinds, then the list beside the question with its two answers."""
        yield Kinds(KINDS)
        with Container(id="panes"):
            with Container(id="left"):
                yield Input(placeholder="a word of a question, Esc to end", id="drill-filter")
                yield Items(id="questions")
            with Container(id="right"):
                yield Reading(id="ask")
                with Container(id="answers"):
                    yield Draft(id="draft")
                    yield Reading(id="strong")
                with Horizontal(id="act"):
                    yield Static("How did your answer hold?  ", id="held", markup=False)
                    yield Button(Content("c Compare"), id="compare", compact=True)
                    for rating, said in RATE:
                        yield Button(Content(said), id=f"rate-{rating}", compact=True)
                    yield Static("Esc: all questions", id="all", markup=False)

    def on_mount(self) -> None:
        """Nothing is typed yet, and time passes."""
        self.query_one("#drill-filter").display = False
        self.query_one("#strong").border_title = "A strong answer holds"
        self.set_interval(TICK, self._tick)

    def on_screen_resume(self) -> None:
        """Another skill or project may have been chosen; a project may have changed."""
        slugs = [skill.slug for skill in skills.load()]
        kept = self.now.slug or drill.default_skill()
        slug = self.home.skill if self.home.skill in slugs else kept
        if (slug, self.home.project) != (self.now.slug, self.now.project):
            self.stop_work(READ)
            self.now.take(slug, self.home.project)
            self.action_kind(self.now.kind)
        elif self.now.kind == REPOSITORY:
            self._read()

    def on_resize(self, _: Resize) -> None:
        """Rows are made for the width there is."""
        self._fill()

    def why_not(self, action: str) -> str:
        """What needs a question, a comparison, or a reading that goes on."""
        if action == "stop" and not self.is_working(READ):
            return "The repository is not being read."
        if action in ("answer", "compare", "rate") and self.now.at is None:
            return "There is no question here to answer."
        if action == "rate" and not self.now.compared:
            return "Compare first: c shows what a strong answer holds."
        return ""

    def action_kind(self, kind: str) -> None:
        """Interview questions, design prompts, or the questions of the repository."""
        self.now.kind = kind
        if kind == REPOSITORY:
            self._read()
        words = {INTERVIEW: (self.now.slug,), DESIGN: (self.now.slug, "--design")}
        self.show_command("drill", *words.get(kind, (self.now.project or "PATH",)))
        self._begin()

    def action_answer(self) -> None:
        """Into the field."""
        self.remove_class("-listing")
        self.query_one("#draft").display = True
        self.query_one("#draft").focus()

    def action_compare(self) -> None:
        """Shows what a strong answer holds, beside the one that was given."""
        self.remove_class("-listing")
        self.now.compared = self.now.at is not None
        self.app.clear_notifications()
        self._show()
        self.query_one("#strong").focus()

    def action_rate(self, rating: str) -> None:
        """Keeps the rating, goes on to the next question."""
        for notice in self.now.rate(rating):
            self.notify(notice, severity="warning", markup=False)
        self._asked()
        self.query_one("#ask").focus()

    def action_step(self, step: int) -> None:
        """The next question, rated or not."""
        self.now.step(step)
        self._asked()

    def action_filter(self) -> None:
        """Narrows the list to questions that hold a word."""
        self.add_class("-listing")
        field = self.query_one("#drill-filter", Input)
        field.display = True
        field.focus()

    def action_stop(self) -> None:
        """Gives up reading the repository."""
        self.stop_work(READ)
        self.error = ScaffoldError("Stopped.", "Nothing was read to its end.")
        self._show()

    def action_back(self) -> None:
        """Out of the filter, then to the list where it is not beside, then out."""
        field = self.query_one("#drill-filter", Input)
        if field.display:
            field.value = ""
            field.display = False
            self.query_one("#questions").focus()
        elif self._is_narrow() and not self.has_class("-listing") and self.now.listed():
            self.add_class("-listing")
            self.query_one("#questions").focus()
        else:
            super().action_back()

    def failed(self, task: str, error: ScaffoldError) -> None:
        """A repository that could not be read says why in the place of its questions."""
        if task != READ:
            super().failed(task, error)
            return
        self.error = error
        self._show()

    def on_descendant_focus(self) -> None:
        """What Esc does next, where the list is not beside."""
        self.query_one("#all").visible = not self.query_one("#draft").has_focus

    def on_draft_left(self) -> None:
        """Esc in the field."""
        self.query_one("#ask").focus()

    def on_text_area_changed(self, event: Draft.Changed) -> None:
        """Kept while the program runs, to come back to."""
        if self.now.at:
            self.now.drafts[self.now.at.id] = event.text_area.text

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters while one types."""
        self.now.want(event.value.strip().casefold())
        self._asked()

    def on_input_submitted(self) -> None:
        """Into the narrowed list."""
        self.query_one("#questions").focus()

    def on_option_list_option_highlighted(self, event: Items.OptionHighlighted) -> None:
        """Asks what is under the cursor."""
        found = [asked for asked in self.now.listed() if asked.id == event.option_id]
        if found and found[0] != self.now.at:
            self.now.ask(found[0])
            self._draft()
            self._show()

    def on_option_list_option_selected(self, _: Items.OptionSelected) -> None:
        """Enter or a click: to the question."""
        self.remove_class("-listing")
        self.query_one("#ask").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The same as the keys."""
        name = event.button.id or ""
        if name == "compare":
            self.action_compare()
        else:
            self.action_rate(name.removeprefix("rate-"))

    def _read(self) -> None:
        """Looks at the repository; what is known of it stays until it is known better."""
        self.error, self.began = None, time.monotonic()
        if self.now.project is not None:
            known = self.now.defence
            self.work_apart(READ, self._defended, defend.defend, self.now.project, known)

    def _defended(self, found: Defence) -> None:
        if self.now.take_defence(found):
            if self.now.kind == REPOSITORY:
                self._begin()
            else:
                self._fill()

    def _begin(self) -> None:
        self.now.begin()
        self._asked()
        listing = self.now.listed() and not self._is_narrow()
        self.query_one("#questions" if listing else "#ask").focus()

    def _asked(self) -> None:
        """Draws another question."""
        self._draft()
        self._show()
        self._fill()

    def _draft(self) -> None:
        """What was typed before as an answer to it."""
        at, draft = self.now.at, self.query_one(Draft)
        with self.prevent(Draft.Changed):
            draft.text = self.now.drafts.get(at.id, "") if at else ""

    def _show(self) -> None:
        """The question, the answers, the buttons."""
        at, compared = self.now.at, self.now.compared
        right = self.query_one("#right")
        if right.has_class("-bare") != (at is None):
            self.refresh_bindings()
        right.set_class(at is None, "-bare")
        right.set_class(compared, "-compared")
        self.query_one("#ask", Reading).show(questions.question(at) if at else self._instead())
        self.query_one("#draft").display = not compared or bool(self.query_one(Draft).text)
        self.query_one("#strong").display = compared
        if at and compared:
            self.query_one("#strong", Reading).show(questions.strong(at))
        ask = self.query_one("#ask")
        ask.border_title, ask.border_subtitle = questions.titles(self.now)
        self._buttons(compared)

    def _buttons(self, compared: bool) -> None:
        self.query_one("#held").display = compared
        self.query_one("#compare").display = not compared
        for rating, _ in RATE:
            self.query_one(f"#rate-{rating}").display = compared

    def _instead(self) -> Prose:
        """What stands where there is no question."""
        return questions.instead(self.now, self.error, int(time.monotonic() - self.began))

    def _fill(self) -> None:
        """The rows, the cursor on the question that is asked."""
        items, known = self.query_one("#questions", Items), self.now.known
        listed, columns = self.now.listed(), 0 if self._is_narrow() else LEFT
        items.border_title = Content(self.now.slug)
        items.border_subtitle = Content("" if listed else "no question holds that")
        with self.prevent(Items.OptionHighlighted):
            items.clear_options()
            for asked in listed if known else ():
                row = questions.row(asked, known.last(asked), columns) if known else ""
                items.add_option(Option(row, id=asked.id))
            items.highlighted = listed.index(self.now.at) if self.now.at in listed else None
        self.query_one("#panes").set_class(known is None or not known.questions, "-none")
        numbers = {kind: len(found.questions) for kind, found in self.now.drills.items()}
        tally = questions.tally(known) if known else Content("")
        self.query_one(Kinds).show(self.now.kind, numbers, tally)

    def _is_narrow(self) -> bool:
        return self.size.width < WIDE

    def _tick(self) -> None:
        """Says how long the reading takes, while there is nothing else to see."""
        if self.is_current and self.is_working(READ) and self.now.known is None:
            self._show()


PAGE = Drill
