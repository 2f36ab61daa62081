"""Labelled items of an evaluation that are no golden questions in a file of the usual form.

Invariant: a file counts by its name and what its beginning holds, a list in code by its name and
the answers beside it; items of unit tests are none.
"""

import re
from collections.abc import Iterator, Sequence

from scaffolder.review.model import Evidence, quote
from scaffolder.review.models.codewords import code_lines, first_line, identifiers, place
from scaffolder.review.python.ownpython import foreign
from scaffolder.review.retrieval.standing import sources
from scaffolder.review.view import MAX_LINE, RepoView, is_test

AT_LEAST = 3
"""Labelled items that make a set and no example."""

MAX_FILES = 60
"""Files whose beginnings are looked into."""

_HEAD = 65_536
_LOOK = 4096
_LISTED = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".yml", ".yaml")
_SURELY = re.compile(
    r"\b(?:expected_(?:outputs?|answers?|response|result|label|sources?|behaviou?r|facts)"
    r"|ground_?truth|gold_(?:answers?|label|sql|ids?)|reference_(?:answers?|outputs?)"
    r"|relevant_(?:docs?|ids?|documents?|chunks?|passages?)|correct_answer|ideal_answer)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"ground[-_ ]?truth|(?:^|[/_.-])gold(?:en|set|en_?set)?(?=[/_.-]|\d)|goldset|qrels?|"
    r"(?:^|[/_.-])(?:eval|evaluation|test|benchmark|validation|holdout|calibration)[-_]?"
    r"(?:set|data|dataset|cases|questions|queries|items|samples|examples|qa|tasks|problems|prompts)"
    r"(?=[/_.-]|\d)|(?:^|/)(?:dev|test|val|validation|held_?out|eval|\w{0,20}(?:mmlu|gsm8k|humaneval)\w{0,20})\.(?:jsonl?|csv|tsv|parquet)$"
    r"|(?:^|[/_.-])(?:qa|q_and_a|question_answer)[-_]?(?:pairs|dataset|set|eval\w{0,8})"
    r"|(?:^|/)(?:evals?|evaluations?|eval_cases|benchmarks?|problems|goldens?|goldsets?)/(?:[^/]{1,60}/){0,3}"
    r"(?:cases|questions|problems|tasks|items|dataset|data|samples|test|dev|examples|qa|inputs)?[^/]{0,60}$",
    re.IGNORECASE,
)
_ENDS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".y*ml", ".parquet", ".xlsx", ".txt", "rel")
_RAN = re.compile(
    r"result|output|metric|report|score|summary|prediction|verdict|runs?(?:[/_.-]|$)|response|manifest|generations"
    r"|schema|config|leaderboard|package|lock|/logs?/|\.github|answer-runs|comparison|baseline|judged",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"[\"']?\b(?:question|query|input|prompt|user_input|problem|instruction|text|utterance|task"
    r"|q|pregunta|messages?|conversation|code|email)\b[\"']?\s{0,3}[:,;\t]|(?:^|[,;\t])(?:question|query|text)\b",
    re.IGNORECASE,
)
_EXPECTS = re.compile(
    r"[\"']?\b(?:expected\w{0,30}|answers?|ground_?truth\w{0,12}|reference\w{0,12}|relevan\w{0,20}|gold\w{0,12}"
    r"|labels?|correct\w{0,12}|ideal|target|sql|query_sql|gold_sql|doc(?:ument)?_?ids?|chunk_ids?"
    r"|source(?:_id)?s?|output|must_\w{1,20}|assert\w{0,3}|solution|completion|function|rubric\w{0,3})\b[\"']?"
    r"\s{0,3}(?:[:,;\t\r\n]|$)",
    re.IGNORECASE | re.MULTILINE,
)
_NAMES_ONE = re.compile(
    r"[\"']?\b(?:id|title|appid|document|category)\b[\"']?\s{0,3}(?:[:,;\t\r\n]|$)"
)
_RUN_NAME = re.compile(r"results?|outputs?|predictions?|verdicts?|responses?", re.IGNORECASE)
_QUESTION_KEY = re.compile(r"\bquestion\b", re.IGNORECASE)
_QUERY_KEY = re.compile(r"\bquery\b", re.IGNORECASE)
_SURE_NAME = re.compile(r"ground[-_ ]?truth|gold|qrel", re.IGNORECASE)
_QUESTIONS = re.compile(
    r"(?:question|quer(?:y|ies)|prompts|(?:eval|test)[-_]?set)[^/]{0,40}\.(?:jsonl?|csv|tsv|ya?ml)$"
    r"|(?:questions|queries)\.txt$",
    re.IGNORECASE,
)
_QRELS = re.compile(r"^\s{0,3}\d{1,6}[\t ]+\d{1,6}[\t ]+[\w.-]{1,40}(?:[\t ]+-?\d{1,2})?\s{0,3}$")
_LIST = re.compile(
    r"^\s{0,8}(?:export\s+)?(?:const\s+|let\s+)?[A-Za-z_.]{0,20}(?:GOLDEN|GOLD_|GROUND_?TRUTH|golden|ground_?truth"
    r"|EVAL_?(?:SET|CASES|QUESTIONS|DATA\w{0,3}|ITEMS|QUERIES|EXAMPLES)|eval_?(?:set|cases|questions|dataset|items)"
    r"|TEST_?(?:QUESTIONS|QUERIES|SET|DATASET|CASES|PROMPTS)|test_?(?:questions|queries|dataset|cases|prompts)"
    r"|BENCHMARK\w{0,12}|benchmark_\w{1,12}|QUESTIONS|QUERIES|TASKS|CASES|SCENARIOS|testCases|evalCases)"
    r"[A-Za-z_]{0,20}(?:\s{0,3}:[^=]{0,60})?\s{0,3}=\s{0,3}[\[({]",
)
_EXPECTED_KEY = re.compile(
    r"[\"']?\b(?:expected\w{0,30}|answers?|ground_?truth\w{0,12}|reference\w{0,12}|relevant\w{0,20}|gold\w{0,12}"
    r"|correct\w{0,12}|ideal|must_\w{1,20}|doc_ids?|sources?|label)\b[\"']?\s{0,3}[:=]",
    re.IGNORECASE,
)
_EVAL_FILE = re.compile(r"\.eval\.\w{2,3}$")
_ASSERTED = re.compile(r"^\s{0,20}-?\s{0,3}assert\s{0,3}:")
_LIBRARIES = ("deepeval", "pydantic_evals", "inspect_ai", "braintrust", "langsmith", "autoevals")
_NEAR = 60
"""Lines below the head of a list in which its expected answers are counted."""

