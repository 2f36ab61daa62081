"""Measures of retrieval: the code that computes them, and the numbers that came out.

Invariant: a hit rate of a cache and the recall of a classifier are none; a number counts only
beside the name of a measure and not where it is a target.
"""

import re
from collections.abc import Iterator
from itertools import islice

from scaffolder.review.golden.questions import questions
from scaffolder.review.model import Evidence, quote
from scaffolder.review.models.codewords import code_cells, identifiers, in_files, place
from scaffolder.review.python.ownpython import foreign
from scaffolder.review.python.pysource import PythonFile, Text
from scaffolder.review.retrieval.prose import matching
from scaffolder.review.retrieval.standing import telling
from scaffolder.review.view import MAX_LINE, RepoView, is_test

MAX_FILES = 80
"""Files of results that are looked into."""

MAX_LINES = 400
"""Lines of a result file that are looked at: its metrics stand in a header, a key or each row."""

_NAMES = re.compile(
    r"^_?(?!\w{0,40}cache|\w{0,20}reciprocal_ranks?_fus)(?:\w{1,20}_)?(?:hit_?rate|hit_?ratio|hits?_at|mrr|ndcg|n?dcg|recall_at|recall_k"
    r"|precision_at|precision_k|reciprocal_ranks?|mean_reciprocal_rank|average_precision_at|map_at"
    r"|context_recall|context_precision|retrieval_recall|source_recall|doc_recall|chunk_recall"
    r"|retrieval_(?:metrics|hit_rate))(?:_?(?:at_?)?k?\d{0,3})?(?:_\w{1,20})?$"
    r"|^(?:ContextRecall|ContextPrecision|LLMContext\w{1,30}|ContextualRecall\w{0,8}"
    r"|ContextualPrecision\w{0,8}|RetrieverEvaluator|RetrievalEvaluator|DocumentMRREvaluator"
    r"|DocumentRecallEvaluator|DocumentNDCGEvaluator|DocumentMAPEvaluator|pytrec_eval|ranx"
    r"|ir_measures|InformationRetrievalEvaluator|EvaluateRetrieval|trec_eval)$",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"^(?:\w{1,12}_)?(?:hit[_ -]?rate|hit|mrr|ndcg|recall|precision|hr)"
    r"(?:@|_at_|@k|_)?(?:\d{1,3}|k|\{\})?$",
    re.I,
)
_SURE = re.compile(r"mrr|ndcg|hit|@|_at_", re.IGNORECASE)
_FOUND = re.compile(r"^retrieved_(?:ids|docs|documents|chunks|sections|passages|sources)$")
_WANTED = re.compile(
    r"^(?:relevant|expected)_(?:ids|docs|documents|chunks|sections|passages|sources)$"
)
_SCRIPT = re.compile(
    r"\b(?:hitRate|recallAt\w{0,6}|precisionAt\w{0,6}|meanReciprocalRank|reciprocalRank|ndcg\w{0,6}"
    r"|contextRecall|hit_rate|mrr)\b"
)
_SHELL = re.compile(r"\btrec_eval\b|\branx\b|pytrec_eval")
_WORD = (
    r"(?<![A-Za-z])(?:hit[ _-]?(?:rate|ratio)|hit@\d{1,3}|hits?[ _]at|hr@\w{1,4}|mrr|n-?dcg"
    r"|recall ?@ ?\w{1,3}|recall_at|recall\b|precision ?@ ?\w{1,3}|precision_at"
    r"|mean reciprocal rank(?! fus)|reciprocal[_ ]rank(?![_ ]fus)"
    r"|context[_ ]recall|context[_ ]precision|retrieval (?:accuracy|recall|precision)"
    r"|命中率|召回率|top-?\d{1,2} (?:accuracy|hit|recall))"
)
_NUMBER = (
    r"(?:(?<![\d.])[01]?\.\d{1,18}|(?<![\d.])\d{1,3}(?:[.,]\d{1,4})? ?%"
    r"|\b1\.0\b|\b\d{1,3} ?/ ?\d{1,4}\b)"
)
_MEASURE = re.compile(_WORD, re.IGNORECASE)
_MEASURE_WORDS = (
    *("hit", "hr@", "mrr", "dcg", "recall", "precision", "reciprocal", "retrieval ", "top-"),
    *("命中率", "召回率"),
)
_VALUE = re.compile(_NUMBER)
_NEXT = 60
"""Characters after the name of a measure in which its value stands."""

_NAMED = 20
"""Measures of one line that are looked at."""

_STATED = re.compile(
    rf"{_WORD}[@\w.-]{{0,12}}[\"']?\s{{0,3}}[:=,;\t|]\s{{0,3}}[\"']?-?(?:\d\.\d|[01]\b|\d{{1,3}}\.\d)",
    re.I,
)
_TARGET = re.compile(
    r"\b(?:targets?|thresholds?|goals?|should|expect\w{0,3}|at least|minimum|e\.g|example|todo|aim"
    r"|cache|if (?:the|it|your)|points?)\b|[≥>]=?\s{0,2}\d|阈值",
    re.IGNORECASE,
)
_RESULTS = re.compile(
    r"(?:^|[/_.-])(?:evals?|evaluat\w{0,6}|results?|metrics?|retriev\w{0,5}|scores?|reports?|bench\w{0,8}"
    r"|runs?|experiments?|ablations?|compar\w{0,6}|baselines?|search|sweep|decisions?)(?=[/_.-]|\d)",
    re.IGNORECASE,
)
_ENDS = (".csv", ".tsv", ".json", ".jsonl", ".txt", ".log", ".md", ".y*ml", ".html")
_NOT = re.compile(r"(?:^|/)(?:node_modules|\.github|fixtures|site-packages)/|package|lock\.", re.I)
_LABELS = re.compile(
    r"^(?:\w{0,20}ground_?truths?\w{0,20}|\w{0,12}gold(?:en)?(?:_\w{1,20})?|relevan(?:t|ce)(?:_\w{1,20})?"
    r"|expected_\w{1,30}|qrels?|true_ids?|correct_\w{1,20}|relevance_total|\w{0,12}labels?|doc_?id"
    r"|target_ids?|reference_contexts?|test_questions|eval_\w{0,8}(?:set|questions|dataset))$",
    re.IGNORECASE,
)


