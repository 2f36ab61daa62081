"""The environment of a project's commands: its `.venv`, and variables without a key of the user.

Invariant: no variable of this machine reaches a command but the few that are named here; the keys
are invented for one bench, so that where one is found it leaked.
"""

import os
import secrets
import string
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder import confined, runner
from scaffolder.errors import EnvironmentProblem, Interrupted
from scaffolder.regularfile import read_regular
from scaffolder.review.behaviour import copying
from scaffolder.review.behaviour.model import Declared
from scaffolder.review.view import RepoView
from scaffolder.sandbox import HOME, Box, Room

if TYPE_CHECKING:
    from scaffolder.review.behaviour.bench import Bench

INSIDE = Path(__file__).parent / "inside"

SETUP_SECONDS = 1500.0
"""How long an installation may take; the rubric grants a first run half an hour."""

_LETTERS = string.ascii_letters + string.digits
_PATHS = {
    "ANTHROPIC": "/anthropic",
    "OPENAI": "/v1",
    "GEMINI": "/gemini",
    "GOOGLE_GEMINI": "/gemini",
}
_OF_INSTALLS = (
    "PIP_",
    "UV_",
    "SSL_",
    "REQUESTS_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)
_OF_A_PYTHON = ("bin", "lib", "lib64", "include")


def invented_keys() -> Mapping[str, str]:
    """A key for each provider, in its own shape, that opens nothing."""
    anthropic, openai, google = (
        "".join(secrets.choice(_LETTERS) for _ in range(size)) for size in (95, 48, 35)
    )
    return {
        "ANTHROPIC_API_KEY": f"sk-ant-api03-{anthropic}AA",
        "OPENAI_API_KEY": f"sk-proj-{openai}",
        "GEMINI_API_KEY": f"AIza{google}",
        "GOOGLE_API_KEY": f"AIza{google}",
    }


def variables(bench: "Bench", at: Path, exchange: Path, port: int | None) -> Mapping[str, str]:
    """All that a command in a copy seen at `at` sees.

    With a `port` also keys, and where the scripted model listens.
    """
    model = {} if port is None else {**bench.keys, **_addresses(port)}
    home = Path(HOME) if bench.box.is_closed else exchange / "home"
    return {
        **_plain(at, home),
        "PYTHONPATH": os.pathsep.join(map(str, _sources(bench, at))),
        "SCAFFOLD_INSIDE": str(exchange / "inside.json"),
        **model,
    }


def _sources(bench: "Bench", at: Path) -> list[Path]:
    """Ours first, then where the project's package is: its install points at the original."""
    own = [at / "src"]
    if (bench.folder / "base" / bench.declared.package.split(".")[0]).exists():
        own.append(at)
    return [INSIDE, *own]


def _addresses(port: int) -> Mapping[str, str]:
    return {f"{who}_BASE_URL": f"http://127.0.0.1:{port}{path}" for who, path in _PATHS.items()}


def _plain(at: Path, home: Path) -> Mapping[str, str]:
    programs = (str(_bin(at)), "/usr/local/bin", "/usr/bin", "/bin")
    return {
        "PATH": os.pathsep.join(programs),
        "HOME": str(home),
        "TMPDIR": "/tmp" if str(home) == HOME else str(home),
        "USER": "sandbox",
        "LOGNAME": "sandbox",
        "LANG": "C.UTF-8",
        "VIRTUAL_ENV": str(at / ".venv"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "HF_HUB_OFFLINE": "1",
        "NO_COLOR": "1",
        "CI": "1",
    }


def python(at: Path) -> str:
    """The interpreter of the environment of a project that is seen at `at`."""
    return str(_bin(at) / "python")


def shown(project: Path) -> list[tuple[Path, Path]]:
    """What must be seen for the environment to work, and where: itself, the Python it rests on."""
    venv = project / ".venv"
    real = Path(os.path.realpath(venv))
    own = [(real, venv), (real, real)] if venv.exists() else []
    return [*dict.fromkeys([*own, *_bases(venv)])]


def needs_setup(project: Path) -> bool:
    """Whether the project has no environment yet, or one with nothing but its installer."""
    venv = project / ".venv"
    if not (venv / "pyvenv.cfg").is_file():
        return True
    found = {p.name.partition("-")[0] for p in venv.glob("lib/*/site-packages/*.dist-info")}
    return bool(found) and found <= {"pip", "setuptools", "wheel"}


def prepare(
    view: RepoView,
    declared: Declared,
    box: Box,
    tell: Callable[[str], None],
    is_stopped: Callable[[], bool],
) -> None:
    """Makes the project's `.venv` and runs its setup; EnvironmentProblem where that fails.

    In a sandbox the setup sees a copy at the project's place, with the network; only `.venv` stays.
    """
    project = view.root
    runner.ensure_environment(project, tell, is_stopped)
    argv = declared.commands.get("setup")
    if not argv:
        return
    tell("setting the project up: this needs the package index")
    done = _set_up(view, argv, box, is_stopped)
    if done.why == "stopped":
        raise Interrupted("stopped while the project was set up; nothing of it runs on.")
    if done.exit_code or done.why:
        said = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
        raise EnvironmentProblem(
            f"the project's setup ended with {done.exit_code}: {said}",
            f"Try it by hand: scaffold run {project} setup",
        )


def _set_up(
    view: RepoView, argv: Sequence[str], box: Box, is_stopped: Callable[[], bool]
) -> confined.Ended:
    """In the open it is what `scaffold run PATH setup` does: in the project itself."""
    project = view.root
    with tempfile.TemporaryDirectory(prefix="scaffold-setup-") as folder:
        copy = Path(folder, "copy")
        home = Path(HOME) if box.is_closed else Path(folder, "home")
        variables = {**_plain(project, home), **_of_installs()}
        if not box.is_closed:
            home.mkdir()
            room = Room(copy=project, at=project, variables=variables)
            return confined.run(box, room, argv, SETUP_SECONDS, is_stopped)
        copying.made(view, copy)
        venv = project / ".venv"
        room = Room(
            copy=copy,
            at=project,
            writable=[venv],
            shown=[pair for pair in shown(project) if pair[1] != venv],
            variables=variables,
            network=True,
        )
        return confined.run(box, room, argv, SETUP_SECONDS, is_stopped)


def _of_installs() -> Mapping[str, str]:
    return {n: v for n, v in os.environ.items() if n.upper().startswith(_OF_INSTALLS)}


def _bases(venv: Path) -> list[tuple[Path, Path]]:
    """The Python that the environment was made from, where it is not the system's.

    What the environment says may be a stranger's: a folder counts where a Python's own library is
    in it, and of that folder nothing is shown but what a Python needs.
    """
    found = []
    for prefix in (_told(venv), Path(os.path.realpath(_bin(venv.parent) / "python")).parent.parent):
        if prefix is None or _is_system(prefix) or not [*prefix.glob("lib/python3*/os.py")]:
            continue
        for name in _OF_A_PYTHON:
            real = Path(os.path.realpath(prefix / name))
            if real.is_dir():
                found += [(real, prefix / name), (real, real)]
    return found


def _told(venv: Path) -> Path | None:
    """The prefix that `pyvenv.cfg` names."""
    try:
        lines = read_regular(venv / "pyvenv.cfg", 64 * 1024).decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    home = next((v.strip() for k, v in told.items() if k.strip() == "home"), "")
    return Path(home).parent if Path(home).is_absolute() else None


def _is_system(path: Path) -> bool:
    return path == Path("/usr") or Path("/usr") in path.parents


def _bin(project: Path) -> Path:
    return project / ".venv" / ("Scripts" if os.name == "nt" else "bin")
