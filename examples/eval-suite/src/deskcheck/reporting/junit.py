"""Rows as JUnit: one suite a system, one case an item and trial; a case fails below a full grade.

Invariant: the XML is well-formed whatever the outputs hold.
"""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from ..evaluation.rows import Row
from ..plaintext import clean

LONGEST = 2000
Grades = Mapping[str, Mapping[str, Mapping[str, float]]]


def junit(runs: Mapping[str, Sequence[Row]], baseline: Grades | None = None) -> str:
    """The document; grades below the committed ones are a failure, below 1 where none are.

    `baseline` holds system, metric, item and grade, as the gate keeps them.
    """
    root = Element("testsuites")
    for system, rows in runs.items():
        least = (baseline or {}).get(system)
        failed = [row for row in rows if _short(row, least)]
        counts = {"tests": str(len(rows)), "failures": str(len(failed))}
        suite = SubElement(root, "testsuite", {"name": system, **counts})
        for row in rows:
            _case(suite, row, least)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, row: Row, least: Mapping[str, Mapping[str, float]] | None) -> None:
    case = SubElement(
        suite,
        "testcase",
        name=f"{row.id} trial {row.trial}",
        classname=f"{row.system}.{row.slice}",
        time=f"{row.latency_ms / 1000:.3f}",
    )
    if short := _short(row, least):
        message = ", ".join(f"{name} {value:g}" for name, value in short.items())
        failure = SubElement(case, "failure", message=message)
        failure.text = clean(row.error or str(dict(row.output)))[:LONGEST]


def _short(row: Row, least: Mapping[str, Mapping[str, float]] | None) -> dict[str, float]:
    """Grades below what is asked; a metric that the baseline does not keep asks for nothing."""
    if least is None:
        return {name: value for name, value in row.grades.items() if value < 1}
    wanted = {name: items.get(row.id, 0.0) for name, items in least.items()}
    return {name: v for name, v in row.grades.items() if v < wanted.get(name, 0.0)}
