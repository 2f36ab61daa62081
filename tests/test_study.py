"""The clock, the milestones and the one next step."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from miniature import ANSWERS, CARD, card_only, write_sequence, write_yaml

from scaffolder import notebook, progress, skills
from scaffolder.generate import generate
from scaffolder.journeys import study

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path, templates: Path) -> Path:
    (templates / "tiny" / "template" / "evals").mkdir()
    rows = "".join(failure(f"t{n}") for n in range(5))
    (templates / "tiny" / "template" / "evals" / "failures.jsonl").write_text(rows)
    made = generate(skills.find("tiny"), tmp_path / "p", ANSWERS, with_git=False)
    progress.start_build("tiny", NOW)
    progress.record_project("tiny", made.path, NOW)
    return made.path


def step(hours: float = 1) -> study.Step:
    found, _ = study.standings(NOW + timedelta(hours=hours))
    return study.next_step(found)


def failure(name: str) -> str:
    return json.dumps({"id": name, "failure": "split table", "note": f"{name} is cut"}) + "\n"


def test_a_project_that_was_reviewed_counts_without_start(tmp_path: Path) -> None:
    made = tmp_path / "clone"
    made.mkdir()
    (made / "scaffold.toml").touch()
    outcome = notebook.Level(str(made), "rag-app", "draft", 0, 30, 16, "c0ffee", NOW)
    notebook.note_level(outcome)
    found, _ = study.standings(NOW, look=False)
    assert [(s.skill.slug, s.project) for s in found] == [("rag-app", made)]


@pytest.mark.usefixtures("project")
def test_a_fresh_project_meets_no_milestone() -> None:
    found, _ = study.standings(NOW)
    assert [state.met for state in found[0].milestones] == [False]
    assert step().do == "M1, Failures: failures named (COM-08)."
    assert step().detail.startswith("Not started, ")


def test_own_rows_meet_a_milestone(project: Path) -> None:
    meet(project)
    found, _ = study.standings(NOW)
    assert found[0].milestones[0].met


@pytest.mark.usefixtures("project")
def test_when_time_is_up_it_says_what_to_ship() -> None:
    assert step(hours=49).do == "Ship what is measured."
    assert "failed" not in step(hours=49).why


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


@pytest.mark.usefixtures("templates")
def test_a_project_without_a_clock_shows_the_milestone_and_how_to_start_it(tmp_path: Path) -> None:
    made = generate(skills.find("tiny"), tmp_path / "p", ANSWERS, with_git=False)
    progress.record_project("tiny", made.path)
    assert "M1" in step().do
    assert step().command == "scaffold start tiny --build"


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


def meet(project: Path) -> None:
    rows = "".join(failure(f"q{n}") for n in range(30))
    (project / "evals" / "failures.jsonl").write_text(rows)


def test_a_finished_project_leads_on_with_or_without_a_clock(
    tmp_path: Path, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sequence(templates, "tiny", "after")
    made = generate(skills.find("tiny"), tmp_path / "p", ANSWERS, with_git=False).path
    progress.record_project("tiny", made, NOW)
    (made / "evals").mkdir()
    meet(made)
    assert step().command == f"scaffold review {made}"
    monkeypatch.setattr("scaffolder.journeys.review.open_musts", lambda _: ())
    assert step().command == "scaffold start after"
    progress.start_build("tiny", NOW)
    assert step().command == "scaffold start after"
    assert [(line.skill.slug, line.progress) for line in study.sequence("recommended")[0]] == [
        ("tiny", "built"),
        ("after", ""),
    ]


def test_the_next_skill_is_one_that_was_not_begun(
    project: Path, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaffolder.journeys.review.open_musts", lambda _: ())
    write_sequence(templates, "tiny", "one", "two")
    meet(project)
    for slug in ("one", "two"):
        progress.start_build(slug, NOW - timedelta(hours=50))
    assert step().do == "Read your projects as a stranger would."


@pytest.mark.parametrize(("hours", "due"), [(1, "M1, First"), (7, "M2, Last"), (46, "M2, Last")])
def test_a_card_alone_names_the_milestone_that_is_due_and_the_way_on(
    templates: Path, hours: float, due: str
) -> None:
    write_sequence(templates, "one", "two")
    progress.start_build("one", NOW)
    assert due in step(hours).do
    assert "scaffold start two" in step(hours).why


def test_a_card_alone_is_left_by_going_on_or_by_the_end_of_its_hours(templates: Path) -> None:
    write_sequence(templates, "one", "two")
    progress.start_build("one", NOW)
    assert step(hours=49).command == "scaffold start two"
    progress.start_studying("two", NOW)
    assert step(hours=1).command == "scaffold start two --build"


def test_a_milestone_without_evidence_does_not_hold_a_project_open(
    project: Path, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sequence(templates, "tiny", "after")
    milestones = [*CARD["build"]["milestones"], *card_only("x")["build"]["milestones"][1:]]  # type: ignore[index]
    build = {**CARD["build"], "milestones": milestones}  # type: ignore[dict-item]
    write_yaml(templates / "tiny" / "skill.yml", {**CARD, "build": build})
    meet(project)
    assert "M2, Last" in step(hours=1).do
    monkeypatch.setattr("scaffolder.journeys.review.open_musts", lambda _: ())
    assert step(hours=49).command == "scaffold start after"


@pytest.mark.usefixtures("project")
def test_a_working_folder_that_is_gone_is_no_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    os.rmdir(tmp_path / "gone")  # noqa: PTH106
    assert "M1" in step().do
