"""The commands that a document tells its reader to type, and what each is for.

Invariant: a command is only read, never run; what is no known installer or launcher is no step.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffolder.review.parse import mapping
from scaffolder.review.readme.codeblocks import Fence
from scaffolder.review.readme.markdown import Document
from scaffolder.review.view import RepoView


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a document with its line; `shown` says that it stands in a block of code."""

    text: str
    line: int
    shown: bool


_OTHER = {
    *("python", "py", "python3", "pycon", "json", "jsonc", "yaml", "yml", "toml", "ini", "mermaid"),
    *("typescript", "ts", "tsx", "javascript", "js", "jsx", "html", "css", "sql", "bibtex", "xml"),
    *("diff", "markdown", "md", "java", "go", "rust", "c", "cpp", "csv", "jinja", "jinja2"),
}
"""Languages of a block that holds no commands."""

_PROMPT = re.compile(
    r"^\s*(?:[-*+]\s+)?(?:\([\w.-]+\)\s*)?(?:[\w@.:~/-]{0,60}[$%]\s+|PS[^>]{0,60}>\s*|>\s+|!\s*)?"
)
_SPAN = re.compile(r"(?<!`)`{1,3}([^`\n]{2,300})`{1,3}(?!`)")
_JOIN = re.compile(r"&&|\|\||;|(?<!\|)\|(?!\|)")
_SET = re.compile(r"^(?:(?:export\s+)?[A-Z_][A-Z0-9_]*=\S*\s+)+(?=\w)")
_PATH = r"(?:\.{0,2}/?(?:[\w.-]+/)*|[\w.-]+\\Scripts\\)"
_PYTHON = rf"{_PATH}(?:python|py)[\d.]*(?:\.exe)?\s+"
_INSTALL = re.compile(
    rf"^(?:sudo\s+)?(?:(?:{_PYTHON}-m\s+)?{_PATH}pip[\d.]*x?\s+install|uv\s+(?:sync|add|pip"
    rf"|tool\s+install|run)"
    r"|uvx\s|pipx\s+run|(?:poetry|pdm|pipenv|rye|hatch)\s+(?:install|add|sync|env\s+create)"
    r"|(?:conda|mamba|micromamba)\s+(?:env\s+)?(?:create|install|update)"
    r"|npm\s+(?:i|ci|install)\b|npx\s|yarn$|yarn\s+(?:install|add)|pnpm\s+(?:i|install|add)\b"
    r"|bun\s+(?:install|add)|bundle\s+install|composer\s+install|dotnet\s+(?:restore|build)"
    r"|(?:docker|podman)\s+(?:image\s+)?(?:build|pull)|(?:docker[ -]compose"
    r"|podman-compose)\b.{0,200}?\s(?:build|up)\b"
    r"|(?:docker|podman)\s+run|(?:make|just|task)\s+[\w-]*(?:setup|install|sync|deps|init|bootstrap"
    r"|build|env|prepare|up|start)"
    r"|(?:\./)?(?:mvnw?|gradlew?)\s.{0,200}?(?:package|install|build|compile|verify)"
    r"|go\s+(?:build|install|get|mod)|cargo\s+(?:build|install|run)|go\s+run|cmake\s|make$"
    rf"|(?:bash\s+|sh\s+)?{_PATH}(?:setup|install|bootstrap)[\w-]*\.(?:sh|py)|{_PYTHON}setup\.py)",
    re.I,
)
_RUN = re.compile(
    rf"^(?:sudo\s+)?(?:{_PYTHON}(?!-m\s+(?:pip|venv|ensurepip|virtualenv|pytest|ruff|mypy|ipykernel"
    rf"|spacy\s+download"
    r"|nltk|pre_commit)\b|-V|--version|-c\b|setup\.py)\S"
    rf"|{_PATH}(?:streamlit\s+run|chainlit\s+run|uvicorn\s|gunicorn\s|hypercorn\s|fastapi\s+(?:dev"
    rf"|run)|flask\s+(?:.{{0,40}}\s)?run|gradio\s"
    r"|celery\s|mlflow\s+run|langgraph\s+(?:dev|up)|adk\s+(?:web|run)|torchrun\s"
    r"|accelerate\s+launch|deepspeed\s)"
    r"|jupyter[\s-](?:notebook|lab)|(?:docker|podman)\s+(?:run|start)"
    r"|(?:docker[ -]compose|podman-compose)\b.{0,200}?\s(?:up|run|exec|start)\b"
    r"|(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?!install\b|i\b|ci\b|add\b|test\b|lint\b|build\b"
    r"|run\s+(?:test|lint|build)\b|-)\w"
    r"|npx\s+(?!-y\s+create)\S|uvx\s+\S|pipx\s+run|node\s+\S|deno\s+run|tsx\s+\S|ts-node\s"
    r"|(?:make|just|task)\s+(?!-?(?:install|setup|sync|deps|init|test|lint|check|format|fmt|clean"
    r"|build|env|help|venv|stop|down)\b)[\w-]"
    r"|(?:uv|poetry|pipenv|pdm|hatch|rye|conda)\s+run\s+(?!(?:pytest|ruff|mypy|pre-commit|pip)\b)\S"
    rf"|(?:bash|sh|zsh)\s+(?!{_PATH}(?:setup|install)\b)\S|\./(?!setup|install)[\w./-]+"
    rf"|java\s.{{0,200}}?-(?:jar|cp|classpath)\b"
    r"|go\s+run|cargo\s+run|dotnet\s+run|dvc\s+repro|prefect\s+\S|dagster\s+dev"
    r"|open-webui\s+serve)",
    re.I,
)
_ENTRY = re.compile(r"(?<![\w.-])([\w.-]{1,80})\s{0,4}=\s{0,4}[A-Za-z_][\w.]{0,200}:[A-Za-z_]\w")
"""A command of `console_scripts`: `name = package.module:function`."""
_COMPOSE = re.compile(r"\b(?:docker[ -]compose|podman-compose)\b.{0,200}?\sup\b")
_TREE = re.compile(r"[│├└]|\|--|`--")
_KEY = re.compile(
    r"(?<![\w./-])(?:\.?/?|(?:[\w-]++/){1,6})\.env\b(?!\.dev\w)|\b[A-Z][A-Z0-9_]*(?:API_?KEY|_KEY|_TOKEN|_SECRET"
    r"|API_BASE)S?\b|\*_API_KEY"
    r"|secrets\.toml|\benv\.example\b|aws\s+configure|\bexample\.env\b"
    r"|\b(?:[Ee]nter|[Pp]aste|[Ss]et|[Aa]dd|[Pp]rovide|[Ii]nsert|[Cc]onfigure|[Ss]upply|[Pp]ut)\s"
    r"(?:\w+\s){0,4}?(?:API|api|Api)[ -][Kk]eys?\b"
)
_NO_KEY = re.compile(
    r"\b(?:no|without (?:an?|any)|not? (?:need|require)s? (?:an?"
    r"|any)?)\s+(?:\w+ ){0,2}(?:api )?keys?\b"
    r"|does not require .{0,60}?\bapi keys?\b|no (?:api )?key (?:is )?(?:needed|required)",
    re.I,
)


