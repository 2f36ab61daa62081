"""The baseline without a model: a question that fits a pattern becomes a SELECT, any other is told.

Invariant: the same tools, limits and database as the model; a figure it tells stands in a row.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .database import Table, shown
from .ending import Ending
from .executor import Executor
from .llm.types import ToolCall
from .loop import trace_call
from .trace import Trace

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
BRANCHES = ("Castle Street", "Millpond", "Harbour", "Northfield", "Station Square")
SCOPE = (
    "I answer questions about the library's books: branches, members, titles, copies, loans, "
    "holds, fines, visits and plans."
)
_BRANCH = rf"(?P<branch>{'|'.join(BRANCHES)})"
_MONTH = rf"(?P<month>{'|'.join(MONTHS)}) (?P<year>\d{{4}})"
_KIND = r"(?P<kind>novel|film|picture book|audio book|board game)s?"
_LOANS = "SELECT COUNT(*) FROM loans JOIN copies USING (copy_id) JOIN branches USING (branch_id)"
_MEMBERS = (
    "SELECT COUNT(*) FROM members WHERE branch_id = (SELECT branch_id FROM branches WHERE {})"
)
_FINES = "SELECT ROUND(TOTAL(amount_cents) / 100.0, 2) FROM fines"
_GROUPS = {"children": "child", "pupils": "pupil", "adults": "adult", "seniors": "senior"}

Found = Mapping[str, str]


@dataclass(frozen=True)
class Pattern:
    """What a question looks like, the SELECT for it, and how its first row is told."""

    question: re.Pattern[str]
    sql: Callable[[Found], str]
    told: str


def _looks(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _in(column: str, found: Found) -> str:
    """The condition on a month or a year, in the form of the ledger's dates."""
    if month := found.get("month"):
        number = MONTHS.index(month.lower()) + 1
        return f"{column} LIKE '{found['year']}-{number:02}-%'"
    return f"{column} LIKE '{found['year']}-%'"


def _at(found: Found) -> str:
    named = next(b for b in BRANCHES if b.lower() == found["branch"].lower())
    return f"name = '{named}'"


PATTERNS = (
    Pattern(
        _looks(rf"loans\b.*?{_BRANCH}.*?{_MONTH}"),
        lambda f: f"{_LOANS} WHERE {_at(f)} AND {_in('lent', f)}",
        "There were {0} loans.",
    ),
    Pattern(
        _looks(rf"{_BRANCH} lend .*?{_MONTH}"),
        lambda f: f"{_LOANS} WHERE {_at(f)} AND {_in('lent', f)}",
        "There were {0} loans.",
    ),
    Pattern(
        _looks(rf"(?:loans|lend|lent)\b.*?{_MONTH}"),
        lambda f: f"SELECT COUNT(*) FROM loans WHERE {_in('lent', f)}",
        "There were {0} loans.",
    ),
    Pattern(
        _looks(r"members (?:joined|signed up)? ?in (?P<year>\d{4})"),
        lambda f: f"SELECT COUNT(*) FROM members WHERE {_in('joined', f)}",
        "{0} members joined.",
    ),
    Pattern(
        _looks(rf"how many (?P<group>children|pupils|adults|seniors) .*?{_BRANCH}"),
        lambda f: f"{_MEMBERS.format(_at(f))} AND age_group = '{_GROUPS[f['group'].lower()]}'",
        "There are {0} of them.",
    ),
    Pattern(
        _looks(r"members .*?(?P<group>children|pupils|adults|seniors)"),
        lambda f: f"SELECT COUNT(*) FROM members WHERE age_group = '{_GROUPS[f['group'].lower()]}'",
        "There are {0} of them.",
    ),
    Pattern(
        _looks(r"how many members"),
        lambda f: "SELECT COUNT(*) FROM members",
        "There are {0} members.",
    ),
    Pattern(
        _looks(r"how many copies .*?(?P<state>lost|repair)"),
        lambda f: f"SELECT COUNT(*) FROM copies WHERE state = '{f['state'].lower()}'",
        "There are {0} such copies.",
    ),
    Pattern(
        _looks(rf"how many {_KIND}"),
        lambda f: f"SELECT COUNT(*) FROM titles WHERE kind = '{f['kind'].lower()}'",
        "There are {0} titles.",
    ),
    Pattern(
        _looks(rf"\bfines\b.*?{_MONTH}"),
        lambda f: f"{_FINES} WHERE {_in('raised', f)}",
        "{0} euros in fines.",
    ),
    Pattern(
        _looks(r"how many holds .*?(?P<status>waiting|collected|expired)"),
        lambda f: f"SELECT COUNT(*) FROM holds WHERE status = '{f['status'].lower()}'",
        "There are {0} holds.",
    ),
    Pattern(
        _looks(rf"(?:large is|square metres has) {_BRANCH}"),
        lambda f: f"SELECT square_metres FROM branches WHERE {_at(f)}",
        "It has {0} square metres.",
    ),
)


def run(question: str, executor: Executor, trace: Trace) -> Ending:
    """Answer by the first pattern that fits; say what can be asked where none does."""
    for pattern in PATTERNS:
        if found := pattern.question.search(question):
            groups = {name: value for name, value in found.groupdict().items() if value}
            return tell(pattern.sql(groups), pattern.told, executor, trace)
    return Ending("refused", SCOPE)


def tell(sql: str, told: str, executor: Executor, trace: Trace) -> Ending:
    """Run a SELECT and tell its first row by `told`, a format for its cells."""
    call = ToolCall(f"b{len(executor.done) + 1}", "run_select", {"sql": sql})
    (seen,) = executor.perform([call])
    trace_call(trace, seen)
    done = tuple(executor.done)
    if seen.is_error or seen.table is None:
        return Ending("degraded", f"The ledger could not be asked: {seen.text}.", done)
    if not _holds(seen.table):
        return Ending("answered", "The ledger holds no data for that.", done)
    cells: list[Any] = [shown(cell) for cell in seen.table.rows[0]]
    return Ending("answered", told.format(*cells), done)


def _holds(table: Table) -> bool:
    return bool(table.rows) and all(cell is not None for cell in table.rows[0])
