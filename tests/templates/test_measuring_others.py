"""An eval-suite made here measures a rag-app and an agent made here, by one setting each."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scaffolder import generate, skills
from scaffolder.journeys.answers import settle

ITEMS: dict[str, list[dict[str, Any]]] = {
    "rag": [
        {
            "question": "On which date are salaries paid in December?",
            "facts": [["20 December", "December 20", "20th"]],
        },
        {"question": "What is the wifi password of the moon office?", "facts": []},
    ],
    "desk": [
        {"question": "Please cancel O1011.", "facts": [["O1011"]]},
        {"question": "Please cancel O1011. I clicked twice.", "facts": [["O1011"]]},
        {
            "question": "Where is my order O1010? It was promised for last week.",
            "facts": [["O1010"]],
        },
    ],
}


def make(slug: str, target: Path, package: str) -> Path:
    skill = skills.find(slug)
    answers = settle(skill, target, {"package": package}, {})
    return generate.generate(skill, target, answers, with_git=False).path


def run(project: Path, *words: str) -> dict[str, Any]:
    kept = {k: v for k, v in os.environ.items() if not k.endswith(("_API_KEY", "_BASE_URL"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "suite", *words, "--json"],
        cwd=project,
        env={**kept, "PYTHONPATH": "src", "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("all")
    make("rag-app", place / "rag", "rag")
    make("agent", place / "desk", "desk")
    return place


@pytest.mark.parametrize("other", ["rag", "desk"])
def test_another_project_is_measured_and_left_as_it_was(other: str, folder: Path) -> None:
    suite = make("eval-suite", folder / f"suite-{other}", "suite")
    config = (suite / "config.toml").read_text("utf-8")
    config = config.replace('systems = ["silent", "baseline", "mended"]', f'systems = ["{other}"]')
    table = f'[systems.{other}]\nkind = "project"\ntarget = "../{other}"\nfield = "question"\n'
    (suite / "config.toml").write_text(f"{config}\n{table}", "utf-8")
    (suite / "evals" / "items.jsonl").write_text(_items(other), "utf-8")
    before = _tree(folder / other)
    result = run(suite, "eval", "--trials", "2")
    assert (result["measured"], result["failed"]) == ({other: 2 * len(ITEMS[other])}, 0)
    rows = [json.loads(x) for x in (suite / f"evals/results/{other}.jsonl").open(encoding="utf-8")]
    assert all(0 <= grade <= 1 for row in rows for grade in row["grades"].values())
    assert all(row["output"]["steps"] for row in rows)
    # A desk that has cancelled an order once would refuse it the second time.
    first, second = ([r["output"]["reply"] for r in rows if r["trial"] == n] for n in (1, 2))
    assert first == second
    assert _tree(folder / other) == before


def _items(other: str) -> str:
    rows = (
        {
            "id": f"{other}{n}",
            "split": "dev",
            "slice": "all",
            "input": {"question": each["question"]},
            "expected": {"facts": each["facts"]},
        }
        for n, each in enumerate(ITEMS[other])
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def _tree(folder: Path) -> dict[str, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}
