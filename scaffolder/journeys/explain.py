"""`scaffold explain`: why a check of the review or a generated file exists.

Invariant: the words are data: of a file beside the layer that brings it (`files.yml`, the most
specific pattern wins), of a check in its own file and at the probes that it names.
"""

import difflib
import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from scaffolder import manifest, skills
from scaffolder.errors import UsageError
from scaffolder.paths import absolute, rubric_dir
from scaffolder.records import read_list, record
from scaffolder.review import rubric
from scaffolder.review.model import Check, ProbeCall
from scaffolder.sanitise import clean


@dataclass(frozen=True)
class Explanation:
    """Why a file is there; `path` is a pattern relative to the project, `*` for the package."""

    path: str
    why: str
    not_when: str


@dataclass(frozen=True)
class CheckExplained:
    """A check in words: where it belongs, how it is decided, whose work counts, its sources."""

    check: Check
    place: str
    effort: str
    how: tuple[str, ...]
    own: str
    waiver: str
    sources: tuple[str, ...]


_ID = re.compile(r"[A-Za-z]{2,6}-\d{1,3}")
_POINTS = {1: "1 point"}


def is_check(word: str) -> bool:
    """Whether a word is written like the id of a check."""
    return bool(_ID.fullmatch(word))


def check_id(word: str) -> str:
    """The id of a check as the rubric writes it; UsageError that names the nearest if unknown."""
    known = sorted(path.stem for path in (rubric_dir() / "checks").glob("*.yml"))
    section, dash, number = word.upper().partition("-")
    asked = f"{section}{dash}{number.zfill(2)}"
    if asked in known:
        return asked
    near = difflib.get_close_matches(asked, known, 1, 0.5)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(
        f"there is no check {clean(word, 40)}.{meant}", "`scaffold review` lists them all."
    )


def explain_check(word: str) -> CheckExplained:
    """The explanation of the check with the id `word`, whatever its case."""
    wanted = check_id(word)
    data = rubric.load()
    check = next(c for c in data.checks if c.id == wanted)
    section = data.sections[check.section]
    points = rubric.WEIGHTS[check.weight]
    return CheckExplained(
        check=check,
        place=f"{section.title}. A {check.weight} ({_POINTS.get(points, f'{points} points')}) of "
        f"{check.dimension}: {data.dimensions[check.dimension]}",
        effort=f"{check.effort} min",
        how=tuple(_how(check)),
        own=_own(check),
        waiver="a reason and a date in scaffold.toml take it out of the count."
        if check.waivable
        else "none counts.",
        sources=tuple(data.sources[key] for key in check.source),
    )


def _how(check: Check) -> list[str]:
    """What decides, in words; of several the lowest answer counts."""
    read = [_probe(call) for call in check.probes]
    if len(read) > 1:
        read.append("The lowest of these answers counts.")
    run = [f"Only a run can show: {check.run}"] if check.run else []
    ask = [f"A person answers (scaffold answer PATH {check.id}): {check.ask}"] if check.ask else []
    return [*read, *run, *ask]


def _probe(call: ProbeCall) -> str:
    said = inspect.getdoc(rubric.probe(call)) or call.probe
    first = " ".join(said.partition("\n\n")[0].split())
    given = ", ".join(f"{name}: {_said(value)}" for name, value in call.args.items())
    return f"Read from the repository: {first}" + (f" ({given})" if given else "")


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _own(check: Check) -> str:
    if not check.own:
        return (
            "none is asked for. In a generated project it may hold as the template made it; it "
            "earns points once you have worked on it."
        )
    return (
        "in a generated project it is not started until a tenth of the lines it rests on "
        f"({', '.join(check.own)}) are yours."
    )


def explain(path: Path) -> Explanation:
    """The explanation of a generated file, by its place in a project or by its relative path.

    Outside of a project the first skill whose template makes such a file explains it. UsageError
    for a path that no template makes.
    """
    whole = absolute(path)
    project = manifest.enclosing_project(whole.parent)
    if project is not None:
        asked = [skills.find(manifest.read(project).skill)]
        relative = whole.relative_to(project).as_posix()
    else:
        asked = [skill for skill in skills.load() if skill.available]
        relative = PurePosixPath(path.as_posix()).as_posix().removeprefix("./")
    return _best(relative, asked)


def _best(relative: str, asked: Sequence[skills.Skill]) -> Explanation:
    known = [explanations(skill) for skill in asked]
    found = next(
        filter(None, ([e for e in one if fnmatchcase(relative, e.path)] for one in known)), []
    )
    if not found:
        owner = f"the {asked[0].slug} template makes" if len(asked) == 1 else "a template makes"
        raise UsageError(
            f"{clean(relative)} is not a file that {owner}."
            + _nearest(relative, [e for one in known for e in one]),
            "Name a file by its path in the project, for instance: scaffold explain config.toml",
        )
    return max(found, key=lambda e: len(e.path.replace("*", "")))


def _nearest(name: str, known: Sequence[Explanation]) -> str:
    whole = [e.path.replace("src/*/", "") for e in known]
    near = difflib.get_close_matches(name.removeprefix("src/").partition("/")[2] or name, whole, 1)
    return f" Did you mean {near[0]}?" if near else ""


def explanations(skill: skills.Skill) -> Sequence[Explanation]:
    """Every explanation of the layers of `skill`."""
    return [
        record(Explanation, entry, f"{layer.name}/files.yml")
        for layer in skills.layers(skill)
        for entry in read_list(layer / "files.yml")
    ]
