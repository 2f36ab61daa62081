"""The numbers of a README set beside the claims of the ledger and the rows behind them.

Invariant: a number is looked for among the claims that its place names: one that has another
metric's value by chance is no match, and a bound is one only beside the other bound.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from scaffolder.review.readme import figures
from scaffolder.review.results import beside, resultrows, timings
from scaffolder.review.results.claims import Claim, from_after, ledger
from scaffolder.review.results.readmenumbers import Shown
from scaffolder.review.results.resultrows import is_earlier, plain
from scaffolder.review.view import RepoView

_OF = re.compile(r"\bof ([\w.+-]{1,60})")
_SLICE = re.compile(r"\bslice ([\w.+-]{1,60})")
_WORD = re.compile(r"[\w+-]{1,60}")
_THEN = re.compile(
    r"\b(?:before|earlier|previous(?:ly)?|formerly|until|used to|old)\b", re.IGNORECASE
)
_TO = r" {0,2}(?:\u2192|[-=]{1,2}>? |to ) ?"
_ON = r" {0,2}(?:\u2192|[-=]{1,2}>? |to )[-+]?[\d.]"
_NOT_ANSWERED = {"", "refused", "declined", "abstained", "failed", "error"}
_TRIPLE = re.compile(
    r"([-+\u2212]?\d?\.\d{1,6}) ?[\[(]?([-+\u2212]?\d?\.\d{1,6})(?:,| to|\u2013) ?"
    r"([-+\u2212]?\d?\.\d{1,6})"
)
_TIMES = {"ms", "s", "second", "seconds"}
_WHOLE = re.compile(r"(?<![\w.,])\d{1,7}(?![\w]|[.,]\d)")
MAX_RATIO = 60
"""Claims of one metric that are set beside each other for a factor."""

_FELL = re.compile(
    r"\b(?:fell|falls?|fallen|dropp?(?:s|ed)?|lost|loses|loss|lower(?:ed|s)?|worse(?:ned)?|down|hurt"
    r"|decreas\w{1,4}|cost|behind|below)\b",
    re.IGNORECASE,
)
"""Words by which a README says that a difference is negative without a sign."""

_CORRECT = re.compile(r"\b(?:correct|right)(?:ly)?\b", re.IGNORECASE)


def matches(view: RepoView, number: Shown) -> list[Claim]:
    """The claims that the number's place names and that have it as their value or a bound."""
    today, every = view.once(_today), ledger(view).claims
    past = len(today) < len(every) and _is_past(number)
    reached = len(today) < len(every) and _is_reached(number)
    known = view.once(_by_place)
    place = number.context, number.around, number.in_table, past, reached, _is_mean(number)
    if place not in known:
        told = every if past else [*today, *_of_a_change(view, number, reached)]
        known[place] = _narrowed(number, told)
    return [c for c in known[place] if _is_of(number, c)] or _by_interval(number, today)


def _by_interval(number: Shown, claims: Sequence[Claim]) -> list[Claim]:
    """The one claim with the value, interval and n of the place, where that names no metric."""
    if number.in_table or beside.NAMED.search(number.context):
        return []
    whole = {int(m[0]) for m in _WHOLE.finditer(number.context)}
    found: list[Claim] = []
    for triple in _TRIPLE.finditer(number.context):
        if number.text.strip("[]() ") in triple.groups():
            digits = len(triple[1].partition(".")[2])
            fits = (c for c in claims if c.n in whole and _has(c, triple, digits))
            found += fits
    return found if len({(c.metric, c.n) for c in found}) == 1 else []


def _has(claim: Claim, triple: re.Match[str], digits: int) -> bool:
    """Whether value and bounds are those of a text, as far as it writes them."""
    if claim.ci is None:
        return False
    half = 0.5 * 10.0**-digits + 1e-9
    told = (float(triple[n].replace("\u2212", "-")) for n in (1, 2, 3))
    ours = (claim.value, *claim.ci)
    return all(abs(a - b) <= half for a, b in zip(told, ours, strict=True))


def is_allowed(number: Shown, allowed: Iterable[str]) -> bool:
    """Whether the project says of a number that it is no result of its own."""
    return "".join(number.text.split()) in {"".join(a.split()) for a in allowed}


