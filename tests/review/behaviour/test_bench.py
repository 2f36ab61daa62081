"""Copies, controls, breaks and the scripted model, on the smallest project that has them all."""

import contextlib
import json
import os
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scaffolder import sandbox
from scaffolder.errors import EnvironmentProblem, Interrupted
from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour import copying, environment, modelserver
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.declared import ask, command, declared, question
from scaffolder.review.behaviour.model import Asked, Break, ControlFailed, NotDeclared
from scaffolder.review.behaviour.modelserver import Script
from scaffolder.review.view import opened
from scaffolder.sandbox import Box

Opened = Callable[..., AbstractContextManager[Bench]]

MANIFEST = """
[scaffold]
package = "mini"
[commands]
demo = ["python", "-m", "mini", "what is it"]
ingest = ["python", "-c", "open('index', 'w').write('made')"]
"""
MAIN = """
import json, os, sys, urllib.request
from mini.answer import answer
base, key = os.environ.get("ANTHROPIC_BASE_URL"), os.environ.get("ANTHROPIC_API_KEY")
if base:
    call = urllib.request.Request(base + "/v1/messages", b"{}", {"x-api-key": key})
    urllib.request.urlopen(call, timeout=5).read()
print(json.dumps({"answer": answer(sys.argv[1]), "index": os.path.exists("index")}))
"""
FILES = {
    "scaffold.toml": MANIFEST,
    "src/mini/__init__.py": "",
    "src/mini/answer.py": "def answer(question):\n    return question.upper()\n",
    "src/mini/__main__.py": MAIN,
}


