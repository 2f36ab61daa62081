"""The days that a message names, seen from the day on which it was received.

Invariant: a day is never guessed. A date that does not exist is reported as impossible, and words
that leave the day open ("next week", "Thursdays") name none. A year is not read: a date is the
next one of its kind.
"""

import re
from calendar import monthrange
from datetime import date, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COUNTS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10,
}  # fmt: skip

_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY = r"(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?"
_COUNT = "(" + "|".join(COUNTS) + r"|\d{1,2})"
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\b", re.I)
_MONTH_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b", re.I)
_SLASH = re.compile(r"\b(\d{1,2})/(\d{1,2})\b")
_ORDINAL = re.compile(rf"\bthe (\d{{1,2}})(?:st|nd|rd|th)\b(?! of|\s+{_MONTH})", re.I)
_SPAN = re.compile(
    rf"\b(?:in )?{_COUNT} (day|week|month)s?(?:'s time)?(?: from (?:now|today)| today)?\b", re.I
)
_FORTNIGHT = re.compile(r"\b(?:in )?a fortnight(?: from today)?\b", re.I)
_NAMED = re.compile(r"\b(the day after tomorrow|tomorrow|today)\b", re.I)
_OF_MONTH = re.compile(rf"\b(first|last) {_DAY} of (?:{_MONTH}|the month)\b", re.I)
_AFTER_NEXT = re.compile(rf"\b{_DAY} after next\b", re.I)
_WEEK_ON = re.compile(rf"\b(?:a week on {_DAY}|{_DAY} week)\b", re.I)
_NEXT = re.compile(rf"\b(?:next {_DAY}|{_DAY} next week)\b", re.I)
_WEEKDAY = re.compile(rf"\b(?:this )?{_DAY}\b(?!s)", re.I)


def days(message: str, received: date) -> list[date | None]:
    """The days in the order of the text; None for one that is not in the calendar."""
    found: dict[tuple[int, int], date | None] = {}
    for pattern, read in _READERS:
        for match in pattern.finditer(message):
            if not any(match.start() < end and start < match.end() for start, end in found):
                found[match.span()] = read(match, received)
    return [day for _, day in sorted(found.items(), key=lambda item: item[0])]


def _exact(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _ordinal(match: re.Match[str], received: date) -> date | None:
    day = int(match[1])
    if day >= received.day:
        return _exact(received.year, received.month, day)
    return _exact(received.year, received.month % 12 + 1, day)


def _span(match: re.Match[str], received: date) -> date:
    count = COUNTS.get(match[1].lower()) or int(match[1])
    if match[2].lower() == "month":
        months = received.month - 1 + count
        year, month = received.year + months // 12, months % 12 + 1
        return date(year, month, min(received.day, monthrange(year, month)[1]))
    return received + timedelta(days=count * (7 if match[2].lower() == "week" else 1))


def _coming(name: str, received: date) -> date:
    ahead = (DAYS.index(name.lower()) - received.weekday()) % 7
    return received + timedelta(days=ahead or 7)


def _next(name: str, received: date) -> date:
    """The day in the week after this one; weeks begin on Monday."""
    monday = received - timedelta(days=received.weekday())
    return monday + timedelta(days=7 + DAYS.index(name.lower()))


def _of_month(match: re.Match[str], received: date) -> date:
    month = MONTHS.index(match[3].lower()) + 1 if match[3] else received.month
    last = monthrange(received.year, month)[1]
    numbers = range(1, last + 1) if match[1].lower() == "first" else range(last, 0, -1)
    each = (date(received.year, month, number) for number in numbers)
    return next(day for day in each if day.weekday() == DAYS.index(match[2].lower()))


def _relative(match: re.Match[str], received: date) -> date:
    ahead = {"today": 0, "tomorrow": 1}.get(match[1].lower(), 2)
    return received + timedelta(days=ahead)


_READERS = (
    (_ISO, lambda m, at: _exact(int(m[1]), int(m[2]), int(m[3]))),
    (_DAY_MONTH, lambda m, at: _exact(at.year, MONTHS.index(m[2].lower()) + 1, int(m[1]))),
    (_MONTH_DAY, lambda m, at: _exact(at.year, MONTHS.index(m[1].lower()) + 1, int(m[2]))),
    (_SLASH, lambda m, at: _exact(at.year, int(m[2]), int(m[1]))),
    (_ORDINAL, _ordinal),
    (_OF_MONTH, _of_month),
    (_AFTER_NEXT, lambda m, at: _next(m[1], at) + timedelta(days=7)),
    (_WEEK_ON, lambda m, at: _coming(m[1] or m[2], at) + timedelta(days=7)),
    (_NEXT, lambda m, at: _next(m[1] or m[2], at)),
    (_FORTNIGHT, lambda m, at: at + timedelta(days=14)),
    (_SPAN, _span),
    (_NAMED, _relative),
    (_WEEKDAY, lambda m, at: _coming(m[1], at)),
)
