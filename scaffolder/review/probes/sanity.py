"""A system that is broken on purpose: its scores have to fall, and at no other change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder.review.coding import named
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import code_lines
from scaffolder.review.results import intervals, resultrows
from scaffolder.review.results.resultrows import Row, number
from scaffolder.review.view import MAX_LINE, RepoView
from scaffolder.sanitise import clean

BREAKS, NO_OPS = 5, 2
"""Changes that must move the scores, and that must not (rubric, EVL-09)."""

ROUNDED = 0.01

_FILES = re.compile(r"sabotag|sanity|degrad|broken|mutat|ablat|stress", re.IGNORECASE)
_FALLS = re.compile(r"fall|drop|lower|worse|decreas|down|break|degrad|must.?move|outside", re.I)
_SAME = re.compile(r"same|unchanged|no.?change|no.?op|stable|equal|inside|keep|harmless", re.I)
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
    """One metric before and after a change; `low` and `high` bound the difference, None unknown."""

    row: Row
    name: str
    falls: bool | None
    before: float
    after: float
    n: int | None
    low: float | None
    high: float | None

    @property
    def fell(self) -> bool:
        """Whether it is lower, by more than chance explains where that can be told."""
        if self.high is not None:
            return self.high < 0
        return self.after < self._within[0] - 1e-9

    @property
    def moved(self) -> bool:
        """Whether it lies outside of the interval, on either side."""
        if self.low is not None and self.high is not None:
            return self.low > 0 or self.high < 0
        low, high = self._within
        return not low - 1e-9 <= self.after <= high + 1e-9

    @property
    def _within(self) -> tuple[float, float]:
        """The interval of the score before the change; Wilson's where n is known."""
        if self.n and 0 <= self.before <= 1:
            return intervals.wilson(round(self.before * self.n), self.n)
        return self.before - 0.1, self.before + 0.1


def declared(view: RepoView) -> Reading:
    """Five changes that must move the scores and two that must not are declared, with which."""
    known = _declared(view)
    breaks = sum(falls for falls, _ in known.values())
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
    """Each change did what it has to: a break lowers its scores, one without meaning moves none."""
    found = list(_changes(view))
    known = _declared(view)
    told = [c for c in found if c.falls is not None]
    if not told:
        if known:
            reason = "Changes are declared, and no rows say what came of them."
            return no(reason, *dict.fromkeys(e for _, e in known.values()))
        return no("No rows of a system that was broken on purpose were found.")
    odd = next((c for c in told if _is_odd(c)), None)
    if odd:
        reason = f"The row of {clean(odd.name, 40)} gives another difference than its two scores."
        return no(reason, view.quote(odd.row.path, odd.row.line))
    wrong = [c for c in told if (not c.fell if c.falls else c.moved)]
    if wrong:
        return no(_wrong(wrong[0]), *_places(view, wrong))
    tried = {named.folded(c.name) for c in told}
    left = [n for n in known if n not in tried and not n.startswith("#")]
    names = f"{count(len(tried), 'change')} did what they have to"
    if left:
        missing = ", ".join(clean(n, 30) for n in left[:3])
        return partial(f"{names}; no rows of {missing}.", *_places(view, told))
    return yes(f"{names}: {_summary(told)}.", *_places(view, told))


def _declared(view: RepoView) -> Mapping[str, tuple[bool, Evidence]]:
    """By folded name whether a change must lower the scores; where it is declared, or its rows."""
    return view.once(_all_declared)


