"""All tries of a project: what could not be tried accuses nobody, what is known stays known."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from scaffolder import sandbox
from scaffolder.errors import BrokenTemplate, Interrupted
from scaffolder.review import rubric, view
from scaffolder.review.behaviour import bench, campaign, declared
from scaffolder.review.model import Answer, Reading, Try, unknown, yes
from tests.review.behaviour import smallrag

DATA = rubric.load(with_trees=False)
CODE = "src/rag/__init__.py"


def made(
    root: Path, *names: str, stopped: Callable[[], bool] = lambda: False
) -> Mapping[str, Reading]:
    manner = campaign.Manner(sandbox.unsandboxed(), lambda _: None, stopped)
    tries = [DATA.tries.get(name) or Try(name, "a fault", f"fake.{name}") for name in names]
    with view.opened(root) as seen:
        return campaign.make(tries, seen, declared.declared(seen), manner)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return smallrag.project(tmp_path)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which tries were made; X1 and X2 pass, U1 cannot be told."""
    seen: list[str] = []

    def attempt(each: Try) -> campaign.Attempt:
        def one(_: bench.Bench) -> Reading:
            seen.append(each.id)
            return unknown("Who knows.", "Look.") if each.id == "U1" else yes("It works.")

        return one

    monkeypatch.setattr(campaign, "attempt", attempt)
    return seen


def test_a_control_that_failed_accuses_nobody(tmp_path: Path) -> None:
    root = smallrag.project(tmp_path, {CODE: "raise SystemExit(3)\n"})
    found = made(root, "R2")["R2"]
    assert (found.answer, found.waits_for) == (Answer.UNKNOWN, "control")
    assert "control failed: " in found.reason
    assert found.evidence[0].ran


def test_what_is_not_declared_waits_for_a_declaration(tmp_path: Path) -> None:
    changes = smallrag.changed("scaffold.toml", 'search = "rag:search"', "")
    found = made(smallrag.project(tmp_path, changes), "R2")["R2"]
    assert (found.answer, found.waits_for) == (Answer.UNKNOWN, "declaration")
    assert "init-review" in found.verify


def test_a_fault_that_does_not_speak_of_a_project_is_not_applicable(tmp_path: Path) -> None:
    root = smallrag.project(tmp_path, {"evals/results/rows.jsonl": None})
    assert made(root, "E8")["E8"].answer is Answer.NOT_APPLICABLE


def test_what_is_kept_is_not_run_again(
    root: Path, called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(root, "X1", "X2")
    monkeypatch.setattr(bench, "opened", None)
    assert made(root, "X1", "X2") == first
    assert called == ["X1", "X2"]


def test_a_change_runs_again(root: Path, called: list[str]) -> None:
    made(root, "X1")
    (root / CODE).write_text(smallrag.RAG + "# more\n")
    made(root, "X1")
    assert called == ["X1", "X1"]


def test_what_could_not_be_told_is_tried_again(root: Path, called: list[str]) -> None:
    made(root, "U1")
    made(root, "U1")
    assert called == ["U1", "U1"]


def test_a_stopped_campaign_keeps_what_it_saw(root: Path, called: list[str]) -> None:
    asked = iter([False, False])
    with pytest.raises(Interrupted):
        made(root, "X1", "X2", stopped=lambda: next(asked, True))
    assert set(made(root, "X1", "X2")) == {"X1", "X2"}
    assert called == ["X1", "X2"]


def test_a_try_that_is_not_there_is_our_fault() -> None:
    with pytest.raises(BrokenTemplate, match=r"X1 names nowhere\.x"):
        campaign.attempt(Try("X1", "a fault", "nowhere.x"))


@pytest.mark.parametrize("name", DATA.tries)
def test_every_try_is_there_and_named_by_a_check(name: str) -> None:
    assert callable(campaign.attempt(DATA.tries[name]))
    assert any(name in check.tries for check in DATA.checks)


def test_every_try_stands_in_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs" / "behaviour.md").read_text("utf-8")
    listed = text.partition("<!-- tries:start -->")[2].partition("<!-- tries:end -->")[0]
    assert [name for name in DATA.tries if f"| {name} |" not in listed] == []
