"""The baseline without a model: patterns over words, and the policy for the decision.

Invariant: every message becomes a valid record; what no pattern finds is unknown. Written from the
messages of train and dev alone.
"""

import re
from collections.abc import Mapping
from datetime import date

from .policy import decide
from .record import MOST_DAYS, UNKNOWN, Record

ITEMS: Mapping[str, str] = {
    "clothing": r"coat|slipper|veil|bow tie|anorak|belt|sw?eater|swimsuit|sandal|fleece|glove|shirt"
    r"|\bcap\b|\btie\b|trousers|skirt|poncho|pyjamas|dress|jacket|shoe|boots|scarf|jeans"
    r"|sock|hat\b",
    "electronics": r"lamp|shaver|tracker|heating pad|sewing machine|printer|fryer|mouse|controller"
    r"|speaker|phone|projector|scale|torch|blanket, order|hair dryer|drill|toaster|mixer|watch"
    r"|robot|monitor|record player|electric|battery|charger|camera|radio|cable|keyboard|laptop",
    "home": r"teapot|wallpaper|tin opener|stool|rug\b|mug|bowl|blanket|ladder|tablecloth|tureen"
    r"|hose"
    r"|\bbed\b|mirror|storage bag|cooker|curtain|\bpan\b|hammock|shelf|vase|cushion|pillow|plate",
    "toys": r"\bfarm\b|rocking horse|spinning top|pu?z+le|marbles|board game|puppet|chess|kite"
    r"|tool bench|dinosaur|drum\b|doll|teddy|toy|game of",
    "cosmetics": r"hair dye|hair wax|beard oil|blusher|cologne|cleansing|lipstick|shaving set|cream"
    r"|bath salts|bronzer|nail polish|\bdeo\b|body butter|eye shadow|perfume|soap|shampoo|lotion",
    "food": r"muesli|coffee beans|jam\b|biscuits|decaffeinated|pasta|crackers|vinegar|juice|cheese"
    r"|chocolate|tea\b|honey|wine\b|spice|sweets",
}
PROBLEMS: Mapping[str, str] = {
    "damaged": r"chipped|shattered|torn|splinters|snapped|dent|cracked|lost its|broken when"
    r"|was broken"
    r"|in transport|smashed|shards|leaked|is broken off|his head is off",
    "missing_part": r"missing|lacking|no dice|not in (it|the)|is not there|there is no|only five"
    r"|not their|no brush|never in|should be",
    "wrong_item": r"instead of|was for the|had ordered|what i ordered|had chosen|what i had chosen"
    r"|ordered a|says square|plain was|entirely different|u sent|not what",
    "not_wanted": r"not want|no use|do not need|does not fit|dont need|don't need|decided|not my"
    r"|not for"
    r" me|changed my mind|refund|too long|do not like|dont like|no longer (goes|need)|not keep"
    r"|outgrown|one is enough|nothing for me|none is quite|back after all|not suit|wants to learn"
    r"|take (it|them) back|by mistake|not need",
    "defective": r"does not (start|turn|move|charge|lock|spin|brush)|no longer|flickers|broke"
    r"|brok|burst"
    r"|stopped|stops|cold|not get warm|blocks|out for good|shows nothing|burnt|split|mouldy|dried"
    r"|fell off|tore|slowly|circles|dont (spin|klick|work)|dead|loose",
}
OPENED_NO = (
    r"sealed|unopened|not opened|\btags?\b|\blabel\b|in its (foil|seal|shrink)|never worn|closed"
)
OPENED_YES = (
    r"\bused?\b|\bworn?\b|wore|tried|opened?\b|openned|unpack|unwrap|unroll|lifted|took|dipped"
)
OPENED_BY = ("defective", "damaged", "missing_part", "wrong_item")
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
WORDS: Mapping[str, int] = {name: number for number, name in enumerate(_SMALL.split())} | {
    "a": 1,
    "an": 1,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
}
UNITS: Mapping[str, int] = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365}
SAID = {"the day before yesterday": 2, "yesterday": 1, "this morning": 0, "half a year ago": 182}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_AMOUNT = re.compile(r"([a-z]+(?:-[a-z]+)?|\d+) ?(day|week|fortnight|month|year)s?\b")
_DATE = re.compile(rf"(\d{{1,2}}) ({'|'.join(MONTHS)})[a-z]*")


def read(text: str) -> Record:
    """The record of a message; the first pattern that fits decides."""
    low = text.lower()
    order = re.search(r"\bR\d{5}\b", text, re.IGNORECASE)
    item, problem, days = _first(ITEMS, low), _first(PROBLEMS, low), _days(low)
    opened = _opened(low, problem)
    return Record(
        order[0].upper() if order else UNKNOWN,
        item,
        problem,
        days,
        opened,
        decide(item, problem, days, opened),
    )


def _first(patterns: Mapping[str, str], text: str) -> str:
    return next((name for name, words in patterns.items() if re.search(words, text)), UNKNOWN)


def _opened(text: str, problem: str) -> str:
    if re.search(OPENED_NO, text):
        return "no"
    used = problem in OPENED_BY or re.search(OPENED_YES, text)
    return "yes" if used else UNKNOWN


def _days(text: str) -> int | str:
    """Words for a day, then two dates, then the first amount of days, weeks, months or years."""
    for words, days in SAID.items():
        if words in text:
            return days
    if (between := _between(text)) is not None:
        return between
    for number, unit in _AMOUNT.findall(text):
        amount = _number(number)
        if amount is not None and amount * UNITS[unit] <= MOST_DAYS:
            return amount * UNITS[unit]
    return UNKNOWN


def _between(text: str) -> int | None:
    """Days between the first two dates; in a year without a leap day."""
    found = _DATE.findall(text)
    if len(found) < 2:
        return None
    try:
        first, second = (date(2001, MONTHS.index(m) + 1, int(d)) for d, m in found[:2])
    except ValueError:
        return None
    return (second - first).days % 365


def _number(word: str) -> int | None:
    if word.isdecimal():
        return int(word)
    tens, _, ones = word.partition("-")
    if ones and tens in WORDS and ones in WORDS:
        return WORDS[tens] + WORDS[ones]
    return WORDS.get(word)
