"""A suite of six items in a folder of its own, for tests that need a whole project."""

import json
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from deskcheck.evaluation.rows import Row
from deskcheck.items import Item
from deskcheck.judging.labels import Label
from deskcheck.result import Usage

ROOT = Path(__file__).parents[1]
MARKS = "<!-- results:start -->\n<!-- results:end -->\n"

CONFIG = """
[items]
near_duplicate = 0.85

[run]
systems = ["silent", "baseline"]
workers = 2
trials = 1
timeout_s = 20.0
ask_above_usd = 1.0

[systems.silent]
kind = "callable"
target = "deskcheck.systems.bundled:silent"

[systems.baseline]
kind = "callable"
target = "deskcheck.systems.bundled:first"

[systems.model]
kind = "model"
target = "prompts/reply.md"

[judging]
judge = "rule"
max_output_tokens = 300
"""


def item(name: str, message: str = "", **changes: Any) -> Item:
    """An item of the dev split that expects the topic price."""
    fields = {
        "id": name,
        "split": "dev",
        "slice": "single",
        "group": name,
        "input": {"message": message or f"What does the bike number {name} cost for a day?"},
        "expected": {"category": "price", "facts": [["14"]], "sources": ["price"]},
        "origin": "author",
    }
    return Item(**(fields | changes))


def row(name: str, grades: dict[str, float], system: str = "s", **changes: Any) -> Row:
    """A result row of the test split."""
    fields = {
        "id": name,
        "split": "test",
        "slice": "single",
        "origin": "author",
        "system": system,
        "trial": 1,
        "item": "0",
        "version": "v",
        "status": "answered",
        "output": {"reply": "14 euros"},
        "grades": grades,
        "graders": dict.fromkeys(grades, "code"),
        "verdicts": (),
        "ungraded": (),
        "latency_ms": 1.0,
        "usage": Usage(),
        "cost_usd": 0.0,
        "grading_usd": 0.0,
        "commit": "none",
        "tree": "",
        "setting": "callable v1 0",
    }
    return Row(**(fields | changes))


def label(name: str, verdict: str, reply: str = "We are open.", split: str = "dev") -> Label:
    """A verdict of a person."""
    why = "because"
    return Label(
        name,
        "staff",
        "no_false_promise",
        "A message",
        reply,
        verdict,
        why,
        "ab",
        "2026-01-01",
        split,
    )


def make_project(folder: Path, items: list[Item]) -> Path:
    """A project in `folder` with these items and the shipped metrics, prompts and policy."""
    llm = (ROOT / "config.toml").read_text(encoding="utf-8").partition("[llm]")
    (folder / "config.toml").write_text(CONFIG + "\n" + llm[1] + llm[2], encoding="utf-8")
    (folder / "README.md").write_text(MARKS, encoding="utf-8")
    (folder / "evals").mkdir()
    for name in ("metrics.toml", "taxonomy.toml", "taxonomy.md"):
        shutil.copy(ROOT / "evals" / name, folder / "evals" / name)
    for name in ("prompts", "data"):
        shutil.copytree(ROOT / name, folder / name)
    write_items(folder, items)
    return folder


def write_items(folder: Path, items: list[Item]) -> None:
    lines = [json.dumps(each.__dict__) + "\n" for each in items]
    (folder / "evals" / "items.jsonl").write_text("".join(lines), encoding="utf-8")


def six() -> list[Item]:
    """Items of both splits that the bundled desk gets right and wrong."""
    messages = {
        "a": "What does a city bike cost for a day?",
        "b": "How high is the deposit for an e-bike?",
        "c": "I demand my money back at once!",
        "d": "Which fish restaurant do you like best?",
        "e": "Is a helmet included with the bike?",
        "f": "When do I get the invoice for May?",
    }
    topics = ("price", "deposit", "refund", "other", "equipment", "invoice")
    return [
        item(
            name,
            message,
            split="test" if name in "def" else "dev",
            slice="single" if name in "abd" else "other",
            expected={"category": topic, "sources": [topic] if topic != "other" else []},
        )
        for (name, message), topic in zip(messages.items(), topics, strict=True)
    ]


def runner(folder: Path, monkeypatch: Any, capsys: Any) -> Callable[..., tuple[int, Any, str]]:
    """A function that runs a command line in `folder`: exit code, JSON on stdout, stderr."""
    monkeypatch.chdir(folder)
    main = import_module("deskcheck.cli").main
    cached = import_module("deskcheck.systems.bundled")._policy

    def run(*words: str) -> tuple[int, Any, str]:
        cached.cache_clear()
        code = main([*words, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return run
