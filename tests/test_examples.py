"""Finished projects: reviewed, taken apart, run; each folder of examples/ by being there."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffolder import manifest, skills
from scaffolder.journeys.review import review_repo
from scaffolder.review.model import Report, Status

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted(p for p in (ROOT / "examples").iterdir() if manifest.is_project(p))
PARTS = {"golden": "", "results": "COM-12", "failures": "COM-08"}
"""What is taken away, and which common must says so; the skill's own says it of the others."""

MUST_DECIDE = ("rag-app", "fine-tune")
"""Examples whose skill has a must that rests on decision records."""

SHUT = (Status.FAIL, Status.PARTIAL, Status.NOT_STARTED)


def open_musts(report: Report) -> dict[str, str]:
    """The musts that a person has to mend, with the reason."""
    items = (i for i in report.items if i.check.weight == "must" and i.status in SHUT)
    return {item.check.id: item.reason for item in items}


@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda p: p.name)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example inside a clone of this repository: its history is that of its path."""
    clone = tmp_path_factory.mktemp("clone")
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, clone], check=True)
    return clone / "examples" / str(request.param.name)


def test_a_finished_project_has_no_open_must(example: Path) -> None:
    assert open_musts(review_repo(example)) == {}


def test_most_of_its_skill_is_seen_or_waits_for_a_run(example: Path) -> None:
    mine = [i for i in review_repo(example).items if i.check.section != "COM"]
    found = [i.status for i in mine if i.status in (Status.PASS, Status.UNVERIFIED)]
    assert Status.PASS in found
    assert 2 * len(found) > len(mine)


@pytest.fixture
def without(example: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The example with one of its places taken away, and put back afterwards."""
    place = example / manifest.read(example).paths[request.param]
    assert place.exists()
    kept = example.parent.parent / "kept"
    shutil.move(place, kept)
    yield example
    shutil.move(kept, place)


@pytest.mark.parametrize(("without", "says_so"), PARTS.items(), indirect=["without"])
def test_taking_an_own_part_away_shuts_the_gate_again(without: Path, says_so: str) -> None:
    found = open_musts(review_repo(without))
    assert found
    assert says_so in ("", *found)


@pytest.mark.parametrize("without", ["decisions"], indirect=True)
def test_without_its_decisions_a_project_is_told_so(without: Path) -> None:
    report = review_repo(without)
    fallen = [i.check.id for i in report.items if i.status in SHUT]
    assert "COM-07" in fallen
    assert bool(open_musts(report)) == (without.name in MUST_DECIDE)


def test_its_skill_names_it(example: Path) -> None:
    skill = skills.find(manifest.read(example).skill)
    assert skill.template
    assert skill.template.example == f"examples/{example.name}"


def test_it_passes_its_own_tests(example: Path) -> None:
    done = run(example, "pytest", "-q", "-x")
    assert done.returncode == 0, done.stdout[-3000:]


def test_it_is_linted_and_typed(example: Path) -> None:
    for words in (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)):
        done = run(example, *words)
        assert done.returncode == 0, done.stdout


def test_its_rows_come_out_again(example: Path) -> None:
    """All but when and how fast."""
    results = example / manifest.read(example).paths["results"]
    before = {path.name: rows(path) for path in results.glob("*.jsonl")}
    package = manifest.read(example).package
    done = run(example, package, "eval", "--json")
    assert done.returncode == 0, done.stderr
    assert {path.name: rows(path) for path in results.glob("*.jsonl")} == before


def rows(path: Path) -> list[dict[str, object]]:
    passing = {"commit", "tree", "latency_ms"}
    read = [json.loads(line, object_hook=_lasting) for line in path.read_text("utf-8").splitlines()]
    return [{k: v for k, v in row.items() if k not in passing} for row in read]


def _lasting(row: dict[str, object]) -> dict[str, object]:
    """A row, or an action in it, without how long it took."""
    return {k: v for k, v in row.items() if k != "seconds"}


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.endswith(("_API_KEY", "_BASE_URL"))}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=project,
        env={**kept, "PYTHONPATH": str(project / "src"), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
