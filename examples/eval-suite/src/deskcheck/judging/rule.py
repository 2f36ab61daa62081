"""The judge without a model: what a reply settles has to stand in the message, figure by figure.

Invariant: it sees the message and the reply and no answer key, so it can watch real traffic. It
shares no code with the desk, and no calendar: a date that was counted wrongly looks right to it.
"""

import re

from . import Case, Judged, Part

NAME = "rule"

_SLOT = re.compile(
    r"(?P<verb>put you down for|moved you to) (?P<weekday>\w+day) (?P<day>\d{1,2}) (?P<month>\w+)"
    r"(?: at (?P<hour>\d\d):(?P<minute>\d\d))?"
)
_RECEIVED = re.compile(r"(\d{4})-(\d\d)-(\d\d)$")
_CALLS_OFF = re.compile(
    r"cancel|call off|take me off|\bis off\b|\bdrop\b|withdraw|delete|no longer|won't make|scrap"
)
_MOVES = re.compile(
    r"instead|\bmove|change|swap|rather|reschedul|\bfrom .+ to |not .+ after all|\bpush|shift"
    r"|booked|become|postpone|can't (?:do|make)|came up|any more|make that|forward"
)
_OPEN = re.compile(r"\b(?:or|either|maybe|whenever|any ?time|anything|sometime|usual|soon|if)\b")
_QUESTION = re.compile(r"^(?:is|are|did|was|do|does|what|where|how|which|when|can i bring)\b")
_COUNTED = re.compile(r"\b(?:tomorrow|today|weeks?|week's|fortnight|months?|days|first|last)\b")
_LATER = re.compile(r"\bnext\b|\bweeks?\b|week's|fortnight|month|after tomorrow|first|last")
_DAY_MONTH = re.compile(r"\b(\d{1,2})/(\d{1,2})\b")
_WEEKDAYS = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b")
_MONTHS = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b|\b(\d{1,2}) (?:of )?(?:mar|apr)")
_CLOCK = re.compile(
    r"\d[:.h]\d\d|\d ?[ap]m|o'clock|\bat \w+|half|quarter|\bpast\b|noon|midday|, \d"
)
_HOURS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight"),
    *("nine", "ten", "eleven", "twelve"),
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
THIS_MONTH = "March"  # all messages of the set were received in it


def decide(case: Case, order: tuple[Part, ...]) -> Judged:
    """Fail for the first thing that the reply settles and the message does not."""
    text = case.message.strip()
    found = _RECEIVED.search(text)
    received = int(found[3]) if found else 0
    message = _RECEIVED.sub("", text).lower().strip()
    reason = _cancelled(message, case.reply) or _settled(message, case.reply, received)
    if reason:
        return Judged(reason, "fail")
    return Judged("Nothing is settled that the message does not name.", "pass")


def _cancelled(message: str, reply: str) -> str:
    if "is cancelled" in reply and not _CALLS_OFF.search(message):
        return "It cancels, and the message does not ask for that."
    return ""


def _settled(message: str, reply: str, received: int) -> str:
    slot = _SLOT.search(reply)
    if not slot:
        return ""
    wish = _wish(message, slot["verb"])
    return wish or _day(message, slot, received) or _time(message, slot["hour"])


def _wish(message: str, verb: str) -> str:
    if _OPEN.search(message) and "if you can" not in message:
        return "The message leaves the choice open, and the reply settles it."
    if _CALLS_OFF.search(message) and not _MOVES.search(message):
        return "The message calls an appointment off, and the reply makes one."
    if verb.startswith("put") and _MOVES.search(message):
        return "The message moves an appointment, and the reply makes a new one."
    if _QUESTION.search(message) and not _CLOCK.search(message):
        return "The message asks something, and the reply makes an appointment."
    return ""


def _day(message: str, slot: re.Match[str], received: int) -> str:
    """Why the day of the reply is not that of the message; "" where nothing speaks against it."""
    named = f"{slot['weekday']} {slot['day']} {slot['month']}"
    against = _month(message, slot) or _number(message, slot) or _too_early(message, slot, received)
    return f"{named}: {against}" if against else ""


def _month(message: str, slot: re.Match[str]) -> str:
    month = slot["month"][:3].lower()
    if (named := _MONTHS.findall(message)) and month not in named:
        return "the message names another month."
    pair = _DAY_MONTH.search(message)
    if pair and not named and (slot["day"], month) != (pair[1].lstrip("0"), _name(int(pair[2]))):
        return f"the message says {pair[0]}."
    return ""


def _number(message: str, slot: re.Match[str]) -> str:
    """The last day that a message names is the one it wants; a number says more than a weekday."""
    if _DAY_MONTH.search(message):
        return ""
    if numbers := [number for groups in _ORDINAL.findall(message) for number in groups if number]:
        return "" if numbers[-1] == slot["day"] else "the message names another day last."
    if weekdays := _WEEKDAYS.findall(message):
        right = weekdays[-1] == slot["weekday"][:3].lower()
        return "" if right else "the message names another day of the week last."
    return "" if _COUNTED.search(message) else "the message names no day."


def _too_early(message: str, slot: re.Match[str], received: int) -> str:
    """A day that is counted ("next", "in two weeks") lies some days after the message."""
    if slot["month"] != THIS_MONTH or not _LATER.search(message):
        return ""
    least = 2 if "after tomorrow" in message else 3
    return "the message means a later day." if int(slot["day"]) - received < least else ""


def _time(message: str, hour: str | None) -> str:
    if hour is None:
        return "" if _CLOCK.search(message) else "The message names no time."
    numbers = {int(number[:2]) for number in re.findall(r"\d+", message)}
    spoken = {n for n, word in enumerate(_HOURS, 1) if re.search(rf"\b{word}\b", message)}
    near = {int(hour) + shift for shift in (0, -12, 1, -11)}
    if near & (numbers | spoken) or "noon" in message or "midday" in message:
        return ""
    return f"The hour {hour} is nowhere in the message."


def _name(month: int) -> str:
    return MONTHS[month - 1] if 1 <= month <= len(MONTHS) else ""
