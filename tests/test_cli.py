"""The command line: exit codes, one sentence for bad input, results on stdout."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from miniature import write_yaml

from scaffolder import __version__, progress, skills, statefile
from scaffolder.cli import main, parser
from scaffolder.paths import state_file

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
        (["new", "system-design"], "no template yet"),
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


@pytest.mark.parametrize(
    "command",
    [
        *("skills", "start", "status", "next", "begin", "new", "review", "answer", "waive"),
        *("run", "results", "drill", "portfolio", "explain", "doctor", "completion", "dev"),
        *("init-review", "publish"),
    ],
)
def test_every_command_shows_an_example_within_80_columns(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert f"scaffold {command}" in out.partition("\nexample")[2]
    assert max(map(len, out.splitlines())) <= 80


def test_every_command_is_in_the_list_of_those_tested_for_examples() -> None:
    marks = test_every_command_shows_an_example_within_80_columns.pytestmark  # type: ignore[attr-defined]
    known = next(list(a.choices) for a in parser()._actions if isinstance(a.choices, dict))
    assert sorted(marks[0].args[1]) == sorted(known)


@pytest.mark.parametrize(
    "words",
    [["skills"], ["doctor"], ["next"], ["status"], ["begin"], ["start", "llm-api", "--build"]]
    + [["skills", skill.slug] for skill in skills.load()],
    ids=" ".join,
)
def test_nothing_is_wider_than_the_terminal_unless_it_cannot_be_broken(
    run: Run, words: list[str]
) -> None:
    _, out, err = run(*words)
    wide = [line for line in (out + err).splitlines() if len(line) > 80]
    assert all(len(line.split()) == 1 for line in wide), wide


@pytest.mark.parametrize("columns", ["²", "9" * 5_000, "0", "-3", "x", "1"])
def test_any_number_of_columns_is_taken(
    run: Run, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert run("skills", "rag-app")[0] == 0
    assert run("--help")[0] == 0


def test_version_and_help_are_returned_not_raised(run: Run) -> None:
    assert run("--version") == (0, f"scaffold {__version__}\n", "")
    assert run("new", "--help")[0] == 0


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
    assert "`test` ended with exit code 7" in " ".join(err.split())


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


@pytest.mark.usefixtures("templates")
def test_begin_fills_in_every_project(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("begin", "--set", "task=find the rule", "--set", "provider=openai")
    assert code == 0
    assert "Next: Study" in out
    run("new", "tiny", tmp_path / "p", "--defaults")
    assert "find the rule" in (tmp_path / "p" / "README.md").read_text()


def test_an_answer_of_begin_can_be_cleared(run: Run) -> None:
    run("begin", "--set", "task=find the rule", "--set", "provider=openai", "--set", "users=clerks")
    assert run("begin", "--set", "task=", "--set", "provider=")[0] == 0
    assert progress.load().profile == {"task": "", "provider": "", "users": "clerks"}


def test_begin_says_what_somebody_who_knows_a_skill_may_skip(run: Run) -> None:
    _, out, _ = run("begin", "--set", "domain=law")
    for skill in skills.load():
        assert f"Skip {skill.slug}, but" in " ".join(out.split())


@pytest.mark.parametrize(
    "words", [["start", "rag-app"], ["begin", "--set", "task=x"], ["start", "rag-app", "--build"]]
)
def test_what_cannot_be_kept_is_said_once(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    run("start", "llm-api")
    monkeypatch.setattr(statefile, "WAIT_SECONDS", 0.05)
    with locked(state_file().parent):
        _, _, err = run(*words)
    assert err.count("progress is not being kept") == 1


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder as another process that writes there holds it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def test_status_as_json_has_the_promised_keys(run: Run, tmp_path: Path) -> None:
    run("new", "rag-app", tmp_path / "p", "--defaults", "--no-git")
    run("start", "rag-app", "--build")
    code, out, _ = run("status", "--json")
    said = json.loads(out)
    assert code == 0
    assert [*said] == ["skills", "next"]
    assert [*said["next"]] == ["do", "why", "command"]
    one = said["skills"][0]
    assert [*one] == [
        "slug", "state", "studying_since", "build_started", "hours_left", "project", "unknown",
        "milestones",
    ]  # fmt: skip
    assert (one["slug"], one["state"], one["unknown"]) == ("rag-app", "building", "")
    assert one["project"] == str(tmp_path / "p")
    assert 47.9 < one["hours_left"] <= 48
    assert [m["met"] for m in one["milestones"]] == [False, False, False]
    first = one["milestones"][0]["evidence"][0]
    assert [*first] == ["item", "say", "do", "at", "met", "status", "reason"]
    assert (first["item"], first["met"]) == ("RAG-01", False)


def test_next_is_one_step_with_its_command(run: Run) -> None:
    code, out, err = run("next")
    assert (code, err) == (0, "")
    assert out.count("Next:") == 1
    assert out.endswith("scaffold start llm-api\n")


@pytest.mark.parametrize(
    ("demo", "said"),
    [
        ("no json", "did not print one JSON object"),
        ("[" * 5_000, "did not print one JSON object"),
        ('{\\"answer\\": 5}', "`answer` is not a text"),
        ('{\\"citations\\": [5]}', "`citations` is not a list of objects"),
    ],
    ids=["text", "deep", "answer", "citations"],
)
def test_a_demo_that_breaks_its_form_is_said(
    run: Run, tmp_path: Path, templates: Path, demo: str, said: str
) -> None:
    toml = templates / "tiny" / "template" / "scaffold.toml.jinja"
    toml.write_text(toml.read_text().replace('{\\"answer\\": \\"yes\\"}', demo))
    code, _, err = run("new", "tiny", tmp_path / "p", "--defaults", "--verify")
    assert code == 3
    assert said in " ".join(err.split())


@pytest.mark.usefixtures("templates")
def test_new_shows_the_first_answer_and_only_what_is_left_to_type(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("new", "tiny", tmp_path / "p", "--defaults", "--verify")
    assert code == 0
    assert "\n    yes\n" in out
    assert "venv .venv" not in out


def test_explain_finds_the_template_that_makes_a_file(run: Run, templates: Path) -> None:
    entry = {"path": "odd.txt", "why": "It is odd.", "not_when": "Never."}
    write_yaml(templates / "tiny" / "files.yml", [entry])
    code, out, _ = run("explain", "odd.txt")
    assert code == 0
    assert "It is odd." in out


def test_doctor_says_whether_text_can_be_searched(run: Run) -> None:
    assert "full-text search (FTS5)" in run("doctor")[1]


@pytest.mark.parametrize("words", [["doctor"], ["explain", "config.toml"], ["next"], ["status"]])
def test_a_working_folder_that_is_gone_is_no_bug(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    code, out, err = run(*words)
    assert code in {0, 2, 3}
    assert words[0] in {"next", "status"} or "is gone" in out + err


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
    assert "status" in out
