"""Opens and lists the files below one folder that may be anybody's.

Invariant: nothing outside of the folder is ever opened: every part of a path is opened relative to
its parent, no link is followed, and only a regular file is read, up to a limit. A folder that is
swapped for a link meanwhile is refused.
"""

import errno
import os
import stat
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_DEPTH = 200
"""Folders below each other that are entered."""

_KEPT = 64
_FOLDER = (
    os.O_RDONLY
    | getattr(os, "O_DIRECTORY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_BY_DESCRIPTOR = {os.open, os.stat, os.readlink} <= os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_WHY = {
    errno.ENOENT: "is not there",
    errno.ENOTDIR: "lies behind a link or a file (not followed)",
    errno.ELOOP: "is a link (not followed)",
    errno.EACCES: "may not be read",
    errno.EPERM: "may not be read",
    errno.ENAMETOOLONG: "has a name that this system cannot open",
}
_KINDS = {
    stat.S_IFDIR: "is a folder",
    stat.S_IFLNK: "is a link (not followed)",
    stat.S_IFIFO: "is a pipe and no regular file",
    stat.S_IFSOCK: "is a socket and no regular file",
    stat.S_IFCHR: "is a device and no regular file",
    stat.S_IFBLK: "is a device and no regular file",
}


class Tree:
    """The folder `root`. Paths are relative to it, with `/` between their parts."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: OrderedDict[str, int] = OrderedDict()
        weakref.finalize(self, _close_all, self._folders)

    def close(self) -> None:
        """Lets go of what is open; the next call opens it again."""
        _close_all(self._folders)

    def status(self, path: str) -> os.stat_result:
        """What `path` itself is; OSError where it is not there or lies behind a link."""
        folder, name = self._at(path)
        return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def target(self, path: str) -> str:
        """Where the link `path` points, as it is written; OSError where it is none."""
        folder, name = self._at(path)
        return os.readlink(name, dir_fd=folder)

    def read(self, path: str, limit: int) -> tuple[bytes, int]:
        """The first `limit` bytes of a regular file, and its size; OSError says why not."""
        with self._regular(path) as (descriptor, size):
            content = _head(descriptor, limit, size)
            return content, max(size, len(content))

    def ends(self, path: str, limit: int) -> bytes:
        """The first and the last `limit` bytes of a regular file, as lines; OSError as `read`."""
        with self._regular(path) as (descriptor, size):
            first = _head(descriptor, limit, size)
            os.lseek(descriptor, max(len(first), size - limit), os.SEEK_SET)
            return first + b"\n" + _head(descriptor, limit, size)

    def entries(self, folder: str) -> Iterator[tuple[str, int]]:
        """The names in a folder ("" is the root) with their type bits, unsorted."""
        place = self._open(folder) if _BY_DESCRIPTOR else self._whole(folder)
        with os.scandir(place) as found:
            for entry in found:
                yield entry.name, _type(entry)

    @contextmanager
    def _regular(self, path: str) -> Iterator[tuple[int, int]]:
        """An open regular file, and its size."""
        folder, name = self._at(path)
        refuse_irregular(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
        descriptor = os.open(name, _FILE | _BINARY, dir_fd=folder)
        try:
            found = os.fstat(descriptor)
            refuse_irregular(found.st_mode)
            yield descriptor, found.st_size
        finally:
            os.close(descriptor)

    def _at(self, path: str) -> tuple[int | None, str]:
        above, _, name = path.rpartition("/")
        if name in {"", ".", ".."} or "\0" in name:
            raise OSError(0, "has a name that lies outside of the folder")
        if _BY_DESCRIPTOR:
            return self._open(above), name
        return None, str(self._whole(above) / name)

    def _open(self, folder: str) -> int:
        known = self._folders.get(folder)
        if known is not None:
            self._folders.move_to_end(folder)
            return known
        if not folder:
            opened = os.open(self.root, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
            return self._keep("", opened)
        return self._descend(folder)

    def _descend(self, folder: str) -> int:
        """Opens part after part from the deepest folder above that is open already."""
        parts = folder.split("/")
        _refuse_parts(parts)
        known = len(parts)
        while known and "/".join(parts[:known]) not in self._folders:
            known -= 1
        at = self._open("/".join(parts[:known]))
        for number in range(known, len(parts)):
            at = os.open(parts[number], _FOLDER, dir_fd=at)
            self._keep("/".join(parts[: number + 1]), at)
        return at

    def _keep(self, folder: str, descriptor: int) -> int:
        self._folders[folder] = descriptor
        if len(self._folders) > _KEPT:
            os.close(self._folders.popitem(last=False)[1])
        return descriptor

    def _whole(self, folder: str) -> Path:
        """Without descriptors: each part is looked at before it is entered."""
        whole = self.root
        parts = folder.split("/") if folder else []
        _refuse_parts(parts)
        for part in parts:
            whole /= part
            if not stat.S_ISDIR(os.lstat(whole).st_mode) or _is_junction(whole):
                raise NotADirectoryError(errno.ENOTDIR, "is no folder", str(whole))
        return whole


def why(error: OSError | ValueError) -> str:
    """The reason of a refusal, as it ends a sentence that begins with the path."""
    if not isinstance(error, OSError):
        return "has a name that cannot be opened"
    number = error.errno or 0
    if number == 0:
        return str(error.strerror)
    return _WHY.get(number) or f"cannot be read ({errno.errorcode.get(number, number)})"


def kind(mode: int) -> str:
    """What something that is no regular file is."""
    return _KINDS.get(stat.S_IFMT(mode), "is no regular file")


def refuse_irregular(mode: int) -> None:
    """Raises OSError for everything but a regular file."""
    if not stat.S_ISREG(mode):
        raise OSError(0, kind(mode))


def _refuse_parts(parts: list[str]) -> None:
    if len(parts) > MAX_DEPTH:
        raise OSError(0, f"lies deeper than {MAX_DEPTH} folders")
    if any(p in {"", ".", ".."} or "\0" in p for p in parts):
        raise OSError(0, "has a name that lies outside of the folder")


def _head(descriptor: int, limit: int, size: int) -> bytes:
    found: list[bytes] = []
    missing = limit
    while missing > 0:
        block = os.read(descriptor, min(missing, max(size + 1, 4096)))
        if not block:
            break
        found.append(block)
        missing -= len(block)
    return found[0] if len(found) == 1 else b"".join(found)


def _type(entry: "os.DirEntry[str]") -> int:
    if entry.is_symlink() or (not _BY_DESCRIPTOR and _is_junction(entry.path)):
        return stat.S_IFLNK
    if entry.is_dir(follow_symlinks=False):
        return stat.S_IFDIR
    if entry.is_file(follow_symlinks=False):
        return stat.S_IFREG
    return stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode)


def _is_junction(path: "str | os.PathLike[str]") -> bool:
    """Windows' other kind of link; no other system has any."""
    return bool(getattr(os.lstat(path), "st_reparse_tag", 0))


def _close_all(folders: "OrderedDict[str, int]") -> None:
    while folders:
        os.close(folders.popitem()[1])
