"""What the learner has started; the only module that writes it.

Invariant: nothing here raises because of the file, the disk or the clock. What cannot be written
is a notice, what cannot be read is kept aside (see `statefile`), and the command goes on. Order is
the order of writing, never of time: a wall clock can be set back.
"""

import contextlib
import json
import math
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from scaffolder.paths import state_file
from scaffolder.statefile import Layout, explain, opened, opened_unwritable

BUILD_HOURS = 48.0
"""The curriculum's rule: build within 48 hours of learning it."""

OBSERVE_SECONDS = 60.0
"""The clock of a running build is saved at most this often, so that reading stays cheap."""

APPLICATION_ID = 0x5CAFF01D

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE skills (
            slug TEXT PRIMARY KEY, turn INTEGER NOT NULL, studying_since TEXT NOT NULL,
            build_started TEXT, build_seen TEXT, build_hours REAL NOT NULL DEFAULT 0)""",
        """CREATE TABLE projects (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, slug TEXT NOT NULL, path TEXT NOT NULL,
            recorded_at TEXT NOT NULL)""",
        "CREATE TABLE profile (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
)

_NEXT_TURN = "(SELECT COALESCE(MAX(turn), 0) + 1 FROM skills)"

State = Literal["studying", "building"]


@dataclass(frozen=True)
class SkillProgress:
    """One started skill. Times are aware UTC; `build_hours` were counted up to `build_seen`.

    `project` is the one recorded last, `earlier` the others, the latest first.
    """

    slug: str
    state: State
    studying_since: datetime
    build_started: datetime | None = None
    project: str | None = None
    earlier: tuple[str, ...] = ()
    build_hours: float = 0.0
    build_seen: datetime | None = None

    @property
    def projects(self) -> tuple[str, ...]:
        """Its recorded projects, the latest first."""
        return (self.project, *self.earlier) if self.project else self.earlier


@dataclass(frozen=True)
class Progress:
    """Started skills by slug (the one begun last is last), the answers of `begin`, and notices."""

    skills: Mapping[str, SkillProgress] = field(default_factory=dict)
    profile: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clock:
    """The 48 hours of a build: `hours_elapsed >= 0`, `0 <= hours_left <= 48`."""

    hours_elapsed: float
    hours_left: float
    over: bool


def load(now: datetime | None = None) -> Progress:
    """Everything that is kept, or an empty Progress; trouble is in `notices`. Never raises for it.

    Creates nothing where nothing is. Counts the hours of running builds up to `now` (UTC).
    """
    notices: list[str] = []
    kept: Progress | None = None
    path = state_file()
    try:
        if not _is_present(path):
            return Progress()
        with opened(path, LAYOUT, notices) as connection:
            kept = _read(connection)
            _count_hours(connection, kept, now or datetime.now(UTC))
    except (OSError, sqlite3.Error) as error:
        notices.append(f"progress is not being kept: {explain(error, path)}")
    kept = kept or _read_unwritable(path)
    return Progress(kept.skills, kept.profile, tuple(notices))


def start_studying(slug: str, now: datetime | None = None) -> tuple[str, ...]:
    """Note that `slug` is being studied, from `now` (UTC). Again: nothing changes, and it says so.

    Returns what the user has to be told, as all writers here do.
    """
    at = now or datetime.now(UTC)

    def change(connection: sqlite3.Connection) -> list[str]:
        before = _read(connection).skills.get(slug)
        _ensure_skill(connection, slug, at)
        return [f"{slug}: studying since {_shown(before.studying_since)}"] if before else []

    return _write(change)


def start_build(slug: str, now: datetime | None = None) -> tuple[str, ...]:
    """Start the 48-hour clock of `slug` at `now` (UTC). Again: it runs on, and it says so."""
    at = now or datetime.now(UTC)

    def change(connection: sqlite3.Connection) -> list[str]:
        before = _read(connection).skills.get(slug)
        if before and before.build_started:
            return [f"{slug}: the clock has been running since {_shown(before.build_started)}"]
        _ensure_skill(connection, slug, at)
        connection.execute(
            "UPDATE skills SET build_started = ?, build_seen = ?, build_hours = 0,"
            f" turn = {_NEXT_TURN} WHERE slug = ?",
            (at.isoformat(), at.isoformat(), slug),
        )
        return []

    return _write(change)


def record_project(slug: str, path: Path, now: datetime | None = None) -> tuple[str, ...]:
    """Note that `path` is the project of `slug`. Earlier ones stay recorded; the last one counts.

    A skill with a project counts as being studied even if `start` was never called for it.
    """
    at = now or datetime.now(UTC)

    def change(connection: sqlite3.Connection) -> list[str]:
        _ensure_skill(connection, slug, at)
        connection.execute(
            "INSERT INTO projects (slug, path, recorded_at) VALUES (?, ?, ?)",
            (slug, json.dumps(os.fspath(path.absolute())), at.isoformat()),
        )
        return []

    return _write(change)


def save_profile(answers: Mapping[str, str]) -> tuple[str, ...]:
    """Keep the answers of `begin`; keys that are not in `answers` stay as they were."""

    def change(connection: sqlite3.Connection) -> list[str]:
        connection.executemany(
            "INSERT INTO profile (key, value) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [(key, json.dumps(value)) for key, value in answers.items()],
        )
        return []

    return _write(change)


def build_clock(skill: SkillProgress, now: datetime) -> Clock:
    """How much of the 48 hours is gone at `now` (aware).

    Hours already counted never come back: a clock that was set back adds nothing until it moves
    forward again, so it neither gives more time nor makes the elapsed time negative.
    """
    seen = skill.build_seen or skill.build_started or now
    elapsed = skill.build_hours + max(0.0, (now - seen).total_seconds() / 3600)
    return Clock(elapsed, max(0.0, BUILD_HOURS - elapsed), elapsed >= BUILD_HOURS)


def _write(change: Callable[[sqlite3.Connection], list[str]]) -> tuple[str, ...]:
    notices: list[str] = []
    path = state_file()
    try:
        if not path.is_absolute():
            raise FileNotFoundError(0, "there is no home directory", str(path))
        with opened(path, LAYOUT, notices) as connection:
            connection.execute("BEGIN IMMEDIATE")
            said = change(connection)
            connection.execute("COMMIT")
            notices += said
    except (OSError, sqlite3.Error) as error:
        notices.append(f"progress is not being kept: {explain(error, path)}")
    return tuple(notices)


def _ensure_skill(connection: sqlite3.Connection, slug: str, at: datetime) -> None:
    connection.execute(
        f"INSERT OR IGNORE INTO skills (slug, studying_since, turn) VALUES (?, ?, {_NEXT_TURN})",
        (slug, at.isoformat()),
    )


def _count_hours(connection: sqlite3.Connection, kept: Progress, now: datetime) -> None:
    """Move each running build's counted hours and last seen time up (or the latter back) to now."""
    for skill in kept.skills.values():
        seen = skill.build_seen
        if seen is None or abs((now - seen).total_seconds()) < OBSERVE_SECONDS:
            continue
        # `build_seen` in the condition: where two readers meet, the hours are added once.
        connection.execute(
            "UPDATE skills SET build_hours = ?, build_seen = ? WHERE slug = ? AND build_seen = ?",
            (build_clock(skill, now).hours_elapsed, now.isoformat(), skill.slug, seen.isoformat()),
        )


