"""The quickstart: few commands, which are there, and a way to see it work without a key."""

import re
from collections.abc import Iterator
from posixpath import splitext

from scaffolder.review.model import Answer, Evidence, Reading, no, partial, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.project import recipes
from scaffolder.review.project.packaging import manifests
from scaffolder.review.project.variables import read_by_code
from scaffolder.review.project.workflows import workflows
from scaffolder.review.readme import commands, markdown
from scaffolder.review.readme.commands import Command
from scaffolder.review.readme.frontpage import page
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

FEW = 5
"""Commands of a quickstart, `cd`, `git clone` and activating an environment left out: environment,
install, key, run and one more (DTC asks for a reader who can copy them without thinking)."""

_HEADING = re.compile(
    r"quick\s?-?start|getting started|how to (?:run|use|start|install)|\brun(?:ning)?\b"
    r"|\bset\s?-?up\b|\binstall(?:ation|ing)?\b|\busage\b|reproduc|\btry it\b|\bdemo\b"
    r"|快速|安装|运行|使用|部署"
    r"|inicio r[aá]pido|instalaci[oó]n|ejecuci[oó]n|uso\b|instalação|démarrage|schnellstart",
    re.I,
)
_FIRST = re.compile(
    r"quick\s?-?start|getting started|快速|inicio r[aá]pido|schnellstart|try it", re.I
)
_NO_STEP = {
    "cd",
    "git",
    "source",
    "export",
    "set",
    "echo",
    "#",
    ".",
    "activate",
    "conda",
    "mkdir",
    "ls",
}
_NO_KEY = re.compile(
    r"\b(?:no|without|needs? no|not need)\b.{0,25}\b(?:api )?keys?\b|\bkey[- ]?(?:less|free)\b"
    r"|\bno network\b|\boffline\b"
    r"|\b(?:mock|fake|stub|demo|baseline) (?:mode|model|provider|llm|answers?)\b"
    r"|无需.{0,20}(?:key|密钥)|sin (?:una )?(?:clave|api key)",
    re.I,
)
_KEYLESS = re.compile(
    r"(?:^|_)(?:baseline|offline|mock|fake|stub|dummy|scripted|canned|ollama)(?:$|_)"
    r"|(?:Baseline|Offline|Mock|Fake|Stub|Dummy|Ollama|Scripted)(?:[A-Z]|$)"
)
_KEY = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL")
_VENV = re.compile(r"(?:\.{0,2}/)?(?:[\w.-]+/)*(?:bin|Scripts)/")
_MODULES_OF_TOOLS = {
    *("pip", "venv", "pytest", "unittest", "uvicorn", "streamlit", "http", "ruff", "mypy", "spacy"),
    *(
        "ipykernel",
        "jupyter",
        "build",
        "ensurepip",
        "virtualenv",
        "notebook",
        "nltk",
        "http.server",
    ),
    *("flask", "gunicorn", "chainlit", "virtualenv", "poetry", "uv", "playwright", "black"),
}


def few_commands(view: RepoView) -> Reading:
    """A quickstart of at most FEW commands in a block of code."""
    if view.readme is None:
        return no("There is no README with a quickstart.")
    shown = _quickstart(view)
    if not shown:
        return no("The README shows no block of commands that start the project.")
    path = view.readme
    places = [view.quote(path, c.line) for c in shown[:4]]
    if not _headed(view):
        return partial("The README shows commands, but under no heading that says so.", *places)
    if not any(
        commands.runs(c, commands.scripts(view)) or c.text.startswith(("make", "just"))
        for c in shown
    ):
        return partial("The quickstart installs, and does not show how to start it.", *places)
    if len(shown) > FEW:
        return partial(f"Commands in the quickstart: {len(shown)}, more than {FEW}.", *places)
    return yes(f"Commands in the quickstart: {len(shown)}.", *places)


