"""A project of one module, a demo that answers, and tests, for the tries of tests and clones."""

import atexit
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from scaffolder import sandbox
from scaffolder.errors import EnvironmentProblem
from scaffolder.review import view
from scaffolder.review.behaviour import bench, declared

MANIFEST = """\
[scaffold]
format = 1
package = "rota"
[commands]
demo = ["python", "-m", "rota", "--json", "Who works on Monday?"]
eval = ["python", "-m", "rota", "--eval"]
test = ["python", "-m", "pytest", "-q"]
[paths]
results = "results"
prompts = "prompts"
"""

ROTA = """\
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).parents[2]


def days(text):
    found = [day.strip() for day in text.split(",") if day.strip()]
    return found


def share(part, whole):
    if whole == 0:
        return 0.0
    return part / whole


def prompt():
    return (HERE / "prompts" / "answer.md").read_text().format(question="?")


def main(words):
    if "model" in words and "ANTHROPIC_API_KEY" not in os.environ:
        sys.stderr.write("Set ANTHROPIC_API_KEY to ask the model.\\n")
        return 3
    if "--eval" in words:
        (HERE / "results").mkdir(exist_ok=True)
        (HERE / "results" / "rows.jsonl").write_text("{}\\n")
        return 0
    trace = HERE / "var" / "run.jsonl"
    trace.parent.mkdir(exist_ok=True)
    events = [{"run_id": "1", "kind": "retrieval"}, {"run_id": "1", "kind": "final"}]
    trace.write_text("".join(json.dumps(event) + "\\n" for event in events))
    print(json.dumps({"status": "answered", "answer": "Ann", "trace": "var/run.jsonl"}))
    return 0
"""

TESTS = """\
import pytest
from rota import days, prompt, share


def test_days_are_split_and_stripped():
    assert days("Mon, Tue,,") == ["Mon", "Tue"]


@pytest.mark.parametrize(("part", "whole", "wanted"), [(1, 2, 0.5), (1, 0, 0.0), (3, 4, 0.75)])
def test_a_share(part, whole, wanted):
    assert share(part, whole) == wanted


def test_the_prompt_asks():
    assert "?" in prompt()
"""

WORKFLOW = """\
on: [push, pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - run: python -m pip install -e .
      - run: python -m compileall -q src
      - run: python -m pytest
      - run: python -m rota --eval --gate
"""

FILES: Mapping[str, str | None] = {
    "scaffold.toml": MANIFEST,
    ".gitignore": "/var/\n__pycache__/\n",
    "src/rota/__init__.py": ROTA,
    "src/rota/__main__.py": "import sys\n\nfrom rota import main\n\nsys.exit(main(sys.argv[1:]))\n",
    "tests/test_rota.py": TESTS,
    "prompts/answer.md": "Answer the question: {question}\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['--strict-markers']\n",
    ".github/workflows/ci.yml": WORKFLOW,
}


PYTEST = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments")


@cache
def environment() -> Path:
    """One environment for all: a copy of this one's pytest, since a sandbox shows no other."""
    venv = Path(tempfile.mkdtemp(prefix="checked-")) / "venv"
    atexit.register(shutil.rmtree, venv.parent, ignore_errors=True)
    make = [sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(venv)]
    subprocess.run(make, check=True, capture_output=True)
    site = next(venv.glob("lib/*/site-packages"))
    here = Path(pytest.__file__).parents[1]
    for name in PYTEST:
        shutil.copytree(here / name, site / name)
    for file in (*here.glob("pluggy-*.dist-info"), *here.glob("py.py")):
        (shutil.copytree if file.is_dir() else shutil.copy)(file, site / file.name)
    return venv


def project(
    folder: Path,
    changes: Mapping[str, str | None],
    files: Mapping[str, str | None] = FILES,
) -> Path:
    """The project with some files replaced, added or (None) left out, with an environment."""
    for path, text in {**files, **changes}.items():
        if text is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    (folder / ".venv").symlink_to(environment())
    return folder


@contextmanager
def opened(
    folder: Path,
    changes: Mapping[str, str | None] | None = None,
    files: Mapping[str, str | None] = FILES,
) -> Iterator[bench.Bench]:
    """A bench with that project; without a sandbox where this machine has none."""
    made = project(folder, changes or {}, files)
    try:
        box = sandbox.find()
    except EnvironmentProblem:
        box = sandbox.unsandboxed()
    with view.opened(made) as seen:
        known = declared.declared(seen)
        with bench.opened(seen, known, box, lambda _: None, lambda: False) as opened:
            yield opened
