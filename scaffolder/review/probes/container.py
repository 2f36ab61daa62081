"""Starting it: one command or a container, and whether the image is fit to be shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.parse import mapping
from scaffolder.review.project import chores, recipes
from scaffolder.review.project.packaging import manifests
from scaffolder.review.project.recipes import Order
from scaffolder.review.project.workflows import workflows
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

_NO_IMAGE = "There is no Dockerfile."
_COMPOSE = re.compile(r"(?:docker-)?compose[\w.-]*\.ya?ml|podman-compose\.ya?ml")
_DOCKERFILE = re.compile(r"(?:[\w.-]*[.-])?(?:dockerfile|containerfile)(?:\.[\w.-]+)?", re.I)
_ASIDE = re.compile(
    r"(?:^|/)(?:\.devcontainer|docs?|examples?|tests?(?:[-_][\w-]+)?|vendor|third_party|node_modules)/"
)
_SCRIPT = re.compile(
    r"(?:(?:scripts?|bin)/)?(?:run|start|up|launch|execute|serve|demo|quickstart|docker[-_]?run"
    r"|(?:start|run|launch)[-_](?:all|app|demo|dev|server|services|local|project|system|docker|ui))"
    r"\.(?:sh|bat|cmd|ps1)"
)
_STARTS = re.compile(
    r"(?:^|[\s/\"'])(?:python[\d.]*|py|uvicorn|streamlit|gunicorn|flask|fastapi|chainlit|gradio|node|npm"
    r"|pnpm|yarn|java|go|docker-compose|docker|uv|poetry|bash|sh|honcho|chainlit|bun|cargo)\s",
)
_MODULE = re.compile(r"(?:^|[\s/])python[\d.]{0,5} -m ([A-Za-z_][\w.]{0,120})")
_TARGETS = {
    *("run", "up", "start", "serve", "all", "demo", "app", "dev", "launch", "compose-up", "stack"),
    *(
        "docker-up",
        "docker-run",
        "run-app",
        "run-all",
        "start-all",
        "quickstart",
        "default",
        "up-all",
    ),
}
_SECRET_NAME = re.compile(
    r"(?:ENV|ARG)\s+\w{0,60}(?:API_?KEY|TOKEN|SECRET|PASSWORD)\w{0,40}[=\s]\s*[\"']?[^\s\"'$]{12}",
    re.I,
)
_ENV_FILE = re.compile(r"(?:^|/)\.env(?:\.(?:local|prod|production|dev|development))?$")
_STARTS_PART = re.compile(r"(?:^|[\s@])(?:docker|podman)\s+run\s")
_ROOT = {"root", "0", "0:0", "root:root"}


@dataclass(frozen=True, slots=True)
class _Service:
    name: str
    built: bool
    commanded: bool
    image: str


def starts_everything(view: RepoView) -> Reading:
    """A container or one command starts all of it; a container for a part only is partial."""
    composed = list(_composed(view))
    whole = [p for p, services in composed if any(_own(s) for s in services)]
    if whole:
        return yes("A compose file builds and starts the project.", view.quote(whole[0], 1))
    images = _images(view)
    ran = [p for p in images if _starts(view, p)]
    if any(_is_whole(view, p) for p in ran):
        first = next(p for p in ran if _is_whole(view, p))
        return yes("A Dockerfile builds the project and starts it.", *_last(view, first))
    command = next(_commands(view), None)
    if command:
        return yes("One command starts it.", command)
    return _part(view, [p for p, _ in composed], images)


def image_pinned(view: RepoView) -> Reading:
    """Every base image has a tag or digest that does not move."""
    images = _images(view)
    if not images:
        return no(_NO_IMAGE)
    bases = [(p, n, b) for p in images for n, b in _bases(view, p)]
    moving = [(p, n, b) for p, n, b in bases if _moves(b)]
    if moving:
        return partial(
            f"The base image {clean(moving[0][2], 80)} changes with the day of the build.",
            *(view.quote(p, n) for p, n, _ in moving[:3]),
        )
    return yes("Every base image has a version.", *(view.quote(p, n) for p, n, _ in bases[:3]))


def image_user(view: RepoView) -> Reading:
    """The image runs as a normal user."""
    images = [p for p in _images(view) if _starts(view, p)] or _images(view)
    if not images:
        return no(_NO_IMAGE)
    rooted = [p for p in images if not _user(view, p)]
    if rooted:
        return no("The image runs as root: its last stage has no USER.", *_last(view, rooted[0]))
    return yes("The image runs as a normal user.", *filter(None, (_user(view, p) for p in images)))


def image_without_secrets(view: RepoView) -> Reading:
    """No key is built in, and what is copied leaves `.env` out."""
    images = _images(view)
    if not images:
        return no(_NO_IMAGE)
    copied = [(p, n, words) for p in images for n, words in _copied(view, p)]
    named = [view.quote(p, n) for p, n, w in copied if any(_ENV_FILE.search(x) for x in w[:-1])]
    built_in = [*view.search(_SECRET_NAME, images), *named]
    if built_in:
        return no("The image is built with a secret in it.", *built_in[:3])
    copies = [view.quote(p, n) for p, n, w in copied if {".", "./", "/"} & set(w[:-1])]
    if not copies or _ignored(view):
        return yes(
            "No secret is copied into the image.", *(copies or [view.quote(images[0], 1)])[:2]
        )
    if any(_ENV_FILE.search(f) for f in view.files):
        return no("The image copies the whole folder, .env too: no .dockerignore.", *copies[:2])
    return partial(
        "The image copies the whole folder and no .dockerignore leaves .env out.", *copies[:2]
    )


def audited(view: RepoView) -> Reading:
    """Known vulnerabilities are looked for: in CI, by a bot, or in a report that is committed."""
    for flow in workflows(view):
        found = [o for o in flow.orders if chores.does(o, chores.AUDIT)]
        if found and flow.runs:
            return yes("CI audits what is installed.", view.quote(found[0].path, found[0].line))
    bots = [
        *(".github/dependabot.yml", ".github/dependabot.yaml", "renovate.json", "renovate.json5"),
        *(".renovaterc", ".renovaterc.json", ".github/renovate.json", ".github/renovate.json5"),
    ]
    bot = next((b for b in bots if view.text(b).strip()), None)
    if bot:
        return yes("A bot proposes updates of what is vulnerable.", view.quote(bot, 1))
    reports = view.find("*pip*audit*", "*npm*audit*", "*security*audit*", "*trivy*.json", "*sbom*")
    if reports:
        return partial(
            "An audit report is committed, but nothing repeats it.", view.quote(reports[0], 1)
        )
    return no("Nothing audits the dependencies: no pip-audit, trivy or npm audit in CI, no bot.")


def _composed(view: RepoView) -> Iterator[tuple[str, list[_Service]]]:
    for path in sorted(view.files, key=lambda f: (f.count("/"), len(f), f)):
        if not _COMPOSE.fullmatch(path.rpartition("/")[2].lower()) or _ASIDE.search(path):
            continue
        raw = mapping(view.yaml(path))
        services = raw.get("services")
        named = services.items() if isinstance(services, dict) else ()
        yield path, [_service(str(n), s) for n, s in named if isinstance(s, dict)]


def _service(name: str, raw: dict[object, object]) -> _Service:
    return _Service(name, "build" in raw, "command" in raw, str(raw.get("image", "")))


def _own(service: _Service) -> bool:
    """Whether a service is the project and not a database beside it."""
    plain = service.image.rpartition("/")[2].partition(":")[0] in {"python", "node", "uv", "golang"}
    return service.built or (service.commanded and plain)


def _images(view: RepoView) -> list[str]:
    """The project's Dockerfiles, nearest to the root first."""
    found = [f for f in view.files if _DOCKERFILE.fullmatch(f.rpartition("/")[2])]
    own = [f for f in found if not _ASIDE.search(f) and not f.endswith((".md", ".dockerignore"))]
    return sorted((f for f in own if any(_bases(view, f))), key=lambda f: (f.count("/"), f))


