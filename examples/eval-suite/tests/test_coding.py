"""Reading results by keyboard or by flags: every answer is on disk at once, and is counted."""

import json
import os
import subprocess
import sys

import pytest
from small_suite import ROOT, item, make_project, row, runner, six

from deskcheck.coding.codes import (
    Code,
    counted,
    load_codes,
    saturation,
    unread,
)
from deskcheck.coding.screen import (
    WIDTH,
    listed,
    page,
)
from deskcheck.commands import code as code_command
from deskcheck.commands import label as label_command
from deskcheck.errors import UsageError
from deskcheck.judging.labels import load_labels
from deskcheck.keyboard import Ended, Terminal


def reading(name, failure="day misread", system="s"):
    return Code(name, system, 1, "a note", failure, "ab", "2026-01-01")


def terminal(keys, lines=()):
    """A terminal that types `keys` and `lines`, then ends; `.shown` holds what was written."""
    typed, said, shown = iter(keys), iter(lines), []

    def key():
        for pressed in typed:
            return pressed
        raise Ended

    def line(prompt):
        for text in said:
            return text
        raise Ended

    made = Terminal(key, line, shown.append)
    return made, shown


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, six())


@pytest.fixture
def run(project, monkeypatch, capsys):
    command = runner(project, monkeypatch, capsys)
    command("eval")
    return command


def typed(monkeypatch, module, keys, lines=()):
    made, shown = terminal(keys, lines)
    monkeypatch.setattr(module, "keyboard", lambda: made)
    return shown


def test_the_worst_unread_result_of_dev_comes_first():
    rows = [row("a", {"x": 1.0}), row("b", {"x": 0.0}), row("c", {"x": 0.5}, split="dev")]
    assert [r.id for r in unread(rows, [])] == ["c"]
    assert [r.id for r in unread(rows, [reading("c")])] == ["b", "a"]


def test_failures_are_counted_and_what_was_fine_stands_last():
    codes = [reading("a"), reading("b", "none"), reading("c", "none"), reading("d", "a week off")]
    assert counted(codes) == [("a week off", 1), ("day misread", 1), ("none", 2)]


def test_saturation_is_the_share_of_the_last_twenty_that_brought_something_new():
    first = [reading(str(n)) for n in range(10)]
    assert saturation(first) is None
    last = [reading(f"l{n}", "none") for n in range(18)]
    new = [reading("x", "new one"), reading("y", "new one")]
    assert saturation(first + last + new) == 0.05
    assert saturation([reading(str(n), "none") for n in range(20)]) == 0


def test_a_dialogue_writes_each_reading_before_the_next_page(run, project, monkeypatch):
    shown = typed(monkeypatch, code_command, "w1o", ["books a Friday, asked about parking"])
    code, result, _ = run("code", "--system", "baseline", "--as", "ab")
    assert (code, result["read"]) == (0, 2)
    first, second = load_codes(project / "evals" / "failures.jsonl")
    assert (first.note, first.coder) == ("books a Friday, asked about parking", "ab")
    assert second.failure == "none"
    assert "given" in shown[0]


def test_what_was_read_is_not_shown_again(run, monkeypatch):
    typed(monkeypatch, code_command, "o")
    left = run("code", "--system", "baseline")[1]["left"]
    typed(monkeypatch, code_command, "ss")
    assert run("code", "--system", "baseline")[1] | {"left": left} == {
        **run("code", "--system", "baseline")[1],
        "left": left,
    }


def test_a_note_may_wait_for_its_name_and_notes_are_grouped_later(run, project, monkeypatch):
    from deskcheck.commands import taxonomy

    typed(monkeypatch, code_command, "wswsq", ["no price", "old price"])
    assert run("code", "--system", "baseline", "--as", "ab")[1]["read"] == 2
    assert "2 notes without a name" in run("taxonomy")[1]["message"]
    typed(monkeypatch, taxonomy, "n1", ["price trouble", "a price is missing or old"])
    code, result, err = run("taxonomy", "--group")
    assert (code, result["counts"]["price trouble"]) == (0, 1)
    assert "2 notes got a name" in err
    assert [c.note for c in load_codes(project / "evals" / "failures.jsonl")] == [
        "no price",
        "old price",
    ]
    assert "a price is missing or old" in (project / "evals" / "taxonomy.toml").read_text("utf-8")


