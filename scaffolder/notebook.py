"""The learner's notebook: drill answers rated, the levels of reviews, the theme of the screens.

Invariant: as in `progress`, nothing here raises because of the file, the disk or the clock; what
cannot be written is a notice. Its file is not that of the progress, so neither can spoil the other.
"""

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scaffolder.paths import notebook_file
from scaffolder.statefile import Layout, explain, opened

APPLICATION_ID = 0x5CAFF02D

RATINGS = ("missed", "partly", "strong")
"""How well an answer held against what a strong one holds, the worst first."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE ratings (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, question TEXT NOT NULL, rating TEXT NOT NULL,
            at TEXT NOT NULL)""",
        """CREATE TABLE levels (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT NOT NULL, skill TEXT NOT NULL,
            level TEXT NOT NULL, points REAL NOT NULL, verifiable REAL NOT NULL,
            blockers INTEGER NOT NULL, commit_id TEXT NOT NULL, at TEXT NOT NULL)""",
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
    (
        "ALTER TABLE levels ADD COLUMN open_musts TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE levels ADD COLUMN met INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE levels ADD COLUMN milestones INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE levels ADD COLUMN weakest TEXT NOT NULL DEFAULT ''",
    ),
)

_LEVEL = (
    "project, skill, level, points, verifiable, blockers, commit_id, at,"
    " open_musts, met, milestones, weakest"
)


@dataclass(frozen=True)
class Level:
    """How one review of a project came out; points earned of those that could be verified.

    `blockers` counts the musts that shut the gate, `open_musts` are those of them that its author
    can settle. `met` of the `milestones` of its skill that name items are met. `weakest` is the
    dimension that the level is named for.
    """

    project: str
    skill: str
    level: str
    points: float
    verifiable: float
    blockers: int
    commit: str
    at: datetime
    open_musts: tuple[str, ...] = ()
    met: int = 0
    milestones: int = 0
    weakest: str = ""


@dataclass(frozen=True)
class Notebook:
    """Ratings by question (oldest first), levels by project path (oldest first), settings.

    Of the questions, the one that was rated longest ago comes first.
    """

    ratings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    levels: Mapping[str, Sequence[Level]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


def load() -> Notebook:
    """Everything that is kept, or an empty Notebook; creates nothing where nothing is."""
    path = notebook_file()
    notices: list[str] = []
    try:
        if not path.is_absolute() or not os.path.lexists(path):
            return Notebook()
        with opened(path, LAYOUT, notices) as connection:
            kept = _read(connection)
    except (OSError, sqlite3.Error) as error:
        return Notebook(notices=(*notices, _unkept(error, path)))
    return Notebook(kept.ratings, kept.levels, kept.settings, tuple(notices))


def rate(question: str, rating: str, now: datetime | None = None) -> tuple[str, ...]:
    """Notes how an answer to `question` (its id) went; returns what the user has to be told."""
    if rating not in RATINGS:
        raise ValueError(f"no rating: {rating}")
    row = (question, rating, _moment(now))
    return _write("INSERT INTO ratings (question, rating, at) VALUES (?, ?, ?)", row)


def note_level(level: Level) -> tuple[str, ...]:
    """Notes how a review came out; the same outcome at the same commit is noted once."""
    last = load().levels.get(level.project, ())
    if last and _outcome(last[-1]) == _outcome(level):
        return ()
    row = (
        json.dumps(level.project),
        level.skill,
        level.level,
        level.points,
        level.verifiable,
        level.blockers,
        level.commit,
        level.at.astimezone(UTC).isoformat(),
        json.dumps(level.open_musts),
        level.met,
        level.milestones,
        level.weakest,
    )
    return _write(f"INSERT INTO levels ({_LEVEL}) VALUES ({', '.join('?' * len(row))})", row)


def set_setting(key: str, value: str) -> tuple[str, ...]:
    """Keeps a choice of the user."""
    return _write(
        "INSERT INTO settings (key, value) VALUES (?, ?)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def _outcome(level: Level) -> tuple[object, ...]:
    return tuple(v for k, v in vars(level).items() if k != "at")


def _moment(now: datetime | None) -> str:
    return (now or datetime.now(UTC)).isoformat()


def _write(statement: str, row: Sequence[object]) -> tuple[str, ...]:
    path = notebook_file()
    notices: list[str] = []
    try:
        if not path.is_absolute():
            raise FileNotFoundError(0, "there is no home directory", str(path))
        with opened(path, LAYOUT, notices) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(statement, row)
            connection.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        notices.append(_unkept(error, path))
    return tuple(notices)


def _unkept(error: OSError | sqlite3.Error, path: Path) -> str:
    return f"the notebook is not being kept: {explain(error, path)}"


def _read(connection: sqlite3.Connection) -> Notebook:
    ratings: dict[str, list[str]] = {}
    for question, rating in connection.execute("SELECT question, rating FROM ratings ORDER BY seq"):
        if rating not in RATINGS:
            raise ValueError("a rating that is none")
        ratings[question] = ratings.pop(question, [])
        ratings[question].append(rating)
    levels: dict[str, list[Level]] = {}
    for row in connection.execute(f"SELECT {_LEVEL} FROM levels ORDER BY seq"):
        found = _level(*row)
        levels.setdefault(found.project, []).append(found)
    settings = dict(connection.execute("SELECT key, value FROM settings"))
    return Notebook(ratings, levels, settings)


def _level(project: str, *row: Any) -> Level:
    at, musts = datetime.fromisoformat(row[6]), tuple(map(str, json.loads(row[7])))
    return Level(*(str(json.loads(project)), *row[:6], at, musts, *row[8:11]))


LAYOUT = Layout(APPLICATION_ID, MIGRATIONS, _read)
