"""A badge that names the level and the weakest dimension, as a small SVG.

Invariant: it is static, loads nothing, and holds no text that was not escaped; a reader without
pictures is told the same by its title.
"""

from html import escape

from scaffolder.review.model import Report
from scaffolder.review.render.wording import HIGHEST, line

LABEL = "scaffold review"
_COLOURS = {"draft": "#8a5a00", "working": "#4b5563", "measured": "#1d4ed8", HIGHEST: "#166534"}
_CHARACTER = 6.6
_PAD = 12


def text(report: Report) -> str:
    """The level, and what holds it back."""
    level, weakest = line(report.level, 40), line(report.weakest_dimension, 40)
    return f"{level}, lowest: {weakest}" if weakest else level


def render(report: Report) -> str:
    """The badge as SVG; dark grounds under white text, of a contrast of 4.5 or more."""
    said = text(report)
    left, right = _width(LABEL), _width(said)
    colour = _COLOURS.get(report.level, "#4b5563")
    title = escape(f"{LABEL}: {said}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left}" height="20" fill="#333"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" '
        'text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14">{escape(LABEL)}</text>'
        f'<text x="{left + right / 2:g}" y="14">{escape(said)}</text></g></svg>\n'
    )


def markdown(report: Report, path: str) -> str:
    """The line of a README that shows the badge at `path`."""
    said = "".join(c for c in text(report) if c not in "[]()\\`<>")
    return f"![{LABEL}: {said}]({path})"


def _width(words: str) -> int:
    return round(len(words) * _CHARACTER) + _PAD
