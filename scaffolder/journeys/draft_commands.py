"""Which commands of a project a `scaffold.toml` could declare, from its files.

Invariant: nothing is run; a command is one argv list without a shell, of words that hold no key. A
command that would serve for ever, or that needs something filled in, is none.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from scaffolder.journeys.draft_places import Found, module
from scaffolder.review.mask import mask
from scaffolder.review.parse import mapping
from scaffolder.review.project import recipes
from scaffolder.review.python.pyfile import PythonFile
from scaffolder.review.readme import commands, markdown
from scaffolder.review.readme.commands import Command
from scaffolder.review.view import RepoView

QUESTION = "Put a question here that the data can answer"
"""What stands in a drafted command for a question that was not found."""

_PIP = ("python", "-m", "pip", "install", "-q")
_LISTS = (
    *("requirements.txt", "requirements-dev.txt", "requirements_dev.txt"),
    *("requirements-test.txt", "requirements/base.txt", "requirements/dev.txt"),
)
_EXTRAS = ("dev", "test", "tests", "eval")
_ASKS = ("ask", "query", "demo", "answer", "chat", "search")
_STARTS = (*_ASKS, "main", "cli", "qa", "rag")
_EVALS = ("eval", "evaluate", "evaluation", "benchmark", "score")
_INGESTS = ("ingest", "index", "build-index", "build_index", "embed", "load", "ingestion")
_SETUPS = ("setup", "install", "sync", "deps", "bootstrap")
_RUNNERS = (("uv", "run"), ("poetry", "run"), ("pipenv", "run"), ("pdm", "run"), ("hatch", "run"))
_OPEN = re.compile(r"[<>$`*{}|&;]|\.\.\.|…|^\[|path/to|\byour[-_]")
"""Of a word that a shell or a reader would have to fill in."""

_OPEN_QUOTED = re.compile(r"<\w[^>]*>|\$[\w({]|`|…")
"""The same of words that stood in quotes."""

_PYTHON = re.compile(r"python[\d.]*|py")
_SERVES = re.compile(r"serve|server|streamlit|gradio|uvicorn|http\.server|jupyter|webui|api\.py$")
_MOST = 40


def setup(view: RepoView) -> Found | None:
    """What installs the project into its environment."""
    lists = [p for p in _LISTS if view.has(p)]
    asked = [w for path in lists for w in ("-r", path)]
    if _is_installed(view):
        wish = f".[{','.join(extras)}]" if (extras := _extras(view)) else "."
        return Found((*_PIP, *asked, "-e", wish), ", ".join([_build_file(view), *lists]))
    if asked:
        return Found((*_PIP, *asked), ", ".join(lists))
    return _target(view, _SETUPS) or _installed_by_hand(view)


def test(view: RepoView) -> Found | None:
    """What runs the tests."""
    if not view.tests:
        return _target(view, ("test", "tests", "check"))
    first = view.tests[0].path
    uses = [f for f in view.tests if f.imports_any("pytest")]
    if uses or not any(f.imports_any("unittest") for f in view.tests):
        return Found(("python", "-m", "pytest", "-q"), uses[0].path if uses else first)
    folder = first.rpartition("/")[0]
    where = ("-s", folder, "-t", ".") if folder else ()
    return Found(("python", "-m", "unittest", "discover", *where), first)


def demo(view: RepoView) -> Found | None:
    """The command that shows the project at work, best with a question."""
    told = [f for f in _typed(view) if _kind(f) == ""]
    best = max((f for f in told if _worth(f)), key=_worth, default=None)
    if best and _worth(best) > 1:
        return best
    found = _subcommand(view, _ASKS)
    asked = replace(found, value=(*found.value, QUESTION)) if found else None
    return asked or best or _target(view, ("demo", "ask"))


def asks(shown: Found | None) -> Found | None:
    """The demo with the place of its question marked; None where it holds none."""
    words = list(shown.value) if shown else []
    at = max((n for n, word in enumerate(words) if " " in word), default=0)
    if not at or shown is None:
        return None
    return Found((*words[:at], "{question}", *words[at + 1 :]), f"the demo, {shown.where}")


def evaluation(view: RepoView) -> Found | None:
    """What measures the project."""
    return _by_kind(view, "eval", _EVALS)


def ingest(view: RepoView) -> Found | None:
    """What makes the index."""
    return _by_kind(view, "ingest", _INGESTS)


def _by_kind(view: RepoView, kind: str, names: Sequence[str]) -> Found | None:
    told = next((f for f in _typed(view) if _kind(f) == kind), None)
    return told or _subcommand(view, names) or _script(view, names) or _target(view, names)


def _kind(found: Found) -> str:
    """What a command is for, by its words: eval, ingest, or "" for something else."""
    words = [w.lower() for w in found.value[:4] if " " not in w]
    parts = {p for w in words for p in re.split(r"[^a-z]+", w.removesuffix(".py"))}
    if parts & {"test", "tests", "pytest", "unittest"}:
        return "test"
    if parts & {*_EVALS, "evals"}:
        return "eval"
    return "ingest" if parts & {*_INGESTS} else ""


def _worth(found: Found) -> int:
    words = [w.lower() for w in found.value]
    asks = any(name in re.split(r"[^a-z]+", w) for w in words[:4] for name in _STARTS)
    return 2 * any(" " in w for w in words) + asks


def _typed(view: RepoView) -> list[Found]:
    """What the README tells its reader to type, as argv lists that end by themselves."""
    return view.once(_typed_once)


def _typed_once(view: RepoView) -> list[Found]:
    scripts = commands.scripts(view)
    own = [c for c in _read(view) if c.shown and commands.runs(c, scripts)]
    every = ((c, _argv(c.text, scripts)) for c in own[:_MOST])
    return [Found(argv, f"{view.readme}:{c.line}") for c, argv in every if argv]


def _installed_by_hand(view: RepoView) -> Found | None:
    """The first command of the README by which pip installs what the project names."""
    for command in _read(view):
        argv = _words(command.text) if command.shown and commands.installs(command) else ()
        if "install" in argv and {"-r", "-e", "."} & set(argv):
            return Found(argv, f"{view.readme}:{command.line}")
    return None


def _read(view: RepoView) -> list[Command]:
    if not view.readme:
        return []
    return list(commands.commands(markdown.read(view.text(view.readme), view.lines(view.readme))))


def _argv(text: str, scripts: frozenset[str]) -> tuple[str, ...]:
    """A command of Python or of the project's own scripts; () for another, or one that serves."""
    words = _words(text)
    if words[:2] in _RUNNERS:
        words = ("python", *words[2:]) if words[2:] and words[2].endswith(".py") else words[2:]
    if words and _PYTHON.fullmatch(words[0].rpartition("/")[2]):
        words = ("python", *words[1:])
    known = words[:1] == ("python",) or (words and words[0] in scripts)
    serves = any(_SERVES.search(w.lower()) for w in words[:4] if " " not in w)
    return words if known and len(words) > 1 and not serves else ()


