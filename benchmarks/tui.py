"""The terminal interface measured from outside: in a pseudo-terminal, as a person has it.

usage: python benchmarks/tui.py [ROUNDS]      (default 7; environment: `make test`)
Prints a Markdown table. The first paint is the time from exec until the last word of the first
screen has come through the terminal. A key is timed from its write to the first frame that it
brings and to the last byte (the end is a silence of QUIET_S, which is not counted). Cold is: our
files and those of Python's packages put out of the page cache.
"""

import fcntl
import os
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bigreport import NEEDLE
from compare import verdict
from review import made

HERE = Path(__file__).resolve().parent
PAINT_S, KEY_MS, MEMORY_MB, README_S = 0.8, 50, 120, 1
ITEMS, README_BYTES, FILES = 2_000, 1_000_000, 2_000
SIZE = (140, 42)
PATIENCE_S, QUIET_S = 60.0, 0.15
SCAFFOLD = [sys.executable, "-m", "scaffolder"]
TEXTUAL = [sys.executable, "-c", "import textual.app, textual.widgets, textual.screen"]
MANIFEST = '[scaffold]\nformat = 1\nskill = "rag-app"\ntemplate_version = "1"\npackage = "shop"\n'
FIRST, LAST = b"Tier 1", b"Leave"
MOVES = ["j"] * 60 + ["k"] * 20 + ["\x1b[6~"] * 20 + ["G", "g"] * 10
TOGGLES = ["b", "b", "u", "u", "s", "s"] * 8
FILTERS = ["/", *"claim 19", "\x1b", "/", *"recomputed", "\x1b", "/", *"one-00", "\x1b"]


@dataclass(frozen=True)
class Press:
    """Seconds until the first bytes that a key brought, until the last, and of processor time."""

    first: float
    last: float
    work: float


