"""What is drawn passes here last: no text of it is obeyed by the terminal, no colour is where none
is wanted or none could be read.

Invariant: a cell holds what prints. Screens show hostile characters as words before it comes to
this; what a widget drew all the same (a field, a row nobody cleaned) is left out here, and takes
the cells that it was given.
"""

import re
from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from scaffolder.sanitise import clean
from scaffolder.tui import themes


class Harmless(LineFilter):
    """Leaves out what a terminal would act on, and links."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The same segments where nothing is wrong with them, which is nearly always."""
        if all(map(_is_harmless, segments)):
            return segments
        return [Segment(_UNPRINTED.sub(_instead, s.text), _unlinked(s.style)) for s in segments]


class Colourless(LineFilter):
    """Leaves bold and underline; light behind dark becomes reverse."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments without their colours."""
        return [Segment(s.text, _without_colour(s.style) if s.style else None) for s in segments]


class Striking(LineFilter):
    """Where the cursor is as bright as it gets, every text on it is black."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments, with the colour of their signs left out under the cursor."""
        return [Segment(s.text, _black_on_cursor(s.style) if s.style else None) for s in segments]


_CURSOR = RichColor.parse(themes.HIGH_CONTRAST.variables["block-cursor-background"])
_BLACK = Style(color="#000000")

_GREY = 3 * 128

_UNPRINTED = re.compile(r"[^\x20-\x7e\u00a0-\u02ff]")


def _is_harmless(segment: Segment) -> bool:
    return segment.text.isprintable() and not (segment.style and segment.style.link)


def _instead(match: re.Match[str]) -> str:
    character = match[0]
    if clean(character) == character:
        return character
    return "�" * cell_len(character)


@lru_cache(4096)
def _without_colour(style: Style) -> Style:
    behind = style.color if style.reverse else style.bgcolor
    is_light = behind is not None and sum(behind.get_truecolor(foreground=False)) > _GREY
    kept = style.without_color + Style.from_meta(style.meta)
    return kept + Style(reverse=is_light) if is_light or style.reverse else kept


@lru_cache(4096)
def _black_on_cursor(style: Style) -> Style:
    return style + _BLACK if style.bgcolor == _CURSOR and not style.reverse else style


def _unlinked(style: Style | None) -> Style | None:
    return style.update_link(None) if style and style.link else style
