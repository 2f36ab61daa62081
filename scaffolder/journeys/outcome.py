"""The one JSON object that a project's command prints, in lines for a person.

Invariant: it may be anybody's: whatever is in it, a bounded number of short lines comes out.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

MAX_LINES = 40
MAX_TEXT = 1200
MAX_VALUE = 200
SHORT_LIST = 3

_QUIET = frozenset({"status", "message", "answer", "citations", "system", "claims", "trace"})


def lines(result: Mapping[str, Any]) -> list[str]:
    """Status, message, answer, citations, then what else there is."""
    return [line for _, line in zip(range(MAX_LINES), _lines(result), strict=False)]


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    status, system = _text(result, "status"), _text(result, "system")
    yield f"{status or 'no status'}{f', by the system {system}' if system else ''}"
    for part in (_text(result, "message"), _text(result, "answer")):
        if part:
            yield ""
            yield from (f"  {line}" for line in part.splitlines() if line.strip())
    yield from _citations(result.get("citations"))
    claims = result.get("claims")
    if isinstance(claims, list) and claims:
        yield ""
        yield f"{len(claims)} results measured: they are plotted under Results."
    yield from _rest(result)


def _citations(listed: object) -> Iterator[str]:
    found = [c for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []
    if found:
        yield ""
    for number, citation in enumerate(found[:8], 1):
        yield f"  [{number}] {_text(citation, 'source') or 'no source'}"
        if quote := " ".join(_text(citation, "quote").split()):
            yield f"      “{quote[:MAX_VALUE]}{'…' if len(quote) > MAX_VALUE else ''}”"


def _rest(result: Mapping[str, Any]) -> Iterator[str]:
    said = {k: v for k, v in result.items() if k not in _QUIET and v not in (None, "", [], {})}
    if said:
        yield ""
    for key, value in said.items():
        yield f"{str(key)[:40]}: {_short(value)}"


def _short(value: object) -> str:
    if isinstance(value, list) and len(value) > SHORT_LIST:
        return f"{len(value)} entries"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"


def _text(table: Mapping[str, Any], key: str) -> str:
    found = table.get(key)
    return found[:MAX_TEXT] if isinstance(found, str) else ""
