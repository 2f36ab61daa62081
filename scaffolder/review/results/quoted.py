"""Figures that a decision record quotes, held against the rows: today's, or those of its time.

Invariant: only a number that stands after the name of a metric which the linked rows hold is looked
at, and it is wrong only where no system, split, slice or difference of two has it, in no version.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from scaffolder.review.git import gitorigins
from scaffolder.review.model import Evidence
from scaffolder.review.readme.frontpage import Page
from scaffolder.review.results import resultrows
from scaffolder.review.results.intervals import mean
from scaffolder.review.results.resultrows import Row, grade, grades
from scaffolder.review.view import RepoView

MAX_FILES, MAX_GROUPS, MAX_VERSIONS = 40, 120, 25
MAX_QUOTED = 60
"""Result files, groups of rows, commits and figures of one record that are looked at."""

_FIGURE = re.compile(
    r"(?<![\w.@$€=])([-+\u2212]?)(\d?\.\d{2,6})(?![\w%]|\.\d)(?!\s?(?:ms|s|GB|MB|USD)\b)"
)
_N = re.compile(r"\bn\s?=\s?(\d{1,6})\b")
_INTERVAL = re.compile(r"\[[^\[\]\n]{0,60}\]|\([^()\n]{0,200}\)")
_OTHER = re.compile(
    r"(?:\bp\s?[=<]|threshold|needed|wanted|required|target|weight|alpha|cost|price|score|until|would"
    r"|below|above|under)[^,;.]{0,20}$",
    re.IGNORECASE,
)
_AHEAD = 240
"""Characters after the name of a metric in which its figures are looked for."""


@dataclass(frozen=True)
class Quoted:
    """A figure of a record: as written, its metric, its line and what that says.

    `n` where it is a number of items.
    """

    text: str
    metric: str
    value: float
    digits: int
    line: int
    said: str
    n: bool = False


def wrong(view: RepoView, record: Page, linked: Sequence[str]) -> tuple[Quoted, Evidence] | None:
    """The first figure that no rows give, now or when they were other; None where all are given."""
    here = {path: resultrows.rows(view, path) for path in _files(view, linked)}
    metrics = dict.fromkeys(m for p in linked for r in here.get(p, ())[:50] for m in grades(r))
    left = [q for q in _quoted(record, list(metrics)) if not _given(q, here)]
    if not left:
        return None
    for then in _versions(view, tuple(here)):
        left = [q for q in left if not _given(q, then)]
    return (left[0], view.quote(record.path, left[0].line)) if left else None


def _files(view: RepoView, linked: Sequence[str]) -> list[str]:
    """The linked files, today's results, and what was kept of earlier settings."""
    kept = (f for f in view.files if f.endswith(".jsonl") and resultrows.is_earlier(f))
    return list(dict.fromkeys([*linked, *resultrows.result_files(view), *kept]))[:MAX_FILES]


def _quoted(record: Page, metrics: Sequence[str]) -> list[Quoted]:
    names = {m.replace("_", " ").lower(): m for m in metrics if len(m) > 2}
    if not names:
        return []
    pattern = re.compile("|".join(re.escape(n) for n in sorted(names, key=len, reverse=True)))
    tables = {n for t in record.document.tables for n, _ in t.rows}
    found: list[Quoted] = []
    for number, line in enumerate(record.document.shown, 1):
        if number not in tables:
            text = line[:2000].replace("_", " ").lower()
            found += _of_line(text, number, list(pattern.finditer(text)), names)
    return found[:MAX_QUOTED]


def _of_line(
    text: str, number: int, named: Sequence[re.Match[str]], names: Mapping[str, str]
) -> Iterator[Quoted]:
    """The figures after each name, up to the next name or the end of the sentence."""
    for at, name in enumerate(named):
        end = named[at + 1].start() if at + 1 < len(named) else len(text)
        after = _INTERVAL.sub(" ", text[name.end() : min(end, name.end() + _AHEAD)])
        after = re.split(r"[.;](?:\s|$)", after, maxsplit=1)[0]
        metric, any_figure = names[name[0]], False
        for m in _FIGURE.finditer(after):
            if not _OTHER.search(after[: m.start()]):
                any_figure, digits = True, len(m[2].partition(".")[2])
                sign = -1 if m[1] in ("-", "\u2212") else 1
                yield Quoted(m[0], metric, sign * float(m[2]), digits, number, text)
        for m in _N.finditer(after) if any_figure else ():
            yield Quoted(m[0], metric, float(m[1]), 0, number, text, n=True)


def _given(quoted: Quoted, files: Mapping[str, Sequence[Row]]) -> bool:
    groups = list(_groups(files, quoted.metric))[:MAX_GROUPS]
    if quoted.n:
        return any(len(values) == quoted.value for _, values in groups)
    half = 0.5 * 10.0**-quoted.digits + 1e-9
    named = [(kind, v) for kind, v in groups if _part(kind) in quoted.said.replace("-", " ")]
    made: Iterable[float] = _differences(named)
    if quoted.text[0] not in "+-\u2212":
        made = chain((mean(list(values.values())) for _, values in groups if values), made)
    return any(abs(v - abs(quoted.value)) <= half for v in made)


def _differences(groups: Sequence[tuple[str, Mapping[str, float]]]) -> Iterator[float]:
    """How far two groups are apart on the same questions."""
    for (kind, a), (other, b) in combinations(groups, 2):
        shared = a.keys() & b.keys() if kind == other else ()
        if shared:
            yield abs(mean([a[i] for i in shared]) - mean([b[i] for i in shared]))


def _part(kind: str) -> str:
    """The slice of a kind of group, in plain words; "" where it is not of one."""
    return kind.partition("|")[2].replace("-", " ").replace("_", " ").lower()


def _groups(
    files: Mapping[str, Sequence[Row]], metric: str
) -> Iterator[tuple[str, Mapping[str, float]]]:
    """The metric of each question, of each file and system: in all, by split, by slice."""
    found: dict[tuple[str, str, str], dict[str, float]] = {}
    for path, row in ((p, r) for p, rows in files.items() for r in rows):
        value = grade(row, metric)
        if value is not None:
            split, part = row.text("split"), row.text("slice")
            for kind in ("", f"{split}|", f"|{part}", f"{split}|{part}"):
                found.setdefault((kind, path, row.system), {})[row.id] = value
    whole = sorted(found.items(), key=lambda item: ("|" in item[0][0].strip("|"), item[0]))
    yield from ((kind, values) for (kind, _, _), values in whole)


def _versions(view: RepoView, paths: Sequence[str]) -> Iterator[Mapping[str, Sequence[Row]]]:
    """The same files as earlier commits have them, newest first."""
    trail = view.git.trail()
    commits = [c.id for c in view.history.commits][:MAX_VERSIONS] if trail else []
    asked = [(c, p) for c in commits for p in paths if p.endswith(".jsonl")]
    held = gitorigins.files(trail, asked) if trail and asked else {}
    for commit in commits:
        texts = {p: held[commit, p] for p in paths if (commit, p) in held}
        yield {p: resultrows.of_text(p, raw.decode("utf-8", "replace")) for p, raw in texts.items()}
