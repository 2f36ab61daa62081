"""All results of a project in a list, each with what it says now; one is chosen."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static
from textual.widgets.option_list import Option

from scaffolder.journeys import plotting, results
from scaffolder.journeys.results import History
from scaffolder.tui.page import Dialog
from scaffolder.tui.widgets.items import Items
from scaffolder.tui.words import MUTED, plain


class Choose(Dialog[str]):
    """The name of the result that was chosen."""

    CSS = """
    Choose .dialog { width: 100; }
    Choose #series { height: auto; max-height: 60vh; border: none; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Into the list", show=False),
    ]

    def __init__(self, history: History) -> None:
        super().__init__()
        self.history = history

    def compose(self) -> ComposeResult:
        """A field to narrow the list, and the list."""
        with Vertical(classes="dialog"):
            yield Static("Results", classes="title", markup=False)
            yield Input(placeholder="a part of its name, such as ndcg or hybrid", id="wanted")
            yield Items(id="series", classes="")
            yield Static("Enter plots it · Esc goes back", classes="hint", markup=False)

    def on_mount(self) -> None:
        """All of them."""
        self._fill("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Those whose name holds it."""
        self._fill(event.value.strip())

    def on_input_submitted(self) -> None:
        """The first of what is left."""
        items = self.query_one(Items)
        if items.option_count:
            self.dismiss(items.get_option_at_index(0).id)

    def on_option_list_option_selected(self, event: Items.OptionSelected) -> None:
        """The one under the cursor."""
        self.dismiss(event.option_id)

    def _fill(self, wanted: str) -> None:
        items = self.query_one(Items)
        items.clear_options()
        for series in results.matching(self.history, wanted).series:
            said = Content.styled(f"  {plotting.summary(series)}", MUTED)
            items.add_option(Option(Content.assemble(plain(series.name), said), id=series.name))
