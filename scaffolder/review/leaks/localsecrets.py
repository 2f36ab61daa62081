"""Passwords, hashes and signing keys that a project ships in its own configuration.

Invariant: only configuration is read (compose, env, settings, manifests), never tests, examples,
documents, CI or somebody else's code: a password there is made up for a reader.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffolder.review.leaks.placeholders import entropy, placeholder

_LINE = 2000
_LINES = 20_000

_CONFIG = re.compile(
    r"(?:^|/)(?:[^/]*compose[^/]*\.ya?ml|[^/]*dockerfile[^/]*|\.env[^/]*|[^/]*\.env|"
    r"[^/]*(?:settings|config|secrets?|values|credentials)[^/]*\.(?:json|ya?ml|toml)|"
    r"(?:settings|config|conf|secrets|credentials)(?:_[a-z]+)?\.py|"
    r"application[^/]*\.(?:ya?ml|properties)|[^/]*\.(?:ini|cfg|conf|properties)|"
    r"(?:k8s|kubernetes|deploy|helm|config|manifests)/(?:[^/]*/)?[^/]*\.(?:ya?ml|json|toml)|"
    r"makefile|gnumakefile|justfile|\.netrc|_netrc|\.pgpass|\.pypirc|\.npmrc|\.git-credentials)$",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"(?:^|/)(?:tests?|testing|__tests__|spec|fixtures?|examples?|samples?|docs?|\.github|\.gitlab|"
    r"\.circleci|node_modules|site-packages|vendor|vendored|third_party|\.venv|venv|cassettes|"
    r"locales?)/|(?:^|/)(?:test_|conftest)[^/]*$|"
    r"example|sample|template|\.dist$|\.tmpl$|\.j2$|\.jinja$|\.lock$|package(?:-lock)?\.json$",
    re.IGNORECASE,
)
_HINT = re.compile(r"pass|pwd|secret|_key|master|token|_auth", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:^|[^\w.-])([\w.-]{0,60}(?:password|passwd|_pwd|_pass|secret_key|secret|signing_key|"
    r"jwt_key|encryption_key|master_key|access_key|api_key|apikey|_token|_auth(?:token)?))"
    r"[\"']?(?:\s{0,8}(?::\s{0,4}str\s{0,4}=|:=|=|:)\s{0,8}|[\"']?,\s{0,8})"
    r"[\"']?([^\s\"',#}\])]{3,400})",
    re.IGNORECASE,
)
_DEFAULT = re.compile(r"^\$\{\w{1,80}:?-([^}]{3,400})\}?$")
_NOT_A_VALUE = re.compile(
    r"^(?:\$|<|\{|%|\*|&|!|/|\(|@|null|none|true|false|yes|no|optional|required|str|string|"
    r"int\b|os\.|env|settings|config|self|secrets?[.:_/]|file:|field|get|load|var\.|[\w.]+\(|your)",
    re.IGNORECASE,
)
_SIGNING = re.compile(
    r"\b(?:DJANGO_|FLASK_|APP_|JWT_)?SECRET(?:_KEY)?\b[\"']?\s{0,4}(?:=|:)\s{0,4}"
    r"(?:os\.(?:getenv|environ\.get)\(\s{0,4}[\"']\w{1,60}[\"']\s{0,4}(?:,|\)\s{0,4}or\b)\s{0,4})?"
    r"[bru]?[\"']([^\"'<>{}$\s]{6,200})[\"']"
)
_HASH = re.compile(
    r"(\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id|i|d)\$v=\d{2}\$[\w=,]{5,40}\$[\w+/]{8,90}\$"
    r"[\w+/]{20,120}|pbkdf2_sha256\$\d{4,9}\$[\w+/=]{6,40}\$[\w+/=]{43,48}"
    r"|\$6\$[./\w]{4,20}\$[./\w]{86})"
)
_IN_CODE = ("SECRET", "$2", "$argon2", "pbkdf2_sha256$", "$6$")
_CODE = (".py", ".ipynb", ".js", ".mjs", ".ts", ".tsx", ".jsx")
_KEYS = (
    r"(?:client|api|app|consumer)[_-]?secret|secret[_-]?access[_-]?key|api[_-]?key"
    r"|(?:access|auth|bearer)[_-]?token"
)
_MARK = re.compile(_KEYS, re.IGNORECASE)
_LITERAL = re.compile(
    rf"(?:{_KEYS})\\?[\"']?\]?(?:\s{{0,4}}:\s{{0,4}}str)?\s{{0,4}}[=:,]\s{{0,4}}"
    r"[bru]?\\?[\"']([\w+/=.-]{20,400})\\?[\"']",
    re.IGNORECASE,
)
"""A key in code: its name, and a text of twenty characters or more that is written out."""
_HEXADECIMAL = re.compile(r"[0-9a-f-]{20,400}", re.IGNORECASE)
_OPAQUE = re.compile(
    r"(?:api_?key|_token|access_key|_auth|authtoken|client_secret)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Local:
    """A value on a 1-based line; `service` where it is a long random key of an unknown service."""

    line: int
    value: str
    rule: str
    service: bool = False


def is_configuration(path: str) -> bool:
    """Whether a path is that of the project's own configuration."""
    return bool(_CONFIG.search(path)) and not _ELSEWHERE.search(path)


