"""Makes code with the f-strings of Python 3.12 and later readable for the Python that runs here.

Invariant: every line keeps its number; one pass, no recursion. What stands in the holes is lost,
so this is for code that cannot be parsed as it is.
"""

import re

_START = re.compile(r"""#[^\n]*+|(?<!\w)([A-Za-z]{0,2})(\"{3}|'{3}|"|')""")
_IN_TEXT = re.compile(r"""\\.|\{\{|\}\}|[{"'\n]""", re.DOTALL)
_IN_HOLE = re.compile(r"""(?<!\w)([A-Za-z]{0,2})(\"{3}|'{3}|"|')|[{}\[\]()]""")
_ENDS = {
    '"': re.compile(r'(?:[^"\\\n]++|\\.)*+"?', re.DOTALL),
    "'": re.compile(r"(?:[^'\\\n]++|\\.)*+'?", re.DOTALL),
    '"""': re.compile(r'(?:[^"\\]++|\\.|"(?!""))*+(?:""")?', re.DOTALL),
    "'''": re.compile(r"(?:[^'\\]++|\\.|'(?!''))*+(?:''')?", re.DOTALL),
}


def flattened(source: str) -> str:
    """`source` with a plain string in the place of each f-string, `{}` for each of its holes."""
    made: list[str] = []
    at = 0
    while start := _START.search(source, at):
        made.append(source[at : start.start()])
        prefix, quote = start[1], start[2]
        if quote is None or "f" not in prefix.lower():
            at = start.end() if quote is None else _ending(source, start.end(), quote)
            made.append(source[start.start() : at])
        else:
            text, at = _fstring(source, start.end(), quote)
            written = text.replace("\\", "\\\\").replace('"', '\\"')
            lines = source.count("\n", start.start(), at) - text.count("\n")
            made.append('"""' + written + "\n" * lines + '"""')
    return "".join([*made, source[at:]])


def _ending(source: str, at: int, quote: str) -> int:
    found = _ENDS[quote].match(source, at)
    return found.end() if found else at


def _fstring(source: str, at: int, quote: str) -> tuple[str, int]:
    """The text of an f-string that begins before `at`, and where it ends.

    `open_` holds the quote of each f-string that is not closed yet and how many brackets its hole
    has open, none where the text between the holes is read.
    """
    open_ = [(quote, 0)]
    text: list[str] = []
    while open_ and at < len(source):
        quote, depth = open_[-1]
        found = (_IN_HOLE if depth else _IN_TEXT).search(source, at)
        if found is None:
            return "".join(text), len(source)
        if len(open_) == 1 and not depth:
            text.append(source[at : found.start()])
        at = found.end()
        if depth:
            at = _in_hole(source, found, at, open_)
        elif source.startswith(quote, found.start()):
            open_.pop()
            at = found.start() + len(quote)
        elif found[0] == "{":
            open_[-1] = (quote, 1)
            text += ["{}"] * (len(open_) == 1)
        elif len(open_) == 1:
            text.append(found[0])
    return "".join(text), at


def _in_hole(source: str, found: re.Match[str], at: int, open_: list[tuple[str, int]]) -> int:
    quote, depth = open_[-1]
    if found[2] is None:
        open_[-1] = (quote, depth + (1 if found[0] in "{[(" else -1))
    elif "f" in found[1].lower():
        open_.append((found[2], 0))
    else:
        return _ending(source, at, found[2])
    return at
