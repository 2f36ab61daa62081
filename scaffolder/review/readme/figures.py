"""Measured numbers: where a document shows them, and what they could come from.

Invariant: a number counts only beside the name of a quality or speed that can be measured;
versions, dates, prices, settings, thresholds and tables of parameters are no results.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from scaffolder.review.parse import Parsed
from scaffolder.review.readme.markdown import Document, Table
from scaffolder.review.view import RepoView


@dataclass(frozen=True, slots=True)
class Figure:
    """A line with measured numbers: `values` as written, `metrics` as one knows them in code."""

    line: int
    values: tuple[str, ...]
    metrics: tuple[str, ...]
    template: bool = False
    """True below a heading that says it is the template's run and not the author's."""


MAX_LINES = 2000
"""Lines of running text, and rows of a table, that are read for numbers."""

METRIC = re.compile(
    r"\b(?=[^\W\d_])(?:accura(?:cy|te)\b|precision\b|recall\b|f1\b|mrr\b|ndcg\b|map@?\d*\b"
    r"|hit[ _-]?(?:rate|ratio)?(?:@\d+|\b)"
    r"|bleu\b|rouge\b|bertscore\b|faithful\w*|relevan(?:t|ce|cy)\b|grounded\w*"
    r"|correct(?:ness)?\b|pass(?:@\w+|\^\w+|ed|ing)?\b"
    r"|(?:success|win|solve|error|failure|resolution|completion|refusal|abstention|parse) rate\b"
    r"|exact match\b|em\b|auc\b|roc\b|wer\b"
    r"|perplexity\b|latency\b|p50\b|p9[059]\b|ttft\b|score[sd]?\b|hallucinat\w+"
    r"|agreement\b|kappa\b|mmlu\b|gpqa\b|humaneval\b"
    r"|mgsm\b|simpleqa\b|swe-?bench\b|benchmark\b|resolved\b|rmse\b|mae\b"
    r"|cost per\b|similarity\b|solved\b|abstention\b|citation\b|exactitud\b|precisi[oó]n\b"
    r"|acur[aá]cia\b|genauigkeit\b|trefferquote\b|précision\b|rappel\b)"
    r"|准确率|召回率|精确率|命中率|正确率|精度",
    re.I,
)
_NUMBER = re.compile(
    r"(?<![\w.@/#:-])(?:\d{1,3}(?:\.\d+)?\s?%|[01]?\.\d{2,6}|[01]\.\d"
    r"|\d{1,3}\s?/\s?\d{1,4}(?![\d/])|\d+(?:\.\d+)?\s?(?:ms|s|sec|seconds|x)\b)(?![\w/-])"
)
_CELL = re.compile(
    r"^[~≈+<>\u2212-]?\s*\$?(?:\d{1,3}(?:\.\d+)?\s?%?|[01]?\.\d+|\d{1,4}\s?/\s?\d{1,4}"
    r"|\d+(?:\.\d+)?\s?(?:ms|s))\b"
)
_NOT_MEASURED = re.compile(
    r"\b(?=\w)(?:thresholds?\b|targets?\b|goals?\b|at least\b|defaults?\b|parameters?\b|set to\b"
    r"|for example\b|e\.g\.|such as\b|should\b|discounts?\b"
    r"|will\b|expect\w*|up to\b|if (?:the|a)\b|temperature\b|python \d|version\b"
    r"|paper (?:reports?|shows?)\b|we aim\b|range\b|between 0\b"
    r"|weights?\b|0\s?(?:-|\u2013|to)\s?1\b|cut-?off\b|scale\b|confidence >|umbral\b"
    r")|阈值",
    re.I,
)
_SETTINGS = re.compile(
    r"parameter|default|variable|setting|option|config|\bport\b|\bprice|pricing|version|\burl\b"
    r"|command|weight|threshold|target|goal|criteri|points?\b",
    re.I,
)
_TEMPLATE = re.compile(
    r"template (?:reference )?run|not my result|sample (?:results?|output)|example (?:results?"
    r"|output)|placeholder",
    re.I,
)
_RESULTS = re.compile(
    r"(?:^|[/_.-])(?:evals?|evaluations?|results?|benchmarks?|metrics?|reports?|experiments?|runs"
    r"|scores?|ground[_-]?truth|golden|qrels?|leaderboard|ablations?)(?=[/_.-]|\d|$)",
    re.I,
)
_ROWS = (
    ".json",
    ".jsonl",
    ".csv",
    ".tsv",
    ".parquet",
    ".log",
    ".txt",
    ".xlsx",
    ".html",
    ".db",
    ".out",
)
_CODE = (
    ".py",
    ".ipynb",
    ".ts",
    ".js",
    ".mjs",
    ".java",
    ".go",
    ".rs",
    ".sh",
    ".r",
    ".scala",
    ".kt",
    ".cs",
)
_SKIP = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|site-packages|[\w.]+-\d+\.\d+(?:\.\d+)?)/|(?:lock"
    r"|package)\.json$|(?:^|/)tests?/|\.lock$",
    re.I,
)
_KEPT_WITH_TESTS = re.compile(
    r"^tests?/(?:[\w.-]*results?/[\w. -]+|(?!test_)[\w-]*evaluat[\w-]*\.py)$", re.I
)
"""Results and the evaluation itself, which some keep in the folder of the tests."""
_EVALUATES = re.compile(
    r"\b(?:def|function|const|public|static)\s[^\n]{0,60}?(?:eval|score|metric|mrr|ndcg|recall"
    r"|precision|accuracy|judge|bench|hit)",
    re.I,
)
_OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]+")
"""A line that tells of an option gives values to set and none that were measured."""
_DIARY = re.compile(
    r"progress|todo|changelog|release[_-]?notes|(?:^|/)plans?\b|roadmap|tutorial", re.I
)
"""Documents that tell what was done or is to be done: their numbers count tasks."""
_WORDS = re.compile(r"[a-z0-9]+")


def shown(document: Document) -> list[Figure]:
    """The measured numbers of a document, in tables and in sentences."""
    sample = [s for s in document.sections(_TEMPLATE)]
    found = [*_in_tables(document), *_in_prose(document)]
    return [
        Figure(f.line, f.values, f.metrics, any(s.start <= f.line < s.end for s in sample))
        for f in sorted(found, key=lambda f: f.line)
    ]


def template_heading(document: Document) -> int | None:
    """The line of the first heading that says its numbers are the template's."""
    return next((s.heading.line for s in document.sections(_TEMPLATE)), None)


