"""The tasks that an agent is tried on: what is asked, what has to be true afterwards, what may not.

Invariant: a goal is one only where it speaks of a state (rows, fields, a query, a function); an
expected answer in prose is no goal. Rows of runs are no tasks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.golden import fields
from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import place
from scaffolder.review.parse import Parsed
from scaffolder.review.python.pysource import Call
from scaffolder.review.results import resultrows
from scaffolder.review.view import RepoView

MAX_TASKS = 5_000

REQUEST = (
    *("request", "task", "instruction", "instructions", "user_goal", "ticket", "prompt", "query"),
    *("question", "input", "user_message", "message", "description"),
)
_GOAL = (
    *("goal", "goals", "goal_state", "end_state", "final_state", "expected_state", "expected_db"),
    *("expected_changes", "expected_rows", "predicate", "predicates", "check", "checks", "checker"),
    *(
        "success",
        "state",
        "assertions",
        "expect",
        "expected",
        "target_state",
        "verify",
        "validator",
    ),
)
_UNCHANGED = (
    *("unchanged", "forbidden", "forbidden_changes", "must_not_change", "must_not", "no_change"),
    *("untouched", "invariant", "invariants", "forbidden_actions", "not_called", "must_not_call"),
    *("forbidden_tools", "keep", "stays"),
)
_SAID = ("must_say", "must_mention", "statements", "required_statements", "communicate", "outputs")
_APPROVES = ("approves", "approve", "approval", "approved", "user_approves", "confirms")
_FILE = re.compile(
    r"(?:^|[/_.-])(?:tasks?|scenarios?|cases|episodes|goals|missions)(?=[/_.-])", re.I
)
_ROWS = ("*.jsonl", "*.json", "*.yml", "*.yaml", "*.ndjson")
_NO_TASKS = re.compile(
    r"node_modules|\.github/|\.vscode/|/fixtures/|package(?:-lock)?\.json$|taskfile", re.IGNORECASE
)
_MADE = re.compile(r"(?:^|[._])(?:\w{0,12}Task|Scenario|\w{0,8}Case|Episode)$")
_QUERY = re.compile(r"\bselect\b|==|\w\(|^[a-z_]\w{2,60}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Task:
    """A task; `judged` where a goal over the state stands in it, `changes` where that asks for one.

    `guarded` where it says what must not change; `approves` None where it says nothing of that.
    """

    path: str
    line: int
    id: str
    request: str
    slice: str
    judged: bool
    changes: bool
    guarded: bool
    statements: bool
    approves: bool | None
    in_code: bool = False


def tasks(view: RepoView) -> tuple[Task, ...]:
    """The tasks of scaffold.toml's `golden`, else those of files and code that are named so."""
    return view.once(_tasks)


def spot(view: RepoView, task: Task) -> Evidence:
    """Where a task stands."""
    return place(view, task.path, task.line) if task.in_code else view.quote(task.path, task.line)


def spots(view: RepoView, some: Sequence[Task], most: int = 3) -> list[Evidence]:
    """Where the first of some tasks stand."""
    return [spot(view, t) for t in some[:most]]


def by_id(view: RepoView) -> Mapping[str, Task]:
    """The tasks by their id."""
    return view.once(_by_id)


def _by_id(view: RepoView) -> Mapping[str, Task]:
    return {t.id: t for t in tasks(view)}


def _tasks(view: RepoView) -> tuple[Task, ...]:
    once: dict[tuple[str, str], Task] = {}
    for task in (*_in_files(view), *_in_code(view)):
        once.setdefault((task.id, task.request), task)
        if len(once) >= MAX_TASKS:
            break
    return tuple(once.values())


def _in_files(view: RepoView) -> Iterator[Task]:
    for path in _paths(view):
        for line, row in _rows(view, path):
            task = _task(path, line, row)
            if task is not None:
                yield task