def commands_exist(view: RepoView) -> Reading:
    """What the quickstart calls is there: modules, scripts, targets, files."""
    shown = _quickstart(view)
    if view.readme is None or not shown:
        return no("The README shows no commands whose parts could be looked for.")
    judged = [(c, _there(view, c)) for c in shown]
    missing = [(c, what) for c, what in judged if what]
    if missing:
        absent = clean(missing[0][1] or "", 80)
        return no(
            f"The quickstart calls {absent}, which is not in the repository.",
            *(view.quote(view.readme, c.line) for c, _ in missing[:3]),
        )
    known = [c for c, what in judged if what == ""]
    if not known:
        said = "The quickstart's commands call nothing of this repository."
        return partial(said, *(view.quote(view.readme, c.line) for c in shown[:2]))
    said = "What the quickstart calls is in the repository."
    return yes(said, *(view.quote(view.readme, c.line) for c in known[:3]))


def works_without_key(view: RepoView) -> Reading:
    """The README says how to see it work without a key, and code or CI has that way.

    A project that calls no model and reads no key has nothing to say.
    """
    if _needs_none(view):
        first = [view.quote(path, 1) for path in (*(f.path for f in view.code), *scripts(view))[:1]]
        return yes("No model is called and no key is read: none is needed.", *first)
    line = _said(view)
    way = _way(view)
    if line and way:
        return yes("The README says what works without a key, and the code has it.", line, way)
    if line:
        said = "The README says that it works without a key; nothing in the code shows how."
        return partial(said, line)
    if way:
        said = "There is a way without a key in the code, and the README does not say so."
        return partial(said, way)
    return no("Neither README nor code has a way to see it work without a key.")


def _needs_none(view: RepoView) -> bool:
    if calls(view) or any(_KEY.search(name) for name in read_by_code(view)):
        return False
    return without_call(view).answer is Answer.NOT_APPLICABLE


def _document(view: RepoView) -> markdown.Document:
    path = view.readme or ""
    return page(view, path).document


def _headed(view: RepoView) -> bool:
    return any(_HEADING.search(h.text) for h in view.once(_document).headings)


def _quickstart(view: RepoView) -> list[Command]:
    """The commands of the first section that has some, the quickstart before any other."""
    if view.readme is None:
        return []
    document = view.once(_document)
    every = [c for c in commands.commands(document) if c.shown and _is_step(c)]
    for pattern in (_FIRST, _HEADING):
        for section in document.sections(pattern):
            inside = [c for c in every if section.start <= c.line < section.end]
            if inside:
                return inside
    return every[:20]


def _is_step(command: Command) -> bool:
    words = command.text.split()
    activates = any(w.endswith(("/activate", "\\activate", "Activate.ps1")) for w in words[:2])
    known = commands.installs(command) or commands.runs(command) or _calls(words)
    return bool(words) and words[0] not in _NO_STEP and not activates and known


def _calls(words: list[str]) -> bool:
    return bool(words) and words[0] in {
        "cp",
        "copy",
        "make",
        "just",
        "bash",
        "sh",
        "docker",
        "./run",
    }


def _there(view: RepoView, command: Command) -> str | None:
    """Empty where what it calls is there, the name of what is not, None where nobody can say."""
    words = command.text.partition(" #")[0].replace('"', " ").replace("'", " ").split()
    if words and _VENV.match(words[0]):
        words[0] = words[0].rpartition("/")[2]
    module = next((words[i + 1] for i, w in enumerate(words[:-1]) if w == "-m" and i < 4), None)
    words = recipes.core(" ".join(words))
    if not words:
        return None
    head, rest = words[0].rpartition("/")[2], words[1:]
    if module and head == module:
        return _module(view, module)
    if head in {"make", "just"}:
        return _target(view, head, [w for w in rest if not w.startswith("-") and "=" not in w])
    if head in {"npm", "pnpm", "yarn", "bun"}:
        return _script(view, [w for w in rest if not w.startswith("-")])
    if head.startswith(("python", "py")) or head in {"bash", "sh", "streamlit", "chainlit", "cp"}:
        return _file(view, [w for w in rest if w not in {"run"}])
    if head in {"docker", "docker-compose"}:
        return _container(view, words)
    if head in {"uvicorn", "gunicorn", "hypercorn"}:
        return _module(view, next((w for w in rest if ":" in w), "").partition(":")[0])
    if head in {"pip", "pip3", "uv", "poetry", "pdm", "pipenv"}:
        return _installed(view, words)
    if head in commands.scripts(view):
        return ""
    return _file(view, [words[0]]) if words[0].startswith("./") else None


