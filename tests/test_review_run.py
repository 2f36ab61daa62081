"""`scaffold review --run`: nothing is run before somebody agreed; the project stays as it is."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder import sandbox
from scaffolder.cli import main
from tests.review.behaviour import smallrag

CODE = "src/rag/__init__.py"
Run = Callable[..., tuple[int, str, str]]
ONE = ("--run", "--unsandboxed", "--only", "RAG-07")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object) -> tuple[int, str, str]:
        code = main(["review", *(str(word) for word in words)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    """A file that grows with every command of the project that runs."""
    return tmp_path / "ran"


@pytest.fixture
def project(tmp_path: Path, ran: Path) -> Path:
    (tmp_path / "rag").mkdir()
    code = f"{smallrag.RAG}\nwith open({str(ran)!r}, 'a') as told:\n    told.write('x')\n"
    return smallrag.project(tmp_path / "rag", {CODE: code})


def test_nobody_said_yes_so_nothing_is_run(run: Run, project: Path, ran: Path) -> None:
    code, _, err = run(project, *ONE)
    assert code == 2
    assert "nobody said yes" in " ".join(err.split())
    assert "--yes" in err
    assert not ran.exists()


def test_without_a_manifest_the_way_to_one_is_named(run: Run, project: Path) -> None:
    (project / "scaffold.toml").unlink()
    code, _, err = run(project, *ONE, "--yes")
    assert code == 2
    assert "scaffold init-review" in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[commands]\ndemo = 'go'\n", "[commands] demo of scaffold.toml is no list of words"),
        ("[commands]\ndemo = ['go'\n", "scaffold.toml cannot be parsed as TOML"),
        ("[scaffold]\n", "scaffold.toml declares no [commands]"),
    ],
)
def test_a_manifest_that_declares_nothing_says_why(
    text: str, said: str, run: Run, project: Path
) -> None:
    (project / "scaffold.toml").write_text(text, "utf-8")
    code, _, err = run(project, *ONE, "--yes")
    assert code == 2
    assert said in " ".join(err.split())


def test_without_a_sandbox_it_refuses(
    run: Run, project: Path, ran: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "_programs", lambda: [])
    code, _, err = run(project, "--run", "--yes", "--only", "RAG-07")
    assert code == 3
    assert "--unsandboxed" in err
    assert not ran.exists()


def test_a_run_says_what_is_not_protected_changes_nothing_and_is_kept(
    run: Run, project: Path, ran: Path
) -> None:
    before = _digests(project)
    code, out, err = run(project, *ONE, "--yes", "--format", "json")
    (item,) = json.loads(out)["items"]
    assert code in (0, 1)
    assert all(sentence in err for sentence in sandbox.UNPROTECTED)
    assert _digests(project) == before
    often = ran.stat().st_size
    assert often > 0
    _, again, err = run(project, *ONE, "--format", "json")
    assert json.loads(again)["items"] == [item]
    assert "kept from before" in " ".join(err.split())
    assert ran.stat().st_size == often


def _digests(root: Path) -> dict[str, str]:
    files = [p for p in root.rglob("*") if p.is_file()]
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
