"""Systems outside of this package: a function, a program, an address, another project.

Invariant: what they return is a JSON object of bounded size, or Failed says what it was instead.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

from ..errors import ConfigError, ProjectError
from ..result import Usage
from ..settings import Settings, SystemSpec

MOST_BYTES = 1_000_000
MANIFEST = "scaffold.toml"
MOST_STEPS, LONGEST_STEP = 40, 300
_LEFT = (".venv", ".git", "traces", "__pycache__", "results")  # of a project that is copied


class Failed(ProjectError):
    """The system under test did not give an output for this item."""


@cache
def function_of(spec: SystemSpec) -> Callable[[Mapping[str, Any]], Any]:
    """The function that `module:function` names; ConfigError where there is none."""
    module, colon, name = spec.target.partition(":")
    where = f"config.toml: [systems.{spec.name}] target"
    if not colon:
        raise ConfigError(f"{where} {spec.target!r} names no function", "write module:function")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"{where} {spec.target!r} cannot be imported: {error}") from error
    if not callable(found):
        raise ConfigError(f"{where} {spec.target!r} is not a function")
    return lambda given: getattr(sys.modules[module], name)(given)


def command(
    argv: Sequence[str], given: Mapping[str, Any], folder: Path, timeout_s: float
) -> dict[str, Any]:
    """What a program prints that got `given` on stdin; it runs in `folder`, without a shell."""
    return _object(_run(argv, json.dumps(given), folder, timeout_s, dict(os.environ)))


def url(address: str, given: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
    """What the address answers to `given` as a POST; http and https only."""
    if urlsplit(address).scheme not in ("http", "https"):
        raise ConfigError(f"{address!r} is no http or https address")
    body = json.dumps(given).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as reply:
            return _object(reply.read(MOST_BYTES + 1))
    except (URLError, OSError, ValueError) as error:
        raise Failed(f"{address} did not answer: {error}") from error


def project(
    folder: Path, question: str, options: Mapping[str, Any], settings: Settings
) -> dict[str, Any]:
    """What another project answers: its own demo command, with `question` in place of the demo's.

    It is asked in a copy of its folder, so no item finds what another has changed, under the
    environment in its `.venv`. `options` are added to the command as `--name value`. Its trace
    comes back as `steps`, one line each. Raises ConfigError if it cannot be asked.
    """
    argv = _asking(folder, question)
    for name, value in options.items():
        argv += [f"--{name}", str(value)]
    path = os.pathsep.join([str(folder / ".venv" / "bin"), os.environ.get("PATH", "")])
    with TemporaryDirectory() as place:
        own = Path(place) / folder.resolve().name
        shutil.copytree(folder, own, ignore=shutil.ignore_patterns(*_LEFT), symlinks=True)
        code = os.pathsep.join([str(own / "src"), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PATH": path, "PYTHONPATH": code}
        said = _object(_run(argv, "", own, settings.timeout_s, environment))
        return said | {"steps": _steps(own, said.get("trace"))}


def _steps(folder: Path, trace: Any) -> list[str]:
    """The events of the project's own trace, cut to a line each; none where it left none."""
    place = (folder / str(trace or "none")).resolve()
    if not trace or not place.is_relative_to(folder.resolve()) or not place.is_file():
        return []
    with place.open(encoding="utf-8", errors="replace") as lines:
        return [" ".join(line.split())[:LONGEST_STEP] for line in islice(lines, MOST_STEPS)]


def usage_of(found: Any) -> Usage:
    """The tokens that a project reports; none where it reports none."""
    known = found if isinstance(found, dict) else {}
    names = ("input_tokens", "cached_tokens", "output_tokens")
    return Usage(*(n if isinstance(n := known.get(name), int) else 0 for name in names))


def checked(found: Any) -> dict[str, Any]:
    """`found` as it would come back from JSON; Failed if it is no object or not JSON at all."""
    try:
        return _object(json.dumps(found).encode())
    except (TypeError, ValueError) as error:
        raise Failed(f"the output is not JSON: {error}") from error


@cache
def _demo(folder: Path) -> tuple[str, ...]:
    try:
        manifest = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        words = manifest["commands"]["demo"]
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise TypeError("demo is not a list of words")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{folder} cannot be asked: {error}", f"see its {MANIFEST}") from error
    return tuple(words)


def _asking(folder: Path, question: str) -> list[str]:
    """The demo's words; its question is the last of them that holds a blank."""
    words = list(_demo(folder))
    places = [at for at, word in enumerate(words) if " " in word]
    if not places:
        raise ConfigError(f"the demo of {folder} asks nothing", "it needs a question in quotes")
    words[places[-1]] = question
    return words


def _run(
    argv: Sequence[str], text: str, folder: Path, timeout_s: float, environment: Mapping[str, str]
) -> bytes:
    program = str(argv[0])
    try:
        done = subprocess.run(
            [_found(program, environment), *argv[1:]],
            input=text.encode(),
            capture_output=True,
            cwd=folder,
            env=environment,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{program} took longer than {timeout_s:g} s") from error
    except OSError as error:
        raise ConfigError(f"cannot start {program} in {folder}: {error.strerror}") from error
    if done.returncode:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise Failed(f"{program} ended with {done.returncode}: {' '.join(last)[:300]}")
    return done.stdout


def _found(program: str, environment: Mapping[str, str]) -> str:
    """Popen looks a name up in this process's PATH, not in the one it hands on."""
    return shutil.which(program, path=environment.get("PATH")) or program


def _object(raw: bytes) -> dict[str, Any]:
    if len(raw) > MOST_BYTES:
        raise Failed(f"the output has more than {MOST_BYTES} bytes")
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Failed(f"the output is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Failed(f"the output is {type(value).__name__}, not a JSON object")
    return value
