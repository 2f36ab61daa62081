"""The files that will be made: their tree, and the text of the one under the cursor.

Invariant: texts are cut to what fits in a moment's painting, and it is said how much is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input

from scaffolder.journeys.preview import Made
from scaffolder.sanitise import clean
from scaffolder.tui.colouring import coloured
from scaffolder.tui.widgets.filetree import FileTree
from scaffolder.tui.widgets.reading import Reading
from scaffolder.tui.words import block, lines, plain

FIRST = "README.md"


class Files(Container):
    """`show` takes what a preview found."""

    DEFAULT_CSS = """
    Files { layout: vertical; height: 1fr; }
    Files #left, Files #text { height: 1fr; }
    Files #tree { height: 1fr; }
    Files #file-filter { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[str, Made] = {}
        self.wanted = ""
        self.stale = False

    def compose(self) -> ComposeResult:
        """A field to filter in, the tree, the text."""
        with Container(id="left"):
            yield Input(placeholder="part of a path, Esc to end", id="file-filter")
            yield FileTree(id="tree")
        yield Reading(id="text")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self._title()
        self.say(Content.styled("Making the preview …", "$muted"))

    def show(self, files: Sequence[Made]) -> None:
        """Other files, or the same with other texts."""
        before, self.made = list(self.made), {made.path: made for made in files}
        if list(self.made) != before:
            self._fill()
        else:
            self._show_text(self.query_one(FileTree).at)
        self._title()

    def say(self, words: Content) -> None:
        """Words in the place of the text."""
        self.query_one("#text").border_title = ""
        self.query_one("#text", Reading).show(words)

    def set_stale(self, stale: bool) -> None:
        """Whether the form says something else by now."""
        self.stale = stale
        self._title()

    def enter(self) -> None:
        """The focus comes from the form."""
        self.query_one("#tree").focus()

    def move(self, step: int) -> bool:
        """From the tree to the text or back; whether there was a way."""
        tree, text = self.query_one("#tree"), self.query_one("#text")
        if (tree.has_focus, text.has_focus) == (step > 0, step < 0):
            (text if step > 0 else tree).focus()
            return True
        return False

    def filter(self) -> None:
        """Opens the field."""
        field = self.query_one(Input)
        field.display = True
        field.focus()

    def leave(self) -> bool:
        """One step back: out of the filter, out of the text; whether there was one."""
        field = self.query_one(Input)
        if field.display:
            field.value = ""
            field.display = False
            self.enter()
            return True
        return self.move(-1)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrows the tree as one types."""
        event.stop()
        self.wanted = event.value.strip().casefold()
        self._fill()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Into the narrowed tree."""
        event.stop()
        self.enter()

    def on_file_tree_shown(self, event: FileTree.Shown) -> None:
        """The text of the file under the cursor."""
        event.stop()
        self._show_text(event.path)

    def on_tree_node_selected(self, event: FileTree.NodeSelected[str]) -> None:
        """Enter on a file: into its text."""
        event.stop()
        if not event.node.allow_expand:
            self.query_one("#text").focus()

    def _fill(self) -> None:
        paths = [path for path in self.made if self.wanted in path.casefold()]
        first = FIRST if FIRST in paths else next(iter(paths), "")
        self.query_one(FileTree).show(paths, first, bool(self.wanted))
        self._title()
        if not paths and self.made:
            self.say(plain(f"No path holds {self.wanted!r}. Esc shows all files again."))

    def _title(self) -> None:
        number = f"{len(self.made)} files" if self.made else "Files"
        old = ", before the mistake" if self.stale and self.made else ""
        self.query_one("#tree").border_title = Content(f"{number}{old}")

    def _show_text(self, path: str) -> None:
        made = self.made.get(path)
        if made is None:
            return
        self.query_one("#text").border_title = Content(f"{clean(path)}, {_size(made)}")
        self.query_one("#text", Reading).show(_text(made))


def _text(made: Made) -> Content:
    if made.text is None:
        return Content.styled("Not text: it is made as it is.", "$muted")
    if not made.text.strip():
        return Content.styled("This file is empty.", "$muted")
    shown = coloured(made.path, made.text)
    if not made.cut:
        return shown
    rest = f"… the rest of {made.lines:,} lines is left out here"
    return lines([shown, block(""), Content.styled(rest, "$muted")])


def _size(made: Made) -> str:
    if made.text is None:
        return f"{made.size:,} bytes"
    return f"{made.lines:,} line{'s' * (made.lines != 1)}"
