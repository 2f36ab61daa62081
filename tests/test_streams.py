"""Where results go: full, closed or cut off, it is an exit code, never a traceback."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Runs `line` with $S as the command line of this checkout."""
    script = f'S="{sys.executable} -m scaffolder"; {line}'
    return subprocess.run(
        ["/bin/sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("words", ["skills", "--help", "--version", "skills --json", "next"])
@pytest.mark.parametrize("where", [">/dev/full", ">&-"])
def test_a_result_that_cannot_be_written_is_exit_4(words: str, where: str) -> None:
    done = shell(f"$S {words} {where}")
    assert done.returncode == 4
    assert done.stderr.startswith("scaffold: the result cannot be written: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-", "<&-"])
def test_narration_that_nobody_can_read_changes_nothing(where: str) -> None:
    done = shell(f"($S start no-such-skill; echo $? >&3) 3>&1 >/dev/null {where}")
    assert done.stdout.split()[-1:] == ["2"]
    assert "Traceback" not in done.stderr


def test_narration_into_a_pipe_that_is_closed_changes_nothing() -> None:
    command = [sys.executable, "-m", "scaffolder", "start", "no-such-skill"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        child.stderr.close()
    assert child.returncode == 2


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "scaffolder", "skills", "rag-app"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == ""
    assert child.returncode == 0


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path, name: str, code: int) -> None:
    import signal

    if name == "SIGHUP" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        pytest.skip("whoever runs the tests has SIGHUP ignored, and so would the child")
    command = [sys.executable, "-m", "scaffolder", "new", "rag-app", str(tmp_path / "a" / "p")]
    with subprocess.Popen([*command, "--defaults"], cwd=ROOT, stderr=subprocess.PIPE) as child:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("a/.scaffold-stage-*/template-*")):
            assert time.monotonic() < deadline
            assert child.poll() is None
            time.sleep(0.005)
        child.send_signal(getattr(signal, name))
    assert child.returncode == code
    assert list(tmp_path.iterdir()) == []
