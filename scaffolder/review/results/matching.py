"""The numbers of a README set beside the claims of the ledger and the rows behind them.

Invariant: a number is looked for among the claims that its place names: one that has another
metric's value by chance is no match, and a bound is one only beside the other bound.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from scaffolder.review.readme import figures
from scaffolder.review.results import resultrows
from scaffolder.review.results.claims import Claim, ledger
from scaffolder.review.results.readmenumbers import Shown
from scaffolder.review.results.resultrows import plain
from scaffolder.review.view import RepoView

_OF = re.compile(r"\bof ([\w.+-]{1,60})")
_SLICE = re.compile(r"\bslice ([\w.+-]{1,60})")
_WORD = re.compile(r"[\w+-]{1,60}")
_CORRECT = re.compile(r"\b(?:correct|right)(?:ly)?\b", re.IGNORECASE)


def matches(view: RepoView, number: Shown) -> list[Claim]:
    """The claims that the number's place names and that have it as their value or a bound."""
    known, place = view.once(_by_place), (number.context, number.around, number.in_table)
    if place not in known:
        known[place] = _narrowed(number, ledger(view).claims)
    return [c for c in known[place] if _is_of(number, c)]


def is_allowed(number: Shown, allowed: Iterable[str]) -> bool:
    """Whether the project says of a number that it is no result of its own."""
    return "".join(number.text.split()) in {"".join(a.split()) for a in allowed}


def tallies(view: RepoView) -> frozenset[tuple[int, int]]:
    """N and M of every "N of M" that the rows of the ledger give: by grade, and by status."""
    return view.once(_tallies)


def known_counts(view: RepoView) -> frozenset[int]:
    """How many items the rows of the ledger are over: in all, by split, by slice, by grade."""
    return view.once(_counts)


def _by_place(_: RepoView) -> dict[tuple[str, str, bool], Sequence[Claim]]:
    return {}


def _narrowed(number: Shown, claims: Sequence[Claim]) -> Sequence[Claim]:
    """The claims that a number can be of, by metric, system and slice."""
    kept = _of_metric(number, claims)
    words = {w.lower() for w in _WORD.findall(number.context)}
    kept = [c for c in kept if _mentioned(_OF, c, words)] or kept
    sliced = [c for c in kept if _SLICE.search(c.text)]
    of_slice = [c for c in sliced if _mentioned(_SLICE, c, words)]
    return of_slice or [c for c in kept if c not in sliced] or kept


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
    return match is not None and match[1].rstrip(".,").lower() in words


def _is_of(number: Shown, claim: Claim) -> bool:
    if number.parts:
        some, every = number.parts
        return claim.n == every and abs(claim.value * every - some) < 0.5
    if _is(number, claim.value, number.value):
        return not number.spread
    if claim.ci is None:
        return False
    low, high = claim.ci
    if number.spread:
        return _is(number, (high - low) / 2, abs(number.value))
    return any(_is(number, low, a) and _is(number, high, b) for a, b in number.pairs)


def _is(number: Shown, value: float, shown: float) -> bool:
    half = 0.5 * 10.0**-number.digits + 1e-9
    forms = [value, 100 * value] if number.share else [value]
    forms += [1000 * value] if number.unit == "ms" else []
    return any(abs(form - shown) <= half for form in forms)


def _claimed_rows(view: RepoView) -> Iterable[tuple[str, Sequence[resultrows.Row]]]:
    files = dict.fromkeys(c.results for c in ledger(view).claims)
    return ((f, resultrows.rows(view, f)) for f in files if not resultrows.is_earlier(f))


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
    return found


def _counts(view: RepoView) -> frozenset[int]:
    found = {c.n for c in ledger(view).claims if c.n is not None}
    for _, rows in _claimed_rows(view):
        found.add(len(rows))
        for key in ("split", "slice", "status", "system"):
            found |= set(Counter(r.text(key) for r in rows).values())
    return frozenset(found | {every for _, every in tallies(view)})
