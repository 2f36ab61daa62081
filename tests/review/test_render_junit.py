"""JUnit: a suite a section, failures with their evidence, XML that any parser takes."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from xml.etree.ElementTree import Element

import handmade

from scaffolder.review.model import Evidence, Report, Status
from scaffolder.review.render import junit


def _read(report: Report) -> Element:
    return ET.fromstring(junit.render(report).encode("utf-8"))


def _case(root: Element, id: str) -> Element:
    return next(c for c in root.iter("testcase") if c.get("name", "").startswith(id))


def test_open_items_fail_with_their_evidence() -> None:
    failure = _case(_read(handmade.report()), "COM-04").find("failure")
    assert failure is not None
    assert failure.get("message") == "fail: It says a quoted line there."
    assert "src/app.py:3-5  a quoted line" in (failure.text or "")
    assert "Make COM-04 so." in (failure.text or "")


def test_what_earns_nothing_is_skipped_and_a_pass_is_bare() -> None:
    root = _read(handmade.report())
    for id in ("COM-06", "COM-07", "COM-08", "COM-09"):
        assert _case(root, id).find("skipped") is not None
    assert list(_case(root, "COM-05")) == []


def test_what_the_author_says_is_in_the_output_of_its_case() -> None:
    report = handmade.report()
    root = _read(replace(report, items=(*report.items, handmade.answered(Status.PASS))))
    said = {
        id: _case(root, id).findtext("system-out") or "" for id in ("COM-05", "COM-08", "COM-28")
    }
    assert "Waived until 2030-01-01" in said["COM-08"]
    assert "Self-assessed, answered pass" in said["COM-28"]
    assert "scaffold.toml:4-8" in said["COM-28"]
    assert said["COM-05"] == ""


def test_the_counts_add_up() -> None:
    root = _read(handmade.report())
    suites = root.findall("testsuite")
    assert [s.get("name") for s in suites][1:] == [
        "COM Common to every project",
        "RAG Answers from documents",
    ]
    for suite in suites:
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("*/failure"))
        assert int(suite.get("skipped", "")) == len(suite.findall("*/skipped"))
    assert int(root.get("failures", "")) == len(root.findall(".//failure"))


def test_hostile_words_are_text() -> None:
    shapes = [
        [(e.tag, sorted(e.keys())) for e in _read(handmade.report(*said)).iter()]
        for said in ((), (handmade.HOSTILE, handmade.RAW_PATH))
    ]
    assert shapes[0] == shapes[1]
    assert "\uffff" not in junit.render(handmade.report(handmade.HOSTILE))


def test_level_gate_and_mends_are_properties() -> None:
    said = {p.get("name"): p.get("value") for p in _read(handmade.report()).iter("property")}
    assert said["level"] == "working: held back by security (1.5 of 3 points)"
    assert said["mend 1"] == "COM-03 (20 min): Make COM-03 so."


def test_more_places_than_fit_are_counted() -> None:
    places = tuple(Evidence("a.py", n, None, "x") for n in range(1, 1000))
    report = replace(handmade.report(), items=(handmade.item("COM-04", Status.FAIL, *places),))
    assert "and 949 more" in junit.render(report)
