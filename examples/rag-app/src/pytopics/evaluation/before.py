"""Before and after: what another setting did to a system, on the same questions.

Invariant: the rows of the last other setting are in `before/`, which no table and no claim reads,
and are compared on dev questions where there are any: a change is chosen on them. Rows that were
kept under the name of a change are in `before/NAME/` and, from after it, in `before/NAME/after/`:
never replaced, and published whatever was changed later.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from .golden import Question
from .metrics import DEPTH
from .rows import Row, lines_of, read, write
from .run import ANSWERING, SYSTEMS, question_hash
from .statistics import compare

FOLDER = "before"
AFTER = "after"  # in the folder of a change
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Change:
    """Now minus before with a 95 % interval; `setting` is what the system was set to before."""

    system: str
    setting: str
    metric: str
    split: str
    difference: float
    low: float
    high: float
    n: int
    better: tuple[str, ...]
    worse: tuple[str, ...]
    fallen_slices: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.system} since {self.setting}: {self.metric} {self.difference:+z.2f} "
            f"[{self.low:+z.2f}, {self.high:+z.2f}], n = {self.n} ({self.split}); "
            f"better on {_listed(self.better)}; worse on {_listed(self.worse)}; "
            f"slices that fell: {_listed(self.fallen_slices)}."
        )


@dataclass(frozen=True)
class Kept:
    """Rows of one system from before and after the change `name`, of the same questions.

    The rows from after are `frozen` where the run that measured the change kept them, else today's.
    """

    name: str
    system: str
    before: tuple[Row, ...]
    after: tuple[Row, ...]
    frozen: bool


def keep(path: Path, rows: Sequence[Row]) -> Change | None:
    """Call it before `rows` replace the file `path`: keeps rows of another setting in `before/`.

    None if `path` has no such rows of the same questions, or none with the grade to compare.
    """
    old = _old_rows(path)
    common = [row for row in old if (row.id, row.question) in _asked(rows)]
    if not common or {row.setting for row in old} == {row.setting for row in rows}:
        return None
    (path.parent / FOLDER).mkdir(exist_ok=True)
    shutil.copyfile(path, path.parent / FOLDER / path.name)
    return change(common, rows)


def keep_as(name: str, results: Path, systems: Sequence[str], questions: Sequence[Question]) -> int:
    """Copy the rows in `results` to `before/NAME/`: call it before the run that measures a change.

    Rows of questions that are not in `questions` as they were are not copied: returns how many. A
    run that was broken off may be repeated. Raises UsageError for a name that is no plain word or
    that rows of one of `systems` were kept under, and where there are no rows of these questions.
    """
    folder = results / FOLDER / name
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a change", "small letters, digits and hyphens")
    asked = {(q.id, question_hash(q)) for q in questions}
    kept = [read(path) for path in folder.glob("*.jsonl")]
    done = any((folder / AFTER / f"{system}.jsonl").exists() for system in systems)
    if done or not all(_asked(rows) <= asked for rows in kept):
        raise UsageError(f"rows of a change {name} are kept already", "choose another name")
    return 0 if kept else _copy(results, folder, asked)


def keep_after(name: str, results: Path, rows: Sequence[Row]) -> None:
    """Keep `rows` of one system in `before/NAME/after/`, those of the questions kept from before.

    Nothing is kept of a system that was not measured or has no rows from before.
    """
    folder = results / FOLDER / name
    if rows and (path := folder / f"{rows[0].system}.jsonl").exists():
        asked = _asked(read(path))
        write(folder / AFTER / path.name, [row for row in rows if (row.id, row.question) in asked])


def load_kept(
    results: Path, corpus: str, today: Mapping[str, Sequence[Row]]
) -> tuple[list[Kept], list[str]]:
    """Before and after of every change kept on this corpus; and the names of the others.

    Without rows from after, a change is set against the rows of `today` if these are of the same
    questions.
    """
    folders = sorted({path.parent for path in (results / FOLDER).glob("*/*.jsonl")})
    found = [kept for folder in folders for kept in _kept(folder, today)]
    here = [kept for kept in found if {row.corpus for row in kept.before} == {corpus}]
    return here, sorted({folder.name for folder in folders} - {kept.name for kept in here})


def change(before: Sequence[Row], now: Sequence[Row]) -> Change | None:
    """`now` minus `before` on fact accuracy for answers, nDCG for retrievers; None without pairs.

    Both are rows of one system.
    """
    system = now[0].system
    metric = "fact_accuracy" if system in ANSWERING else f"ndcg@{DEPTH}"
    old = {row.id: row.grades[metric] for row in before if metric in row.grades}
    graded = [row for row in now if metric in row.grades and row.id in old]
    pairs = [row for row in graded if row.split == "dev"] or graded
    if not pairs:
        return None
    found = compare([old[row.id] for row in pairs], [row.grades[metric] for row in pairs])
    moved = {row.id: row.grades[metric] - old[row.id] for row in pairs}
    return Change(
        system=system,
        setting=before[0].setting,
        metric=metric,
        split=pairs[0].split,
        difference=found.difference,
        low=found.low,
        high=found.high,
        n=len(pairs),
        better=tuple(name for name, by in moved.items() if by > 0),
        worse=tuple(name for name, by in moved.items() if by < 0),
        fallen_slices=_fallen(pairs, moved),
    )


def _asked(rows: Sequence[Row]) -> set[tuple[str, str]]:
    return {(row.id, row.question) for row in rows}


def _copy(results: Path, folder: Path, asked: set[tuple[str, str]]) -> int:
    """Copies line by line; the number of lines that are of other questions."""
    found = {}
    others = 0
    for path in (path for s in SYSTEMS if (path := results / f"{s}.jsonl").exists()):
        both = list(zip(lines_of(path), read(path), strict=True))
        lines = [line + "\n" for line, row in both if (row.id, row.question) in asked]
        found[path.name] = "".join(lines)
        others += len(both) - len(lines)
    if not any(found.values()):
        hint = "run eval before you make the change"
        raise UsageError("there are no rows to keep of today's questions", hint)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in found.items():
        if text:
            (folder / name).write_text(text, encoding="utf-8")
    return others


def _kept(folder: Path, today: Mapping[str, Sequence[Row]]) -> Iterator[Kept]:
    frozen = (folder / AFTER).is_dir()
    for path in (path for s in SYSTEMS if (path := folder / f"{s}.jsonl").exists()):
        after = folder / AFTER / path.name
        then = read(path)
        now = today.get(path.stem, ()) if not frozen else read(after) if after.exists() else ()
        if now and _asked(then) == _asked(now):
            yield Kept(folder.name, path.stem, tuple(then), tuple(now), frozen)


def _old_rows(path: Path) -> list[Row]:
    try:
        return read(path) if path.exists() else []
    except UsageError:
        return []  # a file that cannot be read is about to be written anew: that mends it


def _fallen(rows: Sequence[Row], moved: Mapping[str, float]) -> tuple[str, ...]:
    sums: dict[str, float] = {}
    for row in rows:
        sums[row.slice] = sums.get(row.slice, 0.0) + moved[row.id]
    return tuple(name for name, by in sums.items() if by < -1e-9)


def _listed(names: Sequence[str]) -> str:
    return " ".join(names) or "none"
