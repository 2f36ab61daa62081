"""New: the form of a project, what will be made of it, and the way to make it.

Invariant: what was typed for a skill is kept until its project is made; what is generated is what
stands in the form, checked again by the journey that does it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from scaffolder import progress, skills
from scaffolder.errors import ScaffoldError
from scaffolder.journeys import form, preview
from scaffolder.journeys.start_skill import Started
from scaffolder.tui import apart
from scaffolder.tui.page import Page
from scaffolder.tui.widgets.field import Act, Choice, Field, Line
from scaffolder.tui.widgets.files import Files
from scaffolder.tui.widgets.items import Items
from scaffolder.tui.words import lines, plain

PAUSE = 0.3
"""Seconds without a key after which the preview is made anew."""


class New(Page):
    """The form on the left, on the right what will be made; one after the other where narrow."""

    PLACE = "new"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (36, "-high")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "make", "Make it"),
        Binding("v", "turn", "Preview"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("s", "choose", "Other skill"),
        Binding("escape", "back", "Back"),
    ]
    DEFAULT_CSS = """
    New #sides { height: 1fr; layout: horizontal; }
    New #form { width: 66; padding: 0 1; }
    New #skill { height: 2; padding: 0 1; text-style: bold; color: $primary; }
    New #fields { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    New #ready { height: 2; padding: 0 1; }
    New #state { width: 1fr; height: auto; }
    New #choosing { height: 1fr; padding: 1 2; }
    New #choosing #why { height: auto; margin-bottom: 1; }
    New #choosing Items { height: auto; }
    New.-narrow #form { width: 1fr; }
    New.-narrow Files { display: none; layout: horizontal; }
    New.-narrow Files #left { width: 30; }
    New.-wide Files #left { max-height: 24; }
    New.-narrow.turned Files { display: block; }
    New.-narrow.turned #form { display: none; }
    New.-low Field { margin: 0; }
    New.-low Field.last { margin-bottom: 1; }
    New.-low Field .help.said { display: none; }
    New.-low Field.here .help.said { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.slug = ""
        self.typed: dict[str, dict[str, str]] = {}
        self.fields: dict[str, Field] = {}
        self.form: form.Form | None = None
        self.seen: preview.Preview | None = None
        self.looking = False
        self.profile: dict[str, str] = {}

    def body(self) -> ComposeResult:
        """The form and the preview; in their place, where there is no template, the others."""
        with Container(id="sides"):
            with Vertical(id="form"):
                yield Static("", id="skill", markup=False)
                yield VerticalScroll(id="fields", can_focus=False)
                with Horizontal(id="ready"):
                    yield Act("Make it", id="make")
                    yield Static("", id="state", markup=False)
            yield Files()
        with Vertical(id="choosing"):
            yield Static("", id="why", markup=False)
            yield Items(id="others")

    async def on_screen_resume(self) -> None:
        """Another skill may have been chosen, other answers kept, a folder been taken."""
        self.profile = dict(progress.load().profile)
        await self._open(self.home.skill)

    def why_not(self, action: str) -> str:
        """What needs a form, and one without a fault."""
        if action not in ("make", "turn", "filter"):
            return ""
        if not self.slug:
            return "There is no form without a template: choose a skill first."
        if action == "make" and self.form is None:
            return "The form is being made."
        if action == "make" and self.form and self.form.problems:
            return f"First mend: {', '.join(self._names(self.form.problems))}."
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that is typed into a field does nothing else."""
        if not self.query("#choosing"):
            return False
        choosing = self.query_one("#choosing").display
        if action in ("make", "turn", "filter") and choosing:
            return False
        if action == "filter" and isinstance(self.focused, Input):
            return False
        if action == "turn" and not self.has_class("-narrow"):
            return False
        return super().check_action(action, parameters)

    def action_make(self) -> None:
        """Makes the project."""
        from scaffolder.tui.screens.making import Making

        if self.form is None:
            return
        given = self.typed[self.slug]
        destination = given.get(form.DESTINATION) or self.form.values[form.DESTINATION]
        with_git = given.get(form.REPOSITORY) != form.NO_GIT
        self.app.push_screen(
            Making(self.slug, Path(destination.strip()), self._answers(), with_git), self._made
        )

    def action_turn(self) -> None:
        """From the form to the preview and back, where they do not stand side by side."""
        self.toggle_class("turned")
        if self.has_class("turned"):
            self.query_one(Files).enter()
        else:
            self.query_one("#make").focus()

    def action_filter(self) -> None:
        """Narrows the tree to paths that hold a word."""
        self.add_class("turned")
        self.query_one(Files).filter()

    async def action_choose(self) -> None:
        """Offers the other skills."""
        await self._offer("Which skill is the project for?")

    def action_back(self) -> None:
        """Out of a field to what is done with the form; out of the preview; back."""
        files = self.query_one(Files)
        if isinstance(self.focused, Line | Choice):
            self.query_one("#make").focus()
        elif files.has_focus_within:
            if not files.leave():
                self.remove_class("turned")
                self.query_one("#make").focus()
        elif self.query_one("#choosing").display and self.slug:
            self._show_form(True)
            self.query_one("#make").focus()
        else:
            super().action_back()

    def action_pane(self, step: int) -> None:
        """Between the form and the two panes of the preview."""
        files = self.query_one(Files)
        if step > 0 and not files.has_focus_within and files.display and self.slug:
            files.enter()
        elif not files.move(step) and step < 0 and files.has_focus_within:
            self.remove_class("turned")
            self.query_one("#make").focus()

    def on_field_changed(self, event: Field.Changed) -> None:
        """Kept, checked, and the preview made anew when the typing rests."""
        event.stop()
        self._look()

    def on_button_pressed(self) -> None:
        """Generate, or why not."""
        self.call_later(self.app.run_action, "make", self)

    async def on_option_list_option_selected(self, event: Items.OptionSelected) -> None:
        """A skill is chosen: the form becomes its form."""
        slug = event.option_id or ""
        if slug != self.home.skill:
            self.home.choose(slug, None)
        await self._open(slug)

    def failed(self, task: str, error: ScaffoldError) -> None:
        """A preview that cannot be made says so in its place."""
        if task == "preview":
            self.looking = False
            self.query_one(Files).say(lines([plain(error.message), plain(error.hint)]))
            self._show_state()
        else:
            super().failed(task, error)

    async def _open(self, slug: str) -> None:
        """The form of the skill, or the offer of those that have one."""
        card = next((card for card in skills.load() if card.slug == slug), None)
        if card is None or not card.available:
            title = card.title if card else "What to skip"
            self.slug = ""
            await self._offer(
                f"{title} has no template yet: its card on the first screen says what to build. "
                "These skills have one:"
            )
            return
        if slug != self.slug or self.form is None:
            await self._remake(card)
        elif self.focused in (None, self.query_one(Items)):
            self.query_one("#make").focus()
        self._show_form(True)
        self._look()

    async def _remake(self, card: skills.Skill) -> None:
        self.slug, self.form, self.seen = card.slug, None, None
        given = self.typed.setdefault(card.slug, {})
        asked = form.questions(card)
        self.fields = {q.name: Field(q.name, _title(q.name), q.help, q.choices) for q in asked}
        self.query_one("#skill", Static).update(plain(f"A project for: {card.title}"))
        self._group()
        place = self.query_one("#fields")
        await place.remove_children()
        await place.mount_all(self.fields.values())
        for name, value in given.items():
            self.fields[name].give(value)
        self.fields[form.DESTINATION].entry.focus()

    def _group(self) -> None:
        """A little room below where it is made, and above what is chosen rather than typed."""
        fields = list(self.fields.values())
        for field, below in pairwise(fields):
            typed = isinstance(field.entry, Line)
            choices_begin = typed and not isinstance(below.entry, Line)
            field.set_class(field.key == form.DESTINATION or choices_begin, "last")

    async def _offer(self, why: str) -> None:
        items = self.query_one(Items)
        items.clear_options()
        for card in skills.load():
            said = "" if card.available else "  (no template yet)"
            row = plain(f"{card.title}{said}", "" if card.available else "$muted")
            items.add_option(Option(row, id=card.slug, disabled=not card.available))
        self.query_one("#why", Static).update(plain(why))
        self._show_form(False)
        self.show_command("skills")
        items.action_first()
        items.focus()

    def _show_form(self, wanted: bool) -> None:
        self.query_one("#sides").display = wanted
        self.query_one("#choosing").display = not wanted
        if wanted and self.form:
            self.show_command(*self.form.command)
        self.refresh_bindings()

    def _look(self) -> None:
        """What stands in the form is kept and checked, beside the screen."""
        self.typed[self.slug] = {key: f.given for key, f in self.fields.items() if f.given.strip()}
        author = self.seen.answers.get(form.AUTHOR, "") if self.seen else ""
        given = dict(self.typed[self.slug])
        self.work_here("fill", self._filled, form.fill, self.slug, given, self.profile, author)

    def _filled(self, found: form.Form) -> None:
        if found.skill != self.slug:
            return
        self.form = found
        for key, field in self.fields.items():
            field.propose(found.values[key])
            problem = found.problems.get(key)
            field.show_problem(problem.sentence if problem else "")
        self.show_command(*found.command)
        if not found.problems:
            self.looking = True
            self._run_beside("preview", self._previewed, self._preview)
        self._show_state()

    def _preview(self) -> preview.Preview:
        """In a thread: waits whether another key comes, then renders in a process of its own."""
        worker = get_current_worker()
        threading.Event().wait(PAUSE)
        found = self.form
        destination = Path(found.values[form.DESTINATION] if found else "")
        return apart.call(
            preview.preview,
            self.slug,
            destination,
            self._answers(),
            is_stopped=lambda: worker.is_cancelled,
        )

    def _previewed(self, found: preview.Preview) -> None:
        author = self.seen.answers.get(form.AUTHOR, "") if self.seen else ""
        self.seen, self.looking = found, False
        self.query_one(Files).show(found.files)
        self._show_state()
        if form.AUTHOR in self.fields and found.answers[form.AUTHOR] != author:
            self.fields[form.AUTHOR].propose(found.answers[form.AUTHOR])

    def _show_state(self) -> None:
        """Beside the button: whether it can be pressed, what it would make."""
        said = plain("")
        if self.form and self.form.problems:
            names = ", ".join(self._names(self.form.problems))
            said = plain(f"✗ to be mended: {names}", "$error")
        elif self.looking:
            said = plain("◐ looking at what it will make …", "$muted")
        elif self.seen:
            said = plain(f"✓ ready: {len(self.seen.files)} files", "$success")
        self.query_one("#state", Static).update(said)
        self.query_one(Files).set_stale(bool(self.form and self.form.problems))
        self.refresh_bindings()

    def _answers(self) -> dict[str, str]:
        ours = (form.DESTINATION, form.REPOSITORY)
        return {k: v for k, v in self.typed[self.slug].items() if k not in ours}

    def _names(self, keys: Iterable[str]) -> list[str]:
        return [_title(key) for key in keys]

    def _made(self, result: tuple[Started, bool] | None) -> None:
        """A project that is made is what the screens are about; the form is free for another."""
        if result is None:
            self._look()
            return
        started, run = result
        for key in (form.DESTINATION, "project_name", "package"):
            if key in self.fields:
                self.fields[key].give("")
        self._look()
        self.home.choose(started.skill, started.path)
        self.home.action_visit("project")
        chain = getattr(self.home.place("project"), "run_chain", None)
        if run and chain:
            chain(("setup", "test", "demo"))


def _title(key: str) -> str:
    return key.replace("_", " ").capitalize()


PAGE = New
