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
target = "deskcheck.desk.first:silent"

[systems.baseline]
kind = "callable"
target = "deskcheck.desk.first:answer"

[systems.model]
kind = "model"
target = "prompts/reply.md"

[judging]
judge = "rule"
max_output_tokens = 300
"""


def item(name: str, message: str = "", **changes: Any) -> Item:
    """An item of the dev split that asks for one slot in March."""
    fields = {
        "id": name,
        "split": "dev",
        "slice": "single",
        "group": name,
        "input": {
            "message": message or f"Patient {name} would like 12 March at 10:00.",
            "received": "2026-03-02",
        },
        "expected": {"action": "book", "date": "2026-03-12", "time": "10:00"},
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
        "output": {"reply": "Which day would suit you?"},
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


def label(name: str, verdict: str, reply: str = "Which day?", split: str = "dev") -> Label:
    """A verdict of a person."""
    why = "because"
    return Label(
        name,
        "staff",
        "no_false_word",
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
    """Items of both splits that the first desk gets right and wrong."""
    march = ("book", "2026-03-12", "10:00")
    messages = {
        "a": ("Could I come on 12 March at 10:00?", *march),
        "b": ("Put us both down for 12 March, 10:00 sharp", *march),
        "c": ("Please cancel what I have on Friday", "cancel"),
        "d": ("Do you have anything free at all next week?", "ask"),
        "e": ("On 12 March I am free, 10:00 if you can", *march),
        "f": ("Where may visitors of yours park a car?", "question"),
    }
    return [
        item(
            name,
            message,
            split="test" if name in "def" else "dev",
            slice="single" if name in "abd" else "other",
            expected=dict(zip(("action", "date", "time"), wanted, strict=False)),
        )
        for name, (message, *wanted) in messages.items()
    ]


def runner(folder: Path, monkeypatch: Any, capsys: Any) -> Callable[..., tuple[int, Any, str]]:
    """A function that runs a command line in `folder`: exit code, JSON on stdout, stderr."""
    monkeypatch.chdir(folder)
    main = import_module("deskcheck.cli").main

    def run(*words: str) -> tuple[int, Any, str]:
        code = main([*words, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return run
