"""How much of a generated project is its author's and not the template's.

Invariant: only where a template is recorded; a line is the template's while one of the recorded
shingles covers it, in whatever file it now stands. Where the record is missing or cannot be read,
nothing is the author's, so that breaking it gains nothing.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from scaffolder import manifest
from scaffolder.manifest import SHINGLE, row_hash
from scaffolder.review import parse
from scaffolder.review.areas import AREAS, area, below, manifest_paths
from scaffolder.review.model import Evidence, OwnWork, quote
from scaffolder.review.project import settings
from scaffolder.review.templatelock import asked as asked_of
from scaffolder.review.templatelock import asks, known, recorded, sample_questions
from scaffolder.review.view import MAX_LINE, RepoView

SAMPLE_ORIGIN = "template sample"
"""How a generated row says that it is the template's, even after a program has written it anew."""

FORM = re.compile(
    r"(?:which one, and the reason in one or two sentences|the best option not taken, and why not"
    r"|what made a choice necessary, and for whom|what this costs, and what would overturn it)"
    r"[.*_ ]{0,4}$",
    re.IGNORECASE | re.MULTILINE,
)
"""What the form of a decision record says in place of its parts: who leaves it decided nothing."""

_DRAFT = re.compile(
    r"yours to write|^\W{0,20}Status:\W{0,20}draft|<!-- the next sweep replaces",
    re.IGNORECASE | re.MULTILINE,
)
_GAP = re.compile(
    r"\bTo write:|TODO\(scaffold|yours to write|\blorem ipsum\b|\{\{ ?cookiecutter\."
    r"|<(?:\.\.\.|…|(?:your|insert|project|name|todo|fill|describe|add)\b[^<>\n/=]{0,60})>",
    re.IGNORECASE,
)
_RESULTS_START, _RESULTS_END = "<!-- results:start -->", "<!-- results:end -->"
_KEY = re.compile(r'\s*"([^"]{1,200})"\s*:')


@dataclass(frozen=True)
class Share:
    """Lines of a file (or of several): the author's, and all."""

    own: int
    lines: int

    @property
    def part(self) -> float:
        return self.own / self.lines if self.lines else 0.0


@dataclass(frozen=True)
class Questions:
    """Ids of the golden rows that the author wrote, and of those that came with the template."""

    own: frozenset[str | int]
    sample: frozenset[str | int]


def shares(view: RepoView) -> Mapping[str, Share]:
    """The share of every file that belongs to an area, by path."""
    return view.once(_shares)


def shares_against(view: RepoView, template: frozenset[str]) -> Mapping[str, Share]:
    """As `shares`, with `template` in the place of the hashes that the lock records."""
    questions = _questions(view, template)
    return {p: _share(view, p, template, questions) for p in view.files if area(view, p)}


def is_template_line(view: RepoView, path: str, line: int) -> bool:
    """Whether the 1-based `line` of a text file stands as the template brought it."""
    return line in template_lines(view, path)


def template_lines(view: RepoView, path: str) -> frozenset[int]:
    """The 1-based lines of a text file that stand as the template brought them."""
    return view.once_for(_template_lines, path)


def total(shares: Iterable[Share]) -> Share:
    """The sum of several shares."""
    listed = list(shares)
    return Share(sum(s.own for s in listed), sum(s.lines for s in listed))


def measure(view: RepoView) -> OwnWork | None:
    """The share of the whole and of each area; None where no template is recorded.

    The documents of the corpus count in the area data alone: they are chosen and not written, and
    one long statute in them would outweigh all that the author did.
    """
    if not recorded(view):
        return None
    found, corpus = shares(view), manifest_paths(view).get("corpus", "")
    by_area = {a: total(s for p, s in found.items() if area(view, p) == a) for a in AREAS}
    areas = {a: round(s.part, 4) for a, s in by_area.items() if s.lines}
    written = total(s for p, s in found.items() if not below(p, corpus))
    return OwnWork(round(written.part, 4), areas)


