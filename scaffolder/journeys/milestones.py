"""How far a 48-hour build has come, counted from what its author has put into the project.

Invariant: only the author's own work counts, so a fresh project meets no milestone, and neither
does a template file that was copied, moved, trimmed or given other line ends. The project may be
hostile: no file outside it is opened, no link followed, nothing but a regular file of bounded size
read. What cannot be read counts as nothing and is said.
"""

import contextlib
import json
import os
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path, PurePosixPath
from typing import Any

from scaffolder.errors import ScaffoldError
from scaffolder.manifest import Manifest, read_lock, row_hash, shingles
from scaffolder.regularfile import read_regular
from scaffolder.skills import Evidence, Milestone

MAX_BYTES = 20 * 1024 * 1024
"""The largest file that is read."""

MAX_ENTRIES = 20_000
"""How many files of one folder are looked at."""

ROWS_A_SETTING = 10
"""Own questions that a setting must have been run on to count as measured."""

SAMPLE_ORIGIN = "template sample"
"""How a generated row says that it is ours, even after a program has written it anew."""

_NOT_WORK = re.compile(r"\..*|README\.md|.*\.draft\.md", re.IGNORECASE)
_DRAFT = re.compile(
    r"yours to write|^\W*Status:\W*draft|<!-- the next sweep replaces", re.IGNORECASE | re.MULTILINE
)
"""What a decision record holds as long as parts of it are the program's."""

_CORPUS_NAME = re.compile(
    r"^\[corpus\].*(?:\n(?!\[).*)*?\n[ \t]*name[ \t]*=[ \t]*\"([^\"\n]+)\"", re.MULTILINE
)
_TABLE_RULE = re.compile(r"\|[\s:|-]+\|?")


@dataclass(frozen=True)
class Counted:
    """One piece of evidence: `found` of the `at_least` wanted; `problems` say what was not read."""

    evidence: Evidence
    found: int
    problems: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        return self.found >= self.evidence.at_least


@dataclass(frozen=True)
class MilestoneState:
    """A milestone and what was counted for it; one that names no evidence is never met by us."""

    milestone: Milestone
    counted: tuple[Counted, ...]

    @property
    def met(self) -> bool:
        return bool(self.counted) and all(counted.met for counted in self.counted)


@dataclass(frozen=True)
class _Project:
    """Where to look, the hashes of what the template brought, and what could not be read."""

    root: Path
    paths: Mapping[str, str]
    known: frozenset[str]
    problems: list[str]


def measure(
    milestones: Sequence[Milestone], manifest: Manifest, project: Path
) -> list[MilestoneState]:
    """The state of each of `milestones` in `project`, in the same order.

    A missing or broken lock is not raised: nothing counts, since nothing tells whose work it is.
    """
    try:
        files = read_lock(project).files.values()
    except ScaffoldError as error:
        return [_uncounted(milestone, error.message) for milestone in milestones]
    known = frozenset(shingle for file in files for shingle in file.shingles)
    return [
        MilestoneState(
            milestone,
            tuple(
                _count(evidence, _Project(project, manifest.paths, known, problems=[]))
                for evidence in milestone.evidence
            ),
        )
        for milestone in milestones
    ]


def _uncounted(milestone: Milestone, why: str) -> MilestoneState:
    return MilestoneState(milestone, tuple(Counted(e, 0, (why,)) for e in milestone.evidence))


def _count(evidence: Evidence, project: _Project) -> Counted:
    key = evidence.path
    match evidence.kind:
        case "own_files":
            # A corpus may be large, and one more file than wanted says nothing.
            found = sum(1 for _ in islice(_own_files(project, key), evidence.at_least))
        case "own_rows":
            found = _own_row_count(project, key)
        case "own_results":
            found = _settings_measured(project, key)
        case unknown:
            return Counted(evidence, 0, (f"no way is known to count {unknown!r}",))
    return Counted(evidence, found, tuple(dict.fromkeys(project.problems)))


def _own_files(project: _Project, key: str) -> Iterator[str]:
    """Files with mostly new runs of lines (see `manifest.shingles`): one added line is not enough.

    A decision record counts once nothing in it says that it is a draft.
    """
    for name in _names(project, key):
        if _NOT_WORK.fullmatch(PurePosixPath(name).name):
            continue
        text = _text(project, name)
        runs = shingles(name, text)
        if 2 * len(runs - project.known) <= len(runs):
            continue
        if key == "decisions" and (mark := _DRAFT.search(text)):
            project.problems.append(f"{name}: a draft as long as it says {mark[0].strip()!r}")
            continue
        yield name


def _own_row_count(project: _Project, key: str) -> int:
    """Distinct rows of the author; of results, the distinct own questions that were measured."""
    match key:
        case "results":
            return len({str(row["id"]) for row in _own_results(project, key)})
        case "golden":
            return len(_own_questions(project))
        case "failures":
            return sum(map(_is_read, _own_rows(project, key).values()))
        case _:
            return len(_own_rows(project, key))


def _is_read(row: Mapping[str, Any]) -> bool:
    """Whether somebody has written down a finding: two texts beside the id, or two table cells."""
    if "cells" in row:
        return True
    texts = [value for name, value in row.items() if name != "id" and isinstance(value, str)]
    return sum(bool(text.strip()) for text in texts) > 1


