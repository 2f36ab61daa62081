"""The pane of results: one series at a time as a plot with intervals."""

from textual.content import Content

from scaffolder.journeys.results import History, Series
from scaffolder.tui.widgets.reading import Reading
from scaffolder.tui.wording import projects
from scaffolder.tui.words import MUTED


class Plot(Reading):
    """`series` is the one that is shown."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.history = History(())
        self.name_shown = ""

    @property
    def series(self) -> Series | None:
        """The one that is shown; None where there is none."""
        named = (s for s in self.history.series if s.name == self.name_shown)
        return next(named, next(iter(self.history.series), None))

    def show_history(self, history: History) -> None:
        """Other results; the same series where it is still there."""
        self.history = history
        self._draw()

    def move(self, step: int) -> None:
        """To another series."""
        names = [series.name for series in self.history.series]
        if self.series and names:
            at = names.index(self.series.name) + step
            self.turn_to(names[at % len(names)])

    def turn_to(self, name: str) -> None:
        """To the series of that name."""
        self.name_shown = name
        self._draw()

    def on_resize(self) -> None:
        """The plot is made for the width there is."""
        self._draw()

    def _draw(self) -> None:
        series, width = self.series, self.scrollable_content_region.width
        if series is None:
            said = (
                projects.no_results(self.history)
                if self.history.note
                else Content.styled("Nothing is measured yet.", MUTED)
            )
            self.show(said)
            return
        place = [s.name for s in self.history.series].index(series.name) + 1
        of = len(self.history.series)
        parts = [projects.results(series, place, of, max(40, width))]
        if self.history.note:
            parts.append(Content.styled(self.history.note, MUTED))
        self.show(parts)
