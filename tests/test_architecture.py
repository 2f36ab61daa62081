"""The rooms: imports run one way, each heavy library has one owner, files are small."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import scaffolder

PACKAGE = Path(scaffolder.__file__).parent
ROWS = [
    {"errors"},
    {"paths", "records", "regularfile", "sanitise", "stopping", "statefile"},
    {"buglog", "manifest", "skills", "progress", "notebook"},
    {"gitrepo", "madehere", "staging", "sandbox"},
    {"runner"},
    {"confined"},
    {"confined"},
    {"generate", "review"},
    {"publish"},
    {"journeys"},
    {"tui"},
    {"cli"},
]
OWNERS = {
    "copier": "generate",
    "git": "gitrepo",
    "anthropic": "review.judge",
    "textual": "tui",
    "llmock": "review.behaviour",
    "github": "publish.restapi",
    "kingfisher_sdk": "review.leaks.scanner",
}
REVIEW_ROWS = [
    {"mask"},
    {"model"},
    {"git", "parsing", "memory"},
    {"cleanroom", "parse"},
    {"python", "files"},
    {"view"},
    {"areas", "instructions", "leaks", "templatelock"},
    {"secrets", "ownwork", "attest", "readme", "models", "project", "results"},
    {"golden", "retrieval", "answering", "agentwork"},
    {"coding", "judging", "apiwork", "tunework"},
    {"promptwork"},
    {"reader", "probes", "behaviour", "judge"},
    {"rubric", "trees"},
    {"weighing"},
    {"engine", "score", "weighing"},
    {"render"},
]
IMPORT_NAMES = {
    "gitpython": "git",
    "pygithub": "github",
    "kingfisher-secret-scanner": "kingfisher_sdk",
    "pyyaml": "yaml",
}
INSIDE = PACKAGE / "review" / "behaviour" / "inside"
"""Files that run in the environments of other people's projects, not in ours."""

MODULES = sorted(p for p in PACKAGE.rglob("*.py") if INSIDE not in p.parents)


def _row(room: str) -> int:
    return next(n for n, row in enumerate(ROWS) if room in row)


def _review_row(room: str) -> int:
    return next(n for n, row in enumerate(REVIEW_ROWS) if room in row)


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import hides which room it names"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize(
    "path", [p for p in MODULES if len(_name(p).split(".")) > 1 or "__" not in p.name], ids=_name
)
def test_imports_run_one_way(path: Path) -> None:
    room = _name(path).split(".")[0]
    for imported in _imports(path):
        parts = imported.split(".")
        if parts[0] == "scaffolder" and len(parts) > 1 and parts[1] not in {room, "__version__"}:
            assert _row(parts[1]) < _row(room), f"{room} imports {parts[1]}"


@pytest.mark.parametrize(
    "path", [p for p in MODULES if _name(p).startswith("review.") and "__" not in p.name], ids=_name
)
def test_imports_run_one_way_in_the_review(path: Path) -> None:
    """Rooms of one row may use each other; a room above never knows one below."""
    room = _name(path).split(".")[1]
    for imported in _imports(path):
        parts = imported.split(".")
        if parts[:2] == ["scaffolder", "review"] and len(parts) > 2 and parts[2] != room:
            assert _review_row(parts[2]) <= _review_row(room), f"{room} imports {parts[2]}"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_heavy_library_has_one_owner(path: Path) -> None:
    used = {name.split(".")[0] for name in _imports(path)}
    for library, owner in OWNERS.items():
        if library in used:
            assert _name(path).startswith(owner)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_is_under_350_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) < 350


def test_only_the_command_line_prints() -> None:
    printing = [
        _name(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    ]
    assert printing == []


def test_every_import_is_a_declared_dependency() -> None:
    declared = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[<>=~\[]", line)[0] for line in declared["dependencies"]]
    known = {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in names}
    used = {name.split(".")[0] for path in MODULES for name in _imports(path)}
    assert used - set(sys.stdlib_module_names) - {"scaffolder"} == known


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from scaffolder.cli import main; main(['--help']);"
        "print(sorted({'yaml', 'git', 'copier', 'sqlite3', 'typing', 'pathlib', 'shtab'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"


KNOWN_TO_SCREENS = {
    "scaffolder": {"buglog", "notebook", "progress", "skills", "stopping"},
    "scaffolder.review": {"model", "render"},
}
"""Beside the journeys: what is kept, what a card and a report are made of, its wording."""


SCREENS = {"Acting", "Dialog", "Page", "Running"}
"""What a screen is made of; the rest of its file serves it."""


@pytest.mark.parametrize("path", [p for p in MODULES if _name(p).startswith("tui")], ids=_name)
def test_a_screen_decides_nothing(path: Path) -> None:
    """What can be done is a journey; no front end reads, runs or judges a project by itself."""
    for imported in _imports(path):
        parts = imported.split(".")
        if parts[0] != "scaffolder" or parts[1] in {"tui", "journeys", "errors", "sanitise"}:
            continue
        room = parts[2] if parts[1] == "review" else parts[1]
        assert room in KNOWN_TO_SCREENS["scaffolder.review" if room != parts[1] else "scaffolder"]


@pytest.mark.parametrize("path", sorted((PACKAGE / "tui" / "screens").glob("[a-z]*.py")), ids=_name)
def test_a_screen_has_a_file_of_its_own(path: Path) -> None:
    classes = [n for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.ClassDef)]
    bases = [{ast.unparse(b).partition("[")[0] for b in node.bases} for node in classes]
    assert sum(bool(names & SCREENS) for names in bases) == 1
