"""Rows that answering systems left on the questions of the project, each beside its question.

Invariant: what a question asks for never comes from the field that holds the answer; where a
template is recorded, rows on its own questions count only while there are no others.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import PurePosixPath

from scaffolder.review import templatelock
from scaffolder.review.answering import planted, refusals
from scaffolder.review.areas import manifest_paths
from scaffolder.review.golden import fields
from scaffolder.review.golden.questions import Question, asked, questions
from scaffolder.review.model import Evidence
from scaffolder.review.python.ownpython import is_test
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

COVERED = 0.9
"""Part of the questions of its splits that a system must have rows of: fewer may be a choice."""

MAX_ANSWERS = 20_000
"""Recorded answers that are read, in the order of their files."""

MAX_FILES = 50

_NAMED = re.compile(
    r"(?:^|[/_.-])(?:rag|eval\w{0,7}|results?|answers?|responses?|predictions?|judge\w{0,4}|outputs?"
    r"|generated)(?=[_.-])[^/]*$",
    re.IGNORECASE,
)
_RUN = ("status", "answered", "citations", "retrieved", "ranked", "contexts", *refusals.FLAGS)
_NEVER_LABELS = frozenset((*refusals.ANSWERS, "sources", "source", "document", "documents"))
_JUDGED = re.compile(
    r"(?:llm_?)?judge|verdict|human_|faithful|grounded|answer_relev|correctness", re.IGNORECASE
)
_OUTSIDE = re.compile(
    r"(?:not|out|outside|beyond|off).?(?:in|of|the)?.?(?:the.)?(?:corpus|scope|domain|topic|docs?\b"
    r"|document|kb|knowledge|context)|un-?answer|no.?answer|not.?answer|(?<![a-z])oo[cds](?![a-z])"
    r"|refus|declin|abst(?:ain|en)|negative|unknown|adversar|missing",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answered:
    """A row of an answering system; `question` is None where no labelled question fits it."""

    row: Row
    question: Question | None

    @cached_property
    def text(self) -> str:
        return refusals.answer_of(self.row.data)

    @cached_property
    def declined(self) -> bool | None:
        return refusals.declined(self.row.data)


def answered(view: RepoView) -> Mapping[tuple[str, str], Sequence[Answered]]:
    """Rows by folder and system, the systems with most questions first."""
    return view.once(_answered)


def systems(view: RepoView) -> Iterator[tuple[str, Sequence[Answered]]]:
    """The name of each answering system with its rows that have a question."""
    for (_, system), rows in answered(view).items():
        found = [a for a in rows if a.question is not None]
        if found:
            yield system, found


def every(view: RepoView) -> list[Answered]:
    """All recorded answers, in the order of `answered`."""
    return [a for rows in answered(view).values() for a in rows]


def outside(view: RepoView) -> tuple[Question, ...]:
    """Of the author's questions those that the corpus does not answer."""
    return tuple(q for q in asked(view) if is_outside(q))


def is_outside(question: Question) -> bool:
    """Whether a question says that the corpus does not answer it, by its labels or its slice."""
    if question.labels:
        return False
    if question.answerable is not None:
        return not question.answerable
    return bool(_OUTSIDE.search(question.slice[:100])) or any(
        refusals.declined({"answer": wording}) for group in question.facts for wording in group
    )


def left_out(view: RepoView, rows: Sequence[Answered]) -> tuple[Question, ...]:
    """Questions that no row answers, of the files and splits that the rows are of."""
    asked_for = [a.question for a in rows if a.question]
    have = {(q.path, q.line) for q in asked_for}
    files, splits = {q.path for q in asked_for}, {q.split for q in asked_for}
    near = (q for q in asked(view) if q.path in files and q.split in splits)
    return tuple(q for q in near if (q.path, q.line) not in have)


def place(view: RepoView, found: Answered) -> Evidence:
    """Where a row stands."""
    return view.quote(found.row.path, found.row.line)


def places(view: RepoView, some: Sequence[Answered]) -> list[Evidence]:
    """Where some rows stand."""
    return [place(view, one) for one in some]


