"""What continuous integration runs: its jobs, their commands, triggers, rights and secrets.

Invariant: a workflow counts as one only where its service would find it; what it runs is followed
through Makefiles and scripts (`recipes`), never guessed from its name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from scaffolder.review.parse import Parsed, mapping
from scaffolder.review.project.recipes import Order, followed
from scaffolder.review.view import RepoView


@dataclass(frozen=True, slots=True)
class Use:
    """An action that a workflow calls: `name@version`."""

    name: str
    version: str
    line: int


@dataclass(frozen=True, slots=True)
class Job:
    """One job; `orders` is all that it runs, `secrets` the names of secrets that it reads."""

    name: str
    orders: tuple[Order, ...]
    secrets: frozenset[str]
    permissions: object = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file; `runs` is false where its service does not look.

    `triggers` are the events that start it; those of other services than GitHub are given the
    names that GitHub has for them. `permissions` is None where the file says nothing.
    """

    path: str
    service: str
    runs: bool
    triggers: frozenset[str]
    jobs: tuple[Job, ...]
    uses: tuple[Use, ...] = ()
    permissions: object = None

    @property
    def automatic(self) -> bool:
        """Whether a change of the code starts it."""
        return bool(self.triggers & {"push", "pull_request", "pull_request_target", "merge_group"})

    @property
    def orders(self) -> tuple[Order, ...]:
        """What all its jobs run."""
        return tuple(o for job in self.jobs for o in job.orders)


_GITHUB = re.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$")
_OTHERS = {
    ".gitlab-ci.yml": "GitLab",
    ".gitlab-ci.yaml": "GitLab",
    ".circleci/config.yml": "CircleCI",
    "azure-pipelines.yml": "Azure Pipelines",
    "azure-pipelines.yaml": "Azure Pipelines",
    ".travis.yml": "Travis",
    "bitbucket-pipelines.yml": "Bitbucket",
    ".drone.yml": "Drone",
    ".woodpecker.yml": "Woodpecker",
    ".cirrus.yml": "Cirrus",
    "appveyor.yml": "AppVeyor",
    ".buildkite/pipeline.yml": "Buildkite",
}
_COMMANDS = {
    "script",
    "before_script",
    "after_script",
    "run",
    "command",
    "commands",
    "bash",
    "pwsh",
}
_SECRET = re.compile(r"\bsecrets\.([A-Za-z_]\w{0,80})")
_USES = re.compile(r"\s*(?:-\s+)?[\"']?uses[\"']?:\s*[\"']?([^\s\"'#@]{1,200})@?([^\s\"'#]{0,100})")
_BRANCH = re.compile(r"refs/(?:heads|remotes/[^/]+)/(.+)")
_USUAL = {
    *("main", "master", "trunk", "develop", "development", "dev", "default", "staging", "stage"),
    *("production", "prod", "release", "stable", "next", "release/1.0", "feature/one", "v1"),
}
"""Branches that a remote may have although this copy does not name them."""
_CHANGES = {"opened", "synchronize", "reopened", "ready_for_review"}
_SHELL = re.compile(r"\b(?:sh|bat|powershell)\s?\(?\s?(?:script:\s?)?(\"\"\"|'''|\"|')")


def workflows(view: RepoView) -> tuple[Workflow, ...]:
    """Every workflow of the repository, those that run first."""
    return view.once(_workflows)


def _workflows(view: RepoView) -> tuple[Workflow, ...]:
    found = [w for path in view.files for w in _read(view, path)]
    return tuple(sorted(found, key=lambda w: (not w.runs, w.path)))


def _read(view: RepoView, path: str) -> Iterator[Workflow]:
    if _GITHUB.search(path):
        yield from _github(view, path)
    name = next((n for n in _OTHERS if path == n or path.endswith(f"/{n}")), None)
    if name:
        yield from _other(view, path, _OTHERS[name], path == name)
    elif path.rpartition("/")[2] == "Jenkinsfile":
        orders = tuple(o for s in _jenkins(view, path) for o in followed(view, s))
        jobs = (Job("Jenkinsfile", orders, frozenset()),) if orders else ()
        yield Workflow(path, "Jenkins", path == "Jenkinsfile", frozenset({"push"}), jobs)


def _github(view: RepoView, path: str) -> Iterator[Workflow]:
    raw = mapping(view.yaml(path))
    listed = raw.get("jobs")
    named = listed.items() if isinstance(listed, dict) else ()
    jobs = tuple(_job(view, path, str(n), j, raw) for n, j in named if _on(j))
    if not named:
        return
    names = _triggers(view, raw.get("on", raw.get(True)))
    uses = tuple(_uses(view, path))
    root = path.startswith(".github/")
    yield Workflow(path, "GitHub", root, names, jobs, uses, raw.get("permissions"))


def _on(job: object) -> bool:
    condition = str(job.get("if", "")) if isinstance(job, dict) else "false"
    return condition[:200].strip("${} ").lower() not in {"false", "0", "!true"}


def _triggers(view: RepoView, raw: object) -> frozenset[str]:
    """The events that can start it; a push of a tag alone is called so."""
    each = raw if isinstance(raw, dict) else dict.fromkeys(map(str, _list(raw) or [raw or ""]))
    known = _branches(view)
    return frozenset(n for event, how in each.items() for n in _event(str(event), how, known))


def _event(name: str, how: object, known: set[str]) -> Iterator[str]:
    if not isinstance(how, dict):
        yield name
        return
    left_out, wanted = _words(how.get("branches-ignore")), _words(how.get("branches"))
    types = _words(how.get("types"))
    if name == "push" and how.get("tags") and not wanted and not left_out:
        yield "tag"
    elif name.startswith("pull_request") and types and not _CHANGES & set(types):
        yield "pull_request_other"
    elif not {"*", "**"} & set(left_out) and (not wanted or _reached(known, wanted)):
        yield name


