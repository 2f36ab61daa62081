"""Result rows: found, read from any of the usual forms, and graded.

Invariant: rows may be anybody's: no number is trusted to be one and none is read beyond the limits;
a grade that a row's own ranks give is taken from them.
"""

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.parse import Parsed, read_json
from scaffolder.review.view import RepoView

MAX_BYTES = 16 * 1024 * 1024
"""Bytes of a result file that are read."""

MAX_ROWS = 20_000
MAX_FILES = 200

SYSTEM_KEYS = ("system", "method", "variant", "approach", "retriever", "strategy", "model", "name")
"""Fields that say which system made a row, the most telling first."""

ID_KEYS = ("id", "item_id", "question_id", "case_id", "task_id", "example_id", "qid", "question")
VALUE_KEYS = ("grades", "metrics", "scores")
_NOT_GRADED = {"commit", "id", "index", "seed", "k", "n", "line", "row", "timestamp", "date", "run"}
_RESULTS = re.compile(
    r"(?:^|/)(?:results?|runs|outputs?|evals?|evaluation|benchmarks?)(?:/|[^/]*$)", re.I
)
_EARLIER = re.compile(r"(?:^|/)(?:before|old|archive|previous)/", re.IGNORECASE)
_NO_MODEL = re.compile(
    r"^\s?(?:none|null|nil|false|n/?a|-{1,3})(?![\w-])"
    r"|\b(?:no|without) (?:an? |any )?(?:language[ -]|ai )?(?:model|llm)\b|^no[-_](?:model|llm)\b",
    re.IGNORECASE,
)
_PASS_ALL = re.compile(r"pass ?\^ ?([1-9][0-9]?)")
_WHOLE = ("solved", "passed", "success", "resolved", "pass")
"""Grades that say whether a try at an item succeeded, for pass^k."""

_AT_K = re.compile(r"(recall|mrr|ndcg|hit_rate|hit|success|precision)@([1-9][0-9]{0,3})")


@dataclass(frozen=True)
class Row:
    """One result row and where it stands."""

    path: str
    line: int
    data: Mapping[str, Any]

    def text(self, key: str) -> str:
        """A field as text, "" where it is missing."""
        found = self.data.get(key)
        if isinstance(found, float) and found.is_integer():
            found = int(found)
        return str(found) if isinstance(found, str | int) else ""

    @cached_property
    def id(self) -> str:
        return next((self.text(k) for k in ID_KEYS if self.text(k)), "")

    @cached_property
    def system(self) -> str:
        named = next((self.text(k) for k in SYSTEM_KEYS if self.text(k)), "")
        return named or PurePosixPath(self.path).stem

    @cached_property
    def graded(self) -> dict[str, float | None]:
        """What `grade` has found so far, since each claim asks again."""
        return {}


def result_files(view: RepoView) -> tuple[str, ...]:
    """Files that hold rows of results, by the manifest's `[paths]` or by their place.

    Those of an earlier setting are none: no number of today rests on them.
    """
    return view.once(_result_files)


def is_earlier(path: str) -> bool:
    """Whether rows are of a setting that was left behind, as `eval` keeps them in `before/`."""
    return _EARLIER.search(path) is not None


def kept_after(baseline: str) -> str:
    """Where `eval` keeps the rows from after a change, by the file of those from before.

    "" where that file is not of an earlier setting.
    """
    path = PurePosixPath(baseline)
    return str(path.parent / "after" / path.name) if is_earlier(baseline) else ""


def rows(view: RepoView, path: str) -> tuple[Row, ...]:
    """The rows of a .jsonl, .json or .csv file; () where it is not there or holds none."""
    return view.once_for(_rows_of, path)


def of_text(path: str, text: str) -> tuple[Row, ...]:
    """The rows of a text in JSONL, as another version of the file at `path` holds them."""
    listed = islice(_json_lines(text[:MAX_BYTES]), MAX_ROWS)
    return tuple(Row(path, line, item) for line, item in listed if isinstance(item, dict))


def model_of(row: Row) -> str:
    """The model that a row names; "" where it has none, or says so ("none (baseline)")."""
    named = row.text("model")[:200]
    return "" if _NO_MODEL.search(named) else named


def grade(row: Row, metric: str) -> float | None:
    """The value of a metric in a row: from the ranks of its labels where it holds them."""
    if metric not in row.graded:
        ranked = from_ranks(row, metric)
        row.graded[metric] = _stated(row, metric) if ranked is None else ranked
    return row.graded[metric]


def grades(row: Row) -> Iterator[str]:
    """The names of the metrics that a row holds."""
    for key in VALUE_KEYS:
        found = row.data.get(key)
        if isinstance(found, dict):
            yield from (str(k) for k, v in found.items() if number(v) is not None)
            return
    yield from (k for k, v in row.data.items() if k not in _NOT_GRADED and number(v) is not None)


def from_ranks(row: Row, metric: str) -> float | None:
    """recall, hit rate, MRR or nDCG at k from `label_ranks` (1-based rank or null a label).

    Manning et al. (2008) ch. 8; Voorhees, TREC-8 (1999); Järvelin and Kekäläinen (2002), binary.
    """
    asked, ranks = _AT_K.fullmatch(metric.lower()), row.data.get("label_ranks")
    if not asked or not isinstance(ranks, list) or not ranks or len(ranks) > 1000:
        return None
    k = int(asked[2])
    found = [r for r in ranks if type(r) is int and 1 <= r <= k]
    match asked[1]:
        case "recall":
            return len(found) / len(ranks)
        case "mrr":
            return 1 / min(found) if found else 0.0
        case "ndcg":
            ideal = math.fsum(1 / math.log2(1 + r) for r in range(1, min(len(ranks), k) + 1))
            return min(1.0, math.fsum(1 / math.log2(1 + r) for r in found) / ideal)
        case "precision":
            return None
        case _:
            return float(bool(found))


