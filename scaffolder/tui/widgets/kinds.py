"""The line that says what is asked about, each kind with its key and how many there are."""

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static


class Kind(Static):
    """One kind; a click chooses it."""

    def __init__(self, name: str, key: str, title: str) -> None:
        super().__init__("", id=f"kind-{name}", markup=False)
        self.kind, self.key, self.title = name, key, title

    def show(self, here: bool, number: int | None) -> None:
        """Marks the one that is shown; `number` of questions, None where it is not known."""
        count = "" if number is None else f" {number}"
        ends = ("[", "]") if here else (" ", " ")
        self.update(
            Content.assemble(
                ends[0], (self.key, "bold $accent"), f" {self.title}", (count, "$muted"), ends[1]
            )
        )
        self.set_class(here, "here")

    async def on_click(self) -> None:
        """Chooses it."""
        await self.screen.run_action(f"kind({self.kind!r})")


class Kinds(Horizontal):
    """All kinds, and at the right how it stands."""

    DEFAULT_CSS = """
    Kinds { height: 1; padding: 0 1; }
    Kinds Kind { width: auto; color: $muted; }
    Kinds Kind.here { color: $foreground; text-style: bold; }
    Kinds Kind:hover { text-style: underline; }
    Kinds #tally { width: 1fr; text-align: right; text-wrap: nowrap; }
    """

    def __init__(self, kinds: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self.kinds = kinds

    def compose(self) -> ComposeResult:
        """One after the other."""
        for name, key, title in self.kinds:
            yield Kind(name, key, title)
        yield Static("", id="tally", markup=False)

    def show(self, here: str, numbers: Mapping[str, int | None], tally: Content) -> None:
        """Marks the kind that is shown, and says how its questions stand."""
        for kind in self.query(Kind):
            kind.show(kind.kind == here, numbers.get(kind.kind))
        self.query_one("#tally", Static).update(tally)
