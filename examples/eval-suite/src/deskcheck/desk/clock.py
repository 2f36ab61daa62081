"""The time of day in a message, in figures or in words.

Invariant: a time exists on a clock; an hour from 1 to 7 is in the afternoon, because nobody is here
at three in the morning. Whether the practice is open then is not asked here.
"""

import re

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
MINUTES = {
    "five": 5, "ten": 10, "quarter": 15, "a quarter": 15, "twenty": 20, "twenty-five": 25,
    "thirty": 30, "forty-five": 45, "fifteen": 15,
}  # fmt: skip

_HOUR = "|".join(WORDS)
_PAST = re.compile(
    rf"\b(a quarter|quarter|twenty-five|twenty|five|ten) (past|to) ({_HOUR})\b", re.I
)
_HALF = re.compile(rf"\bhalf (past )?({_HOUR})\b", re.I)
_SPOKEN = re.compile(rf"\b({_HOUR}) (thirty|forty-five|fifteen)\b", re.I)
_WHOLE = re.compile(rf"\b(?:at ({_HOUR})|({_HOUR}) o'clock)\b", re.I)
_FIGURES = re.compile(r"\b([01]?\d|2[0-3])[:.h]([0-5]\d)\s?(am|pm)?\b", re.I)
_MILITARY = re.compile(r"\bat ([01]\d|2[0-3])([0-5]\d)\b")
_HOURS = re.compile(r"\b(\d{1,2})\s?(?:(am|pm)\b|o'clock\b)|\bat (\d{1,2})\b(?!/)", re.I)
_NOON = re.compile(r"\b(noon|midday)\b", re.I)


def times(message: str) -> list[str]:
    """Every time in the message in the order of the text, as "HH:MM" on a 24-hour clock."""
    found: dict[tuple[int, int], str] = {}
    for pattern, read in _READERS:
        for match in pattern.finditer(message):
            if not any(match.start() < end and start < match.end() for start, end in found):
                found[match.span()] = read(match)
    return [time for _, time in sorted(found.items())]


def _clock(hour: int, minute: int, half: str | None = None) -> str:
    pm = (half or "").lower() == "pm" or (not half and hour < 8)
    return f"{hour + 12 if pm and hour < 12 else hour:02}:{minute:02}"


def _past(match: re.Match[str]) -> str:
    minutes, hour = MINUTES[match[1].lower()], WORDS[match[3].lower()]
    if match[2].lower() == "past":
        return _clock(hour, minutes)
    return _clock(hour - 1 or 12, 60 - minutes)


_READERS = (
    (_PAST, _past),
    (_HALF, lambda m: _clock(WORDS[m[2].lower()], 30)),
    (_SPOKEN, lambda m: _clock(WORDS[m[1].lower()], MINUTES[m[2].lower()])),
    (_FIGURES, lambda m: _clock(int(m[1]), int(m[2]), m[3])),
    (_MILITARY, lambda m: _clock(int(m[1]), int(m[2]))),
    (_HOURS, lambda m: _clock(int(m[1] or m[3]), 0, m[2])),
    (_WHOLE, lambda m: _clock(WORDS[(m[1] or m[2]).lower()], 0)),
    (_NOON, lambda m: "12:00"),
)
