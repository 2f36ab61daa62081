"""The golden set: the questions whose right passages, or answers, somebody has labelled.

Invariant: a question comes from a file that was read within limits and keeps its line; what a row
does not say is empty, and is never guessed from another row.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from scaffolder.review import ownwork, templatelock
from scaffolder.review.golden import fields, labelfiles
from scaffolder.review.golden.fields import Label as Label
from scaffolder.review.model import Evidence
from scaffolder.review.view import RepoView

MAX_QUESTIONS = 20_000
"""Questions of one project that are read; generated sets reach some thousands."""


@dataclass(frozen=True)
class Question:
    """One labelled question; `facts` are groups of wordings, one of which an answer must hold.

    `answerable` is False where the row says that the corpus does not answer it (its list of labels
    is empty, or a field says so), None where it says nothing. `own` is False for a template's.
    """

    path: str
    line: int
    id: str
    text: str
    split: str = ""
    slice: str = ""
    labels: tuple[Label, ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()
    origin: str = ""
    corpus: str = ""
    own: bool = True
    answerable: bool | None = None


def questions(view: RepoView) -> tuple[Question, ...]:
    """The golden set: what scaffold.toml names, else every file of labelled questions.

    A question that stands in several files counts once, as the file with the most labels has it.
    """
    return view.once(_questions)


def asked(view: RepoView) -> tuple[Question, ...]:
    """The author's questions where a template is recorded and there are any; else all."""
    own = tuple(q for q in questions(view) if q.own)
    return own or questions(view)


def labelled(view: RepoView) -> tuple[Question, ...]:
    """Those of `asked` that name a passage or document to be found."""
    return tuple(q for q in asked(view) if q.labels)


def places(view: RepoView, some: tuple[Question, ...], most: int = 3) -> tuple[Evidence, ...]:
    """Where the first of some questions stand."""
    return tuple(view.quote(q.path, q.line) for q in some[:most])


def _questions(view: RepoView) -> tuple[Question, ...]:
    found = [tuple(_of_file(view, path)) for path in labelfiles.paths(view)]
    if not any(q.labels for listed in found for q in listed):
        # Some write what should be found into the rows of their runs, and nowhere else.
        found += [tuple(_of_file(view, path, True)) for path in labelfiles.paths(view)]
    found.sort(key=lambda listed: -sum(bool(q.labels) for q in listed))
    once: dict[tuple[str, str], Question] = {}
    for question in (q for listed in found for q in listed):
        once.setdefault((question.text.casefold(), question.corpus), question)
    return tuple(once.values())[:MAX_QUESTIONS]


def _of_file(view: RepoView, path: str, of_runs: bool = False) -> Iterator[Question]:
    mine = ownwork.own_questions(view).own if templatelock.recorded(view) else None
    listed = list(labelfiles.rows(view, path, of_runs))
    ids = Counter(fields.text(row, fields.ID) for _, row in listed)
    by_id = len(listed) > len(ids) > 1 and all(set(row) == {"id", "question"} for _, row in listed)
    for line, row in listed:
        question = _question(path, line, {**row, "document": row["id"]} if by_id else row)
        if question is not None and (question.labels or not of_runs):
            is_own = mine is None or (isinstance(row.get("id"), str | int) and row["id"] in mine)
            yield replace(question, own=is_own)


def _question(path: str, line: int, row: fields.Fields) -> Question | None:
    text = fields.question(row)
    labels, facts = fields.labels(row), fields.facts(row)
    answerable = True if labels else fields.answerable(row)
    if not text or not (labels or facts or answerable is not None):
        return None
    return Question(
        path,
        line,
        fields.text(row, fields.ID) or str(line),
        text,
        fields.text(row, fields.SPLIT),
        fields.text(row, fields.SLICE),
        labels,
        facts,
        fields.text(row, fields.ORIGIN),
        fields.text(row, fields.CORPUS),
        answerable=answerable,
    )
