"""The grades that answers were given: in rows, in the outputs of a notebook, in documents.

Invariant: hit rate, MRR and their kind grade the search and are none of an answer, nor is a
threshold, a target or a setting. Of a long file only the beginning is read.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from scaffolder.review import parse
from scaffolder.review.answering.grading import JUDGE_NAME, JUDGE_WORDS, graders
from scaffolder.review.answering.wordings import LONGEST
from scaffolder.review.model import Evidence, quote
from scaffolder.review.models.codewords import SHOWN
from scaffolder.review.parse import Parsed
from scaffolder.review.parsing.notebooks import Cell
from scaffolder.review.readme import frontpage
from scaffolder.review.readme.markdown import Document, Table
from scaffolder.review.results import resultrows
from scaffolder.review.view import RepoView

_GRADE = re.compile(
    r"\b(?:NON[_ -]?RELEVANT|PARTLY|RELEVANT\b|relevan(?:t|ce|cy)\b|faithful\w{0,4}|grounded\w{0,4}"
    r"|correct(?:ness)?\b|hallucinat\w{1,6}|judge\w{0,3}|cosine|answer[ _](?:quality|accuracy"
    r"|similarity|correct\w{0,4}|relevan\w{1,3})|helpful\w{0,4}|completeness|good\b|bad\b"
    r"|fact_accuracy|overall\b|grounding\b|pass rate|score\b|accuracy\b"
    r"|win rate)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d{1,3}(?:\.\d{1,8})?\s?%|[01]?\.\d{1,17}|\b[1-5]\.\d{1,17}|\d{1,4}\s?/\s?\d{1,4}\b"
)
_CELL = re.compile(r"\d\.\d|\d\s?%|\d\s?/\s?\d|\b\d{1,4}\b")
_AFTER = 80
_BEFORE = 40
"""Characters between the name of a grade and its number."""

_SEARCH = re.compile(
    r"hit[ _-]?rate|\bmrr\b|ndcg|recall|precision@|retriev|search|rerank|boost", re.IGNORECASE
)
_NO_RESULT = re.compile(
    r"thresholds?\b|target|goal|at least|should|weights?\b|points?\b|criteria|e\.g\.|example"
    r"|confidence >|if (?:the|a)\b|temperature|minimum|<https?:|\bport\b"
    r"|0\s?(?:-|\u2013|to)\s?[15]\b",
    re.IGNORECASE,
)
_JUDGED = re.compile(
    r"judge|evaluat|(?:llm|rag|human) eval|(?:answer|generation|response) (?:quality|eval)|llm-as"
    r"|(?:prompt|model) compar|benchmark result|cosine|faithful|ragas|hallucination|simpleqa",
    re.IGNORECASE,
)
"""What stands above numbers of answers."""

_ABOVE = 12
_MAX_TABLES = 60
_MAX_ROWS = 40

_COUNTED = re.compile(
    r"\b(?:NON_RELEVANT|PARTLY_RELEVANT|RELEVANT|good|bad|correct|incorrect|CORRECT|INCORRECT"
    r"|PARTLY_CORRECT|True|False)[\"']?[:,)]?\s{1,20}[\"']?(?:\d{1,5}|[01]\.\d{1,8})\b"
)
_SCORED = re.compile(
    r"[\"']?(?:faithfulness|answer_relevanc[ey]|answer_correctness|answer_similarity|groundedness"
    r"|relevance|correctness|score|accuracy|coverage)[\"']?\s{0,8}[:=]?\s{0,8}\d?\.\d",
    re.IGNORECASE,
)
_MEAN = re.compile(r"mean\s{1,40}\d")
_OUTPUT = 6000
_OUTPUT_LINE = 300

_ROW_ANSWER = re.compile(
    r"^(?:(?:llm|rag|model|generated|predicted|ai|final|actual|system|bot)_?)?"
    r"(?:answers?|response|output|completion)(?:_?(?:llm|generated|text|gen|1|2))?$"
    r"|^explanation$|^reasoning$",
    re.IGNORECASE,
)
_ROW_GRADE = re.compile(
    r"relevance$|relevancy$|faithfulness|groundedness|grounding|correctness|^correct$"
    r"|^is_correct$|^judge\w{0,30}|verdict|fact_accuracy|hallucinat\w{0,10}|human_\w{1,20}|^good$"
    r"|answer_quality|^overall\w{0,10}|^answer_(?:token_)?f1$|answer_exact_match",
    re.IGNORECASE,
)
_ROW_SCORE = re.compile(
    r"^score$|^rating$|^label$|^grade$|^cosine\w{0,20}|_?similarity$", re.IGNORECASE
)
"""Grades where an answer stands beside them; a question with one of them may grade the search."""

_ROW_FILE = re.compile(
    r"eval|result|judge|score|answer|ragas|metric|verdict|run|benchmark|report|audit|cosine|log",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"(?:^|/)(?:node_modules|fixtures|\.triage|\.vscode|grafana|dashboards?)/|package|tsconfig"
    r"|lock\.json$|ground[_-]?truth[^/]{0,80}$",
    re.IGNORECASE,
)
_SUMMARY = re.compile(
    r"\"\w{0,30}(?:relevance|relevant|faithful|grounded|grounding|correct|judge|hallucination"
    r"|answer_|accuracy)\w{0,20}\"\s?:\s?[\d.]",
    re.IGNORECASE,
)
_ROW_ENDS = (".csv", ".json", ".jsonl", ".tsv", ".ndjson")
_MAX_FILES = 40
_HEAD = 64 * 1024
_WHOLE = 2 * 1024 * 1024
_FIRST = 10
"""Files of rows that are looked at, bytes of each and of a JSON file read whole, and rows."""

_DOCUMENT = re.compile(r"eval|result|judge|benchmark|model_?card", re.IGNORECASE)
_NO_DOCUMENT = re.compile(
    r"node_modules|(?:^|/)(?:data|corpus|dataset\S{0,20}|\.claude|prompts?)/|plan|criteria",
    re.IGNORECASE,
)
_MAX_DOCUMENTS = 8
_LONG_DOCUMENT = 200_000


def numbers(view: RepoView) -> list[Evidence]:
    """Grades of answers, those in rows first."""
    return view.once(_numbers)


def graded_rows(view: RepoView) -> list[Evidence]:
    """The first row of each file whose rows hold a grade beside an answer."""
    return view.once(_graded_rows)


def _numbers(view: RepoView) -> list[Evidence]:
    return [
        *graded_rows(view),
        *_summaries(view),
        *_in_notebooks(view),
        *_in_documents(view),
    ][:SHOWN]


def _graded_rows(view: RepoView) -> list[Evidence]:
    found = (next(_graded(view, path), None) for path in _row_files(view))
    return [e for e in found if e]


def _graded(view: RepoView, path: str) -> Iterator[Evidence]:
    for line, data in islice(_first_rows(view, path), _FIRST):
        if _is_graded(data):
            yield view.quote(path, line)


def _row_files(view: RepoView) -> list[str]:
    ends = (p for p in view.files if p.lower().endswith(_ROW_ENDS))
    return [p for p in ends if _ROW_FILE.search(p) and not _ASIDE.search(p)][:_MAX_FILES]


def _first_rows(view: RepoView, path: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    low = path.lower()
    if low.endswith(".json"):
        whole = resultrows.rows(view, path) if view.size(path) < _WHOLE else ()
        yield from ((row.line, row.data) for row in whole)
        return
    lines = view.raw(path, _HEAD).decode("utf-8", "replace").splitlines()
    if low.endswith((".csv", ".tsv")):
        yield from _table_rows(lines, "\t" if low.endswith(".tsv") else ",")
        return
    for number, line in enumerate(lines[:_FIRST], 1):
        row = parse.row(line)
        if row is not None:
            yield number, row


def _table_rows(lines: Sequence[str], mark: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(lines, delimiter=mark)
    try:
        for row in reader:
            yield reader.line_num, {k: v for k, v in row.items() if isinstance(k, str)}
    except csv.Error:
        return


def _is_graded(data: Mapping[str, Any]) -> bool:
    flat = {**data, **{k: v for d in data.values() if isinstance(d, dict) for k, v in d.items()}}
    keys = [k for k in islice(flat, 60) if isinstance(k, str) and len(k) < 60]
    held = [k for k in keys if flat[k] not in ("", None, [], {})]
    answered = any(_ROW_ANSWER.search(k) for k in keys)
    if any(_ROW_GRADE.search(k) for k in held):
        return answered or "question" in keys
    return answered and any(_ROW_SCORE.search(k) for k in held)


def _summaries(view: RepoView) -> Iterator[Evidence]:
    """JSON files that sum grades up without a row for each answer."""
    for path in _row_files(view):
        if path.lower().endswith(".json") and view.size(path) < _WHOLE:
            hits = islice(view.search(_SUMMARY, [path]), 3)
            yield from (e for e in hits if not _SEARCH.search(e.text))


def _in_notebooks(view: RepoView) -> Iterator[Evidence]:
    graded = {e.path for e in graders(view)}
    for file in view.code:
        if file.notebook and file.path in graded:
            read = view.notebook(file.path)
            cells: list[Cell] = read.value if isinstance(read, Parsed) else []
            yield from islice(_in_outputs(file.path, cells), 1)


def _in_outputs(path: str, cells: Iterable[Cell]) -> Iterator[Evidence]:
    judged = False
    for cell in cells:
        told = cell.source[:LONGEST]
        judged = judged or bool(JUDGE_WORDS.search(told) or JUDGE_NAME.search(told))
        for output in cell.outputs:
            for line in (row[:_OUTPUT_LINE] for row in output[:_OUTPUT].split("\n")):
                if _is_output(line, cell.source, judged):
                    yield quote(path, cell.line, line)


def _is_output(line: str, source: str, judged: bool) -> bool:
    if _SEARCH.search(line):
        return False
    if _COUNTED.search(line) and ("RELEVANT" in line or "count" in source or judged):
        return True
    if "cosine" in source and _MEAN.match(line):
        return True
    return bool(judged and _SCORED.search(line))


def _in_documents(view: RepoView) -> Iterator[Evidence]:
    for path in _documents(view):
        document = frontpage.page(view, path).document
        lines = (*islice(_in_prose(document), 1), *islice(_in_tables(document), 1))
        yield from (view.quote(path, line) for line in lines)


def _documents(view: RepoView) -> list[str]:
    others = (p for p in view.find("*.md") if p != view.readme and _DOCUMENT.search(p))
    small = (p for p in others if view.size(p) < _LONG_DOCUMENT and not _NO_DOCUMENT.search(p))
    return [*([view.readme] if view.readme else []), *islice(small, _MAX_DOCUMENTS)]


def _in_prose(document: Document) -> Iterator[int]:
    for number, text in document.prose():
        said = text[:LONGEST]
        if not _is_near(said) or _SEARCH.search(said) or _NO_RESULT.search(said):
            continue
        if _JUDGED.search(_above(document, number)):
            yield number


def _in_tables(document: Document) -> Iterator[int]:
    for table in document.tables[:_MAX_TABLES]:
        head = " ".join(table.header)[:400]
        if _GRADE.search(head) or _JUDGED.search(_above(document, table.line)):
            yield from _graded_lines(table, head)


def _graded_lines(table: Table, head: str) -> Iterator[int]:
    if _SEARCH.search(head) and not _GRADE.search(head):
        return
    for number, cells in table.rows[:_MAX_ROWS]:
        written = " | ".join(cells)[:600]
        named = _GRADE.search(head) or _GRADE.search(written)
        if named and _CELL.search(written.partition("|")[2]) and not _SEARCH.search(written):
            yield number


def _above(document: Document, number: int) -> str:
    return " ".join(document.shown[max(0, number - _ABOVE) : number])[:LONGEST]


def _is_near(text: str) -> bool:
    values = [m.span() for m in islice(_NUMBER.finditer(text), 20)]
    names = [m.span() for m in islice(_GRADE.finditer(text), 20)] if values else []
    return any(
        0 <= start - named_end <= _AFTER or 0 <= named_start - end <= _BEFORE
        for start, end in values
        for named_start, named_end in names
    )
