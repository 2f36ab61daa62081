"""Whether the answer follows the documents: the fact is changed in a copy, and asked for again.

Only questions that the baseline answers right can show it. Each wording of the fact is replaced in
all documents that have it, since the topics repeat each other.
"""

import re
from collections.abc import Sequence

from .. import retrieval
from ..answer import quoted
from ..evaluation.golden import Question
from ..evaluation.metrics import has_facts
from ..index import Index
from ..settings import Settings
from .copies import changed_copy
from .record import StudyRow, about, stamped

NEW = "zorkmid"


def rows(questions: Sequence[Question], index: Index, settings: Settings) -> list[StudyRow]:
    """One row a question with facts; `follows` is 1 if the old fact is gone from a right answer.

    Where the answer was not right there is nothing to follow and no such grade.
    """
    made = stamped(settings)
    found: list[StudyRow] = []
    for question in (q for q in questions if q.facts):
        before = _answer(question, index, settings)
        row: StudyRow = about(question) | {"system": "baseline", "before": before} | made
        if not has_facts(before, question.facts):
            found.append({**row, "grades": {}})
            continue
        with changed_copy(settings, without_facts(question, settings)) as changed:
            after = _answer(question, changed, settings)
        grades = {"follows": float(not has_facts(after, question.facts))}
        found.append({**row, "after": after, "grades": grades})
    return found


def without_facts(question: Question, settings: Settings) -> dict[str, str]:
    """The documents that have a wording of the question's facts, with NEW in its place."""
    wordings = [wording for group in question.facts for wording in group]
    pattern = re.compile("|".join(r"\s+".join(map(re.escape, w.split())) for w in wordings), re.I)
    texts = {p.name: p.read_text(encoding="utf-8") for p in settings.corpus_path.iterdir()}
    return {name: pattern.sub(NEW, text) for name, text in texts.items() if pattern.search(text)}


def _answer(question: Question, index: Index, settings: Settings) -> str | None:
    hits = retrieval.search(
        index, question.question, settings.k, settings.retriever, settings.roles
    )
    return quoted(question.question, hits, settings).answer
