"""Trials of an item are no items of their own: figures over them count each item once."""

import json
from pathlib import Path

import pytest

from scaffolder.review import view
from scaffolder.review.model import Answer
from scaffolder.review.probes import claims as probes
from scaffolder.review.results.resultrows import Row, by_item, pairs

TRIED = {"t1": [1, 1, 1, 1], "t2": [1, 1, 1, 0], "t3": [0, 0, 0, 0]}
README = "# Desk\n\n| System | solved | pass^2 |\n|---|---|---|\n| agent | 0.58 | 0.50 |\n"


def row(item: str, trial: int, solved: float, system: str = "agent") -> dict[str, object]:
    base = {"id": item, "split": "test", "system": system, "trial": trial}
    return {**base, "grades": {"solved": solved}}


def listed(system: str = "agent") -> list[Row]:
    data = [row(i, n, s, system) for i, each in TRIED.items() for n, s in enumerate(each, 1)]
    return [Row("rows.jsonl", line, one) for line, one in enumerate(data, 1)]


def claim(metric: str, value: float, n: int, ci: str) -> str:
    return (
        f'[[claims]]\ntext = "{metric} of agent, test split"\nmetric = "{metric}"\n'
        f"value = {value}\n"
        f'n = {n}\nci = {ci}\nmethod = "bootstrap"\nresults = "evals/results/agent.jsonl"\n\n'
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "evals" / "results").mkdir(parents=True)
    text = "".join(json.dumps(dict(r.data)) + "\n" for r in listed())
    (tmp_path / "evals" / "results" / "agent.jsonl").write_text(text)
    (tmp_path / "README.md").write_text(README)
    ledger = claim("solved", 0.583333, 3, "[0.0, 1.0]") + claim("pass^2", 0.5, 3, "[0.0, 1.0]")
    (tmp_path / "scaffold.toml").write_text(ledger)
    return tmp_path


@pytest.mark.parametrize(
    ("metric", "values"),
    [
        ("solved", [1, 0.75, 0]),
        ("pass^1", [1, 0.75, 0]),
        ("pass^2", [1, 0.5, 0]),
        ("pass^4", [1, 0, 0]),
        ("pass^5", []),
    ],
)
def test_an_item_has_one_value(metric: str, values: list[float]) -> None:
    assert [value for _, value in by_item(listed(), metric)] == values


def test_rows_without_trials_stay_rows_of_their_own() -> None:
    twice = [Row("r.jsonl", n, {"id": "q1", "grades": {"solved": 1}}) for n in (1, 2)]
    assert len(by_item(twice, "solved")) == 2


def test_systems_are_paired_by_item_and_not_by_trial() -> None:
    found = pairs(listed(), listed("workflow")[:8], "solved")
    assert [(a.id, x, y) for a, _, x, y in found] == [("t1", 1, 1), ("t2", 0.75, 0.75)]


def test_figures_over_trials_are_recomputed_over_items(project: Path) -> None:
    with view.opened(project) as seen:
        found, sure = probes.recomputed(seen), probes.with_interval(seen)
    assert "differ" not in found.reason
    assert "n is" not in found.reason
    assert sure.answer is Answer.YES, sure.reason


def test_trials_that_are_counted_as_items_are_noticed(project: Path) -> None:
    ledger = (project / "scaffold.toml").read_text().replace("n = 3", "n = 12", 1)
    (project / "scaffold.toml").write_text(ledger)
    with view.opened(project) as seen:
        found = probes.recomputed(seen)
    assert found.answer is Answer.NO
    assert "n is 12" in found.reason


def test_a_pass_rate_that_the_trials_do_not_give_is_noticed(project: Path) -> None:
    ledger = (project / "scaffold.toml").read_text().replace("value = 0.5\n", "value = 0.6\n")
    (project / "scaffold.toml").write_text(ledger)
    with view.opened(project) as seen:
        found = probes.recomputed(seen)
    assert found.answer is Answer.NO
    assert "pass^2" in found.reason
