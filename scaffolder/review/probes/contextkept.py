"""Long runs: results that are cut with a mark, a history that is compacted around its goal."""

import ast
import re
from collections.abc import Iterator

from scaffolder.review.agentwork import loop, runs, tested, toolset
from scaffolder.review.agentwork.runs import Run
from scaffolder.review.model import Evidence, Reading, count, no, partial, unknown, yes
from scaffolder.review.models.codewords import docstrings, identifiers, in_files, place, starts
from scaffolder.review.models.modelflow import dotted, syntax
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.results.resultrows import number
from scaffolder.review.view import RepoView

LONG = 8
"""Steps from which a run is long enough to show what its context does."""

GROWTH = 3.0
"""How many times the tokens a step of a short run those of a long one may be."""

_LIMIT = re.compile(
    r"(?:max|limit|most|budget|cap)_?(?:\w{1,14}_)?(?:chars|characters|result|observation|output|bytes|length"
    r"|size)|(?:result|observation|output|chars)_(?:limit|max|budget|cap)|MAX_(?:RESULT|OBSERVATION|OUTPUT)",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"truncat|trimm|\bcut\b|characters? (?:more|left out|omitted)|omitted|\[\.\.\.|shortened"
    r"|stored (?:as|under|whole)"
    r"|full result|left out|the rest",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    r"handle|stored?_(?:result|whole|output)|by_reference|artifact|blob|result_(?:id|ref)|save_result",
    re.I,
)
_COMPACT = re.compile(
    r"compact|summari[sz]e_?(?:history|messages|conversation|turns|old|steps)?|trim_messages|prune|condense"
    r"|shrink|SummarizationMiddleware|truncate_(?:history|messages)|drop_old|trim_history|fold_history",
    re.IGNORECASE,
)
_GOAL = re.compile(
    r"(?:^|_)(?:goals?|task|request|pinned|pin|plan|constraints?|objective|first|system|head|notes?)(?:$|_)",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"trimMessages|compactHistory|summarizationMiddleware|pruneMessages")
_LARGE = re.compile(
    r"large (?:result|output|text|reply|response)|huge"
    r"|long (?:result|output|text)|trim|truncat|megabyte|\bcut\b|too big|whole result",
    re.I,
)
_LONG_RUN = re.compile(
    r"compact|goal (?:is|stays|kept|survives)|keeps? the goal|long (?:run|history|task)|forty"
    r"|40 steps|summar|history"
    r"|tokens (?:per|a) turn|bounded",
    re.IGNORECASE,
)
_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef)
_INPUT = ("input_tokens", "prompt_tokens", "total_tokens", "tokens")
_VERIFY = "Run the agent with a model on a task of many steps and commit its row with the tokens."


def trimmed(view: RepoView) -> Reading:
    """A large result is cut at a limit, and what was cut is marked or stored by a handle."""
    near = _near(view)
    limits = [e for path in near if (e := _cut_at(view, path))]
    if not limits:
        where = [loop.spot(view, x) for x in loop.loops(view)[:1]]
        return no("Nothing cuts a large result before the model is given it.", *where)
    cutting = [f for f in view.code if any(f.path == e.path for e in limits)]
    marked = [e for f in cutting for e in _marks(view, f)] or identifiers(view, _HANDLE, view.code)
    if marked:
        return yes("A large result is cut, and the model is told so.", limits[0], *marked[:2])
    return partial(
        "A large result is cut, and nothing tells the model what is missing.", *limits[:2]
    )


def compacted(view: RepoView) -> Reading:
    """The history is compacted by code, and the goal stays in it."""
    found = list(_compactors(view))
    framed = [
        place(view, f.path, c.line)
        for f in view.code
        for c in f.calls
        if c.name.endswith(("trim_messages", "SummarizationMiddleware", "SummarizationNode"))
    ]
    framed += in_files(view, _SCRIPT, scripts(view))
    pinned = [e for e, goal in found if goal]
    if pinned or framed:
        return yes("The history is compacted, and the goal stays.", *(pinned or framed)[:3])
    if found:
        reason = "The history is shortened, and nothing keeps the goal in it."
        return partial(reason, *(e for e, _ in found[:2]))
    where = [loop.spot(view, x) for x in loop.loops(view)[:1]]
    return no("Nothing shortens the history of a long run.", *where)


