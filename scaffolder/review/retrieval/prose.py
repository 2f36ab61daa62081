"""What the project's own documents and notebooks say in words, without the documents it searches.

Invariant: plans, change logs and the corpus say nothing about what was done; every line is cut.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from scaffolder.review.golden import corpus
from scaffolder.review.model import Evidence, quote
from scaffolder.review.parse import Parsed
from scaffolder.review.python.ownpython import foreign
from scaffolder.review.view import MAX_LINE, RepoView, is_test

MAX_DOCUMENTS = 60
"""Documents that are read: a project has fewer, a folder of articles more."""

MAX_LINES = 3000
"""Lines of one document that are read."""

BELOW = 6
"""Lines below the head of a table in which its values are looked for."""

_ENDS = (".md", ".mdx", ".rst", ".adoc")
_NOT_DONE = re.compile(
    r"(?:^|[/_.-])(?:plans?|todo|roadmap|backlog|changelog|prompts?|claude|agents|requirements"
    r"|licen[cs]e|node_modules|data|corpus|fixtures|templates?|skills?|robots|llms)(?=[/_.-]|$)",
    re.IGNORECASE,
)
_NEW = re.compile(r"\s{0,10}(?:[-*#|>`]|\d{1,2}[.)]|$)")
_IN_DOT_FOLDER = re.compile(r"(?:^|/)\.[^/]+/")


@dataclass(frozen=True)
class Prose:
    """A document, or a Markdown cell; `first` is the line of its first, None where not known."""

    path: str
    first: int | None
    lines: Sequence[str]

    @cached_property
    def lower(self) -> tuple[str, list[int]]:
        """All of it in lower case, and where each line begins in that."""
        lowered = [line.lower() for line in self.lines]
        return "\n".join(lowered), list(accumulate((len(t) + 1 for t in lowered), initial=0))

    def place(self, number: int) -> Evidence:
        """The evidence of the line at an index."""
        line = None if self.first is None else self.first + number
        return quote(self.path, line, self.lines[number])

    def continued(self, number: int) -> str:
        """The next line where it goes on with the sentence, else nothing."""
        after = self.lines[number + 1] if number + 1 < len(self.lines) else ""
        return "" if _NEW.match(after) else after

    def below(self, number: int) -> str:
        """The lines that follow the one at an index, as one text."""
        return "\n".join(t[:300] for t in self.lines[number + 1 : number + 1 + BELOW])


def documents(view: RepoView) -> tuple[str, ...]:
    """The project's own documents, those nearest to the root first."""
    return view.once(_documents)


def matching(
    view: RepoView, words: Sequence[str], pattern: re.Pattern[str]
) -> Iterator[tuple[Prose, int, str]]:
    """Each line that the pattern is found in: what it stands in, its index, and its text.

    Only lines with one of `words`, in lower case, are tried.
    """
    for prose in view.once(_proses):
        for number in _with_words(prose, words):
            if pattern.search(prose.lines[number]):
                yield prose, number, prose.lines[number]


def _with_words(prose: Prose, words: Sequence[str]) -> list[int]:
    """The indices of the lines that hold one of the words."""
    text, starts = prose.lower
    found: set[int] = set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            line = bisect_right(starts, at) - 1
            found.add(line)
            at = text.find(word, starts[line + 1])
    return sorted(found)


def _documents(view: RepoView) -> tuple[str, ...]:
    found = [f for f in view.files if f.lower().endswith(_ENDS) and not _is_left_out(f)]
    if len(found) > MAX_DOCUMENTS:
        found = [f for f in found if f.count("/") <= 2]
    told = set(corpus.documents(view))
    found = [f for f in found if f not in told]
    return tuple(sorted(found, key=lambda f: (f.count("/"), f))[:MAX_DOCUMENTS])


def _is_left_out(path: str) -> bool:
    bare = path.rpartition(".")[0]
    hidden = _IN_DOT_FOLDER.search(path) or _NOT_DONE.search(bare)
    return bool(hidden or is_test(path) or foreign(path))


def _proses(view: RepoView) -> tuple[Prose, ...]:
    found = [Prose(p, 1, view.lines(p)[:MAX_LINES]) for p in documents(view)]
    for file in view.code:
        if file.notebook:
            found += _of_notebook(view, file.path)
    return tuple(found)


def _of_notebook(view: RepoView, path: str) -> Iterator[Prose]:
    read = view.notebook(path)
    for cell in read.value if isinstance(read, Parsed) else ():
        if cell.kind == "markdown":
            texts = [t[:MAX_LINE] for t in cell.source.split("\n")[:MAX_LINES]]
            yield Prose(path, cell.line, texts)
