"""Types and linters: whether functions say what they take and give, and a tool checks it."""

import re
from posixpath import splitext

from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.parse import mapping
from scaffolder.review.project import chores, recipes
from scaffolder.review.project.recipes import Order
from scaffolder.review.project.workflows import workflows
from scaffolder.review.view import RepoView, is_test

TYPED = 0.5
"""Share of functions with types from which on code counts as typed: whoever opens a function that
takes or gives something is then more likely to find a type than not."""

_FILES = {
    **dict.fromkeys(("ruff.toml", ".ruff.toml", ".flake8", ".pylintrc", "pylintrc"), "python"),
    **dict.fromkeys(("mypy.ini", ".mypy.ini", "pyrightconfig.json", "ty.toml"), "python"),
    **dict.fromkeys(("biome.json", "biome.jsonc", ".oxlintrc.json", "tslint.json"), "node"),
    **dict.fromkeys((".golangci.yml", ".golangci.yaml", ".golangci.toml"), "go"),
    **dict.fromkeys(("checkstyle.xml", "pmd.xml"), "java"),
}
_ESLINT = re.compile(r"\.eslintrc(?:\.\w+)?|eslint\.config\.\w+")
_SECTION = re.compile(
    r"\[(?:tool\.(?:ruff|mypy|pylint|flake8|pyright|basedpyright|ty|pyrefly|pytype)\b|(?:flake8|mypy|pylint)\b)"
)
_NODE_TOOLS = {"eslint", "biome", "oxlint", "tsc", "vue-tsc", "xo", "tslint", "standard", "next"}
_LANGUAGES = {
    **dict.fromkeys((".py", ".ipynb"), "python"),
    **dict.fromkeys(
        (".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte"), "node"
    ),
    **dict.fromkeys((".java", ".kt", ".scala"), "java"),
    ".go": "go",
    ".rs": "rust",
    ".cs": "dotnet",
}
_TYPESCRIPT = (".ts", ".tsx", ".mts")
_ALWAYS_TYPED = {"java", "go", "rust", "dotnet"}
_ASIDE = re.compile(
    r"(?:^|/)(?:vendor|third_party|node_modules|dist|build|docs?|public|static|\.next)/"
)


def typed_and_linted(view: RepoView) -> Reading:
    """Type hints on most of the code and a configured linter or type checker."""
    language = _main_language(view)
    if language is None:
        return no("There is no code that could be typed or linted.")
    typed, said, places = _typed(view, language)
    tools = [e for kind, e in _tools(view) if kind == language]
    if typed and tools:
        return yes(f"{said} A linter or type checker is configured.", *places[:2], *tools[:2])
    if typed:
        return partial(f"{said} No linter or type checker is configured for it.", *places[:3])
    if tools:
        return partial(f"A linter or type checker is configured. {said}", *tools[:2], *places[:2])
    return no(f"{said} No linter or type checker is configured.", *places[:2])


def _main_language(view: RepoView) -> str | None:
    """The language with the most lines outside of tests and what is built or vendored."""
    lines: dict[str, int] = {}
    python = {f.path: f.lines for f in view.code}
    for path in view.files:
        language = _LANGUAGES.get(splitext(path)[1])
        if language and not _ASIDE.search(path) and not is_test(path) and ".d.ts" not in path:
            count = python.get(path, 0) if language == "python" else view.text(path).count("\n") + 1
            lines[language] = lines.get(language, 0) + count
    return max(lines, key=lambda k: lines[k]) if lines else None


def _typed(view: RepoView, language: str) -> tuple[bool, str, list[Evidence]]:
    if language == "python":
        return _hints(view)
    if language == "node":
        return _typescript(view)
    return language in _ALWAYS_TYPED, "The language is typed.", []


def _hints(view: RepoView) -> tuple[bool, str, list[Evidence]]:
    """Functions with a type, over those that take or give something."""
    every = [(f, g) for f in view.code for g in f.functions if g.parameters or g.returns]
    stubbed = {f[:-1] for f in view.files if f.endswith(".pyi")}
    hinted = [(f, g) for f, g in every if g.hints or g.returns or f.path in stubbed]
    share = len(hinted) / len(every) if every else 0.0
    typed = share >= TYPED
    bare = [(f, g) for f, g in every if not (g.hints or g.returns or f.path in stubbed)]
    places = [
        view.quote(f.path, g.line) for f, g in (hinted if typed else bare)[:20] if not f.notebook
    ]
    return typed, f"{share:.0%} of the functions have types.", places[:3]


def _typescript(view: RepoView) -> tuple[bool, str, list[Evidence]]:
    own = [f for f in view.files if not _ASIDE.search(f) and ".d.ts" not in f]
    typed = [f for f in own if f.endswith(_TYPESCRIPT)]
    plain = [f for f in own if f.endswith((".js", ".jsx", ".mjs", ".cjs"))]
    places = [view.quote(f, 1) for f in (view.find("tsconfig.json") or typed or plain)[:1]]
    share = len(typed) / max(1, len(typed) + len(plain))
    said = f"{count(len(typed), 'file is', 'files are')} TypeScript, {len(plain)} JavaScript."
    return share >= TYPED, said, places


def _tools(view: RepoView) -> list[tuple[str, Evidence]]:
    """Linters and type checkers that are configured or run, each with the language it is for."""
    found: list[tuple[str, Evidence]] = []
    for path in sorted(view.files, key=lambda f: f.count("/")):
        name = path.rpartition("/")[2]
        if _ASIDE.search(path):
            continue
        if name in _FILES:
            found.append((_FILES[name], view.quote(path, 1)))
        elif _ESLINT.fullmatch(name):
            found.append(("node", view.quote(path, 1)))
        elif name in {"pyproject.toml", "setup.cfg", "tox.ini"}:
            found += [("python", e) for e in view.search(_SECTION, [path])][:2]
        elif name == "package.json" and _has_eslint_table(view, path):
            found.append(("node", view.quote(path, 1)))
    return found + [(_kind(o), view.quote(o.path, o.line)) for o in _run(view)]


def _has_eslint_table(view: RepoView, path: str) -> bool:
    return "eslintConfig" in mapping(view.json(path))


def _run(view: RepoView) -> list[Order]:
    """Commands of hooks, CI and recipes that lint or check types."""
    orders = [*recipes.hooks(view), *(o for w in workflows(view) for o in w.orders)]
    for path in [p for p in ("Makefile", "makefile") if view.has(p)]:
        orders += [s for o in recipes.targets(view, path).values() for s in recipes.split(o)]
    for path in [p for p in ("justfile", "Justfile") if view.has(p)]:
        orders += [s for o in recipes.just(view, path).values() for s in recipes.split(o)]
    for path in [p for p in ("tox.ini", "noxfile.py") if view.has(p)]:
        orders += recipes.followed(view, Order(path, 1, "tox" if path == "tox.ini" else "nox"))
    for path in [f for f in view.files if f.rpartition("/")[2] == "package.json"][:10]:
        orders += [s for o in recipes.scripts(view, path).values() for s in recipes.split(o)]
    return [o for o in orders if chores.does(o, chores.LINT) or chores.does(o, chores.TYPES)]


def _kind(order: Order) -> str:
    words = {w.rpartition("/")[2] for w in recipes.core(order.text)[:2]}
    if words & _NODE_TOOLS or "eslint" in order.text:
        return "node"
    return "go" if words & {"golangci-lint", "vet"} else "rust" if "clippy" in words else "python"
