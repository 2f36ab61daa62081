"""Asking back and taking apart: what is missing, what are two questions in one."""

import pytest
from small_ledger import make_project

from lendledger.asking import missing, taken_apart
from lendledger.assistant import answer
from lendledger.trace import Trace


@pytest.fixture
def ask(tmp_path):
    settings = make_project(tmp_path)
    return lambda text: answer(text, settings, "asking", Trace.start(settings.traces, "test"))


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How many loans were there that month?", "Which month?"),
        ("How large is the branch?", "Which branch?"),
        ("Is it more than last time?", "What is it to be compared with?"),
        ("How many loans were there in the month of May 2026?", ""),
        ("How many loans did Harbour have in May 2026?", ""),
    ],
)
def test_what_points_at_nothing_is_asked_for(question, asked):
    assert missing(question) == asked


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Which lent more in July 2026, Northfield or Harbour?",
            [
                "How many loans were there at Northfield in July 2026?",
                "How many loans were there at Harbour in July 2026?",
            ],
        ),
        ("How many films and how many novels?", ["How many films", "how many novels?"]),
        ("How many loans in May 2026?", ["How many loans in May 2026?"]),
    ],
)
def test_two_questions_in_one_are_two(question, parts):
    assert taken_apart(question) == parts


def test_a_question_that_lacks_something_reads_nothing(ask):
    result = ask("How many members does the branch have?")
    assert (result.status, result.answer, result.steps) == ("refused", "Which branch?", 0)


def test_each_part_is_told_with_its_figure(ask):
    result = ask("Did Harbour lend more in May 2026 than in May 2025?")
    assert result.answer is not None
    assert "May 2026: There were 121 loans." in result.answer
    assert "May 2025: There were 79 loans." in result.answer


def test_a_part_that_cannot_be_answered_is_not_left_out(ask):
    assert ask("How many films and how many umbrellas?").status == "refused"
