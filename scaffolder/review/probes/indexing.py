"""Which corpus, cut and embedding an index was made from, and what notices a change."""

import re
from collections.abc import Iterable

from scaffolder.review.golden import measured
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import SHOWN, place
from scaffolder.review.parse import mapping
from scaffolder.review.project import settings
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

WANTED = 3
"""Of the kinds below that an index records: its model, its cut and its corpus (RAG-13)."""

_KINDS = {
    "the embedding model": re.compile(
        r"^embed(?:ding|dings|der)?(?:_?model)?(?:_?(?:name|id|version))?$", re.IGNORECASE
    ),
    "how the documents were cut": re.compile(
        r"^chunk(?:ing|er)?(?:_?(?:size|words|config|settings|version|hash|overlap|strategy))?$",
        re.IGNORECASE,
    ),
    "a hash of the corpus": re.compile(
        r"^(?:corpus|content|data|dataset|source|file|document|docs)s?_?(?:hash|digest|sha256"
        r"|checksum|fingerprint|version)$",
        re.IGNORECASE,
    ),
    "when it was built": re.compile(r"^(?:built|created|indexed|ingested)_?at$", re.IGNORECASE),
    "the dimension": re.compile(r"^(?:embedding_?)?dim(?:ension)?s?$", re.IGNORECASE),
}
_NEEDED = ("the embedding model", "how the documents were cut", "a hash of the corpus")
_FILE = re.compile(r"ingest|index|store|embed|vector|manifest|build|corpus|chunk", re.IGNORECASE)
_WRITES = re.compile(
    r"(?:^|\.)(?:dump|dumps|write_text|execute|executemany|create_collection|upsert|set|save"
    r"|modify|get_or_create_collection|write|put|insert)$"
)
_META = ("*index*meta*.json", "*index*manifest*.json", "*index_info*.json", "*index*.meta.json")
_STALE = re.compile(
    r"stale|out_?of_?date|outdated|mismatch|needs?_(?:rebuild|reindex|ingest)|should_(?:rebuild"
    r"|reindex)|is_current|up_to_date|(?:check|verify|validate|compare)_(?:\w{1,20}_)?(?:index"
    r"|manifest|embedding|fingerprint)|index_(?:changed|matches|is_valid)",
    re.IGNORECASE,
)
_ROW_KEYS = (
    *("setting", "settings", "config", "config_hash", "fingerprint", "index", "index_version"),
    *("corpus_hash", "corpus_version", "embedding", "embedding_model", "index_hash", "params"),
)
_CUT = re.compile(r"(?<![\d./-])(\d{2,5})\s?/\s?(\d{1,4})(?![\d./-])")


def recorded(view: RepoView) -> Reading:
    """The index says which model, which cut and which documents it was made from."""
    files = [f for f in view.code if _FILE.search(f.path)]
    found: dict[str, Evidence] = {}
    for file in files:
        if any(_WRITES.search(c.name) for c in file.calls):
            found = {**_kinds(view, file), **found}
    for path in view.find(*_META)[:5]:
        found |= _written(view, path)
    missing = [kind for kind in _NEEDED if kind not in found]
    shown = list(dict.fromkeys(found.values()))[:SHOWN]
    if not missing:
        return yes(f"The index records {_listed(found)}.", *shown)
    if len(missing) < len(_NEEDED):
        told = f"The index records {_listed(found)}; not found: {', '.join(missing)}."
        return partial(told, *shown)
    return no(
        "Nothing was found that records what the index was made from: looked for the embedding "
        "model, the cut and a hash of the corpus in the code that builds it."
    )


