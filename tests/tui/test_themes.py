"""Themes: what is written can be read, and without colour nothing is coloured or lost."""

import re
from typing import Any

import pytest
from onscreen import press, settle, walk
from ptys import Terminal
from textual.color import Color, ColorParseError
from textual.pilot import Pilot

from scaffolder.tui import themes
from scaffolder.tui.app import ScaffoldApp

TEXTS = ("foreground", "muted", "primary", "secondary", "success", "warning", "error", "accent")
BACKGROUNDS = ("background", "surface", "panel", "block-cursor-blurred-background")
PAIRS = (
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("footer-key-foreground", "footer-background"),
    ("footer-foreground", "footer-background"),
    ("footer-description-foreground", "footer-background"),
    ("input-cursor-foreground", "input-cursor-background"),
    ("input-selection-foreground", "input-selection-background"),
)
LEAST = {"dark": 4.5, "light": 4.5, "high-contrast": 7.0, "no-colour": 7.0}
"""The contrast that each theme owes its reader (WCAG 2.2: 1.4.3 and 1.4.6)."""


def contrast(one: Color, other: Color) -> float:
    """Between 1 and 21, as WCAG defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    parts = [c / 255 for c in (colour.r, colour.g, colour.b)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _colours(theme: str) -> dict[str, Color]:
    app = ScaffoldApp()
    app.theme = theme
    below = Color.parse(app.get_css_variables()["background"])
    found = {}
    for name, value in app.get_css_variables().items():
        try:
            found[name] = below + Color.parse(value)
        except ColorParseError:
            continue
    return found


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast(Color.parse("#000000"), Color.parse("#ffffff")) == pytest.approx(21)
    assert contrast(Color.parse("#777777"), Color.parse("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", LEAST)
def test_every_text_can_be_read(theme: str) -> None:
    colours, least = _colours(theme), LEAST[theme]
    pairs = [(text, behind) for text in TEXTS for behind in BACKGROUNDS] + list(PAIRS)
    if theme in ("dark", "light"):
        pairs += [(text, "block-cursor-background") for text in TEXTS]
    found = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: round(value, 2) for pair, value in found.items() if value < least} == {}


@pytest.mark.parametrize("theme", ["high-contrast", "no-colour"])
def test_what_is_under_the_cursor_is_never_lost(theme: str) -> None:
    """There its colour is that of the cursor, whatever colour its sign had."""

    async def steps(pilot: Pilot[Any]) -> None:
        await press(pilot, "s")
        pilot.app.theme = theme
        await settle(pilot)
        row = _under_cursor(pilot)
        assert "studying" in "".join(text for text, _ in row)
        if theme == "no-colour":
            assert all(style.reverse and not style.color and not style.bgcolor for _, style in row)
        else:
            assert {style.color.get_truecolor() for _, style in row} == {(0, 0, 0)}

    walk((140, 42), steps)


def _under_cursor(pilot: Pilot[Any]) -> list[tuple[str, Any]]:
    """What is drawn of the row under the cursor, with its styles."""
    items = pilot.app.screen.query_one("#skills")
    inside = items.content_region
    lines = items.render_lines(inside.translate((-items.region.x, -items.region.y)))
    drawn = [(s.text, s.style) for line in lines for s in line]
    marked = [(t, s) for t, s in drawn if s and s.meta.get("option") == items.highlighted]
    return [(text, style) for text, style in marked if text.strip()]


@pytest.mark.parametrize("chosen", ["NO_COLOR", "t"])
def test_without_colour_no_colour_is_written(chosen: str) -> None:
    variables = {"COLORTERM": "truecolor", **({"NO_COLOR": "1"} if chosen == "NO_COLOR" else {})}
    with Terminal(variables=variables, size=(100, 30)) as terminal:
        terminal.wait_for()
        if chosen == "t":
            for _ in range(3):
                terminal.type(b"t")
                terminal.quiet(0.3)
        terminal.type(b"j")
        since = len(terminal.written) if chosen == "t" else 0
        for key in (b"j", b"b", b"\x1b", b"?", b"\x1b", b"l", b"4", b"2", b":"):
            terminal.type(key)
            terminal.quiet(0.3)
        drawn = terminal.written[since:]
        found = {
            number for code in re.findall(rb"\x1b\[([\d;]*)m", drawn) for number in code.split(b";")
        }
    assert found <= {b"", b"0", b"1", b"2", b"3", b"4", b"7", b"9"}
    assert {b"1", b"7"} <= found


@pytest.mark.parametrize(
    ("variables", "kept", "theme"),
    [
        ({}, "", "dark"),
        ({"COLORFGBG": "0;15"}, "", "light"),
        ({"COLORFGBG": "15;default;0"}, "", "dark"),
        ({"COLORFGBG": "0;15"}, "dark", "dark"),
        ({}, "a theme that is gone", "dark"),
        ({"NO_COLOR": ""}, "light", "light"),
        ({"NO_COLOR": "1"}, "light", "no-colour"),
    ],
)
def test_the_theme_to_begin_with(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], kept: str, theme: str
) -> None:
    for name in ("COLORFGBG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert themes.first(kept) == theme
