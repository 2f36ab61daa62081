"""What a scripted model calls: a tool that it is offered, or another, and what it is given back.

Invariant: a call follows from the request alone.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, Literal

Kind = Literal["first", "unknown", "wrong", "hostile"]
UNKNOWN = "tool_that_is_not_there"
HOSTILE = ("x'; DROP TABLE {table}; --", f"{'../' * 12}etc/nsswitch.conf")
MOST_WAYS = 6
"""Sets of arguments that are tried for one tool."""


@dataclass(frozen=True)
class Turn:
    """Calls of the first `times` tools that are offered, of one that is not, with arguments that
    their schema lacks, or with texts of an attacker; `text` stands beside them.

    With `name` it is one call of that tool with the arguments `given`; an attacker knows a `table`.
    """

    kind: Kind = "first"
    times: int = 1
    text: str = ""
    name: str = ""
    given: Mapping[str, Any] | None = None


def offered(request: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Name and schema of each tool in a request, in any of the three dialects."""
    return [*_offered(request.get("tools"))]


def results(request: Mapping[str, Any]) -> int:
    """How many results of tools a request gives back."""
    return sum(_is_result(part) for part in _parts(request.get("messages") or _turns(request)))


def of_turn(turn: Turn, request: Mapping[str, Any]) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """The text and the calls of a turn; no calls where no tool is offered."""
    tools = offered(request)
    if turn.name:
        return turn.text, [(turn.name, dict(turn.given or {}))]
    if turn.kind == "hostile":
        return turn.text, _hostile(tools, str((turn.given or {}).get("table", "orders")))
    if not tools:
        return turn.text or "There is nothing to call.", []
    chosen = [tools[at % len(tools)] for at in range(turn.times)]
    return turn.text, [_call(turn.kind, name, schema) for name, schema in chosen]


def ways(schema: Mapping[str, Any], text: str) -> Iterator[dict[str, Any]]:
    """Arguments that a schema allows: each of its enums, for a pattern what `text` has of it."""
    parts = schema.get("properties")
    known = parts if isinstance(parts, Mapping) else {}
    names = [name for name in schema.get("required") or [] if isinstance(name, str)]
    values = [_values(known.get(name) or {}, text) for name in names]
    for chosen in islice(product(*values), MOST_WAYS):
        yield dict(zip(names, chosen, strict=True))


def _values(schema: Mapping[str, Any], text: str) -> list[Any]:
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return list(schema["enum"])
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and len(pattern) <= 60:
        words = re.findall(r"[\w-]{2,40}", text)
        return [word for word in words if _fits(pattern, word)][:1] or ["x"]
    return [_value(schema)]


def _fits(pattern: str, word: str) -> bool:
    try:
        return re.search(pattern, word) is not None
    except re.error:
        return False


def _hostile(
    tools: list[tuple[str, Mapping[str, Any]]], table: str
) -> list[tuple[str, dict[str, Any]]]:
    """Two calls of the first tool that takes a text: one destroys a table, one climbs to a file."""
    for name, schema in tools:
        filled = _filled(schema)
        texts = [key for key, value in filled.items() if isinstance(value, str)]
        if texts:
            attacks = (text.format(table=table) for text in HOSTILE)
            return [(name, {**filled, **dict.fromkeys(texts, text)}) for text in attacks]
    return []


def _call(kind: Kind, name: str, schema: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    given = {"unexpected": ["x"]} if kind == "wrong" else _filled(schema)
    return (UNKNOWN if kind == "unknown" else name), given


def _offered(tools: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for tool in tools if isinstance(tools, list) else ():
        if not isinstance(tool, Mapping):
            continue
        inner = tool.get("function") if isinstance(tool.get("function"), Mapping) else tool
        nested = tool.get("functionDeclarations") or tool.get("function_declarations")
        if nested:
            yield from _offered(nested)
        elif isinstance(inner, Mapping) and isinstance(inner.get("name"), str):
            keys = ("input_schema", "parameters", "parametersJsonSchema", "parameters_json_schema")
            schemas = (inner[k] for k in keys if isinstance(inner.get(k), Mapping))
            yield inner["name"], next(schemas, {})


def _filled(schema: Mapping[str, Any]) -> dict[str, Any]:
    parts = schema.get("properties")
    wanted = schema.get("required") or []
    known = parts if isinstance(parts, Mapping) else {}
    return {name: _value(known.get(name) or {}) for name in wanted}


def _value(schema: Mapping[str, Any]) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    return {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}.get(
        str(schema.get("type")), "x"
    )


def _turns(request: Mapping[str, Any]) -> Any:
    return request.get("input") or request.get("contents")


def _parts(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for part in value.values():
            yield from _parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _parts(part)


def _is_result(part: Mapping[str, Any]) -> bool:
    kinds = ("tool_result", "function_call_output")
    return part.get("type") in kinds or part.get("role") == "tool" or "functionResponse" in part
