"""Rows as JUnit: one suite a system, one case an item and trial; a case fails below a full grade.

Invariant: the XML is well-formed whatever the outputs hold.
"""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from ..evaluation.rows import Row
from ..plaintext import clean

LONGEST = 2000


def junit(runs: Mapping[str, Sequence[Row]]) -> str:
    """The document; grades that fell short are the message of a failure."""
    root = Element("testsuites")
    for system, rows in runs.items():
        failed = [row for row in rows if _short(row)]
        counts = {"tests": str(len(rows)), "failures": str(len(failed))}
        suite = SubElement(root, "testsuite", {"name": system, **counts})
        for row in rows:
            _case(suite, row)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, row: Row) -> None:
    case = SubElement(
        suite,
        "testcase",
        name=f"{row.id} trial {row.trial}",
        classname=f"{row.system}.{row.slice}",
        time=f"{row.latency_ms / 1000:.3f}",
    )
    if short := _short(row):
        message = ", ".join(f"{name} {value:g}" for name, value in short.items())
        failure = SubElement(case, "failure", message=message)
        failure.text = clean(row.error or str(dict(row.output)))[:LONGEST]


def _short(row: Row) -> dict[str, float]:
    return {name: value for name, value in row.grades.items() if value < 1}
