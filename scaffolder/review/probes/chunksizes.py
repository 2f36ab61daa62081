"""How the documents are cut: which settings were measured, and whether the measurement decided."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from scaffolder.review.golden import cuts, measured
from scaffolder.review.golden.measured import Item
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.project import settings
from scaffolder.review.readme.frontpage import Page
from scaffolder.review.readme.written import written
from scaffolder.review.results import choices
from scaffolder.review.results.intervals import mean
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

WANTED = 3
"""Settings on the same questions (rubric, RAG-02)."""

_ABOUT = re.compile(r"\bchunk|chunking|分块|fragment|切分|abschnitt", re.IGNORECASE)
_WHY = re.compile(
    r"\bbecause\b|\bsince\b|\bso\b|\bwhy\b|reason|within (?:the )?noise|no clear|not clear"
    r"|interval|instead of|cheaper|fewer|smaller|shorter|\bcosts?\b|although|despite|porque|因为",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Setting:
    """One way to cut, and what it gave on each question; `listed` as far as lists are kept."""

    name: str
    rows: Sequence[Row]
    values: Mapping[Item, float]
    listed: Mapping[Item, str]


@dataclass(frozen=True)
class _Sweep:
    """Settings of the same retriever on the questions that all of them have."""

    variant: str
    metric: str
    settings: Sequence[_Setting]
    shared: frozenset[Item]

    def reached(self, setting: _Setting) -> float:
        return mean([setting.values[item] for item in self.shared])


@dataclass(frozen=True)
class _Said:
    """A text that compares settings: whether it gives a reason, and the sizes that it chose."""

    place: Evidence
    why: bool
    chosen: frozenset[str]


def compared(view: RepoView) -> Reading:
    """Rows of three ways to cut the documents, on the same questions of the author's."""
    sweep = view.once(_sweep)
    if sweep is None:
        return _without_rows(view)
    told = _told(sweep)
    places = _places(view, sweep)
    copies = [f"{a.name} and {b.name}" for a, b in combinations(sweep.settings, 2) if _same(a, b)]
    if copies:
        reason = f"{told} But {clean(copies[0], 60)} found the very same passages everywhere."
        return partial(f"{reason} So there is no sign that the documents were cut anew.", *places)
    if len(sweep.settings) < WANTED:
        missing = f"{WANTED} settings are asked for, measured {len(sweep.settings)}."
        return partial(f"{told} {missing}", *places)
    if len(sweep.shared) < measured.FEWEST:
        few = f"That is under {measured.FEWEST} questions, too few to choose by."
        return partial(f"{told} {few}", *places)
    return yes(told, *places)


def decided(view: RepoView) -> Reading:
    """The configured cut is the one that measured best, or the author says why it is not."""
    sweep = view.once(_sweep)
    if sweep is None:
        return _without_rows(view)
    said = list(_records(view, sweep))
    best = max(map(sweep.reached, sweep.settings))
    winners = [s.name for s in sweep.settings if sweep.reached(s) > best - 1e-9]
    configured = view.once(cuts.configured)
    told = f"Measured best: {clean(' and '.join(winners), 60)}."
    if not said:
        reason = f"{told} No text of yours names the settings and says which was chosen and why."
        return partial(f"{reason} A draft decides nothing.", *_places(view, sweep))
    if any(cuts.size(name) in configured for name in winners):
        reason = f"{told} That is what the configuration says, and it is written down."
        return yes(reason, said[0].place)
    shown = clean(", ".join(sorted(configured)) or "no size that was found", 60)
    why = next((r for r in said if r.why and r.chosen & configured), None)
    if why:
        return yes(f"{told} Configured is {shown}, and the author says why.", why.place)
    other = next((r for r in said if r.chosen), said[0])
    reason = f"{told} Configured is {shown}, and no reason for it is given."
    if other.chosen:
        chose = clean(" and ".join(sorted(other.chosen)), 40)
        reason = f"{reason} What is written down decides for {chose}."
    return partial(reason, other.place)


