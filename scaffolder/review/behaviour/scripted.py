"""What the scripted model says: an answer made from the passages that it was sent.

Invariant: a reply depends on the request alone; it is an ordinary answer, quoted word for word and
with the id of its passage, unless the script wants it otherwise.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEAST_WORDS = 4
"""Words of a sentence that is quoted: clients refuse shorter ones."""

INVENTED = "The committee of the seventh harbour approved forty silver lanterns in March."
INVENTED_ID = "passage-that-is-not-there"

_TEXTS = ("text", "content", "passage", "body", "chunk", "snippet", "page_content")
_IDS = ("chunk_id", "id", "passage_id", "doc_id", "source_id", "ref", "source", "document")
_TAGGED = re.compile(
    r"<(?:doc|document|passage|chunk|source)\b[^>]*?(?:id|index|name|source)=[\"']?([^\"'>\s]+)"
    r"[^>]*>(.{20,4000}?)</",
    re.S | re.I,
)
_NUMBERED = re.compile(
    r"^\s*\[([\w.#:/-]{1,80})\][:\s]+(.{20,4000}?)(?=^\s*\[[\w.#:/-]{1,80}\]|\Z)", re.S | re.M
)
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]|$)")
_QUOTED = re.compile(r"quot|excerpt|evidence|span|verbatim|passage|snippet", re.I)
_VERBATIM = re.compile(r"quot|excerpt|verbatim", re.I)
_PLACE = re.compile(r"^(?:passage|snippet|evidence)s?$", re.I)
_ID = re.compile(r"(?:^|_)(?:id|ref|index|key)s?$|source|document|doc|chunk|file|citation", re.I)
_DENIES = re.compile(r"refus|insufficient|unanswer|missing|not_", re.I)
_NAMED = re.compile(r"[`\"'](\w{2,40})[`\"']\s*(\((?:[^()]|\([^()]*\))*\))?")
_SHAPE = re.compile(r"^[^\n]*\bJSON\b[^\n]*(?:\n[^\n]+)*", re.I | re.M)


@dataclass(frozen=True)
class Passage:
    """A passage in a request: its id there, its text."""

    id: str
    text: str

    @property
    def sentence(self) -> str:
        """A sentence of it, word for word."""
        found = (m.group().strip() for m in _SENTENCE.finditer(self.text))
        return next((s for s in found if len(s.split()) >= LEAST_WORDS), self.text.strip()[:200])


@dataclass(frozen=True)
class Wording:
    """What is put into a reply: a quote, the id beside it, and the answer."""

    quote: str
    id: str
    answer: str


def reply(body: Mapping[str, Any], answer: str = "", quote: str = "", source: str = "") -> str:
    """The text of an answer to a request; what is given replaces its words, its quote and its id.

    `{quote}` in `answer` is filled in: clients keep only sentences that their quotes carry.
    """
    said = "\n".join(_strings({k: v for k, v in body.items() if k not in ("model", "tools")}))
    passages = _passages(said)
    first = passages[0] if passages else Passage("1", "There is nothing to quote from here.")
    quote = quote or first.sentence
    words = answer.replace("{quote}", quote.rstrip(" .!?")) or quote
    wording = Wording(quote, source or first.id, words)
    schema = _schema(body)
    if schema:
        return json.dumps(_filled(schema, schema, "answer", wording))
    shape = _told(said)
    if shape:
        return json.dumps({name: _named(name, hint, wording) for name, hint in shape})
    return f"{wording.answer} [{wording.id}]"


def wants_object(body: Mapping[str, Any]) -> bool:
    """Whether a request asks for an object, by a schema or in words."""
    said = "\n".join(_strings({k: v for k, v in body.items() if k not in ("model", "tools")}))
    return bool(_schema(body) or _told(said))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, Sequence):
        for part in value:
            yield from _strings(part)


def _passages(text: str) -> list[Passage]:
    found = [p for value in _values(text) for p in _of_json(value)]
    if not found:
        found = [Passage(*m.groups()) for m in _TAGGED.finditer(text)]
    if not found:
        found = [Passage(m[1], m[2]) for m in _NUMBERED.finditer(text)]
    return [p for p in found if len(p.text.split()) >= LEAST_WORDS]


def _values(text: str) -> Iterator[Any]:
    """JSON values that stand in a text, outermost first."""
    decoder, at = json.JSONDecoder(), 0
    while (found := re.compile(r"[\[{]").search(text, at)) is not None:
        try:
            value, at = decoder.raw_decode(text, found.start())
            yield value
        except (ValueError, RecursionError):
            at = found.end()


def _of_json(value: Any) -> Iterator[Passage]:
    if isinstance(value, list):
        for part in value:
            yield from _of_json(part)
    elif isinstance(value, dict):
        text = next((value[k] for k in _TEXTS if isinstance(value.get(k), str)), None)
        name = next((value[k] for k in _IDS if isinstance(value.get(k), str | int)), None)
        if text is not None and name is not None:
            yield Passage(str(name), text)
        else:
            yield from _of_json(list(value.values()))


def _schema(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The JSON schema that a request asks for, wherever its API puts it."""
    for path in (
        ("output_config", "format", "schema"),
        ("output_format", "schema"),
        ("text", "format", "schema"),
        ("response_format", "json_schema", "schema"),
        ("generationConfig", "responseJsonSchema"),
        ("generationConfig", "responseSchema"),
    ):
        found: Any = body
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        if isinstance(found, Mapping) and found:
            return found
    return None


