"""Pushes one commit from a clean room, and looks at what the remote has.

Invariant: git reads no configuration, hook or reference of the project: it has a folder of ours
over its objects, our own environment, https and ssh (or a path that we resolved) as its only
transports. Nothing is forced. The token comes through GIT_ASKPASS, for one host alone.
"""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from scaffolder import stopping
from scaffolder.errors import EnvironmentProblem
from scaffolder.publish.model import Frozen, Refused
from scaffolder.publish.remotes import Remote
from scaffolder.publish.tokens import Token
from scaffolder.review.git import gitdir
from scaffolder.review.git.gitroom import furnish, room
from scaffolder.review.git.gitrun import Git, alone, program
from scaffolder.review.mask import mask
from scaffolder.sanitise import clean

ASK_SECONDS = 60.0
PUSH_SECONDS = 1800.0
"""Seconds after which a remote that does not answer, or a push that does not end, is given up."""

_SETTINGS = (
    "credential.helper=",
    "core.hooksPath=/dev/null",
    "http.followRedirects=false",
    "push.followTags=false",
    "push.gpgSign=false",
    "push.negotiate=false",
    "push.useBitmaps=false",
    "pack.useBitmaps=false",  # or a file of theirs would say what the commit reaches
    "protocol.version=2",
    "gc.auto=0",
)
_PUSH = ("push", "--no-verify", "--porcelain", "--no-signed", "--recurse-submodules=no")
_KEPT = (
    "SSH_AUTH_SOCK", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY",
    "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
)  # fmt: skip
"""What a user's machine needs to reach a host; nothing of it is the project's."""

_SECRET = "SCAFFOLD_ASKED"  # the name of a variable, not a secret
_REF = re.compile(r"([0-9a-f]{40}(?:[0-9a-f]{24})?)\t(refs/(?:heads|tags)/[^\^]+)")
_ASKPASS = """#!/bin/sh
case "$1" in
  Username*"'https://{host}'"*) printf %s x-access-token ;;
  Password*"'https://x-access-token@{host}'"*) printf %s "${name}" ;;
  *) exit 1 ;;
esac
"""


@dataclass(frozen=True)
class Room:
    """A git that may push: its folder, the remote, and the environment that it runs in."""

    git: Git
    remote: Remote
    environment: Mapping[str, str] = field(repr=False)


@contextmanager
def opened(project: Path, remote: Remote, token: Token | None) -> Iterator[Room]:
    """A clean room over the objects of `project`; the token is used where the remote is its host.

    EnvironmentProblem where there is no git, or the repository cannot be examined.
    """
    real = Path(os.path.realpath(project))
    place = gitdir.find(real)
    if isinstance(place, str):
        raise Refused(f"{clean(str(real), 300)} cannot be published: {place}", "Make it one.")
    own = gitdir.settings(place.common)
    gitdir.check_stores(place.common)
    with room(real) as folder:
        git = Git(program(real), folder, place.common / "objects")
        furnish(git, place, gitdir.object_format(own))
        yield Room(git, remote, _environment(git, remote, token))


def shown(remote: Remote, frozen: Frozen) -> str:
    """The command of a push, as it is shown."""
    return shlex.join(["git", *_PUSH, "--", remote.address, _refspec(frozen)])


def is_there(room: Room, frozen: Frozen) -> bool:
    """Whether the remote has the commit already; Refused where it holds what is not ours."""
    refs = _listed(room)
    has = refs.get(_ref(frozen))
    foreign = [has] if has else list(refs.values())
    strange = next((i for i in foreign if i not in frozen.ours), None)
    if strange:
        raise Refused(
            f"{clean(room.remote.address, 200)} is not empty: it holds commit {strange[:12]}, "
            "which is not in the history of this project",
            "Nothing is ever overwritten. Name an empty repository with --remote.",
        )
    return has == frozen.sha


def push(room: Room, frozen: Frozen) -> None:
    """Pushes exactly the frozen commit, then looks whether it is there. Refused where it is not."""
    _run(room, PUSH_SECONDS, *_PUSH, "--", room.remote.address, _refspec(frozen))
    found = _listed(room).get(_ref(frozen))
    if found != frozen.sha:
        raise EnvironmentProblem(
            f"the remote has {(found or 'nothing')[:12]} after the push, and not {frozen.sha[:12]}",
            "Somebody else may have pushed. Look at it before you publish again.",
        )


def _ref(frozen: Frozen) -> str:
    return f"refs/heads/{frozen.branch}"


def _refspec(frozen: Frozen) -> str:
    return f"{frozen.sha}:{_ref(frozen)}"


def _listed(room: Room) -> dict[str, str]:
    """The branches and tags of the remote."""
    said = _run(room, ASK_SECONDS, "ls-remote", "--refs", "--", room.remote.address)
    found = (_REF.fullmatch(line) for line in said.splitlines())
    return {m[2]: m[1] for m in found if m}


def _run(room: Room, seconds: float, *words: str) -> str:
    """What git says; EnvironmentProblem with its last line where it does not work."""
    options = [word for setting in _SETTINGS for word in ("-c", setting)]
    with stopping.held():
        process = subprocess.Popen(
            [room.git.program, *options, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=room.git.folder,
            env=dict(room.environment),
            start_new_session=True,
        )
    try:
        said, complaint = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise EnvironmentProblem(
            f"git {words[0]} did not end in {seconds:.0f} s", "Publish it again: it goes on."
        ) from error
    finally:
        _end(process)
    if process.returncode:
        raise _failed(room, words[0], complaint + b"\n" + said)
    return said.decode("utf-8", "replace")


def _failed(room: Room, word: str, complaint: bytes) -> EnvironmentProblem:
    text = complaint[-8000:].decode("utf-8", "replace").replace(_secret(room), "[token]")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if _TELLS.match(line)] or lines
    return EnvironmentProblem(
        f"git {word} of {clean(room.remote.address, 200)} did not work: "
        f"{clean(mask('; '.join(told[-4:])), 400) or 'it said nothing'}",
        _hint(room.remote),
    )


_TELLS = re.compile(r"remote:|fatal|error|!\s|ssh|Permission|Host key", re.I)


def _hint(remote: Remote) -> str:
    again = "Nothing was forced; publish it again to go on."
    if remote.protocol == "ssh":
        return f"Try by hand: ssh -T git@{remote.host.partition(':')[0]}. {again}"
    if remote.protocol == "https":
        return f"Look at the address, the network and the rights of the token. {again}"
    return again


def _secret(room: Room) -> str:
    return room.environment.get(_SECRET) or "\0"


def _environment(git: Git, remote: Remote, token: Token | None) -> Mapping[str, str]:
    """From scratch, so that nothing of the caller's or the project's git has a say."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    found = {
        **kept,
        **alone(git),
        "GIT_ALLOW_PROTOCOL": "file" if remote.protocol == "file" else "https:ssh",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        "GIT_SSH_VARIANT": "ssh",
    }
    if token and remote.protocol == "https" and remote.host.lower() == token.host.lower():
        return {**found, "GIT_ASKPASS": _askpass(git, token), _SECRET: token.secret}
    return found


def _askpass(git: Git, token: Token) -> str:
    """A program of ours that answers for one host; the token itself is in no file."""
    path = git.folder / "askpass"
    path.write_text(_ASKPASS.format(host=token.host, name=_SECRET), "utf-8")
    path.chmod(0o700)
    return str(path)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends git and what it started, also where it ended by itself."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
