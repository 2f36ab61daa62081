"""Is the slice that fares worst shown beside the mean?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.results import claims, intervals, resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

FEWEST = 5
"""Items below which a slice is not called the worst."""

SLICES = 3
_KEYS = ("slice", "category", "segment", "kind", "group", "language", "difficulty", "intent")


def named(view: RepoView) -> Reading:
    """The README names the slice of the lowest mean of a system and metric that it shows."""
    found = _worst(view)
    if not found:
        return no("The result rows have no slices of five items and more.")
    path = view.readme
    text = [line.casefold() for line in view.lines(path)] if path else []
    for name, told, place in found:
        at = next((n for n, line in enumerate(text, 1) if _names(line, name)), None)
        if at is not None and path is not None:
            return yes(told, place, view.quote(path, at))
    return partial(f"{found[0][1]} The README does not name it.", found[0][2])


def _names(line: str, name: str) -> bool:
    """Whether a line with a figure names the slice, however its words are joined."""
    plain = name.casefold().replace("_", " ").replace("-", " ")
    said = line.replace("_", " ").replace("-", " ").replace("\\", "")
    return plain in said and any(c.isdigit() for c in line)


def _worst(view: RepoView) -> list[tuple[str, str, Evidence]]:
    """The worst slice of each system and claimed metric; name, what is told, where it begins."""
    shown = {resultrows.plain(c.metric) for c in claims.ledger(view).claims}
    found = []
    for rows in _by_system(view).values():
        for metric in dict.fromkeys(m for row in rows[:500] for m in resultrows.grades(row)):
            if shown and resultrows.plain(metric) not in shown:
                continue
            means = _means(rows, metric)
            if len(means) >= SLICES:
                name = min(means, key=lambda key: means[key][0])
                low, first = means[name]
                mean = intervals.mean([v for v, _ in means.values()])
                told = f"{clean(rows[0].system, 30)}, {clean(metric, 30)}: {clean(name, 40)} has "
                told += f"{low:.2f}, the mean of its slices is {mean:.2f}."
                found.append((name, told, view.quote(first.path, first.line)))
    return found


def _by_system(view: RepoView) -> Mapping[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for path in resultrows.result_files(view):
        for row in resultrows.rows(view, path):
            if row.id and _slice(row):
                found[path, row.system].append(row)
    test = {k: [r for r in rows if r.text("split") == "test"] for k, rows in found.items()}
    return {k: test[k] or rows for k, rows in found.items()}


def _means(rows: Sequence[Row], metric: str) -> dict[str, tuple[float, Row]]:
    """The mean of each slice that has enough items, and its first row."""
    values: dict[str, list[tuple[float, Row]]] = defaultdict(list)
    for row in rows:
        if (value := resultrows.grade(row, metric)) is not None:
            values[_slice(row)].append((value, row))
    return {
        name: (intervals.mean([v for v, _ in some]), some[0][1])
        for name, some in values.items()
        if len({row.id for _, row in some}) >= FEWEST
    }


def _slice(row: Row) -> str:
    return next((row.text(key) for key in _KEYS if row.text(key)), "")
