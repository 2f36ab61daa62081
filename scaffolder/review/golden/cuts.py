"""Ways to cut the documents, as rows, texts and the configuration name them.

Invariant: a way is its size with its overlap ("180/30"), else its name; a text that names none
gives "".
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from scaffolder.review.project import settings
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

_SIZES = ("chunk_size", "chunk_words", "chunk_tokens", "chunk_chars", "chunk_length", "words")
_OVERLAPS = ("chunk_overlap", "overlap")
_WAYS = ("chunking", "chunker", "splitter", "chunk_strategy", "chunking_strategy")
_INSIDE = ("config", "params", "settings", "setting", "parameters", "chunking")
_PAIR = re.compile(r"(?<![\d./-])(\d{2,5})\s?/\s?(\d{1,4})(?![\d./-])")
_NAMED = re.compile(
    r"(?:chunks?|words|tokens)[-_ =:]{0,2}(?:size)?[-_ =:]{0,2}(\d{2,5})(?:[-_ ]{1,2}(?:overlap|o)"
    r"[-_ =:]?(\d{1,4}))?|(?<!\d)(\d{2,5})[-_ ](?:words|tokens|chars|characters)\b",
    re.IGNORECASE,
)
_CONFIGURED = re.compile(
    r"\bchunk(?:ing)?[_ -]?(?:size|words|tokens|length|chars)[\"']?\s{0,4}[:=]{1,2}\s{0,4}"
    r"(?:int\s{0,2}=\s{0,2})?[\"']?(\d{2,5})\b",
    re.IGNORECASE,
)
_CONFIG_FILES = ("*.toml", "*.yaml", "*.yml", "*.env.example", "*config*.json", "*setting*.json")
_CODE_FILES = ("*.py", "*.ts", "*.js", "*.mjs")
_MOST_FILES = 500


def of_row(row: Row) -> str:
    """Size and overlap, or the name of the way to cut, as a row says them; "" where it does not."""
    for table in (row.data, *(row.data.get(key) for key in _INSIDE)):
        if isinstance(table, dict):
            size, overlap = _number(table, _SIZES), _number(table, _OVERLAPS)
            if size:
                return f"{size}/{overlap}" if overlap else size
    for text in (row.text("setting"), row.text("chunking"), row.system, row.text("variant")):
        if found := of_text(text):
            return found
    way = next((row.text(key) for key in _WAYS if row.text(key)), "")
    return way[:60] or _by_file(row.path)


def of_text(text: str) -> str:
    """Size and overlap as a name or a sentence gives them; "" where it gives none."""
    found = _PAIR.search(text[:200]) or _NAMED.search(text[:200])
    return "/".join(part for part in found.groups() if part) if found else ""


def sizes_in(text: str) -> frozenset[str]:
    """Every size that a text of several lines names."""
    lines = (line[:2000] for line in text.split("\n"))
    found = (m for line in lines for p in (_PAIR, _NAMED) for m in p.finditer(line))
    return frozenset(next(g for g in m.groups() if g) for m in found)


def size(way: str) -> str:
    """The size of a way to cut, without its overlap."""
    return way.partition("/")[0]


def variant(row: Row) -> str:
    """The system of a row without its way to cut: what else differs."""
    bare = _NAMED.sub("", _PAIR.sub("", row.system[:200]))
    return " ".join(bare.replace("_", " ").replace("-", " ").split()).casefold()


def configured(view: RepoView) -> frozenset[str]:
    """The sizes that configuration or code set."""
    ours = _number(settings.table(view, "chunking"), _SIZES)
    if ours:
        return frozenset({ours})
    files = [*view.find(*_CONFIG_FILES), *view.find(*_CODE_FILES)][:_MOST_FILES]
    lines = (line for path in files for line in view.lines(path) if "hunk" in line.lower())
    return frozenset(m[1] for line in lines for m in _CONFIGURED.finditer(line))


def _by_file(path: str) -> str:
    found = _NAMED.search(PurePosixPath(path).stem[:200])
    return "/".join(part for part in found.groups() if part) if found else ""


def _number(table: Mapping[str, object], keys: Sequence[str]) -> str:
    found = (table.get(key) for key in keys)
    return next((str(int(v)) for v in found if isinstance(v, int | float) and 0 < v < 1e6), "")
