"""How a project's manifest stood in time: one state a commit that changed it, and the one of now.

Invariant: git is read through the review's clean room only; what cannot be read is not there, and
`note` says so.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from scaffolder import manifest
from scaffolder.errors import EnvironmentProblem, UsageError
from scaffolder.journeys import claimed
from scaffolder.journeys.claimed import Entry
from scaffolder.manifest import MANIFEST
from scaffolder.regularfile import read_regular
from scaffolder.review import cleanroom
from scaffolder.review.git import gitversions
from scaffolder.review.git.gitversions import Version
from scaffolder.review.parse import Budget, Parsed, read_toml
from scaffolder.sanitise import clean

MAX_VERSIONS = 60
"""Versions of the manifest that are read, the newest."""

_MANIFEST_SIZE = 256 * 1024
_QUESTIONS_SIZE = 4 * 1024 * 1024
_SECONDS = 10.0
_MOST_ROWS = 5000


@dataclass(frozen=True)
class State:
    """The claims of one version; `questions` and `corpus` name what they were measured on.

    `change` is the change that this version tells of and the one before did not.
    """

    entries: tuple[Entry, ...]
    commit: str = ""
    when: datetime | None = None
    subject: str = ""
    change: str = ""
    questions: str = ""
    corpus: str = ""
    reference: bool = False

    @cached_property
    def by_text(self) -> Mapping[str, Entry]:
        """Each claim by what it says."""
        return {entry.text: entry for entry in self.entries}


@dataclass(frozen=True)
class _Now:
    """The manifest as it is, where its questions and documents are, the rows of the template."""

    table: Mapping[str, Any]
    golden: str
    corpus: str
    shipped: frozenset[str]
    questions: bytes


def states(project: Path) -> tuple[list[State], str]:
    """Oldest first, the last one as it is now; and what could not be looked at.

    UsageError where the manifest cannot be read.
    """
    now = _now(project)
    try:
        past, note = _past(project, now)
    except EnvironmentProblem as error:
        past, note = [], f"only what stands now: {error.message}"
    return _with_changes([*past, _state_now(now, past)]), note


def _past(project: Path, now: _Now) -> tuple[list[State], str]:
    with cleanroom.opened(project) as git:
        trail = git.trail()
        if trail is None:
            return [], "no commit yet: only what stands now"
        beside = [now.golden, now.corpus]
        found = gitversions.versions(trail, git.history.commits, MANIFEST, beside)
        recent = found[-MAX_VERSIONS:]
        sizes = {v.ids[0]: v.size for v in recent}
        texts = gitversions.texts(trail, sizes, _MANIFEST_SIZE)
        asked = gitversions.sizes(trail, [v.ids[1] for v in recent])
        questions = gitversions.texts(trail, asked, _QUESTIONS_SIZE)
    left = len(found) - len(recent)
    note = f"the {left} oldest versions of {MANIFEST} are not read" if left else ""
    budget = Budget(_SECONDS)
    return [_state(v, texts, questions, now, budget) for v in recent], note


def _state(
    version: Version,
    texts: Mapping[str, str],
    questions: Mapping[str, str],
    now: _Now,
    budget: Budget,
) -> State:
    read = read_toml(texts.get(version.ids[0], ""), budget)
    table = read.value if isinstance(read, Parsed) and isinstance(read.value, dict) else {}
    commit = version.commit
    return State(
        claimed.entries(table),
        commit.id[:7],
        commit.when,
        clean(commit.message.partition("\n")[0], 120),
        questions=version.ids[1],
        corpus=version.ids[2],
        reference=_is_shipped(questions.get(version.ids[1], ""), now.shipped),
    )


def _state_now(now: _Now, past: Sequence[State]) -> State:
    entries = claimed.entries(now.table)
    last = past[-1] if past else State(())
    return State(
        entries,
        questions=_blob(now.questions, last.questions) if now.questions else "",
        corpus=last.corpus,
        reference=_is_shipped(now.questions.decode("utf-8", "replace"), now.shipped),
    )


def _with_changes(found: list[State]) -> list[State]:
    """Each state with the change that it is the first to tell of."""
    made, known = [], frozenset[str]()
    for state in found:
        names = [entry.change for entry in state.entries if entry.change]
        new = next((name for name in names if name not in known), "")
        alone = bool(known) or len(set(names)) == 1
        made.append(replace(state, change=new if alone else ""))
        known |= frozenset(names)
    return made


def _now(project: Path) -> _Now:
    declared = manifest.read(project)
    golden, corpus = declared.paths.get("golden", ""), declared.paths.get("corpus", "")
    text = read_regular(project / MANIFEST, _MANIFEST_SIZE).decode("utf-8", "replace")
    read = read_toml(text, Budget(_SECONDS))
    if not isinstance(read, Parsed):
        raise UsageError(f"{project / MANIFEST} {read.reason}", "Mend that line.")
    return _Now(read.value, golden, corpus, _shipped(project, golden), _questions(project, golden))


def _shipped(project: Path, golden: str) -> frozenset[str]:
    """The rows of the template's own questions."""
    try:
        files = manifest.read_lock(project).files
    except UsageError:
        return frozenset()
    return files[golden].shingles if golden in files else frozenset()


def _questions(project: Path, golden: str) -> bytes:
    inside = golden and not Path(golden).is_absolute() and ".." not in Path(golden).parts
    try:
        return read_regular(project / golden, _QUESTIONS_SIZE) if inside else b""
    except (OSError, ValueError):
        return b""


def _is_shipped(questions: str, shipped: frozenset[str]) -> bool:
    """Whether any of the questions is one that the template brought."""
    rows = questions.splitlines()[:_MOST_ROWS] if shipped else []
    return any(manifest.row_hash(row) in shipped for row in rows if row.strip())


def _blob(content: bytes, like: str) -> str:
    """The name that git has for a file of this content."""
    kind = hashlib.sha256 if len(like) == 64 else hashlib.sha1
    return kind(b"blob %d\0" % len(content) + content).hexdigest()
