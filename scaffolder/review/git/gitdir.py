"""Finds the git folder of a reviewed folder and reads its control files.

Invariant: no link is followed at a control file, nothing that is not a regular file is opened, and
everything that git will later open by itself was looked at first. What cannot be is refused.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scaffolder.errors import EnvironmentProblem
from scaffolder.regularfile import read_regular
from scaffolder.review.git import gitconfig
from scaffolder.review.git.gitconfig import Settings
from scaffolder.sanitise import clean

MAX_CONTROL = 64 * 1024**2
"""Bytes of packed-refs or shallow that are read."""

MAX_INDEX = 512 * 1024**2
"""Bytes of an index that are copied."""

MAX_REFS = 200_000
"""References that are read."""

_MAX_STORED = 5_000_000
_MAX_STORES = 20
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_STORE = re.compile(r"[0-9a-f]{2}|pack|info")
_REF = re.compile(r"refs/[^\x00-\x20\x7f~^:?*\[\\]+")
_DEPTH = 40
_RIGHT = "Give yourself the right to read it, and review it again."


@dataclass(frozen=True, slots=True)
class Place:
    """Where the git side is: `top` is the working tree, None where the repository is bare.

    `gitdir` has HEAD and the index, `common` all the rest. `prefix` is the reviewed folder's path
    below `top`, with a slash at its end, or "". `by_file` where `.git` is a file.
    """

    top: Path | None
    gitdir: Path
    common: Path
    prefix: str
    by_file: bool


@dataclass(frozen=True, slots=True)
class Refs:
    """References by name. `over` is how many were left out; `odd` are links and no references."""

    ids: Mapping[str, str]
    symbolic: Mapping[str, str]
    over: int = 0
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """What HEAD says; `note` where it names no commit, `broken` where that is not normal."""

    id: str | None
    branch: str | None
    note: str = ""
    broken: bool = False


def find(root: Path) -> Place | str:
    """The git side of `root`, a resolved path; else the reason why there is none.

    EnvironmentProblem where `.git` is there and is a link or leads nowhere.
    """
    if not _kind(root / ".git") and _is_gitdir(root):
        return Place(None, root, _common(root), "", False)
    for top in (root, *root.parents):
        found = _gitdir(top)
        if found is not None:
            below = "" if top == root else root.relative_to(top).as_posix() + "/"
            by_file = found != top / ".git"
            return Place(top, found, _common(found), below, by_file)
        if top == root and _kind(top / ".git"):
            return "its .git is no repository: it has no HEAD, objects and refs"
    return "this folder is not a git repository"


def control(path: Path, limit: int = MAX_CONTROL) -> bytes | None:
    """The bytes of a control file; None where there is none. EnvironmentProblem as for `find`."""
    try:
        return read_regular(path, limit)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        link = stat.S_ISLNK(_kind(path))
        raise refusal(path, "is a link" if link else error.strerror or "cannot be read") from error


def refusal(path: Path, why: str, hint: str = "") -> EnvironmentProblem:
    """Why a repository cannot be examined."""
    return EnvironmentProblem(
        f"cannot examine {clean(str(path), 300)}: it {why}",
        hint or "If you trust it, clone it and review the clone.",
    )


def settings(common: Path) -> Settings:
    """The repository's own configuration; EnvironmentProblem where its format is not known."""
    found = gitconfig.read(control(common / "config", gitconfig.MAX_CONFIG) or b"")
    storage = found.value("extensions", "refstorage") or "files"
    if storage != "files" or _kind(common / "reftable"):
        raise EnvironmentProblem(
            f"cannot examine {clean(str(common), 300)}: its references are stored as "
            f"{clean(storage if storage != 'files' else 'reftable', 40)}, which is not read",
            "In a copy of it: git refs migrate --ref-format=files",
        )
    if object_format(found) not in ("sha1", "sha256"):
        raise refusal(common, "has an object format that is not known")
    return found


def object_format(found: Settings) -> str:
    """sha1 or sha256, as the configuration names it."""
    return found.value("extensions", "objectformat") or "sha1"


def check_stores(common: Path) -> list[Path]:
    """The folders of objects, those borrowed from included, after a look at every file there.

    EnvironmentProblem where something that git would open is not a regular file.
    """
    waiting, checked = [common / "objects"], list[Path]()
    while waiting:
        store = waiting.pop()
        if store in checked or len(checked) >= _MAX_STORES:
            continue
        _check_store(store)
        checked.append(store)
        waiting += _alternates(store)
    return checked


def refs(common: Path) -> Refs:
    """Every reference, a loose one before a packed one of its name."""
    ids = {n: i for i, n in _packed(control(common / "packed-refs") or b"")}
    symbolic: dict[str, str] = {}
    odd, over = [], max(0, len(ids) - MAX_REFS)
    for name, path in _loose(common):
        if len(ids) + len(symbolic) >= MAX_REFS:
            over += 1
        elif path.is_symlink() or not _sort(name, control(path, 4096) or b"", ids, symbolic):
            odd.append(name)
    return Refs(dict(list(ids.items())[:MAX_REFS]), symbolic, over, tuple(odd))