def _read(connection: sqlite3.Connection) -> Progress:
    """The whole state. Raises ValueError, TypeError or sqlite3.Error where it makes no sense."""
    projects: dict[str, list[str]] = {}
    for slug, path in connection.execute("SELECT slug, path FROM projects ORDER BY seq DESC"):
        projects.setdefault(slug, []).append(_text(path))
    rows = connection.execute(
        "SELECT slug, studying_since, build_started, build_seen, build_hours FROM skills"
        " ORDER BY turn"
    )
    skills = {row[0]: _skill(row, projects.get(row[0], [])) for row in rows}
    answers = connection.execute("SELECT key, value FROM profile")
    return Progress(skills, {key: _text(value) for key, value in answers})


def _skill(row: Sequence[Any], projects: Sequence[str]) -> SkillProgress:
    slug, studying_since, build_started, build_seen, build_hours = row
    if not isinstance(slug, str) or not math.isfinite(build_hours) or build_hours < 0:
        raise ValueError("a skill's row makes no sense")
    return SkillProgress(
        slug=slug,
        state="building" if build_started else "studying",
        studying_since=_utc(studying_since),
        build_started=_utc(build_started) if build_started else None,
        project=projects[0] if projects else None,
        earlier=tuple(dict.fromkeys(projects[1:])),
        build_hours=build_hours,
        build_seen=_utc(build_seen) if build_seen else None,
    )


def _text(encoded: str) -> str:
    """Free text is kept as JSON: a path may hold bytes that SQLite's UTF-8 cannot."""
    value = json.loads(encoded)
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _utc(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC)


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _is_present(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return path.is_absolute()


def _read_unwritable(path: Path) -> Progress:
    with contextlib.suppress(OSError, sqlite3.Error), opened_unwritable(path, LAYOUT) as connection:
        return _read(connection)
    return Progress()


LAYOUT = Layout(APPLICATION_ID, MIGRATIONS, _read)