def test_a_new_name_needs_a_definition_and_may_come_by_flag(run, project):
    words = ("code", "--system", "baseline", "--id", "a", "--note", "late", "--failure", "slow")
    assert "--define" in run(*words)[2]
    assert run(*words, "--define", "comes too late")[0] == 0
    assert run("taxonomy")[1]["counts"] == {"slow": 1}


def test_a_note_without_a_word_is_asked_for_until_there_is_one(run, project, monkeypatch):
    typed(monkeypatch, code_command, "wsq", ["", "typo"])
    assert run("code", "--system", "baseline")[1]["read"] == 1
    assert [c.note for c in load_codes(project / "evals" / "failures.jsonl")] == ["typo"]


def test_the_last_reading_of_a_result_counts(run, project):
    words = ("code", "--system", "baseline", "--id", "a")
    run(*words, "--note", "n", "--failure", "wrong topic")
    run(*words, "--failure", "none")
    assert run("taxonomy")[1]["counts"] == {"none": 1}


@pytest.mark.parametrize("command", ["code", "label"])
def test_a_dialogue_without_a_terminal_ends_well(run, project, command):
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "deskcheck", command, "--system", "baseline"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--failure", "wrong topic"], "needs --note"),
        (["--note", "x", "--failure", "bad"], "no failure 'bad'"),
        (["--id", "zz", "--failure", "none"], "has no row of 'zz'"),
        (["--system", "other", "--failure", "none"], r"no \[systems.other\]"),
    ],
)
def test_wrong_flags_write_nothing(run, project, words, said):
    code, _, err = run(
        "code", *(words if "--system" in words else ["--system", "baseline", *words])
    )
    assert code in (2, 3)
    import re

    assert re.search(said, err)
    assert not (project / "evals" / "failures.jsonl").exists()


def test_the_taxonomy_is_counted_into_its_page(run, project):
    run("code", "--system", "baseline", "--id", "a", "--failure", "none")
    run("code", "--system", "baseline", "--id", "d", "--note", "n", "--failure", "day misread")
    code, result, _ = run("taxonomy")
    assert code == 0
    assert result["counts"] == {"day misread": 1, "none": 1}
    assert "| day misread | 1 |" in (project / "evals" / "taxonomy.md").read_text(encoding="utf-8")


def test_a_failure_that_nobody_defined_is_named(run, project):
    line = json.dumps(reading("a", "mystery").__dict__)
    (project / "evals" / "failures.jsonl").write_text(line + "\n", encoding="utf-8")
    code, _, err = run("taxonomy")
    assert code == 2
    assert "mystery" in err


@pytest.mark.parametrize(
    "line", ["{", '{"id": 1}', '{"id": 1, "system": "s", "note": "", "failure": "x"}']
)
def test_a_line_that_is_no_reading_is_named(tmp_path, line):
    path = tmp_path / "failures.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 1"):
        load_codes(path)


def test_a_label_is_made_without_seeing_the_judge(run, project, monkeypatch):
    shown = typed(monkeypatch, label_command, "cf", ["books a Friday"])
    code, result, _ = run("label", "--system", "baseline", "--as", "ab")
    assert (code, result["made"]) == (0, 1)
    (made,) = load_labels(project / "evals" / "labels.jsonl")
    assert (made.verdict, made.critique, made.origin) == ("fail", "books a Friday", "author")
    assert "grades" not in "".join(shown)
    assert "You check one thing" in "".join(shown)


def test_a_label_by_flags_needs_its_reason(run):
    code, _, err = run("label", "--system", "baseline", "--id", "a", "--verdict", "pass")
    assert code == 2
    assert "--critique" in err
    words = ("--verdict", "pass", "--critique", "no promise in it")
    assert run("label", "--system", "baseline", "--id", "a", *words)[0] == 0
    assert run("label", "--system", "baseline", "--id", "a", *words)[0] == 2


def test_a_page_fits_a_terminal_and_shows_what_was_given_and_came():
    long = item("a", "word " * 100)
    text = page(long, row("a", {"x": 0.0}, output={"reply": "so " * 60}), "1/9")
    assert max(map(len, text.splitlines())) <= WIDTH
    for part in ("given", "came", "expected", "grades  x 0"):
        assert part in text
    assert (
        max(
            map(len, listed([f"a rather long name {n}" for n in range(9)], "123456789").split("\n"))
        )
        <= WIDTH
    )
