"""Which folders were made on this machine, told by a note inside their `.git`.

Invariant: no note that was cloned, copied or unpacked fits. It is the number of the `.git` folder
on this disk, which nobody elsewhere can know; git carries nothing of `.git` to another place.
Unlike the progress it is not lost with the user's data, and it moves with the folder.
"""

from pathlib import Path

from scaffolder.regularfile import read_regular

NOTE = "scaffold-made-here"
"""The note's name inside `.git`."""

_LONGEST = 64


def sign(project: Path) -> None:
    """Notes that `project`, a repository, was made here."""
    folder = project / ".git"
    (folder / NOTE).write_text(_number(folder), "ascii")


def is_signed(project: Path) -> bool:
    """Whether `project` holds a note that fits; without a repository there is none."""
    folder = project / ".git"
    try:
        return read_regular(folder / NOTE, _LONGEST) == _number(folder).encode()
    except OSError:
        return False


def _number(folder: Path) -> str:
    return f"{folder.stat(follow_symlinks=False).st_ino}\n"
