"""`scaffold publish`: the gate first, then questions, then exit codes."""

import argparse
import types
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from publishing import bare, commit, git, github, refs, report_on, repository

import scaffolder.journeys
from scaffolder.cli import asking, output, publish
from scaffolder.errors import Interrupted, ScaffoldError
from scaffolder.journeys import publish as journey
from scaffolder.journeys import readme_offer
from scaffolder.review import rubric
from scaffolder.review.model import Item, Report, Status
from scaffolder.review.render import badge

Answers = Callable[[str], bool]


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare(tmp_path / "remote.git")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return repository(tmp_path / "rulebook")


class Stage:
    """What the review says before a run and after it, and what was run and asked."""

    def __init__(self) -> None:
        self.static: tuple[Item, ...] = ()
        self.run: tuple[Item, ...] = ()
        self.runs = 0
        self.asked: list[str] = []
        self.says: Answers | None = None

    def reviewed(self, path: Path) -> Report:
        return replace(report_on(path), items=self.static)

    def review_with_run(self, path: Path, consent: bool, *_: object, **__: object) -> Report:
        assert consent
        self.runs += 1
        return replace(report_on(path), items=self.run)

    def agrees(self, what: str) -> bool:
        self.asked.append(what)
        assert self.says
        return self.says(what)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    found = Stage()
    fresh = types.SimpleNamespace(is_fresh=True, unprotected=())
    tried = types.ModuleType("scaffolder.journeys.tried")
    tried.plan = lambda *_, **__: fresh  # type: ignore[attr-defined]
    tried.review_with_run = found.review_with_run  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, tried.__name__, tried)
    monkeypatch.setattr(scaffolder.journeys, "tried", tried, raising=False)
    whole = journey.gate
    monkeypatch.setattr(journey, "gate", lambda path: whole(path, found.reviewed))
    monkeypatch.setattr(asking, "can_ask", lambda: found.says is not None)
    monkeypatch.setattr(asking, "agrees", found.agrees)
    return found


def run(*words: str | Path) -> int:
    """The command as the command line runs it."""
    top = argparse.ArgumentParser()
    publish.add(top.add_subparsers())
    arguments = top.parse_args(["publish", *map(str, words)])
    try:
        return int(arguments.run(arguments))
    except ScaffoldError as error:
        return output.show_error(error)


def must(id: str, status: Status, waits_for: str = "") -> Item:
    check = next(c for c in rubric.load(with_trees=False).checks if c.id == id)
    return Item(check, status, f"reason of {id}", how_to_verify="look", waits_for=waits_for)


