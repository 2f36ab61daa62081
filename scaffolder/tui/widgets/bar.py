"""The line on top: the places, the one we are in, each with its key."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

PLACES = {
    "sequence": ("1", "Skills"),
    "new": ("2", "New"),
    "project": ("3", "Project"),
    "review": ("4", "Review"),
    "drill": ("5", "Drill"),
    "portfolio": ("6", "Portfolio"),
}
"""Each place with its key and its name."""


class Place(Static):
    """One place; a click goes there."""

    def __init__(self, place: str, here: bool) -> None:
        key, name = PLACES[place]
        shown = f"[{key} {name}]" if here else f" {key} {name} "
        super().__init__(Content(shown), classes="here" if here else "", markup=False)
        self.place = place

    async def on_click(self) -> None:
        """Goes there; where one is already, a step back."""
        if self.has_class("here"):
            await self.app.run_action("back", self.screen)
        else:
            await self.app.run_action(f"app.visit({self.place!r})")


class Bar(Horizontal):
    """All places."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here

    def compose(self) -> ComposeResult:
        """The name of the program and its places."""
        yield Static(Content("scaffold"), id="brand", markup=False)
        for place in PLACES:
            yield Place(place, place == self.here)
