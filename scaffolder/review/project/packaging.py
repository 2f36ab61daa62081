"""What a project says it depends on, part by part.

Invariant: every manifest of the project is read the same way, as names with a bound; nothing is
resolved or installed, and a manifest that cannot be parsed declares nothing.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from scaffolder.review.model import Evidence, quote
from scaffolder.review.parse import (
    Refused,
    mapping,
    read_json,
    read_python,
    read_toml,
    read_yaml,
)
from scaffolder.review.view import MAX_LINE, RepoView

EXACT, RANGE, BARE = "exact", "range", "bare"


@dataclass(frozen=True, slots=True)
class Dependency:
    """A declared dependency; `bound` is exact, range or bare, `name` in lower case with hyphens.

    `optional` is one that only an extra asks for.
    """

    name: str
    bound: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file that declares dependencies; `folder` is the part of the project that it is for."""

    path: str
    ecosystem: str
    folder: str
    dependencies: tuple[Dependency, ...]

    @property
    def needed(self) -> tuple[Dependency, ...]:
        """The dependencies that every user installs."""
        return tuple(d for d in self.dependencies if not d.optional)

    @property
    def secondary(self) -> bool:
        """Whether it is for tools, documentation or examples and not for the project itself."""
        return bool(_SECONDARY.search(self.path.lower()))


_SECONDARY = re.compile(
    r"(?:^|/)(?:docs?|examples?|samples?|website|benchmarks?|tests?|fixtures|templates|\.github"
    r"|\.devcontainer)/|(?:^|/)(?:requirements[-_./])?(?:dev|test|tests|docs?|lint|ci)"
    r"(?:[-_]requirements)?\.(?:txt|in)$"
)
_VENDORED = re.compile(r"(?:^|/)(?:vendor|vendored|third_party|node_modules|site-packages)/")
_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)", re.S)
_CONDA = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(.*)")
_FULL = re.compile(r"\d++(?:\.\d++)*+[A-Za-z0-9.+!_-]*")
_POM = re.compile(r"<(/?dependency|groupId|artifactId|version|/?dependencyManagement)>([^<]*)")


def manifests(view: RepoView) -> tuple[Manifest, ...]:
    """Every manifest of the project, nearest to its root first."""
    return view.once(_manifests)


def decoded(view: RepoView, path: str) -> str:
    """The text of a file whatever a Windows shell wrote it in: `pip freeze >` makes UTF-16."""
    content = view.raw(path) if view.has(path) else b""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace").replace("\r\n", "\n")
    return view.text(path).removeprefix("\ufeff")


def declared_at(view: RepoView, path: str, name: str) -> Evidence:
    """The line of a manifest that names a dependency."""
    lines = [line[:MAX_LINE] for line in decoded(view, path).split("\n")]
    spelt = re.compile(re.escape(name).replace("\\-", "[-_.]"), re.I)
    number = next((n for n, line in enumerate(lines, 1) if spelt.search(line)), 1)
    return quote(path, number, lines[number - 1])