def own_questions(view: RepoView) -> Questions:
    """Whose the golden rows are."""
    return view.once(_all_questions)


def left_over_sample(view: RepoView) -> float | None:
    """Share of the corpus files that are the template's, 0 to 1; None without corpus or lock."""
    template, place = known(view), manifest_paths(view).get("corpus", "")
    files = [f for f in view.files if below(f, place) and _is_document(f)]
    if template is None or not files:
        return None
    return sum(not _is_new(view, f, template) for f in files) / len(files)


def runs_of(view: RepoView, path: str) -> frozenset[str]:
    """The shingles of a file as a lock records them, those of a binary file (a PDF) included."""
    content = view.raw(path).decode("utf-8", "replace") if view.is_binary(path) else view.text(path)
    return manifest.shingles(path, content)


def unfilled_gaps(view: RepoView) -> list[Evidence]:
    """Places in the README and the documents that the author was to fill in, and has not."""
    return view.once(_gaps)


def _template_lines(view: RepoView, path: str) -> frozenset[int]:
    template = known(view)
    if template is None or path.endswith(".jsonl"):
        return frozenset()
    numbers = [n for n, text in enumerate(view.text(path).splitlines(), 1) if text.strip()]
    covered = _covered_lines(view, path, template, own_questions(view))
    return frozenset(n for n, one in zip(numbers, covered, strict=True) if one)


def _all_questions(view: RepoView) -> Questions:
    return _questions(view, known(view) or frozenset())


def _shares(view: RepoView) -> Mapping[str, Share]:
    template = known(view)
    if template is not None:
        return shares_against(view, template)
    return {p: Share(0, len(_lines(view.text(p)))) for p in view.files if area(view, p)}


def _share(view: RepoView, path: str, template: frozenset[str], asked: Questions) -> Share:
    if path.endswith(".jsonl"):
        return _row_share(view, path, template, asked)
    covered = _covered_lines(view, path, template, asked)
    return Share(covered.count(False), len(covered))


def _covered_lines(
    view: RepoView, path: str, template: frozenset[str], asked: Questions
) -> list[bool]:
    """For each non-blank line of a file that holds no rows whether it is the template's."""
    text = view.text(path)
    lines = _lines(text)
    if below(path, manifest_paths(view).get("decisions", "")) and _is_draft(path, text):
        return [True] * len(lines)
    covered = _covered(lines, template)
    if area(view, path) == "evals" and path.endswith(".json"):
        keyed = [not asked.own or _keyed_by(line, asked.sample) for line in lines]
        covered = [a or b for a, b in zip(covered, keyed, strict=True)]
    if not asked.own and _RESULTS_START in text:
        covered = [a or b for a, b in zip(covered, _written_by_eval(lines), strict=True)]
    return covered


def _lines(text: str) -> list[str]:
    """Non-blank lines without their indent, as the lock's shingles see them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _covered(lines: Sequence[str], template: frozenset[str]) -> list[bool]:
    """For each line whether a recorded run covers it; files of under five lines have short runs."""
    covered = [False] * len(lines)
    for width in range(SHINGLE, 0, -1):
        for at in range(len(lines) - width + 1):
            bare = not all(covered[at : at + width])  # long runs come first: the quickest way
            if bare and row_hash("\n".join(lines[at : at + width])) in template:
                covered[at : at + width] = [True] * width
    return covered


def _keyed_by(line: str, ids: frozenset[str | int]) -> bool:
    match = _KEY.match(line[:MAX_LINE])
    return match is not None and match[1] in ids


def _written_by_eval(lines: Sequence[str]) -> list[bool]:
    inside, found = False, []
    for line in lines:
        inside = inside or line == _RESULTS_START
        found.append(inside)
        inside = inside and line != _RESULTS_END
    return found


def _row_share(view: RepoView, path: str, template: frozenset[str], asked: Questions) -> Share:
    lines = _lines(view.text(path))
    rows = [(line, parse.row(line)) for line in lines]
    own = sum(
        row is not None and _is_own_row(view, path, row, line, template, asked)
        for line, row in rows
    )
    return Share(own, len(lines))


def _is_own_row(
    view: RepoView,
    path: str,
    row: dict[str, Any],
    line: str,
    template: frozenset[str],
    asked: Questions,
) -> bool:
    """Of results those on the author's questions, of questions those the author wrote."""
    places = manifest_paths(view)
    if not _is_new_row(row, line, template):
        return False
    if below(path, places.get("golden", "")):
        return row.get("id") in asked.own if _has_id(row) else False
    if below(path, places.get("results", "")) or "system" in row or "grades" in row:
        if not _has_id(row):  # of all items together, as a comparison or a broken system has it
            return len(asked.own) > len(asked.sample)
        return bool(asked.own) and row["id"] not in asked.sample
    return True


