"""Tests: real assertions over the project, without a model."""

from pathlib import Path

import pytest
from asked import ask

PROJECT = {
    "rota/a.py": "def one(): return 1\n",
    "rota/b.py": "def two(): return 2\n",
    "rota/client.py": (
        "from openai import OpenAI\ndef ask(q):\n"
        "    return OpenAI().responses.create(model='m', input=q)\n"
    ),
}
FIRST = {"tests/test_a.py": "from rota.a import one\ndef test_one():\n    assert one() == 1\n"}
SECOND = {"tests/test_b.py": "from rota import b\ndef test_two():\n    assert b.two() == 2\n"}
WEAK = {"tests/test_a.py": ("from rota.a import one\ndef test_a():\n    assert one is not None\n")}
LIVE = {
    "tests/test_client.py": (
        "from rota import client\ndef test_ask():\n    assert 'x' in client.ask('q')\n"
    )
}


@pytest.mark.parametrize(
    ("tests", "answer"),
    [
        ({**FIRST, **SECOND}, "yes"),
        (FIRST, "partial"),
        (LIVE, "partial"),
        (WEAK, "partial"),
        ({"tests/test_a.py": "from rota.a import one\nprint(one())\n"}, "no"),
        ({"tests/test_a.py": "def test_a():\n    pass\n"}, "no"),
        ({}, "no"),
    ],
)
def test_assertions_count_by_what_they_compare(
    tests: dict[str, str], answer: str, tmp_path: Path
) -> None:
    assert ask("testing.assertions", {**PROJECT, **tests}, tmp_path).answer == answer


def test_tests_in_typescript_are_read(tmp_path: Path) -> None:
    test = "import { one } from '../a'\ntest('one', () => { expect(one()).toBe(1) })\n"
    tree = {
        "src/a.ts": "export const one = () => 1\n",
        "src/a.test.ts": test,
        "src/b.spec.ts": test,
    }
    assert ask("testing.assertions", tree, tmp_path).answer == "yes"


@pytest.mark.parametrize(
    ("tests", "answer"),
    [
        ({**FIRST, **SECOND}, "yes"),
        ({**FIRST, **SECOND, **LIVE}, "partial"),
        (LIVE, "no"),
        (
            {
                "tests/test_client.py": "from unittest.mock import patch\n"
                + LIVE["tests/test_client.py"]
            },
            "yes",
        ),
        ({}, "no"),
    ],
)
def test_a_test_that_calls_the_model_needs_a_network(
    tests: dict[str, str], answer: str, tmp_path: Path
) -> None:
    assert ask("testing.offline", {**PROJECT, **tests}, tmp_path).answer == answer


def test_setting_a_variable_replaces_no_model(tmp_path: Path) -> None:
    live = LIVE["tests/test_client.py"].replace(
        "():\n", "(monkeypatch):\n    monkeypatch.setenv('K', 'x')\n"
    )
    found = ask("testing.offline", {**PROJECT, "tests/test_client.py": live}, tmp_path)
    assert found.answer == "no"


def test_a_fixture_that_loads_a_real_model_is_not_offline(tmp_path: Path) -> None:
    tree = {
        **PROJECT,
        "rota/local.py": (
            "from llama_cpp import Llama\nclass Client:\n"
            "    def __init__(self):\n        self.llm = Llama('m.gguf')\n"
        ),
        "tests/conftest.py": "from rota.local import Client\ndef client():\n    return Client()\n",
        **FIRST,
        **SECOND,
    }
    found = ask("testing.offline", tree, tmp_path)
    assert (found.answer, found.evidence[0].path) == ("partial", "tests/conftest.py")


def test_modules_that_no_test_imports_are_named(tmp_path: Path) -> None:
    tree = {**{f"rota/m{n}.py": "def f(): return 1\n" for n in range(8)}, **PROJECT, **FIRST}
    found = ask("testing.cover_plain_code", tree, tmp_path)
    assert found.answer == "partial"
    assert "rota/b.py" in {e.path for e in found.evidence}


@pytest.mark.parametrize(
    ("opening", "answer"),
    [("from .a import one\nfrom .b import two\n", "yes"), ("VERSION = '1'\n", "partial")],
)
def test_a_package_stands_for_the_modules_that_it_hands_on(
    opening: str, answer: str, tmp_path: Path
) -> None:
    test = "import rota\ndef test_{}():\n    assert rota.{}() == 1\n"
    tests = {f"tests/test_{n}.py": test.format(n, n) for n in ("one", "two")}
    tree = {**PROJECT, "rota/__init__.py": opening, **tests}
    assert ask("testing.assertions", tree, tmp_path).answer == answer


@pytest.mark.parametrize(
    ("line", "answer"),
    [("expect(add(1)).toBe(2);\n", "yes"), ("console.log(add(1));\n", "no")],
)
def test_a_script_in_a_folder_of_tests_counts_by_what_it_asserts(
    line: str, answer: str, tmp_path: Path
) -> None:
    tree = {"tests/specs/a.ts": line, "tests/specs/cli/b.ts": line, "src/a.ts": "export {}\n"}
    assert ask("testing.assertions", tree, tmp_path).answer == answer


def test_that_a_thing_is_of_its_kind_is_no_more_than_making_it(tmp_path: Path) -> None:
    made = "from rota.{0} import {1}\ndef test_a():\n    assert isinstance({1}(), int)\n"
    tests = {f"tests/test_{m}.py": made.format(m, n) for m, n in (("a", "one"), ("b", "two"))}
    assert ask("testing.assertions", {**PROJECT, **tests}, tmp_path).answer == "partial"


@pytest.mark.parametrize(
    ("loads", "answer"),
    [("AutoModel.from_pretrained('bert')", "partial"), ("MagicMock(return_value=1)", "yes")],
)
def test_a_stand_in_for_something_else_does_not_excuse_a_real_model(
    loads: str, answer: str, tmp_path: Path
) -> None:
    test = (
        "from unittest.mock import MagicMock\nfrom transformers import AutoModel\n"
        f"def test_a():\n    assert {loads} == 1\n"
    )
    tree = {**PROJECT, **FIRST, "tests/test_m.py": test}
    assert ask("testing.offline", tree, tmp_path).answer == answer


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("const { MY_KEY } = process.env;\n", "partial"),
        ("const kept = process.env.MY_KEY;\ndelete process.env.MY_KEY;\n", "yes"),
        ("const kept = process.env.MY_KEY;\nprocess.env.MY_KEY = 'made-up';\n", "yes"),
        ("", "yes"),
    ],
)
def test_a_test_in_another_language_that_reads_a_key_is_live(
    key: str, answer: str, tmp_path: Path
) -> None:
    plain = "expect(1).toBe(1);\n"
    tree = {"a.test.ts": key + plain, "b.test.ts": plain}
    assert ask("testing.offline", tree, tmp_path).answer == answer


def test_a_library_has_no_model_that_tests_could_replace(tmp_path: Path) -> None:
    test = "from desk import core\n\ndef test_it():\n    assert core.f(1) == 2\n"
    tree = {"src/desk/core.py": "def f(x):\n    return x + 1\n", "tests/test_core.py": test}
    assert ask("testing.offline", tree, tmp_path / "a").answer in ("yes", "partial")
    assert ask("testing.model_replaced", tree, tmp_path / "b").answer == "not_applicable"
    model = "import openai\n\ndef g():\n    return openai.chat.completions.create(model='m')\n"
    tree["src/desk/model.py"] = model
    same = ask("testing.offline", tree, tmp_path / "c")
    assert ask("testing.model_replaced", tree, tmp_path / "d") == same
