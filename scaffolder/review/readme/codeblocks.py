"""Which lines of a document are code: fenced, indented, `<pre>`, or a reStructuredText block.

Invariant: every line is looked at a bounded number of times; comments are no code and not shown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code; `line` is that of its first line, `language` lower case, "" unknown."""

    language: str
    lines: tuple[str, ...]
    line: int


DIRECTIVE = re.compile(r"^(\s*)\.\. +([\w-]+)::[ \t]*(.*)$")
LIST = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s")
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>")
_FENCE = re.compile(r"^[ \t>]*(?:[-*+][ \t]+|\d{1,3}[.)][ \t]+)?(`{3,}|~{3,})[ \t]*([^`]*)$")


def without_code(lines: list[str], comments: bool) -> tuple[list[str], list[Fence]]:
    """The lines with code and comments blanked, and the code."""
    fences: list[Fence] = []
    shown = _without_comments(lines) if comments else lines
    number = 0
    while number < len(shown):
        block = _block(shown, number)
        if block is None:
            number += 1
            continue
        end, fence = block
        fences.append(fence)
        for blank in range(number, end):
            shown[blank] = ""
        number = end
    return shown, fences


def _without_comments(lines: list[str]) -> list[str]:
    out: list[str] = []
    inside, fence = False, ""
    for line in lines:
        mark = _FENCE.match(line) if not inside else None
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        if fence:
            out.append(line)
            continue
        kept, inside = _uncommented(line, inside)
        out.append(kept)
    return out


def _uncommented(line: str, inside: bool) -> tuple[str, bool]:
    kept = []
    while line:
        before, mark, line = line.partition("-->" if inside else "<!--")
        if not inside:
            kept.append(before)
        if not mark:
            break
        inside = not inside
    return "".join(kept), inside


def _block(lines: Sequence[str], start: int) -> tuple[int, Fence] | None:
    """The block of code that begins on a line: where it ends, and what it holds."""
    line = lines[start]
    fence = _FENCE.match(line)
    if fence:
        return _fenced(lines, start, fence[1], fence[2])
    if line.lstrip()[:4].lower() == "<pre":
        last = len(lines) - 1
        end = next((i for i in range(start, last) if "</pre" in lines[i].lower()), last)
        body = tuple(TAG.sub("", text) for text in lines[start : end + 1])
        return end + 1, Fence("", body, start + 1)
    directive = DIRECTIVE.match(line)
    if directive and directive[2] in {"code-block", "code", "sourcecode", "parsed-literal"}:
        return _indented(lines, start + 1, len(directive[1]) + 1, directive[3])
    before = lines[start - 1] if start else ""
    literal = before.rstrip().endswith("::") and not directive
    if not line.strip() or not line.startswith(("    ", "\t") if not literal else " "):
        return _indented(lines, start + 1, 1, "") if line.rstrip().endswith("::") else None
    if not before.strip() and not _in_list(lines, start):
        return _indented(lines, start, 4, "")
    return None


def _fenced(lines: Sequence[str], start: int, mark: str, info: str) -> tuple[int, Fence]:
    language = re.split(r"[\s{}:,]", info.strip().strip("{.}"), maxsplit=1)[0].lower()
    end = start + 1
    while end < len(lines) and not lines[end].strip(" \t>").startswith(mark):
        end += 1
    return min(end + 1, len(lines)), Fence(language, tuple(lines[start + 1 : end]), start + 2)


def _indented(
    lines: Sequence[str], start: int, least: int, language: str
) -> tuple[int, Fence] | None:
    end = start
    while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) >= least):
        end += 1
    body = tuple(lines[start:end])
    if not any(text.strip() for text in body):
        return None
    return end, Fence(language.lower(), body, start + 1)


def _indent(line: str) -> int:
    wide = line.expandtabs(4)
    return len(wide) - len(wide.lstrip())


def _in_list(lines: Sequence[str], start: int) -> bool:
    """Whether an indented line goes on with a list item; looks back 30 lines at most."""
    for line in reversed(lines[max(0, start - 30) : start]):
        if LIST.match(line):
            return True
        if line.strip() and _indent(line) == 0:
            return False
    return False
