"""Which model calls stream, and whether the pieces are shown.

Invariant: a stream that is collected before anybody sees it, or whose function nobody calls, is not
shown.
"""

import ast
import re

from scaffolder.review.models.modelcalls import ModelCall
from scaffolder.review.models.modelflow import syntax
from scaffolder.review.view import RepoView

_STREAM_NAME = re.compile(
    r"(?:\.|_)(?:a?stream|astream_events|stream_chat|astream_chat|run_stream|content_stream"
    r"|message_stream|chat_stream|converse_stream|response_stream|stream_async)$"
)
_SHOWS = re.compile(
    r"^print$|\.(?:write|write_stream|send|send_json|send_text|put|put_nowait|stream_token|yield_"
    r"|update|append_text)$|^on_\w{2,20}$|^(?:emit|callback|handler|notify)$"
)


def streams(call: ModelCall, view: RepoView) -> bool:
    """Whether the call asks for its answer in pieces."""
    if call.literals.get("stream") is True or _STREAM_NAME.search(call.name):
        return True
    handed_on = "stream" in call.keywords and "stream" not in call.literals
    if handed_on or ("**" in call.keywords and _keys_stream(call.path, view)):
        asked = any(c.literals.get("stream") is True for f in view.code for c in f.calls)
        return asked or _by_default(call.path, view)
    return call.way != "script" and call.literals.get("streaming") is True


def _by_default(path: str, view: RepoView) -> bool:
    """A function of the file has a parameter `stream` that is true unless it is told otherwise."""
    tree = syntax(view, path) or ast.Module([], [])
    given = [n.args for n in ast.walk(tree) if isinstance(n, _DEFS)]
    pairs = [
        pair
        for a in given
        for pair in (
            *zip(reversed([*a.posonlyargs, *a.args]), reversed(a.defaults), strict=False),
            *zip(a.kwonlyargs, a.kw_defaults, strict=True),
        )
    ]
    return any(
        arg.arg in {"stream", "streaming"}
        and isinstance(value, ast.Constant)
        and value.value is True
        for arg, value in pairs
    )


def _keys_stream(path: str, view: RepoView) -> bool:
    """The parameters are a dictionary, and one of its keys is `stream`."""
    return any(t.value == "stream" for f in view.code if f.path == path for t in f.texts)


def shown(call: ModelCall, view: RepoView) -> bool:
    """Whether the pieces leave the function that receives them, and somebody calls it."""
    file = next((f for f in view.code if f.path == call.path), None)
    if file is None or not call.function:
        return True
    around = call.function.partition(".<")[0]
    inside = [f for f in file.functions if f.name == around or around.startswith(f"{f.name}.")]
    passes_on = any(f.yields for f in inside) or any(
        c.function.startswith(around) and _SHOWS.search(c.name) for c in file.calls
    )
    passes_on = passes_on or _caller_shows(call.path, around, view)
    kept = call.way == "sdk" and call.name.endswith("messages.stream")
    return (passes_on or kept or call.way == "framework") and _somebody_calls(around, view)


_STEPS = 5
"""Functions between the one that opens a stream and the one that shows its pieces."""


def _caller_shows(path: str, function: str, view: RepoView) -> bool:
    """Whether a stream that is returned whole is shown by a function that asks for it.

    A function that goes through the pieces shows them itself, or has collected them.
    """
    if _loops(path, function, view):
        return False
    names, seen = {function.rpartition(".")[2]}, set[str]()
    for _ in range(_STEPS):
        seen |= names
        asking = [(f, c) for f in view.code for c in f.calls if c.name.rpartition(".")[2] in names]
        ends = [(f, c) for f, c in asking if _loops(f.path, c.function, view)]
        if any(
            c.function == call.function and _SHOWS.search(c.name)
            for f, call in ends
            for c in f.calls
        ):
            return True
        names = (
            {c.function.rpartition(".")[2] for f, c in asking if (f, c) not in ends} - seen - {""}
        )
    return False


def _loops(path: str, function: str, view: RepoView) -> bool:
    """Whether the function of that qualified name (the module for "") goes through something."""
    tree = syntax(view, path) or ast.Module([], [])
    named = function.rpartition(".")[2]
    found = [n for n in ast.walk(tree) if isinstance(n, _DEFS) and n.name == named]
    top = [n for n in tree.body if not isinstance(n, (*_DEFS, ast.ClassDef))]
    inside = (n for part in (found if function else top) for n in ast.walk(part))
    return any(isinstance(n, ast.For | ast.AsyncFor | ast.comprehension) for n in inside)


_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _somebody_calls(function: str, view: RepoView) -> bool:
    parts = [p for p in function.split(".") if p]
    called = view.once(_called_names)
    decorated = any(f.decorators for x in view.code for f in x.functions if f.name == function)
    return decorated or any(p in called or p == "main" for p in parts)


def _called_names(view: RepoView) -> frozenset[str]:
    named = {c.name.rpartition(".")[2] for f in view.code for c in f.calls}
    return frozenset(
        named | {c.name.rpartition(".")[2] for f in view.code for c in f.classes} & named
    )
