"""What was run, and what a model advised, in every form of the report."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import handmade
import pytest

from scaffolder.review.model import Advice, Evidence, Report, Status, ran
from scaffolder.review.render import html, junit, markdown, running, sarif, text
from scaffolder.review.render import json as as_json

FORMS: list[Callable[[Report], str]] = [text.render, markdown.render, html.render, junit.render]
forms = pytest.mark.parametrize("render", FORMS, ids=["text", "markdown", "html", "junit"])

SEEN = ran("python -m tiny ask 'Why?'", 3, 1.234, "ab" * 32, "no answer after the second 429")
KILLED = ran("python -m tiny eval", -9, 60.0, "cd" * 32, "it went on for a minute")
ADVICE = Advice(
    question="Does the README name who has the problem?",
    verdict="no",
    quote=Evidence("README.md", 3, None, "A tool for everybody"),
    model="claude-x",
    votes=("no", "yes", "no"),
)


def _report(*evidence: Evidence, said: str = "", advice: tuple[Advice, ...] = ()) -> Report:
    made = handmade.report(*([said] if said else []))
    tried = handmade.item("COM-10", Status.FAIL, *evidence, advice=advice)
    waits = handmade.item("COM-11", Status.UNVERIFIED, how_to_verify="Run it.", waits_for="run")
    both = [replace(i, check=replace(i.check, tries=("S10",))) for i in (tried, waits)]
    return replace(made, items=(*made.items, *both))


def _words(page: str) -> str:
    """What somebody reads, whatever the form marks up."""
    bare = re.sub(r"</?(?:code|span)\b[^>]*>", "", page)
    return " ".join(unescape(bare).replace("`", "").split())


@forms
def test_a_command_is_evidence_with_how_it_ended_and_what_was_seen(
    render: Callable[[Report], str],
) -> None:
    said = _words(render(_report(SEEN, KILLED)))
    seen = "(exit 3, 1.2 s): no answer after the second 429"
    assert f"ran python -m tiny ask 'Why?' {seen}" in said
    assert "ran python -m tiny eval (signal 9, 60 s): it went on for a minute" in said


def test_in_json_a_command_has_keys_of_its_own() -> None:
    items = {i["id"]: i for i in json.loads(as_json.render(_report(SEEN)))["items"]}
    assert items["COM-10"]["evidence"] == [
        {
            "command": "python -m tiny ask 'Why?'",
            "exit_code": 3,
            "seconds": 1.23,
            "output_sha256": "ab" * 32,
            "text": "no answer after the second 429",
        }
    ]
    assert "advice" not in items["COM-10"]


def test_in_sarif_a_command_stands_in_the_message_and_names_no_file() -> None:
    results = json.loads(sarif.render(_report(SEEN, KILLED)))["runs"][0]["results"]
    mine = [r for r in results if r["ruleId"] == "COM-10"]
    place = mine[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == sarif.NOWHERE
    assert "We ran `python -m tiny ask 'Why?'` (exit 3, 1.2 s)" in mine[0]["message"]["text"]
    assert len({str(r["partialFingerprints"]) for r in mine}) == 2


@forms
def test_the_head_says_what_a_run_decided(render: Callable[[Report], str]) -> None:
    said = _words(render(_report(SEEN)))
    assert "1 item was decided by running a copy of it with faults injected" in said
    assert "--run makes it" not in said


@forms
def test_a_report_without_a_run_says_how_to_make_one(render: Callable[[Report], str]) -> None:
    told = "none was made, and 2 items wait for one: scaffold review PATH --run makes it"
    assert told in _words(render(_report()))


def test_a_try_that_could_not_be_made_decides_nothing_and_is_counted() -> None:
    failed = handmade.item("COM-12", Status.UNVERIFIED, SEEN, waits_for="control")
    report = replace(handmade.report(), items=(failed,))
    assert (
        "0 items were decided by running a copy of it with faults injected; 1 item could"
        in running.said(report)
    )


def test_nothing_is_said_of_a_run_where_no_item_asks_for_one() -> None:
    assert running.said(handmade.report()) == ""


@forms
def test_advice_is_called_advice_and_stands_after_the_verdict(
    render: Callable[[Report], str],
) -> None:
    said = _words(render(_report(advice=(ADVICE,))))
    told = "advice from claude-x (2 of 3): no: Does the README name who has the problem? "
    assert told + "Quoted from README.md:3: A tool for everybody" in said
    assert said.index("COM-10 was looked for.") < said.index("advice from claude-x")


def test_advice_in_json_and_sarif() -> None:
    report = _report(advice=(ADVICE,))
    items = {i["id"]: i for i in json.loads(as_json.render(report))["items"]}
    assert items["COM-10"]["advice"] == [
        {
            "verdict": "no",
            "quote": {"path": "README.md", "line": 3, "text": "A tool for everybody"},
            "model": "claude-x",
            "votes": ["no", "yes", "no"],
            "question": "Does the README name who has the problem?",
            "note": "",
        }
    ]
    assert items["COM-10"]["status"] == "fail"
    results = json.loads(sarif.render(report))["runs"][0]["results"]
    told = next(r["message"]["text"] for r in results if r["ruleId"] == "COM-10")
    assert "(advice from claude-x (2 of 3): no:" in told


def test_votes_that_differ_are_each_shown_and_void_advice_says_why() -> None:
    split = replace(ADVICE, verdict="split", votes=("yes", "no", "void"), quote=None)
    void = replace(ADVICE, verdict="void", votes=("void",) * 3, quote=None, note="Void: no quote.")
    item = handmade.item("COM-10", Status.FAIL, advice=(split, void))
    told = running.advice(item)
    assert "advice from claude-x (yes, no, void): split:" in told[0]
    assert told[1].startswith("advice from claude-x (3 of 3): void:")
    assert told[1].endswith("Void: no quote.")


@forms
def test_hostile_words_of_a_command_and_of_a_model_reach_nobody(
    render: Callable[[Report], str],
) -> None:
    bad = handmade.HOSTILE
    hostile = replace(ADVICE, question=bad, model=bad, quote=Evidence("a", 1, None, bad), note=bad)
    page = render(_report(ran(bad, 1, 1.0, "0", bad), advice=(hostile,)))
    assert not [c for c in page if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0]
    assert not [c for c in page if 0xD800 <= ord(c) < 0xE000 or c in "\u202e\u200b"]
    if render is not text.render:
        assert "<script" not in page
        assert "<img" not in page
