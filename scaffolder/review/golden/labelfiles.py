"""Which files hold labelled questions, and their rows, in any of the usual forms.

Invariant: a file is opened only where its name or its beginning speaks of questions; every read is
bounded, and what a program wrote about its own answers is no label.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator

from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.golden import fields
from scaffolder.review.parse import Parsed, read_json
from scaffolder.review.view import RepoView

MAX_BYTES = 8 * 1024 * 1024
MAX_ROWS = 20_000
MAX_FILES = 40
"""Files of labelled questions, rows and bytes of each, that are read."""

_ENDS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".yaml", ".yml")
_NAMED = re.compile(
    r"gold|ground.?tru|question|quer(?:y|ies)|(?:^|[/_-])qa|label|eval|test.?set|test.?case|qrels"
    r"|benchmark|retriev|holdout",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:^|/)(?:node_modules|vendor|fixtures?|before|archive|site-packages|\.github)/"
    r"|package(?:-lock)?\.json$|tsconfig|docker-compose|(?:^|/)\.",
    re.IGNORECASE,
)
_AMONG_TESTS = re.compile(r"gold|eval|ground.?tru", re.IGNORECASE)
_ASKS = re.compile(
    r"[\"']?(?:question|query|q|user_input|user_question|question_text|query_text|pregunta|frage"
    r"|pergunta|问题|input)[\"']?\s*[:,;\t\r\n]",
    re.IGNORECASE,
)
_RAN = {"ranked", "retrieved", "retrieved_ids", "retrieved_docs", "retrieved_contexts", "results"}
_RAN |= {"label_ranks", "grades", "system", "latency_ms", "prompt_tokens", "completion_tokens"}
_RAN |= {"total_tokens", "answer_llm", "verdict", "response_time", "generated_answer", "hit"}
_RAN |= {"retrieved_chunks", "retrieved_sources", "faithfulness", "model_answer", "prediction"}
_RAN |= {"relevance", "report", "explanation"}
_HEAD = 8192
_NEAR = 300
"""Lines of a document in which the next of its questions is looked for."""

_MISSED = 50
"""Questions that are found in no line before it is no longer tried."""


def paths(view: RepoView) -> tuple[str, ...]:
    """Files of labelled questions: what the manifest names, else those that read like some."""
    return view.once(_paths)


def rows(view: RepoView, path: str, of_runs: bool = False) -> Iterator[tuple[int, fields.Fields]]:
    """The rows of a file with their 1-based lines: those that ask, or those that record a run."""
    for line, row in view.once_for(_rows, path):
        if of_runs == bool(_RAN & {key.lower() for key in row}):
            yield line, row


def _paths(view: RepoView) -> tuple[str, ...]:
    files = [f for f in view.files if f.lower().endswith(_ENDS)]
    place = manifest_paths(view).get("golden", "")
    named = [f for f in files if below(f, place)]
    if named:
        return tuple(named[:MAX_FILES])
    likely = (f for f in files if _NAMED.search(f) and not _NOT.search(f) and not _in_tests(f))
    return tuple(f for f in likely if _asks(view, f))[:MAX_FILES]


def _in_tests(path: str) -> bool:
    """Whether a file is the data of a unit test; some keep their golden set among the tests."""
    tests = path.startswith(("tests/", "test/")) or "/tests/" in path
    return tests and not _AMONG_TESTS.search(path)


def _asks(view: RepoView, path: str) -> bool:
    """Whether the beginning of a file has a field that asks something."""
    if not 0 < view.size(path) <= MAX_BYTES:
        return False
    head = view.raw(path, _HEAD).decode("utf-8", "replace")
    if path.lower().endswith((".csv", ".tsv")):
        head = head.partition("\n")[0] + "\n"
    return _ASKS.search(head) is not None


def _rows(view: RepoView, path: str) -> tuple[tuple[int, fields.Fields], ...]:
    found: list[tuple[int, fields.Fields]] = []
    for line, item in _items(view, path):
        if len(found) >= MAX_ROWS:
            view.skip(path, f"only its first {MAX_ROWS:,} questions were read")
            break
        if isinstance(item, dict):
            found.append((line, {str(k): v for k, v in item.items()}))
    return tuple(found)


def _items(view: RepoView, path: str) -> Iterable[tuple[int, object]]:
    name = path.lower()
    if name.endswith((".yaml", ".yml")):
        read = view.yaml(path)
        return _placed(view, path, _longest(read.value if isinstance(read, Parsed) else None))
    text = view.raw(path, MAX_BYTES).decode("utf-8-sig", "replace")
    if name.endswith((".jsonl", ".ndjson")):
        return _json_lines(text)
    if name.endswith(".json"):
        read = view.json(path)
        return _placed(view, path, _longest(read.value if isinstance(read, Parsed) else None))
    return _cells(text)


def _json_lines(text: str) -> Iterator[tuple[int, object]]:
    for number, line in enumerate(text.split("\n"), 1):
        read = read_json(line) if line.strip() else None
        if isinstance(read, Parsed):
            yield number, read.value


def _longest(value: object) -> list[object]:
    """The list of objects of a document: itself, or its longest one a level below."""
    if isinstance(value, dict):
        inner = [v for v in value.values() if isinstance(v, dict)]
        deeper = [w for v in (value, *inner) for w in v.values() if isinstance(w, list)]
        value = max((w for w in deeper if w and isinstance(w[0], dict)), key=len, default=[])
    return value if isinstance(value, list) else []


def _placed(view: RepoView, path: str, items: list[object]) -> Iterator[tuple[int, object]]:
    """Each item with the line that its question stands in: one pass, as both are in order."""
    lines, at, missed = view.lines(path), 0, 0
    for item in items:
        asked = fields.question(item) if isinstance(item, dict) else ""
        forms = {f[:60] for f in (asked, json.dumps(asked)[1:-1]) if f}
        near = range(at, min(at + _NEAR, len(lines))) if missed < _MISSED else range(0)
        found = next((n for n in near if any(f in lines[n] for f in forms)), None)
        missed += found is None
        at = at if found is None else found
        yield at + 1, item


def _cells(text: str) -> Iterator[tuple[int, object]]:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(text.splitlines(), delimiter=delimiter)
    try:
        for row in reader:
            yield reader.line_num, {k: v for k, v in row.items() if isinstance(k, str)}
    except csv.Error:
        return
