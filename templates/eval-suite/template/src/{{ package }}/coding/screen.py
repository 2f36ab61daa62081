"""The page that `code` and `label` show of one result: readable at 80 columns, no escape sent.

Invariant: it shows what the system was given and what it gave, before anything that was said of it.
"""

from collections.abc import Mapping, Sequence
from textwrap import fill

from ..evaluation.rows import Row
from ..items import Item

WIDTH = 78
LONGEST_STEP = 220
LONGEST = 1500  # characters of one value: a page has to fit a screen or two


def page(item: Item, row: Row, place: str, grades: bool = True) -> str:
    """One result; `place` says where in the queue it is, `grades` whether they are shown."""
    head = f"{place}  {row.id}  {row.system}  {row.split}  {row.slice}"
    parts = [head, "-" * min(WIDTH, len(head)), _block("given", item.input)]
    parts.append(_block("came", row.output) if row.output else f"came  nothing: {row.error}")
    if grades:
        parts.append(_block("expected", item.expected))
        parts.append(_grades(row))
    return "\n\n".join(part for part in parts if part)


def listed(names: Sequence[str], keys: str) -> str:
    """`1 wrong topic   2 question left open`, as many on a line as fit."""
    words = [f"{key} {name}" for key, name in zip(keys, names, strict=False)]
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) + 3 <= WIDTH:
            lines[-1] += f"   {word}"
        else:
            lines.append(word)
    return "\n".join(lines)


def _block(title: str, values: Mapping[str, object]) -> str:
    lines = [title]
    for name, value in values.items():
        if isinstance(value, list) and len(value) > 1:
            lines.append(f"  {name}:")
            lines += [_indented(" ".join(str(each).split())) for each in value]
            continue
        text = " ".join(str(value).split())
        shown = text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
        lines.append(fill(f"{name}: {shown}", WIDTH, initial_indent="  ", subsequent_indent="    "))
    return "\n".join(lines)


def _indented(text: str) -> str:
    shown = text if len(text) <= LONGEST_STEP else f"{text[:LONGEST_STEP]} ..."
    return fill(shown, WIDTH, initial_indent="    ", subsequent_indent="      ")


def _grades(row: Row) -> str:
    words = [f"{name} {value:g}" for name, value in row.grades.items()]
    return fill(", ".join(words), WIDTH, initial_indent="grades  ", subsequent_indent="        ")
