"""The clock, the milestones and the one next step."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scaffolder import progress, skills
from scaffolder.generate import generate
from scaffolder.journeys import study

ANSWERS = {
    "project_name": "Rules",
    "package": "rules",
    "author": "Ada",
    "problem": "",
    "skill": "tiny",
    "template_version": "1.0.0",
}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path, templates: Path) -> Path:
    (templates / "tiny" / "template" / "evals").mkdir()
    rows = "".join(f'{{"id": "t{n}"}}\n' for n in range(5))
    (templates / "tiny" / "template" / "evals" / "questions.jsonl").write_text(rows)
    made = generate(skills.find("tiny"), tmp_path / "p", ANSWERS, with_git=False)
    progress.start_build("tiny", NOW)
    progress.record_project("tiny", made.path, NOW)
    return made.path


def step(hours: float = 1) -> study.Step:
    found, _ = study.standings(NOW + timedelta(hours=hours))
    return study.next_step(found)


def own_row(name: str) -> str:
    return json.dumps({"id": name, "question": f"What is {name}?", "origin": "author"}) + "\n"


def test_a_fresh_project_meets_no_milestone(project: Path) -> None:
    found, _ = study.standings(NOW)
    assert [state.met for state in found[0].milestones] == [False]
    assert "(0 of 2)" in step().do
    assert project.exists()


def test_own_rows_meet_a_milestone(project: Path) -> None:
    with (project / "evals" / "questions.jsonl").open("a") as golden:
        golden.write(own_row("q1"))
    assert "(1 of 2)" in step().do
    with (project / "evals" / "questions.jsonl").open("a") as golden:
        golden.write(own_row("q2"))
    found, _ = study.standings(NOW)
    assert found[0].milestones[0].met


def test_when_time_is_up_it_says_what_to_ship(project: Path) -> None:
    assert step(hours=49).do == "Ship what is measured."
    assert "failed" not in step(hours=49).why
    assert project.exists()


def test_a_project_that_is_gone_is_said(project: Path) -> None:
    (project / "scaffold.toml").unlink()
    assert step().command == "scaffold new tiny"


@pytest.mark.usefixtures("templates")
def test_nothing_begun_means_the_first_skill() -> None:
    assert step().command == "scaffold start tiny"


@pytest.mark.usefixtures("templates")
def test_studying_leads_to_the_build() -> None:
    study.start("tiny", build=False)
    assert step().command == "scaffold start tiny --build"


def test_a_project_without_a_clock_shows_the_milestone_and_how_to_start_it(
    tmp_path: Path, templates: Path
) -> None:
    made = generate(skills.find("tiny"), tmp_path / "p", ANSWERS, with_git=False)
    progress.record_project("tiny", made.path)
    assert "M1" in step().do
    assert step().command == "scaffold start tiny --build"
    assert templates.exists()


def test_the_project_we_are_in_comes_first_and_a_lost_one_is_replaced(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = generate(skills.find("tiny"), tmp_path / "q", ANSWERS, with_git=False).path
    progress.record_project("tiny", newer, NOW)
    assert study.standings(NOW)[0][0].project == newer
    monkeypatch.chdir(project / "evals")
    assert study.standings(NOW)[0][0].project == project
    monkeypatch.chdir(tmp_path)
    (newer / "scaffold.toml").unlink()
    assert study.standings(NOW)[0][0].project == project
