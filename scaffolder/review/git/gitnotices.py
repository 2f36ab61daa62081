"""What a git folder would make an ordinary git do: told, never done.

Invariant: a notice quotes the repository's own lines and no other file; nothing that a setting
names is opened.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from scaffolder.errors import EnvironmentProblem
from scaffolder.regularfile import read_regular
from scaffolder.review.git import gitconfig
from scaffolder.review.git.gitconfig import Setting, Settings
from scaffolder.review.git.gitdir import Place, Refs
from scaffolder.review.model import Evidence, count, quote

MAX_NOTICES = 40
"""Notices of one kind of a repository that are told one by one."""

_PROGRAMS = re.compile(
    r"core\.(?:fsmonitor|hookspath|sshcommand|editor|pager|askpass|gitproxy|alternaterefscommand)"
    r"|filter\.(?:clean|smudge|process)|diff\.(?:textconv|command|external)|merge\.driver"
    r"|(?:merge|diff)tool\.(?:cmd|path)|(?:guitool|man|browser)\.cmd|hook\.command"
    r"|gpg\.(?:program|defaultkeycommand)|credential\.helper|interactive\.difffilter"
    r"|remote\.(?:uploadpack|receivepack|vcs)|sequence\.editor|pager\.[\w-]+"
    r"|trailer\.(?:command|cmd)|uploadpack\.packobjectshook|sendemail\.\w*cmd"
)
_ELSEWHERE = re.compile(
    r"include(?:if)?\.path|core\.(?:attributesfile|excludesfile|worktree)|blame\.ignorerevsfile"
    r"|init\.templatedir|commit\.template|mailmap\.file"
)
_HELPER = re.compile(r"(?:ext|fd)::|-")
_BOOLEAN = re.compile(r"(?:|true|false|yes|no|on|off|1|0)", re.I)
# What `git lfs install --local` writes, and what switches hooks or a helper off.
_HARMLESS = {
    "git-lfs clean -- %f",
    "git-lfs smudge -- %f",
    "git-lfs filter-process",
    "/dev/null",
    "",
}
_DRIVER = re.compile(r"(?:^|\s)(?:filter|diff|merge)=")
_LIMIT = 1024 * 1024


def notices(place: Place, own: Settings, known: Refs) -> Iterator[Evidence]:
    """Everything of a repository that would act on its reader."""
    yield from _place(place)
    yield from _config(_shown(place, "config"), own, place)
    worktree = _read(place.gitdir / "config.worktree")
    if worktree:
        yield from _config(_shown(place, "config.worktree"), gitconfig.read(worktree), place)
    yield from _hooks(place)
    yield from _attributes(place)
    yield from _rewritten(place, known)


def _shown(place: Place, name: str) -> str:
    return name if place.top is None else f".git/{name}"


def _config(path: str, found: Settings, place: Place) -> Iterator[Evidence]:
    told = [n for n in (_setting(path, s, place) for s in found.found) if n]
    yield from told[:MAX_NOTICES]
    if len(told) > MAX_NOTICES:
        yield quote(path, None, count(len(told) - MAX_NOTICES, "more setting") + " like these")
    if not found.whole:
        yield quote(path, None, "has more settings than are read: the rest was not examined")


def _setting(path: str, setting: Setting, place: Place) -> Evidence | None:
    name, value = f"{setting.section}.{setting.key}", setting.value
    shown = f"{setting.name} = {value[:100]}"
    if _runs(name, setting):
        return quote(path, setting.line, f"would run a program: {shown}")
    if _ELSEWHERE.fullmatch(name) and not _is_usual(name, value, place):
        return quote(path, setting.line, f"would read elsewhere: {shown}")
    if name == "protocol.allow" and value.lower() == "always":
        return quote(path, setting.line, f"would allow any transport: {shown}")
    return None


def _runs(name: str, setting: Setting) -> bool:
    value = setting.value
    if name == "core.fsmonitor" or name.startswith("pager."):
        return not _BOOLEAN.fullmatch(value)
    if name in ("remote.url", "remote.pushurl", "submodule.url"):
        return bool(_HELPER.match(value))
    if name.startswith("url."):
        return bool(_HELPER.match(setting.sub))
    if name.startswith("alias.") or name == "submodule.update":
        return value.startswith("!")
    return bool(_PROGRAMS.fullmatch(name)) and value not in _HARMLESS


def _is_usual(name: str, value: str, place: Place) -> bool:
    """Whether this is the working tree that git itself writes into a submodule's configuration."""
    if name != "core.worktree" or place.top is None or "\0" in value:
        return False
    return os.path.normpath(place.gitdir / value) == str(place.top)


