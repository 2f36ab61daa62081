"""The numbers of a README that are results, told from those that are none.

Invariant: every percentage, every decimal between 0 and 1 and every "N of M" outside of code is a
result, unless its own place says that it is a setting, a version, a size, a price, a p-value or the
level of an interval. Other numbers are counted, and never called checked.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from scaffolder.review.model import Evidence
from scaffolder.review.readme import figures
from scaffolder.review.readme.frontpage import page
from scaffolder.review.readme.places import Place, places
from scaffolder.review.results import beside, wordnumbers
from scaffolder.review.results.claims import Claim
from scaffolder.review.results.resultrows import plain
from scaffolder.review.view import RepoView

MAX_NUMBERS = 3_000
"""Results of one README that are looked at; the rubric's own template makes about ninety."""

MAX_OTHERS = 10_000

_POINTS = r"(?:percentage[ -]|%[ -]?)?points?\b|pp\b"
_UNIT = rf"{_POINTS}|%|per ?cent\b|ms\b|s\b|seconds?\b"
_NUMBER = re.compile(
    r"(?<![\w.@#])(?:(?P<of>\d{1,5})(?P<by>\s?/\s?|\s(?:times\s)?(?:out\s)?of\s(?:(?:the|its|our|all)\s)?)"
    r"(?P<all>\d{1,5})(?![\d/]|\.\d)"
    r"|(?P<value>[-+\u2212]?(?:\d{0,3}\.\d{1,6}|\d{1,3},\d{1,6}(?=\s?%)|0,\d{2,6}"
    rf"|[-+\u2212]?\d{{1,5}}(?=[\s-]?(?:{_UNIT}))))(?!\d|\.\d)[\s-]?(?P<unit>{_UNIT})?)",
    re.IGNORECASE,
)
_ANY = re.compile(r"(?<![\w.,@#])\d[\d.,]{0,15}(?:\s?(?:%|[kKMGT]?B\b|ms\b|s\b))?")
COUNT = re.compile(
    r"\bn\s?=\s?(\d[\d,]{0,8})|(?<![\w.,@])(\d[\d,]{0,8})\s(?:[^\W\d]{1,15}\s){0,2}?"
    r"(?:questions?|items?|examples?|samples?|cases|queries|prompts|tasks|rows)\b",
    re.IGNORECASE,
)
"""How many items a result is over, as a README says it."""

_NONE_BEFORE = re.compile(
    r"(?:\b(?:[pntk]\s?[=<>≤≥]\s?|v|(?:python|version|release|claude|gpt|gemini|llama|qwen|mistral"
    r"|sonnet|opus|haiku|flash|phi|gemma|uv|ruff|mypy|pip|poetry|torch|sqlite|node)[ -]?(?:>=\s?)?"
    r"|(?:step|page|part|phase|week|day|chapter|figure)\s)|[$€£]\s?|(?<![A-Za-z\d] )[=~]=\s?)$",
    re.IGNORECASE,
)
_SETTING_BEFORE = re.compile(
    r"\b(?:thresholds?|temperature|top[-_ ]?[pk]|chunk\w{0,20}|overlap|weights?|alpha|beta|lambda"
    r"|dropout|learning[ _]rate|lr|cut-?off|defaults?|minimum|maximum|targets?|goal|budget|penalty"
    r"|seed|margin|port|\w{1,30}_usd|price)[`'\"]?(?: {0,2}(?:of|is|was|are|at|to|set|from|above"
    r"|below|over|under|by|about|[=:≥≤><(`'\"]))*+\s{0,2}$",
    re.IGNORECASE,
)
_NONE_AFTER = re.compile(
    r"\s?(?:[kMGT]i?B\b|bytes\b|€|USD\b|EUR\b|dollars?\b|euros?\b|cents?\b|[BM]\b"
    r"|(?:as (?:the )?)?(?:thresholds?|temperature|cut-?off|overlap|dropout|discount|penalty"
    r"|weight|target|split)\b|(?:local|locally|offline|free|open[- ]source|typed|private)\b"
    r"|or (?:newer|later|above|higher)\b)",
    re.IGNORECASE,
)
_OTHER_THINGS = (
    r"(?:documents?|files?|pages?|sections?|chapters?|paragraphs?|editions?|retrievers?|systems?"
    r"|steps?|weeks?|days?|hours?|languages?|modules?|tests?|commits?|columns?|tables?|budget|price"
    r"|salary|pay|corpus|lines?|words?|tokens?)\b"
)
_OF_OTHERS = re.compile(
    rf"\s(?:of\s(?:the\s|all\s|its\s|our\s)?)?(?:\w{{1,20}}\s)?{_OTHER_THINGS}", re.IGNORECASE
)
_RATED = re.compile(
    r"\b(?:scor\w{1,3}|rat(?:ed|ing)s?|grad\w{1,3}|judge[sd]?)\b[^\d|]{0,20}$", re.I
)
_READ = re.compile(
    r"\b(?:read|labell?ed|wrote|reviewed|looked at)\s(?:the\s)?(?:first\s)?$", re.IGNORECASE
)
_TESTED = re.compile(r"\b(?:tests?|tested|pytest|branch|line|code)\b", re.IGNORECASE)
_COST = re.compile(r"(?:usd|cost)\s$", re.IGNORECASE)
_SCALED = re.compile(r"\s?(?:/|(?:out\s)?of)\s?(?:5|10|100)\b")
_POINT = re.compile(_POINTS, re.IGNORECASE)
_COVERAGE = re.compile(r"\s?(?:(?:test|branch|line|code)\s)?coverage\b", re.IGNORECASE)
_COVERED = re.compile(r"\bcoverage\b\W{0,3}(?:(?:is|of|at|was)\s)?$", re.IGNORECASE)
_MOVED = re.compile(
    r"\b(?:gain|rose|raise|better|worse|improv|fell|fall|drop|lower|higher|up|down|lost|more|less"
    r"|increas|decreas|differ|ahead|behind)",
    re.IGNORECASE,
)
_LEVEL_AFTER = re.compile(
    r"\s{0,2}-?(?:(?!correct|right)\w{0,12} )?(?:intervals?|confidence|ci\b|bounds?)", re.IGNORECASE
)
_LEVEL_BEFORE = re.compile(r"\b(?:intervals?|confidence|ci)\s(?:of|at|are|is)\s$", re.IGNORECASE)
_LEVELS = (80.0, 90.0, 95.0, 99.0, 99.9)
_SCALE = re.compile(r"(?<![\w.])[01](?:\.0)?\s?(?:-|\u2013|to|and)\s?[01](?:\.0)?(?![\w.]|\s?%)")
_NOUN = re.compile(
    r"\s(?:\w{1,20}\s)?(?:questions?|answers?|items?|cases|tasks|correct|right)\b", re.IGNORECASE
)
_JOINED = re.compile(r"\s?(?:,|;|-|\u2013|to|and)?\s?")


