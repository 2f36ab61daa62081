"""A signal ends the program whatever it does, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOON = 2.0
"""Seconds that a program may take to end."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that is reviewed for some seconds: texts that have to be read, in a commit."""
    tree = tmp_path_factory.mktemp("signals")
    for n in range(1500):
        place = tree / f"part{n // 100}" / f"module{n}.py"
        place.parent.mkdir(exist_ok=True)
        names = [f"def f{n}_{i}(x):\n    return g{i}(x, {i})\n" for i in range(30)]
        place.write_text("\n".join(names), "utf-8")
    git = ["git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "All of it"]):
        subprocess.run([*git, *words], check=True)
    return tree


@pytest.mark.parametrize(
    ("name", "delay"),
    [
        *(("SIGTERM", delay) for delay in (0.0, 0.03, 0.1, 0.2, 0.4, 0.7)),
        ("SIGINT", 0.0),
        ("SIGINT", 0.3),
    ],
)
def test_a_review_that_is_stopped_leaves_nothing(
    repository: Path, tmp_path: Path, name: str, delay: float
) -> None:
    with _reviewing(repository, tmp_path) as child:
        _wait_for_git(child, tmp_path)
        time.sleep(delay)
        number = getattr(signal, name)
        started = time.monotonic()
        child.send_signal(number)
        child.wait(20)
        took = time.monotonic() - started
    assert child.returncode == 128 + number
    assert took < SOON
    assert list(tmp_path.rglob("cleanroom-*")) == []
    assert _running_for(tmp_path) == []


def test_a_second_signal_does_not_disturb_the_tidying(repository: Path, tmp_path: Path) -> None:
    with _reviewing(repository, tmp_path) as child:
        _wait_for_git(child, tmp_path)
        for _ in range(50):
            if child.poll() is not None:
                break
            child.send_signal(signal.SIGTERM)
            time.sleep(0.001)
        child.wait(20)
    assert child.returncode in (128 + signal.SIGTERM, -signal.SIGTERM)
    assert list(tmp_path.rglob("cleanroom-*")) == []


@pytest.mark.parametrize(
    "block",
    [
        "a = O(); r = weakref.ref(a, lambda _: os.kill(os.getpid(), signal.SIGTERM)); del a",
        "D().__class__",
        "with stopping.held(): os.kill(os.getpid(), signal.SIGTERM); done = 1\nassert done",
    ],
)
def test_a_signal_that_python_drops_ends_the_program_all_the_same(block: str) -> None:
    script = (
        "import os, signal, sys, time, weakref\nfrom scaffolder import stopping\n"
        "class O: pass\n"
        "class D:\n    def __del__(self): os.kill(os.getpid(), signal.SIGTERM)\n"
        f"stopping.listen()\n{block}\n"
        "print('dropped', flush=True)\ntime.sleep(10)\n"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True)
    assert done.returncode == 128 + signal.SIGTERM
    assert b"dropped" in done.stdout
    assert time.monotonic() - started < SOON


def test_what_is_ignored_stays_ignored() -> None:
    script = (
        "import os, signal\nfrom scaffolder import stopping\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\nstopping.listen()\n"
        "os.kill(os.getpid(), signal.SIGHUP)\nprint('still here')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True)
    assert (done.returncode, done.stdout.strip()) == (0, b"still here")


def _reviewing(repository: Path, home: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "XDG_CACHE_HOME": str(home), "HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "scaffolder", "review", str(repository)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_for_git(child: "subprocess.Popen[bytes]", home: Path) -> None:
    deadline = time.monotonic() + 60
    while not list(home.rglob("cleanroom-*")):
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.002)


def _running_for(home: Path) -> list[str]:
    """The programs whose environment names `home`: git is given it; none where it is not known."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(home).encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_text("utf-8", "replace"))
        except OSError:
            continue  # it is gone, or somebody else's
    return found