def inconsistent(view: RepoView, path: str) -> Row | None:
    """The first row whose stated grade is not what its own ranks give."""
    for row in rows(view, path):
        for metric in grades(row):
            ranked, stated = from_ranks(row, metric), _stated(row, metric)
            if ranked is not None and stated is not None and abs(ranked - stated) > 1e-4:
                return row
    return None


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A metric's name in letters and digits, so that `nDCG@10` and `ndcg_10` are one."""
    return "".join(c for c in name.lower() if c.isalnum())


def pairs(
    first: Iterable[Row], second: Iterable[Row], metric: str
) -> list[tuple[Row, Row, float, float]]:
    """Rows of the same item and split in both, with their grades; trials count once an item."""
    other = {(r.id, r.text("split")): (r, v) for r, v in by_item(second, metric) if r.id}
    found = []
    for row, value in by_item(first, metric):
        match = other.get((row.id, row.text("split")))
        if match is not None:
            found.append((row, match[0], value, match[1]))
    return found


def by_item(
    listed: Iterable[Row], metric: str, value_of: Callable[[Row, str], float | None] | None = None
) -> list[tuple[Row, float]]:
    """The rows that have a grade, with it; the trials of an item are one, with what they say.

    That is their mean, or pass^k: the chance that k tries all succeed, C(c, k) / C(n, k) where c of
    n did (Yao et al., arXiv 2406.12045). An item with fewer than k trials has none.
    """
    asked = _PASS_ALL.fullmatch(metric.strip().lower())
    names = _WHOLE if asked else (metric,)
    grouped: dict[tuple[str, ...], list[tuple[Row, float]]] = {}
    for row in listed:
        found = ((value_of or grade)(row, name) for name in names)
        value = next((v for v in found if v is not None), None)
        if value is not None:
            trial = row.id and row.text("trial")
            item = (row.system, row.id, row.text("split")) if trial else (row.path, str(row.line))
            grouped.setdefault(item, []).append((row, value))
    joined = ((some[0][0], _together([v for _, v in some], asked)) for some in grouped.values())
    return [(row, value) for row, value in joined if value is not None]


def _together(values: list[float], asked: re.Match[str] | None) -> float | None:
    if asked is None:
        return math.fsum(values) / len(values)
    k, n = int(asked[1]), len(values)
    return math.comb(sum(v >= 1 for v in values), k) / math.comb(n, k) if k <= n else None


def _rows_of(view: RepoView, path: str) -> tuple[Row, ...]:
    return tuple(_rows(view, path)) if view.has(path) else ()


def _rows(view: RepoView, path: str) -> Iterator[Row]:
    text = view.raw(path, MAX_BYTES).decode("utf-8", "replace")
    if path.endswith((".jsonl", ".ndjson")):
        listed: Iterable[tuple[int, object]] = _json_lines(text)
    elif path.endswith(".json"):
        listed = ((1, item) for item in _json_items(text))
    elif path.endswith((".csv", ".tsv")):
        listed = _csv_items(text, "\t" if path.endswith(".tsv") else ",")
    else:
        return
    for count, (line, item) in enumerate(listed):
        if count >= MAX_ROWS:
            view.skip(path, f"only its first {MAX_ROWS:,} rows were read")
            return
        if isinstance(item, dict):
            yield Row(path, line, item)


def _json_lines(text: str) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        read = read_json(line) if line.strip() else None
        if isinstance(read, Parsed):
            yield number, read.value


def _json_items(text: str) -> list[object]:
    read = read_json(text)
    value = read.value if isinstance(read, Parsed) else None
    if isinstance(value, dict):
        listed = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        value = max(listed, key=len, default=[])
    return value if isinstance(value, list) else []


def _csv_items(text: str, delimiter: str) -> Iterator[tuple[int, object]]:
    reader = csv.DictReader(text.splitlines(), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, {k: _cell(v) for k, v in row.items() if isinstance(k, str)}
    except csv.Error:
        return


def _cell(value: object) -> object:
    try:
        return float(str(value)) if len(str(value)) < 40 else value
    except ValueError:
        return value


def number(value: object) -> float | None:
    if not isinstance(value, int | float) or abs(value) > 1e15 or value != value:
        return None
    return float(value)


def _stated(row: Row, metric: str) -> float | None:
    wanted = plain(metric)
    for source in (*(row.data.get(k) for k in VALUE_KEYS), row.data):
        if isinstance(source, dict):
            for key, value in source.items():
                if plain(str(key)) == wanted:
                    return number(value)
    return None


def _result_files(view: RepoView) -> tuple[str, ...]:
    place = manifest_paths(view).get("results", "")
    ends = (".jsonl", ".json", ".csv", ".ndjson", ".tsv")
    files = [f for f in view.files if f.endswith(ends) and not is_earlier(f)]
    named = [f for f in files if place and below(f, place)]
    if named:
        return tuple(named[:MAX_FILES])
    golden = manifest_paths(view).get("golden", "")
    found = [f for f in files if _RESULTS.search(f) and f != golden]
    return tuple(f for f in found if "node_modules" not in f and "/fixtures/" not in f)[:MAX_FILES]
