"""What a view reads of its files."""

import json
import re
from pathlib import Path

import pytest
from hostile_files import YAML_ALIASES, sparse

from scaffolder.review import view
from scaffolder.review.cleanroom import History, Repository
from scaffolder.review.parse import Parsed, Refused
from scaffolder.review.view import MAX_LINE, MAX_TEXT, RepoView


def seen(root: Path, files: dict[str, str | bytes]) -> RepoView:
    """The view of a folder without git that holds `files`."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else content.encode()
        (root / path).write_bytes(raw)
    return RepoView(root, Repository(root, History(False)))


def test_a_huge_file_is_read_at_its_beginning_only(tmp_path: Path) -> None:
    sparse(tmp_path / "model.bin", 3 * 1024**3)
    sparse(tmp_path / "log.txt", 3 * 1024**3, b"x\n" * MAX_TEXT)
    repo = seen(tmp_path, {})
    assert repo.text("model.bin") == ""
    assert repo.is_binary("model.bin")
    assert repo.size("model.bin") == 3 * 1024**3
    assert len(repo.raw("log.txt", 100)) == 100
    assert repo.skipped == []
    assert len(repo.text("log.txt")) == MAX_TEXT
    assert [s.reason for s in repo.skipped] == ["read the first 1 MB of 3,072.0 MB"]


def test_a_line_is_cut_before_any_pattern_meets_it(tmp_path: Path) -> None:
    repo = seen(tmp_path, {"a.txt": "x" * 500_000 + "needle\nneedle"})
    assert max(map(len, repo.lines("a.txt"))) == MAX_LINE
    assert [e.line for e in repo.search(re.compile("needle"), ["a.txt"])] == [2]
    assert len(repo.quote("a.txt", 1).text) < 300
    assert repo.quote("a.txt", 99).text == ""


def test_text_is_decoded_once_for_everybody(tmp_path: Path) -> None:
    repo = seen(tmp_path, {"requirements.txt": "\ufeffopenai==3\r\n".encode("utf-16-le")})
    assert repo.lines("requirements.txt") == ["openai==3", ""]


def test_find_ignores_case_and_knows_path_and_name(tmp_path: Path) -> None:
    files = ["README.md", "src/App.PY", "src/deep/conf.Toml", "a/[x].py"]
    repo = seen(tmp_path, dict.fromkeys(files, ""))
    assert repo.find("readme.md") == ["README.md"]
    assert repo.find("*.py") == ["a/[x].py", "src/App.PY"]
    assert repo.find("src/*.toml", "app.*") == ["src/App.PY", "src/deep/conf.Toml"]
    assert repo.find("SRC/app.py") == ["src/App.PY"]
    assert repo.find("a?p.py", "[[]x].py") == ["a/[x].py", "src/App.PY"]
    repo.find("*.py").clear()
    assert len(repo.find("*.py")) == 2


@pytest.mark.parametrize(
    ("files", "readme"),
    [
        (["README.md", "README.zh-CN.md", "readme.rst"], "README.md"),
        (["readme.rst"], "readme.rst"),
        (["README"], "README"),
        (["Readme.txt", "README.zh-CN.md"], "Readme.txt"),
        (["README.zh-CN.md", "a/README.md"], "README.zh-CN.md"),
        (["app/README.md", "lib/x.py"], "app/README.md"),
        (["app/README.md", "lib/README.md"], None),
        (["a/b/README.md"], None),
        (["readme.py", "README.png", "readmefoo"], None),
        ([], None),
    ],
)
def test_the_readme_is_found(tmp_path: Path, files: list[str], readme: str | None) -> None:
    assert seen(tmp_path, dict.fromkeys(files, "x")).readme == readme


def test_rows_are_objects_with_their_lines(tmp_path: Path) -> None:
    repo = seen(tmp_path, {"a.jsonl": '{"a": 1}\n\nnot json\n[1]\n{"b": NaN}\n' + "[" * 5_000})
    assert [n for n, _ in repo.rows("a.jsonl")] == [1, 5]
    assert repo.rows("none.jsonl") == []


def test_rows_beyond_the_limits_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = json.dumps({"text": "x" * 90}) + "\n"
    repo = seen(tmp_path, {"a.jsonl": row * 20_000})
    assert len(repo.rows("a.jsonl")) == 20_000
    assert repo.skipped == []
    monkeypatch.setattr(view, "MAX_ROWS", 100)
    assert len(repo.rows("a.jsonl")) == 100
    assert [s.reason for s in repo.skipped] == ["read the first 100 rows of 20,001"]


def test_a_document_that_is_refused_is_told_once(tmp_path: Path) -> None:
    files = {
        "ci.yml": YAML_ALIASES,
        "a.json": "[" * 200_000,
        "b.toml": "a = \n",
        "n.ipynb": '{"cells": 7}',
        "big.json": " " * (9 * 1024**2),
        "good.json": "[1]",
    }
    repo = seen(tmp_path, files)
    for _ in range(2):
        found = [repo.yaml("ci.yml"), repo.json("a.json"), repo.toml("b.toml")]
        found += [repo.notebook("n.ipynb"), repo.json("big.json"), repo.json("missing.json")]
        assert all(isinstance(f, Refused) for f in found)
    assert repo.json("good.json") == Parsed([1])
    assert len(repo.skipped) == 5
    assert {s.path: s.reason for s in repo.skipped}["b.toml"].endswith("(line 1)")


TORTURE: dict[str, str | bytes] = {
    "deep.json": "[" * 200_000,
    "sum.py": "x=" + "1+" * 300_000 + "1",
    "minus.py": "-" * 100_000 + "1",
    "bytes.py": b"x = '\xff\xfe'\n",
    "nul.py": b"x = 1\0",
    "two.py": "print 'x'\n",
    "cookie.py": "# coding: rot13\nf()\n",
    "n.ipynb": '{"cells": 7}',
    "main.py": "import openai\n",
}


def test_the_rest_is_read_beside_what_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    repo = seen(tmp_path, TORTURE)
    assert [f.path for f in repo.python] == ["bytes.py", "cookie.py", "main.py"]
    told = {s.path: s.reason for s in repo.skipped}
    assert told["two.py"] == "is written for Python 2 (line 1)"
    assert told["zero.py"] == "is a link to /dev/zero (not followed)"
    assert {"sum.py", "minus.py", "n.ipynb", "nul.py"} < set(told)


def test_code_is_that_of_the_project(tmp_path: Path) -> None:
    made = "# Generated by the protocol buffer compiler.  DO NOT EDIT!\n"
    own = ["app.py", "src/do_not_edit.py", "nb.ipynb"]
    tests = ["tests.py", "test/a.py", "tests/b.py", "test_c.py", "d_test.py", "conftest.py"]
    other = ["vendor/x.py", "a/third_party/y.py", "lib/site-packages/z.py", "build/lib/q.py"]
    files: dict[str, str | bytes] = dict.fromkeys([*own, *tests, *other], "x = 1\n")
    cell = {"cell_type": "code", "source": "%pip install x\nimport openai"}
    repo = seen(
        tmp_path,
        {
            **files,
            "api_pb2.py": "x = 1\n",
            "client.py": made,
            "nb.ipynb": json.dumps({"cells": [cell, {"cell_type": "code", "source": "def ("}]}),
        },
    )
    assert [f.path for f in repo.code] == sorted(own)
    assert sorted(f.path for f in repo.tests) == sorted(tests)
    [book] = [f for f in repo.code if f.notebook]
    assert (book.lines, book.imports_any("openai")) == (3, True)
    told = {s.path for s in repo.skipped}
    assert {"api_pb2.py", "client.py", "nb.ipynb", "vendor/", "build/lib/"} <= told


def test_reading_goes_on_after_the_view_is_closed(tmp_path: Path) -> None:
    repo = seen(tmp_path, {"a/b.txt": "x"})
    repo.close()
    assert repo.text("a/b.txt") == "x"
    repo.close()


def test_modules_that_cannot_be_parsed_are_offered_as_such(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("print 'hi'\n")
    (tmp_path / "made_pb2.py").write_text("print 'hi'\n")
    (tmp_path / "new.py").write_text("print('hi')\n")
    with view.opened(tmp_path) as seen:
        assert (seen.unparsed, [f.path for f in seen.python]) == (("old.py",), ["new.py"])
