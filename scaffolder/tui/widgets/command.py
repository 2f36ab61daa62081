"""The line above the keys: the command that does what this screen shows."""

from textual.content import Content
from textual.widgets import Static

from scaffolder.sanitise import clean


class CommandLine(Static):
    """`line` is the command as one would type it."""

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.line = ""

    def show(self, line: str) -> None:
        """Shows another command."""
        self.line = clean(line)
        self.update(Content.assemble(("$ ", "$muted"), self.line))
