"""The tools that a project offers to a model, found in its code.

Invariant: a tool is known by how it is offered (a decorator, a schema, a registry, a list given to
an agent), never by the name of a function alone; each name counts once.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import place
from scaffolder.review.models.modelflow import dotted, syntax
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import Call, Function, PythonFile
from scaffolder.review.view import RepoView

MAX_TOOLS = 200


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool; `typed` where its arguments have a schema or hints, `keywords` is what stands beside.

    `code` is the path and the function that does the work, where it is known.
    """

    name: str
    path: str
    line: int
    typed: bool
    keywords: frozenset[str] = frozenset()
    code: tuple[str, Function] | None = None


_DECORATOR = re.compile(
    r"(?:^|\.)(?:tool|function_tool|ai_function|beta_tool|beta_async_tool|tool_plain|kernel_function"
    r"|register_tool|tool_function|action)$"
)
_MADE = re.compile(
    r"(?:^|[._])(?:\w{0,20}Tool|\w{0,12}Spec|ToolDef\w{0,10}|FunctionDeclaration|from_function"
    r"|from_defaults|_?tool|_?spec|_?register(?:_tool|_function)?|add_tool)$"
)
_SCHEMA = (
    *("input_schema", "parameters", "inputSchema", "schema", "args_schema", "arguments", "args"),
    *("parameters_json_schema", "params_json_schema", "input_model", "params"),
)
_FUNCTION = ("func", "function", "fn", "coroutine", "handler", "callable", "run")
_BASES = re.compile(r"(?:^|\.)(?:BaseTool|Tool|FunctionTool|StructuredTool)$")
_REGISTRY = re.compile(r"(?:^|_)(?:tools?|actions?|functions?|handlers|registry)(?:$|_)", re.I)
_GIVEN = {"tools", "functions"}
_SCRIPT = re.compile(
    r"\btool\(\s?\{|\binputSchema\s?:|\bparameters\s?:\s?z\.object|\binput_schema\s?:"
)
_NAME = re.compile(r"[A-Za-z_][\w-]{0,40}(?:\.[\w-]{1,40})?")


def tools(view: RepoView) -> tuple[Tool, ...]:
    """Every tool of the project's code, each name once: as a schema has it, where one does."""
    return view.once(_tools)


def spot(view: RepoView, tool: Tool) -> Evidence:
    """Where a tool is offered."""
    return place(view, tool.path, tool.line)


def source(view: RepoView, tool: Tool) -> str:
    """The code of the function behind a tool; "" where it is not known."""
    if tool.code is None:
        return ""
    path, made = tool.code
    return "\n".join(view.lines(path)[made.line - 1 : made.end_line])


def body(view: RepoView, tool: Tool) -> ast.AST | None:
    """The syntax of the function behind a tool; None where it is not known."""
    if tool.code is None:
        return None
    path, made = tool.code
    found = (n for n in ast.walk(syntax(view, path) or ast.Module([], [])) if isinstance(n, _DEFS))
    return next((n for n in found if n.lineno == made.line), None)


_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _tools(view: RepoView) -> tuple[Tool, ...]:
    known = _functions(view)
    once: dict[str, Tool] = {}
    for tool in _found(view):
        code = tool.code or known.get(tool.name.rpartition(".")[2])
        typed = tool.typed or (code is not None and code[1].hints > 0)
        before = once.get(tool.name)
        if before is None:
            once[tool.name] = replace(tool, code=code, typed=typed)
        else:
            keywords = before.keywords | tool.keywords
            known_code = before.code or code
            once[tool.name] = replace(
                before, typed=before.typed or typed, keywords=keywords, code=known_code
            )
        if len(once) >= MAX_TOOLS:
            break
    return tuple(once.values())


def _functions(view: RepoView) -> dict[str, tuple[str, Function]]:
    """Functions by their last name; those of a module that is named for tools come first."""
    files = sorted(view.code, key=lambda f: "tool" not in f.path.lower())
    found: dict[str, tuple[str, Function]] = {}
    for file in files:
        for made in file.functions:
            found.setdefault(made.name.rpartition(".")[2], (file.path, made))
    return found


def _found(view: RepoView) -> Iterator[Tool]:
    for file in view.code:
        yield from _decorated(file)
        yield from (t for c in file.calls if (t := _made(file, c)))
        yield from _classes(file)
        if _speaks(file):
            yield from _in_syntax(view, file)
    for path in scripts(view):
        for number, line in enumerate(view.lines(path), 1):
            if _SCRIPT.search(line):
                yield Tool(f"{path}:{number}", path, number, True)