_GENERATES = re.compile(
    r"^_?(?:generate|create|build|make|synthesi[sz]e)_(?:\w{1,20}_)?(?:ground_?tru\w{1,3}|golden|gold_|eval_?(?:set|data|questions|cases|queries|items)"
    r"|test_?set|test_?questions|qa_pairs|synthetic_(?:questions|qa|queries|test\w{0,4}))\w{0,20}$",
    re.IGNORECASE,
)
_GOLD = re.compile(
    r"^(?:ground_truths?|ground_truth_\w{1,20}|golden_\w{1,20}|\w{1,24}_gold"
    r"|gold_(?:ids?|chunks?\w{0,6}|df|answers?|labels?|set|data|items))$",
    re.IGNORECASE,
)
_ASKS_FOR = re.compile(
    r"^_?(?:generate|create|make)_(?:\w{1,12}_)?questions?\w{0,12}$", re.IGNORECASE
)
_SPEAKS = re.compile(r"ground[-_]?tru|golden|evaluat|(?:^|[/_-])eval", re.IGNORECASE)
_READS = re.compile(
    r"(?:ground[-_ ]?tru(?:th|e)|gold(?:en)?[-_ ]?(?:set|data|questions)"
    r"|eval[-_]?(?:set|data|questions|cases)|simple_?qa|test_?set|benchmark_(?:prompts|questions|data|set)|mmlu|humaneval|_eval(?=\.))[\w-]{0,40}\.(?:csv|jsonl?|parquet)|\bqrels\b",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    r"(?:formulate|generate|write|create)\s(?:\w{1,12}\s){0,4}questions?\s(?:this|that|a|the|based|from|which)",
    re.IGNORECASE,
)