def _paths(view: RepoView) -> list[str]:
    golden = manifest_paths(view).get("golden", "")
    named = [f for f in view.files if below(f, golden) and not f.endswith(".md")]
    if named:
        return named[:100]
    runs = set(resultrows.result_files(view))
    found = [f for f in view.find(*_ROWS) if _FILE.search(f) and not _NO_TASKS.search(f)]
    return [f for f in found if f not in runs or "result" not in f.lower()][:100]


def _rows(view: RepoView, path: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if not path.endswith((".yml", ".yaml")):
        yield from ((r.line, r.data) for r in resultrows.rows(view, path))
        return
    read = view.yaml(path)
    value = read.value if isinstance(read, Parsed) else None
    if isinstance(value, dict):
        lists = [v for v in value.values() if isinstance(v, list)]
        value = max(lists, key=len, default=[value])
    listed = value if isinstance(value, list) else []
    yield from ((1, one) for one in listed if isinstance(one, dict))


def _task(path: str, line: int, row: Mapping[str, Any]) -> Task | None:
    request = fields.text(row, REQUEST)
    ran = "trial" in row or "actions" in row or "grades" in row
    if not request or ran:
        return None
    goals = [row[k] for k in _GOAL if k in row and _speaks_of_state(row[k])]
    guarded = any(row.get(k) for k in _UNCHANGED) or any(map(_forbids, goals))
    judged = bool(goals) and (any(goals) or guarded)
    if not judged and not guarded and not any(k in row for k in (*_SAID, "status", "slice", "id")):
        return None
    return Task(
        path=path,
        line=line,
        id=fields.text(row, fields.ID) or str(line),
        request=request,
        slice=fields.text(row, fields.SLICE),
        judged=judged,
        changes=any(_asks_change(g) for g in goals),
        guarded=guarded,
        statements=any(row.get(k) for k in _SAID),
        approves=next((row[k] for k in _APPROVES if isinstance(row.get(k), bool)), None),
    )


def _speaks_of_state(value: object) -> bool:
    """A table of fields, a list of them, a query or the name of a function; never prose."""
    if isinstance(value, dict):
        return bool(value)
    if isinstance(value, list):
        return all(isinstance(v, dict) or (isinstance(v, str) and _is_code(v)) for v in value[:50])
    return isinstance(value, str) and _is_code(value)


def _is_code(text: str) -> bool:
    return bool(text) and len(text) < 2000 and _QUERY.search(text) is not None


def _entries(goal: object) -> list[Any]:
    return goal[:50] if isinstance(goal, list) else [goal]


def _forbids(goal: object) -> bool:
    return any(isinstance(e, dict) and e.get("count") == 0 for e in _entries(goal))


def _asks_change(goal: object) -> bool:
    return any(e and not (isinstance(e, dict) and e.get("count") == 0) for e in _entries(goal))


def _in_code(view: RepoView) -> Iterator[Task]:
    """`Task(id="t1", request="...", check=refunded)`: predicates that are written as functions."""
    for file in view.python:
        for call in file.calls:
            task = _of_call(file.path, call) if _MADE.search(call.name) else None
            if task is not None:
                yield task


def _of_call(path: str, call: Call) -> Task | None:
    given = set(call.keywords)
    texts = [call.literals.get(k) for k in REQUEST if k in given]
    request = next((t for t in texts if isinstance(t, str)), "")
    request = request or next((a for a in call.args if isinstance(a, str) and " " in a), "")
    judged = bool(given & set(_GOAL))
    if not request or not (judged or given & {*_SAID, *_UNCHANGED, "id", "slice"}):
        return None
    said = call.literals
    name = next((str(said[k]) for k in ("id", "task_id", "name") if said.get(k)), str(call.line))
    kind = next((str(said[k]) for k in fields.SLICE if isinstance(said.get(k), str)), "")
    approves = next((said[k] for k in _APPROVES if isinstance(said.get(k), bool)), None)
    return Task(
        path=path,
        line=call.line,
        id=name,
        request=request[:4000],
        slice=kind,
        judged=judged,
        changes=judged,
        guarded=bool(given & set(_UNCHANGED)),
        statements=bool(given & set(_SAID)),
        approves=approves if isinstance(approves, bool) else None,
        in_code=True,
    )
