"""What is kept of a Python module or notebook.

Invariant: texts and numbers only, in the order of the code; no tree, no source.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

Literal = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Import:
    """`name` is the dotted module or member that is imported: `openai.OpenAI`."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call: the resolved dotted `name`, keywords in order, and the literal arguments.

    `args` are positional literals, in order, with None for what is no literal. A receiver that
    cannot be resolved is written as it stands in the code: `self.client.chat.completions.create`.
    `function` is the qualified name of the enclosing function, "" at module level.
    """

    name: str
    line: int
    end_line: int
    keywords: tuple[str, ...]
    literals: Mapping[str, Literal]
    args: tuple[Literal, ...]
    function: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method; `hints` and `parameters` count parameters (without self and cls)."""

    name: str
    line: int
    end_line: int
    decorators: tuple[str, ...]
    parameters: int
    hints: int
    returns: bool
    yields: bool
    docstring: str


@dataclass(frozen=True, slots=True)
class Class:
    """A class with its resolved base names."""

    name: str
    line: int
    bases: tuple[str, ...]
    decorators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handler:
    """An `except`: resolved types ("" where bare), what it calls, whether it raises again."""

    types: tuple[str, ...]
    line: int
    function: str
    calls: tuple[str, ...]
    raises: bool
    guarded: tuple[str, ...]
    """Names that the `try` body calls."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string constant, cut at 2,000 characters; f-strings with `{}` for their holes."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Assert:
    """An assertion of a test: `assert x`, `self.assertEqual(...)`, `pytest.raises(...)`."""

    line: int
    function: str
    trivial: bool
    """True where it compares nothing of the project: `assert True`, `assert x is not None`."""


@dataclass(frozen=True, slots=True)
class PythonFile:
    """One module, or the code cells of one notebook."""

    path: str
    notebook: bool
    lines: int
    docstring: str = ""
    imports: tuple[Import, ...] = ()
    calls: tuple[Call, ...] = ()
    functions: tuple[Function, ...] = ()
    classes: tuple[Class, ...] = ()
    handlers: tuple[Handler, ...] = ()
    texts: tuple[Text, ...] = ()
    asserts: tuple[Assert, ...] = ()
    names: frozenset[str] = field(default_factory=frozenset)
    """Every identifier and attribute name in the module."""

    def imports_any(self, *packages: str) -> bool:
        """Whether one of the top-level packages (or dotted modules) is imported."""
        below = _below(packages)
        return any(i.name in packages or i.name.startswith(below) for i in self.imports)


@cache
def _below(packages: tuple[str, ...]) -> tuple[str, ...]:
    """What the names of modules in these packages begin with; asked for every file of a view."""
    return tuple(f"{package}." for package in packages)
