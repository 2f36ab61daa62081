"""Repositories to publish, a report that opens their gate, and a server that speaks GitHub."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from scaffolder.journeys import publish as journey
from scaffolder.journeys.review import review_repo
from scaffolder.publish.model import Scanned
from scaffolder.publish.restapi import RestApi
from scaffolder.publish.tokens import Token
from scaffolder.review.model import Report

SECRET = "ghp_" + "R4nD0mQw7Zx1" * 3
TOKEN = Token("github.com", "t0ken-of-nobody-at-all")
_NAMED = ("-c", "user.name=Ada", "-c", "user.email=ada@mail.test", "-c", "commit.gpgsign=false")


def git(where: Path, *words: str) -> str:
    """Plain git, as an author uses it."""
    done = subprocess.run(
        ["git", *_NAMED, *words], cwd=where, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def commit(where: Path, files: dict[str, str | None], message: str = "A commit") -> str:
    """Writes the files (None: removes one), commits all; the id."""
    for name, text in files.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink() if text is None else path.write_text(text, "utf-8")
    git(where, "add", "-A")
    git(where, "commit", "-q", "-m", message)
    return git(where, "rev-parse", "HEAD")


def repository(where: Path, files: dict[str, str | None] | None = None) -> Path:
    """A repository with one commit on main."""
    where.mkdir(parents=True)
    git(where, "init", "-q", "-b", "main", ".")
    commit(where, {"README.md": "# Rulebook\n\nAnswers questions on rules.\n", **(files or {})})
    return where


def bare(where: Path) -> Path:
    """An empty remote."""
    where.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", where], check=True)
    return where


def refs(remote: Path) -> dict[str, str]:
    """What a remote has."""
    lines = git(remote, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split(" ") for line in lines)


def report_on(project: Path) -> Report:
    """A report without items on what is there now: an open gate."""
    return replace(review_repo(project, only=["COM-28"]), items=())


def planned(project: Path, remote: Path | str) -> journey.Plan:
    """The plan of a push to a remote."""
    return journey.plan(project, report_on(project), journey.place(project, str(remote)))


def scanned(project: Path) -> Scanned:
    """What a scan of the project finds, pushed nowhere."""
    remote = project.parent / "nowhere.git"
    return journey.examine(planned(project, remote if remote.exists() else bare(remote)),
                           report_on(project))  # fmt: skip


def push(project: Path, remote: Path | str) -> journey.Published:
    """The whole way to a remote."""
    plan = planned(project, remote)
    return journey.publish(plan, journey.examine(plan, report_on(project)), quiet)


def quiet(_: str) -> None:
    """Tells nobody."""


def program(path: Path, text: str) -> Path:
    """A program in the shell's language."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return path


@dataclass
class Server:
    """A GitHub that keeps its repositories below `folder`.

    `fails` says of a method and a path's end what goes wrong: a status, "drop" (the connection is
    closed before anything is done), "late" (closed after it was done) or "junk" (no JSON).
    """

    folder: Path
    address: str = ""
    fails: dict[tuple[str, str], int | str] = field(default_factory=dict)
    repos: dict[str, dict[str, object]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    answers_as: str = "ada"

    def hosting(self) -> RestApi:
        """The client of it; repositories are paths, as no network is."""
        return RestApi(self.address, str(self.folder), TOKEN)

    def place(self) -> journey.Place:
        """Where a publication goes."""
        return journey.Place(None, self.hosting(), TOKEN)

    def bare(self, name: str) -> Path:
        """The repository on the disk."""
        return self.folder / "ada" / f"{name}.git"

    def make(self, name: str, private: bool = True) -> dict[str, object]:
        """A repository, empty."""
        bare(self.bare(name))
        made = {"name": name, "full_name": f"{self.answers_as}/{name}", "private": private}
        self.repos[name] = {
            **made,
            "owner": {"login": self.answers_as},
            "url": f"{self.address}/repos/ada/{name}",
        }
        return self.repos[name]

    def answer(self, method: str, path: str, body: dict[str, object]) -> tuple[int, object]:
        """What the used part of the API says."""
        if path == "/user":
            return 200, {"login": "ada", "url": f"{self.address}/user"}
        if (method, path) == ("POST", "/user/repos"):
            name = str(body["name"])
            if name in self.repos:
                return 422, {"message": "Repository creation failed.", "errors": ["name exists"]}
            made = self.make(name, private=body["private"] is True)
            made.update(description=body.get("description"), homepage=body.get("homepage"))
            return 201, made
        name = path.split("/")[3]
        if name not in self.repos:
            return 404, {"message": "Not Found"}
        if path.endswith("/topics"):
            self.repos[name]["topics"] = body["names"]
            return 200, {"names": body["names"]}
        self.repos[name].update(body)
        return 200, self.repos[name]


@contextmanager
def github(folder: Path) -> Iterator[Server]:
    """A running server."""
    server = Server(folder)
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    server.address = f"http://127.0.0.1:{listening.server_port}"
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.asked.append((self.command, self.path))
            server.tokens.add(self.headers.get("Authorization", ""))
            wrong = next(
                (w for (m, end), w in server.fails.items()
                 if m == self.command and self.path.endswith(end)), None)  # fmt: skip
            if isinstance(wrong, int):
                self._say(wrong, {"message": "it was told to fail"})
                return
            if wrong == "junk":
                self._say(200, "<html>")
                return
            if wrong != "drop":
                status, said = server.answer(self.command, self.path, json.loads(raw or b"{}"))
            if wrong:
                self.close_connection = True
                self.connection.close()
            else:
                self._say(status, said)

        do_GET = do_POST = do_PUT = do_PATCH = _do

        def _say(self, status: int, said: object) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):
                return  # the connection that was closed on purpose

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                return

        def log_message(self, *_: object) -> None:
            return

    return Handler


def on_path(monkeypatch: Callable[[str, str], None], folder: Path) -> None:
    """Puts the programs of a folder before all others."""
    monkeypatch("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