def _place(place: Place) -> Iterator[Evidence]:
    if place.top is None:
        return
    if place.by_file and not _is_usual_place(place):
        yield quote(".git", 1, f"the git folder is outside of its usual place: {place.gitdir}")
    elif not place.by_file and place.common != place.gitdir:
        yield quote(
            ".git/commondir", 1, f"the git folder is outside of its usual place: {place.common}"
        )
    if hasattr(os, "getuid") and os.lstat(place.common).st_uid not in (os.getuid(), 0):
        yield quote(".git", None, "belongs to another user of this machine")


def _is_usual_place(place: Place) -> bool:
    """Whether a `.git` file leads where git puts a linked working tree or a submodule."""
    assert place.top is not None
    if place.gitdir.is_relative_to(place.top):
        return False
    if place.gitdir.parent.name == "worktrees" and place.common == place.gitdir.parent.parent:
        back = (_read(place.gitdir / "gitdir") or b"").decode("utf-8", "replace").strip()
        return os.path.realpath(back) == str(place.top / ".git")
    above = [p / ".git" / "modules" for p in place.top.parents]
    return place.common == place.gitdir and any(place.gitdir.is_relative_to(p) for p in above)


def _hooks(place: Place) -> Iterator[Evidence]:
    folder = place.common / "hooks"
    if folder.is_symlink():
        yield quote(_shown(place, "hooks"), None, "would read elsewhere: hooks is a link")
        return
    try:
        with os.scandir(folder) as entries:
            found = sorted(e.name for _, e in zip(range(1000), entries, strict=False) if _active(e))
    except OSError:
        return
    for name in found[:MAX_NOTICES]:
        yield quote(f"{_shown(place, 'hooks')}/{name}", None, f"would run a program: hook {name}")


def _active(entry: os.DirEntry[str]) -> bool:
    if entry.name.endswith(".sample") or entry.is_dir(follow_symlinks=False):
        return False
    return entry.is_symlink() or bool(entry.stat(follow_symlinks=False).st_mode & stat.S_IXUSR)


def _attributes(place: Place) -> Iterator[Evidence]:
    if (place.common / "info").is_symlink():
        yield quote(_shown(place, "info"), None, "would read elsewhere: info is a link")
        return
    text = (_read(place.common / "info" / "attributes") or b"").decode("utf-8", "replace")
    lines = [(n, s[:2000]) for n, s in enumerate(text.split("\n"), 1)]
    told = [(n, s) for n, s in lines if _DRIVER.search(s)]
    for number, line in told[:MAX_NOTICES]:
        yield quote(_shown(place, "info/attributes"), number, f"names a driver: {line.strip()}")


def _rewritten(place: Place, known: Refs) -> Iterator[Evidence]:
    replaced = sorted(n for n in known.ids if n.startswith("refs/replace/"))
    for name in replaced[:MAX_NOTICES]:
        yield quote(_shown(place, name), None, "would show another object in its place: ignored")
    if (_read(place.common / "info" / "grafts") or b"").strip():
        yield quote(
            _shown(place, "info/grafts"), 1, "would hide or invent parents of commits: ignored"
        )
    if (_read(place.common / "objects" / "info" / "alternates") or b"").strip():
        yield quote(
            _shown(place, "objects/info/alternates"),
            1,
            "borrows objects from another folder; only those that a reference reaches are read",
        )


def _read(path: Path) -> bytes | None:
    """A file that only notices need; what is no regular file, or behind a link, says nothing."""
    try:
        return None if path.parent.is_symlink() else read_regular(path, _LIMIT)
    except (OSError, EnvironmentProblem):
        return None
