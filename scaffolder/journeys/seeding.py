"""Seeded defects: what careless authors do, as patches over a finished project.

Invariant: only a clone made here is changed. The rows in it keep the values of the sound project
and name the commit that holds the defect, as if its author had measured again.
"""

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from scaffolder import gitrepo, manifest, paths, runner
from scaffolder.errors import BrokenTemplate, EnvironmentProblem, UsageError
from scaffolder.records import read_mapping, record
from scaffolder.review.rubric import Rubric

EXAMPLES = "examples"
"""Where the finished projects are; the defects of one are in a folder of the same name."""

_LIST = "defects.yml"
_MADE_BY = re.compile(r'"commit": "[0-9a-f]{7,64}", "tree": "[0-9a-f]{7,64}"')
_TREE_DIGITS = 12
_READY = "ready"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class _Entry:
    said: str
    target: str
    tries: Sequence[str] = ()


@dataclass(frozen=True)
class Defect:
    """What an author does in `said`, which item of the rubric has to fall, which tries see it.

    Without `tries` the files alone show it. `project` is the name of the finished project.
    """

    name: str
    project: str
    said: str
    target: str
    tries: Sequence[str]
    patch: Path

    @property
    def place(self) -> str:
        """The finished project, as a path in the repository."""
        return f"{EXAMPLES}/{self.project}"


def defects(data: Rubric, folder: Path | None = None) -> Sequence[Defect]:
    """Every defect, in the order of its file; UsageError where this copy of ours brings none.

    BrokenTemplate for a patch without an entry or the other way round, and for an item or a try
    that the rubric does not have.
    """
    root = folder or paths.in_source("defects")
    if root is None:
        raise UsageError(
            "the seeded defects are in the source of this program, not in an installed copy",
            "Clone its repository and run the command from there.",
        )
    return [each for place in sorted(root.iterdir()) for each in _listed(place, data)]


def _listed(place: Path, data: Rubric) -> Sequence[Defect]:
    """The defects of one finished project."""
    raw = read_mapping(place / _LIST)
    patches = {path.stem: path for path in place.glob("*.patch")}
    for name in sorted(raw.keys() ^ patches.keys()):
        what = "a patch without an entry" if name in patches else "an entry without a patch"
        raise BrokenTemplate(f"{place.name}/{_LIST}: {name} is {what}")
    entries = {n: record(_Entry, e, f"{place.name}/{_LIST}: {n}") for n, e in raw.items()}
    for name, entry in entries.items():
        _check(f"{place.name}/{_LIST}: {name}", entry, data)
    return [
        Defect(name, place.name, entry.said, entry.target, entry.tries, patches[name])
        for name, entry in entries.items()
    ]


def _check(where: str, entry: _Entry, data: Rubric) -> None:
    check = next((c for c in data.checks if c.id == entry.target), None)
    if check is None or check.weight != "must":
        raise BrokenTemplate(f"{where}: {entry.target} is no must of the rubric")
    if unknown := [t for t in entry.tries if t not in data.tries]:
        raise BrokenTemplate(f"{where}: there is no try {', '.join(unknown)}")


def sound(folder: Path, place: str, source: Path | None = None) -> Path:
    """The finished project in a clone of this program's repository, as it is committed."""
    gitrepo.cloned(source or _source(), folder)
    return folder / place


def seeded(folder: Path, defect: Defect, source: Path | None = None) -> Path:
    """The finished project with the defect in it, committed, and with rows of that commit.

    EnvironmentProblem where the patch does not fit any more.
    """
    made = gitrepo.cloned(source or _source(), folder)
    _apply(folder, defect)
    project = folder / defect.place
    rows = _rows_of_today(project / manifest.read(project).paths["results"])
    for path in rows:
        path.unlink()  # rows that stood in the commit they name would be no rows of it
    commit = gitrepo.committed(folder, "A change", made + timedelta(minutes=1))
    made_by = f'"commit": "{commit[:_TREE_DIGITS]}", '
    made_by += f'"tree": "{gitrepo.tree_id(folder, defect.place)[:_TREE_DIGITS]}"'
    for path, text in rows.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(_MADE_BY.sub(made_by, text), "utf-8")
    gitrepo.committed(folder, "Measure again", made + timedelta(minutes=2))
    return project


def _apply(folder: Path, defect: Defect) -> None:
    try:
        gitrepo.applied(folder, defect.place, defect.patch)
    except EnvironmentProblem as error:
        raise EnvironmentProblem(
            f"the patch {defect.name} does not fit {defect.place} any more: {error.message}",
            "Make the same defect in the project as it is now, and take its diff.",
        ) from error


def _rows_of_today(results: Path) -> Mapping[Path, str]:
    """The rows in the folder of the results and in those beside it, by the file that holds them.

    Folders inside of these keep what was measured before other changes: not of today.
    """
    found = {path: path.read_text("utf-8") for path in sorted(results.parent.glob("*/*.jsonl"))}
    return {path: text for path, text in found.items() if _MADE_BY.search(text)}


def environment(project: Path, tell: Tell) -> Path:
    """The `.venv` of the finished project, made once and kept in our cache.

    EnvironmentProblem where its setup does not work.
    """
    kept = paths.cache_dir() / "probes" / f"{project.name}-{_pinned(project)}"
    if not (kept / _READY).exists():
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(project, kept, ignore=shutil.ignore_patterns(".git", ".venv", "var"))
        setup = manifest.read(kept).commands["setup"]
        done = runner.run(kept, setup, tell)
        if done.exit_code:
            raise EnvironmentProblem(
                f"the setup of {project.name} ended with exit code {done.exit_code}",
                "What it said stands above; it needs the package index.",
            )
        (kept / _READY).touch()
    return kept / ".venv"


def lend(venv: Path, project: Path) -> None:
    """Puts the environment into a clone, as links to the same files where that is possible."""
    shutil.copytree(venv, project / ".venv", symlinks=True, copy_function=_linked)


def _linked(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _pinned(project: Path) -> str:
    """A digest of what the environment is made from."""
    found = hashlib.sha256(sys.version.encode())
    for name in ("pyproject.toml", "requirements.lock"):
        path = project / name
        found.update(path.read_bytes() if path.is_file() else b"")
    return found.hexdigest()[:12]


def _source() -> Path:
    """The checkout that this program runs from."""
    there = paths.in_source("defects")
    if there is None:
        raise UsageError("this is not a checkout of the program", "Clone its repository.")
    return there.parent


def chosen(every: Sequence[Defect], only: Sequence[str]) -> Sequence[Defect]:
    """Those that are named, all where none is; UsageError names one that is not there."""
    known: Mapping[str, Defect] = {each.name: each for each in every}
    if unknown := [name for name in only if name not in known]:
        raise UsageError(f"there is no defect {unknown[0]!r}", f"There are: {', '.join(known)}.")
    return [each for each in every if not only or each.name in only]
