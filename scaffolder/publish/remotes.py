"""Where a push goes: an address or a path, as somebody typed it.

Invariant: only https and ssh leave this machine, no address holds a password, and no word of it
can be read by git as an option or as another transport.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scaffolder.errors import UsageError
from scaffolder.review.mask import mask
from scaffolder.sanitise import clean

_SCP = re.compile(r"(?:[\w.-]+@)?([A-Za-z0-9][A-Za-z0-9.-]*):(?!/?/)([\w~./+@-]+)")
_PRINTABLE = re.compile(r"[!-~]+")
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_USER = re.compile(r"[\w.-]+")
_PATH = re.compile(r"/[\w~./+@%-]*[\w/]")
_FORMS = "Name an empty repository as https://HOST/OWNER/NAME.git, git@HOST:OWNER/NAME.git or PATH."


@dataclass(frozen=True)
class Remote:
    """An address that git may be given; `protocol` is file, https or ssh, `host` "" for a path."""

    address: str
    protocol: str
    host: str = ""


def parse(typed: str, project: Path) -> Remote:
    """What was typed as --remote; UsageError where it is none of the forms or no repository."""
    if not typed.strip() or (":" in typed and not _PRINTABLE.fullmatch(typed)):
        raise _unknown(typed)
    if "://" in typed:
        return _address(typed)
    if typed.startswith((".", "/", "~")) or Path(typed).exists() or ":" not in typed:
        return _path(typed, project)
    found = _SCP.fullmatch(typed)
    if found is None:
        raise _unknown(typed)
    return Remote(typed, "ssh", found[1])


def _address(typed: str) -> Remote:
    try:
        parts = urlsplit(typed)
        password, port = parts.password, parts.port
    except ValueError as error:
        raise _unknown(typed) from error
    if password is not None or (parts.username and parts.scheme == "https"):
        raise UsageError(
            "the address holds a name or a password, which everybody on this machine could read",
            "Leave it out: the token is taken from GITHUB_TOKEN, GH_TOKEN or gh.",
        )
    host, path = parts.hostname or "", parts.path
    if parts.scheme not in ("https", "ssh") or not _HOST.fullmatch(host):
        raise _unknown(typed)
    if not _PATH.fullmatch(path) or parts.query or parts.fragment:
        raise _unknown(typed)
    if parts.username and not _USER.fullmatch(parts.username):
        raise _unknown(typed)
    user = f"{parts.username}@" if parts.username else ""
    at = f"{host}:{port}" if port else host
    return Remote(f"{parts.scheme}://{user}{at}{path}", parts.scheme, at)


def _path(typed: str, project: Path) -> Remote:
    try:
        real = Path(os.path.realpath(Path(typed).expanduser()))
    except (RuntimeError, ValueError, OSError) as error:
        raise _unknown(typed) from error
    if real == project.resolve() or real.is_relative_to(project.resolve()):
        raise UsageError(
            f"{clean(str(real), 300)} is in the project itself", "Name a repository elsewhere."
        )
    if not any(
        (at / "HEAD").is_file() and (at / "objects").is_dir() for at in (real, real / ".git")
    ):
        raise UsageError(
            f"{clean(str(real), 300)} is not a git repository", f"Make it: git init --bare {typed}"
        )
    return Remote(str(real), "file")


def _unknown(typed: str) -> UsageError:
    return UsageError(f"{clean(mask(typed), 200)!r} is no address to push to", _FORMS)
