"""Work in a process of its own: what comes back, and that nothing of it stays."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder import errors
from scaffolder.errors import CannotWrite, EnvironmentProblem, Interrupted, ScaffoldError
from scaffolder.tui import apart

ROOT = Path(__file__).parents[2]
SOON = 3.0


class Awkward(ScaffoldError):
    """Cannot be made again from what it says of itself."""

    def __init__(self, one: str, two: str, three: str) -> None:
        super().__init__(one + two + three)


def _refuse() -> None:
    raise CannotWrite("the disk is full", "Make room.")


def _refuse_awkwardly() -> None:
    raise Awkward("a", "b", "c")


def _stumble() -> None:
    {}["the key that is missing"]


def _stumble_over_a_local() -> None:
    class Local(Exception):
        pass

    raise Local("a class that nobody else knows")


def _not_to_be_sent() -> object:
    return lambda: None


def _large() -> list[str]:
    return [f"{number:01024d}" for number in range(20_000)]


def _tell_from_two_threads(tell: Callable[[str], None]) -> int:
    def speak(letter: str) -> None:
        for _ in range(200):
            tell(letter * 20_000)

    threads = [threading.Thread(target=speak, args=(letter,)) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 400


def _end_badly(how: str) -> None:
    if how == "exit":
        os._exit(7)
    elif how == "interrupt":
        raise KeyboardInterrupt
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def _stay(marks: Path, tell: Callable[[str], None]) -> None:
    """Starts a command, then cleans up when it is stopped, as a journey does."""
    child = subprocess.Popen(["sleep", "600"])
    (marks / "pids").write_text(f"{os.getpid()} {child.pid}")
    try:
        tell("begun")
        time.sleep(600)
    finally:
        (marks / "cleaned").touch()


def _ends_at() -> dict[str, str]:
    return {n: str(Path(f"/proc/self/fd/{n}").readlink()) for n in ("0", "1", "2")}


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


def _gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + SOON
    while time.monotonic() < deadline:
        if not any(_runs(pid) for pid in pids):
            return True
        time.sleep(0.01)
    return False


def _runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def _pids(marks: Path) -> list[int]:
    return [int(word) for word in (marks / "pids").read_text().split()]


def test_a_large_result_comes_back_whole() -> None:
    assert apart.call(_large) == _large()


def test_an_error_of_ours_keeps_its_message_hint_and_exit_code() -> None:
    with pytest.raises(CannotWrite) as caught:
        apart.call(_refuse)
    assert (caught.value.message, caught.value.hint) == ("the disk is full", "Make room.")
    assert caught.value.exit_code == 4


def test_every_error_of_ours_survives_the_way() -> None:
    kinds = [k for k in vars(errors).values() if isinstance(k, type)]
    for kind in kinds:
        sent = pickle.loads(pickle.dumps(kind("what", "how")))
        assert (type(sent), sent.message, sent.hint) == (kind, "what", "how")
    with pytest.raises(ScaffoldError, match="abc"):
        apart.call(_refuse_awkwardly)


@pytest.mark.parametrize(
    ("journey", "kind"),
    [(_stumble, KeyError), (_stumble_over_a_local, RuntimeError), (_not_to_be_sent, Exception)],
)
def test_a_bug_brings_the_line_it_happened_on(
    journey: Callable[[], object], kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught:
        apart.call(journey)
    story = "".join(traceback.format_exception(caught.value))
    assert "in _answer" in story
    assert journey is _not_to_be_sent or f"in {journey.__name__}" in story


@pytest.mark.parametrize(
    ("how", "kind", "said"),
    [
        ("exit", RuntimeError, "code 7"),
        ("interrupt", RuntimeError, "code"),
        ("kill", EnvironmentProblem, "from outside"),
    ],
)
def test_a_process_that_dies_is_an_error(how: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        apart.call(_end_badly, how)


def test_lines_of_two_threads_come_whole() -> None:
    heard: list[str] = []
    assert apart.call(_tell_from_two_threads, tell=heard.append) == len(heard)
    assert set(heard) == {"a" * 20_000, "b" * 20_000}


def test_what_is_stopped_cleans_up_and_takes_its_commands_with_it(tmp_path: Path) -> None:
    begun = threading.Event()
    with pytest.raises(Interrupted):
        apart.call(_stay, tmp_path, is_stopped=begun.is_set, tell=lambda _: begun.set())
    assert (tmp_path / "cleaned").exists()
    assert _gone(_pids(tmp_path))


def test_what_was_stopped_before_it_began_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        apart.call(_stay, tmp_path, is_stopped=lambda: True, tell=lambda _: None)
    assert not (tmp_path / "pids").exists()


def test_it_ends_with_who_waits_for_it(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\nimport test_apart, pathlib\n"
        "from scaffolder.tui import apart\n"
        "apart.call(test_apart._stay, pathlib.Path(sys.argv[2]), tell=lambda _: print(flush=True))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(Path(__file__).parent), str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as waiting:
        assert waiting.stdout
        assert waiting.stdout.readline()
        waiting.kill()
    assert _gone(_pids(tmp_path)[:1])
    assert (tmp_path / "cleaned").exists()
    os.kill(_pids(tmp_path)[1], signal.SIGKILL)


def test_it_has_no_terminal_to_read_or_write() -> None:
    assert set(apart.call(_ends_at).values()) == {os.devnull}
    assert not apart.call(_has_terminal)


@pytest.mark.parametrize("module", ["struct", "pickle", "multiprocessing", "scaffolder"])
def test_a_module_of_the_folder_we_are_in_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    (tmp_path / f"{module}.py").write_text(f"open({str(tmp_path / 'RAN')!r}, 'w')\n")
    monkeypatch.chdir(tmp_path)
    assert apart.call(os.getcwd) == str(tmp_path)
    assert not (tmp_path / "RAN").exists()


def test_a_folder_that_is_gone_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert apart.call(os.getpid) != os.getpid()


def test_it_starts_soon() -> None:
    started = time.monotonic()
    for _ in range(3):
        apart.call(os.getpid)
    assert time.monotonic() - started < SOON
