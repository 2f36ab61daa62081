"""The code that stands between a model's SQL and a database.

Invariant: a control counts where code sets it; what a prompt asks for is none.
"""

import re
from collections.abc import Iterator

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import docstrings, first_line, identifiers, place, starts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

_DRIVERS = (
    *("sqlite3", "aiosqlite", "duckdb", "psycopg", "psycopg2", "asyncpg", "sqlalchemy", "pymysql"),
    *("mysql", "snowflake", "google.cloud.bigquery", "pyodbc"),
)
_TALKS = re.compile(r"\.(?:execute|executemany|executescript|fetch|query|sql)$")


def modules(view: RepoView) -> tuple[PythonFile, ...]:
    """The modules of the code that import a database driver and run statements."""
    return view.once(_modules)


def set_in(view: RepoView, texts: re.Pattern[str], names: re.Pattern[str]) -> list[Evidence]:
    """Where the modules of the door hold a string, or an identifier, that the patterns know."""
    found = [e for f in modules(view) for e in _strings(view, f, texts)]
    return [*found, *identifiers(view, names, modules(view))]


def line_of(view: RepoView, pattern: re.Pattern[str]) -> list[Evidence]:
    """The first line of each module of the door that the pattern is found in."""
    found = (first_line(view, f.path, pattern) for f in modules(view))
    return [e for e in found if e]


def _modules(view: RepoView) -> tuple[PythonFile, ...]:
    driven = (f for f in view.code if f.imports_any(*_DRIVERS))
    return tuple(f for f in driven if any(_TALKS.search(c.name) for c in f.calls))


def _strings(view: RepoView, file: PythonFile, pattern: re.Pattern[str]) -> Iterator[Evidence]:
    told = docstrings(file)
    for text in file.texts:
        if pattern.search(text.value[:4000]) and starts(text.value) not in told:
            yield place(view, file.path, text.line)
            return
