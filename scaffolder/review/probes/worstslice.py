"""The worst slice beside the mean: named in the README, as the rows give it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffolder.review.answering import told
from scaffolder.review.coding import named, slicing
from scaffolder.review.coding.slicing import Sliced
from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.readme.frontpage import page
from scaffolder.review.readme.markdown import Table, plain
from scaffolder.review.results import resultrows
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

GAP = 0.15
"""Fifteen points below the mean are marked (rubric, EVL-12)."""

_WORST = re.compile(r"worst|weakest|lowest|hardest|poorest|least|bottom", re.IGNORECASE)
ROUNDED = 0.0005


@dataclass(frozen=True)
class _Line:
    """A line or table row of the README; `names_worst` where it, or what heads it, says "worst"."""

    text: str
    names_worst: bool
    evidence: Evidence


def named_beside_mean(view: RepoView) -> Reading:
    """The README names a worst slice, with the number that the rows give for it."""
    found = slicing.sliced(view)
    if not found:
        return no(
            "No result rows with two slices of five items each were found: rows or items need a "
            "slice."
        )
    lines = list(_lines(view))
    worst = [line for line in lines if line.names_worst]
    right = [(x, one) for one in found for x in worst if _names(x, one) and _gives(x, one)]
    if right:
        line, one = next((p for p in right if _is_of(*p)), right[0])
        return yes(_said(one), line.evidence, _place(view, one))
    called = [x for x in worst if any(n for one in found for n in one.slices if _has(x, n))]
    wrong = [x for x in called if not any(_names(x, one) for one in found)]
    if wrong:
        reason = f"The README names another slice as the worst than the rows: {_said(found[0])}"
        return no(reason, wrong[0].evidence, _place(view, found[0]))
    if called:
        reason = f"The worst slice is named, and not with its number: {_said(found[0])}"
        return partial(reason, called[0].evidence, _place(view, found[0]))
    listed = next((x for x in lines for one in found if _names(x, one) and _gives(x, one)), None)
    if listed:
        reason = f"Slices are listed, and nothing says which is the worst: {_said(found[0])}"
        return partial(reason, listed.evidence, _place(view, found[0]))
    return no(f"The README names no worst slice: {_said(found[0])}", _place(view, found[0]))


def _said(one: Sliced) -> str:
    gap = one.mean - one.lowest
    mark = f", {gap:.0%} below" if gap >= GAP else ""
    split = f" ({one.split})" if one.split else ""
    who = f"{clean(one.system, 40)}, {clean(one.metric, 40)}{split}"
    return f"{who}: {clean(one.worst, 40)} {one.told}{mark}."


def _names(line: _Line, one: Sliced) -> bool:
    """Whether a line has the name of the worst slice, or of one that is as bad."""
    lowest = [n for n, v in one.slices.items() if sum(v) / len(v) <= one.lowest + 1e-9]
    return any(_has(line, n) for n in lowest)


def _is_of(line: _Line, one: Sliced) -> bool:
    """Whether a line names the metric as well: two of them may share a worst slice."""
    return resultrows.plain(one.metric) in resultrows.plain(line.text)


def _has(line: _Line, name: str) -> bool:
    return f" {named.folded(name)} " in f" {named.folded(line.text)} "


def _gives(line: _Line, one: Sliced) -> bool:
    given = told.numbers(line.text, line.evidence)
    return any(abs(t.value - one.lowest) <= t.half + ROUNDED for t in given)


def _lines(view: RepoView) -> Iterator[_Line]:
    path = view.readme
    if path is None:
        return
    document = page(view, path).document
    heads = [h for h in document.headings if _WORST.search(h.text[:200])]
    below = [document.section(h) for h in heads]
    for line, _ in document.prose():
        text = view.lines(path)[line - 1].replace("\\", "")
        inside = any(s.start <= line < s.end for s in below)
        yield _Line(text, inside or bool(_WORST.search(text[:2000])), view.quote(path, line))
    for table in document.tables:
        inside = any(s.start <= table.line < s.end for s in below)
        yield from _of_table(view, path, table, inside)


def _of_table(view: RepoView, path: str, table: Table, inside: bool) -> Iterator[_Line]:
    worst = inside or any(_WORST.search(plain(h)[:200]) for h in table.header)
    for line, cells in table.rows:
        text = " | ".join(c.strip("*` ") for c in cells)
        yield _Line(text, worst or bool(_WORST.search(text[:2000])), view.quote(path, line))


def _place(view: RepoView, one: Sliced) -> Evidence:
    return view.quote(one.first.path, one.first.line)
