"""What is kept of reviews, what projects prove by it, what the set still lacks."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scaffolder import notebook, progress
from scaffolder.cli import main
from scaffolder.journeys import portfolio
from scaffolder.notebook import Level

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MANIFEST = '[scaffold]\nformat = 1\nskill = "rag-app"\ntemplate_version = "1"\npackage = "p"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A recorded folder with a manifest and a commit, of which no review is kept yet."""
    return made(tmp_path / "rulebook")


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "scaffold.toml").write_text(MANIFEST)
    for name in ("objects", "refs/heads"):
        (folder / ".git" / name).mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    commit(folder, "a")
    progress.record_project("rag-app", folder, NOW)
    return folder


def commit(folder: Path, letter: str) -> None:
    (folder / ".git" / "refs" / "heads" / "main").write_text(letter * 40 + "\n")


def level(folder: Path, name: str = "measured", **changes: Any) -> Level:
    found = Level(str(folder), "rag-app", name, 8.0, 10.0, 0, "a" * 40, NOW, (), 3, 3, "reader")
    return replace(found, **changes)


def needed() -> list[str]:
    return [lack.what for lack in portfolio.overview().missing if lack.needed]


def test_a_measured_project_with_its_milestones_met_proves_its_skill(project: Path) -> None:
    notebook.note_level(level(project))
    found = portfolio.overview()
    assert (found.entries[0].proves, found.entries[0].moved) == (True, False)
    assert (found.worth_showing, needed()) == (True, [])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"level": "working"}, "rulebook: it is working, held back by reader"),
        ({"met": 2}, "rulebook: 2 of 3 milestones are met"),
        ({"open_musts": ("COM-06",), "blockers": 1}, "rulebook: its gate is shut: COM-06"),
        ({"skill": "agent"}, "rulebook: it was reviewed as agent, not as rag-app"),
        ({"milestones": 0, "met": 0}, "rulebook: no item of the rubric speaks of its skill yet"),
    ],
)
def test_what_falls_short_is_named(project: Path, changes: dict[str, Any], said: str) -> None:
    notebook.note_level(replace(level(project), **changes))
    assert needed() == [said]


def test_musts_that_wait_for_a_run_do_not_count_against_it(project: Path) -> None:
    notebook.note_level(level(project, blockers=2))
    entry = portfolio.overview().entries[0]
    assert (entry.proves, entry.gate) == (True, "waits for a run (2 musts)")


def test_the_gate_is_shut_by_as_many_musts_as_the_review_says(project: Path) -> None:
    notebook.note_level(level(project, blockers=3, open_musts=("COM-06",)))
    gate = portfolio.overview().entries[0].gate
    assert gate == "shut by 3 musts; 2 of them wait for a run; yours: COM-06"


def test_a_review_of_another_commit_is_to_be_made_again(project: Path) -> None:
    notebook.note_level(level(project))
    commit(project, "b")
    found = portfolio.overview()
    assert found.entries[0].moved
    assert "another commit" in needed()[0]
    assert found.missing[0].command == f"scaffold review {project}"


def test_one_project_is_enough_and_other_skills_are_only_proposed(project: Path) -> None:
    notebook.note_level(level(project))
    proposed = [lack for lack in portfolio.overview().missing if not lack.needed]
    assert "Evaluation" in proposed[-1].what
    assert "39.6 %" in proposed[-1].why


def test_a_stale_project_beside_a_current_one_is_no_obstacle(project: Path, tmp_path: Path) -> None:
    other = made(tmp_path / "second")
    for folder in (project, other):
        notebook.note_level(level(folder))
    commit(other, "b")
    assert (portfolio.overview().worth_showing, needed()) == (True, [])


def test_the_trend_says_which_way_and_since_when(project: Path) -> None:
    for days, name in ((9, "draft"), (6, "working"), (3, "working"), (0, "measured")):
        at = NOW - timedelta(days=days)
        notebook.note_level(level(project, name, at=at, points=10.0 - days))
    entry = portfolio.overview().entries[0]
    assert entry.trend == "up since 22 Nov, from working"
    assert entry.shares == (0.1, 0.4, 0.7, 1.0)


def test_a_project_that_is_gone_is_listed_last_and_proves_nothing(
    project: Path, tmp_path: Path
) -> None:
    gone = made(tmp_path / "gone")
    notebook.note_level(level(gone))
    (gone / "scaffold.toml").unlink()
    notebook.note_level(level(project, "working"))
    assert [(e.name, e.there) for e in portfolio.overview().entries] == [
        ("rulebook", True),
        ("gone", False),
    ]


def test_a_hostile_git_folder_is_not_followed(project: Path, tmp_path: Path) -> None:
    notebook.note_level(level(project))
    head = project / ".git" / "HEAD"
    head.unlink()
    head.symlink_to(tmp_path / "elsewhere")
    assert portfolio.overview().entries[0].moved is None


def test_a_whole_review_is_noted_once_and_a_narrowed_one_never(tmp_path: Path) -> None:
    (tmp_path / "scaffold.toml").write_text(MANIFEST)
    main(["review", str(tmp_path), "--only", "COM-04"])
    assert not notebook.load().levels
    main(["review", str(tmp_path)])
    main(["review", str(tmp_path)])
    kept = notebook.load().levels[str(tmp_path)]
    assert [(n.skill, n.met, n.milestones) for n in kept] == [("rag-app", 0, 3)]
    assert "COM-01" in kept[0].open_musts


def test_a_folder_that_is_not_ours_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Other\n")
    main(["review", str(tmp_path)])
    assert not notebook.load().levels


def test_an_older_notebook_is_brought_up_to_date(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = notebook.LAYOUT
    old = replace(layout, migrations=layout.migrations[:1], check=lambda _: None)
    monkeypatch.setattr(notebook, "LAYOUT", old)
    notebook.set_setting("theme", "light")
    monkeypatch.setattr(notebook, "LAYOUT", layout)
    assert notebook.note_level(level(project)) == ()
    kept = notebook.load()
    assert (kept.settings["theme"], kept.notices) == ("light", ())
    assert kept.levels[str(project)] == [level(project)]


def test_measuring_again_reviews_each_and_tells_what_failed(project: Path, tmp_path: Path) -> None:
    broken = made(tmp_path / "broken")
    (broken / ".git" / "HEAD").unlink()
    (broken / ".git" / "HEAD").symlink_to(tmp_path)
    lines: list[str] = []
    told = portfolio.measure_again(lines.append)
    assert [line.partition(":")[0] for line in lines] == ["reviewing 1 of 2", "reviewing 2 of 2"]
    assert [said.partition(":")[0] for said in told] == ["broken"]
    assert str(broken) not in notebook.load().levels
    del project


def test_the_command_says_what_is_missing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.note_level(level(project, "working", open_musts=("COM-06", "COM-12"), blockers=2))
    assert main(["portfolio"]) == 0
    said = capsys.readouterr().out
    assert "Missing before the set is worth showing" in said
    assert "COM-06, COM-12" in said
    assert main(["portfolio", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["worth_showing"] is False
    assert table["projects"][0]["reviews"][0]["level"] == "working"


def test_an_empty_portfolio_says_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["portfolio"]) == 0
    assert "scaffold new llm-api" in capsys.readouterr().out
