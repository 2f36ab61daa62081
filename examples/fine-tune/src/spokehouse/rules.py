"""The baseline: patterns over the words of a message, no model, nothing learned.

Written from data/labelling.md and the training rows, not from the test set. Invariant: every text
gets a valid record.
"""

import re
from collections.abc import Mapping

from .record import Record, is_tag

_TAG = re.compile(r"\b(?:tag|number|no|bike)\b[.:]?\s*#?([a-z]\s?\d{1,2}|\d{1,3})\b")
_LETTERED = re.compile(r"\b([a-z]\d{1,2})\b")  # as in "k14", without a word before it
_LEADING = re.compile(r"^\W{0,3}(\d{1,3})\b(?=[.:,]| needs)")

JOBS: Mapping[str, str] = {
    "brakes": r"brak|calliper|caliper|\blever\b",
    "electrics": r"light|lamp|dynamo|batter|motor|display|charg|\bpower\b",
    "gears": r"gear|shift|derailleur|\bhub gear",
    "wheels": r"wheel|tyre|tire|tube|puncture|spoke|axle|\brim\b|\bflat\b|\bhub\b",
    "drivetrain": r"chain|pedal|crank|bottom bracket|belt|freewheel|cassette",
    "frame": (
        r"frame|fork|handlebar|\bbars?\b|stem|saddle|seat|mudguard|rack|carrier weld|stand\b"
        r"|basket|bell\b|grips?\b|lock\b|mount"
    ),
}
BIKES: Mapping[str, str] = {
    "ebike": r"e-?bike|electric|motor|kalkhoff",
    "cargo": r"cargo|longtail|box|trike|trailer|carrier",
    "child": r"kid|child|son'?s|daughter|boy|girl|little (?:one|red)",
    "sport": r"race|road|mountain|gravel|mtb|sport",
    "city": r"city|shopp|step-through|commut|dutch|town",
}
STOP = (
    r"crack|not hold|doesn'?t hold|don'?t hold|nothing at all|brakes? (?:\w+ )?(?:gone|dead)"
    r"|wobbl|handlebar turns|comes out|smok|so hot|smell|in the dark|tonight"
)
SOON = r"weak|worn|nearly through|threads|slips? (?:when|under)|flicker|soft"
APPOINTMENT = (
    r"(?:call|ring|phone|text|write|message)\b[^.]{0,25}(?:first|before|me\b|when|please)"
    r"|(?:call|ring|text|write|phone),? |after \w+|before \d|mornings|evenings|appointment"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|please (?:ring|call|text)|reachable"
)
ANY_TIME = (
    r"any ?time|any day|whenever|take it|take the bike|unlocked|porter|caretaker"
    r"|help yourselves|\bopen\b|in (?:the|your) yard|just take"
)


def read(text: str) -> Record:
    """The record that the words of a message suggest."""
    said = text.casefold()
    job = _first(JOBS, said, "none")
    return Record(
        tag=tag_in(said),
        job=job,
        bike=next((name for name, p in BIKES.items() if re.search(p, said)), "unknown"),
        safety="routine" if job == "none" else _safety(said),
        handover=_handover(said),
    )


def tag_in(said: str) -> str | None:
    """The tag that a message in small letters names, as a record writes it."""
    found = _LETTERED.search(said) or _TAG.search(said) or _LEADING.search(said)
    tag = "".join(found[1].split()).upper() if found else None
    return tag if is_tag(tag) else None


def _first(patterns: Mapping[str, str], said: str, otherwise: str) -> str:
    """The name whose pattern occurs first in the message."""
    places = {name: found.start() for name, p in patterns.items() if (found := re.search(p, said))}
    return min(places, key=places.__getitem__, default=otherwise)


def _safety(said: str) -> str:
    if re.search(STOP, said):
        return "stop"
    return "soon" if re.search(SOON, said) else "routine"


def _handover(said: str) -> str:
    if re.search(ANY_TIME, said):
        return "any_time"
    return "by_appointment" if re.search(APPOINTMENT, said) else "unknown"
