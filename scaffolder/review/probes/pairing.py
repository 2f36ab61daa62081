"""Every call of a turn gets its own result, under its id, and goes back with the others."""

import ast
import re
from collections.abc import Iterator

from scaffolder.review.agentwork import loop, runs, tested, toolset
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.models.modelflow import dotted, syntax
from scaffolder.review.view import RepoView

_KEY = re.compile(r"^(?:tool_use_id|call_id|tool_call_id|function_call_id)$")
_IDS = re.compile(r"(?:^|[._])(?:id|call_id|tool_call_id|tool_use_id)$")
_FRAMEWORK = ("langgraph", "langchain", "langchain_core", "agents.Agent", "pydantic_ai", "crewai")
_PARALLEL = re.compile(
    r"parallel|side by side|at once|several calls|(?:two|three|many|both|every|all"
    r"|each) (?:\w{1,12} )?calls"
    r"|calls? (?:is|are|gets?|has|have) (?:\w{1,9} )?(?:answered|paired|result|its)|out of order"
    r"|one result (?:a|for each|per) call",
    re.IGNORECASE,
)
_CONTENT = ("content", "output", "parts", "choices")


def by_id(view: RepoView) -> Reading:
    """A result carries the id of its call; a reply that is read by position alone is partial."""
    if not calls(view):
        return no("No model is called, so no result goes back to one.")
    framed = [loop.spot(view, x) for x in loop.loops(view)]
    framed = framed if any(f.imports_any(*_FRAMEWORK) for f in view.code) else []
    keyed = [e for f in view.code for e in _keyed(view, f.path)] or framed
    where = [toolset.spot(view, t) for t in toolset.tools(view)[:1]]
    if not keyed:
        return no("No result of a tool carries the id of the call that it answers.", *where)
    first = [e for path in sorted({c.path for c in calls(view)}) for e in _by_place(view, path)]
    if first:
        reason = (
            "Results carry ids, and a reply is read by position: its first part may be no text."
        )
        return partial(reason, *first[:2])
    return yes("Each result of a tool carries the id of its call.", *keyed[:3])


def parallel_tested(view: RepoView) -> Reading:
    """A test makes several calls in one turn and looks for a result of each."""
    found = tested.on(view, _PARALLEL)
    if found:
        return yes("Tests make several calls in one turn.", *found[:2])
    return no("No test makes several calls in one turn and looks for a result of each.")


def rows_paired(view: RepoView) -> Reading:
    """In the rows every call of a run stands with what came of it."""
    listed = [r for r in runs.runs(view) if r.actions]
    if not listed:
        return no("No rows list the calls of a run, so none can be seen to be answered.")
    open_ = [r for r in listed if any(not a.outcome for a in r.actions)]
    if open_:
        reason = f"{count(len(open_), 'run')} of {len(listed):,} list a call without its outcome."
        return partial(reason, *runs.spots(view, open_, 2))
    total = sum(len(r.actions) for r in listed)
    return yes(
        f"{count(total, 'call')} in the rows, each with its outcome.", *runs.spots(view, listed)
    )


def _keyed(view: RepoView, path: str) -> Iterator[Evidence]:
    """Where a result is made with the id that a call has: as a key, or as a keyword."""
    tree = syntax(view, path)
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Dict(keys=keys, values=values):
                pairs = [
                    (k.value, v)
                    for k, v in zip(keys, values, strict=True)
                    if isinstance(k, ast.Constant)
                ]
            case ast.Call(keywords=keywords):
                pairs = [(k.arg, k.value) for k in keywords if k.arg]
            case _:
                continue
        for key, value in pairs:
            if isinstance(key, str) and _KEY.match(key) and _names_id(value):
                yield place(view, path, value.lineno)


def _names_id(value: ast.expr) -> bool:
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
        return _IDS.search(str(value.slice.value)) is not None
    return _IDS.search(dotted(value)[-60:]) is not None


def _by_place(view: RepoView, path: str) -> Iterator[Evidence]:
    """`reply.content[0].text`: the first part of a reply, whatever it is."""
    tree = syntax(view, path)
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Attribute(
                value=ast.Subscript(value=ast.Attribute(attr=name), slice=at), attr="text"
            ):
                if name in _CONTENT and isinstance(at, ast.Constant) and at.value == 0:
                    yield place(view, path, node.lineno)