def length_tested(view: RepoView) -> Reading:
    """Tests give the loop a large result, and a run that is long."""
    large, long = tested.on(view, _LARGE), tested.on(view, _LONG_RUN)
    if large and long:
        return yes("Tests look at a large result, and at a long run.", large[0], long[0])
    if large or long:
        lacks = "a long run" if large else "a large result"
        return partial(f"No test looks at {lacks}.", *(large or long)[:2])
    return no("No test looks at a large result or at a long run.")


def tokens_bounded(view: RepoView) -> Reading:
    """In the rows of a model's runs the tokens of a step do not grow with the length of the run."""
    known = [(r, t / r.steps) for r in runs.by_model(view) if r.steps and (t := _tokens(r))]
    every = runs.runs(view)
    if not known:
        if not every:
            return no("No rows of runs were found.")
        reason = (
            "The rows of runs hold no tokens of a model, so the context cannot be seen to grow."
        )
        return unknown(reason, _VERIFY, *runs.spots(view, every, 2), waits_for="model")
    long = [(r, t) for r, t in known if (r.steps or 0) >= LONG]
    if not long:
        reason = f"No run of the rows takes {LONG} steps, so none is long."
        return partial(reason, *runs.spots(view, [r for r, _ in known], 2))
    short = sorted(t for r, t in known if (r.steps or 0) < LONG) or [min(t for _, t in long)]
    usual = short[len(short) // 2]
    worst, most = max(long, key=lambda one: one[1])
    told = (
        f"{count(len(long), 'run')} of {LONG} steps and more; {most:,.0f} input tokens a step "
        f"at most, {usual:,.0f} in short ones"
    )
    if most > GROWTH * usual:
        return partial(f"{told}: the context grows with the run.", runs.spot(view, worst))
    return yes(f"{told}.", runs.spot(view, worst))


def _marks(view: RepoView, file: PythonFile) -> list[Evidence]:
    """Strings of a module, no docstrings, that tell of a cut."""
    told = docstrings(file)
    said = [t for t in file.texts if _MARK.search(t.value) and starts(t.value) not in told]
    return [place(view, file.path, t.line) for t in said]


def _tokens(run: Run) -> float:
    usage = run.row.data.get("usage")
    held = usage if isinstance(usage, dict) else run.row.data
    return next((v for k in _INPUT if (v := number(held.get(k)))), 0.0)


def _near(view: RepoView) -> list[str]:
    paths = {f.path for f in loop.modules(view)} | {t.path for t in toolset.tools(view)}
    near = re.compile(
        r"(?:^|/|_)(?:execut\w{0,4}|histor\w{0,4}|context|observ\w{0,8}|results?|memory)", re.I
    )
    return [f.path for f in view.code if f.path in paths or near.search(f.path)]


def _cut_at(view: RepoView, path: str) -> Evidence | None:
    """A slice or a comparison of a length with a limit that is named for results."""
    tree = syntax(view, path)
    called = _called(tree) if tree else {}
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Slice) and node.upper is not None:
            parts: list[ast.AST] = [node.upper]
        elif isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in _SHORTENS:
            parts = [*node.args, *(k.value for k in node.keywords)]
        else:
            continue
        said = [dotted(n) for p in parts for n in ast.walk(p) if isinstance(n, _NAMED)]
        if any(_LIMIT.search(called.get(n, n)[-60:]) for n in said):
            line = node.upper.lineno if isinstance(node, ast.Slice) and node.upper else node.lineno
            return place(view, path, int(line))
    return None


def _called(tree: ast.AST) -> dict[str, str]:
    """What short names stand for: `most = settings.max_result_chars`."""
    made = (n for n in ast.walk(tree) if isinstance(n, ast.Assign) and len(n.targets) == 1)
    pairs = ((n.targets[0], n.value) for n in made if isinstance(n.value, _NAMED))
    return {t.id: dotted(v) for t, v in pairs if isinstance(t, ast.Name)}


_NAMED = (ast.Name, ast.Attribute)
_SHORTENS = {"shorten", "trim", "truncate", "trimmed", "cut", "clip"}


def _compactors(view: RepoView) -> Iterator[tuple[Evidence, bool]]:
    """Functions that are named for it, and whether they hold on to the goal."""
    for file in view.code:
        if not any(_COMPACT.search(n[:60]) for n in file.names):
            continue
        tree = syntax(view, file.path)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, _DEFS) and _COMPACT.search(node.name):
                yield place(view, file.path, node.lineno), _keeps_goal(node)


def _keeps_goal(node: ast.AST) -> bool:
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                if _GOAL.search(name[:60]):
                    return True
            case ast.Subscript(slice=ast.Constant(value=0)):
                return True
            case ast.Slice(upper=ast.Constant(value=1)):
                return True
    return False