def _answered(view: RepoView) -> Mapping[tuple[str, str], Sequence[Answered]]:
    groups: dict[tuple[str, str], list[Answered]] = defaultdict(list)
    for one in islice(_rows(view), MAX_ANSWERS):
        groups[str(PurePosixPath(one.row.path).parent), one.row.system].append(one)
    found = {key: _once(key[1], rows) for key, rows in groups.items()}
    ranked = sorted(found.items(), key=lambda g: -sum(a.question is not None for a in g[1]))
    return dict(ranked)


def _once(system: str, rows: Sequence[Answered]) -> list[Answered]:
    """Each question from one file alone, that named for the system first: timings ask it again."""
    home: dict[tuple[str, int], str] = {}
    ordered = sorted(rows, key=lambda a: PurePosixPath(a.row.path).stem != system)
    return [a for a in ordered if _is_home(a, home)]


def _is_home(one: Answered, home: dict[tuple[str, int], str]) -> bool:
    if one.question is None:
        return True
    place = one.question.path, one.question.line
    return home.setdefault(place, one.row.path) == one.row.path


def _rows(view: RepoView) -> Iterator[Answered]:
    known = _known(view)
    for path in dict.fromkeys((*resultrows.result_files(view), *_more_files(view))):
        for row in () if _is_aside(path) else resultrows.rows(view, path):
            if _is_answer(row, path in known.files):
                question = known.question(row)
                if question is not None or not known.recorded:
                    yield Answered(row, question)


def _is_aside(path: str) -> bool:
    """Rows of planted instructions answer no question, and those of a test are made up."""
    return planted.is_place(path) or is_test(path) or "fixture" in path.lower()


def _more_files(view: RepoView) -> list[str]:
    """Files that are named for answers and stand elsewhere, where no manifest names a place."""
    if manifest_paths(view).get("results"):
        return []
    files = view.find("*.csv", "*.jsonl", "*.json", "*.tsv")
    return [f for f in files if _NAMED.search(f) and "node_modules" not in f][:MAX_FILES]


@dataclass(frozen=True)
class _Known:
    """The questions by id and by text, and the files that they stand in."""

    by_id: Mapping[str, Question]
    by_text: Mapping[str, Question]
    files: frozenset[str]
    recorded: bool

    def question(self, row: Row) -> Question | None:
        said = fields.question(row.data).casefold()
        found = self.by_text.get(said) or self.by_id.get(fields.text(row.data, fields.ID))
        if found is not None and found.path != row.path:
            return found
        return None if self.recorded else _of_row(row)


def _known(view: RepoView) -> _Known:
    mine = asked(view)
    everything = questions(view)
    by_id = {q.id: q for q in reversed(mine)}
    by_text = {q.text.casefold(): q for q in reversed(mine)}
    files = frozenset(q.path for q in everything)
    return _Known(by_id, by_text, files, templatelock.recorded(view))


def _is_answer(row: Row, beside_questions: bool) -> bool:
    """Whether a row holds what a system answered; a golden set has a field `answer` too."""
    if refusals.declined(row.data) is None and not refusals.answer_of(row.data):
        return False
    if not beside_questions:
        return True
    if any(k in row.data for k in (*refusals.ANSWERS[1:], *_RUN)):
        return True
    return any(_JUDGED.match(k[:60]) for k in row.data)


def _of_row(row: Row) -> Question | None:
    """The question as a row tells it that carries its own labels."""
    told = {k: v for k, v in row.data.items() if k not in _NEVER_LABELS}
    labels, facts, answerable = fields.labels(told), fields.facts(told), fields.answerable(told)
    text, kind = fields.question(told), fields.text(told, fields.SLICE)
    if not (text or row.id) or not (labels or facts or answerable is not None or kind):
        return None
    return Question(
        row.path, row.line, row.id, text, fields.text(told, fields.SPLIT), kind, labels, facts,
        answerable=answerable,
    )  # fmt: skip