def _module(view: RepoView, name: str) -> str | None:
    if not name or name.split(".")[0] in _MODULES_OF_TOOLS:
        return None
    path = name.replace(".", "/")
    ends = (f"{path}.py", f"{path}/__main__.py", f"{path}/__init__.py")
    return "" if any(f.endswith(ends) for f in view.files) else f"the module {name}"


def _file(view: RepoView, words: list[str]) -> str | None:
    word = next((w for w in words if not w.startswith("-")), "")
    name = word.removeprefix("./").replace("\\", "/")
    if (
        "." not in name.rpartition("/")[2]
        or "<" in name
        or "*" in name
        or name.startswith(("/", "~"))
    ):
        return None
    return "" if any(f == name or f.endswith(f"/{name}") for f in view.files) else name


def _target(view: RepoView, head: str, names: list[str]) -> str | None:
    files = ("Makefile", "makefile") if head == "make" else ("justfile", "Justfile")
    path = next((p for f in files for p in view.files if p.rpartition("/")[2] == f), None)
    if path is None:
        return f"a {files[0]}"
    known = recipes.targets(view, path) if head == "make" else recipes.just(view, path)
    missing = [n for n in names if n not in known]
    return f"the target {missing[0]}" if missing else ""


def _script(view: RepoView, words: list[str]) -> str | None:
    files = [f for f in view.files if f.rpartition("/")[2] == "package.json"]
    if not files:
        return "a package.json"
    name = words[1] if words[:1] == ["run"] and len(words) > 1 else words[0] if words else "install"
    if name in {"install", "i", "ci", "add", "exec", "dlx"}:
        return ""
    known = {n for f in files[:10] for n in recipes.scripts(view, f)}
    return "" if name in known else f"the script {name}"


def _container(view: RepoView, words: list[str]) -> str | None:
    if "compose" in words[0] or "compose" in words[1:2]:
        found = view.find("docker-compose*.y*ml", "compose*.y*ml")
        return "" if found else "a compose file"
    if "build" in words[1:3]:
        return "" if view.find("Dockerfile*", "Containerfile*", "*.dockerfile") else "a Dockerfile"
    return None


def _installed(view: RepoView, words: list[str]) -> str | None:
    """The requirements file or project that an installer is pointed at."""
    for option in ("-r", "--requirement", "-c"):
        if option in words[:-1]:
            return _file(view, [words[words.index(option) + 1]])
    local = any(w.split("[")[0] in {".", "./", "-e."} for w in words) or "sync" in words
    if local or words[0] in {"poetry", "pdm", "pipenv"}:
        return "" if manifests(view) or view.has("pyproject.toml") else "a manifest to install"
    return None


def _said(view: RepoView) -> Evidence | None:
    if view.readme is None:
        return None
    document = view.once(_document)
    line = next((n for n, text in document.prose() if _NO_KEY.search(text)), None)
    return view.quote(view.readme, line) if line else None


def _way(view: RepoView) -> Evidence | None:
    """Code that answers without a provider, or CI that runs a command of the project keyless."""
    for file in view.code:
        stem = splitext(file.path.rpartition("/")[2])[0]
        if not file.notebook and _KEYLESS.search(stem):
            return view.quote(file.path, 1)
        for defined in file.classes if not file.notebook else ():
            if _KEYLESS.search(defined.name):
                return view.quote(file.path, defined.line)
    return next(_keyless_jobs(view), None)


def _keyless_jobs(view: RepoView) -> Iterator[Evidence]:
    packages = {f.path.partition("/")[0] for f in view.code}
    packages |= {p for f in view.code for p in f.path.split("/")[1:2]}
    for flow in workflows(view):
        for job in flow.jobs:
            ran = [o for o in job.orders if recipes.core(o.text)[:1] and _own(o.text, packages)]
            if ran and not job.secrets and flow.runs:
                yield view.quote(ran[0].path, ran[0].line)


def _own(text: str, packages: set[str]) -> bool:
    return recipes.core(text)[0].split(".")[0] in packages