def is_of_settings(text: str, bare: bool = False) -> bool:
    """Whether a header, or the first cell of a row, speaks of settings and of no result.

    With `bare` a text that names no metric is taken for a setting's.
    """
    if _SETTINGS.search(text):
        return bare or not METRIC.search(text)
    return bare and not METRIC.search(text)


def numbers(text: str) -> list[str]:
    """The numbers of a line that could have been measured."""
    return [m[0].strip() for m in _NUMBER.finditer(text)]


def share(written: str) -> float | None:
    """The value of a written number, a percentage as a share; None where it is none."""
    digits = re.match(r"[~≈<>+\u2212-]?\s*(\d*\.?\d+)\s*(%|/\s*(\d+))?", written.strip())
    if not digits:
        return None
    value = float(digits[1])
    if digits[3]:
        return value / float(digits[3]) if float(digits[3]) else None
    return value / 100 if digits[2] else value


def rows(view: RepoView) -> list[str]:
    """Files that look like results: rows, logs, reports, labelled sets."""
    return view.once(_rows)


def behind(view: RepoView, metrics: Iterable[str]) -> list[str]:
    """Results and evaluation code that speak of one of the metrics, most telling first."""
    wanted = {_known(m) for m in metrics}
    return [path for path, said in view.once(_spoken) if any(w in said for w in wanted)]


def elsewhere(view: RepoView, readme: str | None) -> Iterator[tuple[str, Figure]]:
    """Measured numbers in other documents of the repository."""
    from scaffolder.review.readme.frontpage import page

    paths = [
        p
        for p in view.find("*.md", "*.rst")
        if p != readme and not (_SKIP.search(p) or _DIARY.search(p))
    ]
    telling = sorted(paths, key=lambda p: (not _RESULTS.search(p), p.count("/"), p))
    for path in telling[:40]:
        if _is_document(path):
            document = page(view, path).document
            yield from ((path, f) for f in shown(document) if not f.template)


