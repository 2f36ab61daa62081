"""SARIF 2.1.0 as GitHub takes it.

`SHAPE` is a subset of the standard's schema in our own words: every property that we write, its
type, what is required, nothing else allowed. The output was validated against the schema that
OASIS publishes when this was written.
"""

import json
import re
from dataclasses import replace
from typing import Any

import handmade
import jsonschema
import pytest

from scaffolder.review.model import Evidence, Report, Status
from scaffolder.review.render import sarif


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


TEXT = {"type": "string", "minLength": 1}
MESSAGE = _object("text", text=TEXT)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
LINE = {"type": "integer", "minimum": 1}
RELATIVE = {"type": "string", "pattern": r"^(?![/.])(?:[\w.~!$&'()*+,;=@/-]|%[0-9A-F]{2})+$"}
LOCATION = _object(
    "physicalLocation",
    physicalLocation=_object(
        "artifactLocation",
        artifactLocation=_object("uri", uri=RELATIVE, uriBaseId=TEXT),
        region=_object("startLine", startLine=LINE, endLine=LINE, snippet=MESSAGE),
    ),
)
SUPPRESSION = _object("kind", kind={"enum": ["inSource", "external"]}, justification=TEXT)
RESULT = _object(
    "ruleId level message locations partialFingerprints suppressions",
    ruleId=TEXT,
    kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
    suppressions={"type": "array", "items": SUPPRESSION},
    level=LEVEL,
    message=MESSAGE,
    locations={"type": "array", "minItems": 1, "items": LOCATION},
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
)
RULE = _object(
    "id shortDescription help",
    id=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=_object("level", level=LEVEL),
    properties=_object("tags", tags={"type": "array", "uniqueItems": True, "items": TEXT}),
)
NOTE = _object("message", level=LEVEL, message=MESSAGE)
RUN = _object(
    "tool results",
    tool=_object(
        "driver",
        driver=_object("name", name=TEXT, version=TEXT, rules={"type": "array", "items": RULE}),
    ),
    automationDetails=_object("id", id=TEXT),
    invocations={
        "type": "array",
        "items": _object(
            "executionSuccessful",
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications={"type": "array", "items": NOTE},
        ),
    },
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results={"type": "array", "items": RESULT},
    properties={"type": "object"},
)
SHAPE = {
    **_object(
        "version runs",
        **{"$schema": TEXT, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN}},
    ),
    "$schema": "https://json-schema.org/draft/2020-12/schema",
}


def _run(report: Report, below: str = "") -> dict[str, Any]:
    made = json.loads(sarif.render(report, below))
    jsonschema.validate(made, SHAPE)
    run: dict[str, Any] = made["runs"][0]
    return run


def _addresses(run: dict[str, Any]) -> set[str]:
    return {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]
    }


def test_every_open_item_is_a_result_at_each_of_its_places() -> None:
    results = _run(handmade.report())["results"]
    rules = [r["ruleId"] for r in results]
    assert rules == ["COM-04", *["COM-03"] * 7, "RAG-01", "COM-08", "notice"]
    assert [results[n]["level"] for n in (0, 1, 8, 10)] == ["error", "warning", "warning", "note"]
    region = results[0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 3, "endLine": 5, "snippet": {"text": "a quoted line"}}


def test_what_is_waived_is_suppressed_with_its_reason() -> None:
    said = {r["ruleId"]: r["suppressions"] for r in _run(handmade.report())["results"]}
    why = "Waived until 2030-01-01: a quoted line"
    assert said.pop("COM-08") == [{"kind": "external", "justification": why}]
    assert set(map(str, said.values())) == {"[]"}


@pytest.mark.parametrize("status", [Status.PASS, Status.UNVERIFIED])
def test_an_answer_is_told_and_is_no_alert(status: Status) -> None:
    answered = handmade.answered(status)
    (result,) = [
        r
        for r in _run(replace(handmade.report(), items=(answered,)))["results"]
        if r["ruleId"] == "COM-28"
    ]
    assert (result["kind"], result["level"]) == ("informational", "none")
    assert "Self-assessed, answered" in result["message"]["text"]


@pytest.mark.parametrize("path", [".git", ".", "projects/bot/.git", "commit 12ab34cd", "gone.py"])
def test_what_is_no_file_is_no_location_and_is_told(path: str) -> None:
    at = Evidence(path, None, None, "12ab34cd 2026-05-01 update")
    report = replace(handmade.report(), items=(handmade.item("COM-04", Status.FAIL, at),))
    made = json.loads(sarif.render(report, "", lambda known: known == "src/app.py"))
    first, notice = made["runs"][0]["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == sarif.NOWHERE
    assert place["region"] == {"startLine": 1}
    assert f"Seen in {path}: 12ab34cd 2026-05-01 update" in first["message"]["text"]
    assert "src/app.py" in json.dumps(notice["locations"])


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("a b/c%d#e?.py", "a%20b/c%25d%23e%3F.py"),
        ("caf\udce9.py", "caf%E9.py"),
        ("é.py", "%C3%A9.py"),
        ("a:b.py", "a%3Ab.py"),
        ("/etc/passwd", sarif.NOWHERE),
        ("../up.py", sarif.NOWHERE),
        ("a/../../up.py", sarif.NOWHERE),
        ("", sarif.NOWHERE),
        (handmade.HOSTILE, None),
    ],
)
def test_addresses_are_relative_and_encoded(path: str, address: str | None) -> None:
    found = _addresses(_run(handmade.report(path=path)))
    assert address is None or found == {address, sarif.NOWHERE}


def test_a_folder_inside_a_repository_is_addressed_from_its_root() -> None:
    run = _run(handmade.report(), "examples/rag app")
    assert "examples/rag%20app/src/app.py" in _addresses(run)


def test_hostile_words_keep_the_shape() -> None:
    run = _run(handmade.report(handmade.HOSTILE, handmade.RAW_PATH))
    assert re.search(r"\\x9b|<U\+202E>", json.dumps(run, ensure_ascii=False))


def test_every_result_has_a_rule_with_help_and_rules_are_unique() -> None:
    run = _run(handmade.report())
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert {r["ruleId"] for r in run["results"]} <= set(rules)


def test_more_results_than_fit_are_counted() -> None:
    places = tuple(Evidence("a.py", n, None, f"line {n}") for n in range(1, 30_001))
    report = replace(handmade.report(), items=(handmade.item("COM-04", Status.FAIL, *places),))
    run = _run(report)
    assert len(run["results"]) == sarif.MAX_RESULTS
    notes = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert "25001 of 30001 results are left out: 5000 fit." in notes


def test_a_finding_that_moved_keeps_its_fingerprint() -> None:
    prints = [
        _run(replace(handmade.report(), items=(handmade.item("COM-04", Status.FAIL, at),)))[
            "results"
        ][0]["partialFingerprints"]
        for at in (Evidence("a.py", 3, None, "x = 1"), Evidence("a.py", 9, None, "x = 1"))
    ]
    assert prints[0] == prints[1]