def sentence(view: RepoView, number: Shown) -> str:
    """Words that would match: those of the claim that the place speaks of, else the nearest."""
    every = list(view.once(_today)) or list(ledger(view).claims)
    near = _narrowed(number, every) or every
    signed = number.text[:1] in "+-\u2212"
    claim = min(near, key=lambda c: (_is_difference(c) != signed, abs(c.value - number.value)))
    percent = claim.value > 1 or claim.ci is None
    bounds = "" if percent or claim.ci is None else f" [{claim.ci[0]:.2f}, {claim.ci[1]:.2f}]"
    n = f", n = {claim.n}" if claim.n else ""
    return f"{claim.text.partition(',')[0]} is {claim.value:.2f}{bounds}{n}"


def tallies(view: RepoView) -> frozenset[tuple[int, int]]:
    """N and M of every "N of M" that the rows of the ledger give: by grade, and by status."""
    return view.once(_tallies)


def known_counts(view: RepoView) -> frozenset[int]:
    """How many items the rows of the ledger are over: in all, by split, by slice, by grade."""
    return view.once(_counts)


def _by_place(_: RepoView) -> dict[tuple[str, str, bool, bool, bool, bool], Sequence[Claim]]:
    return {}


def _of_a_change(view: RepoView, number: Shown, reached: bool) -> Iterable[Claim]:
    """Of what was kept from after a change: the difference where it is named, the mean reached.

    In a table a mean may stand under "after" and the name.
    """
    text = _spaced(number.context)
    for claim in ledger(view).claims:
        if claim.results in from_after(view):
            name = _spaced(PurePosixPath(claim.results).parent.parent.name)
            headed = number.in_table and f" after{name}" in text
            if name in text if claim.baseline else (reached or headed):
                yield claim


def _spaced(text: str) -> str:
    """Its words in small letters, with a space around each."""
    return " ".join(["", *re.findall(r"[^\W_]+", text.lower()), ""])


def _today(view: RepoView) -> Sequence[Claim]:
    return [c for c in ledger(view).claims if not is_earlier(c.results)]


def _narrowed(number: Shown, claims: Sequence[Claim]) -> Sequence[Claim]:
    """The claims that a number can be of, by metric, system and slice."""
    kept = _of_metric(number, claims)
    words = {_joined(w) for w in _WORD.findall(number.context)}
    kept = [c for c in kept if _mentioned(_OF, c, words)] or kept
    sliced = [c for c in kept if _SLICE.search(c.text)]
    of_slice = [c for c in sliced if _mentioned(_SLICE, c, words) and not _is_mean(number)]
    return of_slice or [c for c in kept if c not in sliced] or kept


def _is_mean(number: Shown) -> bool:
    """Whether its place calls it the mean, beside the figure of a slice."""
    here = re.escape(number.text)
    return bool(re.search(rf"\b(?:mean|overall|average)\b[^\d|;]{{0,12}}{here}", number.context))


def _is_past(number: Shown) -> bool:
    """Whether its place says that a number was so before: else it would pass for today's."""
    text, here = number.context, re.escape(number.text)
    return bool(_THEN.search(text) or re.search(rf"\bfrom {here}|(?<![\d.]){here}{_ON}", text))


def _is_reached(number: Shown) -> bool:
    """Whether its place says that a number came out of a change, as in "from 0.61 to 0.68"."""
    here = re.escape(number.text)
    return bool(re.search(rf"\d{_TO}{here}(?![\d.]*\d)", number.context))


def _of_metric(number: Shown, claims: Sequence[Claim]) -> Sequence[Claim]:
    """By the whole name, else by a word of it; in a table without any name all of them."""
    for text in (number.context, number.around):
        bare = plain(text)
        found = [c for c in claims if _base(c.metric) in bare]
        found = found or [c for c in claims if _partly(c.metric, text)]
        if found:
            return found
        if figures.METRIC.search(text):
            return []
    return claims if number.in_table else []


def _base(metric: str) -> str:
    return plain(metric.removesuffix(" difference"))


def _partly(metric: str, text: str) -> bool:
    """Whether a word of a metric's name is in the text; recall@5 is no recall without its 5."""
    if "@" in metric:
        return False
    words = {w for w in re.split(r"[_\s-]", metric.lower()) if figures.METRIC.fullmatch(w)}
    if words & {w.lower() for w in _WORD.findall(text)}:
        return True
    return "accuracy" in words and _CORRECT.search(text) is not None


