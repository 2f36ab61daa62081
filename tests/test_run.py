"""A project's commands by name: run, stopped, refused; a folder of somebody else is asked about."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from miniature import new

from scaffolder import madehere, progress, runner
from scaffolder.cli import main
from scaffolder.journeys import outcome, run
from scaffolder.journeys.run import Listener

ROOT = Path(__file__).parent.parent
STUBBORN = """
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
child = subprocess.Popen(sleep)
stray = subprocess.Popen(sleep, start_new_session=True)
pathlib.Path("pids").write_text(f"{os.getpid()} {child.pid} {stray.pid}")
time.sleep(60)
"""


WAITS = """
import os, pathlib, time
pathlib.Path("pids").write_text(f"{os.getpid()} {os.getpid()} {os.getpid()}")
time.sleep(60)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project made here, its environment there already."""
    root = tmp_path / "notes"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").touch()
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    declare(root, setup="pass", test="print('2 passed')", demo=STUBBORN)
    progress.record_project("rag-app", root)
    return root


def declare(root: Path, **scripts: str) -> None:
    lines = ['[scaffold]\nformat = 1\nskill = "rag-app"\ntemplate_version = "1.1.0"']
    lines += ['package = "notes"\n[commands]']
    lines += [f'{name} = ["python", "-c", {json.dumps(s)}]' for name, s in scripts.items()]
    (root / "scaffold.toml").write_text("\n".join(lines), "utf-8")


def test_output_goes_where_the_command_sent_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(project, test="import sys; print('out'); print('aside', file=sys.stderr)")
    assert main(["run", str(project), "test"]) == 0
    said = capsys.readouterr()
    assert said.out == "out\n"
    assert "aside" in said.err
    assert "test done in" in said.err


def test_a_command_that_fails_is_said_and_counts(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(project, test="raise SystemExit(5)")
    assert main(["run", str(project), "test"]) == 1
    assert "test ended with exit code 5" in capsys.readouterr().err


def test_a_name_that_is_not_declared_is_refused_with_those_that_are(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(project), "rm"]) == 2
    assert "setup, test, demo" in " ".join(capsys.readouterr().err.split())


def test_without_an_environment_the_setup_comes_first(project: Path) -> None:
    assert run.with_setup(project, ["test"]) == ["test"]
    (project / ".venv" / "pyvenv.cfg").unlink()
    assert run.with_setup(project, ["test"]) == ["setup", "test"]
    assert run.with_setup(project, ["setup", "test"]) == ["setup", "test"]
    declare(project, test="pass")
    assert run.with_setup(project, ["test"]) == ["test"]


def test_a_program_that_is_not_there_is_a_matter_of_the_machine(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = project / "scaffold.toml"
    manifest.write_text(manifest.read_text("utf-8").replace('test = ["python"', 'test = ["nope"'))
    assert main(["run", str(project), "test"]) == 3
    assert "`nope` cannot be started" in capsys.readouterr().err


def test_a_folder_that_was_not_made_here_is_not_run_unless_told(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    project.rename(other)
    assert main(["run", str(other), "test"]) == 3
    said = capsys.readouterr()
    assert "2 passed" not in said.out
    assert "--yes" in said.err
    assert main(["run", str(other), "test", "--yes"]) == 0
    assert capsys.readouterr().out == "2 passed\n"


@pytest.mark.usefixtures("templates")
def test_a_project_stays_known_when_the_progress_is_lost_or_it_moves(tmp_path: Path) -> None:
    made = new(tmp_path / "made").path
    assert run.is_known(made)
    moved = made.rename(tmp_path / "moved")
    assert run.is_known(moved)
    copied = shutil.copytree(moved, tmp_path / "copied")
    assert not run.is_known(copied)


def test_a_note_that_cannot_be_read_makes_nothing_known(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    git.mkdir()
    (git / madehere.NOTE).symlink_to("/dev/zero")
    assert not run.is_known(tmp_path)
    (git / madehere.NOTE).unlink()
    (git / madehere.NOTE).write_text("1\n")
    assert not run.is_known(tmp_path)


def test_a_stop_ends_the_command_and_all_that_it_started(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STOP_SECONDS", 0.2)
    pids = project / "pids"
    planned = run.plan(project, "demo")
    ran = run.run(planned, Listener(lambda _: None), lambda: pids.exists() and _written(pids))
    assert ran.stopped
    assert "was stopped after" in ran.said
    started = pids.read_text().split()[: None if sys.platform == "linux" else 2]
    assert _left_of(started) == []


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_to_the_program_ends_the_command_too(project: Path, name: str) -> None:
    declare(project, demo=WAITS)
    child = subprocess.Popen(
        [sys.executable, "-m", "scaffolder", "run", str(project), "demo", "--yes"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    pids = project / "pids"
    deadline = time.monotonic() + 30
    while not (pids.exists() and _written(pids)):
        assert time.monotonic() < deadline
        assert child.poll() is None
    number = getattr(signal, name)
    child.send_signal(number)
    assert child.wait(20) == 128 + number
    assert _left_of(pids.read_text().split()) == []


def test_a_result_is_told_in_lines_whatever_is_in_it() -> None:
    answer = {"status": "answered", "system": "baseline", "answer": "Three years.", "cost_usd": 0.0}
    cited = {**answer, "citations": [{"source": "gpl-2.txt", "quote": "valid for three years"}]}
    said = outcome.lines(cited)
    assert said[0] == "answered, by the system baseline"
    assert "  Three years." in said
    assert "  [1] gpl-2.txt" in said
    odd = {"status": 3, "answer": ["x"] * 9, "citations": "no", "claims": {}, "k": "v" * 9999}
    assert all(len(line) < 300 for line in outcome.lines(odd))
    assert len(outcome.lines({str(n): n for n in range(9999)})) == outcome.MAX_LINES


def _written(pids: Path) -> bool:
    return len(pids.read_text().split()) == 3


def _left_of(pids: Sequence[str]) -> list[int]:
    """Those that still run; one that was killed may take a moment to go."""
    deadline = time.monotonic() + 2
    while (left := [p for p in map(int, pids) if _is_alive(p)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


def _is_alive(pid: int) -> bool:
    """Whether it runs; one that nobody has waited for yet does not."""
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return False
