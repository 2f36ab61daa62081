"""Timed requests: the model that they were made of, or that there was none."""

import json
from pathlib import Path

import pytest
from asked import ask

TOLD = "60 requests on a laptop, 2026-11-20{}: p50 800 ms, p95 800 ms.\n"


def timed(**fields: object) -> str:
    row = {"latency_ms": 800, "ttft_ms": 300, "cost_usd": 0, **fields}
    return "".join(json.dumps({"id": f"r{n}", **row}) + "\n" for n in range(60))


@pytest.mark.parametrize(
    ("said", "model", "answer"),
    [
        ("", "none (baseline)", "yes"),
        (", no model was asked", "", "yes"),
        (", without a model", "", "yes"),
        (", with claude-haiku", "", "yes"),
        ("", "", "partial"),
    ],
)
def test_that_no_model_was_asked_is_accepted_as_said(
    said: str, model: str, answer: str, tmp_path: Path
) -> None:
    tree = {"README.md": TOLD.format(said), "evals/results/latency.jsonl": timed(model=model)}
    found = ask("latency.measured", tree, tmp_path)
    assert found.answer == answer
    assert ("the model beside them" in found.reason) is (answer == "partial")


def test_rows_of_a_model_come_before_more_rows_that_say_none(tmp_path: Path) -> None:
    none = timed(system="baseline", model="none (baseline)", latency_ms=5) * 2
    tree = {"evals/results/b.jsonl": none, "evals/results/m.jsonl": timed(model="m-1")}
    assert "evals/results/m.jsonl" in ask("latency.measured", tree, tmp_path).reason
