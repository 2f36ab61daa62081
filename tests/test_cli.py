"""The command line: exit codes, one sentence for bad input, results on stdout."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder import skills
from scaffolder.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_no_command_prints_help(run: Run) -> None:
    code, out, _ = run()
    assert code == 0
    assert "scaffold new rag-app" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nwe"], "Did you mean `scaffold new`"),
        (["new"], "SKILL"),
        (["new", "rag-ap"], "Did you mean rag-app"),
        (["new", "agent"], "no template yet"),
        (["skills", "rag"], "Did you mean rag-app"),
        (["start", "nothing-like-it"], "The skills are"),
        (["skills", "--order", "random"], "invalid choice"),
        (["explain", "nosuch.xyz"], "not a file that"),
        (["begin", "--set", "colour=red"], "no answer called"),
        (["completion", "tcl"], "invalid choice"),
    ],
)
def test_bad_usage_is_one_sentence_and_exit_2(run: Run, words: list[str], said: str) -> None:
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    assert said in err
    assert len(err.splitlines()) <= 3


@pytest.mark.usefixtures("templates")
def test_new_prints_one_json_object(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("new", "tiny", tmp_path / "p", "--defaults", "--json")
    made = json.loads(out)
    assert code == 0
    assert sorted(made) == ["commit", "next", "path", "skill", "template_version"]
    assert made["path"] == str(tmp_path / "p")
    assert made["next"][0] == f"cd {tmp_path / 'p'}"


@pytest.mark.usefixtures("templates")
def test_new_verifies_in_the_projects_own_environment(run: Run, tmp_path: Path) -> None:
    code, out, err = run("new", "tiny", tmp_path / "p", "--defaults", "--verify", "--json")
    assert code == 0, err
    assert json.loads(out)["verified"]["demo"] == {"answer": "yes"}
    assert (tmp_path / "p" / ".venv" / "pyvenv.cfg").exists()
    assert "1 passed" in err


def test_new_says_which_command_did_not_work(run: Run, tmp_path: Path, templates: Path) -> None:
    toml = templates / "tiny" / "template" / "scaffold.toml.jinja"
    toml.write_text(toml.read_text().replace("print('1 passed')", "raise SystemExit(7)"))
    code, _, err = run("new", "tiny", tmp_path / "p", "--defaults", "--verify")
    assert code == 3
    assert "`test` ended with exit code 7" in err


def test_a_path_cannot_reach_the_terminal_raw(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2Jb").write_text("x")
    code, _, err = run("new", "rag-app", tmp_path / "a\x1b[2Jb", "--defaults")
    assert code == 2
    assert "\x1b" not in err


def test_an_unwritable_parent_is_exit_4(run: Run) -> None:
    code, _, err = run("new", "rag-app", "/proc/nowhere/p", "--defaults")
    assert code == 4
    assert "cannot be written" in err


def test_a_bug_of_ours_is_one_line_and_a_log(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str = "") -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(skills, "load", broken)
    code, _, err = run("skills")
    assert code == 70
    assert len(err.splitlines()) == 1
    assert "secret detail" not in err
    assert "secret detail" in next(home.rglob("scaffold.log")).read_text()


def test_interruption_is_exit_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: str = "") -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(skills, "load", stop)
    assert run("skills")[0] == 130


def test_skills_as_json_has_the_promised_keys(run: Run) -> None:
    run("start", "rag-app")
    code, out, _ = run("skills", "--json")
    listed = json.loads(out)["skills"]
    assert code == 0
    assert [*listed[0]] == ["slug", "title", "tier", "order", "available", "progress"]
    assert {s["slug"]: s["progress"] for s in listed}["rag-app"] == "studying"


@pytest.mark.parametrize("slug", [*(s.slug for s in skills.load()), "tier-3"])
def test_every_card_is_shown_and_is_data(run: Run, slug: str) -> None:
    code, out, _ = run("skills", slug)
    assert code == 0
    assert "Skip" in out
    assert json.loads(run("skills", slug, "--json")[1])["sources"]


def test_begin_fills_in_every_project(run: Run, tmp_path: Path, templates: Path) -> None:
    code, out, _ = run("begin", "--set", "task=find the rule", "--set", "provider=openai")
    assert code == 0
    assert "Next: Study" in out
    run("new", "tiny", tmp_path / "p", "--defaults")
    assert "find the rule" in (tmp_path / "p" / "README.md").read_text()
    assert templates.exists()


def test_doctor_names_keys_and_never_their_value(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-123")
    code, out, err = run("doctor")
    assert code == 0
    assert "canary" not in out + err
    assert "OPENAI_API_KEY       set" in out
    assert "ANTHROPIC_API_KEY    not set" in out
    assert "about $" in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed(run: Run, shell: str) -> None:
    code, out, _ = run("completion", shell)
    assert code == 0
    assert "rag-app" in out or "new" in out
