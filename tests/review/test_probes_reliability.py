"""pass^k: as rows give it, told as it is, waiting where no model was run."""

import json
from itertools import combinations
from pathlib import Path

import pytest
from asked import ask

from scaffolder.review.agentwork import runs


@pytest.mark.parametrize("trials", [[1, 1, 0, 1], [0, 0, 0], [1, 1, 1, 1, 1], [1, 0, 1, 0, 1, 1]])
@pytest.mark.parametrize("k", [1, 2, 3])
def test_pass_hat_is_the_share_of_drawn_trials_that_all_succeed(
    trials: list[float], k: int
) -> None:
    drawn = [all(c) for c in combinations(trials, k)]
    assert runs.pass_hat({"t": trials}, k) == pytest.approx(sum(drawn) / len(drawn))


def test_a_task_with_fewer_trials_has_no_pass_hat() -> None:
    assert runs.pass_hat({"a": [1, 1], "b": [1]}, 2) is None


def rows(system: str = "agent", model: str = "m-1", trials: int = 4) -> str:
    made = [
        {
            "id": f"t{task}",
            "system": system,
            "model": model,
            "trial": n,
            "latency_ms": 10 * task + n,
            "grades": {"solved": float(task < 3 or n % 2)},
        }
        for task in range(4)
        for n in range(trials)
    ]
    return "".join(json.dumps(row) + "\n" for row in made)


TABLE = "# Desk\n\n| System | pass^1 | pass^4 |\n|---|---|---|\n| agent | {one} | {four} |\n"


@pytest.mark.parametrize(
    ("readme", "wanted"),
    [
        (TABLE.format(one="0.88", four="0.75"), "yes"),
        (TABLE.format(one="88 %", four="75%"), "yes"),
        (TABLE.format(one="0.88", four="0.59"), "no"),
        ("# Desk\n\nOver four trials pass^1 is 88 % and pass^4 is 75 %.\n", "yes"),
        ("# Desk\n\nOver four trials pass^1 is 88 % and pass^2 is 79 %.\n", "partial"),
        ("# Desk\n\nIt is reliable.\n", "no"),
    ],
)
def test_the_readme_gives_it_as_the_rows_do(readme: str, wanted: str, tmp_path: Path) -> None:
    tree = {"README.md": readme, "evals/results/agent.jsonl": rows()}
    reading = ask("reliability.pass_hat_told", tree, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(("trials", "wanted"), [(4, "yes"), (3, "partial")])
def test_four_trials_are_asked_for(trials: int, wanted: str, tmp_path: Path) -> None:
    tree = {"evals/results/agent.jsonl": rows(trials=trials)}
    assert ask("reliability.repeated", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize("probe", ["reliability.repeated", "reliability.pass_hat_told"])
def test_without_a_models_rows_it_waits_for_a_model(probe: str, tmp_path: Path) -> None:
    tree = {"evals/results/baseline.jsonl": rows("baseline", "")}
    reading = ask(probe, tree, tmp_path)
    assert (reading.answer.value, reading.waits_for) == ("unknown", "model")