class Screen:
    """A program in a pseudo-terminal, and what it wrote."""

    def __init__(self, words: Sequence[str], home: Path, folder: Path | None = None) -> None:
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
        self.written = b""
        self.started = time.perf_counter()
        self.child = subprocess.Popen(
            list(words),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=environment(home),
            start_new_session=True,
        )
        os.close(slave)

    def until(self, *words: bytes) -> float:
        """Seconds from the start until all `words` were written."""
        while not all(word in self.written for word in words):
            if time.perf_counter() > self.started + PATIENCE_S or not self._read(PATIENCE_S):
                sys.exit(f"never written: {words}\n{self.written[-2000:]!r}")
        return time.perf_counter() - self.started

    def press(self, key: str) -> Press | None:
        """How long the key took; None where it brought nothing."""
        self.settle()
        used, started = worked(self.child.pid), time.perf_counter()
        os.write(self.master, key.encode())
        times = []
        while self._read(QUIET_S):
            times.append(time.perf_counter() - started)
        return Press(times[0], times[-1], worked(self.child.pid) - used) if times else None

    def settle(self) -> None:
        """Waits until nothing more is written."""
        while self._read(QUIET_S):
            pass

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            found = os.read(self.master, 1 << 16)
        except OSError:  # the program has ended
            return False
        self.written += found
        return bool(found)

    def close(self) -> None:
        """Ends it and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()
        os.close(self.master)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended as well
    with tempfile.TemporaryDirectory(prefix="scaffold-bench-") as folder:
        work = Path(folder)
        print("| what | ours | beside | limit |\n|---|---|---|---|")
        for row in rows(work, rounds):
            print(row, flush=True)


def rows(work: Path, rounds: int) -> Iterator[str]:
    """The lines of the table, as they are known."""
    yield paint_row("warm", work, rounds, lambda: None)
    yield paint_row("cold", work, max(rounds // 2, 3), forget)
    yield from key_rows(work)
    yield readme_row(work)
    yield memory_row(work)


def paint_row(name: str, work: Path, rounds: int, before: Callable[[], None]) -> str:
    """The first start, in turn with importing textual alone."""
    ours, bare = [], []
    for _ in range(rounds):
        before()
        ours.append(painted(work / "home"))
        before()
        bare.append(imported())
    seconds, beside = statistics.median(ours), statistics.median(bare)
    return (
        f"| first paint, {name} (median of {rounds}) | {verdict(seconds, PAINT_S, ' s')} |"
        f" importing textual {beside:.2f} s | {PAINT_S} s |"
    )


def painted(home: Path) -> float:
    """Seconds until the sequence is on the screen."""
    with screen(SCAFFOLD, home) as program:
        return program.until(FIRST, LAST)


def imported() -> float:
    started = time.perf_counter()
    subprocess.run(TEXTUAL, check=True)
    return time.perf_counter() - started


def key_rows(work: Path) -> Iterator[str]:
    """Moving, toggling and filtering on the Review screen with a made report."""
    with big_report(work) as program:
        for name, keys in (("moving", MOVES), ("toggling", TOGGLES), ("filtering", FILTERS)):
            presses = [p for p in map(program.press, keys) if p is not None]
            yield key_row(name, presses)


def key_row(name: str, presses: Sequence[Press]) -> str:
    """The 95th percentile; what a busy machine does to it shows beside the processor time."""
    first, last = (late([getattr(p, key) for p in presses]) for key in ("first", "last"))
    work = statistics.mean(p.work for p in presses) * 1000
    return (
        f"| key to paint, {name}, {ITEMS:,} items, 95th of {len(presses)} |"
        f" {verdict(first, KEY_MS, ' ms')} | all redrawn {last:.0f} ms,"
        f" {work:.0f} ms of processor a key | {KEY_MS} ms |"
    )


def late(seconds: Sequence[float]) -> float:
    """The 95th percentile in milliseconds."""
    return sorted(seconds)[int((len(seconds) - 1) * 0.95)] * 1000


def readme_row(work: Path) -> str:
    """From the key that brings an item under the cursor to the line of a long README it names."""
    with big_report(work) as program:
        for key in ("/", *NEEDLE[:-1]):
            program.press(key)
        program.written = b""
        program.started = time.perf_counter()
        os.write(program.master, NEEDLE[-1].encode())
        seconds = program.until(b"needle")
    size = README_BYTES // 1_000_000
    said = f"| {size} MB README at its line 10,000 | {verdict(seconds, README_S, ' s')}"
    return f"{said} | | {README_S} s |"


def memory_row(work: Path) -> str:
    """The program and its children while a large repository is reviewed on the Review screen."""
    tree = made(work, FILES)
    (tree / "scaffold.toml").write_text(MANIFEST, "utf-8")
    with screen(SCAFFOLD, work / "home", tree) as program:
        program.until(FIRST, LAST)
        os.write(program.master, b"4")
        program.until(b"Reviewing")
        program.written, children = b"", 0.0
        while b"Verdicts" not in program.written:
            if time.perf_counter() > program.started + PATIENCE_S:
                sys.exit(f"the review did not end\n{program.written[-2000:]!r}")
            program._read(0.05)
            children = max(children, *map(peak, below(program.child.pid)), 0.0)
        program.settle()
        own = peak(program.child.pid)
    return (
        f"| peak memory with {FILES:,} files under review | {verdict(own, MEMORY_MB, ' MB')} |"
        f" the process that reviews {children:.0f} MB | {MEMORY_MB} MB |"
    )


@contextmanager
def screen(words: Sequence[str], home: Path, folder: Path | None = None) -> Iterator[Screen]:
    program = Screen(words, home, folder)
    try:
        yield program
    finally:
        program.close()


@contextmanager
def big_report(work: Path) -> Iterator[Screen]:
    """The Review screen with a made report of ITEMS items, drawn."""
    folder = work / "reported"
    folder.mkdir(exist_ok=True)
    lines = [f"Line {n} of a README that nobody wrote: {'word ' * 3}" for n in range(1, 20_000)]
    lines[9_999] = "needle in the middle"
    (folder / "README.md").write_text("\n".join(lines)[:README_BYTES], "utf-8")
    (folder / "module.py").write_text("value = measured(1)\n" * 400, "utf-8")
    words = [sys.executable, str(HERE / "bigreport.py"), str(folder), str(ITEMS)]
    with screen(words, work / "home") as program:
        program.until(b"Verdicts", LAST)
        program.settle()
        yield program


def environment(home: Path) -> Mapping[str, str]:
    home.mkdir(parents=True, exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "VIRTUAL_ENV")}
    return {
        **kept,
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPATH": str(HERE.parent),
    }


def peak(pid: int) -> float:
    """Peak megabytes of a process; 0 where it is over."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def worked(pid: int) -> float:
    """Seconds of processor time that a process used until now."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def below(pid: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text("ascii").split())
    return [*found, *(child for one in found for child in below(one))]


def forget() -> None:
    """Puts the files of our package and of Python's packages out of the page cache."""
    packages = Path(next(p for p in sys.path if p.endswith("site-packages")))
    os.sync()
    for root in (packages, HERE.parent / "scaffolder", HERE.parent / "templates"):
        for path in root.rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


if __name__ == "__main__":
    main()
