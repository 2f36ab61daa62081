"""Stages: swept once their owner is dead, whatever somebody has written into them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from miniature import new

from scaffolder import generate, staging


def test_an_old_dead_stage_is_swept_and_a_live_or_foreign_one_is_not(tmp_path: Path) -> None:
    dead, young, live, foreign = (tmp_path / f"{staging.PREFIX}{n}" for n in "abcd")
    for folder, owner in (
        (dead, (2**22 + 1, "")),
        (young, (2**22 + 1, "")),
        (live, (os.getpid(), "")),
    ):
        folder.mkdir()
        started = staging._started(owner[0])
        (folder / "owner.json").write_text(f'{{"pid": {owner[0]}, "started": "{started}"}}')
    foreign.mkdir()
    for folder in (dead, live, foreign):
        os.utime(folder, (0, 0))
    staging.sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([young, live, foreign])


def planted(folder: Path, name: str, owner: str) -> Path:
    left = folder / f"{staging.PREFIX}{name}"
    left.mkdir()
    (left / "owner.json").write_text(owner)
    return left


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize(
    "owner",
    [
        f'{{"pid": {"9" * 400}, "started": ""}}',
        '{"pid": -1, "started": ""}',
        '{"pid": "1", "started": ""}',
        '{"pid": 1e300, "started": ""}',
        "[" * 4000,
        "[1]",
        "7",
        "x" * 100_000,
    ],
    ids=lambda owner: owner[:20],
)
def test_a_planted_owner_neither_stops_nor_loses_anything(tmp_path: Path, owner: str) -> None:
    left = planted(tmp_path, "planted", owner)
    os.utime(left, (0, 0))
    assert new(tmp_path / "p").commit
    assert (left / "owner.json").read_text() == owner


@pytest.mark.usefixtures("templates")
def test_a_planted_pipe_is_not_waited_for(tmp_path: Path) -> None:
    left = planted(tmp_path, "pipe", "")
    (left / "owner.json").unlink()
    os.mkfifo(left / "owner.json")
    os.utime(left, (0, 0))
    assert new(tmp_path / "p").commit


KILLED = """
import sys, time
from pathlib import Path
from scaffolder import staging
with staging.stage(Path(sys.argv[1]) / "q") as tree:
    print(tree.parent, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a boot id")
@pytest.mark.usefixtures("templates")
def test_a_stage_that_was_killed_here_is_swept_by_the_next_run(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as child:
        assert child.stdout is not None
        left = Path(child.stdout.readline().strip())
        new(tmp_path / "while-it-lives")
        assert left.is_dir()
        child.kill()
    new(tmp_path / "p")
    assert not left.exists()


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize("name", ["host", "boot", "pids"])
def test_a_stage_of_another_machine_is_left_for_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    owners: list[str] = []
    with staging.stage(tmp_path / "q") as tree:
        owners.append((tree.parent / "owner.json").read_text())
    owner = {**json.loads(owners[0]), "pid": 2**22 + 1, name: "elsewhere"}
    left = planted(tmp_path, "foreign", json.dumps(owner))
    new(tmp_path / "p")
    assert left.exists()
    later = time.time() + 3_601
    monkeypatch.setattr(time, "time", lambda: later)
    new(tmp_path / "r")
    assert not left.exists()


@pytest.mark.usefixtures("templates")
def test_the_merged_template_lies_in_the_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def note(folders: list[Path], into: Path, merge: object = generate.merge) -> None:
        seen.append(into)
        merge(folders, into)  # type: ignore[operator]

    monkeypatch.setattr(generate, "merge", note)
    new(tmp_path / "p")
    assert seen[0].parent.parent == tmp_path
    assert seen[0].parent.name.startswith(staging.PREFIX)
    assert not seen[0].exists()
