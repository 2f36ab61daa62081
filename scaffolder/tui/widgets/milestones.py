"""The milestones of a project as a list: each with the items that prove it."""

from textual.content import Content
from textual.widgets.option_list import Option

from scaffolder.journeys.milestones import Judged, MilestoneState
from scaffolder.journeys.project import Look
from scaffolder.tui.widgets.items import Items
from scaffolder.tui.wording import projects
from scaffolder.tui.words import MUTED, lines, plain


class Milestones(Items):
    """`chosen` is the item under the cursor, `heading` the milestone where the cursor is on one."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.rows: dict[str, Judged | MilestoneState] = {}

    @property
    def chosen(self) -> Judged | None:
        """The item under the cursor."""
        found = self._under_cursor()
        return found if isinstance(found, Judged) else None

    @property
    def heading(self) -> MilestoneState | None:
        """The milestone under the cursor."""
        found = self._under_cursor()
        return found if isinstance(found, MilestoneState) else None

    def show(self, look: Look | None) -> None:
        """The milestones of a project, the cursor where it was, else on what is open first."""
        before = self._id_under_cursor()
        self.clear_options()
        self.rows = {}
        for state in look.milestones if look else ():
            self._add(state.milestone.id, projects.milestone(state, self._columns), state)
            for judged in state.judged:
                name = f"{state.milestone.id} {judged.evidence.item}"
                self._add(name, projects.row(judged, self._columns), judged)
        if look and look.unknown:
            self.add_option(Option(_why(look), disabled=True))
        known = [*self.rows]
        if known:
            self.highlighted = known.index(before if before in self.rows else _first(look, known))

    @property
    def _columns(self) -> int:
        return max(24, self.scrollable_content_region.width - 1)

    def _add(self, name: str, row: Content, what: Judged | MilestoneState) -> None:
        self.rows[name] = what
        self.add_option(Option(row, id=name))

    def _id_under_cursor(self) -> str:
        if self.highlighted is None:
            return ""
        return self.get_option_at_index(self.highlighted).id or ""

    def _under_cursor(self) -> Judged | MilestoneState | None:
        return self.rows.get(self._id_under_cursor())


def _first(look: Look | None, known: list[str]) -> str:
    state = look.first_open if look else None
    if state is None:
        return known[0]
    judged = next(j for j in state.judged if not j.met)
    return f"{state.milestone.id} {judged.evidence.item}"


def _why(look: Look) -> Content:
    if look.unknown == "not looked at yet":
        return Content.styled("Looking at the project …", MUTED)
    said = f"{look.unknown[:1].upper()}{look.unknown[1:]}."
    return lines([plain(said), plain(look.hint, MUTED)])
