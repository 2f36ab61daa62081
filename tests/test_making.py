"""Making a project: it tells what it does, and stopped at any point it leaves all or nothing."""

import threading
from pathlib import Path

import pytest

from scaffolder import progress
from scaffolder.errors import Interrupted
from scaffolder.journeys import start_skill
from scaffolder.tui import apart


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize("with_git", [True, False])
def test_each_stage_is_told_in_its_order(tmp_path: Path, with_git: bool) -> None:
    told: list[str] = []
    start_skill.make("tiny", tmp_path / "p", {}, with_git, told.append)
    assert tuple(told) == start_skill.stages(with_git)


@pytest.mark.parametrize("stage", start_skill.stages())
def test_stopped_at_a_stage_it_leaves_no_trace_or_the_whole_project(
    tmp_path: Path, stage: str
) -> None:
    stop = threading.Event()
    target = tmp_path / "above" / "p"

    def told(line: str) -> None:
        if line == stage:
            stop.set()

    with pytest.raises(Interrupted):
        apart.call(start_skill.make, "rag-app", target, {}, True, is_stopped=stop.is_set, tell=told)
    left = start_skill.after_stop("rag-app", target)
    if left is None:
        assert list(tmp_path.iterdir()) == []
        assert stage != start_skill.NOTE
    else:
        assert (left.path, sorted(p.name for p in target.parent.iterdir())) == (target, ["p"])
        assert (target / ".git" / "HEAD").is_file()
        assert progress.load().skills["rag-app"].project == str(target)


@pytest.mark.usefixtures("templates")
def test_what_was_in_place_before_a_stop_is_noted_once(tmp_path: Path) -> None:
    start_skill.make("tiny", tmp_path / "p", {}, False)
    left = start_skill.after_stop("tiny", tmp_path / "p")
    assert left is not None
    assert progress.load().skills["tiny"].earlier == ()
    assert start_skill.after_stop("tiny", tmp_path / "q") is None
