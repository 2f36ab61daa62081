"""A draft of scaffold.toml: what is found in three kinds of project, and in hostile ones."""

import argparse
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffolder import manifest
from scaffolder.cli import init_review as command
from scaffolder.errors import UsageError
from scaffolder.journeys import draft_commands, init_review, run
from scaffolder.journeys.draft_places import Found

Tree = Mapping[str, str]

FLAT: Tree = {
    "README.md": "# notes\n\n```bash\nexport OPENAI_API_KEY=x\nuv run qa.py 'Is there food?'\n"
    "uv run python qa.py 'Is there food?'\nstreamlit run app.py\npython ingest.py\n```\n",
    "requirements.txt": "openai==1.0\n",
    "qa.py": "import sys\n\ndef answer(question):\n    return question\n\nprint(sys.argv)\n",
    "ingest.py": "def main():\n    pass\n\nif __name__ == '__main__':\n    main()\n",
    "data/corpus/a.txt": "words\n",
    "test_qa.py": "import unittest\n\nclass T(unittest.TestCase):\n    def test_a(self):\n"
    "        self.assertEqual(1, 1)\n",
}

TYPED: Tree = {
    "pyproject.toml": '[project]\nname = "rule-book"\nversion = "1"\n'
    '[project.optional-dependencies]\ndev = ["pytest"]\n[project.scripts]\n'
    'rules = "rule_book.cli:app"\n',
    "src/rule_book/__init__.py": "",
    "src/rule_book/cli.py": "import typer\n\napp = typer.Typer()\n\n\n@app.command()\n"
    "def ask(question: str) -> None:\n    pass\n\n\n@app.command()\ndef evaluate() -> None:\n"
    "    pass\n\n\n@app.command('x')\ndef ingest() -> None:\n    pass\n",
    "src/rule_book/find.py": "def search(query: str, k: int = 5) -> list[str]:\n    return []\n",
    "tests/test_a.py": "import pytest\n\ndef test_a():\n    assert 1 + 1 == 2\n",
    "evals/questions.jsonl": '{"id": "q1"}\n',
    "evals/results/a.jsonl": "{}\n",
    "docs/decisions/0001.md": "# one\n",
}

CHAINED: Tree = {
    "README.md": "# chat\n\nOpen the notebook.\n",
    "requirements.txt": "langchain\nchromadb\n",
    "Makefile": "eval:\n\tpython scripts/eval.py\n\nsetup:\n\tpip install -r requirements.txt\n",
    "chat.ipynb": '{"cells": [{"cell_type": "code", "source": ["def answer(question): pass"],'
    ' "outputs": [], "metadata": {}, "execution_count": 1}], "metadata": {}, "nbformat": 4,'
    ' "nbformat_minor": 5}',
    "rag/__init__.py": "",
    "rag/chain.py": "from langchain.chains import RetrievalQA\n\n\ndef retrieve(query):\n"
    "    return []\n\n\nasync def ask(user_input):\n    return RetrievalQA()\n",
    "prompts/system.txt": "You answer.\n",
}


def _write(root: Path, tree: Tree) -> Path:
    for name, text in tree.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def _drafted(root: Path, tree: Tree) -> dict[str, Any]:
    return tomllib.loads(init_review.draft(_write(root, tree)).text)


def test_a_flat_app_of_scripts(tmp_path: Path) -> None:
    made = _drafted(tmp_path, FLAT)
    assert made["commands"] == {
        "setup": ["python", "-m", "pip", "install", "-q", "-r", "requirements.txt"],
        "test": ["python", "-m", "unittest", "discover"],
        "demo": ["python", "qa.py", "Is there food?"],
        "ask": ["python", "qa.py", "{question}"],
        "ingest": ["python", "ingest.py"],
    }
    assert made["scaffold"] == {}
    assert made["entry_points"] == {"answer": "qa:answer"}
    assert made["paths"] == {"corpus": "data/corpus"}


def test_a_package_below_src_with_commands_of_its_own(tmp_path: Path) -> None:
    made = _drafted(tmp_path, TYPED)
    assert made["scaffold"] == {"package": "rule_book"}
    assert made["commands"] == {
        "setup": ["python", "-m", "pip", "install", "-q", "-e", ".[dev]"],
        "test": ["python", "-m", "pytest", "-q"],
        "demo": ["rules", "ask", draft_commands.QUESTION],
        "ask": ["rules", "ask", "{question}"],
        "eval": ["rules", "evaluate"],
        "ingest": ["rules", "ingest"],
    }
    assert made["entry_points"] == {"search": "rule_book.find:search"}
    assert made["faults"] == {"retriever": "rule_book.find:search"}
    assert made["paths"]["golden"] == "evals/questions.jsonl"
    assert made["paths"]["results"] == "evals/results"
    assert made["paths"]["decisions"] == "docs/decisions"