def _speaks(file: PythonFile) -> bool:
    """Whether schemas, registries or lists of tools can stand in the file: words that they need."""
    return any(_REGISTRY.search(n) for n in file.names if len(n) < 40) or any(
        t.value in _SCHEMA for t in file.texts
    )


def _decorated(file: PythonFile) -> Iterator[Tool]:
    for made in file.functions:
        if any(_DECORATOR.search(d) for d in made.decorators):
            typed = made.hints > 0 or made.parameters == 0
            name = made.name.rpartition(".")[2]
            yield Tool(name, file.path, made.line, typed, code=(file.path, made))


def _made(file: PythonFile, call: Call) -> Tool | None:
    """`Spec("refund", "...", SCHEMA, writes=True)`, `Tool(name=..., func=..., description=...)`."""
    if not _MADE.search(call.name):
        return None
    first = call.args[0] if call.args else None
    name = call.literals.get("name", first)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return None
    keywords = frozenset(call.keywords)
    typed = bool(keywords & {*_SCHEMA, *_FUNCTION}) or len(call.args) > 2
    more = typed or "description" in keywords or len(call.args) > 1
    return Tool(name, file.path, call.line, typed, keywords) if more else None


def _classes(file: PythonFile) -> Iterator[Tool]:
    for made in file.classes:
        if any(_BASES.search(b) for b in made.bases):
            yield Tool(
                made.name, file.path, made.line, bool(file.names & {"args_schema", "inputs"})
            )


def _in_syntax(view: RepoView, file: PythonFile) -> Iterator[Tool]:
    tree = syntax(view, file.path)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Dict):
            yield from _of_schema(file.path, node)
        elif isinstance(node, ast.Call):
            given = (k.value for k in node.keywords if k.arg in _GIVEN)
            yield from (t for value in given for t in _of_list(view, file.path, value))
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield from _of_registry(view, file.path, node)


def _of_schema(path: str, node: ast.Dict) -> Iterator[Tool]:
    """A dictionary with a name and a schema of arguments, as APIs take it; no form of a reply."""
    pairs = zip(node.keys, node.values, strict=True)
    held = {k.value: v for k, v in pairs if isinstance(k, ast.Constant)}
    name, kind = held.get("name"), held.get("type")
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return
    if isinstance(kind, ast.Constant) and kind.value == "json_schema":
        return
    schema = next((held[k] for k in _SCHEMA if k in held), None)
    keys = frozenset(str(k) for k in held)
    if schema is not None or "description" in held:
        yield Tool(name.value[:64], path, node.lineno, schema is not None, keys)


def _of_list(view: RepoView, path: str, value: ast.expr) -> Iterator[Tool]:
    """Functions of the project in a list that is given to an agent."""
    known = view.once(_functions)
    for item in value.elts if isinstance(value, ast.List | ast.Tuple) else ():
        name = dotted(item).rpartition(".")[2]
        if name in known and isinstance(item, ast.Name | ast.Attribute):
            yield Tool(name, path, item.lineno, False, code=known[name])


def _of_registry(view: RepoView, path: str, node: ast.Assign | ast.AnnAssign) -> Iterator[Tool]:
    """`TOOLS = {"refund": refund}` or `{"refund": Spec(...)}`, or a list of functions."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if node.value is None or not any(_REGISTRY.search(dotted(t)[-60:]) for t in targets):
        return
    yield from _of_list(view, path, node.value)
    if isinstance(node.value, ast.Dict):
        for key, value in zip(node.value.keys, node.value.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                continue
            if isinstance(value, ast.Call) and _MADE.search(dotted(value.func)[-60:]):
                given = frozenset(k.arg for k in value.keywords if k.arg)
                typed = len(value.args) > 1 or bool(given & {*_SCHEMA, "properties"})
                yield Tool(key.value[:64], path, key.lineno, typed, given)
                continue
            code = view.once(_functions).get(dotted(value).rpartition(".")[2])
            if code:
                yield Tool(key.value[:64], path, key.lineno, False, code=code)


def module_functions(view: RepoView, path: str) -> list[ast.AST]:
    """The syntax of every function of a module."""
    return [n for n in ast.walk(syntax(view, path) or ast.Module([], [])) if isinstance(n, _DEFS)]