def computed(view: RepoView) -> tuple[Evidence, ...]:
    """Code that computes a measure of retrieval."""
    return view.once(_computed)


def numbers(view: RepoView) -> tuple[Evidence, ...]:
    """Measured values of one: outputs of notebooks, result files, documents."""
    return view.once(_numbers)


def against_labels(view: RepoView) -> bool:
    """Whether the code that measures names what should have been found, or such labels are kept."""
    paths = {e.path for e in computed(view)}
    if any(not p.endswith((".py", ".ipynb")) for p in paths):
        return True
    files = [f for f in view.python if f.path in paths]
    said = (n for f in files for n in (*f.names, *(t.value for t in f.texts)) if len(n) < 60)
    return any(_LABELS.search(n) for n in said) or any(q.labels for q in questions(view))


def _computed(view: RepoView) -> tuple[Evidence, ...]:
    files = [f for f in view.python if not is_test(f.path) or "eval" in f.path.rpartition("/")[2]]
    found = [*identifiers(view, _NAMES, files), *_keys(view)]
    shell = in_files(view, _SHELL, view.find("*.sh", "Makefile"))
    scripts = in_files(view, _SCRIPT, telling(view))
    return tuple(dict.fromkeys(e for e in (*found, *scripts, *shell) if not _is_cache(e)))


def _is_cache(evidence: Evidence) -> bool:
    return "cache" in f"{evidence.path} {evidence.text}".lower()


def _keys(view: RepoView) -> Iterator[Evidence]:
    """Names of measures that stand as text: a key of a result, a label of a table."""
    for file in view.code:
        short = (t for t in file.texts if len(t.value) < 24 and _SURE.search(t.value))
        hits = [t for t in short if _TEXT.search(t.value)]
        sure = [t for t in hits if t.value.lower() != "hit"] or _beside_passages(file)
        if sure:
            yield place(view, file.path, sure[0].line)


def _beside_passages(file: PythonFile) -> list[Text]:
    """A recall or precision where a text names both what was retrieved and what is relevant."""
    said = {t.value for t in file.texts if len(t.value) < 40}
    named = said | file.names
    if any(_FOUND.search(n) for n in named) and any(_WANTED.search(n) for n in named):
        return [t for t in file.texts if t.value in {"recall", "precision"}]
    return []


def _numbers(view: RepoView) -> tuple[Evidence, ...]:
    return tuple([*_printed(view), *_filed(view), *_written(view)])


def _printed(view: RepoView) -> Iterator[Evidence]:
    """The first line of a notebook's output that gives a measure its value."""
    for file in (f for f in view.code if f.notebook):
        for cell in code_cells(view, file.path):
            said = _first_value([t for o in cell.outputs for t in o.split("\n")[:MAX_LINES]])
            if said:
                yield quote(file.path, cell.line, said)
                break


def _first_value(lines: list[str]) -> str:
    for number, line in enumerate(lines):
        bare = line[:MAX_LINE]
        if _MEASURE.search(bare) and "cache" not in bare.lower():
            below = " ".join(t[:200] for t in lines[number + 1 : number + 4])
            if _is_valued(bare) or (len(bare) < 200 and re.search(r"\d\.\d{2}", below)):
                return bare
    return ""


def _is_valued(line: str) -> bool:
    """Whether a value follows the name of a measure in a line."""
    named = islice(_MEASURE.finditer(line), _NAMED)
    return any(_VALUE.search(line[m.end() : m.end() + _NEXT]) for m in named)


def _filed(view: RepoView) -> Iterator[Evidence]:
    files = view.find(*(f"*{end}" for end in _ENDS))
    likely = (f for f in files if _RESULTS.search(f) and not (_NOT.search(f) or foreign(f)))
    for path in [f for f in likely if not is_test(f)][:MAX_FILES]:
        number = None if path.endswith((".md", ".txt")) else _row_with_value(view, path)
        if number:
            yield view.quote(path, number)


def _row_with_value(view: RepoView, path: str) -> int | None:
    """The 1-based line of the first value, in a table whose header names a measure or beside it."""
    lines = view.text(path)[: MAX_LINES * MAX_LINE].split("\n")[:MAX_LINES]
    if path.endswith((".csv", ".tsv")) and _MEASURE.search(lines[0][:MAX_LINE]):
        return next((n for n, row in enumerate(lines[1:20], 2) if re.search(r"\d\.\d", row)), None)
    stated = (n for n, row in enumerate(lines, 1) if _STATED.search(row[:MAX_LINE]))
    return next(stated, None)


def _written(view: RepoView) -> Iterator[Evidence]:
    for prose, number, line in matching(view, _MEASURE_WORDS, _MEASURE):
        if not _TARGET.search(line):
            is_head = line.lstrip().startswith("|") or line.isupper() or "  " in line.strip()
            if _is_valued(line) or (is_head and _VALUE.search(prose.below(number))):
                yield prose.place(number)
