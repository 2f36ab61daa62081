"""`scaffold doctor`: what this machine has and lacks, and what a key would buy.

Invariant: the value of a key is never read into anything that is shown, only whether it is set.
"""

import os
import shutil
import sqlite3
import sys
import tomllib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from scaffolder import paths, sandbox, skills
from scaffolder.errors import EnvironmentProblem, UsageError


@dataclass(frozen=True)
class Finding:
    """One line of the report: `good` is None where it is only worth knowing."""

    name: str
    good: bool | None
    text: str


def examine() -> list[Finding]:
    """Everything that is here or missing, most needed first."""
    return [*_tools(), _state(), *_keys(), *_costs()]


def _tools() -> Sequence[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    venv = find_spec("venv") is not None and find_spec("ensurepip") is not None
    git = shutil.which("git")
    return [
        Finding("python", sys.version_info >= (3, 11), f"{version} (3.11 or newer is needed)"),
        Finding("venv", venv, "environments can be made" if venv else "apt install python3-venv"),
        Finding("git", git is not None, "found" if git else "missing: install git, or --no-git"),
        _full_text_search(),
        _sandbox(),
        _disk(),
    ]


def _full_text_search() -> Finding:
    try:
        with closing(sqlite3.connect(":memory:")) as memory:
            memory.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    except sqlite3.Error:
        return Finding(
            "sqlite", False, "this Python's SQLite has no FTS5, which rag-app searches by"
        )
    return Finding("sqlite", True, f"{sqlite3.sqlite_version} with full-text search (FTS5)")


def _sandbox() -> Finding:
    """Only `review --run` needs it, and that can go without."""
    try:
        found = sandbox.find()
    except EnvironmentProblem as error:
        return Finding("sandbox", None, f"{error.message} {error.hint}")
    return Finding("sandbox", True, f"{found.name} works: `review --run` is confined")


def _disk() -> Finding:
    try:
        room = shutil.disk_usage(paths.absolute(Path())).free / 1e9
    except (UsageError, OSError) as error:
        return Finding("disk", False, str(error))
    return Finding("disk", room > 1, f"{room:.0f} GB free here (a project with its .venv: 1 GB)")


def _state() -> Finding:
    file = paths.state_file()
    folder = next((p for p in file.parents if p.exists()), file.parent)
    good = os.access(folder, os.W_OK)
    return Finding("progress", good, f"kept in {file}" if good else f"{folder} is not writable")


def _keys() -> Sequence[Finding]:
    def line(variable: str) -> Finding:
        there = bool(os.environ.get(variable))
        return Finding(variable, None, "set" if there else "not set (not needed to start)")

    return [
        *map(line, skills.PROVIDERS.values()),
        Finding("a key", None, "lets a project answer with a model; all else works without one"),
    ]


def _costs() -> Sequence[Finding]:
    return [
        Finding(f"{skill.slug} evaluation", None, f"with {provider}: {_cost(skill, provider)}")
        for skill in skills.load()
        if skill.available
        for provider in skills.PROVIDERS
    ]


def _cost(skill: skills.Skill, provider: str) -> str:
    """US dollars of one full evaluation, from the dated table of genai-prices."""
    from genai_prices import Usage, calc_price

    if skill.template is None:
        return ""
    run, model = skill.template.evaluation, default_model(provider)
    usage = Usage(
        input_tokens=run.calls * run.input_tokens, output_tokens=run.calls * run.output_tokens
    )
    try:
        price = calc_price(usage, model_ref=model).total_price
    except LookupError:
        return f"price of {model} unknown"
    return f"about ${price:.2f} on {model} ({run.calls} calls)"


def default_model(provider: str) -> str:
    """The model id that a project of `provider` starts with."""
    part = paths.templates_dir() / "_llm" / "parts" / "providers" / f"{provider}.config.toml"
    return str(tomllib.loads(part.read_text("utf-8"))["llm"]["model"])
