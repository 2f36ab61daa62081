"""The questions that a model is asked, read from `rubric/judge.yml`.

Invariant: one question a check; each names what it reads, and nothing else is ever sent for it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder.errors import BrokenTemplate
from scaffolder.paths import rubric_dir
from scaffolder.records import read_mapping, record

MOST = 12
"""Questions that the file may hold: what needs more of them is no narrow question."""


@dataclass(frozen=True)
class Source:
    """What is read: lines of the README, a section of it, a path of the manifest, files by name."""

    readme: int = 0
    section: str = ""
    path: str = ""
    glob: str = ""
    files: int = 4
    lines: int = 60
    code: bool = True

    @property
    def patterns(self) -> list[str]:
        """The shell patterns of `glob`, which separates them by commas."""
        return [word.strip() for word in self.glob.split(",") if word.strip()]


@dataclass(frozen=True)
class Question:
    """One thing to be asked about `reads`; yes is good. `check` is the item it belongs to."""

    check: str
    question: str
    reads: Sequence[Source]


def load(path: Path | None = None) -> tuple[Question, ...]:
    """The questions of the file at `path`, ours by default; BrokenTemplate where it is not so."""
    path = path or rubric_dir() / "judge.yml"
    raw = read_mapping(path)
    place = "rubric/judge.yml"
    if set(raw) != {"format", "questions"} or not isinstance(raw["questions"], list):
        raise BrokenTemplate(f"{place}: expected format and questions")
    found = tuple(_question(each, place) for each in raw["questions"])
    names = [each.check for each in found]
    if len(set(names)) != len(names) or len(names) > MOST:
        raise BrokenTemplate(f"{place}: at most {MOST} questions, one a check")
    return found


def _question(raw: object, place: str) -> Question:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("reads"), list) or not raw["reads"]:
        raise BrokenTemplate(f"{place}: expected check, question and reads")
    place = f"{place}: {raw.get('check')}"
    sources = [_source(each, place) for each in raw["reads"]]
    asked = record(Question, {**raw, "reads": []}, place)
    return Question(asked.check, " ".join(asked.question.split()), sources)


def _source(raw: object, place: str) -> Source:
    if not isinstance(raw, Mapping):
        raise BrokenTemplate(f"{place}: a source is keys and values")
    given: dict[str, Any] = {str(k): v for k, v in raw.items() if k != "code"}
    plain = record(Source, given, place)
    if not (plain.readme or plain.section or plain.path or plain.glob):
        raise BrokenTemplate(f"{place}: a source names readme, section, path or glob")
    try:
        re.compile(plain.section)
    except re.error as error:
        raise BrokenTemplate(f"{place}: {plain.section} is no pattern") from error
    return Source(**{**given, "code": raw.get("code", True) is True})