@dataclass(frozen=True)
class Shown:
    """A number as a README shows it; `share` where it is a percentage.

    `context` and `around` name it, as `places.Place` has them. `parts` are N and M of "N of M",
    `pairs` the bounds that it may be one of, with the number that stands beside it; `spread` where
    it follows a ±. `counts` are the numbers of items that its place gives.
    """

    text: str
    value: float
    digits: int
    share: bool
    unit: str
    context: str
    around: str
    evidence: Evidence
    parts: tuple[int, int] | None = None
    pairs: tuple[tuple[float, float], ...] = ()
    spread: bool = False
    in_table: bool = False
    counts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Numbers:
    """The results of a README, how many other numbers it has, and the first of those."""

    results: tuple[Shown, ...] = ()
    others: int = 0
    other: tuple[str, int] = ("", 0)
    cut: bool = False


def read(view: RepoView, claims: Sequence[Claim]) -> Numbers:
    """Every result that the README shows, beside the ledger `claims`."""
    path = view.readme
    if path is None:
        return Numbers()
    document = page(view, path).document
    lines = {figure.line for figure in figures.shown(document)}
    of_claims = {c.metric.removesuffix(" difference") for c in claims}
    metrics, failures = {plain(m) for m in of_claims}, beside.in_failures(document)
    found: list[Shown] = []
    others: list[tuple[str, int]] = []
    cut = False
    for place in places(document):
        bare = plain(place.context)
        named = any(line in lines for line in place.lines) or any(m in bare for m in metrics)
        results = _results(view, path, place, named, others)
        told = [s for s in results if _is_told(s, failures, of_claims)]
        others += [(s.text, s.evidence.line or 1) for s in told]
        found += [s for s in results if s not in told]
        if cut := len(found) > MAX_NUMBERS or len(others) > MAX_OTHERS:
            break
    first = others[0] if others else ("", 0)
    return Numbers(tuple(found[:MAX_NUMBERS]), len(others), first, cut)


def _is_told(shown: Shown, failures: frozenset[int], metrics: Iterable[str]) -> bool:
    """Whether a number is of one failure, as a diagnosis prints it, and no metric's."""
    inside = shown.evidence.line in failures
    return inside and not beside.is_of_metric(shown.context, shown.text, metrics, shown.in_table)


def measured(view: RepoView) -> list[Shown]:
    """The numbers beside the name of a metric, for a README without a ledger."""
    path = view.readme
    if path is None:
        return []
    document = page(view, path).document
    lines = {figure.line for figure in figures.shown(document)}
    found: list[Shown] = []
    for place in places(document):
        if any(line in lines for line in place.lines) and len(found) <= MAX_NUMBERS:
            found += _results(view, path, place, True, [])
    return [s for s in found if s.evidence.line in lines]


