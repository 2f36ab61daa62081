"""Files that a hostile repository may hold, built at test time; nothing hostile is stored."""

import os
import socket
import subprocess
from pathlib import Path

CANARY = "canary-5f1d0c"
"""Stands in a file outside of the tree; it may appear nowhere."""


def links(root: Path) -> None:
    """Links to a file outside, to the machine's own, a chain, a folder outside, loops."""
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "secret").write_text(CANARY)
    (root / "README.md").symlink_to("../outside/secret")
    (root / "LICENSE").symlink_to("/etc/passwd")
    (root / "chain").symlink_to("README.md")
    (root / "docs").symlink_to(outside)
    (root / "loop").symlink_to("..")
    (root / "self").symlink_to("self")
    (root / "main.py").write_text("x = 1\n")


def irregular(root: Path) -> None:
    """A FIFO, a socket, a link to a device, a folder, each where a file is looked for."""
    os.mkfifo(root / "pyproject.toml")
    (root / "config.yaml").symlink_to("/dev/zero")
    (root / "Makefile").mkdir()
    here = Path.cwd()
    os.chdir(root)
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("requirements.txt")
    finally:
        os.chdir(here)


def deep(root: Path, levels: int) -> None:
    """Folders inside of each other, deeper than any path may be long."""
    at = os.open(root, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=at)
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(os.open("bottom.py", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)


def undeep(root: Path) -> None:
    """Takes away what `deep` made, which `shutil.rmtree` cannot and pytest would stumble over."""
    subprocess.run(["rm", "-rf", str(root / "d")], check=True)


def names(root: Path) -> list[bytes]:
    """Names that a terminal, a shell, a format string or markup would act on."""
    made = [
        b"a\nb.py",
        b"caf\xe9.py",
        b"\x1b]0;pwned\x07.py",
        b"--help.py",
        b"-rf.py",
        b"n" * 252 + b".py",
        "\u202eyp.py".encode(),
        b"$(touch x).py",
        b"%s%n.py",
        b"<img onerror>.py",
        b"[bold].py",
        b"[ x [.py",
        b"a:b.py",
    ]
    for name in made:
        (root / os.fsdecode(name)).write_bytes(b"x = 1\n")
    return made


def sparse(path: Path, size: int, beginning: bytes = b"") -> None:
    """A file of `size` bytes that takes no room."""
    with path.open("wb") as file:
        file.write(beginning)
        file.truncate(size)


YAML_ALIASES = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 16)
)
"""9^15 values once it is expanded."""

YAML_FEW_ALIASES = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)
)
"""Two aliases a level: few enough to pass by their number, 2^29 values all the same."""

YAML_MERGES = "a0: &a0 {k0: 1}\n" + "".join(
    f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 13)
)
"""Each level merges the one before ten times."""
