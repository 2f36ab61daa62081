"""A real terminal: it is taken, and given back as it was however the program ends."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ptys import Terminal, environment, survivors

from scaffolder.paths import log_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")

BREAKING = """
import sys, os, pathlib, signal, threading
import test_apart
from scaffolder import cli, stopping
from scaffolder.tui import app, page
from scaffolder.tui.screens import sequence
from scaffolder.tui.widgets import command
def broken(*_, **__):
    raise ZeroDivisionError("on purpose")
async def broken_soon(*_):
    broken()
class Late:
    pass
{block}
sys.exit(cli.main([]))
"""

BUGS = {
    "an action": ("sequence.Sequence.action_order = broken", b"o"),
    "a handler": ("sequence.Sequence.on_mount = broken", b""),
    "the first resize": ("sequence.Sequence.on_resize = broken", b""),
    "render": ("command.CommandLine.render = broken", b""),
    "compose": ("sequence.Sequence.body = broken", b""),
    "the making of the program": ("app.ScaffoldApp.__init__ = broken", b""),
    "its mount": ("app.ScaffoldApp.on_mount = broken", b""),
    "the style sheet": ("app.ScaffoldApp.CSS = 'Screen { color: nosuchcolour; } }}}'", b""),
    "a timer": ("sequence.Sequence.action_order = lambda me: me.set_timer(0.01, broken)", b"o"),
    "a callback": ("sequence.Sequence.action_order = lambda me: me.call_later(broken)", b"o"),
    "a worker": (
        "sequence.Sequence.action_order = lambda me: me.run_worker(broken, thread=True)",
        b"o",
    ),
    "the input": ("from textual import _xterm_parser as x; x.XTermParser.feed = broken", b"o"),
}
"""Where it breaks: a line that breaks it, the key that comes to it."""


def _program(block: str) -> tuple[str, str]:
    return "-c", BREAKING.format(block=block)


def _slow(marks: Path) -> str:
    """On `o`, work in a process of its own that has a command running."""
    return (
        "sequence.Sequence.action_order = lambda me: me.work_apart('slow', print, "
        f"test_apart._stay, pathlib.Path({str(marks)!r}), "
        "tell=lambda line: me.show_command('work', line))"
    )


def test_q_leaves(home: Path) -> None:
    with Terminal() as terminal:
        terminal.wait_for()
        terminal.type(b"q")
        assert terminal.ends() == 0
        assert terminal.faults() == []
        assert terminal.said() == b""
    assert survivors(home) == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_ends_it(home: Path, name: str) -> None:
    number = getattr(signal, name)
    with Terminal() as terminal:
        terminal.wait_for()
        terminal.child.send_signal(number)
        assert terminal.ends() == 128 + number
        assert terminal.faults() == []
        assert terminal.said() == b""
    assert survivors(home) == []


@pytest.mark.parametrize("delay", [0.15, 0.3, 0.45, 0.6, 0.8])
def test_a_signal_while_it_starts_ends_it(delay: float) -> None:
    with Terminal() as terminal:
        time.sleep(delay)
        terminal.child.send_signal(signal.SIGTERM)
        assert terminal.ends() == 128 + signal.SIGTERM
        assert terminal.faults() == []
        assert b"Traceback" not in terminal.written


def test_a_signal_ends_it_also_where_a_handler_hangs() -> None:
    block = (
        "import time; stopping.PATIENCE = 0.5\n"
        "def hang(me): me.show_command('hangs'); os.write(1, b'hanging'); time.sleep(600)\n"
        "sequence.Sequence.action_order = hang"
    )
    with Terminal(*_program(block)) as terminal:
        terminal.wait_for()
        terminal.type(b"o")
        terminal.wait_for(b"hanging")
        terminal.child.send_signal(signal.SIGTERM)
        assert terminal.ends() == 128 + signal.SIGTERM
        assert terminal.faults() == []
        assert b"Traceback" not in terminal.written
        assert b"never retrieved" not in terminal.written


def test_ctrl_c_says_how_to_leave() -> None:
    with Terminal() as terminal:
        terminal.wait_for()
        terminal.type(b"\x03")
        terminal.wait_for(b"q leaves")
        terminal.type(b"q")
        assert terminal.ends() == 0


@pytest.mark.parametrize("where", BUGS)
def test_a_bug_gives_the_terminal_back_and_says_one_sentence(home: Path, where: str) -> None:
    block, key = BUGS[where]
    with Terminal(*_program(block)) as terminal:
        if key:
            terminal.wait_for()
            terminal.type(key)
        assert terminal.ends() == 70
        assert terminal.faults() == []
        said = terminal.said()
        assert said.startswith(b"scaffold: a bug in scaffold, not in your work")
        assert len(said.splitlines()) == 1
        assert b"Traceback" not in terminal.written
    kept = log_file().read_text("utf-8")
    assert "on purpose" in kept or where == "the style sheet"
    assert survivors(home) == []


@pytest.mark.parametrize("end", ["q", "SIGTERM", "SIGHUP", "bug", "hang up", "SIGKILL"])
def test_what_it_started_ends_with_it(home: Path, tmp_path: Path, end: str) -> None:
    block = f"{_slow(tmp_path)}\nsequence.Sequence.action_study = broken"
    with Terminal(*_program(block)) as terminal:
        terminal.wait_for()
        terminal.type(b"o")
        terminal.wait_for(b"begun")
        if end.startswith("SIG"):
            terminal.child.send_signal(getattr(signal, end))
        elif end == "hang up":
            terminal.hang_up()
        else:
            terminal.type({"q": b"q", "bug": b"s"}[end])
        terminal.child.wait(10)
        if end == "SIGKILL":
            _wait_for(tmp_path / "cleaned")
            os.kill(int((tmp_path / "pids").read_text().split()[1]), signal.SIGKILL)
    assert (tmp_path / "cleaned").exists()
    assert survivors(home) == []


def test_a_bug_in_work_beside_the_screen_is_a_message() -> None:
    block = (
        "sequence.Sequence.action_order = lambda me: me.work_apart('x', print, test_apart._stumble)"
    )
    with Terminal(*_program(block)) as terminal:
        terminal.wait_for()
        terminal.type(b"o")
        terminal.wait_for(b"a bug in scaffold")
        terminal.type(b"q")
        assert terminal.ends() == 0
    assert "in _stumble" in log_file().read_text("utf-8")


@pytest.mark.parametrize("ignoring", ["", "signal.signal(signal.SIGHUP, signal.SIG_IGN)"])
def test_a_terminal_that_is_gone_ends_it(home: Path, ignoring: str) -> None:
    with Terminal(*_program(ignoring)) as terminal:
        terminal.wait_for()
        terminal.hang_up()
        assert terminal.child.wait(10) == 128 + signal.SIGHUP
    assert survivors(home) == []


def test_a_tiny_terminal_and_a_storm_of_sizes_are_lived_through() -> None:
    with Terminal(size=(20, 5)) as terminal:
        terminal.wait_for(b"\x1b[?1049h")
        for number in range(200):
            terminal.resize(1 + number * 7 % 220, 1 + number * 3 % 70)
            terminal.child.send_signal(signal.SIGWINCH)
        terminal.resize(80, 24)
        terminal.wait_for()
        terminal.type(b"q")
        assert terminal.ends() == 0
        assert terminal.faults() == []


@pytest.mark.parametrize("size", [(1, 1), (5, 2), (20, 5)])
def test_it_leaves_a_terminal_that_shows_nothing(size: tuple[int, int]) -> None:
    with Terminal(size=size) as terminal:
        terminal.wait_for(b"\x1b[?25l")
        time.sleep(0.5)
        terminal.type(b"123456?")
        time.sleep(0.5)
        terminal.child.send_signal(signal.SIGTERM)
        assert terminal.ends() == 128 + signal.SIGTERM
        assert terminal.faults() == []


def test_modes_that_the_terminal_offers_are_given_back() -> None:
    with Terminal() as terminal:
        terminal.wait_for()
        terminal.type(b"\x1b[?2048;1$y\x1b[?2026;1$y")
        terminal.wait_for(b"\x1b[?1016h")
        terminal.type(b"q")
        assert terminal.ends() == 0
        assert terminal.faults() == []


def test_it_can_be_laid_aside_and_taken_up_again() -> None:
    with Terminal() as terminal:
        terminal.wait_for()
        terminal.child.send_signal(signal.SIGTSTP)
        terminal.wait_for(b"\x1b[?25h")
        os.waitid(os.P_PID, terminal.child.pid, os.WSTOPPED)
        terminal.child.send_signal(signal.SIGCONT)
        terminal.wait_for(b"\x1b[?1049h")
        terminal.wait_for()
        terminal.type(b"q")
        assert terminal.ends() == 0
        assert terminal.faults() == []


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "LANG": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LANG": "xx_YY.[/]\x1b[31m", "LC_ALL": "../../x"},
        {"TERM": "[/]"},
        {"TERM": ""},
        {"COLUMNS": "[/]", "LINES": "-4"},
        {"EDITOR": "\x1b]0;owned\x07", "COLORFGBG": "[/];\x1b[2J", "TEXTUAL": "debug,[/]"},
    ],
    ids=str,
)
def test_a_strange_environment_is_lived_with(variables: dict[str, str]) -> None:
    with Terminal(variables=variables) as terminal:
        terminal.wait_for()
        terminal.type(b"q")
        assert terminal.ends() == 0
        assert terminal.faults() == []
        assert b"owned" not in terminal.written


def test_the_screen_is_drawn_where_errors_go_elsewhere(tmp_path: Path) -> None:
    with (tmp_path / "errors").open("wb") as errors, Terminal(stderr=errors.fileno()) as terminal:
        terminal.wait_for()
        terminal.type(b"q")
        assert terminal.ends() == 0
    assert (tmp_path / "errors").read_bytes() == b""


def test_a_dumb_terminal_gets_the_help() -> None:
    with Terminal(variables={"TERM": "dumb"}) as terminal:
        assert terminal.ends() == 0
        assert b"scaffold new rag-app" in terminal.written
        assert b"\x1b" not in terminal.written


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Calls tmux, with a server of its own."""
    if not shutil.which("tmux"):
        pytest.skip("tmux is not here: apt-get install tmux")

    def call(*words: str) -> str:
        command = ["tmux", "-S", str(tmp_path / "tmux"), "-f", os.devnull, *words]
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", env=environment({}), check=False
        )
        return done.stdout

    yield call
    call("kill-server")


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
def test_in_tmux_one_sees_the_skills_gets_help_and_leaves(
    tmux: Callable[..., str], size: tuple[int, int]
) -> None:
    _start_in(tmux, size)
    assert "Leave" in _see(tmux, "Retrieval-augmented generation")
    tmux("send-keys", "-t", "s", "?")
    _see(tmux, "Help: keys")
    tmux("send-keys", "-t", "s", "Escape")
    _see(tmux, "Help: keys", gone=True)
    tmux("send-keys", "-t", "s", "q")
    assert "left with 0" in _see(tmux, "left with")
    flags = "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"
    assert tmux("display-message", "-p", "-t", "s", flags).split() == ["0", "0", "1"]


def test_a_pane_that_is_killed_takes_all_with_it(tmux: Callable[..., str], home: Path) -> None:
    _start_in(tmux, (80, 24))
    _see(tmux, "Leave")
    tmux("kill-server")
    assert survivors(home) == []


def _start_in(tmux: Callable[..., str], size: tuple[int, int]) -> None:
    command = f"{sys.executable} -m scaffolder; echo left with $?; exec cat"
    tmux(
        "new-session", "-d", "-s", "s", "-x", str(size[0]), "-y", str(size[1]), "sh", "-c", command
    )


def _see(tmux: Callable[..., str], wanted: str, gone: bool = False) -> str:
    """What the screen shows as soon as `wanted` is there, or is gone."""
    deadline = time.monotonic() + 15
    while True:
        shown = tmux("capture-pane", "-p", "-t", "s")
        if (wanted in shown) is not gone:
            return shown
        assert time.monotonic() < deadline, f"{wanted!r} {gone=} in:\n{shown}"


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
