"""Where the money of model calls is computed.

Invariant: a number that is only written down (`cost_usd = 0.0`) is no money: something multiplies
it, sums it, or reads it from what the provider says.
"""

import ast
import re
from collections.abc import Iterator

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import naming, place
from scaffolder.review.models.modelflow import syntax
from scaffolder.review.models.modelreach import reaching
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

PRICED_CALL = re.compile(
    r"(?:^|\.)(?:completion_cost|cost_per_token|get_openai_callback|calc_price"
    r"|calculate_(?:prompt|completion)_cost|get_usage_metadata_callback_cost)$"
)
"""Calls of libraries that know prices."""

USAGE = re.compile(
    r"^(?:(?:total|prompt|completion|input|output|cached?|reasoning|used|num)_tokens?"
    r"|usage(?:_metadata)?|(?:prompt_)?eval_count|token_(?:count|usage)|tokens_used|count_tokens"
    r"|(?:input|output|prompt|candidates)_(?:text_)?token_count|cache_(?:read|creation)_\w{2,30})$"
)
"""Identifiers that count what a model used."""

_PRICED = ("genai_prices", "tokencost", "llm_prices", "litellm.cost_calculator")
_CALLBACK = "get_openai_callback"
"""It counts tokens and money; what is read of it decides."""

_ANYWHERE = frozenset(
    {
        *("token", "tokens", "1k", "1m", "mtok", "million", "prompt", "completion", "llm"),
        *("openai", "api", "inference", "dollar"),
    }
)
"""Words beside cost or price that make it the money of a model, in whatever file."""

_BESIDE = frozenset(
    {
        *("input", "output", "model", "models", "total", "max", "run", "call", "request"),
        *("query", "calculate", "estimate", "compute", "usd"),
    }
)
"""Words that do so only where tokens are counted or a model is called: a cart has a total too."""

_MONEY_WORD = re.compile(r"(?:^|_)(?:cost|price|pricing|usd)s?(?:$|_)", re.IGNORECASE)
_PRICE_NAME = re.compile(r"cost|pric|budget", re.IGNORECASE)
_MONEY = {"cost", "costs", "price", "prices", "pricing"}
_SAID = {"total_cost", "response_cost", "total_cost_usd"}
_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)


def money(view: RepoView) -> list[Evidence]:
    """The places, one a file, where what a model call costs is computed or read."""
    asked = [place(view, f.path, c.line) for f in view.code for c in f.calls if _priced(c.name, f)]
    worked = [place(view, f.path, line) for f in _named(view) for line in _lines(view, f)[:1]]
    return list(dict.fromkeys([*asked, *worked]))


def _priced(name: str, file: PythonFile) -> bool:
    known = PRICED_CALL.search(name) and (_CALLBACK not in name or "total_cost" in file.names)
    return bool(known) or name.startswith(_PRICED)


def _named(view: RepoView) -> list[PythonFile]:
    """Files with an identifier that says the cost of a model."""
    words, usage, near = naming(view, _PRICE_NAME), naming(view, USAGE), reaching(view)
    sure, likely = _saying(words, _ANYWHERE), _saying(words, _BESIDE)
    plain = naming(view, _MONEY_WORD)
    found = []
    for file in view.code:
        counts = bool(usage & file.names)
        if (
            sure & file.names
            or (counts and (likely | plain) & file.names)
            or (file.path in near and likely & file.names)
        ):
            found.append(file)
    return found


def _saying(names: frozenset[str], about: frozenset[str]) -> frozenset[str]:
    return frozenset(n for n in names if _about(set(n.lower().split("_")), about))


def _about(words: set[str], about: frozenset[str]) -> bool:
    return bool(words & (_MONEY | {"budget"}) and words & about) and (
        bool(words & _MONEY) or "usd" in words
    )


def _lines(view: RepoView, file: PythonFile) -> list[int]:
    tree = syntax(view, file.path)
    return sorted(_computing(tree)) if tree else []


def _computing(tree: ast.Module) -> Iterator[int]:
    """Lines on which something named for money is computed, summed, or read from a reply."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            if isinstance(node.op, _SUMS) and _speaks(node):
                yield node.lineno
        elif isinstance(node, ast.AugAssign):
            if _speaks(node.target) and not isinstance(node.value, ast.Constant):
                yield node.lineno
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if node.value is not None and _speaks(target) and _multiplies(node.value):
                yield node.lineno
        elif isinstance(node, _DEFS):
            if _MONEY_WORD.search(node.name) and any(map(_multiplies, node.body)):
                yield node.lineno
        elif isinstance(node, ast.Attribute) and _read(node):
            yield node.lineno


def _read(node: ast.Attribute) -> bool:
    return node.attr in _SAID and isinstance(node.ctx, ast.Load)


_SUMS = (ast.Mult, ast.Div, ast.Add)


def _multiplies(node: ast.AST) -> bool:
    return any(
        isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mult | ast.Div) for n in ast.walk(node)
    )


def _speaks(node: ast.AST) -> bool:
    """Whether a name, an attribute or a short key in the expression is named for money."""
    for part in ast.walk(node):
        word = getattr(part, "id", "") or getattr(part, "attr", "")
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) < 40:
            word = part.value
        if word and _MONEY_WORD.search(word):
            return True
    return False