def _starts(view: RepoView, path: str) -> bool:
    words = {line.split()[0].upper() for line in view.lines(path) if line.split()}
    return bool({"CMD", "ENTRYPOINT"} & words) and bool({"COPY", "ADD"} & words)


def _is_whole(view: RepoView, path: str) -> bool:
    """At the root, or beside the only part that there is."""
    folder = str(PurePosixPath(path).parent)
    parts = {m.folder for m in manifests(view) if not m.secondary}
    return folder in {".", "docker", "deploy", "build"} or parts <= {folder, ""}


def _commands(view: RepoView) -> Iterator[Evidence]:
    """Make targets and scripts that start something."""
    listed: dict[str, Order] = {}
    for path in [p for p in ("Makefile", "makefile") if view.has(p)]:
        listed |= recipes.targets(view, path)
    for path in [p for p in ("justfile", "Justfile") if view.has(p)]:
        listed |= recipes.just(view, path)
    for name, order in listed.items():
        if name.lower() in _TARGETS and _launches(order.text) and not _is_gone(view, order.text):
            yield view.quote(order.path, order.line)
    for path in view.files:
        if _SCRIPT.fullmatch(path.lower()) and _launches(view.text(path)[:20_000]):
            number = next(n for n, s in enumerate(view.lines(path), 1) if _STARTS.search(s))
            yield view.quote(path, number)


