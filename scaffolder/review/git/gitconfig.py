"""Reads a git configuration as text.

Invariant: nothing that it names is opened, included or run; a file of any size and shape costs at
most a second.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scaffolder.regularfile import read_regular

MAX_CONFIG = 8 * 1024**2
"""Bytes of a configuration that are read."""

MAX_SECTIONS = 10_000
"""Sections of a configuration that are read."""

_MAX_ENTRIES = 50_000
_MAX_LINES = 200_000
_MAX_LINE = 4000
_HEADER = re.compile(r'\s*+\[\s*+([\w.-]++)\s*+(?:"((?:[^"\\]|\\.)*+)"\s*+)?\]')
_ENTRY = re.compile(r"\s*+([A-Za-z][\w-]*+)\s*+(?:=\s*+(.*+))?")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `section` and `key` are in lower case, `sub` as written or ""."""

    line: int
    section: str
    sub: str
    key: str
    value: str

    @property
    def name(self) -> str:
        """Its full name, as git writes it."""
        return ".".join(filter(None, (self.section, self.sub, self.key)))


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a file; `whole` is false where there are more than are read."""

    found: tuple[Setting, ...] = ()
    whole: bool = True

    def value(self, section: str, key: str) -> str:
        """The last value of a setting without subsection, in lower case; "" where there is none."""
        named = [s for s in self.found if (s.section, s.sub, s.key) == (section, "", key)]
        return named[-1].value.lower() if named else ""


def read(data: bytes) -> Settings:
    """The settings in the bytes of a configuration."""
    lines = data.decode("utf-8-sig", "replace").split("\n", _MAX_LINES)
    found: list[Setting] = []
    for setting in _settings(lines):
        if setting is None or len(found) >= _MAX_ENTRIES:
            return Settings(tuple(found), whole=False)
        found.append(setting)
    return Settings(tuple(found), whole=len(lines) <= _MAX_LINES)


def submodule_urls(top: Path) -> dict[str, str]:
    """What .gitmodules gives for each path; empty where it is no regular file."""
    try:
        found = read(read_regular(top / ".gitmodules", MAX_CONFIG)).found
    except OSError:
        return {}
    paths = {s.sub: s.value for s in found if s.key == "path"}
    return {paths[s.sub]: s.value for s in found if s.key == "url" and s.sub in paths}


def is_partial(own: Settings) -> bool:
    """Whether a repository's own settings say that objects may have been left out of it."""
    names = {(s.section, s.key) for s in own.found if s.value.lower() not in ("", "false")}
    return bool(names & {("extensions", "partialclone"), ("remote", "promisor")})


def _settings(lines: list[str]) -> Iterator[Setting | None]:
    """Each setting; None, and no more, after the last section that is read."""
    section, sub, sections = "", "", 0
    rows = iter(enumerate(lines, 1))
    for number, whole in rows:
        line = whole[:_MAX_LINE]
        while header := _HEADER.match(line):
            sections += 1
            section, sub = _names(header)
            line = line[header.end() :]
        if sections > MAX_SECTIONS:
            yield None
            return
        entry = _ENTRY.match(line)
        if entry:
            value = _continued(entry[2] or "", rows)
            yield Setting(number, section, sub, entry[1].lower(), _plain(value))


def _names(header: re.Match[str]) -> tuple[str, str]:
    if header[2] is not None:
        return header[1].lower(), re.sub(r"\\(.)", r"\1", header[2])
    section, _, sub = header[1].lower().partition(".")
    return section, sub


def _continued(value: str, rows: Iterator[tuple[int, str]]) -> str:
    """`value` with the lines that a backslash at its end joins to it."""
    parts = [value.rstrip("\r")]
    while (len(parts[-1]) - len(parts[-1].rstrip("\\"))) % 2:
        parts[-1] = parts[-1][:-1]
        _, more = next(rows, (0, ""))
        parts.append(more[:_MAX_LINE].rstrip("\r"))
        parts = ["".join(parts)[:_MAX_LINE]] if len(parts) > 20 else parts
    return "".join(parts)


def _plain(value: str) -> str:
    return value.strip().replace('\\"', '"').replace("\\\\", "\\").strip('"')
