"""The loop in which a model chooses the next step: written by hand, or a framework's.

Invariant: a loop counts where one turn of it both asks the model and deals with tools; one over the
tasks of an evaluation, or over what a person types, is none.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import in_files, place
from scaffolder.review.models.modelflow import dotted, syntax
from scaffolder.review.models.modelreach import asking_lines
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import Call, PythonFile
from scaffolder.review.view import RepoView

MAX_LOOPS = 200
"""Loops of one module that are told from those around them."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Where a loop stands; `framework` is the call that brings it, "" for one written by hand."""

    path: str
    line: int
    framework: str = ""


_FRAMEWORK = re.compile(
    r"(?:^|\.)(?:create_react_agent|create_agent|create_deep_agent|create_tool_calling_agent"
    r"|AgentExecutor(?:\.\w{2,30})?|initialize_agent|ReActAgent|FunctionAgent|CodeAgent"
    r"|ToolCallingAgent|dspy\.ReAct|Runner\.run(?:_sync|_streamed)?|StateGraph|MessageGraph|Crew"
    r"|claude_agent_sdk\.query|ClaudeSDKClient|AssistantAgent|RoundRobinGroupChat|tool_runner"
    r"|pydantic_ai\.Agent)$"
)
_SCRIPT = re.compile(r"\bstopWhen\s?:|\bmaxSteps\s?:|\bstepCountIs\(|new ToolLoopAgent\(")
_TOOL_WORD = re.compile(
    r"tool|observation|function_call|(?:^|_)(?:actions?|execute|executor|dispatch|act)(?:$|_)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:^|\.|_)(?:ask|complete|think|llm|model|generate|chat|respond|decide|next_action|next_step"
    r"|propose|invoke|call_model|reason|plan)$|(?:model|llm|client|lm)\.(?:query|predict|run|call)$",
    re.IGNORECASE,
)
_AGENT_FILE = re.compile(r"agent|loop|react|runner|orchestr", re.IGNORECASE)
_COUNTED = ("range", "count", "islice", "enumerate")
_NO_TURN = re.compile(
    r"attempt|retr(?:y|ies)|trial|tasks|questions|cases|items|rows|seeds|samples|epoch"
)
_TYPED = {"input", "prompt_async", "readline"}
_Loop = ast.While | ast.For | ast.AsyncFor
_Def = ast.FunctionDef | ast.AsyncFunctionDef


def loops(view: RepoView) -> tuple[Loop, ...]:
    """Every loop of an agent: those written by hand first."""
    return view.once(_loops)


def spot(view: RepoView, found: Loop) -> Evidence:
    """Where a loop begins."""
    return place(view, found.path, found.line)


def modules(view: RepoView) -> tuple[PythonFile, ...]:
    """The modules in which loops stand, and those of the project that these import."""
    return view.once(_modules)


def _loops(view: RepoView) -> tuple[Loop, ...]:
    by_hand = [Loop(f.path, line) for f in view.code for line in _by_hand(view, f)]
    framed = [Loop(f.path, c.line, c.name) for f in view.code for c in f.calls if _framed(c, f)]
    scripted = [Loop(e.path, e.line or 1, "script") for e in in_files(view, _SCRIPT, scripts(view))]
    return (*by_hand, *framed, *scripted)


def _framed(call: Call, file: PythonFile) -> bool:
    if call.name.endswith(("Runner.run", "Runner.run_sync", "Runner.run_streamed")):
        return file.imports_any("agents")
    return _FRAMEWORK.search(call.name) is not None


def _by_hand(view: RepoView, file: PythonFile) -> Iterator[int]:
    """The lines of the innermost loops that ask a model and deal with tools."""
    asked = view.once(_asked).get(file.path, set())
    named = _AGENT_FILE.search(file.path)
    if not asked and not named:
        return
    tree = syntax(view, file.path)
    if tree is None:
        return
    made = [n for n in ast.walk(tree) if isinstance(n, _Def)]
    acting = _closed(made, {n.name for n in made if _has_tools(n.body)})
    asking = _closed(made, {n.name for n in made if named and _asks(n)})
    found = [n for n in ast.walk(tree) if isinstance(n, _Loop)]
    fits = [n for n in found if _is_loop(n, asked, acting, asking)]
    for node in fits[:MAX_LOOPS]:
        inside = {id(n) for n in ast.walk(node)} - {id(node)}
        if not any(id(other) in inside for other in fits[:MAX_LOOPS]):
            yield node.lineno


def _asked(view: RepoView) -> dict[str, set[int]]:
    """By path, the lines on which a model is asked."""
    found: dict[str, set[int]] = {}
    for path, line in asking_lines(view):
        found.setdefault(path, set()).add(line)
    return found


def _is_loop(node: _Loop, asked: set[int], acting: set[str], asking: set[str]) -> bool:
    if isinstance(node, ast.For | ast.AsyncFor) and _over_items(node):
        return False
    calls = [n for s in node.body for n in ast.walk(s) if isinstance(n, ast.Call)]
    names = [dotted(c.func) for c in calls]
    last = {n.rpartition(".")[2] for n in names}
    if last & _TYPED:
        return False
    asks = any(c.lineno in asked for c in calls) or bool(last & asking)
    asks = asks or (bool(asking) and any(_ASKS.search(n) for n in names))
    return asks and (_has_tools(node.body) or bool(last & acting))


def _asks(made: _Def) -> bool:
    """Whether a function of an agent's module asks a model by the look of its call."""
    return any(isinstance(n, ast.Call) and _ASKS.search(dotted(n.func)) for n in ast.walk(made))


def _closed(made: Sequence[_Def], names: set[str]) -> set[str]:
    """The names, and those of the functions of the module that call one of them, two steps on."""
    for _ in range(2):
        for one in made:
            called = (dotted(n.func) for n in ast.walk(one) if isinstance(n, ast.Call))
            if any(c.rpartition(".")[2] in names for c in called):
                names = names | {one.name}
    return names


def _over_items(node: ast.For | ast.AsyncFor) -> bool:
    """Whether it goes through things that are given, or tries again: not through turns of a run."""
    counted = isinstance(node.iter, ast.Call) and dotted(node.iter.func).endswith(_COUNTED)
    said = (dotted(n) for n in ast.walk(node.target) if isinstance(n, ast.Name))
    inner = (dotted(n) for n in ast.walk(node.iter) if isinstance(n, ast.Name | ast.Attribute))
    return not counted or any(_NO_TURN.search(s[-80:]) for s in (*said, *inner))


def _has_tools(body: list[ast.stmt]) -> bool:
    for part in body:
        for node in ast.walk(part):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                    said = name
                case ast.Constant(value=str(text)) if len(text) < 40:
                    said = text
                case _:
                    continue
            if _TOOL_WORD.search(said[:60]):
                return True
    return False


def _modules(view: RepoView) -> tuple[PythonFile, ...]:
    paths = {found.path for found in loops(view)}
    inside = [f for f in view.code if f.path in paths]
    stems = {i.name.rpartition(".")[2] for f in inside for i in f.imports}
    stems |= {i.name.split(".")[-2] for f in inside for i in f.imports if "." in i.name.strip(".")}
    near = [f for f in view.code if f.path not in paths and _stem(f.path) in stems]
    return (*inside, *near)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]
