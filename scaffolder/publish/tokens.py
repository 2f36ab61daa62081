"""The token for GitHub, and which GitHub it is for.

Invariant: it is taken from the environment or from gh, never asked for, never stored, never in an
argument, an address or a message; it is only ever given to the host that it is for.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from scaffolder.errors import EnvironmentProblem
from scaffolder.sanitise import clean

NAMES = ("GH_TOKEN", "GITHUB_TOKEN")
"""Where a token is looked for, in the order of gh."""

GITHUB = "github.com"
_API = "https://api.github.com"
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5})?")
_TOKEN = re.compile(r"[!-~]{8,1000}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SECONDS = 20


@dataclass(frozen=True)
class Token:
    """A token and the host whose repositories it opens; it is not shown where this is printed."""

    host: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Host:
    """A GitHub: its name, and the base of its API."""

    name: str
    api: str


def host() -> Host:
    """github.com, or what GH_HOST and GITHUB_API_URL name; EnvironmentProblem for no address."""
    named = os.environ.get("GH_HOST", "").strip() or GITHUB
    if not _HOST.fullmatch(named):
        raise EnvironmentProblem("GH_HOST holds no name of a host", "For example: github.com")
    api = os.environ.get("GITHUB_API_URL", "").strip().rstrip("/")
    if not api:
        return Host(named, _API if named == GITHUB else f"https://{named}/api/v3")
    parts = urlsplit(api)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.query:
        raise EnvironmentProblem(
            f"GITHUB_API_URL is no address that a token may be sent to: {clean(api, 100)}",
            f"It begins with https://. Unset it to use {_API}.",
        )
    return Host(named, api)


def gh(project: Path) -> str | None:
    """The path of gh, never one from inside the project; None where it is not installed."""
    inside = project.resolve()
    outside = [
        p
        for p in os.environ.get("PATH", os.defpath).split(os.pathsep)
        if Path(p).is_absolute() and not Path(os.path.realpath(p)).is_relative_to(inside)
    ]
    return shutil.which("gh", path=os.pathsep.join(outside)) if outside else None


def find(project: Path, wanted: str) -> Token | None:
    """The token for `wanted`, a host; None where there is none."""
    given = next((os.environ[n].strip() for n in NAMES if os.environ.get(n, "").strip()), "")
    if not given:
        given = _of_gh(gh(project), wanted)
    if given and not _TOKEN.fullmatch(given):
        raise EnvironmentProblem("the token for GitHub is no token", "Look for a line end in it.")
    return Token(wanted, given) if given else None


def need(project: Path, wanted: str) -> Token:
    """The token; EnvironmentProblem where there is none."""
    found = find(project, wanted)
    if found is None:
        raise EnvironmentProblem(
            f"there is no token for {wanted}: GH_TOKEN and GITHUB_TOKEN are not set"
            + (", and gh has none" if gh(project) else ""),
            "Run: gh auth login. Or set GH_TOKEN to a token that may make repositories, or name "
            "an empty repository with --remote.",
        )
    return found


def _of_gh(program: str | None, wanted: str) -> str:
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, "auth", "token", "--hostname", wanted],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=os.sep,
            timeout=_SECONDS,
            check=False,
            text=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentProblem(f"{program} does not answer", "Run: gh auth status") from error
    return done.stdout.strip() if done.returncode == 0 else ""
