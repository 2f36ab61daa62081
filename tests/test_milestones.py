"""Milestones are verdicts of the review on the project's files."""

import json
from pathlib import Path

import pytest

from scaffolder import skills
from scaffolder.errors import BrokenTemplate
from scaffolder.journeys.milestones import MilestoneState, measure
from scaffolder.review import rubric
from scaffolder.skills import Evidence, Milestone

FAILURES = {
    "scaffold.toml": '[paths]\nfailures = "evals/failures.jsonl"\n',
    "evals/failures.jsonl": "".join(
        f'{{"id": "q{n}", "failure": "split table", "note": "cut in two"}}\n' for n in range(30)
    ),
}


def state(root: Path, files: dict[str, str], *wanted: tuple[str, str]) -> MilestoneState:
    for name, text in {"README.md": "# Desk\n", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    evidence = tuple(Evidence(item, "", at="partial" if at else "pass") for item, at in wanted)
    return measure([Milestone("M1", 6, "", (), evidence)], root)[0]


def results(system: str) -> str:
    rows = (
        {"id": f"q{n}", "split": "test", "system": system, "grades": {"accuracy": n % 2}}
        for n in range(20)
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_an_item_must_be_as_far_as_the_milestone_asks(tmp_path: Path) -> None:
    assert state(tmp_path, FAILURES, ("COM-08", "partial")).met
    assert not state(tmp_path, FAILURES, ("COM-08", "")).met


def test_all_items_of_a_milestone_must_be_met(tmp_path: Path) -> None:
    found = state(tmp_path, FAILURES, ("COM-08", "partial"), ("COM-06", "partial"))
    assert [judged.met for judged in found.judged] == [True, False]
    assert not found.met


def test_an_item_that_waits_only_for_a_run_is_met(tmp_path: Path) -> None:
    rows = {f"evals/results/{name}.jsonl": results(name) for name in ("baseline", "model")}
    found = state(tmp_path, rows, ("COM-14", ""))
    assert (found.judged[0].item.status, found.met) == ("unverified", True)


def test_a_milestone_that_names_no_item_is_not_met(tmp_path: Path) -> None:
    assert not state(tmp_path, {}).met


def test_an_item_that_is_not_there_is_a_fault_of_the_template(tmp_path: Path) -> None:
    with pytest.raises(BrokenTemplate, match="XYZ-01"):
        state(tmp_path, {}, ("XYZ-01", ""))


def test_every_milestone_of_the_sequence_names_items_of_the_rubric() -> None:
    known = {check.id for check in rubric.load(with_trees=False).checks}
    milestones = [m for skill in skills.load() for m in skill.build.milestones]
    named = [e for m in milestones for e in m.evidence]
    assert {e.item for e in named} <= known
    assert {e.at for e in named} <= {"pass", "partial"}
