"""Which package, functions and folders of a project a `scaffold.toml` could name.

Invariant: only what is in the files is found; nothing is imported or run. A name that Python or
TOML could not hold is not found.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffolder.review.parse import Parsed, mapping, read_python
from scaffolder.review.python.ownpython import is_test
from scaffolder.review.view import RepoView


@dataclass(frozen=True)
class Found:
    """A value for the manifest, and the place that suggests it."""

    value: str | Sequence[str]
    where: str


ANSWERS = ("answer", "ask", "answer_question", "query", "respond", "generate_answer", "run_query")
SEARCHES = ("search", "retrieve", "retrieve_documents", "retrieve_chunks", "similarity_search")
ASKED = {"question", "query", "q", "text", "prompt", "message", "user_input", "user_query"}
"""Names of a parameter that takes the question."""

MOST = 400
"""Modules that are looked into."""

_NOT_A_PACKAGE = {
    *("tests", "test", "scripts", "docs", "doc", "examples", "example", "notebooks", "data"),
    *("evals", "eval", "benchmarks", "tools", "migrations", "src", "bin", "prompts", "config"),
}
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_PLACES: Mapping[str, Sequence[str]] = {
    "corpus": (
        *("data/corpus", "corpus", "data/documents", "data/docs", "data/raw", "documents"),
        *("knowledge_base", "knowledge-base", "kb", "docs_corpus", "data/pdfs", "data/source"),
    ),
    "golden": (
        *("evals/questions.jsonl", "evals/golden.jsonl", "*golden*.jsonl", "*golden*.json"),
        *("*golden*.csv", "*questions*.jsonl", "*testset*.jsonl", "*testset*.json"),
        *("*eval*set*.jsonl", "*eval*set*.json", "*testset*.csv", "*questions*.csv"),
    ),
    "results": ("evals/results", "eval/results", "evaluation/results", "results", "eval_results"),
    "failures": ("evals/failures.jsonl", "*failures*.jsonl", "*failures*.md"),
    "decisions": ("docs/decisions", "docs/adr", "adr", "decisions", "docs/decisions.md"),
    "prompts": ("prompts", "src/prompts", "app/prompts", "*/prompts"),
}


def package(view: RepoView) -> Found | None:
    """The one package that can be imported: below `src`, else at the root, else by its name."""
    for folder in ("src/", ""):
        names = _packages(view, folder)
        named = [n for n in names if n == _project_name(view)]
        chosen = names if len(names) == 1 else named
        if chosen:
            return Found(chosen[0], f"{folder}{chosen[0]}/")
    return None


def answers(view: RepoView) -> Found | None:
    """The function that answers a question."""
    return _function(view, ANSWERS)


def searches(view: RepoView) -> Found | None:
    """The function that finds passages for a question."""
    return _function(view, SEARCHES)


def places(view: RepoView) -> Mapping[str, Found | None]:
    """The file or folder for each of the paths that a manifest can name."""
    return {name: _place(view, patterns) for name, patterns in _PLACES.items()}


def module(path: str) -> str:
    """The dotted name of a Python file; "" where it can have none."""
    parts = PurePosixPath(path.removeprefix("src/")).with_suffix("").parts
    parts = parts[:-1] if parts[-1:] in (("__init__",), ("__main__",)) else parts
    return ".".join(parts) if parts and all(map(_WORD.fullmatch, parts)) else ""


def _packages(view: RepoView, folder: str) -> list[str]:
    inside = [f.removeprefix(folder) for f in view.files if f.startswith(folder)]
    whole = {f.partition("/")[0] for f in inside if f.endswith("/__init__.py")}
    if folder and not whole:  # a namespace package needs no __init__.py
        whole = {f.partition("/")[0] for f in inside if f.count("/") == 1 and f.endswith(".py")}
    tops = {name for name in whole if f"{folder}{name}/__init__.py" in view.files or folder}
    return sorted(n for n in tops if _WORD.fullmatch(n) and n.lower() not in _NOT_A_PACKAGE)


def _project_name(view: RepoView) -> str:
    about = mapping(view.toml("pyproject.toml")).get("project") if _has_pyproject(view) else None
    name = about.get("name") if isinstance(about, dict) else None
    return re.sub(r"[-.]+", "_", name).lower() if isinstance(name, str) else ""


def _has_pyproject(view: RepoView) -> bool:
    return view.has("pyproject.toml")


def _function(view: RepoView, names: Sequence[str]) -> Found | None:
    """The first of `names` that is a function of a module and takes a question."""
    found = list(_functions(view, frozenset(names)))
    return min(found, key=lambda f: names.index(str(f.value).rpartition(":")[2]), default=None)


def _functions(view: RepoView, names: frozenset[str]) -> Iterator[Found]:
    for file in view.code[:MOST]:
        dotted = module(file.path)
        held = {f.name for f in file.functions}
        aside = dotted.partition(".")[0] in _NOT_A_PACKAGE
        if file.notebook or not dotted or aside or is_test(file.path) or not names & held:
            continue
        read = read_python(view.text(file.path))
        if isinstance(read, Parsed):
            yield from _taking(read.value, names, dotted, file.path)


def _taking(tree: ast.Module, names: frozenset[str], dotted: str, path: str) -> Iterator[Found]:
    """Those that can be called as they are: what `@app.post` or `@cli.command` made cannot."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in names:
            given = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
            taken = any("." in ast.unparse(d) for d in node.decorator_list)
            if ASKED & set(given) and not taken:
                yield Found(f"{dotted}:{node.name}", f"{path}:{node.lineno}")


def _place(view: RepoView, patterns: Sequence[str]) -> Found | None:
    for pattern in patterns:
        found = _folder(view, pattern) or next(iter(_files(view, pattern)), "")
        if found:
            return Found(found, found)
    return None


def _folder(view: RepoView, pattern: str) -> str:
    """The folder of that path; `*/name` is one of that name, the one nearest to the root."""
    name = pattern.removeprefix("*/")
    if "*" in name:
        return ""
    if name == pattern:
        return name if any(f.startswith(f"{name}/") for f in view.files) else ""
    inside = (f"/{f}".partition(f"/{name}/") for f in view.files)
    tops = {f"{top}/{name}".strip("/") for top, here, _ in inside if here}
    return min(tops, key=lambda t: (t.count("/"), t), default="")


def _files(view: RepoView, pattern: str) -> list[str]:
    own = [f for f in view.find(pattern) if not is_test(f) and not view.is_binary(f)]
    return sorted(own, key=lambda f: (f.count("/"), f))
