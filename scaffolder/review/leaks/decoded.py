"""Other readings of the same bytes, in which a key may stand whole.

Invariant: nothing is written to disk, and no input makes more than `Budget` allows; where it ends,
`Budget.refused` says why. Not read, and declared so: what code puts together when it runs (over
variables, reversed, multiplied, encrypted), zstd, 7z, rar, pictures of text.
"""

import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from scaffolder.review.leaks import runs, unpack
from scaffolder.review.leaks.unpack import Budget

DEPTH = 3
"""Containers and encodings inside one another that are opened; threat T29 asks for no more."""

_SMALLEST = 64
"""Bytes of the smallest container that is looked for: a hash may begin like one, and is no more."""

_TEXT_LIMIT = 8 * 1024 * 1024
"""Bytes of which other readings are made; of a longer text only the spaced one."""

_TOKEN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/=.~\n"
_SPACED = bytes(c if c in _TOKEN else 0x20 for c in range(256))
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")

_LONG_WORDS = runs.neighbourhood(_TOKEN.replace(b"\n", b""), 14, 256)
"""Where a value may be; 256 bytes around, since a rule may ask for a name before it."""

_BASE64 = runs.finder(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-", 24)
_ASCII = bytes(0x61 if 32 <= c < 127 else c and 0x20 for c in range(256))
_WIDE = (b"a\0" * 11, b"a\0\0\0" * 11)
"""Eleven letters in UTF-16 or UTF-32; no key is shorter."""

_TAIL = re.compile(rb"[\s\"'+,\\nr#>|*]{1,16}+([A-Za-z0-9+/_-]{1,23}+={0,2}+)(?![\w+/-])")
_WRAP = b" \t\r\n\"'\\+,nr#*>|"
_HEX = b"0123456789abcdefABCDEF"
_HEX_KEY = 64
_CODED = re.compile(
    rb"\\(?:u\{0{0,4}([0-9a-fA-F]{2})\}|u00([0-9a-fA-F]{2})|U000000([0-9a-fA-F]{2})"
    rb"|x([0-9a-fA-F]{2})|([0-3]?[0-7]{2}))"
)
_BACKSLASH = b"\0"
"""What stands for one that was escaped; a text with NUL is none in an encoding of one byte."""
_NAMED = {b"\\" + bytes((c,)): b" " if c in b"nrt" else bytes((c,)) for c in b"nrt\"'/`-"}
_PERCENT = re.compile(rb"%[2-7][0-9A-Fa-f]")
_ONE_QUOTE = bytes.maketrans(b"'`", b'""')
_SEAM = re.compile(rb'"\s*+(?:[+.,&]\s*+)?\\?\s*+(?:#[^\n]{0,200}\n\s*+)?[rbufRBUF]{0,2}\\?"')
"""Between the halves of a text that is written in two; a pattern that begins with one byte is
searched for by C."""
_CONTINUED = re.compile(rb"\\\r?\n[ \t]*+|=\r?\n")
_LINE_ENDS = (b"\\\n", b"\\\r", b"=\n", b"=\r")
_TAG = re.compile(rb"<[^<>]{0,400}>")
_PDF_SEAM = re.compile(rb"\)\s{0,4}-?[\d.]{0,8}\s{0,4}\(")
_ANSI = re.compile(rb"\x1b\[[0-9;]{0,16}m")


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes to scan.

    `name` is the member's inside its container. `lines` says that a line feed is one of the
    object's own, so that lines can be counted; otherwise `start` is where the bytes come from.
    `marks` (position here, position there) where they come from several places.
    """

    data: bytes = field(repr=False)
    name: str = ""
    lines: bool = False
    start: int = 0
    marks: tuple[tuple[int, int], ...] = ()


def pieces(data: bytes, path: str, budget: Budget) -> Iterator[Piece]:
    """`data` itself, and every other reading of it."""
    yield Piece(data, lines=True)
    yield from _readings(Piece(data, path, lines=True), budget, 0)


def _readings(whole: Piece, budget: Budget, depth: int) -> Iterator[Piece]:
    for text in _texts(whole.data, whole.name):
        if depth:
            yield Piece(text.data, whole.name, start=whole.start)
        else:
            yield text
    for part in _parts(whole, budget, depth):
        if not budget.take(len(part.data)):
            return
        yield part
        yield from _readings(part, budget, depth + 1)


def _parts(whole: Piece, budget: Budget, depth: int) -> Iterator[Piece]:
    if depth == DEPTH:
        if unpack.container(whole.data):
            budget.refuse(f"its archives are nested deeper than {DEPTH}")
        return
    for name, data in unpack.members(whole.data, whole.name, budget):
        yield Piece(data, name, start=whole.start)
    if len(whole.data) <= _TEXT_LIMIT and not binary(whole.data):
        yield from _encoded(whole, depth)


def _texts(data: bytes, name: str) -> Iterator[Piece]:
    """Readings of the text itself; `lines` where its line feeds stay what they were."""
    yield _spaced(data)
    if len(data) > _TEXT_LIMIT:
        return
    if b"\0" in data and _is_wide(data):
        # without the mark: the engine would decode again
        wide = data.replace(b"\0", b"").lstrip(b"\xff\xfe")
        yield Piece(wide, lines=b"\n\0" in data or b"\0\n" in data)
    if binary(data):
        return
    plain = _unescaped(data)
    if plain is not data:
        yield Piece(plain, lines=True)
    joined = _joined(plain)
    if len(joined) != len(plain):
        yield Piece(joined)
    if b"%" in data and _PERCENT.search(data):
        yield Piece(unquote_to_bytes(data), lines=True)
    if b"&#" in data:
        yield Piece(html.unescape(data.decode("latin-1")).encode("latin-1", "replace"), lines=True)
    if b"</" in data[:4096] or name.endswith((".xml", ".svg", ".html")):
        yield Piece(_TAG.sub(b"", data))
    if b"TJ" in data:
        yield Piece(_PDF_SEAM.sub(b"", data))


def binary(data: bytes) -> bool:
    """Whether the bytes are no text in an encoding of one byte a letter."""
    head = data[:4096]
    return b"\0" in head or len(head.translate(None, bytes(range(32, 127)) + b"\n\r\t\x1b")) > (
        len(head) // 2
    )


def _is_wide(data: bytes) -> bool:
    mask = data.translate(_ASCII)
    return any(letters in mask for letters in _WIDE)


def _spaced(data: bytes) -> Piece:
    """The long words of a text, with spaces for whatever stands around them."""
    parts, marks, here = [], [], 0
    for start, end in _LONG_WORDS(data):
        marks.append((here, start))
        parts.append(data[start:end].translate(_SPACED))
        here += end - start + 2
    return Piece(b"\n\n".join(parts), lines=True, marks=tuple(marks))


def _joined(text: bytes) -> bytes:
    goes_on = any(mark in text for mark in _LINE_ENDS)
    text = _CONTINUED.sub(b"", text) if goes_on else text
    return _SEAM.sub(b"", text.translate(_ONE_QUOTE))


def _unescaped(data: bytes) -> bytes:
    """`data` with its escapes read; a line feed that is written as one becomes a space."""
    if b"\\" not in data and b"\x1b" not in data:
        return data
    text = data.replace(b"\\\\", _BACKSLASH)
    if b"\\" in text:
        text = _CODED.sub(_character, text)
        for written, meant in _NAMED.items():
            text = text.replace(written, meant) if written in text else text
    text = text.replace(_BACKSLASH, b"\\")
    text = _ANSI.sub(b"", text) if b"\x1b" in text else text
    return data if text == data else text


def _character(found: re.Match[bytes]) -> bytes:
    kind = found.lastindex or 0
    code = int(found[kind], 8 if kind == 5 else 16)
    return b" " if code == 10 else _BACKSLASH if code == 92 else bytes((code & 0xFF,))


def _encoded(whole: Piece, depth: int) -> Iterator[Piece]:
    """What base64 and hex in a text stand for: small ones together, each large one by itself."""
    small: list[bytes] = []
    marks: list[tuple[int, int]] = []
    length = 0
    for start, data in _runs(whole.data):
        origin = whole.start if depth else start
        if len(data) > 512 or (len(data) > _SMALLEST and unpack.container(data)):
            yield Piece(data, whole.name if depth else "", start=origin)
        else:
            marks.append((length, origin))
            small.append(data)
            length += len(data) + 1
    if small:
        yield Piece(b"\n".join(small), whole.name if depth else "", marks=tuple(marks))


def _runs(data: bytes) -> Iterator[tuple[int, bytes]]:
    group: list[bytes] = []
    start = end = 0
    for begin, stop in _BASE64(data):
        if stop - begin < _HEX_KEY and _is_word(data[begin:stop]):
            continue
        padding = 2 if data.startswith(b"==", stop) else data.startswith(b"=", stop)
        run = data[begin : stop + padding]
        gap = data[end:begin] if begin - end <= 24 else b"|other|"
        if group and (gap.translate(None, _WRAP) or len(group[-1]) % 4):
            yield from _wrapped(data, group, start, end)
            group = []
        if not group:
            start = begin
        group.append(run)
        end = begin + len(run)
        if len(run) >= _HEX_KEY and not run.translate(None, _HEX):
            yield from _hexadecimal(run, begin)
        elif len(run) >= 32:
            yield from _bytes_of(run, begin)
    if group:
        yield from _wrapped(data, group, start, end)


def _is_word(run: bytes) -> bool:
    """A path, a name, a number: base64 of 24 letters is in one case once in 100,000 times."""
    return run.islower() or run.isupper() or not run.translate(None, b"0123456789-_/+")


def _wrapped(data: bytes, group: list[bytes], start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """A run over several lines: its lines, and a last one that is too short to be a run."""
    tail = _TAIL.match(data, end) if len(group[-1]) % 4 == 0 else None
    if tail:
        group = [*group, tail[1]]
    if len(group) > 1:
        yield from _bytes_of(b"".join(group), start)


def _bytes_of(run: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    run = run.rstrip(b"=").translate(_TO_STANDARD)
    if len(run) % 4 == 1:
        run = run[:-1]
    try:
        yield start, binascii.a2b_base64(run + b"=" * (-len(run) % 4))
    except binascii.Error:
        return


def _hexadecimal(run: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    decoded = binascii.a2b_hex(run[: len(run) // 2 * 2])
    if decoded.isascii() or len(decoded) > _SMALLEST:
        yield start, decoded
