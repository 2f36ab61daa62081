"""A field of a form: its name, what is typed or chosen, what it is for, what is wrong with it.

Invariant: what is typed is shown as it is, a character that a terminal would obey or hide as one
that it prints; what was not typed is the proposal, and changes with it.
"""

from collections.abc import Sequence
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from scaffolder.sanitise import clean
from scaffolder.tui.words import plain


class _AsItIs(Highlighter):
    """One printable character for each one typed, so that the cursor stands where it is."""

    def __call__(self, text: str | Text) -> Text:
        """`text` with the others made visible."""
        shown = "".join(map(_visible, text if isinstance(text, str) else text.plain))
        return Text(shown, no_wrap=True, overflow="ignore", end="")

    def highlight(self, text: Text) -> None:
        """Nothing has a style of its own."""


def _visible(character: str) -> str:
    if clean(character) == character and (character.isprintable() or character == " "):
        return character
    return chr(0x2400 + ord(character)) if ord(character) < 0x20 else "�"


class Line(Input, inherit_css=False):
    """One line to type, without a frame."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "Next field")]
    COMPONENT_CLASSES: ClassVar[set[str]] = set(Input.COMPONENT_CLASSES)
    DEFAULT_CSS = """
    Line {
        overflow: hidden hidden;
        height: 1;
        width: 1fr;
        padding: 0 1;
        background: $surface;
        scrollbar-size-horizontal: 0;
        pointer: text;
        & > .input--cursor {
            background: $input-cursor-background;
            color: $input-cursor-foreground;
            text-style: $input-cursor-text-style;
        }
        & > .input--selection {
            background: $input-selection-background;
            color: $input-selection-foreground;
        }
        & > .input--placeholder, & > .input--suggestion {
            color: $muted;
        }
        &:focus {
            background: $panel;
        }
    }
    """

    def __init__(self) -> None:
        super().__init__(highlighter=_AsItIs(), classes="value")


class Act(Button):
    """A flat button; under the focus it is as plain to see as the cursor of a list."""

    DEFAULT_CSS = """
    Act.-textual-compact {
        background: $panel;
        color: $foreground;
        padding: 0 1;
        min-width: 8;
        margin-right: 2;
        &:hover {
            background: $primary 40%;
        }
        &:focus {
            background: $primary;
            color: $background;
            text-style: $block-cursor-text-style;
        }
    }
    """

    def __init__(self, words: str, id: str) -> None:
        super().__init__(Content(words), id=id, compact=True)


class Choice(Widget, can_focus=True):
    """One of a few, all in sight where there is room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space", "step(1)", "Next choice", key_display="← →"),
        Binding("left,h", "step(-1)", "Choice before", show=False),
    ]
    DEFAULT_CSS = """
    Choice {
        height: 1;
        width: 1fr;
        padding: 0 1;
        &:focus {
            background: $panel;
        }
    }
    """

    class Changed(Message):
        """Another one is chosen."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__(classes="value")
        self.choices = list(choices)
        self.value = self.choices[0]

    def render(self) -> Content:
        """All of them, or the one chosen and how many there are."""
        shown = Content("   ").join(self._option(choice) for choice in self.choices)
        if shown.cell_length <= self.size.width:
            return shown
        place = f"  {self.choices.index(self.value) + 1} of {len(self.choices)}"
        return Content.assemble("← ", plain(self.value, "bold"), " →", (place, "$muted"))

    def set(self, value: str) -> None:
        """Takes a value that is one of the choices."""
        if value in self.choices:
            self.value = value
            self.refresh()

    def action_step(self, step: int) -> None:
        """Chooses the next one, round and round."""
        at = (self.choices.index(self.value) + step) % len(self.choices)
        self._choose(self.choices[at])

    def on_click(self, event: Click) -> None:
        """Chooses the one under the pointer."""
        at = event.x - 1
        for choice in self.choices:
            at -= self._option(choice).cell_length + 3
            if at < 0:
                self._choose(choice)
                return

    def _choose(self, choice: str) -> None:
        self.set(choice)
        self.post_message(self.Changed())

    def _option(self, choice: str) -> Content:
        chosen = choice == self.value
        return plain(f"{'●' if chosen else '○'} {choice}", "bold" if chosen else "$muted")


class Field(Vertical):
    """`value` is what stands in it; `given` is "" while that is only the proposal."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Field before", show=False),
        Binding("enter", "app.focus_next", "Next field"),
    ]
    DEFAULT_CSS = """
    Field {
        height: auto;
        margin-bottom: 1;
    }
    Field .row {
        height: 1;
    }
    Field .name {
        width: 14;
        color: $muted;
    }
    Field.here .name {
        color: $primary;
        text-style: bold;
    }
    Field .help, Field .problem {
        height: auto;
        padding: 0 1 0 15;
    }
    Field .help {
        color: $muted;
        display: none;
    }
    Field .help.said {
        display: block;
    }
    Field .problem {
        color: $error;
    }
    """

    class Changed(Message):
        """Something was typed or chosen."""

    def __init__(self, key: str, name: str, about: str, choices: Sequence[str] = ()) -> None:
        super().__init__()
        self.key = key
        self.title = name
        self.about = about
        self.entry = Choice(choices) if choices else Line()
        self.proposed = ""
        self.given = ""
        self.emptied = False

    def compose(self) -> ComposeResult:
        """Name and value in a row, below it what it is for or what is wrong."""
        with Horizontal(classes="row"):
            yield Static(plain(self.title), classes="name", markup=False)
            yield self.entry
        yield Static(plain(self.about), classes="help", markup=False)
        yield Static("", classes="problem", markup=False)

    def on_mount(self) -> None:
        """Nothing is wrong yet."""
        self.show_problem("")

    def propose(self, value: str) -> None:
        """What stands here unless something is given."""
        self.proposed = value
        if not self.given:
            self._fill()

    def give(self, value: str) -> None:
        """What was typed before, "" for nothing."""
        self.given = value
        self._fill()

    def show_problem(self, said: str) -> None:
        """What is wrong, in place of what it is for; "" if nothing is."""
        self.query_one(".problem", Static).update(plain(f"✗ {said}"))
        self.query_one(".problem").display = bool(said)
        self.query_one(".help").set_class(bool(self.about and not said), "said")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Typed: it stays, whatever is proposed; made empty, it follows again."""
        event.stop()
        self.given = event.value
        self.emptied = not event.value
        self.post_message(self.Changed())

    def on_choice_changed(self, event: Choice.Changed) -> None:
        """Chosen."""
        event.stop()
        self.given = self.entry.value
        self.post_message(self.Changed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """On to the next one."""
        event.stop()
        self.app.action_focus_next()

    def on_descendant_focus(self) -> None:
        """Its name stands out."""
        self.add_class("here")

    def on_descendant_blur(self) -> None:
        """What was left empty shows what is taken then."""
        self.remove_class("here")
        self.emptied = False
        self._fill()

    def _fill(self) -> None:
        shown = self.given or self.proposed
        if isinstance(self.entry, Choice):
            self.entry.set(shown)
            return
        self.entry.placeholder = clean(self.proposed, 300)
        if shown != self.entry.value and not self.emptied:
            with self.prevent(Input.Changed):
                self.entry.value = shown
            if self.entry.has_focus and not self.given:
                self.entry.action_select_all()
