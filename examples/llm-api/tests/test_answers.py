"""An answer is believed only if its form is right and every figure stands in a result."""

import pytest

from lendledger.answer import Answer, checked, parse
from lendledger.database import Table
from lendledger.draft import Draft
from lendledger.executor import Observation
from lendledger.figures import numbers, tells, unfounded
from lendledger.llm.types import ToolCall
from lendledger.result import Usage

SOLD = Table(("city", "euros"), (("Kiel", 1004448.004), ("Bremen", 12)), tables=("loans",))
CALL = ToolCall("1", "run_select", {"sql": "SELECT 1"})
SEEN = [Observation("q1", CALL, "ok", "", table=SOLD)]
EMPTY = [Observation("q1", CALL, "ok", "", table=Table(("n",), ()))]


def said(text, *results, kind="answer"):
    return Answer(text=text, kind=kind, results=results)


@pytest.mark.parametrize(
    "text",
    [
        "Kiel sold for 1,004,448 euros and Bremen for 12.",
        "Kiel sold for 1004448.00 euros in March 2026.",
        "There are 2 cities; the larger is Kiel.",
        "Nothing with a figure.",
    ],
)
def test_figures_that_a_result_holds_are_told(text):
    assert checked(said(text, "q1"), "How was 2026-03 in March 2026?", SEEN) == ""


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (said("Kiel sold for 1,004,449 euros.", "q1"), "1,004,449"),
        (said("It grew by 17 %.", "q1"), "17"),
        (said("On 2026-05-01 it was 12.", "q1"), "2026-05-01"),
        (said("Bremen sold for 12."), "12"),
        (said("Bremen sold for 12.", "q7"), "no result 'q7'"),
        (said("I need the month.", kind="question"), "has to ask"),
        (said("No data.", kind="no_data"), "a result has some"),
    ],
)
def test_what_no_result_holds_is_a_fault(answer, fault):
    assert fault in checked(answer, "How much?", SEEN)


def test_a_result_without_rows_is_no_answer():
    assert "no rows" in checked(said("There were none.", "q1"), "How many?", EMPTY)
    assert checked(said("The ledger has no data.", kind="no_data"), "How many?", EMPTY) == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("no JSON", "Invalid JSON"),
        ('{"text": "x", "kind": "answer"}', "results"),
        ('{"text": "x", "kind": "guess", "results": []}', "kind"),
        ('{"text": "", "kind": "answer", "results": []}', "text"),
        ('{"text": "x", "kind": "answer", "results": [], "more": 1}', "more"),
    ],
)
def test_a_reply_of_another_form_says_what_is_wrong(text, fault):
    assert fault in parse(text)


def test_numbers_are_read_as_a_reader_does():
    found = [(n.shown, n.digits) for n in numbers("Q2: 1,200.50 euros, -3 and 2026-03-01, x7")]
    assert found == [("1,200.50", 2), ("-3", 0)]


@pytest.mark.parametrize(
    ("text", "value", "told"),
    [
        ("It was 12.5 kg.", 12.46, True),
        ("It was 12.4 kg.", 12.46, False),
        ("The House Blend won.", "house blend", True),
        ("It was 112.", 12, False),
    ],
)
def test_a_value_is_told_as_a_figure_or_a_word(text, value, told):
    assert tells(text, value) == told


def test_a_figure_inside_a_name_is_found():
    pack = Table(("name",), (("House blend 250 g",),))
    assert unfounded("It is the pack of 250 g.", "Which?", [pack]) == []
    assert unfounded("It is the pack of 500 g.", "Which?", [pack]) == ["500"]


def test_tokens_of_several_calls_are_summed():
    assert Usage(1, 2, 3) + Usage(10, 20, 30) == Usage(11, 22, 33)


def test_what_the_question_says_needs_no_result():
    assert unfounded("In May 2026 there is nothing.", "What was in May 2026?", []) == []


def test_a_draft_grows_with_what_arrives_and_never_repeats():
    whole = '{"text": "Kiel sold \\u00e9 for 12.", "kind": "answer", "results": ["q1"]}'
    draft = Draft()
    given = [draft.add(whole[at : at + 3]) for at in range(0, len(whole), 3)]
    assert "".join(given) == "Kiel sold é for 12."
    assert sum(bool(piece) for piece in given) > 3
