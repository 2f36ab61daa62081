"""When a tool fails: who catches it, what is tried again, and what the runs with faults show."""

import ast
import re
from collections.abc import Iterator

from scaffolder.review.agentwork import faultrows, loop, toolset
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.models.codewords import in_files, place
from scaffolder.review.models.modelflow import dotted, syntax
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

FAULTS, TOOLS = 4, 2
"""Kinds of fault, and tools, that a matrix holds at least (rubric, AGT-04: T1 to T5, T7)."""

_NEAR = re.compile(
    r"(?:^|/|_)(?:tools?|execut\w{0,4}|actions?|dispatch\w{0,3}|toolbox|toolkit)", re.I
)
_EXECUTES = re.compile(r"execut|tool|dispatch|action", re.IGNORECASE)
_RUNS_TOOL = re.compile(
    r"tool|func|(?:^|[._])fn$|execut|dispatch|handler|action|invoke|getattr|submit|result$|(?:^|\.)call",
    re.IGNORECASE,
)
_PERSON = re.compile(r"^(?:KeyboardInterrupt|EOFError|SystemExit|ImportError|ModuleNotFoundError)$")
_KEPT = re.compile(
    r"result|content|observation|output|error|message|outcome|reply|response|text|status",
    re.IGNORECASE,
)
_GIVES = re.compile(
    r"^(?:handle_tool_errors?|failure_error_function|handle_parsing_errors|handle_validation_error)$"
)
_RETRY = re.compile(r"retr(?:y|ies|ying)|attempts?$|(?:^|_)tries$|backoff", re.IGNORECASE)
_TRANSIENT = re.compile(
    r"transient|temporar(?:y_?(?:err|fail)|ily)|retryable|retry_if|recoverable|TimeoutError|ConnectionError|Unavailable"
    r"|OperationalError|RateLimit",
    re.IGNORECASE,
)
_PASSES = re.compile(r"third|second|flaky|transient|later|retr(?:y|ies)|once", re.IGNORECASE)
_SCRIPT = re.compile(
    r"catch\s?\(.{0,40}\)\s?\{.{0,200}(?:return|error)|onToolError|toolError", re.I
)


def given_back(view: RepoView) -> Reading:
    """A tool's failure is caught and goes back to the model; caught alone is partial."""
    if not toolset.tools(view) and not loop.loops(view):
        return no("No tools were found, so nothing catches their failures.")
    framed = [
        place(view, f.path, c.line)
        for f in view.code
        for c in f.calls
        if any(_GIVES.search(k) for k in c.keywords) or c.name.endswith("ModelRetry")
    ]
    caught = [(f, h) for f in _near(view) for h in _handlers(view, f)]
    told = [place(view, f.path, h.lineno) for f, h in caught if _tells(h)]
    told += framed or in_files(view, _SCRIPT, [s for s in scripts(view) if _NEAR.search(s)])
    if told:
        return yes("A tool's failure is caught and given back as its result.", *told[:3])
    if caught:
        reason = "A tool's failure is caught, and the model is not told of it."
        return partial(reason, *(place(view, f.path, h.lineno) for f, h in caught[:3]))
    where = [toolset.spot(view, t) for t in toolset.tools(view)[:2]]
    return no("Nothing catches the failure of a tool.", *where)


def retried_if_transient(view: RepoView) -> Reading:
    """A failed tool is tried again only where its failure can pass, and not for ever."""
    found = [(f, n) for f in _near(view) if (n := _first(view, f, _RETRY))]
    if not found:
        return no("No tool is tried again after a failure that can pass.")
    near = {f.path for f in _near(view)}
    sorts = [
        place(view, f.path, line)
        for f in view.code
        if f.path in near
        for line in _sorted_by_kind(f)
    ]
    places = [place(view, f.path, n) for f, n in found[:2]]
    if sorts:
        return yes("What is tried again is told from what is not.", *places[:1], *sorts[:2])
    reason = "Tools are tried again, whatever the failure: nothing tells a passing one from others."
    return partial(reason, *places)