def project(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    for name, text in {**FILES, **(changes or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / ".gitignore").write_text(".venv\n__pycache__\n")
    venv = [sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(folder / ".venv")]
    subprocess.run(venv, check=True)
    return folder


def sandboxed() -> Box:
    try:
        return sandbox.find()
    except EnvironmentProblem as error:
        pytest.skip(f"no sandbox on this machine: {error.message}")


@pytest.fixture(params=["closed", "open"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Opens a bench over a project with some files changed, confined and in the open."""

    @contextmanager
    def make(changes: Mapping[str, str] | None = None) -> Iterator[Bench]:
        box = sandboxed() if request.param == "closed" else sandbox.unsandboxed()
        root = project(tmp_path / "mini", changes)
        with on(root, box) as made:
            yield made

    return make


@contextmanager
def on(
    root: Path,
    box: Box,
    tell: Callable[[str], None] = print,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Bench]:
    with opened(root) as view, benches.opened(view, declared(view), box, tell, is_stopped) as made:
        yield made


def shell(bench: Bench, script: str, **options: Any) -> Any:
    with benches.trial(bench, prepared=False) as trial:
        return benches.run(trial, ["sh", "-c", script], **options)


def test_a_demo_runs_in_a_copy_that_was_ingested(bench: Opened) -> None:
    with bench() as opened:
        done = benches.demo(opened)
        assert done.final == {"answer": "WHAT IS IT", "index": True}
        assert done.imported.startswith(str(opened.folder))
        assert benches.demo(opened) is done
    assert not opened.folder.exists()
    assert not (opened.project / "index").exists()


def test_a_demo_that_ends_badly_is_a_failed_control_each_time(bench: Opened) -> None:
    with bench({"src/mini/answer.py": "raise SystemExit(3)"}) as opened:
        for _ in range(2):
            with pytest.raises(ControlFailed, match="ended with 3") as failed:
                benches.demo(opened)
            assert failed.value.evidence[0].ran


def test_a_package_from_elsewhere_is_a_failed_control(bench: Opened) -> None:
    """An install that is no link to the source is seen before the copy where no src is."""
    manifest = MANIFEST.replace('package = "mini"', 'package = "json"')
    with (
        bench({"scaffold.toml": manifest}) as opened,
        pytest.raises(ControlFailed, match="did not import the package from the copy"),
    ):
        benches.demo(opened)


def test_what_is_not_declared_is_told(bench: Opened) -> None:
    with bench() as opened, pytest.raises(NotDeclared, match="eval"):
        benches.evaluated(opened)


def test_a_question_takes_the_place_of_the_demo_s_own(bench: Opened) -> None:
    with bench() as opened:
        assert question(opened.declared) == "what is it"
        assert ask(opened.declared, "and why")[-1] == "and why"
    asking = MANIFEST + 'ask = ["python", "-m", "mini", "--q={question}"]'
    with bench({"scaffold.toml": asking}) as opened:
        assert ask(opened.declared, "and why")[-1] == "--q=and why"


def test_trials_do_not_see_each_other(bench: Opened) -> None:
    with bench() as opened:
        with benches.trial(opened) as trial:
            (trial.root / "src" / "mini" / "answer.py").write_text("answer = len\n")
            words = command(opened.declared, "demo")
            assert benches.run(trial, words).final == {"answer": 10, "index": True}
        assert benches.demo(opened).final == {"answer": "WHAT IS IT", "index": True}


def test_what_a_command_wrote_is_listed(bench: Opened) -> None:
    script = "echo x > new; echo y > src/mini/__init__.py; mkdir .git/x __pycache__; touch .git/x/y"
    with bench() as opened:
        done = shell(opened, f"{script} __pycache__/z; git status --short")
    assert done.written == ("new", "src/mini/__init__.py")
    assert done.stdout == " M src/mini/__init__.py\n?? new\n"


def test_a_copy_holds_what_git_tracks_and_no_link(tmp_path: Path) -> None:
    root = project(tmp_path / "mini", {"run.sh": "#!/bin/sh\n"})
    (root / "run.sh").chmod(0o755)
    copying.commit(root)
    (root / "link").symlink_to("/etc/passwd")
    subprocess.run(["git", "add", "link"], cwd=root, check=True)
    (root / "untracked.txt").touch()
    os.mkfifo(root / "pipe")
    told: list[str] = []
    with on(root, sandbox.unsandboxed(), told.append) as opened:
        base = opened.folder / "base"
        found = {p.name for p in base.iterdir()}
        assert found == {"src", "scaffold.toml", ".gitignore", "run.sh", ".git"}
        assert os.access(base / "run.sh", os.X_OK)
    (said,) = told
    assert "is not known to git" in said
    assert "is part of the environment" in said


def test_a_folder_of_a_repository_is_a_repository_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "above.txt").touch()
    root = project(tmp_path / "examples" / "mini")
    copying.commit(tmp_path)
    with on(root, sandbox.unsandboxed()) as opened:
        assert not (opened.folder / "base" / "examples").exists()
        assert shell(opened, "git rev-parse --show-prefix HEAD").stdout.startswith("\n")


def test_no_configuration_of_the_user_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filters and hooks that the user has for git, or a project asks for, see no copy."""
    script = tmp_path / "filter"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\ncat\n")
    script.chmod(0o755)
    config = tmp_path / "config"
    config.write_text(f'[filter "x"]\n clean = {script}\n[core]\n fsmonitor = {script}\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    root = project(tmp_path / "mini", {".gitattributes": "* filter=x\n"})
    with on(root, sandbox.unsandboxed()):
        assert not (tmp_path / "ran").exists()


def test_a_link_that_ingest_made_is_in_no_trial(tmp_path: Path) -> None:
    """A try writes into a trial: through a link it would write into a file of the user."""
    kept = tmp_path / "kept"
    kept.write_text("mine")
    script = f"import os; os.symlink({str(kept)!r}, 'index'); os.mkfifo('pipe'); import mini"
    manifest = MANIFEST.replace("open('index', 'w').write('made')", script.replace('"', "'"))
    root = project(tmp_path / "mini", {"scaffold.toml": manifest})
    with on(root, sandbox.unsandboxed()) as opened, benches.trial(opened) as trial:
        assert not os.path.lexists(trial.root / "index")
        assert not (trial.root / "pipe").exists()


def test_a_link_that_a_command_made_is_neither_read_nor_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("mine")
    root = project(tmp_path / "mini")
    with on(root, sandbox.unsandboxed()) as opened, benches.trial(opened) as trial:
        script = f"ln -s {outside} folder; ln -s {outside}/kept link; echo x > plain"
        done = benches.run(trial, ["sh", "-c", script])
        assert done.written == ("plain",)
        assert [benches.read(trial, p) for p in ("plain", "link")] == ["x\n", None]
        assert benches.read(trial, "folder/kept") is None
        benches.write(trial, "link", "theirs")
        assert benches.read(trial, "link") == "theirs"
        with pytest.raises(OSError, match="behind a link"):
            benches.write(trial, "folder/kept", "theirs")
    assert (outside / "kept").read_text() == "mine"


@pytest.fixture
def with_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours beside a breaker that is simple enough to be seen through."""
    inside = tmp_path / "inside"
    inside.mkdir()
    shutil.copy(environment.INSIDE / "sitecustomize.py", inside)
    (inside / "breaks.py").write_text(
        "def wrap(function, how, args):\n    return lambda *_: how + args['more']\n"
    )
    monkeypatch.setattr(environment, "INSIDE", inside)


@pytest.mark.usefixtures("with_breaks")
def test_a_function_is_broken_before_anybody_has_it(bench: Opened) -> None:
    with bench() as opened, benches.trial(opened) as trial:
        broken = Break("mini.answer:answer", "silly", {"more": "!"})
        done = benches.run(trial, command(opened.declared, "demo"), breaks=[broken])
        assert done.final == {"answer": "silly!", "index": True}


@pytest.mark.usefixtures("with_breaks")
def test_a_break_that_was_not_made_is_a_failed_control(bench: Opened) -> None:
    with bench() as opened, benches.trial(opened) as trial:
        broken = Break("mini.elsewhere:answer", "silly", {"more": "!"})
        with pytest.raises(ControlFailed, match=r"did not load mini\.elsewhere:answer"):
            benches.run(trial, command(opened.declared, "demo"), breaks=[broken])


def test_a_sitecustomize_of_the_project_still_runs(bench: Opened) -> None:
    custom = {"src/sitecustomize.py": "import os; os.environ['CUSTOM'] = 'yes'"}
    script = "python -c \"import os; print(os.environ.get('CUSTOM'))\""
    with bench(custom) as opened:
        assert shell(opened, script).stdout == "yes\n"


def test_no_key_is_there_without_a_model(bench: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-the-user")
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_of_the_user")
    with bench() as opened:
        said = shell(opened, "env").stdout
    assert "KEY" not in said
    assert "_of_the_user" not in said


@dataclass(frozen=True)
class Serving:
    """A model that answers anything, and what it was sent."""

    port: int
    seen: list[dict[str, Any]]

    def asked(self) -> Asked:
        return Asked(requests=self.seen)


@pytest.fixture
def modelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bench's own part of it: the way from a command to a server, over TCP or a socket."""

    @contextmanager
    def serving(_: Script, folder: Path | None) -> Iterator[Serving]:
        seen: list[dict[str, Any]] = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                lines = iter(lambda: self.rfile.readline().strip().decode(), "")
                seen.append({"path": next(lines), "headers": "\n".join(lines)})
                self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n{}")

        if folder is None:
            server: socketserver.BaseServer = socketserver.TCPServer(("127.0.0.1", 0), Handler)
        else:
            server = socketserver.UnixStreamServer(str(folder / modelserver.SOCKET), Handler)
        port = server.server_address[1] if folder is None else 0
        with server:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            yield Serving(port, seen)
            server.shutdown()

    monkeypatch.setattr(modelserver, "serving", serving, raising=False)
    monkeypatch.setattr(modelserver, "SOCKET", "model.sock", raising=False)


@pytest.mark.usefixtures("modelled")
def test_a_command_reaches_the_model_and_has_a_key_of_the_bench(bench: Opened) -> None:
    with bench() as opened:
        done = benches.demo_with_model(opened)
        (seen,) = done.asked.requests
        assert seen["path"] == "POST /anthropic/v1/messages HTTP/1.1"
        assert opened.keys["ANTHROPIC_API_KEY"] in seen["headers"]


@pytest.mark.usefixtures("modelled")
def test_a_demo_that_asks_no_model_is_a_failed_control(bench: Opened) -> None:
    with (
        bench({"src/mini/__main__.py": "import mini"}) as opened,
        pytest.raises(ControlFailed, match="asked no model"),
    ):
        benches.demo_with_model(opened)


@pytest.mark.usefixtures("modelled")
def test_an_exit_code_comes_through_beside_a_model(bench: Opened) -> None:
    with bench() as opened:
        assert shell(opened, "exit 7", model=Script()).exit_code == 7
        assert shell(opened, "kill -9 $$", model=Script()).exit_code == -9


def test_nobody_waits_for_a_stopped_command(tmp_path: Path) -> None:
    asked = iter([False, False])
    stopping = on(
        project(tmp_path / "mini"), sandbox.unsandboxed(), is_stopped=lambda: next(asked, True)
    )
    with stopping as opened, pytest.raises(Interrupted):
        shell(opened, "sleep 60")


def test_an_environment_that_names_a_folder_of_the_user_shows_nothing_of_it(
    tmp_path: Path,
) -> None:
    """`pyvenv.cfg` may be a stranger's file: what it names must hold a Python's own library."""
    (tmp_path / "home" / "bin").mkdir(parents=True)
    venv = tmp_path / "mini" / ".venv"
    venv.mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text(f"home = {tmp_path / 'home' / 'bin'}\n")
    assert {at for _, at in environment.shown(venv.parent)} == {venv}


def test_a_setup_in_the_sandbox_changes_only_the_environment(tmp_path: Path) -> None:
    box = sandboxed()
    script = "import sys; open('here', 'w'); open(sys.prefix + '/there', 'w')"
    setup = f"\nsetup = {json.dumps(['python', '-c', script])}\n"
    root = project(tmp_path / "mini", {"scaffold.toml": MANIFEST + setup})
    with opened(root) as view:
        environment.prepare(view, declared(view), box, print, lambda: False)
    assert (root / ".venv" / "there").exists()
    assert not (root / "here").exists()


def test_a_setup_that_fails_says_how(tmp_path: Path) -> None:
    setup = '\nsetup = ["sh", "-c", "echo no such package >&2; exit 1"]\n'
    root = project(tmp_path / "mini", {"scaffold.toml": MANIFEST + setup})
    with opened(root) as view:
        wanted = declared(view)
        with pytest.raises(EnvironmentProblem, match="no such package"):
            environment.prepare(view, wanted, sandbox.unsandboxed(), print, lambda: False)


def test_an_environment_with_nothing_but_pip_needs_a_setup(tmp_path: Path) -> None:
    root = project(tmp_path / "mini")
    assert not environment.needs_setup(root)
    site = next((root / ".venv").glob("lib/*/site-packages"))
    (site / "pip-24.0.dist-info").mkdir()
    assert environment.needs_setup(root)
    (site / "mini-1.dist-info").mkdir()
    assert not environment.needs_setup(root)
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(root / ".venv")
    assert environment.needs_setup(root)
