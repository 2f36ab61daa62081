"""Small faults in the code of one function: what can be changed, and the file with it changed.

Invariant: nothing but the named expression changes, and the changed file still parses; what a test
can hardly see (messages, logs, annotations, defaults, `__repr__`) is left alone, so that a fault
that no test notices says something about the tests.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffolder.review.parse import Parsed, read_python

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Mutant:
    """One change: bytes `start` to `end` of the file become `after`; `line` is where it stands."""

    line: int
    start: int
    end: int
    before: str
    after: str
    kind: str


_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_SWAPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
_UNSEEN = {
    *("__repr__", "__str__", "__format__", "__hash__", "__del__", "__sizeof__", "__dir__"),
    *("__getstate__", "__setstate__", "__reduce__", "__init_subclass__"),
}
"""Functions whose result a test has no reason to look at."""

_LOGGED = {
    *("log", "logger", "logging", "LOG", "LOGGER", "_log", "_logger", "warnings", "print"),
    *("debug", "info", "warning", "exception", "console"),
}
"""Names that are called to say something to a person."""

_GUARDS = {"TYPE_CHECKING", "__name__", "__debug__"}


def functions(source: str) -> Sequence[Function]:
    """Every function of a file that faults may be planted in; none where it does not parse."""
    read = read_python(source)
    if not isinstance(read, Parsed):
        return ()
    every = [node for node in ast.walk(read.value) if isinstance(node, Function)]
    return tuple(f for f in every if f.name not in _UNSEEN and not _overloaded(f))


def first_line(function: Function) -> int:
    """The line that Python gives as the function's first: that of its first decorator."""
    return min([function.lineno, *(d.lineno for d in function.decorator_list)])


def mutants(source: str, function: Function) -> Sequence[Mutant]:
    """Every fault that can be planted in `function`, in the order of the code."""
    lines = _Lines(source)
    found = (_made(lines, old, new, kind) for old, new, kind in _changes(function))
    return tuple(m for m in found if m is not None and _parses(source, m))


def changed(source: str, mutant: Mutant) -> str:
    """The file with the fault in it; nothing else of it moves."""
    raw = source.encode()
    return (raw[: mutant.start] + mutant.after.encode() + raw[mutant.end :]).decode()


class _Lines:
    """Places of the tree (a line, a byte of it) as bytes of the file."""

    def __init__(self, source: str) -> None:
        self.raw = source.encode()
        self.starts = [0]
        for line in self.raw.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column


def _made(lines: _Lines, old: ast.expr, new: ast.expr, kind: str) -> Mutant | None:
    """The change in bytes; None where the file does not say there what the tree says."""
    if old.end_lineno is None or old.end_col_offset is None:
        return None
    start = lines.at(old.lineno, old.col_offset)
    end = lines.at(old.end_lineno, old.end_col_offset)
    before = lines.raw[start:end].decode("utf-8", "replace")
    read = read_python(f"({before})")
    if not isinstance(read, Parsed) or ast.unparse(read.value) != ast.unparse(old):
        return None
    after = ast.unparse(ast.fix_missing_locations(new))
    return Mutant(old.lineno, start, end, before, f"({after})", kind)


def _parses(source: str, mutant: Mutant) -> bool:
    return isinstance(read_python(changed(source, mutant)), Parsed)


def _changes(function: Function) -> Iterator[tuple[ast.expr, ast.expr, str]]:
    for node in _seen(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _returned(node.value)
        elif isinstance(node, ast.If | ast.While | ast.IfExp) and _turns(node.test):
            yield node.test, ast.UnaryOp(ast.Not(), node.test), "condition negated"
        elif isinstance(node, ast.Compare) and _flips(node):
            yield node, _flipped(node), "comparison flipped"
        elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED and not _is_text(node):
            swapped = ast.BinOp(node.left, _SWAPPED[type(node.op)](), node.right)
            yield node, swapped, "operator swapped"
        elif isinstance(node, ast.Subscript):
            yield from _off_by_one(node)


def _returned(value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr, str]]:
    """Another result: None, and for a truth its opposite. Of an empty thing None is no other."""
    if isinstance(value, ast.Constant):
        if isinstance(value.value, bool):
            yield value, ast.Constant(not value.value), "returns the opposite"
        elif value.value:
            yield value, ast.Constant(None), "returns None"
    elif getattr(value, "id", "") != "NotImplemented" and not _is_empty(value):
        yield value, ast.Constant(None), "returns None"


def _is_empty(value: ast.expr) -> bool:
    if isinstance(value, ast.Dict):
        return not value.keys
    called = isinstance(value, ast.Call) and not value.args and not value.keywords
    return called or (isinstance(value, ast.List | ast.Tuple | ast.Set) and not value.elts)


def _turns(test: ast.expr) -> bool:
    """Whether a condition can be negated: no constant, and no comparison, which is flipped."""
    return not isinstance(test, ast.Constant) and not _flips(test)


def _flips(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _FLIPPED


def _flipped(node: ast.Compare) -> ast.Compare:
    return ast.Compare(node.left, [_FLIPPED[type(node.ops[0])]()], node.comparators)


def _is_text(node: ast.BinOp) -> bool:
    """Joining of texts, and paths by a slash: a TypeError is no fault worth finding."""
    parts = (node.left, node.right)
    words = any(isinstance(p, ast.JoinedStr) or _constant(p, str) for p in parts)
    return words or (isinstance(node.op, ast.Div) and not any(map(_counts, parts)))


def _constant(node: ast.expr, kind: type) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, kind)


def _counts(node: ast.expr) -> bool:
    """Whether a part of a division is surely a number."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    name = node.func.id if called else ""  # type: ignore[attr-defined]
    return _constant(node, int) or _constant(node, float) or name in {"len", "sum", "abs", "max"}


def _off_by_one(node: ast.Subscript) -> Iterator[tuple[ast.expr, ast.expr, str]]:
    """An index, or an end of a slice, that is a small number."""
    cut = node.slice
    ends = [cut.lower, cut.upper] if isinstance(cut, ast.Slice) else [cut]
    for end in ends:
        if end is not None and type(getattr(end, "value", None)) is int and abs(_value(end)) < 10:
            yield end, ast.Constant(_value(end) + 1), "off by one"


def _value(node: ast.expr) -> int:
    return int(getattr(node, "value", 0))


def _seen(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function that decide what it does, without functions inside of it."""
    waiting: list[ast.AST] = list(reversed(function.body))
    while waiting:
        node = waiting.pop()
        if not _is_left_out(node):
            yield node
            waiting += reversed([*_children(node)])


def _children(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.AnnAssign):
        yield from [node.value] if node.value else []
    else:
        yield from ast.iter_child_nodes(node)


def _is_left_out(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr | ast.Assert | ast.Raise | ast.Lambda | ast.ExceptHandler):
        return True
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return True
    if isinstance(node, ast.If):
        return bool(_GUARDS & {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)})
    return isinstance(node, ast.Call) and bool(_LOGGED & _names(node.func))


def _names(function: ast.expr) -> set[str]:
    """The first and last name of what is called: `log`, `info` of `log.info`."""
    last = function.attr if isinstance(function, ast.Attribute) else ""
    while isinstance(function, ast.Attribute):
        function = function.value
    return {last, function.id if isinstance(function, ast.Name) else ""}


def _overloaded(function: Function) -> bool:
    """A function that is only declared: `@overload`, `@abstractmethod`."""
    words = {name for d in function.decorator_list for name in _names(d)}
    return bool(words & {"overload", "abstractmethod"})
