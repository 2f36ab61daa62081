"""What happens around a model call: who catches its failure, and where its text gains power.

Invariant: taint is followed within one function only, so what is reported as linked stands within
a screen of its source; nothing is claimed of what crosses a file.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffolder.review.models.codewords import code_cells, code_lines
from scaffolder.review.models.modelreach import asking_lines, leads_to_model
from scaffolder.review.parse import Parsed, Refused, read_cells, read_python
from scaffolder.review.view import RepoView


@dataclass(frozen=True, slots=True)
class Catch:
    """An `except` or a retrying loop around a model call; `kind` is retry, fallback, typed, any."""

    path: str
    line: int
    kind: str


@dataclass(frozen=True, slots=True)
class Spill:
    """A dangerous call: `what` it is, and whether text of a model visibly reaches it."""

    path: str
    line: int
    what: str
    linked: bool


PROVIDER_ERROR = re.compile(
    r"RateLimit|API(?:Error|Status|Connection|Timeout|Response)|OpenAIError|AnthropicError|Overloaded"
    r"|ServiceUnavailable|InternalServer|AuthenticationError|BadRequestError|NotFoundError"
    r"|ResourceExhausted|HTTPStatusError|HTTPError|RequestException|ConnectionError|ConnectError"
    r"|Timeout|ClientError|ServerError|Throttl|TRANSIENT|RETRYABLE|Transient|Provider\w{0,12}Error"
    r"|litellm\.exceptions|ContextWindow|Unreachable"
)
"""Words of the names of what a provider's SDK or its transport raises."""

_OWN_ERROR = re.compile(
    r"\b(?:LLM|Llm|Model|Provider|Generation|Completion)\w{0,20}(?:Error|Exception)\b"
)
"""A project's own errors that are named for the model: who catches one, handles its failure."""

_ATTEMPT = re.compile(r"attempt|retr(?:y|ies)|tries|trial|backoff", re.IGNORECASE)
_NO_FAILURE = re.compile(
    r"^(?:KeyboardInterrupt|EOFError|SystemExit|GeneratorExit|StopIteration|ImportError"
    r"|ModuleNotFoundError|WebSocketDisconnect|asyncio\.CancelledError| )+$"
)
"""What a person, the loop or the import raises: catching it handles no failure of the model."""

_READING = re.compile(r"^(?:(?:json\.)?JSONDecodeError|KeyError|IndexError|ValidationError| )+$")
"""What reading the answer raises: to catch it alone handles no failure of the call."""

_PERSON = re.compile(r"(?:^|[._])(?:input|prompt|ask|listen|readline|prompt_async)$")
_Loop = ast.While | ast.For | ast.AsyncFor
_FALLBACK = re.compile(
    r"fall_?back|degrad|backup|baseline|secondary|retry|backoff|extractive", re.IGNORECASE
)
_MODEL_TEXT = re.compile(
    r"^(?:answer|reply|completion|response_text|llm|bot|assistant)$"
    r"|^(?:llm|gpt|claude|gemini|ai|bot|assistant|generated|model)_?"
    r"(?:output|response|reply|answer|text|message|code|sql|query|result|template|content|html)$"
    r"|_(?:completion|answer|reply)$|^answer_(?:text|html)$"
)
_CLEANERS = re.compile(
    r"escape|saniti[sz]e|bleach|clean|literal_eval|quote$|json\.loads|model_validate|parse_obj"
    r"|^(?:int|float|len|bool|isinstance|type|round|sorted|hash)$|Identifier$|sqlglot|parse_one"
)
_GUARD = re.compile(
    r"valid|allow|is_safe|sqlglot|sqlparse|read_?only|saniti|check_sql|guard|EXPLAIN"
)
_RUN = re.compile(r"^(?:subprocess\.)?(?:run|Popen|call|check_call|check_output|getoutput)$")
_LOADER = re.compile(r"(?:Safe|Base)Loader")
_SQL = re.compile(r"\.(?:execute|executescript|executemany|read_sql|read_sql_query)$")


def syntax(view: RepoView, path: str) -> ast.Module | None:
    """The tree of a module or notebook; None where it cannot be parsed."""
    return view.once_for(_syntax, path)


def catches(view: RepoView) -> tuple[Catch, ...]:
    """Every handler and retrying loop around a call that leads to a model."""
    return view.once(_catches)


def spills(view: RepoView) -> tuple[Spill, ...]:
    """Every dangerous call of the project's code, those that model text reaches first."""
    return view.once(_spills)