def files(view: RepoView) -> tuple[Evidence, ...]:
    """Files of labelled items, by their names and their beginnings."""
    return view.once(_files)


def unlabelled(view: RepoView) -> tuple[Evidence, ...]:
    """Files of questions or prompts of an evaluation that say nothing of what is expected."""
    every = view.find("*.jsonl", "*.json", "*.csv", "*.txt")
    found = [f for f in every if _QUESTIONS.search(f) and _is_named(f)][:MAX_FILES]
    return tuple(view.quote(f, 1) for f in found if view.size(f) and not view.is_binary(f))


def lists(view: RepoView) -> tuple[Evidence, ...]:
    """Lists of items with their expected answers that stand in code which measures."""
    return view.once(_lists)


def made_at_run_time(view: RepoView) -> tuple[Evidence, ...]:
    """Code that writes, downloads or asks a model for labelled items."""
    return view.once(_made)


def is_of_a_run(path: str) -> bool:
    """Whether the name of a file says that it holds what a run gave, and no labels."""
    name = path.rpartition("/")[2]
    return bool(_RUN_NAME.search(name)) and not _SURE_NAME.search(name)


def absent(view: RepoView) -> tuple[Evidence, ...]:
    """Files that git tracks and the folder does not hold, and whose names are those of labels."""
    gone = sorted(f for f in view.history.tracked if not view.has(f) and _is_named(f))
    strong = [f for f in gone if re.search(r"ground[-_ ]?truth|gold|qrel|eval", f, re.I)]
    return tuple(quote(f) for f in strong[:3])


def _is_named(path: str) -> bool:
    name = path.rpartition("/")[2]
    return bool(_NAMED.search(path)) and not (_RAN.search(name) or foreign(path) or is_test(path))


def _files(view: RepoView) -> tuple[Evidence, ...]:
    every = view.find(*(f"*{end}" for end in _ENDS))
    found = [_held(view, f) for f in [f for f in every if _is_named(f)][:MAX_FILES]]
    if not any(found):
        others = [f for f in every if f.endswith(_LISTED) and not _is_no_item(f)]
        found = [_says_expected(view, f) for f in others[:MAX_FILES]]
    return tuple(e for e in found if e)


def _is_no_item(path: str) -> bool:
    return bool(_RAN.search(path) or foreign(path) or path.startswith(("tests/", "test/")))


def _says_expected(view: RepoView, path: str) -> Evidence | None:
    """A file of any name whose items say in so many words what is expected."""
    head = view.raw(path, _LOOK).decode("utf-8", "replace")
    rows = [line[:MAX_LINE] for line in head.split("\n") if line.strip()]
    said = rows[:1] if path.endswith((".csv", ".tsv")) else rows
    surely = [n for n, row in enumerate(said, 1) if _SURELY.search(row)]
    enough = len(surely) >= (1 if path.endswith((".csv", ".tsv")) else AT_LEAST)
    if enough and len(rows) > AT_LEAST and any(_ASKS.search(r) for r in said):
        return view.quote(path, surely[0])
    return None


