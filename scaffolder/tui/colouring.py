"""The text of a file with its words in colour, for a screen.

Invariant: the text is clean before it is looked at, and is the same after; only styles of ours are
put on it. What it is written in follows from its name: nothing is guessed from what it holds.
"""

from pathlib import PurePosixPath

from textual.content import Content
from textual.highlight import HighlightTheme, TokenType, highlight

from scaffolder.tui.words import block

LANGUAGES = {
    ".py": "python",
    ".md": "markdown",
    ".toml": "toml",
    ".yml": "yaml",
    ".yaml": "yaml",
    ".json": "json",
    ".jsonl": "json",
    ".lock": "text",
    ".html": "html",
    ".css": "css",
    ".js": "javascript",
    ".sh": "bash",
    "Dockerfile": "docker",
}


class Colours(HighlightTheme):
    """Few and quiet: names and keys, strings, numbers, comments; by Pygments' tokens."""

    STYLES: dict[TokenType, str] = {  # noqa: RUF012 - as Textual has it
        ("Comment",): "$muted",
        ("Generic", "Emph"): "italic",
        ("Generic", "Heading"): "bold $primary",
        ("Generic", "Strong"): "bold",
        ("Generic", "Subheading"): "bold $primary",
        ("Keyword",): "$primary",
        ("Literal", "Number"): "$warning",
        ("Literal", "String"): "$success",
        ("Literal", "String", "Doc"): "$muted",
        ("Name", "Attribute"): "$primary",
        ("Name", "Class"): "bold",
        ("Name", "Decorator"): "$warning",
        ("Name", "Function"): "bold",
        ("Name", "Tag"): "$primary",
        ("Number",): "$warning",
        ("Operator", "Word"): "$primary",
    }


def coloured(path: str, text: str) -> Content:
    """`text` of the file at `path`; as plain text where its language is not known."""
    safe = block(text)
    name = PurePosixPath(path)
    language = LANGUAGES.get(name.suffix) or LANGUAGES.get(name.name, "text")
    if language == "text":
        return safe
    found = highlight(safe.plain, language=language, theme=Colours)
    return Content(found.plain, [span for span in found.spans if span.style != "$text"])