def _is_new_row(row: dict[str, Any], line: str, template: frozenset[str]) -> bool:
    if row.get("origin") == SAMPLE_ORIGIN or row_hash(line) in template:
        return False
    return _as_sample(row) not in template


def _as_sample(row: Mapping[str, Any]) -> str:
    """The hash of the row with the samples' origin; "" for one that is too deep to write."""
    try:
        return row_hash(json.dumps({**row, "origin": SAMPLE_ORIGIN}, ensure_ascii=False))
    except RecursionError:
        return ""


def _questions(view: RepoView, template: frozenset[str]) -> Questions:
    place = manifest_paths(view).get("golden", "")
    files = [f for f in view.files if below(f, place) and f.endswith(".jsonl")]
    corpus, asked = _configured_corpus(view), sample_questions(view)
    own: set[str | int] = set()
    sample: set[str | int] = set()
    for line, row in ((x, parse.row(x)) for f in files for x in _lines(view.text(f))):
        if row is not None and _has_id(row):
            is_own = _is_own_question(row, line, template, corpus)
            is_own = is_own and asks(asked_of(row)) not in asked
            (own if is_own else sample).add(row["id"])
    return Questions(frozenset(own), frozenset(sample - own))


def _is_own_question(
    row: dict[str, Any], line: str, template: frozenset[str], corpus: str | None
) -> bool:
    """A row without an origin is not: it cannot be told from a sample that lost its own."""
    origin = row.get("origin")
    if not (isinstance(origin, str) and origin.strip() and asked_of(row)):
        return False
    here = corpus is None or row.get("corpus", corpus) == corpus
    return here and _is_new_row(row, line, template)


def _has_id(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("id"), str | int)


def _configured_corpus(view: RepoView) -> str | None:
    name = settings.table(view, "corpus").get("name")
    return name if isinstance(name, str) else None


def _is_draft(path: str, text: str) -> bool:
    return path.endswith(".draft.md") or bool(_DRAFT.search(text) or FORM.search(text))


def _is_document(path: str) -> bool:
    name = PurePosixPath(path).name
    return not name.startswith(".") and name.lower() != "readme.md"


def _is_new(view: RepoView, path: str, template: frozenset[str]) -> bool:
    runs = runs_of(view, path)
    return 2 * len(runs - template) > len(runs)


def _gaps(view: RepoView) -> list[Evidence]:
    return [found for path in _documents(view) for found in _gaps_in(view, path)]


def _documents(view: RepoView) -> list[str]:
    """The README first, then documents and the README of each folder; never the corpus."""
    corpus = manifest_paths(view).get("corpus", "")
    named = [f for f in view.find("*.md", "*.rst", "readme") if not below(f, corpus)]
    shown = [f for f in named if area(view, f) == "docs" or "readme" in f.lower()]
    return sorted(shown, key=lambda f: (f.count("/"), f))


def _gaps_in(view: RepoView, path: str) -> Iterator[Evidence]:
    fenced = False
    for number, line in enumerate(view.lines(path), 1):
        if line.lstrip(" >").startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and _GAP.search(_without_code(line)):
            yield quote(path, number, line)


def _without_code(line: str) -> str:
    return " ".join(line.split("`")[::2])
