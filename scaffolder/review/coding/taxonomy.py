"""The names of what goes wrong: what each means, and how often it was counted.

Invariant: a name comes from a file or table that is made for them; what several files say of one
name is put together, and no count is guessed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scaffolder.review.coding import named
from scaffolder.review.model import Evidence
from scaffolder.review.readme.frontpage import page
from scaffolder.review.readme.markdown import Table, plain
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import number
from scaffolder.review.view import MAX_LINE, RepoView

MAX_NAMES = 200

_FILES = re.compile(
    r"taxonom|failure[-_ ]?(?:modes?|categor|types?|analysis)"
    r"|error[-_ ]?(?:analysis|types?|categor)|(?:^|/)categories[^/]{0,20}$"
    r"|(?:^|/)failures?\.(?:md|toml|ya?ml)$",
    re.IGNORECASE,
)
_TABLES = ("failures", "categories", "taxonomy", "modes", "failure_modes", "codes", "errors")
_NAME = ("name", "category", "failure", "failure_mode", "code", "mode", "type", "error")
_MEANS = ("definition", "description", "meaning", "means", "what_it_means", "what", "criterion")
_COUNT = ("count", "n", "number", "times", "total", "frequency", "outputs", "traces", "results")
_HEAD_NAME = re.compile(
    r"categor|failure|\bmode\b|\bcode\b|\btheme|what goes wrong|\berror|\bname", re.I
)
_HEAD_MEANS = re.compile(r"defin|descri|mean|criteri|what (?:it|separates)", re.I)
_HEAD_COUNT = re.compile(
    r"count|^#$|^n$|number|times|how (?:often|many)|frequen|traces|results", re.I
)
_BULLET = re.compile(
    r"\s{0,4}[-*+]\s\**`?([^*`:(|]{1,80}?)`?\**\s?(?:\((\d{1,5})\))?\**:\**\s(\S.{0,400})"
)
_WHOLE = re.compile(r"\s?(\d{1,5})(?:\s?\(|\s?$|\s?/)")
_ALL = {"total", "sum", "all", "none", "no failure", "without a fault", "fine", "ok"}


@dataclass(frozen=True)
class Category:
    """One name; `means` is "" and `count` None where nothing says it."""

    name: str
    means: str
    count: int | None
    evidence: Evidence


def categories(view: RepoView) -> Mapping[str, Category]:
    """Every name by its folded form, in the order of the files."""
    return view.once(_categories)


def _categories(view: RepoView) -> Mapping[str, Category]:
    found: dict[str, Category] = {}
    for one in _every(view):
        key = named.folded(one.name)
        if not key or key in _ALL or len(found) >= MAX_NAMES:
            continue
        known = found.get(key, one)
        means = known.means or one.means
        number = known.count if known.count is not None else one.count
        found[key] = replace(known, means=means, count=number)
    return found


def _every(view: RepoView) -> Iterator[Category]:
    for path in named.files(view, _FILES, named.TABLE_ENDS):
        yield from _of_tables(view, path)
    for path in named.files(view, _FILES, (".csv", ".tsv")):
        for row in resultrows.rows(view, path):
            yield from _of_fields(row.data, "", view.quote(path, row.line))
    for path in named.files(view, _FILES, (".md", ".rst")):
        yield from _of_page(view, path)


def _of_tables(view: RepoView, path: str) -> Iterator[Category]:
    value = named.document(view, path)
    if isinstance(value, dict):
        value = next((v for k in _TABLES if isinstance(v := value.get(k), dict | list)), value)
    if isinstance(value, dict):
        for name, said in list(value.items())[:MAX_NAMES]:
            yield from _of_value(str(name), said, named.place(view, path, str(name)))
    for said in value[:MAX_NAMES] if isinstance(value, list) else ():
        if isinstance(said, dict):
            where = named.place(view, path, named.text(said, _NAME))
            yield from _of_fields(said, "", where)


def _of_value(name: str, said: object, evidence: Evidence) -> Iterator[Category]:
    if isinstance(said, dict):
        yield from _of_fields(said, name, evidence)
    elif isinstance(said, str):
        yield Category(name, said.strip()[:500], None, evidence)
    elif isinstance(said, int) and not isinstance(said, bool):
        yield Category(name, "", said, evidence)


def _of_fields(said: Mapping[str, Any], name: str, evidence: Evidence) -> Iterator[Category]:
    data = named.fields(said)
    called = name or named.text(data, _NAME)
    counted = next((n for k in _COUNT if (n := number(data.get(k))) is not None), None)
    means = named.text(data, _MEANS)
    if called and (means or counted is not None):
        yield Category(called, means, None if counted is None else int(counted), evidence)


def _of_page(view: RepoView, path: str) -> Iterator[Category]:
    document = page(view, path).document
    for table in document.tables:
        yield from _of_table(view, path, table)
    for line, text in enumerate(document.shown, 1):
        if match := _BULLET.match(text[:MAX_LINE]):
            counted = int(match[2]) if match[2] else None
            yield Category(match[1].strip(), match[3], counted, view.quote(path, line))


def _of_table(view: RepoView, path: str, table: Table) -> Iterator[Category]:
    heads = [plain(h).strip()[:80] for h in table.header]
    name = next((n for n, h in enumerate(heads) if _HEAD_NAME.search(h)), None)
    means = next((n for n, h in enumerate(heads) if _HEAD_MEANS.search(h)), None)
    count = next((n for n, h in enumerate(heads) if n != name and _HEAD_COUNT.search(h)), None)
    if name is None or (means is None and count is None):
        return
    for line, cells in [r for r in table.rows[:MAX_NAMES] if len(r[1]) > name]:
        texts = [plain(c).strip() for c in cells] + [""] * len(heads)
        whole = _WHOLE.match(texts[count]) if count is not None else None
        counted = int(whole[1]) if whole else None
        said = texts[means] if means is not None else ""
        yield Category(cells[name].strip("*` "), said, counted, view.quote(path, line))
