"""How text fits a terminal: words stay whole, tables are aligned.

Invariant: only white space and table borders change, never a word.
"""

import shutil
import sys
from collections.abc import Sequence
from itertools import groupby
from textwrap import fill


def terminal_width() -> int:
    """Columns of the terminal that reads stdout; 0 if that is a file or a pipe."""
    seen = sys.stdout is not None and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if seen else 0


def wrapped(text: str, width: int) -> str:
    """Each line broken at words to at most `width` columns, indented as it began; 0 leaves it."""
    return "\n".join(_fill(line, width) for line in text.split("\n")) if width else text


def aligned(markdown: str, width: int) -> str:
    """Markdown for people: tables as aligned columns, headings without their signs; 0 leaves it.

    A table keeps its lines, however long, because a broken line has no columns.
    """
    if not width:
        return markdown
    blocks = []
    for is_table, lines in groupby(markdown.split("\n"), key=lambda line: line.startswith("|")):
        if is_table:
            blocks += _columns([_cells(line) for line in lines])
        else:
            blocks += [_fill(line.removeprefix("## "), width) for line in lines]
    return "\n".join(blocks)


def _fill(line: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    return fill(
        line,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    shown = [row for row in rows if set("".join(row)) != {"-"}]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in shown
    ]
