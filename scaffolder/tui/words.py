"""Text for the screens: cleaned, never markup; and the sign and the word of each state.

Invariant: a widget gets a `Content` from here, never a string that came from elsewhere: Textual
reads strings as markup in titles, tooltips, cells and notifications.
"""

from collections.abc import Sequence

from textual.content import Content

from scaffolder.review.model import Status
from scaffolder.sanitise import clean

SIGNS = {
    Status.PASS: "✓",
    Status.PARTIAL: "◐",
    Status.FAIL: "✗",
    Status.NOT_STARTED: "○",
    Status.UNVERIFIED: "?",
    Status.NOT_APPLICABLE: "-",
    Status.WAIVED: "~",
}

STYLES = {
    Status.PASS: "$success",
    Status.PARTIAL: "$warning",
    Status.FAIL: "bold $error",
    Status.NOT_STARTED: "$warning",
    Status.UNVERIFIED: "$muted",
    Status.NOT_APPLICABLE: "$muted",
    Status.WAIVED: "$muted",
}

HEADING = "bold $primary"
MUTED = "$muted"


def plain(text: str, style: str = "", limit: int = 4000) -> Content:
    """`text` as one line, as it is, in `style` (a Textual style, ours only)."""
    cleaned = clean(text, limit)
    return Content.styled(cleaned, style) if style else Content(cleaned)


def block(text: str, style: str = "", limit: int = 200_000) -> Content:
    """`text` with its lines kept."""
    cleaned = clean(text, limit, one_line=False).replace("\t", "    ")
    return Content.styled(cleaned, style) if style else Content(cleaned)


def words(status: Status) -> str:
    """The status as a person says it."""
    return status.value.replace("_", " ")


def sign(status: Status) -> Content:
    """The sign of a status in its style."""
    return Content.styled(SIGNS[status], STYLES[status])


def lines(parts: Sequence[Content]) -> Content:
    """Each part on a line of its own."""
    return Content("\n").join(parts)
