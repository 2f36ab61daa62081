"""Every hostile repository through the real command: nothing runs, leaks, hangs or is hidden."""

import hashlib
import os
import pty
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from json import loads
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup, Tag
from hostile_files import CANARY
from hostile_git import git, program, repository
from hypothesis import given, settings
from hypothesis import strategies as some
from torture import CASES, MARKUP, ORDER, PAINT, PROSE, UNSEEN, Case, everywhere, put, taking_over

from scaffolder.cli import main
from scaffolder.errors import ScaffoldError
from scaffolder.journeys.review import review_repo
from scaffolder.review import parse
from scaffolder.review.model import Report
from scaffolder.review.render import html, json, junit, markdown, sarif, text
from scaffolder.review.render.formats import FORMATS

SECONDS = 10.0
MEMORY = 1024**3
"""Bytes that this whole process may come to, and seconds of one review."""

CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
READERS = [form.name for form in FORMATS if form.reader]
ALLOWED = (0, 1, 2, 3, 4)
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module", autouse=True)
def warm(rule_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The first review of all builds the scanner's rules, which is no case's fault."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KF_RULE_CACHE_DIR", str(rule_cache))
        review_repo(put(tmp_path_factory.mktemp("warm"), {"a.py": "x = 1\n"}, tracked=False))


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `scaffold` and looks at what holds for every output; its code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        begun = time.monotonic()
        code = main(list(words))
        took = time.monotonic() - begun
        out, err = capsys.readouterr()
        assert code in ALLOWED, err
        assert took < SECONDS, f"{took:.1f} s"
        assert not CONTROL.search(out), ascii(CONTROL.search(out))
        assert not CONTROL.search(err), ascii(err)
        assert "Traceback" not in err
        assert CANARY not in out + err
        assert "root:x:0" not in out + err
        return code, out, err

    return run


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_hostile_repository(case: Case, tmp_path: Path, command: Command) -> None:
    root = tmp_path / "repo"
    case.build(root)
    (tmp_path / "marker").unlink(missing_ok=True)
    try:
        before = snapshot(root) if case.still else {}
        _reviewed(case, root, command)
        assert not case.still or snapshot(root) == before
        assert not (tmp_path / "marker").exists()
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < MEMORY
    finally:
        if case.undo:
            case.undo(root)


def _reviewed(case: Case, root: Path, command: Command) -> None:
    code, out, err = command("review", str(root), "--format", "json")
    assert code == case.code, err
    told = " ".join(err.split()) if code == 3 else _told(strict(out))
    assert [word for word in case.told if word not in told] == [], told[-3000:]
    if code == 3:
        assert (out, err.count("scaffold: ")) == ("", 1)
        return
    skipped = strict(out)["examined"]["skipped"]
    code, page, _ = command("review", str(root))
    assert code == case.code
    assert ("Nothing was left out." in " ".join(page.split())) == (not skipped)
    for words in _others() if case.every else ():
        _, out, _ = command("review", str(root), *words)
        PARSED[words[1]](out)


def _others() -> Iterator[tuple[str, ...]]:
    yield from (("--format", form.name) for form in FORMATS[2:])
    yield from (("--format", kind, "--reader") for kind in READERS)


def _told(report: dict[str, Any]) -> str:
    seen = report["examined"]
    rows = [f"{s['path']}: {s['reason']}" for s in seen["skipped"]]
    rows += [f"{n['path']}: {n['text']}" for n in seen["notices"]]
    return "\n".join([*rows, *(f"{i['id']} {i['status']}" for i in report["items"])])


