"""Which functions of a project lead to a model call, across its files.

Invariant: a call is followed by its resolved name: a telling one from anywhere, a short one only
behind the module that defines it, and never further than a few steps.
"""

from collections.abc import Iterable, Iterator, Mapping

from scaffolder.review.models.modelcalls import calls, is_model_name
from scaffolder.review.view import RepoView


def reaching(view: RepoView) -> Mapping[str, frozenset[str]]:
    """By path, the functions (as `Call.function` names them) that call a model, or lead to it."""
    return view.once(_reaching)


def leads_to_model(view: RepoView, path: str, name: str) -> bool:
    """Whether a call of `name` in `path` is a model call, or one of a function that leads to it."""
    return is_model_name(name) or _steps(view, path, name)


def asking_lines(view: RepoView) -> frozenset[tuple[str, int]]:
    """Path and line of every call that is a model call or leads to one, by its resolved name."""
    return view.once(_asking_lines)


def _asking_lines(view: RepoView) -> frozenset[tuple[str, int]]:
    found = {(c.path, c.line) for c in calls(view)}
    return frozenset(found) | {
        (f.path, c.line) for f in view.code for c in f.calls if leads_to_model(view, f.path, c.name)
    }


_COMMON = frozenset(
    {
        *("create", "invoke", "append", "update", "get", "run", "main", "execute", "process"),
        *("submit", "handle", "start", "close", "write", "read", "send", "format", "print"),
        *("encode", "load", "parse", "search", "filter", "count", "query", "result", "index"),
    }
)
_DEPTH = 5
"""Calls between the user's door and the model that are followed."""


def _reaching(view: RepoView) -> Mapping[str, frozenset[str]]:
    inside: dict[str, set[str]] = {}
    for call in calls(view):
        inside.setdefault(call.path, set()).add(call.function)
    for _ in range(_DEPTH):
        public = frozenset(n for path, found in inside.items() for n in _doors(path, found))
        before = sum(map(len, inside.values()))
        for file in view.code:
            here = {_last(f) for f in inside.get(file.path, ()) if f}
            for made in file.calls:
                if made.function and (_last(made.name) in here or _opens(made.name, public)):
                    inside.setdefault(file.path, set()).add(made.function)
        if sum(map(len, inside.values())) == before:
            break
    return {path: frozenset(found) for path, found in inside.items()}


def _doors(path: str, functions: Iterable[str]) -> Iterator[str]:
    """How other files may call these: by a telling name, or by a short one behind its module."""
    module = path.rpartition("/")[2].partition(".")[0]
    for function in filter(None, functions):
        name = _last(function)
        yield f"{module}.{name}"
        if "." in function:
            yield ".".join(function.split(".")[-2:])
        if _telling(name):
            yield name


def _opens(name: str, doors: frozenset[str]) -> bool:
    return _last(name) in doors or ".".join(name.split(".")[-2:]) in doors


def _steps(view: RepoView, path: str, name: str) -> bool:
    here = {_last(f) for f in reaching(view).get(path, ()) if f}
    return _last(name) in here or _opens(name, view.once(_all_doors))


def _all_doors(view: RepoView) -> frozenset[str]:
    return frozenset(n for path, found in reaching(view).items() for n in _doors(path, found))


def _telling(name: str) -> bool:
    return len(name) >= 5 and name not in _COMMON and not name.startswith("__")


def _last(name: str) -> str:
    return name.rpartition(".")[2]
