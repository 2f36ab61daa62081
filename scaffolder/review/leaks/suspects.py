"""What a rule matched, and whether it is a secret.

Invariant: a suspect's value leaves this module and `secrets` only cut to four characters.
"""

import base64
import binascii
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from scaffolder.review.leaks.localsecrets import is_configuration, is_elsewhere
from scaffolder.review.leaks.placeholders import entropy, placeholder
from scaffolder.review.mask import SHAPES

_OURS = "scaffold."
_SHAPES = {
    _OURS + re.sub(r"\W+", "-", name.lower()): (
        name,
        re.compile((re.escape(prefix) + rest).encode()),
    )
    for name, (prefix, rest) in SHAPES.items()
}
_PREFIXED = re.compile(r"[A-Za-z0-9]{1,24}[-_.]")
_HOST = re.compile(rb"@(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253})")
_PRIVATE_HOST = re.compile(
    r"^(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[|"
    r"(?:[^.]*)$)|\.(?:local|internal|test|localhost|lan)$|example\.|\bhost\.|docker\.internal",
    re.IGNORECASE,
)
_PEM_BODY = re.compile(rb"[A-Za-z0-9+/=]{48}")
_DIGEST = re.compile(rb"(?:sha(?:1|224|256|384|512)|md5)[=:-][\w+/=-]{0,100}\Z")
"""A value that is named a digest, as lock files and wheels do: its rule goes by neighbours only."""
_INSIDE = re.compile(rb"[A-Za-z0-9_+/-]{6}")
"""What stands before a short prefix inside of something longer, such as a digest."""
_BLOCK = 60
_ENCODED = re.compile(rb"[A-Za-z0-9+/]{60}")
"""Base64 around a match on both sides: a short prefix comes up in a megabyte of it by chance.

No key is written so; what such a text holds is decoded and read by itself.
"""
_NOISY = {"kubernetes-secret-yaml", "curl-auth-user", "curl-auth-header"}
"""Rules that match how something is written and not what: their value must also look random."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A value that a rule matched at the byte `start`."""

    start: int
    value: str = field(repr=False)
    rule: str = ""
    kind: str = "service"


def rules() -> str:
    """The shapes of `mask` as a rule file of the engine: JSON, which is YAML.

    The engine's own rules want a quote or a space behind a key, which XML, CSV, URLs and binary
    files do not give. It knows no look-ahead: `judged` tries the whole shape again.
    """
    plain = ((rule, name, *SHAPES[name]) for rule, (name, _) in _SHAPES.items())
    return json.dumps(
        {
            "rules": [
                {
                    "id": rule,
                    "name": name,
                    "pattern": f"({_literal(prefix)}{rest.partition('(?!')[0]})",
                    "min_entropy": 1.0,
                    "confidence": "medium",
                }
                for rule, name, prefix, rest in plain
            ]
        }
    )


def _literal(prefix: str) -> str:
    return prefix.replace(".", r"\.")


def judged(data: bytes, start: int, end: int, rule: str, path: str) -> Iterator[Suspect]:
    """The engine's match as a suspect; nothing where it is filler.

    Of a text in UTF-16 the engine counts offsets in its own decoding, where ours would hold a NUL:
    that reading is scanned by itself.
    """
    if rule in _SHAPES:
        yield from _shaped(data, start, *_SHAPES[rule])
        return
    if _DIGEST.search(data[max(start - 120, 0) : start]):
        return
    raw = data[start:end]
    if not raw or b"\0" in raw or _enclosed(data, start, end):
        return
    value = raw.decode("latin-1")
    name = rule.rpartition("/")[2].rpartition("betterleaks.")[2].split(".")[0]
    kind = _kind(name, value, data[end : end + 300], path)
    if kind:
        yield Suspect(start, value, name.replace("-", " "), kind)


def _enclosed(data: bytes, start: int, end: int) -> bool:
    """Whether a match lies in the middle of one long encoded text, such as a picture."""
    before, behind = data[max(start - _BLOCK, 0) : start], data[end : end + _BLOCK]
    return bool(_ENCODED.fullmatch(before) and _ENCODED.fullmatch(behind))


def _shaped(data: bytes, start: int, name: str, shape: re.Pattern[bytes]) -> Iterator[Suspect]:
    found = shape.match(data, start)
    value = found[0].decode("latin-1") if found else ""
    if _INSIDE.fullmatch(data[max(start - 6, 0) : start]) and value[:3] not in ("sk-", "git"):
        return
    if value and not placeholder(value) and any(c.isdigit() or c.isupper() for c in value[8:]):
        yield Suspect(start, value, name)


def _kind(name: str, value: str, behind: bytes, path: str) -> str:
    if name == "private-key":
        made_up = is_elsewhere(path) or not _PEM_BODY.search(value.encode("latin-1"))
        return "" if made_up else "service"
    if name in ("generic-credential-uri", "mongodb-connection-string"):
        return _login(value, behind, path)
    if name.startswith("jwt"):
        return "" if _public_token(value) or is_elsewhere(path) else "service"
    if name in _NOISY and (entropy(value) < 3.5 or is_elsewhere(path)):
        return ""
    if name.startswith("gcp-") and value.startswith("{"):
        pem = _PEM_BODY.search(value.encode("latin-1"))
        return "" if _told(value) or (is_elsewhere(path) and not pem) else "service"
    if placeholder(value) or (entropy(value) < 3.0 and not _PREFIXED.match(value)):
        return ""
    return "service"


def _login(value: str, behind: bytes, path: str) -> str:
    """A password in a URL: a service's where the host is public and the password is random."""
    password = value
    if "://" in value:
        match = re.search(r"://[^:/@]{0,128}:([^@]{1,256})@", value)
        password = match[1] if match else value
        behind = value[match.end() - 1 :].encode("latin-1") if match else behind
    if re.match(r"[\[{<$%(]", password) or "{" in password or "," in password:
        return ""
    host = _HOST.search(behind[:260])
    private = host is None or bool(_PRIVATE_HOST.search(host[1].decode("latin-1")))
    if not private and len(password) >= 8 and entropy(password) >= 3.0 and _mixed(password):
        return "" if placeholder(password) else "service"
    return "local" if is_configuration(path) else ""


def _mixed(password: str) -> bool:
    return any(c.isdigit() for c in password) and any(c.isalpha() for c in password)


def _told(value: str) -> bool:
    """Whether the secrets in a credentials file are filler."""
    named = re.findall(
        r'"(?:private_key|refresh_token|client_secret)"\s{0,4}:\s{0,4}"([^"]{0,4000})"', value
    )
    return not any(len(v) >= 16 and not placeholder(v) for v in named)


def _public_token(value: str) -> bool:
    """Whether a JSON web token says itself that it is public, an example or over."""
    try:
        body = value.split(".")[1]
        said = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode("utf-8", "replace")
    except (IndexError, binascii.Error, ValueError):
        return True
    ends = re.search(r'"exp"\s{0,2}:\s{0,2}(\d{9,11})\b', said)
    over = bool(ends) and int(ends[1] if ends else 0) < time.time()
    told = re.search(r'"anon"|John Doe|1234567890|example|test', said, re.IGNORECASE)
    return over or bool(told)