def head(gitdir: Path, known: Refs) -> Head:
    """What HEAD says."""
    raw = control(gitdir / "HEAD", 4096)
    text = (raw or b"").decode("utf-8", "replace").strip()
    if _ID.fullmatch(text):
        return Head(text, None)
    if not text.startswith("ref:"):
        return Head(None, None, f"HEAD is {clean(text, 80)!r}, which is no reference", broken=True)
    name = text[4:].strip()
    for _ in range(6):
        if not _REF.fullmatch(name) or ".." in name:
            return Head(None, None, f'HEAD is "{clean(text, 80)}", which names no branch', True)
        if name not in known.symbolic:
            return _on_branch(name, known)
        name = known.symbolic[name]
    return Head(None, None, "HEAD is a loop: it leads back to itself and to no commit", True)


def _on_branch(name: str, known: Refs) -> Head:
    branch = name.removeprefix("refs/heads/")
    found = known.ids.get(name)
    return Head(found, branch, "" if found else f"HEAD is {branch}, which has no commits yet")


def _kind(path: Path) -> int:
    """The mode of what is at `path` itself, 0 where there is nothing.

    EnvironmentProblem where that may not be asked.
    """
    try:
        return os.lstat(path).st_mode
    except PermissionError as error:
        raise refusal(path.parent, "may not be read", _RIGHT) from error
    except OSError:
        return 0


def _is_gitdir(folder: Path) -> bool:
    common = folder if not _kind(folder / "commondir") else _common(folder)
    return bool(_kind(folder / "HEAD") and _kind(common / "objects") and _kind(common / "refs"))


def _gitdir(top: Path) -> Path | None:
    path = top / ".git"
    mode = _kind(path)
    if not mode:
        return None
    if stat.S_ISDIR(mode):
        return path if _is_gitdir(path) else None
    text = (control(path, 4096) or b"").decode("utf-8", "surrogateescape")
    if not text.startswith("gitdir:"):
        raise refusal(path, 'does not begin with "gitdir:"')
    named = text[7:].strip("\r\n").strip(" ")
    if "\0" in named or not named:
        raise refusal(path, "names no folder")
    found = Path(os.path.normpath(top / named))
    if not stat.S_ISDIR(_kind(found)) or not _is_gitdir(found):
        raise refusal(path, f"names {clean(named, 120)}, where there is no repository")
    return found


def _common(gitdir: Path) -> Path:
    raw = control(gitdir / "commondir", 4096)
    if raw is None:
        return gitdir
    named = raw.decode("utf-8", "surrogateescape").strip()
    if not named or "\0" in named:
        raise refusal(gitdir / "commondir", "names no folder")
    return Path(os.path.normpath(gitdir / named))


def _check_store(store: Path) -> None:
    if not stat.S_ISDIR(_kind(store)):
        raise refusal(store, "is not a folder")
    count = 0
    for folder in [store, *(_subfolders(store))]:
        for entry in _entries(folder):
            count += 1
            folders = folder is store or folder.name == "info"
            expected = entry.is_file(follow_symlinks=False) or (
                folders and entry.is_dir(follow_symlinks=False)
            )
            if not expected:
                raise refusal(Path(entry.path), "is not a regular file")
            if count > _MAX_STORED:
                raise refusal(store, f"holds more than {_MAX_STORED} files")


def _subfolders(store: Path) -> list[Path]:
    """The folders of a store that git reads."""
    return [Path(e.path) for e in _entries(store) if _STORE.fullmatch(e.name) and e.is_dir()]


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        raise refusal(folder, error.strerror or "cannot be read") from error


def _alternates(store: Path) -> list[Path]:
    raw = (control(store / "info" / "alternates", 65536) or b"").decode("utf-8", "surrogateescape")
    named = [line for line in raw.split("\n") if line and not line.startswith("#")]
    if any(line.startswith('"') or "\0" in line for line in named):
        raise refusal(store / "info" / "alternates", "names a folder in a way that is not read")
    found = [Path(os.path.normpath(store / line)) for line in named]
    return [path for path in found if _kind(path)]


def _packed(data: bytes) -> Iterator[tuple[str, str]]:
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        name = line[41:] if line[40:41] == " " else line[65:]
        found = line[: len(line) - len(name) - 1]
        if name and _ID.fullmatch(found):
            yield found, name.rstrip("\r")


def _loose(common: Path) -> Iterator[tuple[str, Path]]:
    """The files below refs/; EnvironmentProblem where one is neither a file nor a link."""
    waiting, seen = [(common / "refs", 1)], 0
    if not stat.S_ISDIR(_kind(common / "refs")):
        raise refusal(common / "refs", "is not a folder")
    while waiting:
        folder, depth = waiting.pop()
        if depth > _DEPTH:
            raise refusal(common / "refs", f"is more than {_DEPTH} folders deep")
        for entry in _entries(folder):
            seen += 1
            if seen > 5 * MAX_REFS:
                raise refusal(common / "refs", "holds too many files")
            if entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry.path), depth + 1))
            else:
                yield Path(entry.path).relative_to(common).as_posix(), Path(entry.path)


def _sort(name: str, raw: bytes, ids: dict[str, str], symbolic: dict[str, str]) -> bool:
    text = raw.decode("utf-8", "replace").strip()
    if _ID.fullmatch(text):
        ids[name] = text
    elif text.startswith("ref:"):
        symbolic[name] = text[4:].strip()
    else:
        return False
    return True