def test_an_app_of_notebooks_and_a_framework(tmp_path: Path) -> None:
    made = _drafted(tmp_path, CHAINED)
    assert made["scaffold"] == {"package": "rag"}
    assert made["entry_points"] == {"answer": "rag.chain:ask", "search": "rag.chain:retrieve"}
    assert made["commands"]["eval"] == ["make", "eval"]
    assert "demo" not in made["commands"]
    assert made["paths"] == {"prompts": "prompts"}


def test_each_line_says_where_it_was_found_or_what_to_fill_in(tmp_path: Path) -> None:
    text = init_review.draft(_write(tmp_path, FLAT)).text
    assert 'demo = ["python", "qa.py", "Is there food?"]  # README.md:5' in text
    assert 'answer = "qa:answer"  # qa.py:3' in text
    assert '# eval = ["python", "-m", "my_package", "eval"]  # measures it' in text
    assert "template_version" not in text


def test_what_is_drafted_can_be_run_and_names_no_template(tmp_path: Path) -> None:
    made = init_review.draft(_write(tmp_path, TYPED))
    init_review.write(made, init_review.place(tmp_path))
    assert run.plan(tmp_path, "test").argv == ("python", "-m", "pytest", "-q")
    assert run.with_setup(tmp_path, ["test"]) == ["setup", "test"]
    with pytest.raises(UsageError, match="names no template"):
        manifest.read(tmp_path)


def test_commands_alone_are_enough_to_run(tmp_path: Path) -> None:
    (tmp_path / "scaffold.toml").write_text('[commands]\ndemo = ["python", "-V"]\n', "utf-8")
    assert run.plan(tmp_path, "demo").argv == ("python", "-V")


def test_no_file_is_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(tmp_path, {**FLAT, "scaffold.toml": "# mine\n"})
    with pytest.raises(UsageError, match="is there already"):
        _run(tmp_path)
    assert (tmp_path / "scaffold.toml").read_text() == "# mine\n"
    assert _run(tmp_path, "--output", str(tmp_path / "draft.toml")) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "fill in what there is: eval, search" in said
    assert "review" in said
    assert tomllib.loads((tmp_path / "draft.toml").read_text("utf-8"))["commands"]["demo"]
    assert _run(tmp_path, "--output", "-") == 0
    shown = capsys.readouterr()
    assert tomllib.loads(shown.out)["commands"]["demo"]
    assert "Check before you use it" in shown.err


def _run(root: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    return command.run(parser.parse_args(["init-review", str(root), *words]))


@pytest.mark.parametrize(
    "typed",
    [
        "python ask.py <question>",
        "python ask.py $QUESTION",
        "python ask.py 'a question' | tee out",
        "python ask.py --key sk-ant-api03-" + "a" * 90,
        "python ask.py 'unfinished",
        "python -m http.server",
        "curl -X POST http://localhost/ask",
    ],
)
def test_a_command_with_a_hole_a_key_or_a_shell_is_none(tmp_path: Path, typed: str) -> None:
    made = _drafted(tmp_path, {"README.md": f"# a\n\n```sh\n{typed}\n```\n", "ask.py": "x = 1\n"})
    told = made["commands"].get("demo", [])
    assert told in ([], ["python", "ask.py", "a question"])
    assert "sk-ant" not in str(made)


def test_hostile_files_give_a_valid_draft(tmp_path: Path) -> None:
    name = 'a"\n[commands]\ndemo = ["rm"]\n\x1b[2J\u202e'
    tree = {
        f"{name}/golden.jsonl": "{}\n",
        "pyproject.toml": '[project]\nname = 3\nscripts = 4\n[tool]\nx = "\\u0000"\n',
        "Makefile": "test: \n\t@rm -rf /\neval" + "\\" * 50 + ":\n",
        "README.md": "```\npython x.py \"'''\\\"\"\n```\n" + "`" * 5000,
        "x.py": "def answer(question):\n    pass\n" + "(" * 3000,
    }
    text = init_review.draft(_write(tmp_path, tree)).text
    made = tomllib.loads(text)
    assert made["paths"]["golden"] == f"{name}/golden.jsonl"
    assert not [c for c in text if c != "\n" and (ord(c) < 32 or c in "\x7f\u202e\x9b")]


def test_a_name_that_is_no_utf8_is_left_out(tmp_path: Path) -> None:
    bad = tmp_path / "caf\udce9"
    bad.mkdir()
    (bad / "golden.jsonl").write_text("{}\n")
    made = init_review.draft(tmp_path)
    assert "golden" in made.open
    made.text.encode("utf-8")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=40), min_size=1, max_size=4), st.text(max_size=40))
def test_any_words_and_places_are_valid_toml_with_the_same_value(
    words: list[str], where: str
) -> None:
    found = Found(tuple(words), where)
    text = init_review._text({"commands": {"demo": found}, "paths": {}})
    made = tomllib.loads(text)
    sayable = not any(0xD800 <= ord(c) <= 0xDFFF for word in words for c in word)
    assert made["commands"] == ({"demo": words} if sayable else {})
    text.encode("utf-8")
