"""The form: answers that were not given follow, each is checked as it stands."""

from pathlib import Path

import pytest

from scaffolder.journeys import form


@pytest.fixture(autouse=True)
def here(templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one stands in; the templates are the miniature ones."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert templates.is_dir()
    return folder


def fill(**given: str) -> form.Form:
    return form.fill("tiny", given, {"task": "find the rule"}, "Ada")


def test_what_is_not_given_follows_the_folder_and_the_profile(here: Path) -> None:
    found = fill(folder=str(here / "Rule Book"))
    assert found.values["project_name"] == "Rule Book"
    assert found.values["package"] == "rule_book"
    assert found.values["problem"] == "find the rule"
    assert found.values["author"] == "Ada"
    assert not found.problems


def test_what_is_given_stays_and_is_followed() -> None:
    found = fill(folder="elsewhere", project_name="Rules")
    assert (found.values["project_name"], found.values["package"]) == ("Rules", "rules")
    assert fill(project_name="Rules", package="mine").values["package"] == "mine"


def test_the_command_names_only_what_is_not_proposed(here: Path) -> None:
    target = str(here / "tiny")
    assert fill().command == ("new", "tiny", target, "--defaults")
    found = fill(package="tiny", provider="openai", repository="none")
    assert found.command[2:] == (target, "--set", "provider=openai", "--no-git", "--defaults")


def test_the_proposed_folder_is_a_free_one(here: Path) -> None:
    (here / "tiny").write_text("taken")
    assert fill().values["folder"] == str(here / "tiny-2")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"folder": "full"}, "is not empty"),
        ({"folder": "file"}, "is a file"),
        ({"folder": "~nobody-here/x"}, "no such user"),
        ({"folder": "a\x1b[2Jb"}, "control character"),
        ({"folder": "a\0b"}, "control character"),
        ({"folder": "x\ud800"}, "control character"),
        ({"folder": "x" * 10_000}, "File name too long"),
        ({"package": "json"}, "not a free Python import name"),
        ({"project_name": "--"}, "at least one letter"),
        ({"problem": "x" * 301}, "longer than 300"),
        ({"author": "\u202eevil"}, "control character"),
    ],
)
def test_a_fault_is_said_at_its_answer(here: Path, given: dict[str, str], said: str) -> None:
    (here / "full").mkdir()
    (here / "full" / "mine.txt").write_text("keep")
    (here / "file").write_text("keep")
    problems = fill(**given).problems
    assert list(problems) == list(given)
    assert said in problems[next(iter(given))].message
    assert problems[next(iter(given))].hint
