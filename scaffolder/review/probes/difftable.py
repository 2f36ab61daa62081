"""The table of what differs between providers: each row filled, each proved by a test."""

import re
from dataclasses import dataclass

from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.view import RepoView

WANTED = 8
"""Rows of the table (rubric, API-02)."""

FEW = 3
_TEST = re.compile(r"\btest_\w{3,120}")
_VENDOR = re.compile(r"anthropic|claude|openai|gpt|gemini|google|mistral|cohere", re.IGNORECASE)
_EMPTY = re.compile(r"^[\s.?\u2026\u2013-]{0,10}$|^(?:todo|tbd|to write)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Row:
    place: Evidence
    told: int  # cells of providers that say something
    tests: tuple[str, ...]


def rows_proved(view: RepoView) -> Reading:
    """Eight rows or more say what differs, and name a test that is there."""
    rows = [r for path in _documents(view) for r in _rows(view, path)]
    if not rows:
        return no("No table of what differs between providers was found in the documents.")
    known = {f.name.rpartition(".")[2] for t in view.tests for f in t.functions}
    filled = [r for r in rows if r.told > 1]
    proved = [r for r in filled if any(t in known for t in r.tests)]
    told = f"{len(proved):,} of {count(len(rows), 'row')} are filled and name a test that is there"
    where = [r.place for r in (proved or rows)[:3]]
    if len(proved) >= WANTED:
        return yes(f"{told}.", *where)
    if len(proved) >= FEW:
        return partial(f"{told}; {WANTED} are asked for.", *where)
    return no(f"{told}; {WANTED} are asked for.", *where)


def _documents(view: RepoView) -> list[str]:
    named = [p for p in view.files if p.lower().endswith(".md") and not p.startswith(".")]
    return [p for p in named if _VENDOR.search(view.text(p)[:100_000])][:40]


def _rows(view: RepoView, path: str) -> list[_Row]:
    """Rows of the tables of a document whose head names two providers."""
    found: list[_Row] = []
    head: list[str] = []
    for number, line in enumerate(view.lines(path), 1):
        cells = _cells(line)
        if not cells:
            head = []
        elif not head:
            head = cells if sum(bool(_VENDOR.search(c)) for c in cells) > 1 else ["-"]
        elif len(head) > 1 and not set("".join(cells)) <= set("-: "):
            found.append(_row(view.quote(path, number), head, cells))
    return found


def _cells(line: str) -> list[str]:
    if not line.lstrip().startswith("|"):
        return []
    return [c.strip() for c in line.strip()[:4000].strip("|").split("|")]


def _row(place: Evidence, head: list[str], cells: list[str]) -> _Row:
    said = [c for h, c in zip(head, cells, strict=False) if _VENDOR.search(h)]
    tests = tuple(_TEST.findall(" ".join(cells)))
    return _Row(place, sum(not _EMPTY.search(c) for c in said), tests)
