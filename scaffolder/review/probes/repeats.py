"""Calls that are made again and again without progress: noticed in code, tested, absent in rows."""

import ast
import re
from collections.abc import Iterator

from scaffolder.review.agentwork import runs, tested
from scaffolder.review.agentwork.actions import repeated
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.models.codewords import place
from scaffolder.review.models.modelflow import dotted, syntax
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

OFTEN = 3
"""The same call with the same outcome that many times in a run is no progress (rubric, AGT-03)."""

_DETECTOR = re.compile(
    r"repeat|repetition|duplicate_?calls?|seen_?(?:calls?|actions?|set)|same_?call|stuck|stall"
    r"|no_?progress|cycl(?:e|ic|ing)|loop_?(?:guard|detect\w{0,4})|alternat|already_?(?:called|done)",
    re.IGNORECASE,
)
_ARGUMENTS = re.compile(
    r"^(?:\w{0,20}_)?(?:arg(?:ument)?s?|input|inputs|params|call|calls|signature)$", re.I
)
_RESULT = re.compile(
    r"(?:^|_)(?:results?|observations?|outcome|outputs?|content|response|digest|state|returned)(?:$|_)",
    re.IGNORECASE,
)
_COMPARES = (ast.Compare, ast.Subscript)
_SAME = re.compile(
    r"repeat|same call|again|stuck|no progress|duplicate|repetition|loop(?:s|ing)\b", re.I
)
_CROSSED = re.compile(r"alternat|ab ?ab|back and forth|ping ?pong|cycle|two calls|in turn", re.I)
_Def = ast.FunctionDef | ast.AsyncFunctionDef


def noticed(view: RepoView) -> Reading:
    """Code compares a call with those before it: tool, arguments and what came of them."""
    found = [(f, n) for f in view.code for n in _detectors(view, f)]
    if not found:
        return no("Nothing in the code compares a call with those that a run made before.")
    whole = [(f, n) for f, n in found if _names(n, _ARGUMENTS) and _names(n, _RESULT)]
    places = [place(view, f.path, n.lineno) for f, n in (whole or found)[:3]]
    if whole:
        return yes("A call is compared with those before it, by arguments and result.", *places)
    reason = (
        "Calls are compared with those before, and their results are not: a tool that is asked "
        "twice because its answer changes would be stopped too."
    )
    return partial(reason, *places)


def repetition_tested(view: RepoView) -> Reading:
    """Tests make the same call again and again, and two calls in turn."""
    same, crossed = tested.on(view, _SAME), tested.on(view, _CROSSED)
    if same and crossed:
        return yes("Tests repeat one call, and two in turn.", same[0], crossed[0])
    if same or crossed:
        lacks = "two calls in turn (A, B, A, B)" if same else "the same call"
        return partial(f"A test looks at repetition; none repeats {lacks}.", *(same or crossed)[:2])
    return no("No test repeats a call and looks at what the loop does.")


def absent_in_rows(view: RepoView) -> Reading:
    """No run of the rows makes the same call with the same outcome three times."""
    listed = [r for r in runs.runs(view) if r.actions]
    if not listed:
        return no("No rows of runs list what was called, so repetition cannot be seen in them.")
    stuck = [r for r in listed if repeated(r.actions) >= OFTEN]
    if not stuck:
        told = f"None of {count(len(listed), 'run')} makes the same call {OFTEN} times."
        return yes(told, *runs.spots(view, listed, 2))
    ended = [r for r in stuck if not runs.solved(r.solved) and r.status != "answered"]
    named = clean(stuck[0].task, 40)
    told = f"{count(len(stuck), 'run')} of {len(listed):,} made one call {OFTEN} times or more"
    if len(ended) == len(stuck) and all(repeated(r.actions) == OFTEN for r in stuck):
        return yes(f"{told}, and each was stopped there.", *runs.spots(view, stuck, 2))
    return partial(f"{told}, first at {named}: nothing stopped it.", *runs.spots(view, stuck, 2))


def _detectors(view: RepoView, file: PythonFile) -> Iterator[_Def]:
    """Functions and classes that are named for repetition, or use such a name, and compare."""
    if not any(_DETECTOR.search(n) for n in file.names if len(n) < 60):
        return
    tree = syntax(view, file.path)
    named = _DETECTOR.search(file.path.rpartition("/")[2])
    for node in ast.walk(tree) if tree else ():
        if not isinstance(node, _Def):
            continue
        said = named or _DETECTOR.search(node.name) or _uses(node)
        if said and any(isinstance(n, _COMPARES) for n in ast.walk(node)):
            yield node


def _uses(node: ast.AST) -> bool:
    """Whether a call is looked up among earlier ones under such a name: `if key in seen_calls`."""
    compared = (n for n in ast.walk(node) if isinstance(n, ast.Compare))
    return any(_DETECTOR.search(dotted(c)[-60:]) for n in compared for c in n.comparators)


def _names(node: ast.AST, pattern: re.Pattern[str]) -> bool:
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                if pattern.search(name[:60]):
                    return True
    return False
