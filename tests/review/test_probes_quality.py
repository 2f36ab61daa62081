"""Types and linters, in the language that the project is written in."""

from pathlib import Path

import pytest
from asked import ask

TYPED = {"a.py": "def f(a: int) -> int:\n    return a\n"}
BARE = {"a.py": "def f(a):\n    return a\n"}
RUFF = {"pyproject.toml": "[tool.ruff]\nline-length = 90\n"}


@pytest.mark.parametrize(
    ("tree", "answer"),
    [
        ({**TYPED, **RUFF}, "yes"),
        (
            {**TYPED, ".github/workflows/ci.yml": "on: push\njobs: {a: {steps: [{run: mypy .}]}}"},
            "yes",
        ),
        (
            {**TYPED, ".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff-check}]}]"},
            "yes",
        ),
        ({"a.ts": "let a = 1", "eslint.config.js": "export default []"}, "yes"),
        (TYPED, "partial"),
        ({**BARE, "a.pyi": "def f(a: int) -> int: ...\n", **RUFF}, "yes"),
        ({**BARE, **RUFF}, "partial"),
        ({**TYPED, "web/.eslintrc.json": "{}"}, "partial"),
        ({**TYPED, "pyproject.toml": "[tool.black]\nline-length = 90\n"}, "partial"),
        (BARE, "no"),
        ({"README.md": "Typed, and linted with ruff."}, "no"),
    ],
)
def test_types_and_a_linter_for_the_same_language(
    tree: dict[str, str], answer: str, tmp_path: Path
) -> None:
    assert ask("quality.typed_and_linted", tree, tmp_path).answer == answer