def _is_document(path: str) -> bool:
    first = path.partition("/")[0].lower()
    return (
        "/" not in path
        or first in {"docs", "doc", "reports", "report"}
        or bool(_RESULTS.search(path))
    )


def _in_tables(document: Document) -> Iterator[Figure]:
    for table in document.tables[:200]:
        head = " ".join(table.header)
        above = document.shown[max(0, table.line - 8) : table.line - 1]
        titled = METRIC.search(head) or "result" in head.lower()
        if _SETTINGS.search(head) and not titled:
            continue
        yield from _rows_of(table, head, " ".join(above) if titled else "")


def _rows_of(table: Table, head: str, above: str) -> Iterator[Figure]:
    """A row is measured where its header or its first cell names a metric."""
    for line, cells in table.rows[:MAX_LINES]:
        values = [c for c in cells[1:] if _CELL.match(c)]
        named = METRIC.findall(f"{head} {cells[0] if cells else ''}")
        if values and not _SETTINGS.search(cells[0] if not METRIC.search(head) else ""):
            named = named or (METRIC.findall(above) if "result" in head.lower() else [])
            if named:
                yield Figure(line, tuple(values[:8]), tuple(dict.fromkeys(named)))


def _in_prose(document: Document) -> Iterator[Figure]:
    for line, text in islice(document.prose(), MAX_LINES):
        if not METRIC.search(text) or _NOT_MEASURED.search(text) or "=" in text.replace("n =", ""):
            continue
        if _OPTION.search(text):
            continue
        near = [m for m in METRIC.finditer(text)]
        values = [v for v in _NUMBER.finditer(text) if any(_close(v, m) for m in near)]
        if values:
            said = tuple(dict.fromkeys(m[0] for m in near))
            yield Figure(line, tuple(v[0].strip() for v in values), said)


def _close(value: re.Match[str], metric: re.Match[str]) -> bool:
    return -80 <= value.start() - metric.end() <= 80 or 0 <= metric.start() - value.end() <= 60


def _rows(view: RepoView) -> list[str]:
    return [
        p for p in view.files if p.lower().endswith(_ROWS) and _RESULTS.search(p) and not _aside(p)
    ][:200]


def _aside(path: str) -> bool:
    return bool(_SKIP.search(path)) and not _KEPT_WITH_TESTS.search(path)


def _spoken(view: RepoView) -> list[tuple[str, str]]:
    """Each file behind results with its path and the beginning of its text, for look-up."""
    code = [p for p in view.files if p.lower().endswith(_CODE) and not _aside(p)]
    named = [p for p in code if _RESULTS.search(p) or "eval" in p.lower() or "judge" in p.lower()]
    counting = [
        p for p in code if p not in set(named) and _EVALUATES.search(_source(view, p)[:200_000])
    ]
    chosen = [*rows(view)[:60], *named[:60], *counting[:60]]
    chosen = [p for p in chosen if not p.endswith("__init__.py")]
    return [(p, _known(p + " " + _source(view, p)[:100_000])) for p in chosen]


def _source(view: RepoView, path: str) -> str:
    """The text of a file, of a notebook what its author wrote: outputs may be megabytes."""
    read = view.notebook(path) if path.lower().endswith(".ipynb") else None
    if isinstance(read, Parsed):
        return "\n".join(cell.source for cell in read.value)
    return view.text(path)


def _known(text: str) -> str:
    """Letters and digits only, so that `SWE-bench`, `swe_bench` and `swebench` are one."""
    return "".join(_WORDS.findall(text.lower().replace("@", " ")))


def is_results(path: str) -> bool:
    """Whether a path is that of a result, a row file or a trace."""
    return bool(_RESULTS.search(path)) or bool(re.search(r"(?:^|/)(?:traces?|var|logs?)/", path))


def name(path: str) -> str:
    """The last part of a path."""
    return PurePosixPath(path).name
