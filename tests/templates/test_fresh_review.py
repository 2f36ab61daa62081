"""A project as it is generated is nobody's work yet: the review must say so of every template."""

from pathlib import Path

import pytest

from scaffolder import generate, skills
from scaffolder.journeys.answers import settle
from scaffolder.journeys.milestones import measure
from scaffolder.journeys.review import review_repo

SKILLS = [skill for skill in skills.load() if skill.available]


@pytest.fixture(scope="module", params=SKILLS, ids=lambda skill: skill.slug)
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    skill: skills.Skill = request.param
    target = tmp_path_factory.mktemp("fresh") / skill.slug
    return generate.generate(skill, target, settle(skill, target, {"author": "Ada"}, {})).path


def test_no_skill_item_earns_anything(fresh: Path) -> None:
    items = [i for i in review_repo(fresh).items if i.check.section != "COM"]
    assert items
    assert {
        i.check.id: i.status for i in items if i.status not in ("not_started", "unverified")
    } == {}


def test_no_skill_item_is_inherited(fresh: Path) -> None:
    assert not [i.check.id for i in review_repo(fresh).items if i.inherited and i.check.own]


def test_it_meets_no_milestone(fresh: Path) -> None:
    milestones = skills.find(fresh.name).build.milestones
    assert [state.met for state in measure(milestones, fresh)] == [False] * len(milestones)