def _words(text: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(text, comments=True))
    except ValueError:
        return ()
    is_whole = words and not any(map(_is_open, words)) and mask(text) == text
    return words if is_whole else ()


def _is_open(word: str) -> bool:
    return bool((_OPEN_QUOTED if " " in word else _OPEN).search(word))


def _subcommand(view: RepoView, names: Sequence[str]) -> Found | None:
    """A command of the project's own command line, by the first of `names` that it has."""
    found = [(n, f, line) for f in view.code[:400] for n, line in _offered(f) if n in names]
    for name, file, line in sorted(found, key=lambda each: names.index(each[0])):
        launcher = _launcher(view, file.path)
        if launcher:
            return Found((*launcher, name), f"{file.path}:{line}")
    return None


def _offered(file: PythonFile) -> Iterator[tuple[str, int]]:
    """The commands that typer, click or argparse offers there."""
    if file.notebook:
        return
    for function in file.functions:
        if any(d.split("(")[0].endswith(".command") for d in function.decorators):
            yield function.name.replace("_", "-"), function.line
    for call in file.calls:
        if call.name.endswith(".add_parser") and call.args and isinstance(call.args[0], str):
            yield call.args[0], call.line


def _launcher(view: RepoView, path: str) -> tuple[str, ...]:
    """How the command line of a module is started: as its package, its script, its file."""
    dotted = module(path)
    top = dotted.partition(".")[0]
    if top and any(view.has(f"{folder}{top}/__main__.py") for folder in ("", "src/")):
        return ("python", "-m", top)
    named = (n for n, target in _installed(view) if target.partition(":")[0] == dotted)
    script = next(named, "")
    if script:
        return (script,)
    return ("python", path) if "/" not in path else ("python", "-m", dotted) if dotted else ()


def _script(view: RepoView, names: Sequence[str]) -> Found | None:
    """A file named for it."""
    own = {f.path for f in view.code if not f.notebook and "__name__" in f.names}
    for name in names:
        stem = name.replace("-", "_")
        there = view.find(f"{stem}.py", f"run_{stem}.py", f"{stem}_*.py")
        named = [p for p in there if p in own and stem in p.rpartition("/")[2]]
        near = sorted(named, key=lambda p: (p.count("/"), p))
        if near:
            return Found(_started(near[0]), near[0])
    return None


def _started(path: str) -> tuple[str, ...]:
    dotted = module(path)
    inside = path.startswith("src/") and dotted
    return ("python", "-m", dotted) if inside else ("python", path)


def _target(view: RepoView, names: Sequence[str]) -> Found | None:
    for path in view.find("Makefile", "makefile")[:1]:
        known = recipes.targets(view, path) if "/" not in path else {}
        name = next((n for n in names if n in known), "")
        if name:
            return Found(("make", name), f"{path}:{known[name].line}")
    return None


def _is_installed(view: RepoView) -> bool:
    table = _pyproject(view)
    return any(k in table for k in ("project", "build-system")) or view.has("setup.py")


def _build_file(view: RepoView) -> str:
    return "pyproject.toml" if _pyproject(view) else "setup.py"


def _extras(view: RepoView) -> list[str]:
    extras = _table(_table(_pyproject(view).get("project")).get("optional-dependencies"))
    return [name for name in _EXTRAS if name in extras]


def _installed(view: RepoView) -> list[tuple[str, str]]:
    scripts = _table(_table(_pyproject(view).get("project")).get("scripts"))
    return [(str(k), v) for k, v in scripts.items() if isinstance(v, str)]


def _pyproject(view: RepoView) -> dict[object, object]:
    return mapping(view.toml("pyproject.toml")) if view.has("pyproject.toml") else {}


def _table(value: object) -> dict[object, object]:
    return value if isinstance(value, dict) else {}
