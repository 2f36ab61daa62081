"""Answers: proposed from what is known, checked, never half right."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder import skills
from scaffolder.errors import UsageError
from scaffolder.journeys import answers


def settle(
    destination: Path, profile: dict[str, str] | None = None, **given: str
) -> dict[str, str]:
    return answers.settle(skills.find("tiny"), destination, given, profile or {})


@pytest.mark.usefixtures("templates")
def test_defaults_come_from_the_folder_the_template_and_the_profile(tmp_path: Path) -> None:
    found = settle(tmp_path / "Rule Book", {"task": "find the rule", "provider": "openai"})
    assert found["project_name"] == "Rule Book"
    assert found["package"] == "rule_book"
    assert found["problem"] == "find the rule"
    assert found["provider"] == "openai"
    assert found["author"]


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("package", "Rules"),
        ("package", "a-b"),
        ("package", "json"),
        ("package", "numpy"),
        ("package", "hf_xet"),
        ("package", "yaml"),
        ("package", "prompts"),
        ("package", "class"),
        ("package", "../x"),
        ("package", "a" * 31),
        ("provider", "nobody"),
        ("author", "<>"),
        ("problem", "two\nlines"),
        ("problem", "\x1b[2J"),
        ("problem", "x" * 301),
        ("nosuch", "1"),
    ],
)
def test_a_bad_answer_is_named_with_the_way_out(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(UsageError, match=name) as refused:
        settle(tmp_path / "p", None, **{name: value})
    assert refused.value.hint


@pytest.mark.usefixtures("templates")
def test_where_the_data_is_and_the_domain_are_always_answered(tmp_path: Path) -> None:
    assert settle(tmp_path / "p")["data"] == ""
    found = settle(tmp_path / "p", {"data": "https://x.example", "domain": "law"})
    assert (found["data"], found["domain"]) == ("https://x.example", "law")


def test_every_template_offers_the_providers_that_begin_and_doctor_know() -> None:
    for skill in (skill for skill in skills.load() if skill.available):
        asked = {question.name: question for question in skills.questions(skill)}
        assert tuple(asked["provider"].choices) == tuple(skills.PROVIDERS)


@given(st.text(max_size=40))
def test_a_package_name_can_always_be_made(name: str) -> None:
    package = answers.package_name(name)
    question = skills.Question("package", "Package")
    assert answers.check(question, package) == package


def test_a_setting_without_a_value_is_refused() -> None:
    assert answers.parse_settings(["a=b=c"]) == {"a": "b=c"}
    with pytest.raises(UsageError, match="name=value"):
        answers.parse_settings(["provider"])
