"""scaffold.toml and the lock: what a project says of itself is checked, never trusted."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder import manifest
from scaffolder.errors import UsageError

WHOLE = """
[scaffold]
format = 1
skill = "rag-app"
template_version = "1.0.0"
package = "rules"
[commands]
test = ["python", "-m", "pytest"]
[paths]
golden = "evals/questions.jsonl"
"""


def test_a_manifest_is_read(tmp_path: Path) -> None:
    (tmp_path / "scaffold.toml").write_text(WHOLE)
    found = manifest.read(tmp_path)
    assert (found.skill, found.package) == ("rag-app", "rules")
    assert found.commands["test"] == ("python", "-m", "pytest")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[scaffold\n", "not valid TOML"),
        ('[scaffold]\nformat = 7\nskill = "x"', "format is not 1"),
        ("[scaffold]\nformat = 1", "skill is missing"),
        ("scaffold = 3", "not a table"),
        (WHOLE.replace('["python", "-m", "pytest"]', '"sh -c x"'), "not a list of words"),
        ("a." * 20_000 + "b = 1", "64 parts"),
        ('"a".' * 20_000 + "b = 1", "64 parts"),
        ("x = {a = '''\nb = \"'''," + "c." * 20_000 + 'd = 1, e = "', "64 parts"),
        ("a = " + "9" * 5_000, "not valid TOML"),
        ("a" * (128 * 1024 + 1), "larger than 128 KB"),
    ],
)
def test_a_bad_manifest_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "scaffold.toml").write_text(text)
    with pytest.raises(UsageError, match=said):
        manifest.read(tmp_path)


@pytest.mark.parametrize("unit", ["a", "a ", "a.", '"a".', '\\"', "[", "a.b.", " ", "[a.b]\n", "'"])
def test_a_manifest_at_the_limit_is_answered_in_a_second(tmp_path: Path, unit: str) -> None:
    (tmp_path / "scaffold.toml").write_text(unit * (128 * 1024 // len(unit)))
    started = time.monotonic()
    with pytest.raises(UsageError, match=r"not valid TOML|64 parts|names no template"):
        manifest.read(tmp_path)
    assert time.monotonic() - started < 1


def test_dots_in_an_answer_are_not_a_deep_key(tmp_path: Path) -> None:
    (tmp_path / "scaffold.toml").write_text(f'{WHOLE}[answers]\nproblem = "Why{"." * 200} it\'s"\n')
    assert manifest.read(tmp_path).answers["problem"].startswith("Why...")


def test_a_link_or_a_pipe_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "scaffold.toml").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="cannot be read"):
        manifest.read(tmp_path)
    (tmp_path / "scaffold.toml").unlink()
    os.mkfifo(tmp_path / "scaffold.toml")
    with pytest.raises(UsageError, match="not a regular file"):
        manifest.read(tmp_path)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_lock_or_a_usage_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    project = tmp_path_factory.mktemp("project")
    (project / ".scaffold").mkdir()
    (project / manifest.LOCK).write_bytes(content)
    with pytest.raises(UsageError):
        manifest.read_lock(project)


def test_a_lock_tells_own_lines_from_the_templates(tmp_path: Path) -> None:
    rows = b'{"id": 1}\n{"id": 2}\n'
    text = manifest.lock_text("rag-app", "1.0.0", {"a.jsonl": rows, "b.py": b"x = 1\ny = 2\n"})
    (tmp_path / ".scaffold").mkdir()
    (tmp_path / manifest.LOCK).write_text(text)
    lock = manifest.read_lock(tmp_path)
    assert manifest.row_hash(' {"id": 2} ') in lock.files["a.jsonl"].shingles
    assert manifest.row_hash('{"id": 3}') not in lock.files["a.jsonl"].shingles
    assert manifest.shingles("b.py", "x = 1\n\n  y = 2") == lock.files["b.py"].shingles