def commands(document: Document) -> Iterator[Command]:
    """Every command of the blocks of code, then those inside of sentences."""
    for fence in document.fences:
        if fence.language not in _OTHER:
            yield from _of_block(fence)
    for number, line in enumerate(document.shown, 1):
        if "`" in line:
            found = (m[1].strip() for m in _SPAN.finditer(line))
            yield from (c for text in found for c in _split(text, number, False))


def installs(command: Command) -> bool:
    """Whether it installs the project or builds what runs."""
    return bool(_INSTALL.match(command.text))


def runs(command: Command, scripts: frozenset[str] = frozenset()) -> bool:
    """Whether it starts something of the project; `scripts` are the names it installs."""
    first = command.text.partition(" ")[0].rpartition("/")[2]
    whole = command.shown or " " in command.text
    return bool(_RUN.match(command.text)) or (whole and first in scripts)


def composes(command: Command) -> bool:
    """Whether it starts every service at once."""
    return bool(_COMPOSE.search(command.text))


def key_step(document: Document) -> int | None:
    """The line that says where the key or the environment goes; None where none does."""
    inside = ((f.line + i, t) for f in document.fences for i, t in enumerate(f.lines))
    every = [*enumerate(document.shown, 1), *inside]
    found = (n for n, text in every if _KEY.search(text) and not _TREE.search(text))
    return min(found, default=None)


def says_no_key(document: Document) -> int | None:
    """The line that says that no key is needed; None where none does."""
    return next((n for n, text in document.prose() if _NO_KEY.search(text)), None)


def scripts(view: RepoView) -> frozenset[str]:
    """The commands that the project installs: scripts of pyproject.toml, bin of package.json."""
    return view.once(_scripts)


def _scripts(view: RepoView) -> frozenset[str]:
    names: set[str] = set()
    for path in view.find("setup.py", "setup.cfg")[:20]:
        names |= {m[1] for line in view.lines(path) for m in _ENTRY.finditer(line)}
    for path in view.find("pyproject.toml", "package.json")[:20]:
        table = mapping(view.toml(path) if path.endswith(".toml") else view.json(path))
        for keys in (("project", "scripts"), ("tool", "poetry", "scripts"), ("bin",)):
            found = table
            for key in keys:
                found = found.get(key, {}) if isinstance(found, dict) else {}
            names |= {str(n) for n in found} if isinstance(found, dict) else set()
    return frozenset(names)


def _of_block(fence: Fence) -> Iterator[Command]:
    joined, first = "", 0
    for number, line in enumerate(fence.lines, fence.line):
        if _TREE.search(line) or (not joined and line.lstrip().startswith("#")):
            continue
        text = joined + line.strip()
        if text.endswith("\\"):
            joined, first = text[:-1] + " ", first or number
            continue
        yield from _split(text, first or number, True)
        joined, first = "", 0


def _split(text: str, number: int, shown: bool) -> Iterator[Command]:
    text = _PROMPT.sub("", text[:2000], count=1)
    for part in _JOIN.split(text):
        bare = _SET.sub("", part.strip())
        if bare:
            yield Command(bare, number, shown)