def _own_questions(project: _Project) -> list[Mapping[str, Any]]:
    """Golden rows of the author on the configured corpus, as far as config.toml names one.

    A row without an origin is not counted: it cannot be told from a sample that lost its own.
    """
    rows = _own_rows(project, "golden").values()
    own = [row for row in rows if _is_text(row, "question") and _is_text(row, "origin")]
    own = [row for row in own if _as_sample(row) not in project.known]
    corpus = _configured_corpus(project)
    counted = [row for row in own if corpus is None or row.get("corpus", corpus) == corpus]
    if len(counted) < len(own):
        others = len(own) - len(counted)
        project.problems.append(
            f"{others} of your questions are not on {corpus!r}, the corpus of config.toml"
        )
    return counted


def _is_text(row: Mapping[str, Any], name: str) -> bool:
    return isinstance(row.get(name), str) and bool(row[name].strip())


def _as_sample(row: Mapping[str, Any]) -> str:
    """The hash of the row with the samples' origin; "" for one that is too deep to write."""
    try:
        return row_hash(json.dumps({**row, "origin": SAMPLE_ORIGIN}, ensure_ascii=False))
    except RecursionError:
        return ""


def _configured_corpus(project: _Project) -> str | None:
    """`[corpus] name` of config.toml; None, and nothing said, if it cannot be found."""
    quiet = _Project(project.root, project.paths, project.known, problems=[])
    found = _CORPUS_NAME.search(_text(quiet, "config.toml"))
    return found[1] if found else None


def _settings_measured(project: _Project, key: str) -> int:
    """The most settings of one system with rows for at least ten of the author's questions.

    Per system, since retrievers side by side are no before and after. Rows without a setting are
    of one; rows whose system is called like their setting, as a sweep writes them, of one system.
    """
    measured: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in _own_results(project, key):
        system, setting = str(row.get("system") or ""), str(row.get("setting") or "")
        measured["" if system == setting else system, setting].add(str(row["id"]))
    enough = [system for (system, _), ids in measured.items() if len(ids) >= ROWS_A_SETTING]
    return max(Counter(enough).values(), default=0)


def _own_results(project: _Project, key: str) -> list[Mapping[str, Any]]:
    """Result rows on the author's own questions."""
    asked = {row["id"] for row in _own_questions(project) if _has_id(row)}
    return [r for r in _own_rows(project, key).values() if _has_id(r) and r["id"] in asked]


def _has_id(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("id"), str | int)


def _own_rows(project: _Project, key: str) -> dict[str, Mapping[str, Any]]:
    """Rows by hash that the template did not bring, from .jsonl files or Markdown tables."""
    readers = {".jsonl": _json_rows, ".md": _table_rows}
    rows: dict[str, Mapping[str, Any]] = {}
    for name in _names(project, key):
        reader = readers.get(PurePosixPath(name).suffix)
        if reader:
            rows.update(reader(_text(project, name)))
    return {digest: row for digest, row in rows.items() if digest not in project.known}


def _json_rows(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for line in text.split("\n"):
        with contextlib.suppress(ValueError, RecursionError):
            row = json.loads(line)
            if isinstance(row, dict) and row and row.get("origin") != SAMPLE_ORIGIN:
                yield row_hash(line), row


def _table_rows(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Rows of Markdown tables with at least two cells filled in; header and rule left out."""
    lines = [line.strip() for line in text.splitlines()]
    for line, after in pairwise([*lines, ""]):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        is_body = line.startswith("|") and not _TABLE_RULE.fullmatch(line)
        if is_body and not _TABLE_RULE.fullmatch(after) and sum(map(bool, cells)) > 1:
            yield row_hash(line), {"cells": cells}


def _names(project: _Project, key: str) -> list[str]:
    """The file, or every file under the folder, that the manifest calls `key`; project-relative."""
    place = project.paths.get(key, "")
    relative = PurePosixPath(place)
    if not place or relative.is_absolute() or ".." in relative.parts or "\0" in place:
        project.problems.append(f"scaffold.toml: [paths] {key} names no place in the project")
        return []
    try:
        if any((project.root / part).is_symlink() for part in _prefixes(relative)):
            raise OSError(0, "is a link and was not followed")
        mode = (project.root / relative).lstat().st_mode
        return list(_walk(project, relative)) if stat.S_ISDIR(mode) else [str(relative)]
    except FileNotFoundError:
        return []
    except OSError as error:
        project.problems.append(f"{relative}: {error.strerror}")
        return []


def _prefixes(relative: PurePosixPath) -> list[PurePosixPath]:
    return [parent for parent in (relative, *relative.parents) if parent.parts]


def _walk(project: _Project, relative: PurePosixPath) -> Iterator[str]:
    """Files under a folder in a stable order; folders that start with a dot are left out."""
    looked_at = 0
    for folder, folders, files in os.walk(project.root / relative):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            looked_at += 1
            if looked_at > MAX_ENTRIES:
                project.problems.append(f"{relative}: only {MAX_ENTRIES} files were looked at")
                return
            yield (Path(folder) / name).relative_to(project.root).as_posix()


def _text(project: _Project, name: str) -> str:
    """The text of a regular file; of anything else nothing, and a problem is said."""
    try:
        return read_regular(project.root / name, MAX_BYTES).decode("utf-8", "replace")
    except OSError as error:
        project.problems.append(f"{name}: {error.strerror}")
        return ""