def _mentioned(pattern: re.Pattern[str], claim: Claim, words: set[str]) -> bool:
    match = pattern.search(claim.text)
    return match is not None and _joined(match[1].rstrip(".,")) in words


def _joined(name: str) -> str:
    """A name as a page shows it: an underscore in it may have been taken for emphasis."""
    return name.lower().replace("_", "")


def _is_of(number: Shown, claim: Claim) -> bool:
    if number.parts:
        some, every = number.parts
        return claim.n == every and abs(claim.value * every - some) < 0.5
    values = [number.value]
    if _is_difference(claim) and number.text[:1] not in "+-\u2212" and _FELL.search(number.context):
        values.append(-number.value)
    if any(_is(number, claim.value, value) for value in values):
        return not number.spread
    if claim.ci is None:
        return False
    low, high = claim.ci
    if number.spread:
        return _is(number, (high - low) / 2, abs(number.value))
    return any(_is(number, low, a) and _is(number, high, b) for a, b in number.pairs)


def _is_difference(claim: Claim) -> bool:
    return bool(claim.baseline) or claim.metric.endswith(" difference") or " minus " in claim.text


def is_time(view: RepoView, number: Shown) -> bool:
    """Whether a number is a time, and timed rows are there that COM-25 holds it against."""
    if not view.once(timings.timed):
        return False
    told = (t for t in view.once(timings.told) if t.evidence.line == number.evidence.line)
    return number.unit.lower() in _TIMES or any(t.value == number.value for t in told)


def is_ratio(view: RepoView, number: Shown) -> bool:
    """Whether two claims of a metric that the place names are this many times each other."""
    values = [c.value for c in _of_metric(number, ledger(view).claims) if c.value > 0][:MAX_RATIO]
    return any(abs(a / b - number.value) <= 0.1 * number.value for a in values for b in values)


def is_counted(view: RepoView, number: Shown) -> bool:
    """Whether so many rows have a grade of 0 or 1, or a status."""
    return any(some == number.value for some, _ in tallies(view))


def _is(number: Shown, value: float, shown: float) -> bool:
    half = 0.5 * 10.0**-number.digits + 1e-9
    forms = [value, 100 * value] if number.share else [value]
    forms += [1000 * value] if number.unit == "ms" else []
    return any(abs(form - shown) <= half for form in forms)


def _claimed_rows(view: RepoView) -> Iterable[tuple[str, Sequence[resultrows.Row]]]:
    files = dict.fromkeys(c.results for c in ledger(view).claims)
    return ((f, resultrows.rows(view, f)) for f in files if not is_earlier(f))


def _tallies(view: RepoView) -> frozenset[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for _, rows in _claimed_rows(view):
        for split in {r.text("split") for r in rows}:
            found |= _tallied([r for r in rows if r.text("split") == split])
        found |= _tallied(rows)
    return frozenset(found)


def _tallied(rows: Sequence[resultrows.Row]) -> set[tuple[int, int]]:
    found = {(n, len(rows)) for n in Counter(r.text("status") for r in rows).values()}
    for metric in dict.fromkeys(m for r in rows[:50] for m in resultrows.grades(r)):
        graded = [(r, g) for r in rows if (g := resultrows.grade(r, metric)) is not None]
        by_value: Mapping[object, int] = Counter(g for _, g in graded if g in (0, 1))
        by_status: Mapping[object, int] = Counter(r.text("status") for r, _ in graded)
        every = len(graded)
        found |= {(n, every) for n in (*by_value.values(), *by_status.values())}
        if len(by_value) == 1 or (by_status and not by_status.keys() & _NOT_ANSWERED):
            found.add((0, every))
    return found


def _counts(view: RepoView) -> frozenset[int]:
    found = {c.n for c in ledger(view).claims if c.n is not None}
    for _, rows in _claimed_rows(view):
        found.add(len(rows))
        for key in ("split", "slice", "status", "system"):
            found |= set(Counter(r.text(key) for r in rows).values())
    return frozenset(found | {every for _, every in tallies(view)})
