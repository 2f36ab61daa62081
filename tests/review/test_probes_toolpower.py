"""Tools in their several forms, and how much they can do."""

from pathlib import Path

import pytest
from asked import ask

DECORATED = (
    "from langchain_core.tools import tool\n\n\n@tool\ndef {name}({arg}):\n    return {do}\n"
)
LISTED = (
    "from agents import Agent\n\n\ndef look(sku: str) -> str:\n    return sku\n\n\n"
    "agent = Agent(name='a', tools=[look])\n"
)
SCHEMA = "TOOLS = [{'name': 'look', 'description': 'Looks.', 'input_schema': {'type': 'object'}}]\n"
NESTED = (
    "tools = [{'type': 'function', 'function': {'name': 'look', 'description': 'Looks.',"
    " 'parameters': {}}}]\n"
)
PROSE = "TOOLS = [{'name': 'look', 'description': 'look(sku): looks the article up'}]\n"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (DECORATED.format(name="look", arg="sku: str", do="sku"), "yes"),
        (DECORATED.format(name="look", arg="sku", do="sku"), "partial"),
        (LISTED, "yes"),
        (SCHEMA, "yes"),
        (NESTED, "yes"),
        ('TOOLS = {"look": Spec("Looks.", {"sku": "string"})}\n', "yes"),
        (PROSE, "partial"),
        ("def look(sku: str) -> str:\n    return sku\n", "no"),
        ("FORM = {'type': 'json_schema', 'name': 'reply', 'schema': {}}\n", "no"),
    ],
)
def test_a_schema_or_hints_make_a_tool_typed(code: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("toolpower.schemas", {"desk/tools.py": code}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("name", "do", "wanted"),
    [
        ("refund_order", "sku", "yes"),
        ("run_sql", "sku", "no"),
        ("bash", "sku", "no"),
        ("look", "os.system(sku)", "no"),
        ("look", "requests.get(sku)", "no"),
        ("look", "requests.get('https://stock.example/' + sku)", "yes"),
        ("run_python", "sandbox.run(sku)", "yes"),
    ],
)
def test_a_tool_that_runs_what_it_is_given_is_open(
    name: str, do: str, wanted: str, tmp_path: Path
) -> None:
    code = DECORATED.format(name=name, arg="sku: str", do=do)
    reading = ask(
        "toolpower.narrow", {"desk/tools.py": f"import os\nimport requests\n{code}"}, tmp_path
    )
    assert reading.answer.value == wanted, reading.reason


@pytest.mark.parametrize(
    ("do", "wanted"),
    [
        ("sku if sku.owner_id == me else None", "yes"),
        ("db.execute('SELECT a FROM orders WHERE customer_id = ?', me)", "yes"),
        ("sku", "no"),
    ],
)
def test_code_decides_whose_data_it_is(do: str, wanted: str, tmp_path: Path) -> None:
    code = DECORATED.format(name="look", arg="sku: str", do=do)
    assert ask("toolpower.authorised", {"desk/tools.py": code}, tmp_path).answer.value == wanted
