"""The golden set: questions with the SQL that gives their truth, so a new ledger moves the truth.

Invariant: a set that was loaded has no question twice, a known expectation each, and SQL exactly
where an answer is expected.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..database import Database, Refused, Table
from ..errors import UsageError
from ..jsonl import append_object, read_objects

SPLITS = ("dev", "test")
EXPECTS = ("answer", "question", "refusal")


@dataclass(frozen=True)
class Question:
    """`sql` gives the truth of an answer; `expect` says whether to answer, ask back or decline."""

    id: str
    split: str
    slice: str
    question: str
    sql: tuple[str, ...]
    expect: str
    origin: str = "author"

    @property
    def fingerprint(self) -> str:
        """Changes with the question and with what is expected, and with nothing else."""
        text = json.dumps([self.question, self.sql, self.expect])
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Truth:
    """Every value that an answer has to tell, and the tables that it stands in."""

    values: tuple[Any, ...]
    tables: frozenset[str]


def load_questions(path: Path) -> list[Question]:
    """Every question in the order of the file; UsageError names the line that is none."""
    found = [_question(path, number, row) for number, row in read_objects(path)]
    if not found:
        raise UsageError(f"{path.name} holds no questions", "add one with `question`")
    for what in ("id", "question"):
        keys = [" ".join(getattr(each, what).lower().split()) for each in found]
        for key in keys:
            if keys.count(key) > 1:
                raise UsageError(f"{path.name}: two questions have the {what} {key!r}")
    return found


def add_question(path: Path, question: Question) -> None:
    """Append one line."""
    append_object(path, asdict(question))


def by_id(questions: Sequence[Question], name: str) -> Question:
    """The question of that id; UsageError if there is none."""
    for question in questions:
        if question.id == name:
            return question
    raise UsageError(f"there is no question {name!r}", f"{questions[0].id} is one")


def truth_of(question: Question, database: Database) -> Truth:
    """What the ledger says today. UsageError for SQL that does not run or gives many rows."""
    tables = [_table(question, sql, database) for sql in question.sql]
    values = [cell for table in tables for row in table.rows for cell in row if cell is not None]
    return Truth(tuple(values), frozenset(name for table in tables for name in table.tables))


def _table(question: Question, sql: str, database: Database) -> Table:
    try:
        table = database.select(sql)
    except Refused as error:
        raise UsageError(f"{question.id}: its SQL does not run: {error}", sql) from error
    if table.more or len(table.rows) > 10:
        raise UsageError(f"{question.id}: its SQL gives more than ten rows", "a truth is short")
    return table


def _question(path: Path, number: int, row: Mapping[str, Any]) -> Question:
    where = f"{path.name} line {number}"
    try:
        found = Question(**{**row, "sql": tuple(row.get("sql", ()))})
    except TypeError as error:
        raise UsageError(f"{where} is no question: {error}", "evals/README.md shows one") from error
    texts = (found.id, found.slice, found.question)
    if not all(isinstance(text, str) and text for text in texts):
        raise UsageError(f"{where}: id, slice and question are texts")
    if found.split not in SPLITS or found.expect not in EXPECTS:
        raise UsageError(
            f"{where}: split is {found.split!r} and expect {found.expect!r}",
            f"one of {', '.join(SPLITS)} and one of {', '.join(EXPECTS)}",
        )
    if bool(found.sql) != (found.expect == "answer"):
        raise UsageError(f"{where}: an answer needs sql, and nothing else has any")
    return found
