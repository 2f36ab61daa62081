"""What is told of a judge follows from its verdicts; the figure of a slice is not its mean."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask

WHO = {"labeller": "ab", "date": "2026-05-02", "split": "test"}


def rows(values: list[float], **more: Any) -> str:
    listed = ({"id": f"q{n}", "split": "test", "grades": {"tone": v}} for n, v in enumerate(values))
    return "".join(json.dumps(row | more) + "\n" for row in listed)


def judged(told: str) -> dict[str, str]:
    """A judge with TPR 1.00 and TNR 0.80 that passes 30 of 40 outputs: 0.69 corrected."""
    said = [(f"p{n}", "pass", "pass") for n in range(20)]
    said += [(f"f{n}", "fail", "fail" if n < 16 else "pass") for n in range(20)]
    labels = [{"id": i, "verdict": label, **WHO} for i, label, _ in said]
    judge = [{"id": i, "verdict": verdict, "judge": "m"} for i, _, verdict in said]
    ledger = (
        '[[claims]]\ntext = "tone of a, test split"\nmetric = "tone"\nvalue = 0.75\nn = 40\n'
        'ci = [0.597, 0.858]\nmethod = "Wilson"\nresults = "evals/results/a.jsonl"\n'
    )
    return {
        "evals/labels.jsonl": "".join(json.dumps(x) + "\n" for x in labels),
        "evals/results/judge/m.jsonl": "".join(json.dumps(x) + "\n" for x in judge),
        "evals/metrics.toml": '[metrics.tone]\ngrader = "judge"\n',
        "evals/results/a.jsonl": rows([1.0] * 30 + [0.0] * 10, system="a"),
        "scaffold.toml": '[paths]\nresults = "evals/results"\n\n' + ledger,
        "README.md": f"# Desk\n\nTone of a is 0.75 [0.60, 0.86], n = 40.\n\n{told}\n",
    }


@pytest.mark.parametrize(
    ("told", "follows"),
    [
        ("The judge has TPR 1.00, TNR 0.80 and kappa 0.80.", True),
        ("Tone of a: 0.75 as judged, 0.69 [0.50, 0.83] corrected for the judge's errors.", True),
        ("The judge has TNR 0.90.", False),
        ("Tone of a is 0.80 corrected for the judge's errors.", False),
        ("Tone of a: 0.69 [0.62, 0.71] corrected for the judge's errors.", False),
    ],
)
def test_what_is_told_of_a_judge_follows_from_its_verdicts(
    told: str, follows: bool, tmp_path: Path
) -> None:
    reason = ask("claims.recomputed", judged(told), tmp_path).reason
    assert ("is no claim of the ledger" in reason) is not follows, reason


@pytest.mark.parametrize(("mean", "follows"), [("0.75", True), ("0.20", False)])
def test_the_mean_beside_a_slice_is_that_of_all(mean: str, follows: bool, tmp_path: Path) -> None:
    files = judged(f"Worst slice of a, tone: late 0.20 [0.06, 0.51]; the mean is {mean}.")
    files["evals/results/a.jsonl"] = rows([1.0] * 28 + [0.0] * 2, system="a", slice="early") + (
        rows([1.0] * 2 + [0.0] * 8, system="a", slice="late").replace('"q', '"l')
    )
    files["scaffold.toml"] += (
        '\n[[claims]]\ntext = "tone of a, test split, slice late"\nmetric = "tone"\nvalue = 0.2\n'
        'n = 10\nci = [0.057, 0.510]\nmethod = "Wilson"\nresults = "evals/results/a.jsonl"\n'
    )
    reason = ask("claims.recomputed", files, tmp_path).reason
    assert ("is no claim of the ledger" in reason) is not follows, reason


@pytest.mark.parametrize(("claimed", "wanted"), [("punctuality", "yes"), ("tone", "partial")])
def test_a_metric_of_ones_own_counts_once_it_is_claimed(
    claimed: str, wanted: str, tmp_path: Path
) -> None:
    name = '"grades": {"punctuality"'
    both = {
        f"evals/results/{system}.jsonl": rows([good] * 20, system=system).replace(
            '"grades": {"tone"', name
        )
        for system, good in (("baseline", 0.0), ("mine", 1.0))
    }
    ledger = (
        f'[[claims]]\ntext = "{claimed} of mine"\nmetric = "{claimed}"\nvalue = 1.0\nn = 20\n'
        'results = "evals/results/mine.jsonl"\n'
    )
    files = both | {
        "scaffold.toml": ledger,
        "README.md": "# Desk\n\nThe baseline has an accuracy of 0.10.\n",
    }
    assert ask("comparison.against_baseline", files, tmp_path).answer.value == wanted


def test_a_number_of_a_claim_stands_on_the_first_screen_whatever_its_metric_is_called(
    tmp_path: Path,
) -> None:
    reason = ask("readme.first_screen", judged(""), tmp_path).reason
    assert "measured number" not in reason
