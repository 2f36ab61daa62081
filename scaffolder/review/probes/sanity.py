"""A system that is broken on purpose: its scores have to fall, and at no other change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder.review.coding import named
from scaffolder.review.golden import itemset
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import code_lines
from scaffolder.review.results import intervals, resultrows
from scaffolder.review.results.resultrows import Row, number
from scaffolder.review.view import MAX_LINE, RepoView
from scaffolder.sanitise import clean

FALLS, RISES, SAME = "falls", "rises", "same"
BREAKS, NO_OPS = 5, 2
"""Changes that must move the scores, and that must not (rubric, EVL-09)."""

ROUNDED = 0.01

_FILES = re.compile(r"sabotag|sanity|degrad|broken|mutat|ablat|stress", re.IGNORECASE)
_FALLS = re.compile(r"fall|drop|lower|worse|decreas|down|break|degrad|must.?move|outside", re.I)
_SAME = re.compile(
    r"same|stays?|unchanged|no.?change|no.?op|stable|equal|inside|keep|harmless", re.IGNORECASE
)
_RISES = re.compile(r"\bris(?:e|es)\b|higher|increas|\bup\b", re.IGNORECASE)
_TABLE_FALLS = re.compile(r"break|degrad|sabotag|fall|fault", re.IGNORECASE)
_TABLE_SAME = re.compile(r"no.?ops?|same|harmless|unchanged|control", re.IGNORECASE)
_QUOTED = re.compile(r"expect\w{0,12}[\"']?\s?[:=]\s?[\"']([\w -]{2,40})[\"']", re.IGNORECASE)
_CHANGE = ("change", "break", "degradation", "sabotage", "fault", "mutation", "name", "variant")
_EXPECTED = ("expected", "expect", "expected_direction", "direction", "should")
_BEFORE = ("before", "baseline", "original", "old", "score_before", "real", "reference")
_AFTER = ("after", "broken", "new", "changed", "score_after", "score", "degraded")
_INNER = ("paired", "difference", "interval", "ci", "ci95", "ci_difference")


@dataclass(frozen=True)
class _Change:
    """One metric before and after a change; `low` and `high` bound the difference, None unknown.

    `way` is what is expected, "" where nothing says it; `n` the items behind both scores.
    """

    row: Row
    name: str
    way: str
    before: float
    after: float
    n: int
    low: float | None
    high: float | None

    @property
    def fell(self) -> bool:
        """Whether it is lower, by more than chance explains."""
        return self.high < 0 if self.high is not None else self.after < self._within[0] - 1e-9

    @property
    def rose(self) -> bool:
        return self.low > 0 if self.low is not None else self.after > self._within[1] + 1e-9

    @property
    def _within(self) -> tuple[float, float]:
        """The interval of the score before the change (Wilson 1927)."""
        if self.n and 0 <= self.before <= 1:
            return intervals.wilson(round(self.before * self.n), self.n)
        return self.before - 0.1, self.before + 0.1


def declared(view: RepoView) -> Reading:
    """Five changes that must move the scores and two that must not are declared, with which."""
    known = _declared(view)
    breaks = sum(way != SAME for way, _ in known.values())
    no_ops = len(known) - breaks
    places = tuple(dict.fromkeys(e for _, e in known.values()))[:3]
    told = f"{count(breaks, 'change')} must move the scores, and {no_ops} must not"
    if not known:
        return no(
            "Nothing says how the system is broken on purpose and what must follow: looked for "
            "evals/sabotage.toml, evals/sanity.py and rows with a change and what is expected."
        )
    if breaks < BREAKS or no_ops < NO_OPS:
        reason = f"{told}; {BREAKS} and {NO_OPS} are wanted."
        return partial(reason, *places) if breaks > 1 else no(reason, *places)
    return yes(f"{told}.", *places)


def moved(view: RepoView) -> Reading:
    """Each change did what it has to: a break moves a score, one without meaning moves none."""
    known = _declared(view)
    found: dict[str, list[_Change]] = {}
    for one in (c for c in _changes(view) if c.way):
        found.setdefault(named.folded(one.name), []).append(one)
    if not found:
        if known:
            reason = "Changes are declared, and no rows say what came of them."
            return no(reason, *dict.fromkeys(e for _, e in known.values()))
        return no("No rows of a system that was broken on purpose were found.")
    odd = next((c for some in found.values() for c in some if _is_odd(c)), None)
    if odd:
        reason = f"The row of {clean(odd.name, 40)} gives another difference than its two scores."
        return no(reason, view.quote(odd.row.path, odd.row.line))
    wrong = [c for some in found.values() for c in _wrong(some)]
    if wrong:
        return no(_said(wrong[0]), *_places(view, wrong))
    first = [some[0] for some in found.values()]
    told = (
        f"{count(len(found), 'change')} did what {'it has' if len(found) == 1 else 'they have'} to"
    )
    left = [n for n in known if n not in found and not n.startswith("#")]
    if left:
        missing = ", ".join(clean(n, 30) for n in left[:3])
        return partial(f"{told}; no rows of {missing}.", *_places(view, first))
    return yes(f"{told}: {', '.join(clean(c.name, 20) for c in first[:8])}.", *_places(view, first))


def _declared(view: RepoView) -> Mapping[str, tuple[str, Evidence]]:
    """By folded name what a change must do, and where that stands: the source that says most."""
    return view.once(_all_declared)


def _all_declared(view: RepoView) -> Mapping[str, tuple[str, Evidence]]:
    tables: dict[str, tuple[str, Evidence]] = {}
    for path in named.files(view, _FILES, named.TABLE_ENDS):
        for name, way in _of_tables(named.document(view, path)):
            tables.setdefault(named.folded(name), (way, named.place(view, path, name)))
    code: dict[str, tuple[str, Evidence]] = {}
    for path in [f.path for f in view.code if _FILES.search(f.path)]:
        for at, (line, way) in enumerate(_of_code(code_lines(view, path))):
            code[f"#{path}:{at}"] = (way, view.quote(path, line))
    rows: dict[str, tuple[str, Evidence]] = {}
    for row in _rows(view):
        data = named.fields(row.data)
        name, way = named.text(data, _CHANGE), _direction(named.text(data, _EXPECTED))
        if name and way:
            rows.setdefault(named.folded(name), (way, view.quote(row.path, row.line)))
    return tables or max(code, rows, key=len)


def _of_tables(value: object) -> Iterator[tuple[str, str]]:
    """Names below a table of breaks or of harmless changes, or entries with what they expect."""
    listed = value.items() if isinstance(value, dict) else ()
    for key, said in listed:
        way = FALLS if _TABLE_FALLS.search(str(key)) else ""
        way = SAME if _TABLE_SAME.search(str(key)) else way
        if isinstance(said, dict) and (expected := named.text(said, _EXPECTED)):
            said, way = [{**said, "name": str(key)}], _direction(expected)
        if isinstance(said, dict | list):
            yield from _named(said, way)
    if isinstance(value, list):
        yield from _named(value, "")


def _named(said: dict[Any, Any] | list[Any], above: str) -> Iterator[tuple[str, str]]:
    """The names of entries with what they expect themselves, or what stands above them."""
    for one in list(said)[:100]:
        entry = said[one] if isinstance(said, dict) else one
        inner = entry if isinstance(entry, dict) else {}
        way = _direction(named.text(inner, _EXPECTED)) or above
        name = one if isinstance(one, str) else named.text(inner, _CHANGE)
        if way and name:
            yield name, way


def _of_code(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    for at, line in enumerate(lines, 1):
        for match in _QUOTED.finditer(line[:MAX_LINE]):
            if way := _direction(match[1]):
                yield at, way


def _direction(said: str) -> str:
    ways = ((SAME, _SAME), (RISES, _RISES), (FALLS, _FALLS))
    return next((way for way, pattern in ways if pattern.search(said[:40])), "")


def _rows(view: RepoView) -> list[Row]:
    paths = [*named.files(view, _FILES, named.ROW_ENDS), *resultrows.result_files(view)]
    shown = [p for p in dict.fromkeys(paths) if _FILES.search(p)]
    return [r for p in shown for r in resultrows.rows(view, p)]


def _changes(view: RepoView) -> Iterator[_Change]:
    known, kept = _declared(view), len(itemset.kept(view))
    for row in _rows(view):
        data = named.fields(row.data)
        name = named.text(data, _CHANGE)
        before, after = _first(data, _BEFORE), _first(data, _AFTER)
        if name and before is not None and after is not None:
            there = known.get(named.folded(name), ("",))[0]
            way = _direction(named.text(data, _EXPECTED)) or there
            n = int(number(data.get("n")) or kept)
            yield _Change(row, name, way, before, after, n, *_bounds(data))


def _first(data: Mapping[str, Any], keys: Sequence[str]) -> float | None:
    return next((v for k in keys if (v := number(data.get(k))) is not None), None)


def _bounds(data: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """The interval of the difference, beside it or in a table or pair of its own."""
    for inner in (data.get(k) for k in _INNER):
        if isinstance(inner, dict):
            return number(inner.get("low")), number(inner.get("high"))
        if isinstance(inner, list) and len(inner) == 2:
            return number(inner[0]), number(inner[1])
    return number(data.get("low")), number(data.get("high"))


def _is_odd(change: _Change) -> bool:
    """Whether the difference of both scores lies outside of its stated interval."""
    if change.low is None or change.high is None:
        return False
    difference = change.after - change.before
    return not change.low - ROUNDED <= difference <= change.high + ROUNDED


def _wrong(some: Sequence[_Change]) -> Sequence[_Change]:
    """The metrics of one change that speak against the evaluation."""
    if some[0].way == SAME:
        return [c for c in some if c.fell or c.rose]
    if some[0].way == RISES:
        return () if any(c.after >= c.before for c in some) else some
    return () if any(c.fell for c in some) else some


def _said(change: _Change) -> str:
    metric = clean(change.row.text("metric"), 40)
    told = (
        f"{clean(change.name, 40)}: {metric} {change.before:.2f} before, {change.after:.2f} after"
    )
    if change.way == SAME:
        return f"{told}. Nothing that counts was changed, and the score moved."
    return f"{told}. No score notices it."


def _places(view: RepoView, some: Sequence[_Change]) -> tuple[Evidence, ...]:
    return tuple(view.quote(c.row.path, c.row.line) for c in some[:3])
