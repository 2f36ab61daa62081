"""Help: everything that can be done on the screen below, with its key, searchable."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.widgets import Input, Static
from textual.widgets.option_list import Option

from scaffolder.tui.actions import Action
from scaffolder.tui.page import Dialog
from scaffolder.tui.widgets.items import Items

KEY_COLUMNS = 14


class Help(Dialog[Action | None]):
    """A list of actions; the one chosen is done on the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("pageup", "move(-10)", "Page up", show=False, priority=True),
        Binding("pagedown", "move(10)", "Page down", show=False, priority=True),
    ]

    def __init__(self, found: Sequence[Action]) -> None:
        super().__init__()
        self.found = found
        self.shown: list[Action] = []

    def compose(self) -> ComposeResult:
        """A field to search in, the list, what the keys do."""
        with Vertical(id="help", classes="dialog"):
            yield Static("Help: keys and what they do", classes="title", markup=False)
            yield Input(placeholder="type to search", id="help-search")
            yield Items(id="help-list", classes="")
            yield Static("Enter does it · Esc back", classes="hint", markup=False)

    def on_mount(self) -> None:
        """All actions, nothing searched for yet."""
        self._fill("")
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrows the list to what is typed."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Does the action under the cursor."""
        self._choose(self.query_one(Items).highlighted)

    def on_option_list_option_selected(self, event: Items.OptionSelected) -> None:
        """Does the action that was clicked."""
        self._choose(event.option_index)

    def action_move(self, step: int) -> None:
        """The cursor of the list, while the field keeps the focus."""
        items = self.query_one(Items)
        if self.shown:
            goal = (items.highlighted or 0) + step
            items.highlighted = min(max(goal, 0), len(self.shown) - 1)

    def _fill(self, wanted: str) -> None:
        self.shown = _matching(self.found, wanted)
        items = self.query_one(Items)
        items.clear_options()
        items.add_options([Option(_row(action)) for action in self.shown])
        if not self.shown:
            items.add_option(Option("Nothing here is called that.", disabled=True))
        items.highlighted = 0 if self.shown else None

    def _choose(self, index: int | None) -> None:
        if index is not None and index < len(self.shown):
            self.dismiss(self.shown[index])


def _matching(found: Sequence[Action], wanted: str) -> list[Action]:
    if not wanted.strip():
        return list(found)
    search = FuzzySearch()
    scored = [(search.match(wanted, f"{a.words} {a.key} {a.name}")[0], a) for a in found]
    return [a for score, a in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def _row(action: Action) -> Content:
    row = Content.assemble((f"{action.key:<{KEY_COLUMNS}}", "bold $accent"), Content(action.words))
    if action.why_not:
        indent = " " * KEY_COLUMNS
        return Content.assemble(
            row, Content.styled(f"\n{indent}not now: {action.why_not}", "$muted")
        )
    return row
