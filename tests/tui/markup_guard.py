"""Finds where a source hands Textual a text that it would read as markup.

A text is safe where it is a constant of ours, is made by what returns `Content`, or is passed
with `markup=False`. Simple on purpose: what it cannot see through is a fault.
"""

import ast
from collections.abc import Iterator, Mapping

WIDGETS = {"Static", "Label"}
"""They read their first argument as markup unless told not to."""

LABELLED = {"Button", "Checkbox", "RadioButton", "Collapsible", "Tab", "TabPane", "Option"}
"""They read a string as markup, whatever they are told."""

METHODS = {"add_row", "add_column", "add_columns", "set_label", "from_text"}
BRANCHES = {"add", "add_leaf"}
TITLES = {"border_title", "border_subtitle", "tooltip", "label"}
KEYWORDS = {"placeholder", "prompt", "tooltip", "label"}
MAKERS = {"Content", "Text", "plain", "block", "lines", "sign", "assemble", "styled", "join"}
FORBIDDEN = ("rich.markup", "rich.markdown")


def faults(trees: Mapping[str, ast.AST]) -> list[str]:
    """Each as `file:line: what`; functions of any tree that return Content make safe text."""
    makers = MAKERS | {
        node.name
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and _ends_with(node.returns, "Content")
    }
    ours = {n.name for t in trees.values() for n in ast.walk(t) if isinstance(n, ast.ClassDef)}
    return [
        f"{name}:{line}: {what}"
        for name, tree in trees.items()
        for line, what in _Guard(makers, ours, tree).of(tree)
    ]


class _Guard:
    """`ours` are classes of our own, which take care themselves; `given`, what names stand for."""

    def __init__(self, makers: set[str], ours: set[str], tree: ast.AST) -> None:
        self.makers = makers
        self.labelled = LABELLED - ours
        self.given: dict[str, list[ast.expr]] = {}
        self.content: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign):
                for one, value in _pairs(node.targets[0], node.value):
                    self.given.setdefault(ast.unparse(one), []).append(value)
            if isinstance(node, ast.arg) and _ends_with(node.annotation, "Content"):
                self.content.add(node.arg)

    def of(self, tree: ast.AST) -> Iterator[tuple[int, str]]:
        for node in ast.walk(tree):
            match node:
                case ast.Import() | ast.ImportFrom():
                    yield from self._imports(node)
                case ast.Call():
                    yield from self._call(node)
                case ast.Assign():
                    yield from self._titles(node)
                case ast.ClassDef() if any(_name(base) in WIDGETS for base in node.bases):
                    yield from self._widget(node)

    def _imports(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[int, str]]:
        module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        if module in FORBIDDEN:
            yield node.lineno, f"imports {module}"

    def _call(self, node: ast.Call) -> Iterator[tuple[int, str]]:
        name = _name(node.func)
        if name == "from_markup":
            yield node.lineno, "from_markup"
        given = node.args
        if name in WIDGETS | {"notify"}:
            given = [] if _is_off(node) else node.args[:1]
        elif name in self.labelled:
            given = node.args[:1]
        elif name in METHODS:
            given = node.args
        else:
            given = node.args[:1] if name in BRANCHES and _is_tree(node.func) else []
        more = [k.value for k in node.keywords if k.arg in KEYWORDS and name != "Binding"]
        for value in [*given, *more]:
            if not self._is_safe(value):
                yield node.lineno, f"{name} gets {ast.unparse(value)}"

    def _titles(self, node: ast.Assign) -> Iterator[tuple[int, str]]:
        for target in node.targets:
            for one, value in _pairs(target, node.value):
                is_title = _name(one) in TITLES and isinstance(one, ast.Attribute)
                if is_title and not self._is_safe(value):
                    yield node.lineno, f"{_name(one)} gets {ast.unparse(value)}"

    def _widget(self, node: ast.ClassDef) -> Iterator[tuple[int, str]]:
        """A class of ours that is a Static: what its parent gets, what it draws."""
        for inner in ast.walk(node):
            match inner:
                case ast.Call() if ast.unparse(inner.func) == "super().__init__":
                    given = [] if _is_off(inner) else inner.args[:1]
                    if not all(map(self._is_safe, given)):
                        yield inner.lineno, f"{node.name} gets {ast.unparse(given[0])}"
                case ast.FunctionDef(name="render") if not _ends_with(inner.returns, "Content"):
                    yield inner.lineno, f"{node.name}.render does not return Content"

    def _is_safe(self, node: ast.expr) -> bool:
        match node:
            case ast.Constant():
                return True
            case ast.Name() if node.id in self.given:
                values = self.given.pop(node.id)  # what stands for itself is not asked again
                safe = all(map(self._is_safe, values))
                self.given[node.id] = values
                return safe
            case ast.Name() | ast.Attribute():
                return _name(node).isupper() or _name(node) in self.content
            case ast.IfExp():
                return self._is_safe(node.body) and self._is_safe(node.orelse)
            case ast.BoolOp():
                return all(map(self._is_safe, node.values))
            case ast.Call():
                return _name(node.func) in self.makers
            case ast.Starred():
                return self._is_safe(node.value)
            case ast.ListComp() | ast.GeneratorExp():
                return self._is_safe(node.elt)
        return False


def _is_off(node: ast.Call) -> bool:
    return any(
        k.arg == "markup" and isinstance(k.value, ast.Constant) and k.value.value is False
        for k in node.keywords
    )


def _is_tree(node: ast.expr) -> bool:
    """`add` of a tree or one of its nodes, not of a set."""
    said = ast.unparse(node).lower()
    return "tree" in said or "root" in said or "node" in said


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _ends_with(node: ast.expr | None, name: str) -> bool:
    return node is not None and _name(node) == name


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]
