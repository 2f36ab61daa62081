"""The parser door: every text is Parsed or Refused, soon and without a trace of its tricks."""

import json
import time

import pytest
from hostile_files import YAML_ALIASES, YAML_FEW_ALIASES, YAML_MERGES
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.review import parse
from scaffolder.review.parse import Budget, Parsed, Refused

SOON = 3.0
"""Seconds; the limits are ten times lower, the machine of a test may be busy."""


def refused(read: object, *given: object) -> Refused:
    """What a reader that has to refuse said, which it has to do soon."""
    began = time.thread_time()
    found = read(*given)  # type: ignore[operator]
    assert time.thread_time() - began < SOON
    assert isinstance(found, Refused), found
    assert "\n" not in found.reason
    assert len(found.reason) < 200
    return found


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        (YAML_ALIASES, "expands to", 6),
        (YAML_FEW_ALIASES, "expands to", 14),
        (YAML_MERGES, "expands to", 9),
        ("[" * 50_000, "nested deeper than 100", 1),
        ("- " * 5_000 + "x", "nested deeper than 100", 1),
        ("[" + "a," * 100_000 + "]", "expands to", 1),
        ("a: &a {}\nb: [" + "*a, " * 65 + "]", "more than 64 aliases", 2),
        ("a: &a {}\n" + "x:\n <<: *a\n" * 9, "more than 8 merge keys", 19),
        ("a: 1\nb: 9999-99-99", "month must be in", None),
        ("a: " + "9" * 5_000, "digits", 1),
        ("x: 1\n? [a]\n: b", "unhashable key", 2),
        ("a: !!python/object/apply:os.system [ls]", "could not determine a constructor", 1),
        ("&a [*a]", "names nothing that is complete", 1),
        ('a: 1\nb: "\\ud800"', "half a character", 2),
        ("a: b: c", "mapping values are not allowed", 1),
        ("a: *gone", "names nothing", 1),
        ("x" * 600_000, "larger than 512 KB", None),
    ],
    ids=range(17),
)
def test_yaml_is_refused_before_it_is_built(text: str, reason: str, line: int | None) -> None:
    found = refused(parse.read_yaml, text)
    assert reason in found.reason
    assert found.line == line


def test_yaml_that_is_in_use_is_read() -> None:
    text = (
        "on: [push]\nx: &d {a: 1}\ny:\n  <<: *d\n  b: 2\nz: 2026-01-02\nn: ~\n---\nsecond: document"
    )
    found = parse.read_yaml(text)
    assert isinstance(found, Parsed)
    assert found.value["y"] == {"a": 1, "b": 2}
    assert found.value["n"] is None
    assert parse.read_yaml("") == Parsed(None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (".".join(["a"] * 20_000) + " = 1", "more than 64 parts"),
        ('"a".' * 20_000 + "b = 1", "more than 64 parts"),
        ('x = ["""a"""", {' + ".".join(["a"] * 20_000) + " = 1}]", "more than 64 parts"),
        ("[" + " . ".join(["a"] * 10_000) + "]", "more than 64 parts"),
        ("a = " + "[" * 1_000 + "]" * 1_000, "nested deeper than 100"),
        ("a = " + "{b=" * 1_000, "nested deeper than 100"),
        ("a = 1\nb = \n", "Invalid value"),
        ("# " + "x" * 600_000, "larger than 512 KB"),
    ],
    ids=range(8),
)
def test_toml_is_refused_before_it_is_built(text: str, reason: str) -> None:
    assert reason in refused(parse.read_toml, text).reason


def test_toml_with_dots_in_its_strings_is_read() -> None:
    text = f'a = "{"." * 200}" # {"." * 200}\nb = """\n{"x." * 200}"""\nc = {[1.5] * 100}\n'
    assert isinstance(parse.read_toml(text), Parsed)
    assert parse.read_toml("a = 1\nb = \n") == Refused(
        "cannot be parsed as TOML: Invalid value (at line 2, column 5)", 2
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 200_000, "nested deeper than 100"),
        ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested deeper than 100"),
        ("[" * 101 + "]" * 101, "nested deeper than 100"),
        ("9" * 4_301, "digits"),
        ("[" + "[]," * 1_500_000 + "1]", "lists and objects"),
        ('"' + '\\"' * 200_000, "Unterminated string"),
        ('{"a": 1,}', "Expecting property name"),
        ("", "Expecting value"),
        (" " * (parse.MAX_JSON + 1), "larger than 8 MB"),
    ],
    ids=range(9),
)
def test_json_is_refused_before_it_is_built(text: str, reason: str) -> None:
    assert reason in refused(parse.read_json, text).reason


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff[1]",
        '{"a": NaN, "a": 2}',
        json.dumps(["[" * 500, '{"\\' * 50]),
        "[" * 100 + "]" * 100,
        '"\\ud800"',
    ],
)
def test_odd_json_is_read_as_python_reads_it(text: str) -> None:
    assert parse.read_json(text) == Parsed(json.loads(text.removeprefix("\ufeff")))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x=" + "1+" * 300_000 + "1", "names and numbers"),
        ("x=" + "1+" * 90_000 + "1", "nested too deeply"),
        ("x=" + "-" * 100_000 + "1", "nested too deeply"),
        ("(" * 300, "too many nested parentheses"),
        ("x" + ".a" * 300_000, "names and numbers"),
        ("x=1\n" * 250_000, "names and numbers"),
        ("x = 1\0", "null"),
        ("x = " + "9" * 5_000, "digits"),
        ("x" * (parse.MAX_PYTHON + 1), "larger than 1 MB"),
        ("print 'hello'", "Python 2"),
        ("try:\n    x\nexcept A, e:\n    pass", "Python 2"),
        ("def f(:\n", "invalid syntax"),
        ("x = '\u202e", "unterminated string"),
    ],
    ids=range(13),
)
def test_python_is_refused_soon(text: str, reason: str) -> None:
    found = refused(parse.read_python, text)
    assert reason in found.reason


def test_out_of_time_is_said() -> None:
    budget = Budget(0.0)
    readers = (parse.read_json, parse.read_yaml, parse.read_toml, parse.read_python)
    assert {r("1", budget) for r in readers} == {Refused("was not parsed: out of time")}


def test_work_takes_from_the_budget() -> None:
    budget = Budget(10.0)
    parse.read_python("x = 1\n" * 2_000, budget)
    assert budget.left < 10.0


READERS = (
    parse.read_json,
    parse.read_yaml,
    parse.read_toml,
    parse.read_python,
    parse.read_notebook,
)
ODD = st.text(alphabet=" \n\t[]{}()\"'\\:,.#&*<-!|>%=?@`~+1aé\0\ud800", max_size=120) | st.text()


@given(ODD)
@settings(max_examples=150, deadline=None)
def test_every_text_is_parsed_or_refused(text: str) -> None:
    for read in READERS:
        assert isinstance(read(text), Parsed | Refused)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
@settings(deadline=None)
def test_json_is_what_python_makes_of_it(value: object) -> None:
    text = json.dumps(value)
    assert parse.read_json(text) == Parsed(json.loads(text))
