"""A field of one line without a frame, for where lines are few."""

from textual.widgets import Input


class Slim(Input):
    """As `Input`; it sets its own look, since the common rules give every field a frame."""

    def on_mount(self) -> None:
        """One line, told apart by its background."""
        self.styles.border = ("none", "transparent")
        self.styles.height = 1
        self.styles.padding = (0, 1)
        self.styles.background = self.app.theme_variables.get("panel", "transparent")
