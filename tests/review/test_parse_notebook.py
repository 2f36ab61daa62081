"""Notebooks of every shape, and the lines of their code."""

import ast
import json

import pytest

from scaffolder.review import parse
from scaffolder.review.parse import Cell, Parsed, Refused


def notebook(*sources: str, indent: int | None = 1) -> str:
    """A notebook as Jupyter writes it, with a markdown cell before each of code."""
    cells = []
    for source in sources:
        text = {"cell_type": "markdown", "metadata": {}, "source": ["# A\n", "title"]}
        code = {
            "cell_type": "code",
            "metadata": {},
            "outputs": [{"output_type": "stream", "text": ["done\n"]}],
            "source": source.splitlines(keepends=True),
        }
        cells += [text, code]
    return json.dumps({"cells": cells, "nbformat": 4}, indent=indent)


def cells(text: str) -> list[Cell]:
    found = parse.read_notebook(text)
    assert isinstance(found, Parsed), found
    return list(found.value)


@pytest.mark.parametrize(
    "text",
    ["[]", "null", "{}", '{"cells": 7}', '{"cells": {}}', '{"worksheets": [3]}', "{", "5", ""],
)
def test_what_is_no_notebook_is_refused(text: str) -> None:
    assert isinstance(parse.read_notebook(text), Refused)


def test_malformed_cells_are_left_out() -> None:
    raw = [5, None, {}, {"source": 5}, {"cell_type": 3, "source": "x"}, {"cell_type": "code"}]
    good = {"cell_type": "code", "source": ["x = 1", 7], "outputs": [4, {"text": 5}, {"data": []}]}
    text = json.dumps({"nbformat": "99", "cells": [*raw, good]})
    assert cells(text) == [Cell("code", "x = 1")]


def test_outputs_are_cut_texts() -> None:
    outputs = [
        {"data": {"text/html": "<script>", "text/plain": ["4", "2"]}},
        {"text": "x" * 1_000_000},
        *[{"text": str(n)} for n in range(100)],
    ]
    text = json.dumps({"cells": [{"cell_type": "code", "source": "f()", "outputs": outputs}]})
    [cell] = cells(text)
    assert cell.outputs[0] == "42"
    assert len(cell.outputs[1]) == 10_000
    assert len(cell.outputs) == 20


def test_an_old_notebook_is_read() -> None:
    sheet = {"cells": [{"cell_type": "code", "input": ["x = 1"]}]}
    assert cells(json.dumps({"nbformat": 3, "worksheets": [sheet]}))[0].source == "x = 1"


def test_a_line_is_the_one_in_the_file() -> None:
    text = notebook("import os\n\nx = f()\n", "y = [\n  1,\n]\ng()")
    tree, left_out = parse.read_cells(cells(text))
    calls = [n for n in ast.walk(tree.value) if isinstance(n, ast.Call)]
    shown = [text.split("\n")[n.lineno - 1].strip() for n in calls]
    assert shown == ['"x = f()\\n"', '"g()"']
    assert left_out == []
    joined = parse.notebook_source(cells(text)).split("\n")
    assert [joined[n.lineno - 1] for n in calls] == ["x = f()", "g()"]


def test_on_one_line_the_cells_count() -> None:
    tree, _ = parse.read_cells(cells(notebook("a()\nb()", "c()", indent=None)))
    assert [n.lineno for n in tree.value.body] == [1, 2, 3]


@pytest.mark.parametrize(
    "magic",
    [
        "%matplotlib inline",
        "!pip install x",
        "files = !ls",
        "x = %timeit f()",
        "?f",
        "f?",
        "pip install openai",
        "if True:\n    !ls",
    ],
)
def test_magics_do_not_lose_the_cell(magic: str) -> None:
    tree, left_out = parse.read_cells(cells(notebook(f"{magic}\nf(1)")))
    assert left_out == []
    assert any(isinstance(n, ast.Call) and n.args for n in ast.walk(tree.value))


def test_cells_of_another_language_are_blank() -> None:
    tree, left_out = parse.read_cells(cells(notebook("%%bash\nls -l | wc", "%%time\nf()")))
    assert left_out == []
    assert sum(isinstance(n, ast.Call) for n in ast.walk(tree.value)) == 1


def test_a_broken_cell_does_not_lose_the_others() -> None:
    text = notebook("a()", "def (", "b()")
    tree, left_out = parse.read_cells(cells(text))
    assert [n.func.id for n in ast.walk(tree.value) if isinstance(n, ast.Call)] == ["a", "b"]  # type: ignore[attr-defined]
    [broken] = left_out
    assert broken.reason == "has a cell that cannot be parsed as Python: invalid syntax"
    assert broken.line
    assert "def (" in text.split("\n")[broken.line - 1]


def test_a_percent_that_is_no_magic_stays() -> None:
    tree, _ = parse.read_cells(cells(notebook('x = ("%s"\n% f(1))')))
    assert sum(isinstance(n, ast.Call) for n in ast.walk(tree.value)) == 1