def _held(view: RepoView, path: str) -> Evidence | None:
    """The file as evidence where its beginning holds items with what is expected of them."""
    if path.endswith((".parquet", ".xlsx")):
        return quote(path) if view.size(path) else None
    head = view.raw(path, _HEAD).decode("utf-8", "replace")
    rows = [line[:MAX_LINE] for line in head.split("\n") if line.strip()]
    if sum(bool(_QRELS.search(r)) for r in rows[:20]) >= AT_LEAST:
        return view.quote(path, 1)
    if path.endswith((".csv", ".tsv")):
        enough = len(rows) > AT_LEAST and _ASKS.search(rows[0]) and _expects(path, rows[0])
        return view.quote(path, 1) if enough else None
    asked = sum(bool(_ASKS.search(r)) for r in rows)
    expected = sum(_expects(path, r) for r in rows)
    return view.quote(path, 1) if min(asked, expected) >= AT_LEAST else None


def _expects(path: str, text: str) -> bool:
    """Whether a row or header says what is expected: an id alone only under a sure name."""
    named = _SURE_NAME.search(path) and _NAMES_ONE.search(text)
    paired = _QUESTION_KEY.search(text) and _QUERY_KEY.search(text)
    return bool(_EXPECTS.search(text) or named or paired)


def _lists(view: RepoView) -> tuple[Evidence, ...]:
    python = [f.path for f in view.python if _measures(f.path)]
    found = [_listed(view, p) for p in (*python, *(s for s in sources(view) if _measures(s)))]
    configured = view.find("*promptfoo*.y*ml")
    found += [e for p in configured for e in [first_line(view, p, _ASSERTED)]]
    return tuple(e for e in (*found, *_cases(view)) if e)


def _cases(view: RepoView) -> Iterator[Evidence]:
    """Calls that make the cases of a library for evaluations, each with what is expected."""
    for file in view.python:
        if {"expected_output", "expected"} & file.names and file.imports_any(*_LIBRARIES):
            made = [c for c in file.calls if {"expected_output", "expected"} & set(c.keywords)]
            if len(made) >= AT_LEAST:
                yield place(view, file.path, made[0].line)


def _measures(path: str) -> bool:
    """Whether a path speaks of an evaluation; a unit test is none."""
    name = path.rpartition("/")[2].lower()
    spoken = re.search(r"eval|golden|benchmark|ground|judge|experiment", path, re.IGNORECASE)
    return bool(spoken) and not name.startswith(("test_", "conftest"))


def _listed(view: RepoView, path: str) -> Evidence | None:
    lines = code_lines(view, path)
    for number, line in enumerate(lines, 1):
        if _LIST.search(line[:MAX_LINE]):
            below = lines[number - 1 : number + _NEAR]
            if _expected(below) >= AT_LEAST:
                return place(view, path, number)
    if _EVAL_FILE.search(path) and _expected(lines) >= AT_LEAST:
        return first_line(view, path, _EXPECTED_KEY)
    return None


def _expected(lines: Sequence[str]) -> int:
    return sum(len(_EXPECTED_KEY.findall(line[:MAX_LINE])) for line in lines)


def _made(view: RepoView) -> tuple[Evidence, ...]:
    return tuple(_makers(view))


def _makers(view: RepoView) -> Iterator[Evidence]:
    for file in view.code:
        spoken = _SPEAKS.search(file.path) is not None
        made = (f.line for f in file.functions if _is_maker(f.name.rpartition(".")[2], spoken))
        said = (t.line for t in file.texts if _is_read(t.value, spoken))
        line = next(made, None) or next(said, None)
        if line:
            yield place(view, file.path, line)
    named = (f for f in view.code if _SPEAKS.search(f.path))
    yield from identifiers(view, _GOLD, named)


def _is_maker(name: str, spoken: bool) -> bool:
    bare = name[:80]
    return bool(_GENERATES.search(bare) or (spoken and _ASKS_FOR.search(bare)))


def _is_read(text: str, spoken: bool) -> bool:
    """A file of labels that is read, or where an evaluation is spoken of, a prompt for them."""
    if spoken and "uestion" in text and _PROMPT.search(text):
        return True
    if not 5 < len(text) < 300 or text.isspace():
        return False
    return bool(_READS.search(text)) and not _RAN.search(text)
