"""The themes: dark, light, high contrast, and one without colour.

Invariant: a state is told by a sign and a word in every theme; colour only helps.
"""

import os

from textual.theme import Theme

DARK = Theme(
    name="dark",
    primary="#7aa2f7",
    secondary="#b49ae8",
    accent="#e0af68",
    warning="#e0af68",
    error="#ff8fa3",
    success="#73daca",
    foreground="#c8d0e8",
    background="#16181f",
    surface="#1b1e27",
    panel="#252936",
    variables={
        "muted": "#9aa3c0",
        "block-cursor-background": "#2a3761",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#252936",
        "footer-key-foreground": "#e0af68",
        "footer-background": "#1b1e27",
        "border": "#7aa2f7",
        "border-blurred": "#3b4055",
        "scrollbar": "#3b4055",
        "scrollbar-background": "#1b1e27",
    },
)

LIGHT = Theme(
    name="light",
    primary="#1f5fbf",
    secondary="#6d3fb0",
    accent="#865300",
    warning="#865300",
    error="#b3213a",
    success="#1c6b4a",
    foreground="#1f2430",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e7e4dc",
    dark=False,
    variables={
        "muted": "#565d6b",
        "block-cursor-background": "#cfe0fb",
        "block-cursor-foreground": "#101828",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e7e4dc",
        "footer-key-foreground": "#1f5fbf",
        "footer-background": "#f3f1ec",
        "border": "#1f5fbf",
        "border-blurred": "#c9c4b8",
        "scrollbar": "#c9c4b8",
        "scrollbar-background": "#f3f1ec",
    },
)

HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    accent="#ffff00",
    warning="#ffd000",
    error="#ffacac",
    success="#80ff80",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    text_alpha=1.0,
    variables={
        "muted": "#d0d0d0",
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#303030",
        "footer-key-foreground": "#ffff00",
        "footer-background": "#000000",
        "input-selection-background": "#ffff00",
        "input-selection-foreground": "#000000",
        "border": "#ffffff",
        "border-blurred": "#a0a0a0",
    },
)

NO_COLOUR = Theme(
    name="no-colour",
    primary="#ffffff",
    secondary="#ffffff",
    accent="#ffffff",
    warning="#ffffff",
    error="#ffffff",
    success="#ffffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    text_alpha=1.0,
    variables={
        "muted": "#ffffff",
        "block-cursor-background": "#ffffff",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#000000",
        "block-cursor-blurred-foreground": "#ffffff",
        "block-cursor-blurred-text-style": "bold underline",
        "block-hover-background": "#000000",
        "input-cursor-background": "#ffffff",
        "input-cursor-foreground": "#000000",
        "input-selection-background": "#ffffff",
        "input-selection-foreground": "#000000",
        "screen-selection-background": "#ffffff",
        "screen-selection-foreground": "#000000",
        "button-color-foreground": "#000000",
        "button-focus-text-style": "bold underline",
        "footer-key-foreground": "#ffffff",
        "footer-background": "#000000",
        "border": "#ffffff",
        "border-blurred": "#ffffff",
        "scrollbar": "#ffffff",
        "scrollbar-hover": "#ffffff",
        "scrollbar-active": "#ffffff",
        "scrollbar-background": "#000000",
        "scrollbar-background-hover": "#000000",
        "scrollbar-background-active": "#000000",
    },
)
"""Black and white, left out where it is drawn: white behind black becomes reverse."""

THEMES = (DARK, LIGHT, HIGH_CONTRAST, NO_COLOUR)

SETTING = "theme"
"""The key under which the notebook keeps the choice."""


def first(kept: str) -> str:
    """The theme to begin with: without colour where NO_COLOR says so, else the one chosen, else
    what COLORFGBG tells of the terminal's background (its last number; 7 and 15 are light)."""
    if is_colourless():
        return NO_COLOUR.name
    if kept in {theme.name for theme in THEMES}:
        return kept
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT.name if background in ("7", "15") else DARK.name


def is_colourless() -> bool:
    """Whether the user wants no colour anywhere."""
    return bool(os.environ.get("NO_COLOR"))


def after(name: str) -> str:
    """The theme that follows, round and round."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