def test_a_shut_gate_names_what_blocks_and_runs_nothing(
    stage: Stage, project: Path, remote: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Off a terminal and without --yes: the gate comes before the question."""
    stage.static = (must("COM-08", Status.FAIL), must("COM-12", Status.NOT_STARTED))
    assert run(project, "--remote", remote) == 1
    said = capsys.readouterr().out
    assert "COM-08" in said
    assert "COM-12" in said
    assert "cheapest way forward" in said
    assert stage.runs == 0
    assert refs(remote) == {}


@pytest.mark.parametrize("status", [Status.FAIL, Status.PARTIAL, Status.NOT_STARTED])
def test_every_open_must_shuts_the_gate(stage: Stage, project: Path, status: Status) -> None:
    stage.static = (must("COM-08", status),)
    assert run(project, "--remote", "x.git", "--yes") == 1


def test_a_must_that_is_waived_does_not_shut_it(stage: Stage, project: Path, remote: Path) -> None:
    stage.static = stage.run = (must("COM-08", Status.WAIVED),)
    assert run(project, "--remote", remote, "--yes") == 0


def test_a_must_that_waits_for_the_run_is_decided_by_it(
    stage: Stage, project: Path, remote: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.static = stage.run = (must("COM-01", Status.UNVERIFIED, "run"),)
    assert run(project, "--remote", remote, "--yes") == 1
    assert stage.runs == 1
    assert "COM-01" in capsys.readouterr().out
    assert refs(remote) == {}
    stage.run = (must("COM-01", Status.PASS),)
    assert run(project, "--remote", remote, "--yes") == 0


@pytest.mark.parametrize("waits_for", ["person", "control", "declaration", ""])
def test_any_other_unverified_must_blocks(
    stage: Stage, project: Path, remote: Path, waits_for: str
) -> None:
    stage.run = (must("COM-01", Status.UNVERIFIED, waits_for),)
    assert run(project, "--remote", remote, "--yes") == 1
    assert refs(remote) == {}


def test_a_must_that_needs_a_key_is_listed_and_does_not_block(
    stage: Stage, project: Path, remote: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.static = stage.run = (must("RAG-09", Status.UNVERIFIED, "model"),)
    assert run(project, "--remote", remote, "--yes") == 0
    said = capsys.readouterr().err
    assert "caps the level" in said
    assert "RAG-09" in said


def test_an_open_gate_pushes_exactly_the_head(
    stage: Stage, project: Path, remote: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "--remote", remote, "--yes") == 0
    assert refs(remote) == {"refs/heads/main": git(project, "rev-parse", "HEAD")}
    assert "is pushed" in capsys.readouterr().out
    assert stage.runs == 1


def test_off_a_terminal_without_yes_it_asks_for_yes(
    stage: Stage, project: Path, remote: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "--remote", remote) == 2
    assert "--yes" in capsys.readouterr().err
    assert stage.runs == 0
    assert refs(remote) == {}


def test_a_dry_run_shows_every_step_and_does_none(
    stage: Stage, project: Path, remote: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "--remote", remote, "--dry-run") == 0
    said = capsys.readouterr().out
    head = git(project, "rev-parse", "HEAD")
    for words in ("scaffold review", "--run", f"{head}:refs/heads/main", "git ls-remote"):
        assert words in said
    assert stage.runs == 0
    assert refs(remote) == {}


def test_a_dry_run_says_what_was_done_before(
    stage: Stage, project: Path, remote: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "--remote", remote, "--yes") == 0
    assert stage.runs == 1
    capsys.readouterr()
    assert run(project, "--remote", remote, "--dry-run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.endswith("(done)")] == [
        "gate",
        "scan",
        "push",
    ]


def test_a_dry_run_without_a_token_shows_how_github_would_be_asked(
    stage: Stage, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(project, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "OWNER/rulebook" in said
    assert "private" in said
    assert stage.runs == 0


def test_no_token_ends_it_before_the_run(
    stage: Stage, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert run(project, "--yes") == 3
    assert stage.runs == 0


def test_no_on_the_terminal_pushes_nothing(stage: Stage, project: Path, remote: Path) -> None:
    stage.says = lambda _: False
    assert run(project, "--remote", remote) == 130
    assert refs(remote) == {}


def test_yes_on_the_terminal_pushes(stage: Stage, project: Path, remote: Path) -> None:
    stage.says = lambda what: what.startswith("Push commit")
    assert run(project, "--remote", remote) == 0
    assert len(refs(remote)) == 1


@pytest.mark.parametrize(("wants", "is_private"), [("yes", True), ("no", True), ("public", False)])
def test_it_is_public_only_on_a_yes_to_just_that(
    stage: Stage,
    project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wants: str,
    is_private: bool,
) -> None:
    with github(tmp_path / "web") as server:
        monkeypatch.setattr(journey, "place", lambda *_: server.place())
        if wants != "yes":
            stage.says = lambda what: (
                what.startswith("Make ada")
                or (what.startswith("Make") and "public" in what and wants == "public")
            )
        if wants == "no":
            stage.says = lambda what: "public" not in what and what.startswith("Make")
        assert run(project, *(["--yes"] if wants == "yes" else [])) == 0
        assert server.repos["rulebook"]["private"] is is_private
        asked = [a for a in stage.asked if "public" in a]
        assert len(asked) == (0 if wants == "yes" else 1)


def test_no_answer_at_the_end_is_a_no(
    stage: Stage, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def says(what: str) -> bool:
        if "public" in what:
            raise Interrupted("stopped.")
        return what.startswith("Make ada")

    stage.says = says
    with github(tmp_path / "web") as server:
        monkeypatch.setattr(journey, "place", lambda *_: server.place())
        assert run(project) == 0
        assert server.repos["rulebook"]["private"] is True


def test_what_was_not_verified_is_offered_before_the_scan_and_then_committed(
    stage: Stage, project: Path, remote: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.run = (must("RAG-09", Status.UNVERIFIED, "model"), must("COM-08", Status.WAIVED))
    stage.says = lambda what: what == "Add it to README.md?"
    plain = stage.review_with_run

    def with_reader(path: Path, *words: object) -> Report:
        from scaffolder.journeys.review import review_repo

        return replace(plain(path, True), reader=review_repo(path).reader) if words else None

    scaffolder.journeys.tried.review_with_run = with_reader  # type: ignore[attr-defined]
    before = (project / "README.md").read_text()
    assert run(project, "--remote", remote) == 1
    text = (project / "README.md").read_text()
    assert text.startswith(before)
    assert "## What was not verified" in text
    assert "(RAG-09)" in text
    assert "(COM-08)" in text
    assert "Commit it and publish again" in capsys.readouterr().err
    assert refs(remote) == {}

    commit(project, {})
    stage.says = lambda what: what.startswith("Push commit")
    assert run(project, "--remote", remote) == 0
    assert "Add it to README.md?" not in stage.asked[-2:]
    assert len(refs(remote)) == 1


def test_with_yes_nothing_is_written(stage: Stage, project: Path, remote: Path) -> None:
    stage.run = (must("RAG-09", Status.UNVERIFIED, "model"),)
    assert run(project, "--remote", remote, "--yes") == 0
    assert git(project, "status", "--porcelain") == ""


def test_a_badge_names_the_level_and_the_weakest_dimension(project: Path) -> None:
    report = replace(report_on(project), level="measured", weakest_dimension="<evidence>")
    drawn = badge.render(report)
    assert "<title>scaffold review: measured, lowest: &lt;evidence&gt;</title>" in drawn
    assert "<evidence>" not in drawn
    assert badge.markdown(report, "docs/review.svg").endswith("](docs/review.svg)")


def test_a_badge_is_written_once_and_again_when_the_level_changes(project: Path) -> None:
    from scaffolder.journeys.review import review_repo

    report = review_repo(project)
    offered = readme_offer.offer(project, report)
    assert offered.badge
    readme_offer.write_badge(project, offered, report)
    assert readme_offer.offer(project, report).badge == ""
    better = replace(report, level="measured")
    again = readme_offer.offer(project, better)
    readme_offer.write_badge(project, again, better)
    assert (project / "README.md").read_text().count("](docs/review.svg)") == 1


def test_a_section_that_is_there_is_left_alone(project: Path) -> None:
    from scaffolder.journeys.review import review_repo

    commit(project, {"README.md": "# Rulebook\n\n## What was not verified\n\nMuch.\n"})
    assert readme_offer.offer(project, review_repo(project)).section == ""
