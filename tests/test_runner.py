"""A project's commands: in its own environment, read to the end, over when their process is."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scaffolder import runner
from scaffolder.errors import EnvironmentProblem


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose environment is there already: this one, by a link to its program."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return tmp_path


def python(project: Path, script: str, *more: str) -> tuple[runner.Completed, list[str]]:
    said: list[str] = []
    return runner.run(project, ["python", "-c", script, *more], said.append), said


def test_a_command_sees_its_own_environment_first(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    script = "import os; print(os.environ['PATH'].split(':')[0], 'PYTHONPATH' in os.environ)"
    done, said = python(project, script)
    assert done.stdout == f"{project}/.venv/bin False\n"
    assert said == [done.stdout.rstrip()]


def test_a_result_in_json_is_not_narrated_and_its_exit_code_is_kept(project: Path) -> None:
    script = "import sys; print('{}'); print('aside', file=sys.stderr); sys.exit(7)"
    done, said = python(project, script, "--json")
    assert (done.exit_code, done.stdout, said) == (7, "{}\n", ["aside"])


def test_a_flood_on_both_pipes_does_not_stop_it(project: Path) -> None:
    script = "import sys\nfor n in range(20000): print(n); print('e', file=sys.stderr)"
    done, said = python(project, script)
    assert done.stdout.splitlines()[-1] == "19999"
    assert len(said) == 40_000


def test_a_narrator_that_fails_is_raised_after_the_command_has_ended(project: Path) -> None:
    script = (
        "import sys, pathlib\nfor n in range(20000): print('e' * 50, file=sys.stderr)\n"
        "pathlib.Path('ended').touch()"
    )

    def fail(line: str) -> None:
        raise OSError(f"cannot show {line[:1]}")

    with pytest.raises(OSError, match="cannot show e"):
        runner.run(project, ["python", "-c", script], fail)
    assert (project / "ended").exists()


def test_what_a_command_leaves_running_does_not_hold_us(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.2)
    script = (
        "import subprocess, sys; print('started', flush=True);"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)']).pid)"
    )
    started = time.monotonic()
    done, _ = python(project, script)
    os.kill(int(done.stdout.split()[1]), 9)
    assert done.exit_code == 0
    assert time.monotonic() - started < 10


def test_a_very_long_line_and_a_very_long_output_are_held_in_part(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "MAX_KEPT", 100_000)
    script = "print('x' * 1_000_000)\nfor n in range(20000): print(n)\nprint('the end')"
    done, said = python(project, script)
    assert done.cut
    assert len(done.stdout) == 100_000
    assert done.stdout.endswith("the end\n")
    assert len(said[0]) < runner.MAX_LINE + 40
    assert said[0].endswith(f"(+{1_000_000 - runner.MAX_LINE} characters)")


def test_of_a_line_that_is_written_again_and_again_the_last_is_told(project: Path) -> None:
    passing: list[str] = []
    said: list[str] = []
    script = (
        "import sys, time\nfor n in range(5000): sys.stderr.write(f'\\r{n} of 5000')\n"
        "sys.stderr.write('\\rdone\\r\\n')"
    )
    runner.run(project, ["python", "-c", script], said.append, passing=passing.append)
    assert said == ["done"]
    assert max(map(len, passing), default=0) <= len("4999 of 5000")


def test_a_program_that_is_not_there_is_said(project: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="`no-such-program` cannot be started"):
        runner.run(project, ["no-such-program"], lambda _: None)


def test_an_environment_that_fails_half_way_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text(
        '#!/bin/sh\nmkdir -p "$3" && touch "$3/pyvenv.cfg"\necho no ensurepip >&2\nexit 1\n'
    )
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(EnvironmentProblem, match="no ensurepip"):
        runner.ensure_environment(tmp_path, lambda _: None)
    assert not (tmp_path / ".venv").exists()


def test_an_environment_is_nothing_that_git_would_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = tmp_path / "python"
    maker.write_text('#!/bin/sh\nmkdir -p "$4" && touch "$4/pyvenv.cfg"\n')
    maker.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(maker))
    (tmp_path / "project").mkdir()
    runner.ensure_environment(tmp_path / "project", lambda _: None)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path / "project", check=True)
    told = subprocess.check_output(["git", "status", "--short"], cwd=tmp_path / "project")
    assert told == b""
