"""What a command really runs: Makefile targets, npm scripts, tox, nox and shell scripts followed.

Invariant: nothing is run; a recipe is followed at most DEPTH deep and LIMIT commands far, so that
recipes that call each other in a circle end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from scaffolder.review.parse import mapping
from scaffolder.review.view import RepoView

DEPTH = 4
LIMIT = 400


@dataclass(frozen=True, slots=True)
class Order:
    """One simple command and where it stands; `soft` says that its failure is thrown away."""

    path: str
    line: int
    text: str
    soft: bool = False


_ENDS = re.compile(r"(&&|\|\||[;|\n]|(?<![>&<])&(?![>&]))")
_SWALLOWED = re.compile(r"\|\|\s?(?:true|:|exit 0|echo)|;\s?(?:true|:|exit 0)\s?(?:$|[;#)])")
_KEPT = re.compile(r"\b(?:exit|return|wait)\s[\"']?[$%]")
"""The exit code of a command before is looked at after all."""
_STOPS = re.compile(r"set -(?:\w{0,6}e|o errexit)")
_LEADING = re.compile(r"[@\-+]*(?:[A-Za-z_]\w*=(?:\"[^\"]*\"|'[^']*'|[^\s\"']*)\s+)*")
_TARGET = re.compile(r"([A-Za-z0-9_./ %-]+):(?![=])([^=#]*)")
_VALUE = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)\s*[:?+]?=\s*(.*)")
_USED = re.compile(r"\$[({]([A-Za-z_]\w*)[)}]")
_RECIPE = re.compile(r"@?([A-Za-z_][\w-]*+)[^:=]*+:(?!=)(.*)")
_FACTOR = re.compile(r"([\w{},.!-]+):\s+(.*)")
_DEFAULTED = re.compile(r"\{env:\w{1,80}:([^{}]{0,200})\}")
_SECTION = re.compile(r"\[([^\]]{1,200})\]")
_SCRIPT = re.compile(r"(?:\.{0,2}/)?[\w./-]+(?:\.sh|\.bash|\.bat|\.ps1)?")
_WITH_RUN = {"uv", "poetry", "pdm", "pipenv", "rye", "pixi", "hatch", "pipx", "coverage", "conda"}
_ALONE = {"sudo", "env", "time", "uvx", "npx", "bunx", "exec", "xvfb-run"}
_VALUED = {"--with", "--extra", "--group", "--python", "-p", "-e", "-n", "--package", "-E"}
_PYTHON = re.compile(r"python[\d.]*|py")
_EXPRESSION = re.compile(r"\$\{\{[^}\n]{0,200}\}\}")
"""What GitHub fills in (`${{ matrix.python }}`): one word, whatever spaces it holds."""
_RUNNERS = {"npm", "yarn", "pnpm", "bun"}


def followed(view: RepoView, order: Order, folder: str = "") -> list[Order]:
    """The order and all that it leads to, in the order they run."""
    found: list[Order] = []
    waiting = [(order, folder, 0)]
    seen: set[str] = set()
    while waiting and len(found) < LIMIT:
        current, place, depth = waiting.pop(0)
        for simple in split(current):
            place = _moved(simple.text, place)
            found.append(simple)
            key = f"{place} {simple.text}"
            if depth < DEPTH and key not in seen:
                seen.add(key)
                inner = list(_next(view, simple, place))
                waiting = [(o, p, depth + 1) for o, p in inner] + waiting
    return found[:LIMIT]


def split(order: Order) -> Iterator[Order]:
    """The simple commands of a script, without assignments before them."""
    found = list(_simple(order))
    kept = any(_KEPT.search(simple.text) for simple, _ in found)
    stops = any(_STOPS.match(simple.text) for simple, _ in found)
    lost = bool(found) and found[-1][0].text.split() == ["exit", "0"] and not stops
    lax = False
    for number, (simple, behind) in enumerate(found, 1):
        lax = simple.text.startswith("set +e") or (lax and not _STOPS.match(simple.text))
        thrown = behind or lost or (lax and number < len(found))
        yield replace(simple, soft=True) if thrown and not kept else simple


def _simple(order: Order) -> Iterator[tuple[Order, bool]]:
    """Each simple command, and whether it is left to run in the background."""
    joined = order.text[:20_000].replace("\\\n", "  ")
    for offset, line in enumerate(joined.split("\n")):
        line = line[:2000].strip()
        if not line or line.startswith("#"):
            continue
        soft = order.soft or bool(_SWALLOWED.search(line)) or line.startswith("-")
        parts = _ENDS.split(line)
        for part, end in zip(parts[::2], [*parts[1::2], ""], strict=True):
            bare = part.strip().lstrip("@-+( ")
            match = _LEADING.match(bare)
            text = bare[match.end() :] if match else bare
            if text:
                yield Order(order.path, order.line + offset, text, soft), end == "&"


def core(text: str) -> list[str]:
    """The words of a simple command without what only runs it: `sudo`, `uv run`, `python -m`."""
    words = _EXPRESSION.sub("${}", text[:2000]).split()[:100]
    while words:
        head = words[0].rpartition("/")[2]
        if head in _WITH_RUN and words[1:2] == ["run"] and words[2:]:
            words = _after_options(words[2:])
        elif head in _ALONE and words[1:]:
            words = _after_options(words[1:])
        elif _PYTHON.fullmatch(head) and words[1:2] == ["-m"] and words[2:]:
            words = words[2:]
        else:
            return words
    return words


def _after_options(words: list[str]) -> list[str]:
    while words and words[0].startswith("-"):
        words = words[2 if words[0] in _VALUED else 1 :]
    return words


def targets(view: RepoView, path: str) -> dict[str, Order]:
    """The targets of a Makefile: what each one runs, the targets before it as `make` calls."""
    values: dict[str, str] = {}
    found: dict[str, Order] = {}
    name = ""
    for number, line in enumerate(view.lines(path), 1):
        rule = None if line.startswith(("\t", "#", " ")) else _TARGET.match(line)
        value = None if line.startswith("\t") else _VALUE.match(line)
        if rule:
            name = rule[1].split()[0] if rule[1].split() else ""
            needs = "\n".join(f"make {n}" for n in rule[2].split(";")[0].split()[:50])
            found[name] = Order(path, number, needs)
        elif line.startswith(("\t", "    ")) and name:
            old = found[name]
            text = f"{old.text}\n{_filled(line.strip(), values)}"
            found[name] = Order(path, old.line, text.strip("\n"))
        elif value:
            values[value[1]] = value[2][:500]
    return {n: o for n, o in found.items() if n != ".PHONY"}


def just(view: RepoView, path: str) -> dict[str, Order]:
    """The recipes of a justfile."""
    found: dict[str, Order] = {}
    name = ""
    for number, line in enumerate(view.lines(path), 1):
        rule = _RECIPE.match(line)
        if rule:
            name = rule[1]
            needs = "\n".join(f"just {n}" for n in rule[2].split()[:50])
            found[name] = Order(path, number, needs)
        elif line.startswith((" ", "\t")) and name:
            found[name] = Order(path, found[name].line, f"{found[name].text}\n{line.strip()}")
    return found


def scripts(view: RepoView, path: str) -> dict[str, Order]:
    """The scripts of a package.json, or of the tools that keep theirs in pyproject.toml."""
    raw = mapping(view.json(path) if path.endswith(".json") else view.toml(path))
    if path.endswith(".json"):
        return {n: _at(view, path, n, t) for n, t in _texts(raw.get("scripts"))}
    tool = raw.get("tool") if isinstance(raw.get("tool"), dict) else {}
    found: dict[str, Order] = {}
    for table in _tables(tool):
        found |= {n: _at(view, path, n, t) for n, t in _texts(table)}
    return found


def _tables(tool: Any) -> Iterator[Any]:
    def sub(*keys: str) -> Any:
        at = tool
        for key in keys:
            at = at.get(key, {}) if isinstance(at, dict) else {}
        return at

    yield from (sub("poe", "tasks"), sub("pdm", "scripts"), sub("taskipy", "tasks"))
    yield from (sub("rye", "scripts"), sub("pixi", "tasks"))
    hatch = sub("hatch", "envs")
    for name in hatch if isinstance(hatch, dict) else ():
        yield sub("hatch", "envs", name, "scripts")


def _texts(raw: Any) -> Iterator[tuple[str, str]]:
    for name, value in raw.items() if isinstance(raw, dict) else ():
        if isinstance(value, dict):
            value = value.get("cmd") or value.get("shell") or value.get("chain") or ""
        if isinstance(value, list):
            value = "\n".join(str(v) for v in value[:50])
        if isinstance(value, str):
            yield str(name)[:80], value[:2000]


def _at(view: RepoView, path: str, name: str, text: str) -> Order:
    lines = view.lines(path)
    number = next((n for n, s in enumerate(lines, 1) if name in s and text[:30] in s), 1)
    return Order(path, number, text)


def _next(view: RepoView, order: Order, folder: str) -> Iterator[tuple[Order, str]]:
    """The recipes that a simple command calls, each with the folder it runs in."""
    words = core(order.text)
    if not words:
        return
    head = words[0].rpartition("/")[2]
    called: list[Order] = []
    if head in {"make", "gmake"}:
        folder = _option(words, "-C", folder)
        called = _named(view, folder, ("Makefile", "makefile", "GNUmakefile"), targets, words[1:])
    elif head == "just":
        called = _named(view, folder, ("justfile", "Justfile", ".justfile"), just, words[1:])
    elif head in _RUNNERS:
        folder = _option(words, "--prefix", folder)
        names = [w for w in words[1:] if w not in {"run", "-r", "exec"}]
        called = _named(view, folder, ("package.json",), scripts, names[:3])
    elif head in {"tox", "nox"}:
        called = list((_tox if head == "tox" else _nox)(view, words))
    elif head in {"pre-commit", "prek"}:
        called = hooks(view)
    elif (
        head in {"poe", "task", "hatch", "pdm"}
        or words != _EXPRESSION.sub("${}", order.text[:2000]).split()
    ):
        called = _named(view, folder, ("pyproject.toml",), scripts, words)
    script = _script(view, words, folder)
    if script:
        called.append(script)
    yield from ((Order(o.path, o.line, o.text, o.soft or order.soft), folder) for o in called)


def hooks(view: RepoView) -> list[Order]:
    """What the pre-commit configuration runs: the entry of a local hook, the name of another."""
    found = []
    for path in [p for p in (".pre-commit-config.yaml", ".pre-commit-config.yml") if view.has(p)]:
        raw = mapping(view.yaml(path))
        each = [h for r in _dicts(raw.get("repos")) for h in _dicts(r.get("hooks"))]
        for hook in each[:100]:
            name = str(hook.get("id", ""))[:80]
            text = str(
                hook.get("entry") or name.replace("ruff-", "ruff ").replace("biome-", "biome ")
            )
            found.append(Order(path, _at(view, path, name, name).line, text[:500]))
    return found


def _dicts(raw: object) -> list[dict[str, Any]]:
    return [e for e in raw if isinstance(e, dict)] if isinstance(raw, list) else []


def _named(
    view: RepoView, folder: str, files: tuple[str, ...], read: Any, words: list[str]
) -> list[Order]:
    for file in files:
        path = str(PurePosixPath(folder) / file)
        if view.has(path):
            known: dict[str, Order] = read(view, path)
            wanted = [w for w in words if w in known]
            bare = not [w for w in words if not w.startswith("-") and "=" not in w]
            if not wanted and bare and read is not scripts:
                wanted = list(known)[:1]
            return [known[w] for w in wanted]
    return []


def _script(view: RepoView, words: list[str], folder: str) -> Order | None:
    """A shell script of the repository that the words run."""
    index = 1 if words[0] in {"bash", "sh", "zsh", "source", "."} and len(words) > 1 else 0
    word = next((w for w in words[index:] if not w.startswith("-")), "")
    if not _SCRIPT.fullmatch(word) or ("/" not in word and index == 0):
        return None
    path = str(PurePosixPath(folder) / word)
    text = view.text(path) if view.has(path) and not path.endswith(".py") else ""
    shell = path.endswith((".sh", ".bash")) or "sh" in text[:40].partition("\n")[0]
    return Order(path, 1, text) if text and shell else None


def _tox(view: RepoView, words: list[str]) -> Iterator[Order]:
    """The commands of tox.ini for the environments asked for, or of all."""
    asked = " ".join(w for w in words[1:] if not w.startswith("-") and w != "run")
    factors = set(re.split(r"[\s,-]+", asked)) - {"", "tox", "m"} if asked else set()
    inside = False
    for path in [p for p in ("tox.ini", "setup.cfg") if view.has(p)]:
        fits = False
        for number, line in enumerate(view.lines(path), 1):
            section = _SECTION.match(line)
            if section:
                fits, inside = _fits(section[1], factors), False
            elif line[:1].strip():
                inside = line.startswith("commands") and "=" in line
                line = line.partition("=")[2]
            if fits and inside and line.strip():
                text = _substituted(line.strip())
                factor = _FACTOR.match(text)
                if factor is None:
                    yield Order(path, number, text)
                elif not factors or factors & set(re.split(r"[{},-]+", factor[1])):
                    yield Order(path, number, factor[2])


def _substituted(line: str) -> str:
    """A command of tox with its interpreter and the defaults of its variables filled in."""
    return _DEFAULTED.sub(r"\1", line[:2000].replace("{envpython}", "python"))


def _fits(section: str, factors: set[str]) -> bool:
    if not section.startswith(("testenv", "tox:testenv")):
        return False
    name = section.partition(":")[2]
    return not factors or not name or bool(factors & set(re.split(r"[{},:-]+", name)))


def _nox(view: RepoView, words: list[str]) -> Iterator[Order]:
    asked = [w for w in words[1:] if not w.startswith("-")]
    for file in view.python:
        if file.path == "noxfile.py":
            for call in file.calls:
                wanted = not asked or any(w.startswith(call.function) for w in asked)
                if call.name.endswith("session.run") and wanted:
                    yield Order(file.path, call.line, " ".join(str(a) for a in call.args if a))


def _moved(text: str, folder: str) -> str:
    words = text.split()
    if words[:1] == ["cd"] and len(words) == 2 and ".." not in words[1]:
        return str(PurePosixPath(folder) / words[1]).removeprefix("/")
    return folder


def _option(words: list[str], name: str, otherwise: str) -> str:
    after = words.index(name) + 1 if name in words else len(words)
    return words[after] if after < len(words) and ".." not in words[after] else otherwise


def _filled(line: str, values: dict[str, str]) -> str:
    for _ in range(2):
        line = _USED.sub(lambda m: values.get(m[1], m[0])[:500], line)[:2000]
    return line
