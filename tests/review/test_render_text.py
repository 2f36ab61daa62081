"""The report on a terminal: what comes first, what is cut, what never gets through."""

from dataclasses import replace
from types import ModuleType

import handmade
import pytest

from scaffolder.review.model import Answer, Evidence, Fact, Status, Tally
from scaffolder.review.render import html, markdown, text
from scaffolder.review.render.text import Look


def test_the_first_screen_holds_level_gate_and_mends() -> None:
    screen = "\n".join(text.render(handmade.report()).split("\n")[:24])
    assert "working: held back by security (1.5 of 3 points)" in screen
    assert "shut by 3 musts: COM-04 fail; COM-03 partial; COM-07 not verified" in screen
    assert "COM-03      20 min  Make COM-03 so." in screen
    assert "RAG-01  2 h 30 min" in screen
    assert "tries 1 thing on its reader" in screen


def test_the_last_lines_say_it_again() -> None:
    end = "\n".join(text.render(handmade.report()).rstrip().split("\n")[-6:])
    assert "working: held back by security" in end
    assert "The gate is shut by 3 musts" in end
    assert "Mend first: COM-03 (20 min), RAG-01 (2 h 30 min)." in end


def test_what_shuts_the_gate_comes_first_in_a_section() -> None:
    said = text.render(handmade.report())
    items = said.partition("\nCOM  ")[2]
    order = [items.index(f"\n  {id}  ") for id in ("COM-04", "COM-03", "COM-05")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("id", "heading"),
    [
        ("COM-06", "Inherited from the template"),
        ("COM-07", "Not verified"),
        ("COM-08", "Waived"),
        ("COM-09", "Not applicable"),
    ],
)
def test_what_earns_nothing_stands_apart(id: str, heading: str) -> None:
    said = text.render(handmade.report())
    assert said.index("\nRAG  ") < said.index(f"\n{heading}") < said.index(f"\n  {id}  ")
    assert f"{id}  pass" not in said


def test_places_that_are_cut_are_counted_and_shown_on_demand() -> None:
    report = handmade.report()
    assert "and 4 more places" in text.render(report)
    assert "more place" not in text.render(report, Look(whole=True))
    assert "src/app.py:7" in text.render(report, Look(whole=True))


@pytest.mark.parametrize("form", [text, markdown, html])
def test_every_fact_that_is_not_yes_has_its_reason(form: ModuleType) -> None:
    told = {
        "license_file": Fact(Answer.YES, "LICENSE is there."),
        "cost_tracking": Fact(Answer.NO, "No cost is counted."),
        "locked": Fact(Answer.PARTIAL, "The lock could not be read."),
    }
    page = form.render(replace(handmade.report(), facts=told))
    said = " ".join(page.partition("Facts")[2].split())
    for words in ("license file", "No cost is counted.", "The lock could not be read."):
        assert words in said


def test_a_narrowed_report_says_so() -> None:
    said = text.render(replace(handmade.report(), only=("COM-04",)))
    words = " ".join(said.split())
    assert "Only COM-04 asked for: gate and points speak of nothing else." in words
    assert "held back by" not in words


def test_one_of_a_thing_is_not_several() -> None:
    made = handmade.report()
    one = handmade.item("COM-03", Status.UNVERIFIED, weight="stretch", waits_for="run")
    tally = Tally(0.5, 1, 0)
    report = replace(
        made,
        items=(one,),
        mends=(),
        weakest_dimension=one.check.dimension,
        dimensions={one.check.dimension: tally},
        examined=replace(made.examined, files=1, commits=0),
        project=replace(made.project, commit=None),
    )
    said = " ".join(text.render(report).split())
    for words in ("0.5 of 1 point)", "1 item of it waits to be", "1 file was read;"):
        assert words in said


def test_a_report_with_nothing_in_it_is_said_in_words() -> None:
    report = handmade.report()
    bare = replace(
        report,
        items=(),
        facts={},
        mends=(),
        blockers=(),
        ready=True,
        own_work=None,
        project=replace(report.project, skill=None, commit=None, dirty=None, template_version=None),
        examined=replace(report.examined, skipped=(), notices=(), commits=0),
    )
    said = text.render(bare)
    assert "ready: no must is open" in said
    assert "Own work" not in said
    assert "there is no git history" in said
    assert "Nothing was left out." in said


@pytest.mark.parametrize("width", [64, 80, 88])
def test_nothing_is_wider_than_asked_but_an_unbroken_word(width: int) -> None:
    wide = [
        line
        for line in text.render(handmade.report(), Look(width)).split("\n")
        if len(line) > width and len(line.split()) > 1
    ]
    assert wide == []


def test_wide_letters_count_twice() -> None:
    shown = text.quoted(Evidence("a.md", 1, None, "漢" * 100), Look(40), "")
    assert max(len(line.replace("漢", "漢漢")) for line in shown.split("\n")) <= 40
    assert shown.endswith("…")


@pytest.mark.parametrize("colour", [False, True])
def test_nothing_of_a_repository_reaches_the_terminal_raw(colour: bool) -> None:
    said = text.render(handmade.report(handmade.HOSTILE, handmade.RAW_PATH), Look(80, colour))
    bare = said
    for code in ("0", "1", "31", "32", "33"):
        bare = bare.replace(f"\x1b[{code}m", "")
    assert ("\x1b" in said) is colour
    assert not [c for c in bare if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0]
    assert not [c for c in bare if 0xD800 <= ord(c) < 0xE000 or c in "\u202e\u200b"]
    assert "docs/caf\\xe9 %#:?.md:3" in bare


def test_without_colour_the_words_are_the_same() -> None:
    report = handmade.report()
    coloured = text.render(report, Look(80, True))
    for code in ("0", "1", "31", "32", "33"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == text.render(report, Look(80, False))


def test_an_unverified_item_says_what_would_verify_it_and_a_pass_has_no_fix() -> None:
    said = text.render(handmade.report())
    assert "To verify: Run it." in said
    passed = said.partition("  COM-05  ")[2].partition("\n\n")[0]
    assert "Fix" not in passed
    assert Status.PASS in passed