def _all_declared(view: RepoView) -> Mapping[str, tuple[bool, Evidence]]:
    found: dict[str, tuple[bool, Evidence]] = {}
    for path in named.files(view, _FILES, named.TABLE_ENDS):
        for name, falls in _of_tables(named.document(view, path)):
            found.setdefault(named.folded(name), (falls, named.place(view, path, name)))
    code = [f.path for f in view.code if _FILES.search(f.path)] if not found else []
    for path in code:
        for at, (line, falls) in enumerate(_of_code(code_lines(view, path))):
            found[f"#{path}:{at}"] = (falls, view.quote(path, line))
    for row in _rows(view) if not found else ():
        data = named.fields(row.data)
        name, way = named.text(data, _CHANGE), _direction(named.text(data, _EXPECTED))
        if name and way is not None:
            found[named.folded(name)] = (way, view.quote(row.path, row.line))
    return found


def _of_tables(value: object) -> Iterator[tuple[str, bool]]:
    """Names below a table of breaks or of harmless changes, or entries with what they expect."""
    listed = value.items() if isinstance(value, dict) else ()
    for key, said in listed:
        falls = True if _TABLE_FALLS.search(str(key)) else None
        falls = False if _TABLE_SAME.search(str(key)) else falls
        if isinstance(said, dict) and (expected := named.text(said, _EXPECTED)):
            said, falls = [{**said, "name": str(key)}], _direction(expected)
        if isinstance(said, dict | list):
            yield from ((n, f) for n, f in _named(said, falls) if n)
    if isinstance(value, list):
        yield from ((n, f) for n, f in _named(value, None) if n)


def _named(said: dict[Any, Any] | list[Any], falls: bool | None) -> Iterator[tuple[str, bool]]:
    for one in list(said)[:100]:
        entry = said[one] if isinstance(said, dict) else one
        told = _direction(named.text(entry, _EXPECTED)) if isinstance(entry, dict) else None
        way = told if told is not None else falls
        inner = named.text(entry, _CHANGE) if isinstance(entry, dict) else ""
        if way is not None and (isinstance(one, str) or inner):
            yield (one if isinstance(one, str) else inner), way


def _of_code(lines: Sequence[str]) -> Iterator[tuple[int, bool]]:
    for at, line in enumerate(lines, 1):
        for match in _QUOTED.finditer(line[:MAX_LINE]):
            if (falls := _direction(match[1])) is not None:
                yield at, falls


def _direction(said: str) -> bool | None:
    return False if _SAME.search(said[:40]) else True if _FALLS.search(said[:40]) else None


def _rows(view: RepoView) -> list[Row]:
    paths = [*named.files(view, _FILES, named.ROW_ENDS), *resultrows.result_files(view)]
    shown = [p for p in dict.fromkeys(paths) if _FILES.search(p)]
    return [r for p in shown for r in resultrows.rows(view, p)]


def _changes(view: RepoView) -> Iterator[_Change]:
    known = _declared(view)
    for row in _rows(view):
        data = named.fields(row.data)
        name = named.text(data, _CHANGE)
        before, after = (
            next((v for k in keys if (v := number(data.get(k))) is not None), None)
            for keys in (_BEFORE, _AFTER)
        )
        if not name or before is None or after is None:
            continue
        falls = _direction(named.text(data, _EXPECTED))
        if falls is None and (there := known.get(named.folded(name))):
            falls = there[0]
        n = number(data.get("n"))
        low, high = _bounds(data)
        yield _Change(row, name, falls, before, after, int(n) if n else None, low, high)


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


def _wrong(change: _Change) -> str:
    said = f"{clean(change.name, 40)}: {change.before:.2f} before, {change.after:.2f} after"
    if change.falls:
        return f"{said}. It had to fall, and nobody would have noticed."
    return f"{said}. It changes nothing that counts, and the score moved."


def _summary(told: Sequence[_Change]) -> str:
    worst = min((c for c in told if c.falls), key=lambda c: c.before - c.after, default=None)
    if worst is None:
        return "none of them had to fall"
    return f"the least fall is {worst.before:.2f} to {worst.after:.2f} ({clean(worst.name, 40)})"


def _places(view: RepoView, some: Sequence[_Change]) -> tuple[Evidence, ...]:
    return tuple(view.quote(c.row.path, c.row.line) for c in some[:3])