def _filled(schema: Any, root: Mapping[str, Any], name: str, wording: Wording) -> Any:
    if not isinstance(schema, Mapping):
        return wording.answer
    if isinstance(schema.get("$ref"), str):
        found: Any = root
        for part in schema["$ref"].lstrip("#/").split("/"):
            found = found.get(part) if isinstance(found, Mapping) else None
        return _filled(found, root, name, wording)
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return _filled(schema[key][0], root, name, wording)
    if schema.get("enum"):
        return _best(schema["enum"])
    kinds = schema.get("type", "object")
    kind = str(kinds[0] if isinstance(kinds, list) else kinds).lower()
    if kind == "object":
        parts = schema.get("properties") or {}
        return {k: _filled(v, root, _meant(k, parts), wording) for k, v in parts.items()}
    if kind == "array":
        return [_filled(schema.get("items") or {"type": "string"}, root, name, wording)]
    return _scalar(kind, name, wording)


def _scalar(kind: str, name: str, wording: Wording) -> Any:
    if kind == "boolean":
        return not _DENIES.search(name)
    if kind in ("integer", "number"):
        return int(wording.id) if _ID.search(name) and wording.id.isdigit() else 1
    if kind == "null":
        return None
    return _text(name, wording)


def _text(name: str, wording: Wording) -> str:
    if _QUOTED.search(name) and not name.endswith("_id"):
        return wording.quote
    return wording.id if _ID.search(name) else wording.answer


def _meant(name: str, beside: Mapping[str, Any]) -> str:
    """What a key is for: a "passage" beside a "quote" is where the quote stands."""
    rivals = [each for each in beside if each != name]
    is_place = _PLACE.search(name) and any(_VERBATIM.search(each) for each in rivals)
    return f"{name}_id" if is_place else name


def _best(values: Sequence[Any]) -> Any:
    wanted = ("answered", "answer", "yes", "true", "supported", "ok", "found")
    return next((v for v in values if str(v).lower() in wanted), values[0])


def _told(text: str) -> list[tuple[str, str]]:
    """The keys that a prompt asks for in words, each with what it says of it."""
    for found in reversed(list(_SHAPE.finditer(text))):
        named = [(m[1], m[2] or "") for m in _NAMED.finditer(found.group())]
        if named:
            return named
    return []


def _named(name: str, hint: str, wording: Wording) -> Any:
    inner = [(m[1], m[2] or "") for m in _NAMED.finditer(hint)]
    if re.search(r"\blist|array", hint, re.I) or (inner and not hint):
        one = {k: _named(_meant(k, dict(inner)), h, wording) for k, h in inner}
        return [one or _text(name, wording)]
    if re.search(r"\btrue\b|\bfalse\b|bool", hint, re.I):
        return not _DENIES.search(name)
    if inner:
        return {k: _named(k, h, wording) for k, h in inner}
    return _text(name, wording)