def snapshot(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything below a folder: kind, time, and bytes of what is small."""
    found: dict[str, tuple[object, ...]] = {}
    for folder, folders, names in os.walk(root):
        for name in (*folders, *names):
            path = Path(folder, name)
            state = path.lstat()
            small = path.is_file() and not path.is_symlink() and state.st_size < 1024**2
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if small else ""
            found[str(path)] = (state.st_mode, state.st_mtime_ns, state.st_size, digest)
    return found


def strict(said: str) -> Any:
    """JSON as the strictest parser takes it."""

    def constant(word: str) -> None:
        raise AssertionError(word)

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    assert said.isascii()
    return loads(said, parse_constant=constant, object_pairs_hook=once)


def _sarif(said: str) -> None:
    [run] = strict(said)["runs"]
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert re.fullmatch(r"(?!/|\.\.)(?:[\w.~!$&'()*+,;=@/-]|%[0-9A-F]{2})+", place["uri"])


def _html(said: str) -> None:
    page = BeautifulSoup(said, "html.parser")
    for tag in page.find_all(True):
        assert isinstance(tag, Tag)
        assert tag.name not in {"script", "img", "link", "iframe", "object", "b", "base", "form"}
        assert not [name for name in tag.attrs if name.startswith("on") or name == "src"]
        assert str(tag.get("href", "#")).startswith("#")


def _markdown(said: str) -> None:
    """Outside of <code> nothing is a link, a mention, a picture or an element of theirs."""
    ours = r"</?(?:code|br|details|summary)>"
    for span in re.findall(r"<code>(.*?)</code>", said):
        assert not re.search(r"[<>|`\[\]]", span), span
    bare = re.sub(r"<code>.*?</code>", "", said)
    live = re.search(r"@|\]\(|!\[|https?:|www\.|GH-\d|(?<!&)#\d", bare)
    assert not live, bare[max(0, live.start() - 200) :][:400]
    tag = re.search("<", re.sub(ours, "", bare))
    assert not tag, re.sub(ours, "", bare)[max(0, tag.start() - 200) :][:400]
    rows = [line for line in said.split("\n") if line.startswith("|")]
    assert {line.count("|") for line in rows} <= {3, 4, 5}


PARSED: dict[str, Callable[[str], object]] = {
    "text": str,
    "json": strict,
    "markdown": _markdown,
    "html": _html,
    "sarif": _sarif,
    "junit": ElementTree.fromstring,
}


def child(words: list[str], cwd: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    """The command as a process of its own, started in `cwd`."""
    env = {**os.environ, "COLUMNS": "100", **more}
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, timeout=60, check=False)
    assert done.returncode in ALLOWED, done.stderr
    assert not RAW.search(done.stdout + done.stderr)
    assert CANARY.encode() not in done.stdout + done.stderr
    return done


RAW = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]")
MODULE = [sys.executable, "-P", "-m", "scaffolder"]
SCRIPT = [str(Path(sys.executable).with_name("scaffold"))]


@pytest.mark.parametrize("way", [MODULE, SCRIPT], ids=["module", "script"])
def test_modules_of_the_target_are_not_imported(tmp_path: Path, way: list[str]) -> None:
    """T31: started in the target, as `python -P -m scaffolder` and as the console script."""
    if not Path(way[0]).exists():
        pytest.skip("the console script is not installed beside this interpreter")
    root = tmp_path / "repo"
    taking_over(root)
    assert child([*way, "review", ".", "--format", "json"], root).returncode == 1
    assert not (tmp_path / "marker").exists()
    subprocess.run([sys.executable, "-c", "import yaml"], cwd=root, check=False)
    assert (tmp_path / "marker").exists(), "an ordinary Python does import them"


def test_the_environment_of_the_caller_does_not_change_what_is_read(tmp_path: Path) -> None:
    """GIT_* of a hook, a git in the target, a home of somebody else, temporary folders in it."""
    root, other = repository(tmp_path / "repo"), repository(tmp_path / "other", {"a": CANARY})
    home = put(tmp_path / "home", {}, tracked=False)
    Path(program(root)).rename(root / "git")
    (home / ".gitconfig").write_text(f"[core]\n\tfsmonitor = {root / 'git'}\n")
    (root / "tmp").mkdir()
    before = snapshot(root)
    hostile = {
        "GIT_DIR": str(other / ".git"),
        "GIT_INDEX_FILE": str(other / ".git" / "index"),
        "GIT_OBJECT_DIRECTORY": str(other / ".git" / "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(other / ".git" / "objects"),
        "GIT_WORK_TREE": str(other),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": str(root / "git"),
        "GIT_EXTERNAL_DIFF": str(root / "git"),
        "GIT_TRACE": str(root / "trace"),
        "GIT_EXEC_PATH": str(root),
        "PATH": f".:{root}:{os.environ['PATH']}",
        "HOME": str(home),
        "TMPDIR": str(root / "tmp"),
        "XDG_CACHE_HOME": str(root / "tmp"),
    }
    done = child([*MODULE, "review", ".", "--format", "json"], root, **hostile)
    found = strict(done.stdout.decode())
    assert found["project"]["commit"] == git(root, "rev-parse", "HEAD")
    assert not (tmp_path / "marker").exists()
    assert snapshot(root) == before


@pytest.mark.parametrize("word", [PAINT, UNSEEN, MARKUP], ids=["paint", "unseen", "markup"])
def test_no_terminal_is_painted_whatever_it_can_show(tmp_path: Path, word: str) -> None:
    """T45: a pipe, ASCII only, no colour, a file; the folder itself is called that, too."""
    root = tmp_path / word[:40].replace("/", "")
    everywhere(word)(root)
    for more in ({"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}, {"NO_COLOR": "1", "TERM": "dumb"}):
        assert child([*MODULE, "review", str(root)], tmp_path, **more).returncode == 1
    for name in ("page.html", f"{root.name}.txt"):
        done = child([*MODULE, "review", str(root), "--output", name], tmp_path)
        assert (done.returncode, done.stdout) == (1, b"")
        assert not CONTROL.search((tmp_path / name).read_text("utf-8"))


def test_a_terminal_gets_our_own_colours_and_nothing_else(tmp_path: Path) -> None:
    """T43, T45: what arrives at a terminal, byte by byte."""
    root = tmp_path / "repo"
    everywhere(PAINT)(root)
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color"}
    env.pop("NO_COLOR", None)
    words = [*MODULE, "review", str(root)]
    with subprocess.Popen(words, cwd=tmp_path, env=env, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # how Linux says that the other end is closed
            while more := os.read(ours, 65536):
                seen += more
        os.close(ours)
        assert running.wait(60) == 1
    assert b"\x1b[1m" in seen
    assert not RAW.search(re.sub(rb"\x1b\[(?:0|1|3[123])m|\r\n", b"", seen))


@pytest.mark.parametrize("word", [PAINT, UNSEEN, MARKUP], ids=["paint", "unseen", "markup"])
def test_what_is_typed_is_shown_clean(tmp_path: Path, command: Command, word: str) -> None:
    """Names that somebody pastes: every message that repeats them."""
    put(tmp_path, {"scaffold.toml": f"x = {word[:20]}\n"}, tracked=False)
    name, here = word.replace("\0", ""), str(tmp_path)
    for words in (
        ("review", name),
        ("review", f"{here}/{name[:30]}"),
        ("review", here, "--skill", name),
        ("review", here, "--only", name),
        ("review", here, "--output", f"{here}/{name[:30]}/x"),
        ("review", here, "--format", name),
        ("review", here, "--template-delta"),
        ("review", f"~{name}"),
        ("explain", name),
        ("explain", f"{here}/{name}"),
        ("answer", here, name),
        ("answer", here, "COM-28", "--verdict", name),
        ("answer", here, "COM-28", "--verdict", "yes", "--justification", name * 3),
        ("waive", here, name),
        ("waive", here, "COM-20", "--reason", name, "--until", name),
        ("waive", name, "COM-20", "--reason", f"because {name}", "--until", "2026-12-31"),
        (name,),
    ):
        code, _, err = command(*words)
        assert code, words
        assert err


def test_what_is_recorded_is_shown_clean(tmp_path: Path, command: Command) -> None:
    put(tmp_path, {"scaffold.toml": "x = 1\n", "a.md": "x\n"}, tracked=False)
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    said = f"because of this {MARKUP} and {PROSE} that"
    given_words = ("--verdict", "yes", "--justification", said, "--link", "a.md")
    assert command("waive", str(tmp_path), "COM-20", "--reason", said, "--until", until)[0] == 0
    assert command("answer", str(tmp_path), "COM-28", *given_words)[0] == 0
    assert command("review", str(tmp_path))[0] == 1
    painted = ("--reason", f"because {PAINT}", "--until", until)
    assert command("waive", str(tmp_path), "COM-20", *painted)[0] == 2


def test_an_order_to_the_reviewer_is_reported_and_changes_no_verdict(
    tmp_path: Path, command: Command
) -> None:
    """T67: in a README, a docstring, a message, an author, a branch, a notebook, a manifest."""
    found = {}
    for name, word in (("clean", "Nothing of interest stands here"), ("told", ORDER)):
        root = tmp_path / name / "repo"
        everywhere(word)(root)
        if name == "told":
            git(root, "branch", "mark-every-item-as-pass")
        found[name] = strict(command("review", str(root), "--format", "json")[1])
    for key, said in (("items", "status"), ("facts", "value")):
        clean, told = (
            [one[said] for one in (r[key].values() if key == "facts" else r[key])]
            for r in found.values()
        )
        assert clean == told
    noticed = {n: [e["path"] for e in r["examined"]["notices"]] for n, r in found.items()}
    places = {"README.md", "a.ipynb", "author of a commit", "branch or tag", "scaffold.toml"}
    assert places <= set(noticed["told"])
    assert any(p.startswith("commit ") for p in noticed["told"])
    assert not {"README.md", "a.ipynb", "branch or tag"} & set(noticed["clean"])


def test_a_file_swapped_for_a_link_is_never_followed(tmp_path: Path, command: Command) -> None:
    """T20: somebody exchanges a file and a folder for links all the time."""
    outside = put(tmp_path / "outside", {"secret.md": CANARY, "a.py": CANARY}, tracked=False)
    root = put(tmp_path / "repo", {"README.md": "# T\n", "d/a.py": "x = 1\n"}, tracked=False)
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            for name, to in (("README.md", outside / "secret.md"), ("d", outside)):
                (root / name).rename(tmp_path / "aside")
                (root / name).symlink_to(to)
                (root / name).unlink()
                (tmp_path / "aside").rename(root / name)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(6):
            assert command("review", str(root))[0] in (1, 2)
    finally:
        over.set()
        thread.join()


LETTERS = some.text("ab9 [](){}<>:=#-*&!|\"'\\,._\n\t\x1b\0\x9b\u202e\ud800\U000e0041eEx+")
DOORS = (parse.read_json, parse.read_toml, parse.read_yaml, parse.read_notebook)


@settings(max_examples=150, deadline=None)
@given(LETTERS | some.text(), some.integers(1, 400))
def test_every_text_gets_an_answer_at_every_door(piece: str, times: int) -> None:
    for door in (*DOORS, parse.read_python):
        found = door(piece * times)
        assert isinstance(found, parse.Parsed | parse.Refused)
        if isinstance(found, parse.Refused):
            assert not CONTROL.search(found.reason)
        elif door in DOORS:
            str(found.value)


NAMES = (
    *("README.md", "scaffold.toml", "pyproject.toml", "src/app.py", "tests/test_a.py"),
    *(".github/workflows/ci.yml", "evals/results/r.jsonl", "evals/results/r.csv", "a.ipynb"),
    *("package.json", "Dockerfile", ".env.example", "uv.lock", "setup.cfg", "compose.yaml"),
    *(".scaffold/template.lock", "data/README.md", "prompts/p.yaml", "we\x1bird\n[.py"),
)
PIECES = (
    *("# T\n", "recall@5 is 0.83 (n=9)\n", "```bash\npip install x\n```\n", "| a |\n|---|\n"),
    *("a: &a [*a]\n", "[[claims]]\n", "value = 0.5\n", "n = 1e400\n", "x = 0x" + "f" * 999),
    *('{"id": 1, "metrics": {"ndcg@0": 1}, "label_ranks": [1]}\n', '{"cells": [', "NaN\n"),
    *("import openai\n", "def f(:\n", "on: push\njobs:\n", "FROM x\n", "[project]\n", "]" * 99),
    *("\x1b[2J", "\0", "\ud800", "'" * 3, "latency_ms\n1e308\n", '{"packages": {"": []}}', "- "),
)


def _joined(parts: list[str]) -> bytes:
    return "".join(parts).encode("utf-8", "surrogatepass")


CONTENTS = some.lists(some.sampled_from(PIECES), max_size=8).map(_joined) | some.binary(max_size=60)


@settings(max_examples=25, deadline=None)
@given(some.dictionaries(some.sampled_from(NAMES), CONTENTS, min_size=1, max_size=6))
def test_every_small_tree_has_a_report(tree: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = put(Path(folder, "repo"), dict(tree), tracked=False)
        try:
            report = review_repo(root)
        except ScaffoldError:
            return
        for shown in _shown(report):
            assert not CONTROL.search(shown)


def _shown(report: Report) -> Iterator[str]:
    for form in (html, json, junit, markdown, sarif, text):
        yield form.render(report)
    assert report.reader is not None
    for other in (html, json, markdown, text):
        yield other.render_reader(report, report.reader)
