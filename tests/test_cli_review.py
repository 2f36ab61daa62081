"""`scaffold review` and `scaffold explain ID`: formats, files, exit codes, any terminal."""

import json
import os
import pty
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import handmade
import pytest

from scaffolder.cli import main
from scaffolder.review.model import Report
from scaffolder.review.render.formats import FORMATS, Format

ROOT = Path(__file__).parents[1]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def reviewed(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the review returns, and what it was asked."""
    asked: dict[str, object] = {"report": handmade.report()}

    def review_repo(path: Path, skill: str | None, only: list[str], *_: object) -> object:
        asked.update(path=path, skill=skill, only=only)
        return asked["report"]

    monkeypatch.setattr("scaffolder.journeys.review.review_repo", review_repo)
    return asked


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder whose names and texts try the terminal."""
    root = tmp_path / "re\x1b[2Jpo"
    root.mkdir()
    (root / "README.md").write_bytes(b"# \x1b]52;c;x\x07 \x9b31m \xe2\x80\xae title\n\n\x00 text\n")
    (root / "a\nb\x1b[31m.py").write_text("import os  # \x9b31m\n", "utf-8")
    with open(bytes(root) + b"/caf\xe9.py", "wb") as file:  # noqa: PTH123 - a name that is no UTF-8
        file.write(b"x = 1\n")
    return root


@pytest.mark.usefixtures("reviewed")
def test_text_is_the_default_and_a_shut_gate_is_exit_1(run: Run) -> None:
    code, out, err = run("review", "x")
    assert code == 1
    assert "Gate      shut by 3 musts" in out
    assert err == ""


def test_a_ready_gate_is_exit_0(run: Run, reviewed: dict[str, object]) -> None:
    reviewed["report"] = replace(handmade.report(), ready=True, blockers=())
    assert run("review", "x")[0] == 0


@pytest.mark.usefixtures("reviewed")
def test_each_format_is_of_its_kind(run: Run) -> None:
    said = {form.name: run("review", "x", "--format", form.name)[1] for form in FORMATS}
    assert set(said) == {"text", "json", "markdown", "html", "sarif", "junit"}
    assert json.loads(said["json"])["schema"] == "scaffold-review/1"
    assert json.loads(said["sarif"])["version"] == "2.1.0"
    assert ET.fromstring(said["junit"]).tag == "testsuites"
    assert said["html"].startswith("<!doctype html>")
    assert said["markdown"].startswith("# a quoted line")
    assert len(set(said.values())) == len(FORMATS)


def test_checks_are_named_in_any_case_and_with_commas(
    run: Run, reviewed: dict[str, object]
) -> None:
    run("review", "x", "--skill", "rag-app", "--only", "com-04, COM-04", "--only", "Com-04")
    assert reviewed["only"] == ["COM-04"]
    assert reviewed["skill"] == "rag-app"


def test_an_unknown_check_names_the_nearest(run: Run, tmp_path: Path) -> None:
    code, out, err = run("review", tmp_path, "--only", "com-4x")
    assert (code, out) == (2, "")
    assert "there is no check com-4x. Did you mean COM-" in err


def test_a_file_cannot_be_reviewed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    code, out, err = run("review", tmp_path / "a.py")
    assert (code, out) == (2, "")
    assert "a.py is not a folder" in " ".join(err.split())


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize(
    ("name", "begins"), [("r.html", "<!doctype"), ("r.MD", "# a"), ("r.txt", "a quoted line: ")]
)
def test_the_name_of_the_file_says_the_format(
    run: Run, tmp_path: Path, name: str, begins: str
) -> None:
    code, out, err = run("review", "x", "--output", tmp_path / name)
    assert (code, out) == (1, "")
    assert (tmp_path / name).read_text("utf-8").startswith(begins)
    assert f"The report is in {tmp_path / name}" in " ".join(err.split())
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.usefixtures("reviewed")
def test_a_report_that_cannot_be_written_leaves_the_old_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r.json").write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, out, err = run("review", "x", "--output", tmp_path / "r.json")
    assert (code, out) == (4, "")
    assert "No space left" in err
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("r.json", "old")]


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize(
    ("made", "code"), [("folder", 2), ("link", 2), ("fifo", 2), ("nowhere/r.html", 4)]
)
def test_what_is_no_file_is_refused(run: Run, tmp_path: Path, made: str, code: int) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    os.mkfifo(tmp_path / "fifo")
    assert run("review", "x", "--output", tmp_path / made)[0] == code
    assert (tmp_path / "kept").read_text() == "kept"


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize("form", [f for f in FORMATS if f.suffix], ids=lambda f: f.name)
def test_each_suffix_asks_for_its_form(run: Run, tmp_path: Path, form: Format) -> None:
    run("review", "x", "--output", tmp_path / f"r{form.suffix}")
    asked = run("review", "x", "--format", form.name)[1]
    assert (tmp_path / f"r{form.suffix}").read_text("utf-8").strip() == asked.strip()


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize("kind", [form.name for form in FORMATS if form.reader])
def test_the_reader_shows_what_is_seen_without_the_code(run: Run, kind: str) -> None:
    code, out, _ = run("review", "x", "--reader", "--format", kind)
    assert code == 0
    assert "Kubernetes" in out
    assert "COM-04" not in out


