"""The names of panes that take each other's place, for a narrow terminal."""

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static


class Tab(Static):
    """One name; a click shows its pane."""

    def __init__(self, pane: str, words: str) -> None:
        super().__init__("", markup=False)
        self.pane = pane
        self.words = words

    def on_click(self) -> None:
        """Shows it."""
        self.post_message(Tabs.Chosen(self.pane))


class Tabs(Horizontal):
    """All names, the one that is shown in brackets."""

    DEFAULT_CSS = """
    Tabs { height: 1; padding: 0; }
    Tab { width: auto; color: $muted; }
    Tab.here { color: $foreground; text-style: bold; }
    Tab:hover { text-style: underline; }
    Tabs .hint { width: 1fr; text-align: right; color: $muted; padding: 0 1; }
    """

    class Chosen(Message):
        """The pane `name` is wanted."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self.names = names

    def compose(self) -> ComposeResult:
        """One after another, and how to go on."""
        for pane, words in self.names.items():
            yield Tab(pane, words)
        yield Static("h l switch", classes="hint", markup=False)

    def show(self, name: str) -> None:
        """Marks the pane that is shown."""
        for tab in self.query(Tab):
            here = tab.pane == name
            tab.set_class(here, "here")
            tab.update(Content(f"[{tab.words}]" if here else f" {tab.words} "))
