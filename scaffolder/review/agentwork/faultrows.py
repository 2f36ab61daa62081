"""Rows of injected faults: which tool was broken how, and how the run ended.

Invariant: a run has recovered only where its row says so, by a grade or a flag; a status is an end.
"""

import re
from dataclasses import dataclass

from scaffolder.review.answering.refusals import truth
from scaffolder.review.model import Evidence
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row, number
from scaffolder.review.view import RepoView

_FAULT = ("fault", "fault_type", "injected", "failure_mode", "failure")
_TOOL = ("tool", "tool_name", "target", "function")
_GOOD = ("recovered", "handled", "passed", "ok", "solved", "success", "recovery")
_HONEST = re.compile(
    r"degrad|needs_?human|escalat|refus|handed|budget|explain|recover|partial|unable|declin", re.I
)
_BAD = re.compile(r"crash|traceback|exception|^fail|error|hang|uncaught", re.IGNORECASE)


@dataclass(frozen=True)
class FaultRow:
    """A run with one fault; `honest` where it ended with an explanation instead."""

    tool: str
    fault: str
    recovered: bool | None
    honest: bool
    crashed: bool
    evidence: Evidence


def fault_rows(view: RepoView) -> tuple[FaultRow, ...]:
    """Every row of a fault that was injected into a tool."""
    return view.once(_fault_rows)


def _fault_rows(view: RepoView) -> tuple[FaultRow, ...]:
    rows = (r for p in resultrows.result_files(view) for r in resultrows.rows(view, p))
    return tuple(found for row in rows if (found := _read(view, row)))


def _read(view: RepoView, row: Row) -> FaultRow | None:
    fault = next((row.text(k) for k in _FAULT if row.text(k)), "")
    tool = next((row.text(k) for k in _TOOL if row.text(k)), "")
    if not fault or not tool:
        return None
    status = next((row.text(k) for k in ("status", "outcome", "ended", "end") if row.text(k)), "")
    recovered = _recovered(row)
    explained = any(truth(row.data.get(k)) for k in ("explained", "honest", "told"))
    return FaultRow(
        tool[:80],
        fault[:80],
        recovered if recovered is not None else (True if status == "recovered" else None),
        explained or _HONEST.search(status[:80]) is not None,
        _BAD.search(status[:80]) is not None,
        view.quote(row.path, row.line),
    )


def _recovered(row: Row) -> bool | None:
    for key in _GOOD:
        for table in (row.data.get("grades"), row.data):
            value = table.get(key) if isinstance(table, dict) else None
            said = truth(value) if isinstance(value, bool | str) else None
            if said is not None:
                return said
            if (found := number(value)) is not None and 0 <= found <= 1:
                return found >= 1
    return None