def dotted(node: ast.AST) -> str:
    """The name of an expression as it stands: `self.client.messages.create`."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def _syntax(view: RepoView, path: str) -> ast.Module | None:
    if path.endswith(".ipynb"):
        read: Parsed | Refused = read_cells(code_cells(view, path))[0]
    else:
        read = read_python(view.text(path))
    return read.value if isinstance(read, Parsed) else None


def _catches(view: RepoView) -> tuple[Catch, ...]:
    lines = asking_lines(view)
    known = {f.path for f in view.code for h in f.handlers if _own(h.types)}
    known |= {path for path, _ in lines}
    callers = [f.path for f in view.code if f.path in known]
    return tuple(c for path in callers for c in _in_file(view, path, lines))


def _in_file(view: RepoView, path: str, lines: frozenset[tuple[str, int]]) -> Iterator[Catch]:
    tree = syntax(view, path)
    stack: list[tuple[ast.AST, tuple[_Loop, ...]]] = [(tree, ())] if tree else []
    while stack:
        node, loops = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            loops = ()
        if isinstance(node, ast.Try):
            asks = _asks(view, path, node.body, lines)
            told = [h for h in node.handlers if not _NO_FAILURE.search(_types(h))]
            caught = [h for h in told if asks or _OWN_ERROR.search(_types(h))]
            found = [(h, _caught(view, path, node, h, loops)) for h in caught]
            yield from (c for h, c in found if c.kind != "any" or not _READING.search(_types(h)))
        loop = node if isinstance(node, ast.For | ast.AsyncFor) else None
        if loop and _retrying(loop) and _asks(view, path, loop.body, lines):
            yield Catch(path, loop.lineno, "retry")
        if isinstance(node, ast.While | ast.For | ast.AsyncFor):
            loops = (*loops, node)
        stack += [(child, loops) for child in ast.iter_child_nodes(node)]


def _asks(
    view: RepoView, path: str, body: Sequence[ast.stmt], lines: frozenset[tuple[str, int]]
) -> bool:
    found = (n for s in body for n in ast.walk(s) if isinstance(n, ast.Call))
    return any((path, n.lineno) in lines or leads_to_model(view, path, dotted(n)) for n in found)


def _own(types: Sequence[str]) -> bool:
    return any(_OWN_ERROR.search(kind) for kind in types)


def _types(handler: ast.ExceptHandler) -> str:
    """The names that an except lists, blank between them."""
    kinds = handler.type
    each = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds] if kinds else []
    return " ".join(dotted(k) for k in each)


def _retrying(loop: ast.For | ast.AsyncFor) -> bool:
    """`for attempt in Retrying(...)`: the library's own loop."""
    return isinstance(loop.iter, ast.Call) and bool(_ATTEMPT.search(dotted(loop.iter)))


def _caught(
    view: RepoView, path: str, tried: ast.Try, handler: ast.ExceptHandler, loops: tuple[_Loop, ...]
) -> Catch:
    """The handler, at the line that shows what it does: the loop, the other way, or itself."""
    again = [loop for loop in loops if _again(loop, tried)]
    if again and not _only_raises(handler):
        return Catch(path, again[-1].lineno, "retry")
    made = [(dotted(n), n) for s in handler.body for n in ast.walk(s) if isinstance(n, ast.Call)]
    sleeps = next((n.lineno for name, n in made if name.rpartition(".")[2] == "sleep"), 0)
    if sleeps and any(isinstance(loop, ast.While) for loop in loops):
        return Catch(path, sleeps, "retry")
    other = (n for name, n in made if _FALLBACK.search(name) or leads_to_model(view, path, name))
    way = next(other, None)
    if way:
        return Catch(path, way.lineno, "fallback")
    kind = "typed" if PROVIDER_ERROR.search(_types(handler)) else "any"
    return Catch(path, handler.lineno, kind)


def _again(loop: _Loop, tried: ast.Try) -> bool:
    """Whether the loop tries the same thing again: it counts attempts, or ends with a success."""
    heads = [loop.test] if isinstance(loop, ast.While) else [loop.target, loop.iter]
    named = [n for head in heads for n in ast.walk(head) if isinstance(n, _NAMED)]
    if any(_ATTEMPT.search(dotted(n)) for n in named):
        return True
    counts = isinstance(loop, ast.While) or dotted(loop.iter) == "range"
    return counts and _leaves(loop, tried) and not any(map(_asks_person, ast.walk(loop)))


