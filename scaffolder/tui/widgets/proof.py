"""What a verdict rests on: the places, and the file at the one that is chosen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets.option_list import Option

from scaffolder.journeys.excerpt import Excerpt
from scaffolder.review.model import Evidence, Item
from scaffolder.tui.widgets.evidence import Source
from scaffolder.tui.widgets.items import Items
from scaffolder.tui.wording import findings

MOST = 100
"""Places of one item that are listed."""


class Proof(Vertical):
    """The places of an item; `chosen` is the one that is looked at."""

    DEFAULT_CSS = """
    Proof { border: round $border-blurred; padding: 0 1; border-title-color: $muted; }
    Proof:focus-within { border: heavy $border; border-title-color: $foreground;
        border-title-style: bold; }
    Proof #places { height: auto; max-height: 4; border: none; padding: 0;
        background: $background; text-wrap: nowrap; text-overflow: ellipsis;
        scrollbar-size-vertical: 1; }
    Proof #places.none { display: none; }
    Proof #places:focus { background-tint: transparent; }
    Proof #source { height: 1fr; background: $background; }
    Proof.many #source { border-top: solid $border-blurred; }
    """

    class Chosen(Message):
        """Another place is to be looked at."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.places: tuple[Evidence, ...] = ()
        self.chosen: Evidence | None = None

    def compose(self) -> ComposeResult:
        """The places above, the file below."""
        yield Items(id="places", classes="none")
        yield Source(id="source")

    def on_mount(self) -> None:
        """Nothing yet."""
        self.border_title = Content("Evidence")

    def show(self, item: Item | None) -> None:
        """The places of an item, the first one chosen."""
        self.places = item.evidence[:MOST] if item else ()
        left = len(item.evidence) - MOST if item else 0
        places = self.query_one("#places", Items)
        places.set_class(len(self.places) < 2, "none")
        self.set_class(len(self.places) > 1, "many")
        places.set_options(Option(findings.place(e)) for e in self.places)
        if left > 0:
            places.add_option(Option(Content(f"and {left:,} more"), disabled=True))
        self._choose(0)

    def step(self, by: int) -> None:
        """The next place, or the one before, round and round."""
        if self.chosen is not None:
            self._choose((self.places.index(self.chosen) + by) % len(self.places))

    def put(self, found: Excerpt) -> None:
        """What was found at the place that is chosen."""
        source = self.query_one(Source)
        if self.chosen is None:
            source.say(
                Content.styled("No line of the repository stands for this verdict.", "$muted")
            )
        elif self.chosen.ran is not None:
            source.say(findings.was_run(self.chosen, self.chosen.ran))
        elif found.why_not:
            source.say(findings.quoted(self.chosen, found.why_not))
        else:
            source.show(found)

    def on_option_list_option_highlighted(self, event: Items.OptionHighlighted) -> None:
        """A place under the cursor is looked at."""
        event.stop()
        if self.chosen is None or self.places[event.option_index] != self.chosen:
            self._choose(event.option_index)

    def on_option_list_option_selected(self, event: Items.OptionSelected) -> None:
        """Enter on a place goes into its file."""
        event.stop()
        self.query_one(Source).focus()

    def _choose(self, index: int) -> None:
        self.chosen = self.places[index] if self.places else None
        places = self.query_one("#places", Items)
        if self.places and places.highlighted != index:
            places.highlighted = index
        self._title(index)
        self.post_message(self.Chosen())

    def _title(self, index: int) -> None:
        if self.chosen is None:
            self.border_title = Content("Evidence: none")
            return
        number = f" ({index + 1} of {len(self.places)})" if len(self.places) > 1 else ""
        self.border_title = Content.assemble(
            "Evidence: ", findings.place_title(self.chosen), number
        )
