"""Files of the wrong shape are read as holding nothing; no probe falls over them."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest
from asked import ask

PROBES = [
    f"{module}.{name}"
    for module in (
        *("ci", "container", "dependencies", "environment", "history", "hygiene"),
        *("quality", "quickstart", "testing"),
    )
    for name, found in vars(import_module(f"scaffolder.review.probes.{module}")).items()
    if inspect.isfunction(found)
    and not name.startswith("_")
    and found.__module__.endswith(f"probes.{module}")
]
ODD = {
    "numbers": {
        ".github/workflows/a.yml": "on: 5\njobs: {a: {steps: 7, permissions: 3}, b: 4}\n",
        ".github/workflows/b.yml": "on: [{push: 1}]\njobs: {a: {steps: [1, {run: 2}], env: 4}}",
        ".pre-commit-config.yaml": "repos: 5\n",
        "pyproject.toml": "tool = 3\nproject = [1]\n",
        "package.json": '{"scripts": [1], "dependencies": 4, "license": {}}',
        "compose.yaml": "services: [1]\n",
        "environment.yml": "dependencies: {a: 1}\n",
        ".gitlab-ci.yml": "a: 5\n",
        "scaffold.toml": "commands = 1\n",
        "a.ipynb": '{"cells": [1, {"outputs": 3}]}',
    },
    "nested": {
        ".github/workflows/a.yml": "on: {push: {branches: 1}}\ndefaults: {run: 4}\n"
        "jobs: {a: {steps: [{run: [1]}, {uses: ./x}, {run: x, working-directory: 4}]}}",
        "x/action.yml": "runs: {steps: 4}\n",
        ".pre-commit-config.yaml": "repos: [1, {hooks: 5}, {hooks: [{id: 4, entry: [1]}]}]\n",
        "pyproject.toml": "[tool]\npoetry = 4\nhatch = {envs = {a = 1}}\npoe = {tasks = {b = 3}}\n"
        "[project]\ndependencies = [1]\nname = 4\noptional-dependencies = {dev = 4}\n",
        "package.json": '{"scripts": {"test": 4}, "dependencies": {"a": 4, "b": {"version": 5}}}',
        "compose.yaml": "services: {a: 4, b: {image: 5}}\n",
        "Pipfile": "[packages]\na = 4\nb = {version = 3}\n",
        "setup.py": "from setuptools import setup\nsetup(install_requires=open('r').read())\n",
    },
    "broken": {
        ".github/workflows/a.yml": "jobs: [",
        "pyproject.toml": "[project",
        "package.json": "{",
        "compose.yaml": "\t:",
        "setup.py": "def",
        "uv.lock": "\x00\x01",
        "requirements.txt": "\x00==\n@\n-\nhttp://[\n;;;\n===\n",
        "Makefile": ":\n\t\n=:=\n",
        "Dockerfile": "FROM\nCOPY\nUSER\n",
        "tox.ini": "[testenv\ncommands\n",
        "README.md": "```\nmake\n-m\npython -m\n$ \n```\n",
        "LICENSE": "\x00",
    },
}


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("kind", ODD)
def test_no_file_is_too_odd(probe: str, kind: str, tmp_path: Path) -> None:
    assert ask(probe, ODD[kind], tmp_path).reason