def checked(view: RepoView) -> Reading:
    """Something compares what the index was made with and today's settings before it is used."""
    files = [f for f in view.code if _FILE.search(f.path)]
    made = {d.name.rpartition(".")[2]: (f, d.line) for f in files for d in f.functions}
    checks = {name: at for name, at in made.items() if _STALE.search(name)}
    called = {c.name.rpartition(".")[2] for f in view.code for c in f.calls}
    used = [place(view, f.path, line) for name, (f, line) in checks.items() if name in called]
    if used:
        return yes("Before the index is used it is compared with the settings.", *used[:SHOWN])
    if checks:
        places = [place(view, f.path, line) for f, line in checks.values()]
        return partial("A check of the index is defined, and nothing calls it.", *places[:SHOWN])
    return no(
        "Nothing compares the index with the settings when it is opened: looked for a function "
        "that says whether it is stale."
    )


def rows_current(view: RepoView) -> Reading:
    """The author's rows say from what index they are, all of one, and it is today's."""
    rows = measured.measured(view)
    marked = [(row, mark) for row in rows if (mark := _mark(row))]
    if not rows:
        return no("There are no result rows on your questions that could name their index.")
    if not marked:
        reason = "Your result rows do not say from which index they are: no setting, no hash."
        return no(reason, view.quote(rows[0].path, rows[0].line))
    mixed = _mixed(marked)
    if mixed:
        reason = f"Rows of {clean(mixed.system, 40)} in one file are of different settings."
        return partial(f"{reason} Run the evaluation again.", view.quote(mixed.path, mixed.line))
    old = _outdated(view, marked)
    if old:
        reason = f"Rows of {clean(old.system, 40)} were made with another cut than is configured."
        return partial(f"{reason} Run the evaluation again.", view.quote(old.path, old.line))
    files = {row.path: row for row, _ in reversed(marked)}
    told = f"{count(len(marked), 'row')} of yours name the setting of the index they came from."
    return yes(told, *(view.quote(r.path, r.line) for r in list(files.values())[:SHOWN]))


def _kinds(view: RepoView, file: PythonFile) -> dict[str, Evidence]:
    """What a file of the index writes down, each with its place: keys of a mapping, keywords."""
    found: dict[str, Evidence] = {}
    for text in file.texts:
        for kind, pattern in _KINDS.items():
            if len(text.value) < 40 and pattern.search(text.value):
                found.setdefault(kind, place(view, file.path, text.line))
    for call in file.calls:
        for kind, pattern in _KINDS.items():
            if any(pattern.search(k) for k in call.keywords) and _is_record(call.name):
                found.setdefault(kind, place(view, file.path, call.line))
    return found


def _is_record(name: str) -> bool:
    return re.search(r"manifest|meta|record|info|version|fingerprint", name, re.I) is not None


def _written(view: RepoView, path: str) -> dict[str, Evidence]:
    keys = [str(key) for key in mapping(view.json(path))][:200]
    named = (k for k in _KINDS if any(_KINDS[k].search(key) for key in keys))
    return {kind: view.quote(path, 1) for kind in named}


def _listed(found: Iterable[str]) -> str:
    return ", ".join(kind for kind in _KINDS if kind in set(found))


def _mark(row: Row) -> str:
    """What a row says of its index, as one text; "" for nothing."""
    found = (row.data.get(key) for key in _ROW_KEYS)
    return next((str(v)[:300] for v in found if v not in (None, "", {}, [])), "")


def _mixed(marked: Iterable[tuple[Row, str]]) -> Row | None:
    """A row whose mark is not that of the other rows of its system and file."""
    first: dict[tuple[str, str], str] = {}
    for row, mark in marked:
        if first.setdefault((row.path, row.system), mark) != mark:
            return row
    return None


def _outdated(view: RepoView, marked: Iterable[tuple[Row, str]]) -> Row | None:
    """A row of a shipped system whose cut is not the configured one; a sweep tries others."""
    cut = _configured(view)
    if not cut:
        return None
    for row, mark in marked:
        found = _CUT.search(mark)
        if found and not _CUT.search(row.system) and (found[1], found[2]) != cut:
            return row
    return None


def _configured(view: RepoView) -> tuple[str, str] | None:
    table = settings.table(view, "chunking")
    if not {"words", "overlap"} <= table.keys():
        return None
    return str(table["words"]), str(table["overlap"])
