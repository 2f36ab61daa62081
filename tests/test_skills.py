"""The cards and the sequence: the real ones are whole, a broken one is named."""

import shutil
from pathlib import Path

import pytest
import yaml
from miniature import CARD, write_yaml

from scaffolder import skills
from scaffolder.errors import BrokenTemplate, UsageError

REAL = skills.load()


def test_the_sequence_has_seven_skills_in_two_tiers() -> None:
    assert [s.slug for s in REAL if s.tier == 1] == [
        "llm-api",
        "prompt-lab",
        "eval-suite",
        "rag-app",
    ]
    assert [s.slug for s in REAL if s.tier == 2] == ["agent", "system-design", "fine-tune"]
    assert [s.order for s in REAL] == [1, 2, 3, 4, 5, 6, 7]


def test_the_seed_order_keeps_the_original_guide() -> None:
    seed = [s.slug for s in skills.load("seed")]
    assert seed[:4] == ["llm-api", "rag-app", "eval-suite", "prompt-lab"]
    assert sorted(seed) == sorted(s.slug for s in REAL)


@pytest.mark.parametrize("card", REAL, ids=lambda card: card.slug)
def test_a_card_is_whole(card: skills.Skill) -> None:
    assert len(card.questions) == 10
    assert [m.id for m in card.build.milestones] == ["M1", "M2", "M3"]
    assert [m.by_hour for m in card.build.milestones] == sorted(
        m.by_hour for m in card.build.milestones
    )
    assert card.build.milestones[-1].by_hour < 48
    assert set(card.needs) <= {s.slug for s in REAL if s.order < card.order}
    assert all(source.checked >= "2026-11-22" for source in card.sources)
    assert "failed" not in card.build.short_of_time
    assert f"Skip {card.slug}, but" in " ".join(card.skip_if.split())


def test_what_to_skip_has_a_card_of_its_own() -> None:
    assert len(skills.tier3().skip) >= 5
    assert skills.tier3().keep


def test_an_unknown_skill_is_refused_with_the_nearest_named() -> None:
    with pytest.raises(UsageError, match="Did you mean rag-app"):
        skills.find("rag-ap")


@pytest.mark.parametrize(
    ("change", "said"),
    [({"pitch": None}, "missing key: pitch"), ({"extra": 1}, "unknown key: extra")],
)
def test_a_broken_card_names_file_and_key(
    templates: Path, change: dict[str, object], said: str
) -> None:
    card = {k: v for k, v in {**CARD, **change}.items() if v is not None}
    write_yaml(templates / "tiny" / "skill.yml", card)
    with pytest.raises(BrokenTemplate, match=f"tiny/skill.yml: {said}"):
        skills.load()


def spoil(templates: Path, file: str, change: dict[str, object]) -> None:
    before = yaml.safe_load((templates / file).read_text())
    write_yaml(templates / file, {**before, **change})


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("tiny/skill.yml", {"hours": [1, 2]}, "tiny/skill.yml: hours: expected keys and values"),
        ("tiny/skill.yml", {"hours": {"build": 1}}, "hours: missing key: study"),
        ("tiny/skill.yml", {"hours": {"study": "x"}}, "hours: study: expected a whole number"),
        ("tiny/skill.yml", {"title": 7}, "tiny/skill.yml: title: expected a text"),
        ("tiny/skill.yml", {"pitfalls": "one"}, "pitfalls: expected a list"),
        ("tiny/skill.yml", {"learn": ["one"]}, r"learn\[1\]: expected keys and values"),
        ("tiny/skill.yml", {7: "x"}, "unknown key: 7"),
        ("tiny/skill.yml", {"slug": "other"}, "slug: expected tiny, found other"),
        ("sequence.yml", {"skills": [{"slug": "tiny"}]}, r"skills\[1\]: missing key: tier"),
        ("sequence.yml", {"skills": ["tiny"]}, r"sequence.yml: skills\[1\]: expected keys"),
        ("sequence.yml", {"seed": []}, "`seed` does not list the same"),
        ("_base/copier.yml", {"author": "Who"}, "_base/copier.yml: author: expected keys"),
        ("_base/copier.yml", {"author": {"help": "h", "default": 1}}, "author: default: expected"),
        ("_base/copier.yml", {"author": {"help": "h", "choices": [1]}}, "author: choices"),
        ("_base/copier.yml", {"licence": {"help": "h", "choices": ["MIT"]}}, "not one of the"),
        (
            "_base/copier.yml",
            {"year": {"help": "h"}},
            "_base/copier.yml: year: the name is reserved",
        ),
        ("_base/copier.yml", {"data": {"help": "h"}}, "data: the name is reserved"),
    ],
)
def test_a_mistake_in_our_data_names_file_and_key(
    templates: Path, file: str, change: dict[str, object], said: str
) -> None:
    spoil(templates, file, change)
    with pytest.raises(BrokenTemplate, match=said):
        skills.questions(skills.find("tiny"))


def test_a_layer_that_is_not_there_is_named(templates: Path) -> None:
    shutil.rmtree(templates / "_base")
    with pytest.raises(
        BrokenTemplate, match=r"tiny/skill.yml: template: layers: there is no _base"
    ):
        skills.layers(skills.find("tiny"))


MOST_QUESTIONS = 8


@pytest.mark.parametrize("skill", [s for s in REAL if s.available], ids=lambda s: s.slug)
def test_a_template_asks_few_questions_each_with_help(skill: skills.Skill) -> None:
    asked = skills.questions(skill)
    named = {q.name for q in asked}
    assert {"project_name", "package", "author", "problem", "users", "provider", "licence"} <= named
    assert len(named) <= MOST_QUESTIONS
    assert all(q.help for q in asked)
    assert all(q.default in q.choices for q in asked if q.choices)
