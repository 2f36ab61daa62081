"""A model writes the SQL: what code refuses, what it bounds, and what was tried against it."""

import re

from scaffolder.review.apiwork import door
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.results import resultrows
from scaffolder.review.view import RepoView

ATTACKS = 8
"""Hostile statements that were tried against the door, at least."""

_READ_ONLY = re.compile(
    r"mode=ro|query_only|default_transaction_read_only|set transaction read only|immutable=1"
    r"|read_only=on",
    re.IGNORECASE,
)
_READ_ONLY_NAMES = re.compile(r"^(?:read_?only|set_authorizer|set_session)$", re.IGNORECASE)
_PARSER = re.compile(
    r"^(?:set_authorizer|sqlglot|sqlparse|parse_one|pglast|parse_sql|SQLITE_DENY|SQLITE_SELECT)$"
)
_PREFIX = re.compile(
    r"startswith\(\s?\(?[\"'](?:select|with)|^\s{0,20}.{0,60}(?:DROP|DELETE|INSERT)\|", re.I
)
_ROWS = re.compile(r"fetchmany|\bLIMIT\b|max_rows|most_rows|row_limit", re.I)
_TIME = re.compile(
    r"set_progress_handler|statement_timeout|\.interrupt\(|max_execution_time|query_timeout"
    r"|wait_for\("
    r"|lock_timeout",
    re.IGNORECASE,
)
_ALLOWED = re.compile(
    r"^(?:allow(?:ed|_?list)?(?:_(?:tables|columns|names))?|visible(?:_\w{2,20})?|TABLES"
    r"|permitted\w{0,20}"
    r"|whitelist\w{0,20}|exposed\w{0,20}|may_read|readable\w{0,20}|SQLITE_READ)$",
    re.IGNORECASE,
)
_KINDS = {
    "a write": re.compile(
        r"\b(?:insert|update|delete|drop|alter|create|replace|truncate|attach|pragma)\b", re.I
    ),
    "two statements": re.compile(r";\s{0,20}\w"),
    "the schema": re.compile(
        r"sqlite_(?:master|schema)|information_schema|pg_catalog|table_info", re.I
    ),
    "one that never ends": re.compile(
        r"recursive|cross join|\bfrom\b[^;]{0,200},[^;]{0,200},|randomblob|generate_series"
        r"|pg_sleep|zeroblob",
        re.I,
    ),
}
_STATEMENT = ("statement", "sql", "query", "attack", "input", "question")
_OUTCOME = ("outcome", "status", "result", "refused", "blocked")
_HELD = re.compile(r"refus|block|denied|stopped|reject|timeout|limit|error|true", re.IGNORECASE)


def read_only(view: RepoView) -> Reading:
    """The connection, or its role, can only read."""
    if not door.modules(view):
        return no("No code that runs statements against a database was found.")
    found = door.set_in(view, _READ_ONLY, _READ_ONLY_NAMES)
    if found:
        return yes("The connection can only read.", *found[:2])
    where = [view.quote(f.path, 1) for f in door.modules(view)[:2]]
    return no("The connection that runs a model's statements can write.", *where)


def one_select(view: RepoView) -> Reading:
    """A parser looks at the statement; comparing its first word is partial."""
    if not door.modules(view):
        return no("No code that runs statements against a database was found.")
    parsed = door.set_in(view, re.compile(r"(?!)"), _PARSER)
    if parsed:
        return yes("A parser decides what a statement does before it runs.", *parsed[:2])
    compared = door.line_of(view, _PREFIX)
    if compared:
        return partial("A statement is judged by its first words, not by a parser.", *compared[:2])
    where = [view.quote(f.path, 1) for f in door.modules(view)[:2]]
    return no("Nothing looks at a statement before it runs.", *where)


def bounded(view: RepoView) -> Reading:
    """Rows and seconds of a statement have a limit in code."""
    rows, seconds = door.line_of(view, _ROWS), door.line_of(view, _TIME)
    if rows and seconds:
        return yes("Rows and time of a statement are limited.", rows[0], seconds[0])
    if rows or seconds:
        lacks = "its time" if rows else "its rows"
        return partial(f"A statement has a limit, and none for {lacks}.", *(rows or seconds)[:1])
    where = [view.quote(f.path, 1) for f in door.modules(view)[:2]]
    return no("A statement may take all rows and all the time there is.", *where)


def allow_list(view: RepoView) -> Reading:
    """Tables or columns that may be read are listed, and code compares with them."""
    found = door.set_in(view, re.compile(r"(?!)"), _ALLOWED)
    if found:
        return yes("What may be read is listed, and code compares with it.", *found[:2])
    where = [view.quote(f.path, 1) for f in door.modules(view)[:2]]
    return no("Every table and column can be read: no list of those that may.", *where)


def attacks_tried(view: RepoView) -> Reading:
    """Rows of hostile statements, of four kinds, say that each was refused or stopped."""
    rows = _attacks(view)
    if not rows:
        return no("No rows of hostile statements were found: the statement, and what came of it.")
    kinds = [k for k, p in _KINDS.items() if any(p.search(s) for _, s, _ in rows)]
    told = f"{count(len(rows), 'hostile statement')} ({', '.join(kinds) or 'no known kind'})"
    through = [e for e, _, held in rows if not held]
    if through:
        return no(f"{told}; {len(through):,} went through.", through[0])
    where = [e for e, _, _ in rows[:3]]
    if len(rows) < ATTACKS or len(kinds) < len(_KINDS):
        return partial(f"{told}; {ATTACKS} of {len(_KINDS)} kinds are asked for.", *where)
    return yes(f"{told}, none went through.", *where)


def _attacks(view: RepoView) -> list[tuple[Evidence, str, bool]]:
    found = []
    for path in resultrows.result_files(view):
        if re.search(r"attack|hostile|injection|refus|adversar|door", path, re.IGNORECASE):
            found += [_attack(view, row) for row in resultrows.rows(view, path)]
    return [f for f in found if f[1]]


def _attack(view: RepoView, row: resultrows.Row) -> tuple[Evidence, str, bool]:
    said = next((row.text(k) for k in _STATEMENT if row.text(k)), "")[:4000]
    came = next((row.data[k] for k in _OUTCOME if k in row.data), "")
    return view.quote(row.path, row.line), said, _HELD.search(str(came)[:100]) is not None
