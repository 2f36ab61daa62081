"""Home: the seven skills in order, where one stands with each, and the next hour's work."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Sequential
from dataclasses import dataclass, field, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.widgets import Input
from textual.widgets.option_list import Option

from scaffolder import notebook, progress, skills
from scaffolder.journeys import study
from scaffolder.tui.page import WIDE, Page
from scaffolder.tui.widgets.items import Items
from scaffolder.tui.widgets.reading import Prose, Reading
from scaffolder.tui.wording import cards
from scaffolder.tui.words import HEADING, plain

TIER_3 = "tier-3"
LEFT = 44
"""Columns of a row where list and card stand side by side."""


@dataclass(frozen=True)
class Kept:
    """What is known without a look at any project; levels are by project, the last one last."""

    cards: Sequential[skills.Skill] = ()
    standings: Sequential[study.Standing] = ()
    levels: Mapping[str, Sequential[notebook.Level]] = field(default_factory=dict)
    notices: Sequential[str] = ()
    is_first: bool = False


class Sequence(Page):
    """The list, the card of what is under the cursor, and the one next step."""

    PLACE = "sequence"
    AUTO_FOCUS = "#skills"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "study", "Study", tooltip="Note that you study this skill"),
        Binding("c", "clock", "48-hour clock", tooltip="Start the 48-hour clock of this skill"),
        Binding("b", "begin", "Begin", tooltip="Three questions that pre-fill every project"),
        Binding(
            "slash", "filter", "Filter", key_display="/", tooltip="Skills whose card has a word"
        ),
        Binding("o", "order", "Other order of the skills", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.order: skills.Order = "recommended"
        self.cards: Sequential[skills.Skill] = ()
        self.kept = Kept()
        self.standings: dict[str, study.Standing] = {}
        self.levels: dict[str, notebook.Level] = {}
        self.step: study.Step | None = None
        self.wanted = ""
        self.shown = self.asked = ""
        self.advice: Prose | None = None

    def body(self) -> ComposeResult:
        """The list and the card, then the next step."""
        with Container(id="panes"):
            with Container(id="left"):
                yield Input(placeholder="a word of a card, Esc to end", id="skill-filter")
                yield Items(id="skills")
            yield Reading(id="card")
        yield Reading(id="next", classes="")

    def on_mount(self) -> None:
        """What is known at once; projects are looked at afterwards."""
        self.query_one("#skill-filter").display = False
        self.query_one("#card").border_title = "Card"
        self.query_one("#skills").border_title = "Skills"
        following = self.query_one("#next")
        following.border_title = "Next"
        following.can_focus = False

    def on_screen_resume(self) -> None:
        """Where one stands may have changed elsewhere."""
        self.refresh_standings()

    def on_resize(self, _: Resize) -> None:
        """Rows are made for the width there is."""
        self._fill()

    def refresh_standings(self) -> None:
        """Shows what is kept at once, and what the projects hold as soon as it is known."""
        self.work_here("kept", self._show_kept, _read, self.order)

    def _show_kept(self, kept: Kept) -> None:
        self.cards, self.kept = kept.cards, kept
        for notice in kept.notices:
            self.notify(notice, severity="warning", markup=False)
        has_project = any(s.project for s in kept.standings)
        self._show([self._as_known(s) for s in kept.standings], known=not has_project)
        if has_project:
            self.work_apart("standings", self._looked, study.standings)

    def why_not(self, action: str) -> str:
        """What needs a skill, a template, or a skill that is not begun."""
        card = self._chosen()
        if action in ("study", "clock") and card is None:
            return "Tier 3 is what to skip: there is nothing to study in it."
        standing = self.standings.get(card.slug) if card else None
        if action == "study" and standing:
            return "It is begun already."
        if action == "clock" and standing and standing.clock:
            return "Its clock runs already."
        return ""

    def action_open(self) -> None:
        """To the project of the skill, to the form for one, or into its card."""
        card = self._chosen()
        if card is None:
            self.query_one("#card").focus()
        elif self.home.project is not None:
            self.home.action_visit("project")
        elif card.available:
            self.home.action_visit("new")
        else:
            self.query_one("#card").focus()

    def action_study(self) -> None:
        """Opens studying."""
        self._start(build=False)

    def action_clock(self) -> None:
        """Starts the 48 hours, which nothing stops: so it is asked for twice."""
        card = self._chosen()
        if card and self.asked != card.slug:
            self.asked = card.slug
            self.notify(f"c again starts the 48 hours of {card.title}.", markup=False)
            return
        self._start(build=True)

    def action_begin(self) -> None:
        """Asks what every project will be about."""
        from scaffolder.tui.screens.begin import Begin

        self.app.push_screen(Begin(), self._begun)

    def action_filter(self) -> None:
        """Narrows the list to cards that hold a word."""
        line = self.query_one("#skill-filter", Input)
        line.display = True
        line.focus()

    def action_order(self) -> None:
        """The recommended order, or that of the original guide."""
        self.order = "seed" if self.order == "recommended" else "recommended"
        warning = skills.seed_warning() if self.order == "seed" else "The recommended order."
        self.advice = [Content.styled("Another order", HEADING), plain(warning)]
        self.query_one("#card", Reading).show(self.advice)
        self.show_command("skills", "--order", self.order)
        self.refresh_standings()

    def action_back(self) -> None:
        """Out of the filter or the card first."""
        line = self.query_one("#skill-filter", Input)
        if not line.display and self.query_one("#skills").has_focus:
            super().action_back()
            return
        line.value = ""
        line.display = False
        self.query_one("#skills").focus()

    def on_descendant_focus(self) -> None:
        """Where there is little room, a card that is read has all of it."""
        self.set_class(self.query_one("#card").has_focus, "-reading")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filters while one types."""
        self.wanted = event.value.strip().casefold()
        self._fill()

    def on_input_submitted(self) -> None:
        """Into the narrowed list."""
        self.query_one("#skills").focus()

    def on_option_list_option_highlighted(self, event: Items.OptionHighlighted) -> None:
        """Shows the card under the cursor; rows that are filled elsewhere choose nothing."""
        if self.is_current:
            self._choose(event.option_id or TIER_3)

    def on_option_list_option_selected(self, _: Items.OptionSelected) -> None:
        """Enter or a click on a row."""
        self.action_open()

    def _start(self, build: bool) -> None:
        card = self._chosen()
        if card is None:
            return
        self.show_command("start", card.slug, *(["--build"] if build else []))
        self.work_here("start", self._started, study.start, card.slug, build)

    def _started(self, begun: tuple[skills.Skill, Sequential[str]]) -> None:
        for notice in begun[1]:
            self.notify(notice, severity="warning", markup=False)
        self.refresh_standings()

    def _begun(self, advice: Sequential[str] | None) -> None:
        if advice is not None:
            self.advice = cards.advice(advice)
            self._show_card()
            self.query_one("#card").focus()
            self._show_step(list(self.standings.values()))

    def _as_known(self, standing: study.Standing) -> study.Standing:
        """With the milestones of the last look, until the next one is there."""
        before = self.standings.get(standing.skill.slug)
        if before is None or before.project != standing.project:
            return standing
        return replace(standing, milestones=before.milestones, unknown=before.unknown)

    def _looked(self, found: tuple[list[study.Standing], Sequential[str]]) -> None:
        self._show(found[0], known=True)

    def _show(self, found: Sequential[study.Standing], known: bool) -> None:
        kept = self.kept.levels
        if {(s.skill.slug, s.project) for s in found} != {
            (s.skill.slug, s.project) for s in self.standings.values()
        }:
            self.step = None
        self.standings = {s.skill.slug: s for s in found}
        self.levels = {
            s.skill.slug: kept[str(s.project)][-1] for s in found if kept.get(str(s.project))
        }
        self.step = study.next_step(found) if known else self.step
        if known:
            count = cards.count(found, len(self.cards))
            self.query_one("#skills").border_subtitle = Content(count)
        self._fill()
        self._show_step(found)

    def _show_step(self, found: Sequential[study.Standing]) -> None:
        first = not found and self.kept.is_first
        self.query_one("#next", Reading).show(cards.next_step(self.step, first))

    def _chosen(self) -> skills.Skill | None:
        return next((card for card in self.cards if card.slug == self.home.skill), None)

    def _choose(self, slug: str) -> None:
        standing = self.standings.get(slug)
        if slug != self.home.skill or self.home.project is None:
            here = self.home.here[1] if self.home.here[0] == slug else None
            self.home.choose(slug, standing.project if standing else here)
        if slug != self.shown:
            self.shown, self.asked, self.advice = slug, "", None
        self._show_card()
        self.show_command("skills", slug)
        self.refresh_bindings()

    def _show_card(self) -> None:
        """The card under the cursor, or the advice that was just asked for."""
        card, slug = self._chosen(), self.home.skill
        reading = self.query_one("#card", Reading)
        if self.advice:
            reading.show(self.advice)
        elif card is None:
            reading.show(cards.tier3(skills.tier3()))
        else:
            reading.show(cards.skill(card, self.standings.get(slug), self.levels.get(slug)))

    def _fill(self) -> None:
        """The rows, the cursor where it was; none before anything is known."""
        if not self.cards:
            return
        items = self.query_one("#skills", Items)
        slug = self.home.skill or next(iter(self.standings), "")
        columns = self._columns()
        items.clear_options()
        for card in self.cards:
            if not cards.holds(card, self.wanted):
                continue
            if card.order == 1 or (self.order == "recommended" and _opens_tier(card, self.cards)):
                items.add_option(Option(cards.tier(card.tier, columns), disabled=True))
            row = cards.row(
                card, self.standings.get(card.slug), self.levels.get(card.slug), columns
            )
            items.add_option(Option(row, id=card.slug))
        items.add_option(Option(cards.tier3_row(skills.tier3(), columns), id=TIER_3))
        if not any(cards.holds(card, self.wanted) for card in self.cards):
            items.add_option(Option("No card speaks of that. Esc ends the filter.", disabled=True))
        self._place_cursor(items, slug)

    def _place_cursor(self, items: Items, slug: str) -> None:
        known = [option.id for option in items.options]
        first = next((n for n, option_id in enumerate(known) if option_id), 0)
        items.highlighted = known.index(slug) if slug in known else first

    def _columns(self) -> int:
        return self.size.width - 2 if self.size.width < WIDE else LEFT


def _read(order: skills.Order) -> Kept:
    found, notices = study.standings(look=False)
    noted = notebook.load()
    return Kept(
        skills.load(order),
        found,
        noted.levels,
        (*notices, *noted.notices),
        is_first=not progress.load().profile,
    )


def _opens_tier(card: skills.Skill, listed: Sequential[skills.Skill]) -> bool:
    before = [other for other in listed if other.order == card.order - 1]
    return not before or before[0].tier != card.tier


PAGE = Sequence
