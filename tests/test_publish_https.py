"""The push over https, to a server that speaks git's protocol and wants the token."""

import base64
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from publishing import bare, git, quiet, refs, report_on, repository

from scaffolder.errors import EnvironmentProblem
from scaffolder.journeys import publish as journey
from scaffolder.publish import remotes
from scaffolder.publish.tokens import Token

SECRET = "t0ken-of-nobody-at-all"
_BACKEND = Path(subprocess.check_output(["git", "--exec-path"], text=True).strip())
pytestmark = pytest.mark.skipif(
    not (shutil.which("openssl") and (_BACKEND / "git-http-backend").exists()),
    reason="needs openssl and git-http-backend",
)


@dataclass
class Https:
    """The server: what it was told as authorisation, in order."""

    folder: Path
    host: str = ""
    given: list[str] = field(default_factory=list)
    redirect: str = ""


def _certificate(folder: Path) -> Path:
    path = folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", path, "-out", folder / "only.pem", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + (folder / "only.pem").read_bytes())
    return path


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Https]:
    found = Https(tmp_path / "served")
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _handler(found))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = _certificate(tmp_path)
    context.load_cert_chain(certificate)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    found.host = f"127.0.0.1:{listening.server_port}"
    monkeypatch.setenv("GIT_SSL_CAINFO", str(tmp_path / "only.pem"))
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    listening.shutdown()
    thread.join()
    listening.server_close()


def _handler(server: Https) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.given.append(self.headers.get("Authorization", ""))
            if server.redirect:
                self.send_response(302)
                self.send_header("Location", server.redirect)
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif not server.given[-1]:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self._backend(body)

        do_GET = do_POST = _do

        def _backend(self, body: bytes) -> None:
            path, _, query = self.path.partition("?")
            said = subprocess.run(
                [_BACKEND / "git-http-backend"],
                input=body,
                env={
                    "PATH": os.defpath,
                    "GIT_PROJECT_ROOT": str(server.folder),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "REMOTE_USER": "ada",
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(len(body)),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                },
                capture_output=True,
                check=False,
            ).stdout
            head, _, rest = said.partition(b"\r\n\r\n")
            self.send_response(200)
            for line in head.decode().split("\r\n"):
                name, _, value = line.partition(": ")
                if name and name != "Status":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest)

        def log_message(self, *_: object) -> None:
            return

    return Handler


def publish(project: Path, server: Https, token: Token | None) -> None:
    remote = remotes.parse(f"https://{server.host}/rulebook.git", project)
    report = report_on(project)
    plan = journey.plan(project, report, journey.Place(remote, None, token))
    journey.publish(plan, journey.examine(plan, report), quiet)


def test_the_token_opens_its_own_host(server: Https, tmp_path: Path) -> None:
    project, there = repository(tmp_path / "rulebook"), bare(server.folder / "rulebook.git")
    publish(project, server, Token(server.host, SECRET))
    assert refs(there) == {"refs/heads/main": git(project, "rev-parse", "HEAD")}
    basic = base64.b64encode(f"x-access-token:{SECRET}".encode()).decode()
    assert set(server.given) == {"", f"Basic {basic}"}


@pytest.mark.parametrize("token", [None, Token("github.com", SECRET)])
def test_no_other_host_is_given_it(server: Https, tmp_path: Path, token: Token | None) -> None:
    project, there = repository(tmp_path / "rulebook"), bare(server.folder / "rulebook.git")
    with pytest.raises(EnvironmentProblem, match="git ls-remote") as caught:
        publish(project, server, token)
    assert SECRET not in caught.value.message
    assert set(server.given) == {""}
    assert refs(there) == {}


def test_no_redirection_is_followed(server: Https, tmp_path: Path) -> None:
    project, there = repository(tmp_path / "rulebook"), bare(server.folder / "rulebook.git")
    server.redirect = "https://127.0.0.1:1/rulebook.git/info/refs"
    with pytest.raises(EnvironmentProblem):
        publish(project, server, Token(server.host, SECRET))
    assert len(server.given) == 1
    assert refs(there) == {}
