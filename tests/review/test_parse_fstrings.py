"""The f-strings of a newer Python do not lose a module."""

import ast
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.review.parse import Parsed, read_python
from scaffolder.review.parsing.fstrings import flattened

ODD = st.text(alphabet="f\"'{}\\\n()[]:!#r ax", max_size=80)


@pytest.mark.parametrize(
    ("newer", "text"),
    [
        ('f"a {d["k"]} b"', "a {} b"),
        ('f"{d["k"]} and {f"{y["b"]}" + g(")")}"', "{} and {}"),
        ('f"{\'\\n\'.join(x)} {d["k"]}"', "{}"),
        ("rf'{d['k']:>{w}} \\d'", "{} \\\\d"),
        ('f"{{no}} {d["k"]!r}"', "{{no}} {}"),
    ],
)
def test_a_newer_string_becomes_a_plain_one(newer: str, text: str) -> None:
    found = read_python(f"x = {newer}\n# f'it\nf(1)\n")
    assert isinstance(found, Parsed), found
    [_, call] = found.value.body
    assert call.lineno == 3
    assert text in flattened(newer)


def test_lines_stay_where_they_are() -> None:
    source = 'x = f"""\n{\n d["k"]\n} {f"{y["b"]}"}\n"""\ncall()\n'
    assert ast.parse(flattened(source)).body[1].lineno == 6


@given(ODD)
def test_no_line_is_lost_whatever_the_text(text: str) -> None:
    assert flattened(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("worst", ['f"{', '"', "f'", '\\"', "f'''{'", "'''\"", "ff"])
def test_it_is_linear(worst: str) -> None:
    began = time.thread_time()
    flattened("f'" + worst * 30_000)
    assert time.thread_time() - began < 1
