"""The GitHub Action and the pre-commit hook: their shape, and their scripts run here."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step.get("id", step.get("name")): step for step in ACTION["runs"]["steps"]}


def test_every_input_and_output_is_described() -> None:
    assert set(ACTION["inputs"]) == {"path", "skill", "fail-on-gate", "upload-sarif"}
    assert set(ACTION["outputs"]) == {"level", "ready"}
    for part in (*ACTION["inputs"].values(), *ACTION["outputs"].values()):
        assert part["description"]


def test_nothing_is_interpolated_into_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert step.get("shell", "bash") == "bash"


def test_what_is_used_is_pinned_to_a_commit() -> None:
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert any(u.startswith("github/codeql-action/upload-sarif@") for u in used)
    for name in used:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """What a runner gives a step, with this checkout in the place of the installed program."""
    bin = tmp_path / "temp" / "scaffold-review" / "bin"
    bin.mkdir(parents=True)
    (bin / "python").symlink_to(sys.executable)
    program = bin / "scaffold"
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m scaffolder "$@"\n'
    )
    program.chmod(0o755)
    (tmp_path / "work" / "project").mkdir(parents=True)
    (tmp_path / "work" / "project" / "README.md").write_text("# a project\n")
    return {
        **os.environ,
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_WORKSPACE": str(tmp_path / "work"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "REVIEW_PATH": "project",
        "REVIEW_SKILL": "",
    }


def _step(name: str, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


def test_the_review_step_writes_summary_sarif_and_outputs(
    runner: dict[str, str], tmp_path: Path
) -> None:
    done = _step("review", runner)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "summary.md").read_text("utf-8").startswith("# project")
    outputs = dict(line.split("=") for line in (tmp_path / "output").read_text().splitlines())
    assert set(outputs) == {"level", "ready"}
    reports = tmp_path / "temp" / "scaffold-review-reports"
    assert json.loads((reports / "report.sarif").read_text())["version"] == "2.1.0"
    assert STEPS["Upload to code scanning"]["with"]["sarif_file"].endswith(
        "/scaffold-review-reports/report.sarif"
    )


@pytest.mark.parametrize("path", ["$(touch marker)", "`touch marker`", "; touch marker", "--help"])
def test_a_path_is_never_a_command(runner: dict[str, str], tmp_path: Path, path: str) -> None:
    done = _step("review", {**runner, "REVIEW_PATH": path})
    assert done.returncode == 2
    assert "there is no" in done.stderr
    assert list(tmp_path.rglob("marker")) == []


def test_a_shallow_checkout_is_warned_of(runner: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "work" / ".git").mkdir()
    (tmp_path / "work" / ".git" / "shallow").write_text("")
    assert "::warning::The checkout is shallow" in _step("review", runner).stdout


@pytest.mark.parametrize(("ready", "code"), [("true", 0), ("false", 1), ("", 1)])
def test_the_gate_step_fails_where_the_gate_is_shut(
    runner: dict[str, str], ready: str, code: int
) -> None:
    assert _step("gate", {**runner, "READY": ready}).returncode == code
    assert ACTION["inputs"]["fail-on-gate"]["default"] == "false"


def test_the_hook_runs_the_review_once_a_commit() -> None:
    hooks: list[dict[str, Any]] = yaml.safe_load(
        (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    )
    (hook,) = hooks
    assert hook["id"] == "scaffold-review"
    assert hook["entry"] == "scaffold review"
    assert (hook["pass_filenames"], hook["always_run"]) == (False, True)
    assert hook["args"] == ["--only", "COM-04,COM-18"]
