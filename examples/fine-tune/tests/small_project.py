"""A project in a folder of its own and a model of cardboard, for tests that need a whole one."""

import json
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from spokehouse.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]
SHIPPED = ("config.toml", "breakeven.toml", "MODEL_CARD.md", "prompts", "docs")
MARKS = "<!-- results:start -->\n<!-- results:end -->\n"
LEAK = {"tag": "T4", "job": "wheels", "bike": "city", "safety": "routine"}
RECORD = {**LEAK, "handover": "unknown"}
LINE = json.dumps(RECORD)


def make_project(folder: Path) -> Settings:
    """The shipped project without its results, with two messages a split."""
    for name in SHIPPED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    use(folder, "")
    (folder / "README.md").write_text(MARKS, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "evals").mkdir()
    shutil.copy(ROOT / "evals" / "outside.jsonl", folder / "evals" / "outside.jsonl")
    (folder / "data" / "card.md").write_text("<!-- card:start -->\n<!-- card:end -->\n")
    fill(folder, "train", "Tag T4, the city bike has a puncture.", "Tag 9, only good wishes.")
    fill(folder, "dev", "On D77 the oven glove holds the bell.", "Bill of number 31: when?")
    fill(folder, "test", "Tag U4, the city bike lost a spoke.", "Many greetings from no. 6.")
    return load_settings(folder)


def fill(folder: Path, split: str, fault: str, thanks: str) -> None:
    """A split with one fault and one message without."""
    other = {**RECORD, "tag": None, "job": "none", "bike": "unknown"}
    tag = {"train": "T4", "dev": "D77", "test": "U4"}[split]
    rows = [row(split, 1, fault, {**RECORD, "tag": tag}), row(split, 2, thanks, other)]
    text = "".join(json.dumps(each) + "\n" for each in rows)
    (folder / "data" / f"{split}.jsonl").write_text(text, encoding="utf-8")


def row(split: str, number: int, text: str, record: dict[str, Any]) -> dict[str, Any]:
    """A line of a data file."""
    name = f"{split[:2]}-{number:03}"
    shown = {"id": name, "text": text, "record": record, "slice": "plain"}
    return {**shown, "group": f"{split}{number}", "origin": "author"}


def add_adapter(folder: Path, run: str = "r1") -> Settings:
    """A tune by name: an empty adapter, a record of it, and its name in config.toml."""
    (folder / "runs" / run / "adapter").mkdir(parents=True)
    meta = {"base": {"name": "tiny", "revision": "abc"}, "seeds": [7], "seconds": 12.5}
    (folder / "runs" / run / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    use(folder, run)
    return load_settings(folder)


def use(folder: Path, run: str) -> None:
    """Name the tune in use in config.toml, whichever the project itself has."""
    path = folder / "config.toml"
    text = re.sub(r'^run = ".*?"', f'run = "{run}"', path.read_text(encoding="utf-8"), flags=re.M)
    path.write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Said:
    """What a model of cardboard says."""

    text: str
    finished: bool = True
    input_tokens: int = 20
    output_tokens: int = 10
    seconds: float = 0.5


@dataclass
class Cardboard:
    """Says the same to everybody and keeps what it was asked."""

    says: str = LINE
    finished: bool = True
    asked: list[list[dict[str, str]]] = field(default_factory=list)

    def generate(
        self, conversations: Sequence[list[dict[str, str]]], max_new_tokens: int
    ) -> list[Said]:
        self.asked += conversations
        return [Said(self.says, self.finished) for _ in conversations]


def runner(folder: Path, monkeypatch: Any, capsys: Any) -> Callable[..., tuple[int, Any, str]]:
    """A function that runs a command line in `folder`: exit code, JSON on stdout, stderr."""
    monkeypatch.chdir(folder)
    main = import_module("spokehouse.cli").main

    def run(*words: str) -> tuple[int, Any, str]:
        code = main([*words, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return run
