"""The baseline: patterns over the words of a message, no model, nothing learned.

Written from data/labelling.md, not from the test set. Invariant: every text gets a valid record.
"""

import re
from collections.abc import Mapping

from .record import Record, is_flat

_FLAT = re.compile(
    r"\b(?:flat|apartment|apt|unit|no|number)\b[.:]?\s*#?(\d{1,4}\s?[a-z]?\b|[a-z]\s?\d{1,3}\b)"
)
_BARE = re.compile(r"\b(\d{1,3}[a-z])\b")  # as in "52a", without a word before it

TRADES: Mapping[str, str] = {
    "pests": r"mice|mouse|rats?\b|cockroach|wasps?|ants\b|bed ?bugs|moths?|silverfish|nest",
    "heating": r"radiator|heating|boiler|hot water|thermostat|no heat|\bcold water only",
    "electrics": (
        r"socket|power|electric|light|lamp|bulb|intercom|fuse|breaker|spark|switch|\bwir(?:e|ing)"
    ),
    "appliances": r"oven|fridge|freezer|washing machine|washer|dishwasher|hood|cooker|stove|hob",
    "doors_windows": r"lock|\bkeys?\b|door|window|blind|hinge|handle|shutter",
    "plumbing": r"water|drain|toilet|taps?\b|sink|shower|pipe|leak|flush|basin|drip|bath\b",
    "building": r"mould|mold|ceiling|wall|floor|roof|\blift\b|elevator|stair|crack|plaster|tile",
}
ROOMS: Mapping[str, str] = {
    "shared": r"stair(?:well|case|s)|\blift\b|elevator|laundry|cellar|basement|entrance|lobby",
    "outside": r"balcony|garden|yard|parking|terrace|garage",
    "kitchen": r"kitchen|oven|fridge|cooker|stove|dishwasher|hob",
    "bathroom": r"bath|shower|toilet|\bwc\b|loo\b",
    "bedroom": r"bedroom|nursery|kid'?s room|children'?s room",
    "living_room": r"living|lounge|sitting room",
    "hallway": r"hall|corridor|front door|flat door|fuse box",
}
EMERGENCY = (
    r"gas\b|spark|smoke|burning|flood|water (?:is )?(?:running|coming)|pouring|gushing|burst"
    r"|locked out|cannot (?:get in|lock)|can'?t (?:get in|lock)|won'?t lock|no power|no electricity"
    r"|through the ceiling|shock"
)
SOON = (
    r"no (?:heating|heat|hot water|water)"
    r"|(?:heating|boiler|toilet|fridge|cooker|oven|lift)\b[^.]{0,40}"
    r"(?:broken|dead|not work|doesn'?t work|stopped|out of order|blocked|won'?t)"
)
APPOINTMENT = (
    r"(?:call|ring|phone|text|write|message|email|let me know)\b[^.]{0,30}(?:first|before|ahead)"
    r"|after \d|before \d|between|from \d|only on|weekday|weekend|appointment|arrange"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|in the (?:morning|afternoon|evening)"
)
ANY_TIME = (
    r"any ?time|(?:just|feel free to) (?:come|go|let yourself) in|caretaker has|key (?:is )?with"
    r"|spare key|always (?:at home|home|in)|at home all|let yourself"
)


def read(text: str) -> Record:
    """The record that the words of a message suggest."""
    said = text.casefold()
    trade = _first(TRADES, said, "none")
    return Record(
        flat=flat_in(said),
        trade=trade,
        room=_first(ROOMS, said, "unknown"),
        urgency="routine" if trade == "none" else _urgency(said),
        access=_access(said),
    )


def flat_in(said: str) -> str | None:
    """The flat that a message in small letters names, as a record writes it."""
    found = _FLAT.search(said) or _BARE.search(said)
    flat = "".join(found[1].split()).upper() if found else None
    return flat if is_flat(flat) else None


def _first(patterns: Mapping[str, str], said: str, otherwise: str) -> str:
    """The name whose pattern occurs first in the message."""
    places = {name: found.start() for name, p in patterns.items() if (found := re.search(p, said))}
    return min(places, key=places.__getitem__, default=otherwise)


def _urgency(said: str) -> str:
    if re.search(EMERGENCY, said):
        return "emergency"
    return "soon" if re.search(SOON, said) else "routine"


def _access(said: str) -> str:
    if re.search(ANY_TIME, said):
        return "any_time"
    return "by_appointment" if re.search(APPOINTMENT, said) else "unknown"
