"""A Python module or notebook as a reviewer needs it: what it imports, calls, defines, catches.

Invariant: one pass over the tree, which is then let go, and no recursion; names are resolved
through the module's own imports, constructors, annotations and factories (`self.client =
Anthropic()` makes `self.client.messages.create` an `anthropic.Anthropic.messages.create`), nothing
is imported or run.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from sys import intern
from types import MappingProxyType
from typing import Any

from scaffolder.review.python.pyasserts import is_assertion, trivial, trivial_call
from scaffolder.review.python.pyfile import (
    Assert,
    Call,
    Class,
    Function,
    Handler,
    Import,
    Literal,
    PythonFile,
    Text,
)
from scaffolder.review.python.pynames import Bindings, Scope, dotted, handed_on, literal

__all__ = [
    "Assert",
    "Call",
    "Class",
    "Function",
    "Handler",
    "Import",
    "Literal",
    "PythonFile",
    "Text",
    "summarise",
]

MAX_TEXT = 2000
"""Characters of one string that are kept, and strings of one module."""

_ALL_TEXT = 400_000
_SHORT = 60
_MAX_CALLED = 1000
_NOTHING: Mapping[str, Literal] = MappingProxyType({})
_NO_NODES = {"ctx", "op", "ops", "type_comment", "type_ignores", "kind", "simple", "is_async"}
_FIELDS = {
    kind: tuple(f for f in reversed(kind._fields) if f not in _NO_NODES)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


def summarise(path: str, tree: ast.Module, lines: int, notebook: bool = False) -> PythonFile:
    """What `tree` holds, in the order of the code; cheap enough to keep for thousands of files."""
    reader = _Reader()
    reader.read(tree)
    return PythonFile(
        path=path,
        notebook=notebook,
        lines=lines,
        docstring=ast.get_docstring(tree) or "",
        imports=tuple(reader.imports),
        calls=tuple(map(reader.call, reader.calls)),
        functions=tuple(map(_function, reader.functions)),
        classes=tuple(map(_class, reader.classes)),
        handlers=tuple(map(reader.handler, reader.handlers)),
        texts=tuple(reader.texts),
        asserts=tuple(sorted(reader.asserts, key=lambda a: a.line)),
        names=frozenset(reader.names),
    )


class _Span:
    """The calls and raises of a part of the tree, as ranges of those of the whole."""

    __slots__ = ("first", "last", "raised", "raises")

    def __init__(self) -> None:
        self.first = self.last = self.raised = 0
        self.raises = False


class _Reader:
    """Walks the tree once, with a stack of its own, then resolves what it met."""

    def __init__(self) -> None:
        self.scope = Scope()
        self.bindings = Bindings()
        self.stack: list[object] = []
        self.imports: list[Import] = []
        self.calls: list[tuple[ast.Call, Scope]] = []
        self.functions: list[tuple[_Def, Scope]] = []
        self.classes: list[tuple[ast.ClassDef, Scope]] = []
        self.handlers: list[tuple[ast.ExceptHandler, Scope, _Span, _Span]] = []
        self.raised = 0
        self.texts: list[Text] = []
        self.text_size = 0
        self.asserts: list[Assert] = []
        self.names: set[str] = set()

    def read(self, tree: ast.Module) -> None:
        """Meets every node in the order of the code."""
        stack = self.stack
        stack.append(tree)
        while stack:
            node: Any = stack.pop()
            kind = node.__class__
            if kind is ast.Name:
                self.names.add(node.id)
            elif kind is ast.Attribute:
                self.names.add(node.attr)
                stack.append(node.value)
            elif kind is ast.Constant:
                if node.value.__class__ is str:
                    self._text(node.value, node.lineno)
            elif kind is partial:
                node()
            else:
                act = _ACTS.get(kind)
                if act is None:
                    self._children(node, kind)
                else:
                    act(self, node)
        self.bindings.settle()

    def call(self, each: tuple[ast.Call, Scope]) -> Call:
        """The call with its name resolved; notes the assertion that it may be."""
        node, scope = each
        name = scope.resolve(dotted(node.func))
        line = node.lineno
        if is_assertion(name):
            self.asserts.append(Assert(line, scope.inside, trivial_call(name, node)))
        args = tuple([literal(a) for a in node.args]) if node.args else ()
        if not node.keywords:
            return Call(name, line, node.end_lineno or line, (), _NOTHING, args, scope.inside)
        words = tuple([k.arg or "**" for k in node.keywords])
        found = {k.arg: literal(k.value) for k in node.keywords if k.arg}
        literals = {k: v for k, v in found.items() if v is not None} or _NOTHING
        return Call(name, line, node.end_lineno or line, words, literals, args, scope.inside)

    def handler(self, each: tuple[ast.ExceptHandler, Scope, _Span, _Span]) -> Handler:
        """The `except` with its names resolved."""
        node, scope, guarded, own = each
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        return Handler(
            types=tuple(scope.resolve(dotted(k)) if k else "" for k in kinds) or ("",),
            line=node.lineno,
            function=scope.inside,
            calls=self._called(own),
            raises=own.raises,
            guarded=self._called(guarded),
        )

    def _called(self, span: _Span) -> tuple[str, ...]:
        calls = self.calls[span.first : min(span.last, span.first + _MAX_CALLED)]
        return tuple(scope.resolve(dotted(node.func)) for node, scope in calls)

    def _children(self, node: Any, kind: type) -> None:
        for name in _FIELDS.get(kind, ()):
            value = getattr(node, name)
            if value.__class__ is list:
                self.stack += value[::-1]
            elif value is not None:
                self.stack.append(value)

    def _call(self, node: ast.Call) -> None:
        self.calls.append((node, self.scope))
        handed = handed_on(node) if node.args else None
        if handed:
            self.calls.append((handed, self.scope))
        for keyword in reversed(node.keywords):
            self.stack.append(keyword.value)
            self.names.add(keyword.arg or "")
        self.stack += node.args[::-1]
        self.stack.append(node.func)

    def _text(self, value: str, line: int) -> None:
        if value and len(self.texts) < MAX_TEXT and self.text_size < _ALL_TEXT:
            value = value[:MAX_TEXT] if len(value) > _SHORT else intern(value)
            self.text_size += len(value)
            self.texts.append(Text(value, line))

    def _fstring(self, node: ast.JoinedStr) -> None:
        parts = [str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values]
        self._text("".join(parts), node.lineno)
        self.stack += [v for v in reversed(node.values) if isinstance(v, ast.FormattedValue)]

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.imports.append(Import(alias.name, node.lineno))
            first = alias.name.partition(".")[0]
            self.scope.bind(alias.asname or first, alias.name if alias.asname else first)

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            whole = f"{module}.{alias.name}" if module.strip(".") else module + alias.name
            self.imports.append(Import(whole, node.lineno))
            self.scope.bind(alias.asname or alias.name, whole)

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self.bindings.assign(self.scope, target, node.value)
        self._children(node, ast.Assign)

    def _annotated(self, node: ast.AnnAssign) -> None:
        self.bindings.annotate(self.scope, node.target, node.annotation)
        if node.value is not None:
            self.bindings.assign(self.scope, node.target, node.value)
        self._children(node, ast.AnnAssign)

    def _with_item(self, node: ast.withitem) -> None:
        if node.optional_vars is not None:
            self.bindings.assign(self.scope, node.optional_vars, node.context_expr)
        self._children(node, ast.withitem)

    def _global(self, node: ast.Global) -> None:
        self.scope.shared.update(node.names)

    def _return(self, node: ast.Return) -> None:
        if node.value is not None:
            self.scope.returns.append(node.value)
            self.stack.append(node.value)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        self.scope.yields = True
        self._children(node, node.__class__)

    def _raise(self, node: ast.Raise) -> None:
        self.raised += 1
        self._children(node, ast.Raise)

    def _assert(self, node: ast.Assert) -> None:
        self.asserts.append(Assert(node.lineno, self.scope.inside, trivial(node.test)))
        self._children(node, ast.Assert)

    def _arg(self, node: ast.arg) -> None:
        self.names.add(node.arg)
        if node.annotation is not None:
            self.stack.append(node.annotation)

    def _function(self, node: "_Def") -> None:
        self._enter(node, False)
        self.functions.append((node, self.scope))
        self.bindings.function(self.scope, node)

    def _class(self, node: ast.ClassDef) -> None:
        self._enter(node, True)
        self.classes.append((node, self.scope))

    def _enter(self, node: "_Def | ast.ClassDef", klass: bool) -> None:
        outer = self.scope
        self.names.add(node.name)
        self.stack.append(partial(setattr, self, "scope", outer))
        inside = intern(f"{outer.inside}.{node.name}") if outer.inside else node.name
        self.scope = Scope(inside, outer, klass)
        self._children(node, node.__class__)

    def _try(self, node: "ast.Try | ast.TryStar") -> None:
        guarded = _Span()
        self.stack += node.finalbody[::-1]
        self.stack += node.orelse[::-1]
        self.stack += [partial(self._except, h, guarded) for h in reversed(node.handlers)]
        self._spanning(guarded, node.body)

    def _except(self, node: ast.ExceptHandler, guarded: _Span) -> None:
        own = _Span()
        self.handlers.append((node, self.scope, guarded, own))
        self._spanning(own, node.body)
        if node.type is not None:
            self.stack.append(node.type)

    def _spanning(self, span: _Span, body: Sequence[ast.stmt]) -> None:
        span.first, span.raised = len(self.calls), self.raised
        self.stack.append(partial(self._close, span))
        self.stack += body[::-1]

    def _close(self, span: _Span) -> None:
        span.last = len(self.calls)
        span.raises = self.raised > span.raised


_Def = ast.FunctionDef | ast.AsyncFunctionDef
_ACTS: Mapping[type, Callable[[_Reader, Any], None]] = {
    ast.Call: _Reader._call,
    ast.JoinedStr: _Reader._fstring,
    ast.Import: _Reader._import,
    ast.ImportFrom: _Reader._import_from,
    ast.Assign: _Reader._assign,
    ast.AnnAssign: _Reader._annotated,
    ast.withitem: _Reader._with_item,
    ast.Global: _Reader._global,
    ast.Return: _Reader._return,
    ast.Yield: _Reader._yield,
    ast.YieldFrom: _Reader._yield,
    ast.Raise: _Reader._raise,
    ast.Assert: _Reader._assert,
    ast.arg: _Reader._arg,
    ast.FunctionDef: _Reader._function,
    ast.AsyncFunctionDef: _Reader._function,
    ast.ClassDef: _Reader._class,
    ast.Try: _Reader._try,
    ast.TryStar: _Reader._try,
}


def _function(each: tuple[_Def, Scope]) -> Function:
    node, scope = each
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    given = [a for a in given if a.arg not in {"self", "cls"}]
    return Function(
        name=scope.inside,
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        decorators=_decorators(node, scope),
        parameters=len(given),
        hints=sum(a.annotation is not None for a in given),
        returns=node.returns is not None,
        yields=scope.yields,
        docstring=(ast.get_docstring(node) or "")[:500],
    )


def _class(each: tuple[ast.ClassDef, Scope]) -> Class:
    node, scope = each
    bases = tuple(scope.resolve(dotted(b)) for b in node.bases)
    return Class(node.name, node.lineno, bases, _decorators(node, scope))


def _decorators(node: _Def | ast.ClassDef, scope: Scope) -> tuple[str, ...]:
    outer = scope.parent or scope
    made = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return tuple(outer.resolve(dotted(d)) for d in made)
