"""The documents that a project answers from, and whether a quoted passage stands in one.

Invariant: no document is read beyond the view's limits; of one that cannot be read whole nothing is
said. White space, case, punctuation and HTML tags make no difference between two texts.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import PurePosixPath

from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.python.ownpython import is_test
from scaffolder.review.view import MAX_TEXT, RepoView

MAX_DOCUMENTS = 5000
"""Documents that are looked at."""

MAX_QUOTE = 20_000
"""Characters of a quote that is looked for."""

_FOLDER = re.compile(
    r"(?:^|[-_ .])(?:data|datasets?|corpus|corpora|documents?|knowledge|knowledge[-_ ]?base|kb"
    r"|pdfs?|papers|articles|transcripts|contents?|sources|manuals)(?:$|[-_ .])",
    re.IGNORECASE,
)
_ENDS = (
    *(".md", ".mdx", ".txt", ".rst", ".html", ".htm", ".pdf", ".docx", ".epub"),
    *(".json", ".jsonl", ".csv", ".tsv", ".parquet", ".xml"),
)
_RECORDS = (".json", ".jsonl", ".csv", ".tsv", ".parquet", ".xml")
_NO_DOCUMENT = re.compile(
    r"eval|golden|ground[-_]?truth|questions?|queries|result|feedback|metric|schema|config|package"
    r"|tsconfig|manifest|label|prompt|fixture|score|benchmark",
    re.IGNORECASE,
)
_NOT_HERE = re.compile(
    r"(?:^|/)(?:node_modules|vendor|tests?|\.[^/]+|src/components|public)/", re.I
)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_WORDS = re.compile(r"\w+")


def documents(view: RepoView) -> tuple[str, ...]:
    """The files of the corpus: the manifest's `[paths] corpus`, else those of a data folder.

    A README beside them is none. The files need not be text.
    """
    return view.once(_documents)


def find(view: RepoView, source: str) -> str | None:
    """The document that a label calls `source`: by its path, or by a name that it alone has."""
    if not 0 < len(source) <= 500:
        return None
    return view.once(_by_name).get(source.strip().removeprefix("./").casefold())


def holds(view: RepoView, source: str, quote: str) -> bool | None:
    """Whether the quote stands in the document `source`.

    None where no such document is there or it cannot be read whole (a PDF, more than 1 MB), and
    for a quote without a word.
    """
    path, wanted = find(view, source), plain(quote[:MAX_QUOTE])
    if path is None or not wanted or len(quote) > MAX_QUOTE:
        return None
    if view.size(path) > MAX_TEXT or view.is_binary(path):
        return None
    return wanted in view.once_for(_text, path)


def plain(text: str) -> str:
    """The words of a text, as two texts are compared."""
    return " ".join(_WORDS.findall(unicodedata.normalize("NFKC", text).casefold()))


def _documents(view: RepoView) -> tuple[str, ...]:
    place = manifest_paths(view).get("corpus", "")
    named = [f for f in view.files if below(f, place) and not _is_aside(f)]
    if named:
        return tuple(named[:MAX_DOCUMENTS])
    return tuple(f for f in view.files if _is_document(f))[:MAX_DOCUMENTS]


def _is_aside(path: str) -> bool:
    name = PurePosixPath(path).name.lower()
    return name.startswith((".", "readme"))


def _is_document(path: str) -> bool:
    if not path.lower().endswith(_ENDS) or _NOT_HERE.search(path) or is_test(path):
        return False
    parts = PurePosixPath(path).parts
    if _is_aside(path) or not any(_FOLDER.search(part) for part in parts[:-1]):
        return False
    asked = parts[-1] if path.lower().endswith(_RECORDS) else ""
    return not any(_NO_DOCUMENT.search(part) for part in (*parts[:-1], asked))


def _by_name(view: RepoView) -> Mapping[str, str]:
    """Documents by every name that one document alone has."""
    found: dict[str, str | None] = {}
    for path in documents(view):
        for name in dict.fromkeys(n.casefold() for n in _names(view, path)):
            found[name] = path if name not in found else None
    found |= {path.casefold(): path for path in documents(view)}
    return {name: path for name, path in found.items() if path is not None}


def _names(view: RepoView, path: str) -> Iterator[str]:
    place = manifest_paths(view).get("corpus", "")
    yield path
    yield from (n for n in _tails(path) if not below(path, place))
    if below(path, place):
        yield path.removeprefix(place).strip("/")
    name = PurePosixPath(path)
    yield from (name.name, name.stem)


def _tails(path: str) -> Iterator[str]:
    """The path from each of its folders on."""
    parts = PurePosixPath(path).parts
    yield from ("/".join(parts[n:]) for n in range(1, min(len(parts), 12)))


def _text(view: RepoView, path: str) -> str:
    text = view.text(path)
    if path.lower().endswith((".html", ".htm")):
        text = unescape(_TAG.sub(" ", text))
    return plain(text)
