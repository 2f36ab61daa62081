"""Which calls and statements of a test assert something, and which of them cannot fail.

Invariant: only the shape of the expression decides; nothing is evaluated.
"""

import ast

from scaffolder.review.python.pynames import dotted

_EXPECTS = {"pytest.raises", "pytest.warns", "pytest.deprecated_call"}
_EXISTS = {"assertIsNotNone", "assertIsInstance"}
_KINDS = {"isinstance", "hasattr", "callable"}
"""Calls that say of what kind a thing is: whoever made it has tested no more than the making."""


def is_assertion(name: str) -> bool:
    """Whether a call of the resolved `name` asserts: `self.assertEqual`, `pytest.raises`."""
    last = name.rpartition(".")[2]
    return name in _EXPECTS or (last.startswith("assert") and last != "assert_")


def trivial_call(name: str, call: ast.Call) -> bool:
    """Whether an asserting call compares nothing: only literals, or that a thing is not None."""
    if name.rpartition(".")[2] in _EXISTS:
        return True
    return bool(call.args) and all(isinstance(a, ast.Constant) for a in call.args)


def trivial(test: ast.AST, depth: int = 0) -> bool:
    """Whether `assert test` cannot fail, or says no more than that a thing is there."""
    if isinstance(test, ast.Constant):
        return True
    if isinstance(test, ast.Tuple):
        return bool(test.elts)
    if depth < 5 and isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return trivial(test.operand, depth + 1)
    if depth < 5 and isinstance(test, ast.BoolOp):
        return all(trivial(v, depth + 1) for v in test.values)
    if isinstance(test, ast.Call):
        return dotted(test.func) in _KINDS
    return isinstance(test, ast.Compare) and _compares_nothing(test)


def _compares_nothing(test: ast.Compare) -> bool:
    sides = [test.left, *test.comparators]
    if all(isinstance(s, ast.Constant) for s in sides):
        return True
    if len(sides) != 2:
        return False
    left, right = sides
    if isinstance(right, ast.Constant):
        absent = isinstance(test.ops[0], ast.IsNot | ast.NotEq) and right.value is None
        return absent or _never_negative(left, test.ops[0], right)
    plain = isinstance(left, ast.Name | ast.Attribute) and isinstance(right, type(left))
    return plain and isinstance(test.ops[0], ast.Eq | ast.Is) and dotted(left) == dotted(right)


def _never_negative(left: ast.expr, op: ast.cmpop, right: ast.Constant) -> bool:
    counted = isinstance(left, ast.Call) and dotted(left.func) == "len"
    return counted and isinstance(op, ast.GtE) and right.value == 0