def normal(name: str) -> str:
    """A package name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def third_party(view: RepoView) -> dict[str, tuple[str, int]]:
    """Packages that the code imports and neither Python nor the project holds: where first."""
    return view.once(_third_party)


def _third_party(view: RepoView) -> dict[str, tuple[str, int]]:
    own = {part for f in view.files for part in _importable(f)}
    found: dict[str, tuple[str, int]] = {}
    for file in view.python:
        for imported in file.imports:
            top = imported.name.split(".")[0]
            if top and top not in own and top not in sys.stdlib_module_names:
                found.setdefault(top, (file.path, imported.line))
    return found


def _importable(path: str) -> list[str]:
    return path.removesuffix(".py").split("/") if path.endswith(".py") else []


def _manifests(view: RepoView) -> tuple[Manifest, ...]:
    found = []
    for path in sorted(view.files, key=lambda f: (f.count("/"), f)):
        kind = None if _VENDORED.search(path) else _kind(path)
        if kind is None:
            continue
        ecosystem, read = kind
        declared = tuple(Dependency(normal(n), *rest) for n, *rest in read(decoded(view, path)))
        found.append(Manifest(path, ecosystem, _folder(path), declared))
    return tuple(m for m in found if m.dependencies)


Declared = tuple[str, str] | tuple[str, str, bool]
Reader = Callable[[str], Iterator[Declared]]
_CONDA = re.compile(r"(?:conda[-_]?)?env(?:ironment)?[\w.-]*\.ya?ml")


def _kind(path: str) -> tuple[str, Reader] | None:
    name = path.rpartition("/")[2].lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    below = path.lower().split("/")[-2:-1]
    if name.endswith((".txt", ".in")) and ("requirement" in name or below == ["requirements"]):
        return "python", _requirements
    if name.endswith(("yml", "yaml")) and _CONDA.fullmatch(name):
        return "python", _conda
    return None


def _folder(path: str) -> str:
    parent = PurePosixPath(path).parent
    if parent.name == "requirements":
        parent = parent.parent
    return "" if str(parent) == "." else str(parent)


def requirement(text: str) -> tuple[str, str] | None:
    """Name and bound of one line as pip reads it; None for what is no dependency."""
    line = text.partition(" #")[0].strip()[:2000]
    if not line or line.startswith(("#", "-", ".", "/", "[")):
        return None
    match = _NAME.match(line)
    if match is None or "://" in line.partition("@")[0]:
        return _direct(line) if "://" in line else None
    spec = match[2].partition(";")[0].split("--hash")[0].strip(" \\()\t")
    if spec.startswith("@"):
        return match[1], EXACT if _revision(spec[1:]) else BARE
    return match[1], bound_of(spec)


def bound_of(spec: str) -> str:
    """Of a PEP 440 specifier."""
    if not spec:
        return BARE
    exact = spec.startswith("==") and "*" not in spec and "," not in spec
    return EXACT if exact else RANGE if spec[0] in "=<>!~" else BARE


def _direct(line: str) -> tuple[str, str]:
    name = line.partition("#egg=")[2] or line.rpartition("/")[2]
    return name[:80], EXACT if _revision(line) else BARE


def _revision(url: str) -> bool:
    return "@" in url.partition("://")[2] or url.partition("#")[0].endswith((".whl", ".gz", ".zip"))


def _requirements(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        found = requirement(line)
        if found:
            yield found


def _listed(raw: Any) -> Iterator[tuple[str, str]]:
    for line in raw if isinstance(raw, list) else []:
        found = requirement(line) if isinstance(line, str) else None
        if found:
            yield found


def _table(raw: Any, exact_alone: bool) -> Iterator[tuple[str, str]]:
    """`name = "1.2"` tables: poetry and npm read a bare version as exact, Pipfile as nothing."""
    for name, value in raw.items() if isinstance(raw, dict) else ():
        if str(name).lower() == "python" or (isinstance(value, dict) and "path" in value):
            continue
        spec = value.get("version", "") if isinstance(value, dict) else value
        pinned = isinstance(value, dict) and bool({"rev", "tag", "ref", "url"} & set(value))
        spec = spec.strip()[:200] if isinstance(spec, str) else ""
        alone = exact_alone and _FULL.fullmatch(spec) is not None
        yield (
            str(name)[:200],
            EXACT if pinned or alone or bound_of(spec) == EXACT else _loose(spec),
        )


def _loose(spec: str) -> str:
    return BARE if spec in {"", "*", "latest", "x"} or spec.startswith("http") else RANGE


def _pyproject(text: str) -> Iterator[Declared]:
    raw = mapping(read_toml(text))
    project, tool = _sub(raw, "project"), _sub(raw, "tool")
    yield from _listed(project.get("dependencies"))
    for extra in _sub(project, "optional-dependencies").values():
        yield from ((*d, True) for d in _listed(extra) if d[0] != project.get("name"))
    yield from _table(_sub(tool, "poetry", "dependencies"), exact_alone=True)


def _pipfile(text: str) -> Iterator[tuple[str, str]]:
    yield from _table(_sub(mapping(read_toml(text)), "packages"), exact_alone=False)


def _package_json(text: str) -> Iterator[tuple[str, str]]:
    raw = mapping(read_json(text))
    for key in ("dependencies", "devDependencies"):
        yield from _table(_sub(raw, key), exact_alone=True)


def _conda(text: str) -> Iterator[tuple[str, str]]:
    listed = mapping(read_yaml(text)).get("dependencies")
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict):
            yield from _listed(entry.get("pip"))
            continue
        match = _CONDA.match(str(entry)[:200].partition("::")[2] or str(entry)[:200])
        if match and match[1] not in {"python", "pip"}:
            spec = match[2]
            exact = spec.startswith("=") and "*" not in spec
            yield match[1], EXACT if exact else RANGE if spec else BARE


def _setup_cfg(text: str) -> Iterator[tuple[str, str]]:
    inside = False
    for line in text.split("\n"):
        key, equals, rest = line.partition("=")
        if line[:1].strip() and not line.startswith("#"):
            inside = equals == "=" and key.strip() == "install_requires"
            line = rest
        found = requirement(line) if inside else None
        if found:
            yield found


def _setup_py(text: str) -> Iterator[tuple[str, str]]:
    tree = read_python(text)
    if isinstance(tree, Refused):
        return
    for node in ast.walk(tree.value):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            elements = node.value.elts if isinstance(node.value, ast.List) else []
            yield from _listed([e.value for e in elements if isinstance(e, ast.Constant)])


def _pom(text: str) -> Iterator[tuple[str, str]]:
    managed = "<parent>" in text or "<dependencyManagement>" in text
    otherwise = EXACT if managed else BARE  # the parent's list gives the versions
    name, bound = "", otherwise
    for tag, value in _POM.findall(text):
        if tag == "artifactId":
            name = value.strip()
        elif tag == "version":
            loose = value.strip().startswith(("[", "(")) or value.strip() in {"LATEST", "RELEASE"}
            bound = RANGE if loose else EXACT
        elif tag == "dependency":
            name, bound = "", otherwise
        elif tag == "/dependency" and name:
            yield name, bound


def _modules(text: str) -> Iterator[tuple[str, str]]:
    """go.mod: every version in it is exact."""
    for line in text.split("\n"):
        words = line.removeprefix("require").split()
        if len(words) >= 2 and words[1].startswith("v") and "/" in words[0]:
            yield words[0][:200], EXACT


def _cargo(text: str) -> Iterator[tuple[str, str]]:
    yield from _table(_sub(mapping(read_toml(text)), "dependencies"), exact_alone=False)


def _sub(raw: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        raw = raw.get(key, {}) if isinstance(raw, dict) else {}
    return raw if isinstance(raw, dict) else {}


_BY_NAME: dict[str, tuple[str, Reader]] = {
    "pyproject.toml": ("python", _pyproject),
    "setup.py": ("python", _setup_py),
    "setup.cfg": ("python", _setup_cfg),
    "pipfile": ("python", _pipfile),
    "reqs.txt": ("python", _requirements),
    "package.json": ("node", _package_json),
    "pom.xml": ("java", _pom),
    "go.mod": ("go", _modules),
    "cargo.toml": ("rust", _cargo),
}