def is_code(path: str) -> bool:
    """Whether a path is that of code that somebody writes."""
    return PurePosixPath(path).suffix in _CODE and ".min." not in path


def is_elsewhere(path: str) -> bool:
    """Whether a path is that of a test, an example, a document or somebody else's code."""
    return bool(_ELSEWHERE.search(path))


def find(path: str, text: str) -> Iterator[Local]:
    """Each local secret of a file; nothing where the file is no configuration."""
    configuration = is_configuration(path)
    if is_elsewhere(path) or not (configuration or is_code(path)):
        return
    if not configuration and not (_MARK.search(text) or any(mark in text for mark in _IN_CODE)):
        return
    if path.rpartition("/")[2] in (".netrc", "_netrc", ".pgpass"):
        yield from _machines(text)
    for number, whole in enumerate(text.split("\n", _LINES), 1):
        line = whole[:_LINE]
        if "$" in line and (hashed := _HASH.search(line)):
            yield Local(number, hashed[1], "password hash")
            continue
        found = _settled(line, path) if configuration else _in_code(line, path)
        if found:
            yield Local(number, *found)


def _settled(line: str, path: str) -> tuple[str, str, bool] | None:
    """What a line of configuration sets; what is commented out is made up for a reader."""
    if not _HINT.search(line) or line.lstrip().startswith(("#", "// ", ";")):
        return None
    return _assigned(line, path)


def _assigned(line: str, path: str) -> tuple[str, str, bool] | None:
    found = _NAMED.search(line)
    if not found or (path.endswith(".py") and line[found.start(2) - 1] not in "\"'"):
        return _signing(line)
    name, value = found[1], found[2].rstrip("\"';,")
    if default := _DEFAULT.match(value):
        value = default[1]
    elif line[: found.start(1)].endswith("${"):
        value = value[1:] if value[0] == "-" else "$"
    if _NOT_A_VALUE.match(value) or "${" in value or "{{" in value:
        return _signing(line)
    if _REFERENCE.search(name) or (value.lower() == "password" and not name.isupper()):
        return None
    if _OPAQUE.search(name):
        return (value, "key of an unnamed service", True) if _random(value) else None
    if _FILE.search(name):
        return None
    rule = "default password" if re.search("pass|pwd", name, re.IGNORECASE) else "signing key"
    return (value, rule, False)


_REFERENCE = re.compile(
    r"(?:existing|pull|tls|certificates?|certs?|credentials?|external)[_-]?secrets?$", re.I
)
"""Names under which Kubernetes is told which secret to read, not what is in it."""
_FILE = re.compile(r"(?:file|path|name|_id|url|field|hash|length|min|max|reset|policy)$", re.I)


def _in_code(line: str, path: str) -> tuple[str, str, bool] | None:
    """A long random value that stands in code under the name of a key, or a signing key."""
    found = _LITERAL.search(line) if _MARK.search(line) else None
    if found and _random(found[1]) and _generated(found[1]):
        return (found[1], "key of an unnamed service", True)
    plain = path.endswith(".py") and not line.lstrip().startswith("#")
    return _signing(line) if plain and _HINT.search(line) else None


def _signing(line: str) -> tuple[str, str, bool] | None:
    found = _SIGNING.search(line)
    return (found[1], "signing key", False) if found else None


def _random(value: str) -> bool:
    """20 characters of at least 3.5 bits each, letters and digits: what a generator makes."""
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    plain = re.fullmatch(r"[\w+/=.-]{20,400}", value) is not None
    return plain and mixed and entropy(value) >= 3.5 and not placeholder(value)


def _generated(value: str) -> bool:
    """Whether a value holds sixteen letters and digits in a row, both, and is no digest.

    The name of a variable (`AZURE_KEY_2`) or of a model (`text-embedding-3-large`) holds none, and
    what is in hexadecimal may be the digest or the number of anything.
    """
    rows = (r for r in re.split(r"[^A-Za-z0-9]", value) if len(r) >= 16)
    mixed = any(not r.isalpha() and not r.isdigit() for r in rows)
    return mixed and not _HEXADECIMAL.fullmatch(value)


def _machines(text: str) -> Iterator[Local]:
    for number, line in enumerate(text.split("\n", _LINES), 1):
        found = re.search(r"\bpassword\s{1,8}(\S{3,200})", line[:_LINE])
        if found and not placeholder(found[1]) and not _NOT_A_VALUE.match(found[1]):
            yield Local(number, found[1], "login of a machine", service=True)
