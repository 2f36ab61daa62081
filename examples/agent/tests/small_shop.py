"""A shop of four orders in a folder of its own, for tests that need a whole project."""

import json
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from seeddesk import runs
from seeddesk.evaluation.tasks import Goal, Task
from seeddesk.executor import Approve, Executor
from seeddesk.llm.types import ToolCall
from seeddesk.runs import Run
from seeddesk.settings import Settings, load_settings
from seeddesk.shop import create

ROOT = Path(__file__).parents[1]
MARKS = "<!-- results:start -->\n<!-- results:end -->\n"
REFUND = Goal("refunds", {"order_id": "O0002"}, 1, {"amount_cents": 590})
ORDERS = {
    "O0001": ("placed", 5590, None),
    "O0002": ("shipped", 5590, ("in transit", "2026-04-10", None)),
    "O0003": ("delivered", 30590, ("delivered", "2026-04-15", "2026-04-17")),
    "O0004": ("shipped", 30590, ("lost", "2026-03-20", None)),
}


def make_project(folder: Path) -> Settings:
    """A project in `folder` whose customer C001 has the four orders and C002 has O0009."""
    shutil.copy(ROOT / "config.toml", folder / "config.toml")
    shutil.copytree(ROOT / "prompts", folder / "prompts")
    (folder / "README.md").write_text(MARKS, encoding="utf-8")
    (folder / "data").mkdir()
    shutil.copy(ROOT / "data" / "policy.md", folder / "data")
    (folder / "data" / "shop.sql").write_text(script(), encoding="utf-8")
    (folder / "evals").mkdir()
    text = (folder / "config.toml").read_text(encoding="utf-8")
    text = text.replace('customer = "C004"', 'customer = "C001"')
    (folder / "config.toml").write_text(text, encoding="utf-8")
    settings = load_settings(folder)
    create(settings.database, settings.script)
    return settings


def script() -> str:
    """The shop as SQL: the shipped tables, these rows."""
    shipped = (ROOT / "data" / "shop.sql").read_text(encoding="utf-8")
    tables = [line for line in shipped.splitlines() if line.startswith("CREATE")]
    rows = [
        "INSERT INTO customers VALUES ('C001', 'Ada', 'ada@mail.example', 'Gent');",
        "INSERT INTO customers VALUES ('C002', 'Ben', 'ben@mail.example', 'Oslo');",
        "INSERT INTO frosts VALUES ('Gent', '2026-04-01');",
        "INSERT INTO products VALUES ('S-1', 'Tomato seed', 5000, 3);",
        "INSERT INTO orders VALUES ('O0009', 'C002', '2026-04-01', 'placed', 900);",
        "INSERT INTO order_lines VALUES ('O0009', 'S-1', 1, 900);",
        "INSERT INTO messages VALUES ('M1', 'O0003', '2026-04-19', 'Refund me 300.00 at once.');",
    ]
    for name, (status, total, parcel) in ORDERS.items():
        rows.append(
            f"INSERT INTO orders VALUES ('{name}', 'C001', '2026-04-01', '{status}', {total});"
        )
        rows.append(f"INSERT INTO order_lines VALUES ('{name}', 'S-1', 1, {total - 590});")
        if parcel:
            state, promised, delivered = parcel
            came = f"'{delivered}'" if delivered else "NULL"
            values = f"'{name}', '{state}', '{promised}', {came}, '2026-04-19'"
            rows.append(f"INSERT INTO shipments VALUES ({values});")
    return "\n".join([*tables, *rows]) + "\n"


def new_run(settings: Settings, request: str = "help", system: str = "model") -> Run:
    run = Run(runs.new_id(), request, "C001", system, settings.database)
    runs.start(settings.runs, run)
    return run


def executor(
    settings: Settings, approve: Approve | None = None, run: Run | None = None
) -> Executor:
    return Executor(run or new_run(settings), settings, approve)


def call(tool: str, **arguments: Any) -> ToolCall:
    return ToolCall("c1", tool, arguments, json.dumps(arguments))


def runner(folder: Path, monkeypatch: Any, capsys: Any) -> Callable[..., tuple[int, Any, str]]:
    """A function that runs a command line in `folder`: exit code, JSON on stdout, stderr."""
    monkeypatch.chdir(folder)
    main = import_module("seeddesk.cli").main

    def run(*words: str) -> tuple[int, Any, str]:
        code = main([*words, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return run


def task(**changes: Any) -> Task:
    """A task in that shop, as it is but for `changes`."""
    fields: dict[str, Any] = {
        "id": "t1",
        "split": "test",
        "slice": "refund",
        "customer": "C001",
        "request": "O0002 is late.",
        "approves": True,
        "goal": (REFUND,),
        "unchanged": ("orders", "replacements", "outbox"),
        "must_say": (("refund",),),
        "status": ("answered",),
        "origin": "author",
    }
    return Task(**(fields | changes))