def _words(raw: object) -> list[str]:
    return [str(w)[:200] for w in (raw if isinstance(raw, list) else [raw])[:100] if w]


def _reached(known: set[str], patterns: list[str]) -> bool:
    """Whether a branch is there, or is usual, that one of the patterns speaks of."""
    own = [p for p in patterns if not p.startswith("!")]
    return any("$" in p or fnmatchcase(name, p) for p in own for name in known)


def _branches(view: RepoView) -> set[str]:
    heads = (_BRANCH.fullmatch(ref[:300]) for ref in view.history.refs[:2000])
    return {m[1] for m in heads if m} | {view.history.branch or "main"} | _USUAL


def _job(view: RepoView, path: str, name: str, job: dict[Any, Any], whole: dict[Any, Any]) -> Job:
    steps = _list(job.get("steps"))
    base = _folder(whole) or ""
    base = _folder(job) or base
    soft = _true(job.get("continue-on-error"))
    orders = [
        o
        for step in steps
        if _on(step)
        for o in _step(view, path, step, base, soft or _true(step.get("continue-on-error")))
    ]
    secrets = _SECRET.findall(f"{_scalars(job)} {_scalars(whole.get('env'))}")
    return Job(name, tuple(orders), frozenset(secrets), job.get("permissions"))


def _true(raw: object) -> bool:
    return str(raw)[:200].strip("${} ").lower() == "true"


def _list(raw: object) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _folder(raw: dict[Any, Any]) -> str | None:
    at: Any = raw
    for key in ("defaults", "run", "working-directory"):
        at = at.get(key) if isinstance(at, dict) else None
    return at if isinstance(at, str) and ".." not in at else None


def _step(
    view: RepoView, path: str, step: dict[Any, Any], base: str, soft: bool
) -> Iterator[Order]:
    run, uses = step.get("run"), step.get("uses")
    folder = step.get("working-directory", base)
    place = folder.removeprefix("./") if isinstance(folder, str) and ".." not in folder else base
    if isinstance(run, str):
        yield from followed(view, Order(path, _line(view, path, run), run, soft), place)
    elif isinstance(uses, str):
        yield Order(path, _line(view, path, uses), f"uses {uses}", soft)
        if uses.startswith("./"):
            yield from _action(view, uses, soft)


def _action(view: RepoView, uses: str, soft: bool) -> Iterator[Order]:
    """The steps of an action that stands in the repository itself."""
    for name in ("action.yml", "action.yaml"):
        path = f"{uses[2:].rstrip('/')}/{name}"
        raw = mapping(view.yaml(path))
        runs = raw.get("runs") if isinstance(raw.get("runs"), dict) else {}
        for step in _list(runs.get("steps")) if isinstance(runs, dict) else []:
            if isinstance(step, dict) and isinstance(step.get("run"), str):
                order = Order(path, _line(view, path, step["run"]), step["run"], soft)
                yield from followed(view, order)


def _line(view: RepoView, path: str, text: str) -> int:
    first = next((s.strip() for s in text.split("\n") if s.strip()), "")[:200]
    folded = " ".join(first.split()[:3])
    numbered = list(enumerate(view.lines(path), 1))
    return next((n for part in (first, folded) for n, s in numbered if part and part in s), 1)


def _uses(view: RepoView, path: str) -> Iterator[Use]:
    for number, line in enumerate(view.lines(path), 1):
        match = _USES.match(line)
        if match and not match[1].startswith("./"):
            yield Use(match[1], match[2], number)


def _scalars(raw: object) -> str:
    """All texts of a document, bounded; iterative since documents may be deep."""
    out: list[str] = []
    stack = [raw]
    seen = 0
    while stack and seen < 20_000:
        at = stack.pop()
        seen += 1
        if isinstance(at, dict):
            stack += at.values()
        elif isinstance(at, list):
            stack += at
        elif isinstance(at, str):
            out.append(at[:5000])
    return " ".join(out)


def _other(view: RepoView, path: str, service: str, root: bool) -> Iterator[Workflow]:
    read = view.yaml(path)
    orders = list(_scripts(view, path, read.value)) if isinstance(read, Parsed) else []
    if orders:
        jobs = (Job(service, tuple(orders), frozenset()),)
        yield Workflow(path, service, root, frozenset({"push", "pull_request"}), jobs)


def _scripts(view: RepoView, path: str, raw: object) -> Iterator[Order]:
    """What stands under a key that other services give commands in."""
    stack: list[tuple[object, bool, bool]] = [(raw, False, False)]
    seen = 0
    while stack and seen < 5000:
        at, inside, soft = stack.pop(0)
        seen += 1
        if isinstance(at, dict):
            soft = soft or at.get("allow_failure") is True or at.get("continueOnError") is True
            stack += [(v, k in _COMMANDS, soft) for k, v in at.items()]
        elif isinstance(at, list):
            stack += [(v, inside, soft) for v in at]
        elif isinstance(at, str) and inside:
            yield from followed(view, Order(path, _line(view, path, at), at, soft))


def _jenkins(view: RepoView, path: str) -> Iterator[Order]:
    text = view.text(path)[:100_000]
    for match in _SHELL.finditer(text):
        end = text.find(match[1], match.end())
        if end > 0:
            line = text.count("\n", 0, match.start()) + 1
            yield Order(path, line, text[match.end() : end][:5000])