def _leaves(loop: _Loop, tried: ast.Try) -> bool:
    inside = (n for s in (*tried.body, *tried.orelse) for n in ast.walk(s))
    return any(isinstance(n, ast.Return | ast.Break) for n in (*inside, *loop.body))


def _asks_person(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and bool(_PERSON.search(dotted(node.func)))


def _only_raises(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Raise | ast.Return | ast.Break)


def _spills(view: RepoView) -> tuple[Spill, ...]:
    risky = [f.path for f in view.code if any(_maybe(c.name, c.keywords) for c in f.calls)]
    found = [s for path in risky for s in _spilled(view, path)]
    return tuple(sorted(found, key=lambda s: (not s.linked, s.path, s.line)))


def _maybe(name: str, keywords: Sequence[str]) -> bool:
    last = name.rpartition(".")[2]
    return (
        name in {"eval", "exec", "os.system", "os.popen", "pickle.loads", "yaml.load", "dill.loads"}
        or "shell" in keywords
        or "unsafe_allow_html" in keywords
        or last in {"Markup", "HTML", "system", "popen"}
        or bool(_SQL.search(name))
    )


def _spilled(view: RepoView, path: str) -> Iterator[Spill]:
    tree = syntax(view, path)
    scopes = [n for n in ast.walk(tree) if isinstance(n, _FUNCTION)] if tree else []
    for scope in [*scopes, *([tree] if tree else [])]:
        inside = list(_own_nodes(scope))
        taint = _Taint(view, path, inside)
        for node in inside:
            if isinstance(node, ast.Call):
                what = _danger(node, taint)
                if what:
                    yield Spill(path, node.lineno, what, taint.reaches_call(node))


_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_NAMED = (ast.Name, ast.Attribute)


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function in order of their lines, those of inner functions left out."""
    stack = list(reversed(list(ast.iter_child_nodes(scope))))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _FUNCTION):
            stack += reversed(list(ast.iter_child_nodes(node)))


def _danger(node: ast.Call, taint: "_Taint") -> str:
    """What is dangerous about a call, "" for nothing; SQL and HTML only where they are composed."""
    name = dotted(node.func)
    flags = {k.arg for k in node.keywords if isinstance(k.value, ast.Constant) and k.value.value}
    first = node.args[0] if node.args else None
    if first is None or isinstance(first, ast.Constant):
        return ""
    if name in {"eval", "exec", "os.system", "os.popen", "pickle.loads", "dill.loads"}:
        return name
    if name == "yaml.load" and not _LOADER.search("\n".join(code_lines(taint.view, taint.path))):
        return "yaml.load without a safe loader"
    if "shell" in flags and _RUN.search(name):
        return f"{name} with shell=True"
    if "unsafe_allow_html" in flags and (taint.reaches(first) or isinstance(first, ast.JoinedStr)):
        return "unescaped HTML (unsafe_allow_html)"
    if name.rpartition(".")[2] == "Markup" and taint.reaches(first):
        return "unescaped HTML (Markup)"
    return "SQL made of text" if _SQL.search(name) and taint.reaches(first) else ""


class _Taint:
    """The names of one function that hold text of a model."""

    def __init__(self, view: RepoView, path: str, nodes: Sequence[ast.AST]) -> None:
        self.view = view
        self.path = path
        self.lines = {line for asked, line in asking_lines(view) if asked == path}
        self.names: set[str] = set()
        self.guarded = any(isinstance(n, ast.Call) and _GUARD.search(dotted(n.func)) for n in nodes)
        for _ in range(2):
            for node in nodes:
                self._follow(node)

    def reaches_call(self, node: ast.Call) -> bool:
        return not self.guarded and any(self.reaches(a) for a in node.args)

    def reaches(self, node: ast.AST) -> bool:
        """Whether text of a model is in the value, unless something cleans it on the way."""
        stack = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, ast.Call):
                name = dotted(part.func)
                if _CLEANERS.search(name):
                    continue
                if part.lineno in self.lines or leads_to_model(self.view, self.path, name):
                    return True
            if self._named(part):
                return True
            stack += ast.iter_child_nodes(part)
        return False

    def _named(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.names or bool(_MODEL_TEXT.search(node.id))
        if isinstance(node, ast.Attribute):
            return bool(_MODEL_TEXT.search(node.attr))
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            return bool(_MODEL_TEXT.search(str(node.slice.value)[:80]))
        return False

    def _follow(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = node.value
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            targets, value = [node.target], node.iter
        else:
            return
        if value is not None and self.reaches(value):
            found = (n for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
            self.names |= {n.id for n in found if n.id not in {"self", "st", "_"}}
