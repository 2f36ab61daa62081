"""Versions of the prompt: a file each, how each is run, and which one answers.

Invariant: a version that is used is the file that the lock names by its digest; an edit that
was given no new version is refused.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .errors import ConfigError, UsageError
from .prompting import load_prompt

DECIDES = ("model", "code")
CHOICES = ("chosen", "random")
MOST = 1000  # examples, or tokens of reasoning: a typing error
RULE = re.compile(r"^- \[([a-z][a-z0-9_-]*)\] (.+)$", re.MULTILINE)
_FILE = re.compile(r"v(\d+)\.md")
_STORY = ("aims", "because", "predicts", "happened")
_NUMBERS = ("examples", "order", "room")
_RUN = ("decides", "examples", "choice", "order", "room")


@dataclass(frozen=True)
class Version:
    """`name` is id@version; `text` is what is sent, `rules` its rules by their ids.

    `decides`: whether the model or policy.py decides. `examples` turns from train, taken by
    `choice` in the order of the seed `order` (0: as chosen). `room`: tokens for reasoning. `aims`
    is "slice.field", the group of failures that the change is for.
    """

    name: str
    source: str
    decides: str = "model"
    examples: int = 0
    choice: str = "chosen"
    order: int = 0
    room: int = 0
    aims: str = ""
    because: str = ""
    predicts: str = ""
    happened: str = ""

    @property
    def short(self) -> str:
        """As in "v3"."""
        return f"v{self.name.partition('@')[2]}"

    @property
    def rules(self) -> Mapping[str, str]:
        return dict(RULE.findall(self.source))

    @property
    def text(self) -> str:
        """The prompt without the ids of its rules, which are for us."""
        return RULE.sub(r"- \2", self.source)

    @property
    def digest(self) -> str:
        """Changes with anything that can change an answer."""
        run = [getattr(self, key) for key in _RUN]
        return hashlib.sha256(repr([self.source, run]).encode()).hexdigest()[:12]

    def without(self, rule: str) -> "Version":
        """The same version with one rule left out; UsageError if it has no such rule."""
        if rule not in self.rules:
            raise UsageError(f"{self.name} has no rule {rule!r}", f"it has {', '.join(self.rules)}")
        lines = self.source.splitlines()
        return replace(self, source="\n".join(x for x in lines if not x.startswith(f"- [{rule}] ")))


def load_versions(folder: Path) -> list[Version]:
    """Every version of a prompt, oldest first. Raises ConfigError."""
    numbers = sorted(int(m[1]) for p in folder.glob("v*.md") if (m := _FILE.fullmatch(p.name)))
    if not numbers:
        raise ConfigError(f"there is no version in {folder}", "the first one is v1.md")
    described = _described(folder / "versions.toml")
    if missing := [f"v{n}" for n in numbers if f"v{n}" not in described]:
        raise ConfigError(f"versions.toml says nothing of {missing[0]}", "add a table for it")
    return [_version(folder, f"v{n}", described[f"v{n}"]) for n in numbers]


def find(versions: list[Version], short: str) -> Version:
    """The version called `short`; UsageError if there is none."""
    for version in versions:
        if version.short == short:
            return version
    raise UsageError(
        f"there is no version {short!r}", f"one of {', '.join(v.short for v in versions)}"
    )


def reworded(folder: Path) -> Version | None:
    """The prompt of reworded.md: the rules of one version in other words."""
    path = folder / "reworded.md"
    if not path.exists():
        return None
    return _version(folder, "reworded", _described(folder / "versions.toml").get("reworded", {}))


def locked(folder: Path) -> Version:
    """The version that answers. ConfigError where its file is not what the lock names."""
    place = folder / "lock.toml"
    lock = _toml(place)
    version = find(load_versions(folder), str(lock.get("version")))
    if version.digest != lock.get("digest"):
        raise ConfigError(
            f"{version.short} is not what {place.name} names: it was edited",
            f"give the edit a number of its own, or take it as it is: use {version.short}",
        )
    return version


def lock(folder: Path, version: Version) -> None:
    """From now on this version answers: a change of one small file, forward or back."""
    text = (
        "# The version of the prompt that answers. Written by `use`; rolling back is the same.\n"
        f'version = "{version.short}"\ndigest = "{version.digest}"\n'
    )
    (folder / "lock.toml").write_text(text, encoding="utf-8")


def _version(folder: Path, short: str, said: Mapping[str, Any]) -> Version:
    prompt = load_prompt(folder / f"{short}.md")
    if short != "reworded" and prompt.name != f"{folder.name}@{short[1:]}":
        raise ConfigError(f"{short}.md is {prompt.name}", f"it has to be {folder.name}@{short[1:]}")
    _check(short, said)
    return Version(prompt.name, prompt.text, **said)


def _check(short: str, said: Mapping[str, Any]) -> None:
    where = f"versions.toml: [{short}]"
    for key, value in said.items():
        if key not in (*_STORY, *_RUN):
            raise ConfigError(f"{where} has an unknown key {key}", "check its spelling")
        if key in _NUMBERS and not (type(value) is int and 0 <= value <= MOST):
            raise ConfigError(f"{where} {key} is {value!r}", f"a number from 0 to {MOST}")
        if key not in _NUMBERS and not isinstance(value, str):
            raise ConfigError(f"{where} {key} is {value!r}, not a text")
    if said.get("decides", "model") not in DECIDES or said.get("choice", "chosen") not in CHOICES:
        raise ConfigError(f"{where} decides or choice is unknown", "model or code; chosen, random")


def _described(path: Path) -> Mapping[str, Mapping[str, Any]]:
    found = _toml(path)
    if wrong := [name for name, table in found.items() if not isinstance(table, dict)]:
        raise ConfigError(f"{path.name}: {wrong[0]} is no table", "one table a version")
    return found


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