def _is_gone(view: RepoView, text: str) -> bool:
    """Whether it runs a module of a folder of the project that the folder does not hold."""
    module = _MODULE.search(text[:2000])
    if module is None or "cd " in text[: module.start()]:
        return False
    path = module[1].replace(".", "/")
    folder = path.partition("/")[0] + "/"
    if folder == path + "/" or not any(f.startswith(folder) for f in view.files):
        return False
    return not any(f.startswith((f"{path}.", f"{path}/")) for f in view.files)


def _launches(text: str) -> bool:
    return any(_STARTS.search(line[:2000]) for line in text.split("\n"))


def _part(view: RepoView, composed: list[str], images: list[str]) -> Reading:
    if composed:
        said = "The compose file starts only what the project needs beside it, not the project."
        return partial(said, view.quote(composed[0], 1))
    if images:
        return partial("There is a container for a part of it only.", view.quote(images[0], 1))
    recipe = next(view.search(_STARTS_PART, view.find("Makefile", "makefile", "*.sh")), None)
    if recipe:
        return partial("A script starts a container for a part of it only.", recipe)
    devcontainer = view.find("devcontainer.json")
    if devcontainer:
        return partial("A devcontainer makes the environment only.", view.quote(devcontainer[0], 1))
    scripted = [m for m in manifests(view) if m.path == "pyproject.toml"]
    places = [
        e for m in scripted for e in view.search(re.compile(r"^\[project\.scripts\]"), [m.path])
    ]
    if places:
        return partial("Once installed, one command starts it; nothing installs it.", places[0])
    return no("No Dockerfile, compose file, make target or start script was found.")


def _bases(view: RepoView, path: str) -> Iterator[tuple[int, str]]:
    stages: set[str] = {"scratch"}
    for number, line in enumerate(view.lines(path), 1):
        words = [w for w in line.split() if not w.startswith("--")]
        if len(words) > 1 and words[0].upper() == "FROM":
            if words[1].lower() not in stages:
                yield number, words[1]
            stages.add(words[-1].lower())


def _copied(view: RepoView, path: str) -> Iterator[tuple[int, list[str]]]:
    """What each COPY or ADD takes from the folder, and where to."""
    for number, line in enumerate(view.lines(path), 1):
        words = line.split()
        if words and words[0].upper() in {"COPY", "ADD"} and "--from=" not in line:
            yield number, [w.strip('",[]') for w in words[1:] if not w.startswith("--")]


def _moves(base: str) -> bool:
    if "@sha256:" in base:
        return False
    tag = base.rpartition("/")[2].partition(":")[2]
    return not base.startswith("$") and not any(c.isdigit() or c == "$" for c in tag)


def _user(view: RepoView, path: str) -> Evidence | None:
    """The USER of the last stage, or its base where that is one without root."""
    found: Evidence | None = None
    for number, line in enumerate(view.lines(path), 1):
        words = line.split()
        if words[:1] and words[0].upper() == "FROM":
            found = view.quote(path, number) if "nonroot" in line else None
        elif len(words) > 1 and words[0].upper() == "USER":
            found = None if words[1].lower() in _ROOT else view.quote(path, number)
    return found


def _last(view: RepoView, path: str) -> list[Evidence]:
    lines = list(enumerate(view.lines(path), 1))
    ends = [n for n, s in lines if s.strip().upper().startswith(("CMD", "ENTRYPOINT", "FROM"))]
    return [view.quote(path, ends[-1] if ends else 1)]


def _ignored(view: RepoView) -> bool:
    """Whether a .dockerignore leaves `.env` out, by name or because it leaves out everything."""
    lines = [s.strip().rstrip("/") for p in view.find(".dockerignore") for s in view.lines(p)]
    return bool({"*", "**", ".env", ".env*", "**/.env", "*.env", ".env.*", "**/.env*"} & set(lines))