def _results(
    view: RepoView, path: str, place: Place, named: bool, others: list[tuple[str, int]]
) -> list[Shown]:
    """The results of a place; its other numbers are put into `others`."""
    told = f"{place.context} | {place.text}" if place.in_table else place.text
    counts = tuple(int((m[1] or m[2]).replace(",", "")) for m in COUNT.finditer(told))
    found: list[Shown] = []
    at: list[tuple[int, int]] = []
    for span, number in _numbers(place, named):
        evidence = view.quote(path, place.line(span[0]))
        found.append(replace(number, evidence=evidence, counts=counts))
        at.append(span)
    checked = [m.span() for m in COUNT.finditer(place.text)] if found or place.in_table else []
    rest = _without(place.text, [*at, *checked])
    others += [(m[0].strip(" .,"), place.line(m.start())) for m in _ANY.finditer(rest)]
    return [replace(s, pairs=_pairs(found, at, place.text, k)) for k, s in enumerate(found)]


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with some parts blanked."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _pairs(
    found: Sequence[Shown], at: Sequence[tuple[int, int]], text: str, k: int
) -> tuple[tuple[float, float], ...]:
    """The number with its neighbours before and after it, where only a comma parts them."""
    joined = [
        (found[i].value, found[i + 1].value)
        for i in (k - 1, k)
        if 0 <= i < len(found) - 1 and _JOINED.fullmatch(text[at[i][1] : at[i + 1][0]])
    ]
    return tuple(joined)


def _numbers(place: Place, named: bool) -> Iterator[tuple[tuple[int, int], Shown]]:
    text = place.text
    scales = [m.span() for m in _SCALE.finditer(text)]
    for match in _NUMBER.finditer(text):
        before, after = text[max(0, match.start() - 60) : match.start()], text[match.end() :][:40]
        if any(a <= match.start() < b for a, b in scales) or _is_none(match, before, after):
            continue
        number = _of(match, place) if match["of"] else _plain(match, place)
        if number is None or _is_coverage(place.text, before, after):
            continue
        if not number.value and _COST.search(before):
            continue  # what cost nothing has no interval, and so no claim
        if not named and _is_of_others(match, place, after):
            continue
        if named or _is_result(match, number, before, after):
            yield match.span(), replace(number, spread=before.rstrip()[-1:] == "±")
    alone = wordnumbers.lone(text, place.context) if place.in_table else None
    for one in [alone] if alone else wordnumbers.found(text):
        number = _shown(one.text, one.value, one.digits, one.share, one.unit, place)
        yield (one.start, one.start + len(one.text)), replace(number, parts=one.parts)


def _is_of_others(match: re.Match[str], place: Place, after: str) -> bool:
    """Whether a number is a share of documents or a budget, is quoted, or covers code."""
    if _POINT.fullmatch(match["unit"] or ""):
        return not _MOVED.search(place.text) and not figures.METRIC.search(place.text)
    before = place.text[: match.start()]
    quoted = before.count('"') % 2 == 1 or before.count("\u201c") > before.count("\u201d")
    told = _OF_OTHERS.match(after) is not None and (match["of"] or match["unit"])
    return bool(quoted or told or (match["of"] and _READ.search(before)))


def _is_coverage(text: str, before: str, after: str) -> bool:
    """Whether a number says how much of the code is tested."""
    covers = _COVERAGE.match(after) or _COVERED.search(before)
    return bool(covers) and not (figures.METRIC.search(text) and not _TESTED.search(text))


def _is_none(match: re.Match[str], before: str, after: str) -> bool:
    """Whether what stands beside the number says that it is no result."""
    if _NONE_BEFORE.search(before[-16:]) or _SETTING_BEFORE.search(before):
        return True
    if _NONE_AFTER.match(after) and not (match["unit"] and _NOUN.match(after)):
        return True
    if (match["unit"] or "")[:1] not in ("%", "p", "P"):
        return False
    is_level = _LEVEL_AFTER.match(after) or _LEVEL_BEFORE.search(before)
    return bool(is_level) and _value(match["value"]) in _LEVELS


def _is_result(match: re.Match[str], number: Shown, before: str, after: str) -> bool:
    """Whether a number is a result by its form and by what stands beside it."""
    if number.digits and not number.unit and (_RATED.search(before) or _SCALED.match(after)):
        return True
    if match["of"]:
        return "/" not in match["by"] or bool(_NOUN.match(after))
    return number.share or (not number.unit and number.digits > 0 and abs(number.value) <= 1)


def _of(match: re.Match[str], place: Place) -> Shown | None:
    some, every = int(match["of"]), int(match["all"])
    if some > every or not every:
        return None
    number = _shown(match[0], some / every, 3, False, "", place)
    return replace(number, parts=(some, every))


def _plain(match: re.Match[str], place: Place) -> Shown:
    unit = (match["unit"] or "").lower()
    digits = len(re.split(r"[.,]", match["value"])[1]) if re.search(r"[.,]", match["value"]) else 0
    share = unit[:1] in ("%", "p")
    return _shown(match[0].strip(), _value(match["value"]), digits, share, unit, place)


def _value(written: str) -> float:
    return float(written.replace("\u2212", "-").replace(",", "."))


def _shown(text: str, value: float, digits: int, share: bool, unit: str, place: Place) -> Shown:
    nowhere = Evidence("", None, None, "")
    return Shown(
        text, value, digits, share, unit, place.context, place.around, nowhere,
        in_table=place.in_table,
    )  # fmt: skip