@pytest.mark.usefixtures("reviewed")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "sarif"], "One of: text, json, markdown, html."),
        (["--only", "COM-04"], "Leave --only out."),
    ],
)
def test_the_reader_refuses_what_it_has_no_answer_to(run: Run, words: list[str], said: str) -> None:
    code, out, err = run("review", "x", "--reader", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_findings_are_addressed_from_the_root_of_the_repository(
    run: Run, reviewed: dict[str, object], tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "examples" / "rag" / "src").mkdir(parents=True)
    (tmp_path / "examples" / "rag" / "src" / "app.py").write_text("")
    report = reviewed["report"]
    assert isinstance(report, Report)
    project = replace(report.project, path=str(tmp_path / "examples" / "rag"))
    reviewed["report"] = replace(report, project=project)
    assert '"uri": "examples/rag/src/app.py"' in run("review", "x", "--format", "sarif")[1]


@pytest.mark.parametrize(
    "settings",
    [
        {"NO_COLOR": "1"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["no-color", "ascii", "latin-1", "lang-c"],
)
def test_no_stream_is_given_what_it_cannot_show(hostile: Path, settings: dict[str, str]) -> None:
    script = (
        "from scaffolder.cli import main\n"
        "from scaffolder.review.render.formats import FORMATS\n"
        "for form in FORMATS:\n"
        "    code = main(['review', '.', '--only', 'COM-04', '--format', form.name])\n"
        "    assert code in (0, 1), code\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=hostile,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert _raw(done.stdout.decode("latin-1" if "latin-1" in settings.values() else "utf-8")) == []


def test_a_terminal_gets_colour_and_nothing_of_the_repository(hostile: Path) -> None:
    command = [sys.executable, "-m", "scaffolder", "review", str(hostile), "--only", "COM-04"]
    shown = _on_a_terminal(command, {"TERM": "xterm"})
    assert "\x1b[1m" in shown
    for code in ("0", "1", "31", "32", "33"):
        shown = shown.replace(f"\x1b[{code}m", "")
    assert _raw(shown.replace("\r\n", "\n")) == []
    for quiet in ({"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": ""}):
        assert "\x1b" not in _on_a_terminal(command, quiet)


def _raw(text: str) -> list[str]:
    return [
        c for c in text if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or c in "\u202e"
    ]


def _on_a_terminal(command: list[str], settings: dict[str, str]) -> str:
    known = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, cwd=ROOT, env={**known, **settings}, stdout=theirs, stderr=subprocess.DEVNULL
    ) as child:
        os.close(theirs)
        read = bytearray()
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so where the other end is closed
                break
            if not piece:
                break
            read += piece
    os.close(ours)
    assert child.returncode in (0, 1)
    return read.decode("utf-8")


@pytest.mark.parametrize("word", ["com-04", "COM-4"])
def test_a_check_is_explained_however_it_is_written(run: Run, word: str) -> None:
    code, out, _ = run("explain", word)
    assert code == 0
    said = " ".join(out.split())
    for words in ("COM-04", "Why: ", "Fix (", "How it is decided:", "Own work: ", "Sources:"):
        assert words in said
    assert "Read from the repository: " in said


def test_an_unknown_check_is_met_with_the_nearest(run: Run) -> None:
    code, out, err = run("explain", "CON-04")
    assert (code, out) == (2, "")
    assert "Did you mean COM-04?" in err


def test_one_problem_of_the_rubric_is_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaffolder.journeys.check_rubric.problems", lambda: ["COM-02: no why"])
    assert run("dev", "check-rubric") == (1, "COM-02: no why\n", "1 problem\n")


def test_completions_offer_the_formats(run: Run) -> None:
    code, out, _ = run("completion", "bash")
    assert code == 0
    assert "(text json markdown html sarif junit)" in out


def test_what_differs_from_the_template_is_shown_or_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaffolder.journeys.template_delta.delta", lambda path: path)
    monkeypatch.setattr("scaffolder.journeys.template_delta.lines", lambda path: [f"of {path}"])
    assert run("review", "x", "--template-delta") == (0, "of x\n", "")
    assert run("review", "x", "--template-delta", "--output", tmp_path / "d.txt")[:2] == (0, "")
    assert (tmp_path / "d.txt").read_text() == "of x\n"
    assert run("review", "x", "--template-delta", "--format", "json")[0] == 2
