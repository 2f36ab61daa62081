"""Tasks that are judged by what is true afterwards, whatever the last message says."""

import ast
import re
from collections.abc import Sequence

from scaffolder.review.agentwork import loop, runs, tasks, tested, toolset
from scaffolder.review.agentwork.runs import Run
from scaffolder.review.agentwork.tasks import Task
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.models.modelflow import syntax
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

WANTED = 20
"""Tasks with a goal over the end state (rubric, AGT-05)."""

GUARDED = 0.25
"""Share of the tasks that say what must not change, from which the set holds both kinds."""

_CLAIMS = re.compile(
    r"claim|without acting|(?:does|doing|did|do) nothing|no ?op|only says|lies|lying|pretend|idle"
    r"|said but|not done|without (?:any |a )?(?:call|action|change)",
    re.IGNORECASE,
)
_SCORES = re.compile(r"judg|grade|score|solved|goal|end state|fail|zero|passes", re.IGNORECASE)
_EVALUATED = re.compile(
    r"(?:^|[/_])(?:eval\w{0,7}|judg\w{0,4}|grad\w{0,4}|scor\w{0,4}|bench\w{0,5}|check\w{0,4})", re.I
)


def tasks_judged(view: RepoView) -> Reading:
    """At least 20 tasks have a goal over the end state, and say what must not change."""
    found = tasks.tasks(view)
    if not found:
        return no("No tasks were found: what is asked, and what has to be true afterwards.")
    judged = [t for t in found if t.judged]
    told = f"{count(len(judged), 'task')} of {len(found):,} name the end state that solves them"
    if not judged:
        reason = "No task names an end state: an expected answer or a path is none."
        return no(reason, *tasks.spots(view, found, 2))
    if len(judged) < WANTED:
        return partial(f"{told}; {WANTED} are asked for.", *tasks.spots(view, judged, 2))
    guarded = [t for t in judged if t.guarded]
    if len(guarded) < GUARDED * len(judged):
        reason = f"{told}; {len(guarded):,} of them say what must not change."
        return partial(reason, *tasks.spots(view, judged, 2))
    return yes(f"{told}, {len(guarded):,} what must not change.", *tasks.spots(view, judged, 2))


def claims_score_nothing(view: RepoView) -> Reading:
    """A test shows that an agent which claims success without acting scores nothing."""
    both = [e for e in tested.on(view, _CLAIMS) if _speaks_of_score(view, e.path, e.line)]
    if both:
        return yes("A test shows that a claim without an action scores nothing.", *both[:2])
    return no("No test lets an agent claim success without acting, and looks at its score.")


def rows_agree(view: RepoView) -> Reading:
    """No row is solved whose task asks for a change that the row's actions did not make."""
    known = tasks.by_id(view)
    graded = [r for r in runs.runs(view) if r.solved is not None]
    if not graded:
        return no("No rows of runs say whether a task was solved.")
    stated = [r for r in graded if runs.solved(r.solved) and _contradicts(r, known.get(r.task))]
    if stated:
        named = clean(stated[0].task, 40)
        reason = f"{named} counts as solved, and its row shows that the end state is another."
        return no(reason, runs.spot(view, stated[0]))
    mine = [r for r in graded if r.task in known]
    if not mine:
        reason = "Rows say what was solved, and none is of a task that is here."
        return partial(reason, *runs.spots(view, graded, 2))
    rate = sum(runs.solved(r.solved) for r in mine) / len(mine)
    told = f"{count(len(mine), 'run')} at these tasks, {rate:.0%} solved, as their actions allow."
    return yes(told, *runs.spots(view, mine, 2))


def evaluated(view: RepoView) -> Reading:
    """Tasks with outcomes that something judges; a few examples tried by hand are partial."""
    judged = [t for t in tasks.tasks(view) if t.judged]
    graded = [r for r in runs.runs(view) if r.solved is not None]
    if judged and graded:
        places = [*tasks.spots(view, judged, 1), *runs.spots(view, graded, 2)]
        return yes("Tasks are run, and their outcomes judged.", *places)
    some = judged or tasks.tasks(view)
    if judged and any(_EVALUATED.search(f.path) for f in view.python):
        reason = "Tasks name their outcome and code judges it; no rows of runs are kept."
        return yes(reason, *tasks.spots(view, judged, 2))
    acts = loop.loops(view) or toolset.tools(view)
    if acts and (some or graded):
        places = [*tasks.spots(view, some, 2), *runs.spots(view, graded, 1)]
        return partial("There are tasks or rows of runs, not both with an outcome.", *places)
    return no("No tasks were found on which the agent is tried.")


def _contradicts(run: Run, task: Task | None) -> bool:
    """A row that is solved with another end state, or without any action that took."""
    end = run.row.data.get("grades")
    stated = end.get("end_state") if isinstance(end, dict) else None
    if isinstance(stated, int | float) and stated < 1:
        return True
    return bool(task and task.changes and _idle(run) and "actions" in run.row.data)


def _idle(run: Run) -> bool:
    return not any(a.done for a in run.actions)


def _speaks_of_score(view: RepoView, path: str, line: int | None) -> bool:
    """Whether the test at a line compares a grade: its body names one."""
    tree = syntax(view, path) if path.endswith(".py") else None
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.lineno == line:
            return any(_SCORES.search(said[:80]) for said in _said(node))
    return tree is None


def _said(node: ast.AST) -> Sequence[str]:
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
    return [*names, *(n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute))]
