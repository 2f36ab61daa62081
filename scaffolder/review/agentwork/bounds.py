"""What bounds a loop: steps, time and money, where something compares them.

Invariant: a limit that is only written down bounds nothing: it is compared, counted through, or
given to the framework or the provider that keeps to it.
"""

import ast
import re
from collections.abc import Iterator, Mapping

from scaffolder.review.agentwork import loop
from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import code_lines, in_files, place
from scaffolder.review.models.modelflow import dotted, syntax
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import MAX_LINE, RepoView

_OWNER = r"(?:limits?|bounds?|budgets?|loop|settings|config|cfg|caps?|policy|options|args|self)"
KINDS: Mapping[str, re.Pattern[str]] = {
    "steps": re.compile(
        r"(?:max|limit|most|allowed|budget)_?(?:\w{1,12}_)?(?:steps?|turns?|iterations?|iters?|rounds?"
        r"|tool_calls|calls|loops?|cycles|llm_calls)(?:$|_)|(?:steps?|turns?|iterations?|rounds?"
        r"|calls)_(?:limit|max|budget|left|remaining|allowed)|recursion_limit|request_limit"
        rf"|(?:^|\.){_OWNER}\.(?:steps|turns|iterations|rounds)$|^(?:N|n)_(?:STEPS|steps)$",
        re.IGNORECASE,
    ),
    "time": re.compile(
        r"(?:max|most|limit|cap)_?(?:run_?)?(?:seconds|time(?!s)|duration|runtime|execution_time|wall\w{0,12}|minutes)"
        r"|(?:time|seconds|wall_clock|duration)_?(?:limit|budget|left|remaining|cap|max)"
        r"|(?:limit|budget|cap)_?(?:seconds|time|s$)|deadline|run_timeout|total_timeout"
        rf"|(?:^|\.){_OWNER}\.(?:seconds|time_s|duration_s|time)$|execution_timeout",
        re.IGNORECASE,
    ),
    "money": re.compile(
        r"(?:max|limit|cap|budget|allowed)_?(?:run_)?(?:usd|cost|costs|money|dollars|cents|spend|price"
        r"|eur)|(?:usd|cost|money|spend|spent|dollars|price)_?(?:limit|cap|budget|max|left|remaining)"
        rf"|(?:^|\.){_OWNER}\.(?:usd|cost|money|dollars|cost_usd|budget)$|^budget(?:_left)?$"
        r"|(?:^|_)cost_?cap|over_?budget|within_?budget",
        re.IGNORECASE,
    ),
}
_SCRIPT_STEPS = re.compile(r"\bstepCountIs\(|\bmaxSteps\s?:|\bmax(?:Turns|Iterations)\b")
_COUNTED = {"range", "islice", "wait_for", "timeout", "timeout_at", "fail_after", "move_on_after"}
_KEPT = re.compile(
    r"recursion_limit|max_(?:turns|iterations|iter|steps|execution_time|budget_usd|rpm)|step_limit"
    r"|request_limit|usage_limits|max_consecutive_auto_reply"
)
"""Limits that frameworks keep to themselves, by the keyword that they take."""


def bounds(view: RepoView) -> Mapping[str, Evidence]:
    """The kinds of bound that the loops have, and where each is kept to."""
    return view.once(_bounds)


def configured(view: RepoView, kind: str) -> Evidence | None:
    """Where the limit of a kind is set: a settings file, a default, a constant."""
    found = view.once(_configured)
    return found.get(kind)


def most_steps(view: RepoView) -> int | None:
    """The limit of steps as the settings file gives it; None where it names none."""
    found = configured(view, "steps")
    value = re.search(r"[:=]\s{0,3}\"?(\d{1,6})\b", found.text) if found else None
    return int(value[1]) if value else None


def _bounds(view: RepoView) -> Mapping[str, Evidence]:
    found: dict[str, Evidence] = {}
    for file in loop.modules(view):
        for kind, line in _kept_to(view, file):
            found.setdefault(kind, place(view, file.path, line))
    if any(x.framework == "script" for x in loop.loops(view)):
        for evidence in in_files(view, _SCRIPT_STEPS, scripts(view)):
            found.setdefault("steps", evidence)
    for evidence in _counted_through(view):
        found.setdefault("steps", evidence)
    return found


def _kept_to(view: RepoView, file: PythonFile) -> Iterator[tuple[str, int]]:
    tree = syntax(view, file.path)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in _COUNTED:
            parts = [*node.args]
        elif isinstance(node, ast.keyword) and node.arg and _KEPT.search(node.arg):
            yield from ((k, node.value.lineno) for k in _kinds(node.arg))
            continue
        elif isinstance(node, ast.Dict):
            keys = [k for k in node.keys if isinstance(k, ast.Constant)]
            given = [(k, k.value) for k in keys if isinstance(k.value, str)]
            yield from (("steps", k.lineno) for k, v in given if v == "recursion_limit")
            continue
        else:
            continue
        names = {dotted(n) for p in parts for n in ast.walk(p) if isinstance(n, _NAMED)}
        yield from ((k, node.lineno) for name in sorted(names) for k in _kinds(name))


_NAMED = (ast.Name, ast.Attribute)


def _kinds(name: str) -> list[str]:
    return [kind for kind, pattern in KINDS.items() if pattern.search(name[-80:])]


def _counted_through(view: RepoView) -> Iterator[Evidence]:
    """A loop by hand over a number of turns: `for _ in range(10)`."""
    for found in loop.loops(view):
        lines = code_lines(view, found.path)
        text = lines[found.line - 1] if found.line <= len(lines) else ""
        if not found.framework and re.search(r"\bin range\(", text[:MAX_LINE]):
            yield loop.spot(view, found)


_SETS = re.compile(
    r"^\s{0,12}[\"']?([A-Za-z_]{2,40})[\"']?\s{0,4}(?::[^=\n]{0,40})?[:=]\s{0,4}[\"']?\d"
)
_TABLE = re.compile(r"^\s{0,4}\[{0,2}\s?([\w.-]{2,60})\s?\]{0,2}:?\s{0,3}$")
_FILES = ("*.toml", "*.yml", "*.yaml", "*.json", "*.ini", ".env.example", "*.env.example")
_LOOP_TABLE = re.compile(r"loop|limit|bound|agent|budget|run$", re.IGNORECASE)
_NO_SETTINGS = re.compile(
    r"package(?:-lock)?\.json$|lock|\.github/|node_modules|pre-commit|compose"
)


def _configured(view: RepoView) -> Mapping[str, Evidence]:
    found: dict[str, Evidence] = {}
    files = [f for f in view.find(*_FILES) if not _NO_SETTINGS.search(f) and view.size(f) < 60_000]
    for path in [*files[:60], *(f.path for f in view.code if not f.notebook)]:
        table = ""
        if len(found) == len(KINDS):
            break
        for number, line in enumerate(view.lines(path), 1):
            named = _TABLE.match(line)
            table = named[1] if named else table
            given = _SETS.match(line)
            for kind in _named(given[1], table, path) if given else ():
                found.setdefault(kind, view.quote(path, number))
    return found


def _named(key: str, table: str, path: str) -> list[str]:
    """The kinds of limit that a key names; in a table that is named for them a bare one too."""
    said = _kinds(key)
    bare = f"limits.{key}" if _LOOP_TABLE.search(table) and not path.endswith(".py") else ""
    return said or (_kinds(bare) if bare else [])
