"""Environment variables: those that the code reads, and the files that show them to a reader.

Invariant: a name counts as read only where it is written out in the code; a name that the code
computes is not guessed.
"""

import re
from collections.abc import Iterator

from scaffolder.review.python.pysource import Class
from scaffolder.review.view import MAX_LINE, RepoView, is_test

_PYTHON = re.compile(
    r"\b(?:environ\.(?:get|pop)|getenv|env(?:\.(?:str|int|bool|float|list))?|config|get_env|require_env"
    r"|_?env_\w{1,20}|_?get_env_\w{1,20}|_env)\s?\(\s?\\?[\"']([A-Z][A-Z0-9_]{1,80})\\?[\"']"
    r"|\benviron\[\\?[\"']([A-Z][A-Z0-9_]{1,80})\\?[\"']\](?!\s?=[^=])"
)
_NODE = re.compile(
    r"(?:process\.env|import\.meta\.env|Bun\.env)(?:\.|\[[\"'])([A-Z][A-Z0-9_]{1,80})"
)
_FIELD = re.compile(r"\s{1,12}([A-Za-z]\w{0,80})\s?:\s?([^=#]{1,200})(.*)")
_PREFIX = re.compile(r"env_prefix[\"']?\s?[=:]\s?[\"'](\w{0,40})[\"']")
_ALIAS = re.compile(
    r"\b(?:validation_)?(?:alias|env)\s?=\s?(?:AliasChoices\()?[\"'](\w{1,80})[\"']"
)
_SHOWN = re.compile(r"^\s*(?:#\s*)?(?:export\s+)?([A-Za-z][A-Za-z0-9_]{1,80})\s?=")
_EXAMPLE = re.compile(
    r"\.?(?:env|environment|dotenv)[._-](?:[\w-]+[._-])?(?:example|sample|template|dist|tmpl|tpl"
    r"|defaults?|skel|sandbox|blank|empty|copy|public)(?:\.(?:txt|env|local|sh))?"
    r"|\.?(?:example|sample|template|dist|default)[._-](?:[\w-]+[._-])?env(?:\.(?:txt|local|sh))?"
    r"|secrets[._-](?:toml[._-])?(?:example|sample|template)(?:\.toml)?|(?:example|sample)[._-]secrets\.toml"
    r"|dot[._-]?env(?:[._-](?:txt|example|sample|template))?",
    re.I,
)
_REAL = re.compile(
    r"\.env(?:\.(?:local|dev|development|prod|production|staging|test))?|secrets\.toml"
)
_SOURCES = (".py", ".ipynb", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts")
ASIDE = re.compile(r"(?:^|/)(?:vendor|third_party|node_modules|examples?|docs?|dist|build)/")

SYSTEM = frozenset(
    {
        *("DEV", "PROD", "MODE", "SSR", "BASE_URL", "READTHEDOCS", "TERMINFO", "COLORTERM"),
        *("PATH", "HOME", "USER", "SHELL", "TERM", "PWD", "LANG", "CI", "NO_COLOR", "FORCE_COLOR"),
        *(
            "PYTHONPATH",
            "TMPDIR",
            "TEMP",
            "TMP",
            "HOSTNAME",
            "COLUMNS",
            "DISPLAY",
            "EDITOR",
            "PORT",
        ),
        *(
            "LOCAL_RANK",
            "RANK",
            "WORLD_SIZE",
            "CUDA_VISIBLE_DEVICES",
            "NODE_ENV",
            "PYTEST_CURRENT_TEST",
        ),
        *(
            "TOKENIZERS_PARALLELISM",
            "PYTHONUNBUFFERED",
            "PYTHONIOENCODING",
            "APPDATA",
            "LOCALAPPDATA",
        ),
        *(
            "XDG_CONFIG_HOME",
            "XDG_CACHE_HOME",
            "XDG_DATA_HOME",
            "OMP_NUM_THREADS",
            "VIRTUAL_ENV",
            "TZ",
        ),
    }
)
"""Set by the machine, the shell or a launcher: no reader has to be told of them."""

_OF_SDKS = re.compile(
    r"(?:OTEL|LANGCHAIN|LANGSMITH|HF|HUGGINGFACE|TRANSFORMERS|TOKENIZERS|CUDA|NCCL|TF|AWS|GITHUB|VERCEL"
    r"|SSL|REQUESTS|CURL|WANDB|PYTHON|PYTORCH|STREAMLIT|GRADIO|UVICORN|HTTP|HTTPS)_\w+|\w+_PROXY|\w+_BASE_URL"
    r"|\w+_API_BASE|OPENAI_ORG\w*|OPENAI_PROJECT\w*|GOOGLE_APPLICATION_CREDENTIALS|ANONYMIZED_TELEMETRY"
)


def read_by_code(view: RepoView) -> dict[str, tuple[str, int]]:
    """Each variable that the code outside of tests reads, and where first."""
    return view.once(_read)


def of_sdk(name: str) -> bool:
    """Whether a client library reads the variable too, with a default that works."""
    return bool(_OF_SDKS.fullmatch(name))


def examples(view: RepoView) -> list[str]:
    """Example files of any usual name that show at least one variable."""
    found = [f for f in view.files if _EXAMPLE.fullmatch(f.rpartition("/")[2])]
    ordered = sorted(found, key=lambda f: (f.count("/"), len(f)))
    return [f for f in ordered if shown(view, f)]


def shown(view: RepoView, path: str) -> frozenset[str]:
    """The names in an example file; those that are commented out count."""
    matched = (_SHOWN.match(line) for line in view.lines(path))
    return frozenset(m[1].upper() for m in matched if m)


def real_files(view: RepoView) -> list[str]:
    """Tracked files that hold settings themselves and are no example."""
    found = [f for f in view.files if _REAL.fullmatch(f.rpartition("/")[2]) and view.tracked(f)]
    return [f for f in found if shown(view, f)]


def _read(view: RepoView) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for path in view.files:
        if not path.endswith(_SOURCES) or ASIDE.search(path) or is_test(path):
            continue
        if "env" not in view.text(path) and "config(" not in view.text(path):
            continue
        pattern = _PYTHON if path.endswith((".py", ".ipynb")) else _NODE
        for number, line in enumerate(view.lines(path), 1):
            for match in pattern.finditer(line) if not line.lstrip().startswith("#") else ():
                found.setdefault(match[1] or match[2], (path, number))
    for name, place in _settings(view):
        found.setdefault(name, place)
    return {n: p for n, p in found.items() if n not in SYSTEM}


def _settings(view: RepoView) -> Iterator[tuple[str, tuple[str, int]]]:
    """Fields of pydantic settings, by the names that they have in the environment."""
    for file in view.code:
        if file.notebook:
            continue
        for each in file.classes:
            if any(b.rpartition(".")[2] == "BaseSettings" for b in each.bases):
                yield from _fields(view, file.path, each)


def _fields(view: RepoView, path: str, each: Class) -> Iterator[tuple[str, tuple[str, int]]]:
    lines = view.lines(path)
    body: list[tuple[int, str]] = []
    for number in range(each.line + 1, min(len(lines), each.line + 400) + 1):
        line = lines[number - 1]
        if line.strip() and not line.startswith((" ", "\t", ")")):
            break
        body.append((number, line))
    prefix = next((m[1] for _, s in body if (m := _PREFIX.search(s))), "")
    inside = len(body[0][1]) - len(body[0][1].lstrip()) if body else 4
    for number, line in body:
        match = _FIELD.match(line[:MAX_LINE])
        depth = len(line) - len(line.lstrip())
        if match and depth <= max(4, inside) and match[1] not in {"model_config", "class"}:
            if match[2].strip().endswith(("Settings", "Config")) or "ClassVar" in match[2]:
                continue
            alias = _ALIAS.search(match[3])
            name = alias[1] if alias else prefix + match[1]
            yield name.upper(), (path, number)