def matrix_kept(view: RepoView) -> Reading:
    """Rows of each tool with each fault say how the run ended; none of them crashed."""
    rows = faultrows.fault_rows(view)
    if not rows:
        return no("No rows of injected faults were found: a tool, a fault, and how the run ended.")
    tools, faults = {r.tool for r in rows}, {r.fault for r in rows}
    recovered = [r for r in rows if r.recovered]
    told = (
        f"{count(len(rows), 'run')} with a fault ({count(len(faults), 'kind')}, "
        f"{count(len(tools), 'tool')}): {len(recovered):,} recovered"
    )
    crashed = [r for r in rows if r.crashed and not r.recovered]
    if crashed:
        named = f"{clean(crashed[0].tool, 40)} with {clean(crashed[0].fault, 40)}"
        return no(f"{told}, {len(crashed):,} crashed, first {named}.", crashed[0].evidence)
    if len(faults) < FAULTS or len(tools) < TOOLS:
        reason = f"{told}; {FAULTS} kinds of fault and {TOOLS} tools are asked for."
        return partial(reason, rows[0].evidence)
    passing = [r for r in rows if _PASSES.search(r.fault)]
    if passing and not any(r.recovered for r in passing):
        reason = f"{told}; a tool that works again at a later try was given up every time."
        return partial(reason, passing[0].evidence)
    silent = [r for r in rows if not r.recovered and not r.honest]
    if silent:
        reason = f"{told}; {count(len(silent), 'run')} neither recovered nor say that they did not."
        return partial(reason, silent[0].evidence)
    return yes(f"{told}, the others end with an explanation.", rows[0].evidence, rows[-1].evidence)


def _near(view: RepoView) -> list[PythonFile]:
    """The modules in which tools are defined or run."""
    paths = {t.path for t in toolset.tools(view)} | {f.path for f in loop.modules(view)}
    paths |= {t.code[0] for t in toolset.tools(view) if t.code}
    return [f for f in view.code if f.path in paths or _NEAR.search(f.path)]


def _handlers(view: RepoView, file: PythonFile) -> Iterator[ast.ExceptHandler]:
    """The handlers around a call that runs a tool, or inside of a tool's own function."""
    own = {t.code[1].line for t in toolset.tools(view) if t.code and t.code[0] == file.path}
    named = _EXECUTES.search(file.path.rpartition("/")[2])
    tree = syntax(view, file.path)
    stack: list[tuple[ast.AST, bool]] = [(tree, False)] if tree else []
    while stack:
        node, inside = stack.pop()
        inside = inside or getattr(node, "lineno", 0) in own
        if isinstance(node, ast.Try):
            near = inside or _runs_tool(node)
            told = (h for h in node.handlers if near or (named and _quotes_error(h)))
            yield from (h for h in told if not _of_person(h))
        stack += [(child, inside) for child in ast.iter_child_nodes(node)]


def _runs_tool(node: ast.Try) -> bool:
    calls = (n for s in node.body for n in ast.walk(s) if isinstance(n, ast.Call))
    return any(_RUNS_TOOL.search(dotted(c.func)[-60:]) for c in calls)


def _quotes_error(handler: ast.ExceptHandler) -> bool:
    """Whether what was raised goes into what is returned: `return "error", str(error)`."""
    given = (n for s in handler.body for n in ast.walk(s) if isinstance(n, ast.Return))
    return any(isinstance(n, ast.Name) and n.id == handler.name for g in given for n in ast.walk(g))


def _of_person(handler: ast.ExceptHandler) -> bool:
    return handler.type is not None and _PERSON.search(dotted(handler.type)) is not None


def _tells(handler: ast.ExceptHandler) -> bool:
    """Whether the handler makes something of the failure that goes on as a result."""
    for node in (n for s in handler.body for n in ast.walk(s)):
        match node:
            case ast.Return(value=value) | ast.Yield(value=value):
                if value is not None and not isinstance(value, ast.Constant):
                    return True
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    return bool(value.value.strip())
            case ast.Assign(targets=targets, value=value):
                raised = any(
                    isinstance(n, ast.Name) and n.id == handler.name for n in ast.walk(value)
                )
                if raised or any(_KEPT.search(dotted(t)[-60:]) for t in targets):
                    return True
            case ast.Call(func=ast.Attribute(attr="append" | "extend")):
                return True
    return False


def _first(view: RepoView, file: PythonFile, pattern: re.Pattern[str]) -> int | None:
    """The line of the first loop, keyword or decorator of a file that is named for it."""
    if not any(pattern.search(n[:60]) for n in file.names):
        return None
    tree = syntax(view, file.path)
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.For(target=part) | ast.While(test=part):
                names = [
                    dotted(n) for n in ast.walk(part) if isinstance(n, ast.Name | ast.Attribute)
                ]
                if isinstance(node, ast.For):
                    inner = ast.walk(node.iter)
                    names += [dotted(n) for n in inner if isinstance(n, ast.Name | ast.Attribute)]
            case (
                ast.FunctionDef(decorator_list=listed) | ast.AsyncFunctionDef(decorator_list=listed)
            ):
                names = [dotted(d) for d in listed]
            case _:
                continue
        if any(pattern.search(n[-60:]) for n in names):
            return int(node.lineno)
    return None


def _sorted_by_kind(file: PythonFile) -> Iterator[int]:
    """Lines that tell a failure that can pass from one that cannot."""
    yield from (h.line for h in file.handlers if any(_TRANSIENT.search(t) for t in h.types))
    named = (c for c in file.calls if _TRANSIENT.search(c.name.rpartition(".")[2]))
    yield from (c.line for c in named)
