"""Every figure that is told must have been found: numbers in a text held against tables.

Invariant: a number is found if a cell, rounded as the text shows it, is that number; nothing is
computed here, so a sum or a share has to come from SQL.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .database import Table

# A number as a reader sees one: 1,004,448.00 or 12.5, not the 2 of "Q2" or of "order_lines2".
_NUMBER = re.compile(r"(?<![\w.,-])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,])-?\d+(?:\.\d+)?")
_DATE = re.compile(r"\b\d{4}-\d{2}(?:-\d{2})?\b")


@dataclass(frozen=True)
class Number:
    """A number in a text, with the digits after the point that are shown."""

    shown: str
    value: Decimal
    digits: int


def numbers(text: str) -> list[Number]:
    """The numbers of a text, without dates, which are looked up as words."""
    return [_number(found) for found in _NUMBER.findall(_DATE.sub(" ", text))]


def dates(text: str) -> list[str]:
    return _DATE.findall(text)


def unfounded(text: str, question: str, tables: Sequence[Table]) -> list[str]:
    """What of the figures and dates in `text` is neither in a table nor in the question."""
    asked = {number.value for number in numbers(question)} | _parts(dates(question))
    cells = [value for table in tables for value in _values(table)]
    words = " ".join([question, *(str(cell) for cell in _cells(tables))])
    missing = [day for day in dates(text) if day not in words]
    known = asked | _parts(dates(words))
    for number in numbers(text):
        if number.value not in known and not any(is_told(number, cell) for cell in cells):
            missing.append(number.shown)
    return missing


def is_told(number: Number, cell: Decimal) -> bool:
    """Whether `cell`, rounded to the digits shown, is the number."""
    return abs(cell - number.value) <= Decimal(1).scaleb(-number.digits) / 2


def tells(text: str, value: Any) -> bool:
    """Whether a text tells a value: a figure as a figure, anything else as a word."""
    cell = as_number(value)
    if cell is None:
        return str(value).casefold() in text.casefold()
    return any(is_told(number, cell) for number in numbers(text))


def as_number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(str(value))


def _number(shown: str) -> Number:
    plain = shown.replace(",", "")
    return Number(shown, Decimal(plain), len(plain.partition(".")[2]))


def _cells(tables: Sequence[Table]) -> Iterable[Any]:
    return (cell for table in tables for row in table.rows for cell in row)


def _values(table: Table) -> Iterable[Decimal]:
    """The numbers of a table, those inside its words too, and how many rows it has."""
    yield Decimal(len(table.rows))
    for cell in _cells([table]):
        value = as_number(cell)
        if value is not None:
            yield value
        elif isinstance(cell, str):
            yield from (number.value for number in numbers(cell))


def _parts(days: Iterable[str]) -> set[Decimal]:
    """Year, month and day of dates: a question about 2026-03 may be answered with "March 2026"."""
    return {Decimal(part) for day in days for part in day.split("-")}
