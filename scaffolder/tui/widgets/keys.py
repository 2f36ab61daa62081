"""The last line: the keys that matter here.

Invariant: it is made anew only where a key, its words or whether it can be used has changed: a
cursor that moves must not wait for it. A key that cannot be used now is dimmed, and says why when
it is clicked.
"""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static


class Key(Static):
    """A key and what it does; a click presses it."""

    def __init__(self, binding: Binding, shown: str, enabled: bool) -> None:
        words = Content.assemble((shown, "bold $accent"), " ", binding.description)
        super().__init__(words, markup=False, classes="" if enabled else "dimmed")
        self.key = binding.key

    def on_click(self) -> None:
        """As if it was pressed."""
        self.app.simulate_key(self.key)


class Keys(Horizontal):
    """The keys of what has the focus, then those of the screen, then those of the program."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[tuple[Binding, bool]] = []

    def compose(self) -> ComposeResult:
        """One key each."""
        for binding, enabled in self.shown:
            yield Key(binding, self.app.get_key_display(binding), enabled)

    def on_mount(self) -> None:
        """Told of every change."""
        self.screen.bindings_updated_signal.subscribe(self, self.look)

    def look(self, screen: Screen[object]) -> None:
        """Shows what can be done now, if that has changed."""
        if not screen.is_mounted:
            return
        active = screen.active_bindings.values()
        found = {a.binding.action: (a.binding, a.enabled) for a in active if a.binding.show}
        if list(found.values()) != self.shown:
            self.shown = list(found.values())
            self.call_after_refresh(self.recompose)
