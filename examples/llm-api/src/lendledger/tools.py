"""What the model may call: look at the tables, look at one, run one SELECT. Nothing can write.

Invariant: a tool returns text for the model and the table it came from, or raises Refused with
words that help to ask better.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .database import Database, Table, as_text
from .llm.types import Tool

TABLE = {"type": "string", "minLength": 1, "description": "a name that list_tables gave"}
STATEMENT = {"type": "string", "minLength": 1, "description": "one SELECT statement of SQLite"}


@dataclass(frozen=True)
class Found:
    """What a tool gave: `text` for the model, `table` where figures can be looked up."""

    text: str
    table: Table | None = None


def _schema(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            "list_tables",
            "Name, number of rows and columns of every table that can be read. Call it first when "
            "you have not seen the tables in this conversation. Do not call it for greetings, "
            "general knowledge, or questions that have nothing to do with the ledger.",
            _schema(),
        ),
        Tool(
            "describe_table",
            "Columns of one table, with type and an example value. Call it before the first SELECT "
            "on a table, to see units and the form of dates. Do not call it for a table that you "
            "have already seen described in this conversation.",
            _schema(table=TABLE),
        ),
        Tool(
            "run_select",
            "Runs one read-only SELECT and returns its rows, a limited number of them. Let SQL do "
            "every sum, difference, share and rounding, because only figures from a result may be "
            "told. Do not use it to look at whole tables, and never to change anything.",
            _schema(sql=STATEMENT),
        ),
    )
}


def list_tables(database: Database) -> Found:
    lines = [
        f"{name} ({database.count(name)} rows): {', '.join(sorted(database.allowed[name]))}"
        for name in database.allowed
    ]
    return Found("\n".join(lines))


def describe_table(database: Database, *, table: str) -> Found:
    columns = database.describe(table)
    return Found("\n".join(f"{c['column']} {c['type']}, e.g. {c['example']}" for c in columns))


def run_select(database: Database, *, sql: str) -> Found:
    table = database.select(sql)
    return Found(as_text(table), table)
