"""A project in a folder of its own, for tests that need a whole one."""

import json
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from lendledger.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]
MARKS = "<!-- results:start -->\n<!-- results:end -->\n"


def make_project(folder: Path) -> Settings:
    """The shipped project without its results, with three questions."""
    shutil.copy(ROOT / "config.toml", folder / "config.toml")
    shutil.copytree(ROOT / "prompts", folder / "prompts")
    (folder / "README.md").write_text(MARKS, encoding="utf-8")
    (folder / "evals").mkdir()
    lines = [
        asked("q001", "How many members are there?", ["SELECT COUNT(*) FROM members"]),
        asked("q002", "What was the revenue that month?", expect="question"),
        asked("q003", "Tell me a joke.", expect="refusal"),
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "evals" / "questions.jsonl").write_text(text, encoding="utf-8")
    return load_settings(folder)


def asked(name: str, question: str, sql: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """A line of the golden set."""
    fields = {"split": "dev", "slice": "direct", "expect": "answer", "origin": "author"}
    return {"id": name, "question": question, "sql": sql or [], **fields, **more}


def reply(text: str, *results: str, kind: str = "answer") -> str:
    """What a model sends as its last word."""
    return json.dumps({"text": text, "kind": kind, "results": results})


def runner(folder: Path, monkeypatch: Any, capsys: Any) -> Callable[..., tuple[int, Any, str]]:
    """A function that runs a command line in `folder`: exit code, JSON on stdout, stderr."""
    monkeypatch.chdir(folder)
    main = import_module("lendledger.cli").main

    def run(*words: str) -> tuple[int, Any, str]:
        code = main([*words, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return run
