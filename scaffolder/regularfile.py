"""The one way to read a file that may be anybody's.

Invariant: no link is followed, no FIFO or device is waited on, and no more than `limit` bytes are
held.
"""

import os
import stat
from pathlib import Path


def read_regular(path: Path, limit: int) -> bytes:
    """The bytes of the regular file at `path`, at most `limit` of them.

    Raises OSError; its `strerror` says why, with errno 0 where the refusal is ours.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "is not a regular file")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise OSError(0, f"is larger than {_size(limit)}")
    return content


def _size(limit: int) -> str:
    return f"{limit // 1024**2} MB" if limit >= 1024**2 else f"{limit // 1024} KB"
