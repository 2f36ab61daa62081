"""What a name in a Python module stands for.

Invariant: names are followed through imports, constructors, annotations and factories of one
module; nothing is imported or run, no tree is walked here, and no name grows beyond MAX_NAME.
"""

import ast
import re
from collections.abc import Iterator
from sys import intern
from typing import Any

from scaffolder.review.python.pyfile import Literal

MAX_NAME = 300
"""Characters of a resolved name; a chain that is longer is not followed."""

_PARTS = 32
_LITERAL = 500
_DOTTED = re.compile(r"[A-Za-z_][\w.]*+")
_SAME = {"bind", "bind_tools", "copy", "clone"}
_NO_CLASS = ("typing.", "typing_extensions.", "collections.abc.")


class Scope:
    """A module, class or function; `bound` maps a dotted name to what it stands for.

    `inside` is its qualified name. A key that ends in `()` is what calling that name gives.
    """

    __slots__ = (
        "_seen", "bound", "inside", "klass", "loose", "parent", "returns", "shared", "unknown",
        "yields",
    )  # fmt: skip

    def __init__(self, inside: str = "", parent: "Scope | None" = None, klass: bool = False):
        self.inside = inside
        self.parent = parent
        self.klass = klass
        self.bound: dict[str, str] = {}
        self.unknown: set[str] = set()
        self.shared: set[str] = set()
        self.returns: list[ast.expr] = []
        self.yields = False
        self.loose: dict[str, str] = parent.loose if parent else {}
        self._seen: dict[str, str] = {}

    def bind(self, name: str, meaning: str) -> None:
        """Says what `name` stands for; `self.x` holds in every method of the class."""
        if len(meaning) > MAX_NAME:
            return
        self._home(name).bound[name] = meaning
        if self.loose.setdefault(name, meaning) != meaning:
            self.loose[name] = ""

    def resolve(self, name: str) -> str:
        """`name` with its known beginning replaced; as it stands where nothing is known of it.

        Asked for the first time after everything is bound: what it finds is remembered.
        """
        found = self._seen.get(name)
        if found is None:
            found = self._seen[name] = intern(self.meaning(name) or name.replace("()", ""))
        return found

    def meaning(self, name: str) -> str | None:
        """As `resolve`, from what is bound so far; None where nothing is known of it."""
        found = self._look(name)
        if found is None and "()" in name:
            return self._look(name.replace("()", ""))
        return found.replace("()", "") if found else None

    def made_by(self, name: str) -> str | None:
        """What calling a function of the module, written with its `()`, is known to give."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bound:
                return scope.bound[name]
            scope = scope.parent
        return self.loose.get(name)

    def _look(self, name: str) -> str | None:
        scope: Scope | None = self
        head = name.partition(".")[0]
        while scope is not None:
            found = _longest(scope.bound, name) if scope.bound else None
            if found is not None:
                return found
            if head in scope.unknown:
                return None
            scope = scope.parent
        return _longest(self.loose, name) or None

    def _home(self, name: str) -> "Scope":
        own = name.startswith(("self.", "cls."))
        if not own and name not in self.shared:
            return self
        scope = self
        while scope.parent is not None and not (own and scope.klass):
            scope = scope.parent
        return scope


def _longest(bound: dict[str, str], name: str) -> str | None:
    cut = len(name)
    while cut > 0:
        known = bound.get(name[:cut])
        if known is not None:
            return known + name[cut:] if known else None
        cut = name.rfind(".", 0, cut)
    return None


def dotted(node: Any) -> str:
    """The dotted name of an expression; `()` behind a part that is called on the way."""
    parts: list[str] = []
    called = ""
    while True:
        kind = node.__class__
        if kind is ast.Attribute:
            parts.append(node.attr + called)
            called = ""
            node = node.value
        elif kind is ast.Call:
            called = "()"
            node = node.func
        elif kind is ast.Subscript or kind is ast.Await:
            node = node.value
        else:
            break
    if kind is ast.Name:
        parts.append(node.id + called)
    if len(parts) == 1:
        return parts[0]
    return ".".join(parts[-_PARTS:][::-1])


def is_class(name: str) -> bool:
    """Whether a resolved name looks like a class: its last part begins with a capital."""
    last = name.rpartition(".")[2]
    return last[:1].isupper() and not name.startswith(_NO_CLASS)


def built(scope: Scope, call: ast.Call) -> str | None:
    """The class that a call builds: `OpenAI()`, `AutoModel.from_pretrained()`, `llm.bind()`."""
    name = dotted(call.func)
    if name.endswith(")"):
        return None
    made = scope.meaning(name) or name.replace("()", "")
    if is_class(made):
        return made
    owner, _, last = made.rpartition(".")
    same = last.startswith(("from_", "with_")) or last in _SAME
    return owner if same and is_class(owner) else None


def values(value: ast.expr) -> Iterator[ast.expr]:
    """The expressions that `value` may come from: `a or B()`, `await B()`, `B() if c else d`."""
    waiting = [value]
    for _ in range(8):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, ast.BoolOp):
            waiting += node.values[:4]
        elif isinstance(node, ast.IfExp):
            waiting += [node.body, node.orelse]
        elif isinstance(node, ast.Await | ast.NamedExpr):
            waiting.append(node.value)
        else:
            yield node


def annotated(scope: Scope, node: ast.expr | None) -> str | None:
    """The class that an annotation names: `C`, `"C"`, `C | None`, `Optional[C]`, `Annotated[C]`."""
    for _ in range(8):
        if isinstance(node, ast.BinOp):
            node = node.right if _is_none(node.left) else node.left
        elif isinstance(node, ast.Subscript):
            if dotted(node.value).rpartition(".")[2] not in {"Optional", "Annotated", "Union"}:
                return None
            inner = node.slice
            node = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
        else:
            break
    name = _written(node)
    made = (scope.meaning(name) or name) if name else ""
    return made if is_class(made) else None


def _written(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if _DOTTED.fullmatch(node.value[:MAX_NAME]) else ""
    return dotted(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


class Bindings:
    """The assignments of a module, collected while it is walked and bound in two rounds."""

    __slots__ = ("_factories", "_made", "_typed")

    def __init__(self) -> None:
        self._made: list[tuple[Scope, str, ast.expr]] = []
        self._typed: list[tuple[Scope, str, ast.expr]] = []
        self._factories: list[tuple[Scope, ast.FunctionDef | ast.AsyncFunctionDef]] = []

    def assign(self, scope: Scope, target: ast.expr, value: ast.expr) -> None:
        """`target = value`, also of a `with`."""
        if isinstance(target, ast.Name | ast.Attribute):
            self._made.append((scope, dotted(target), value))

    def annotate(self, scope: Scope, target: ast.expr, annotation: ast.expr) -> None:
        """`target: annotation`."""
        name = dotted(target)
        self._typed.append((scope, name, annotation))
        if scope.klass and isinstance(target, ast.Name):
            self._typed.append((scope, f"self.{name}", annotation))

    def function(self, scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A function: its annotated parameters, and what it may return. `scope` is its own."""
        given = node.args
        for each in (*given.posonlyargs, *given.args, *given.kwonlyargs):
            if each.annotation is not None:
                self._typed.append((scope, each.arg, each.annotation))
        self._factories.append((scope, node))

    def settle(self) -> None:
        """Binds everything: classes first, then what functions return and names stand for."""
        for scope, name, annotation in self._typed:
            self._bind(scope, name, annotated(scope, annotation))
        later = [each for each in self._made if not self._bind(*each[:2], _first(each))]
        for scope, node in self._factories:
            self._factory(scope, node)
        for scope, name, value in later:
            if not self._bind(scope, name, _alias(scope, value)) and not _is_none(value):
                scope.unknown.add(name)

    def _factory(self, scope: Scope, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        outer = scope.parent or scope
        made = annotated(outer, node.returns) or _returned(scope)
        prefix = "self." if outer.klass else ""
        if made:
            read = any(dotted(d).endswith("property") for d in node.decorator_list)
            outer.bind(f"{prefix}{node.name}{'' if read else '()'}", made)

    def _bind(self, scope: Scope, name: str, meaning: str | None) -> bool:
        if meaning and name:
            scope.bind(name, meaning)
        return bool(meaning)


def _first(each: tuple[Scope, str, ast.expr]) -> str | None:
    scope, _, value = each
    calls = (v for v in values(value) if isinstance(v, ast.Call))
    return next(filter(None, (built(scope, c) for c in calls)), None)


def _returned(scope: Scope) -> str | None:
    for value in scope.returns:
        for each in values(value):
            made = built(scope, each) if isinstance(each, ast.Call) else None
            if isinstance(each, ast.Name | ast.Attribute):
                made = scope.meaning(dotted(each))
            if made and is_class(made):
                return made
    return None


def _alias(scope: Scope, value: ast.expr) -> str | None:
    for each in values(value):
        if isinstance(each, ast.Name | ast.Attribute):
            known = scope.meaning(dotted(each))
        elif isinstance(each, ast.Call):
            known = scope.made_by(dotted(each))
        else:
            continue
        if known:
            return known.replace("()", "")
    return None


def literal(node: ast.expr) -> Literal:
    """The value of a literal, a text cut at 500 characters; None for everything else."""
    sign = 1
    if node.__class__ is ast.UnaryOp and isinstance(node.op, ast.USub):
        node, sign = node.operand, -1
    if not isinstance(node, ast.Constant):
        return None
    value = node.value
    if isinstance(value, str):
        return None if sign < 0 else value if len(value) <= _LITERAL else value[:_LITERAL]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value if isinstance(value, bool) else None
    return sign * value if isinstance(value, float) or value.bit_length() <= 64 else None


_TAKES = {"to_thread": 0, "run_in_threadpool": 0, "submit": 0, "partial": 0, "run_in_executor": 1}
"""Calls that run a function they are given, and its place among their arguments."""


def handed_on(node: ast.Call) -> ast.Call | None:
    """`to_thread(client.ask, x=1)` as the call `client.ask(x=1)` that it makes."""
    called = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
    place = 0 if "retry" in called.lower() else _TAKES.get(called, len(node.args))
    if place < len(node.args) and isinstance(node.args[place], ast.Name | ast.Attribute):
        made = ast.Call(node.args[place], node.args[place + 1 :], node.keywords)
        return ast.copy_location(made, node)
    return None