def _sweep(view: RepoView) -> _Sweep | None:
    """The comparison with the most settings, that of the configured retriever first."""
    groups: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in measured.measured(view):
        found = cuts.of_row(row)
        if found:
            groups[cuts.variant(row)][found].append(row)
    sweeps = [s for variant, by in groups.items() if (s := _compare(variant, by))]
    shipped = str(settings.table(view, "retrieval").get("retriever", ""))
    return max(sweeps, key=lambda s: _weight(s, shipped), default=None)


def _weight(sweep: _Sweep, shipped: str) -> tuple[bool, bool, int, int]:
    several = len(sweep.settings) >= WANTED
    is_shipped = bool(shipped) and sweep.variant == shipped
    return several, is_shipped, len(sweep.settings), len(sweep.shared)


def _compare(variant: str, groups: Mapping[str, Sequence[Row]]) -> _Sweep | None:
    if len(groups) < 2:
        return None
    metric = measured.shared_metric(list(groups.values()))
    if metric is None:
        return None
    settings = [
        _Setting(name, rows, measured.values(rows, metric), measured.found_first(rows))
        for name, rows in groups.items()
    ]
    shared = frozenset.intersection(*(frozenset(s.values) for s in settings))
    return _Sweep(variant, metric, settings, shared) if shared else None


def _same(first: _Setting, second: _Setting) -> bool:
    both = first.listed.keys() & second.listed.keys()
    return bool(both) and all(first.listed[item] == second.listed[item] for item in both)


def _told(sweep: _Sweep) -> str:
    reached = sorted(((sweep.reached(s), s.name) for s in sweep.settings), reverse=True)
    shown = ", ".join(f"{clean(name, 30)}: {value:.2f}" for value, name in reached[:6])
    of = f" of {clean(sweep.variant, 30)}" if sweep.variant else ""
    n = count(len(sweep.shared), "shared question")
    return f"{clean(sweep.metric, 30)}{of} on {n}: {shown}."


def _places(view: RepoView, sweep: _Sweep) -> list[Evidence]:
    return [view.quote(s.rows[0].path, s.rows[0].line) for s in sweep.settings[:4]]


def _records(view: RepoView, sweep: _Sweep) -> Iterator[_Said]:
    """Texts of the author that speak of chunks and name two of the settings."""
    sizes = {cuts.size(s.name) for s in sweep.settings} | view.once(cuts.configured)
    options = {size: _pattern(size) for size in sizes}
    for page, lines in written(view):
        text = "\n".join(line for _, line in lines)
        named = [s.name for s in sweep.settings if _names(text, s.name)]
        if len(named) >= 2 and _ABOUT.search(text):
            line = next((n for n, t in lines if any(_names(t, name) for name in named)), 1)
            decision = choices.decision(page) or choices.reasons(text, _WHY)
            chosen = choices.chosen(decision, options)
            yield _Said(view.quote(page.path, line), bool(_WHY.search(text)), chosen)


def _names(text: str, setting: str) -> bool:
    return _pattern(cuts.size(setting)).search(text) is not None


def _pattern(size: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.]){re.escape(size)}(?![\w.]\d|\w)", re.IGNORECASE)


def _without_rows(view: RepoView) -> Reading:
    for page, lines in written(view):
        place = _tabled(page, frozenset(n for n, _ in lines))
        if place:
            reason = "A table compares ways to cut; no rows for each question are here."
            return partial(reason, view.quote(page.path, place))
    return no(
        "No result rows on your questions compare ways to cut the documents: looked for a chunk "
        f"size or strategy in them; {WANTED} settings are asked for."
    )


def _tabled(page: Page, mine: frozenset[int]) -> int | None:
    """The line of a table of the author's with a row for each of three ways to cut."""
    for table in page.document.tables:
        head = " ".join(table.header)
        rows = [line for line, cells in table.rows if line in mine and _is_setting(head, cells)]
        if len(rows) >= WANTED:
            return rows[0]
    return None


def _is_setting(head: str, cells: Sequence[str]) -> bool:
    """Whether a row of a table begins with a way to cut and goes on with a share."""
    first = next(iter(cells), "")
    named = cuts.of_text(first) or _ABOUT.search(head)
    return bool(named) and any(re.search(r"[01]?[.,]\d|\d\s?%", cell) for cell in cells[1:])
