"""What is wanted of which order, by each of the readers."""

import pytest

from seeddesk.reading import by_clauses, by_words
from seeddesk.workflow import by_patterns


def read(reader, request):
    return [(wish.order_id, wish.reason, wish.where) for wish in reader(request)]


def test_the_first_reader_takes_one_reason_for_all_orders():
    text = "Cancel O2001, and when does O2002 come?"
    assert [reason for _, reason, _ in read(by_patterns, text)] == ["cancel", "cancel"]


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        ("Order 2030 please, has it been sent?", ("O2030", None, True)),
        ("You have O2005 back, my money?", ("O2005", "returned", False)),
        ("I no longer want O2025", ("O2025", "cancel", False)),
        ("Any news of o2006?", ("O2006", None, True)),
    ],
)
def test_more_words_are_understood(request_, wanted):
    assert read(by_words, request_) == [wanted]


def test_five_digits_are_no_order():
    assert read(by_words, "order 20455 has not come") == []


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (
            "Cancel O2001 please, and tell me when O2002 was delivered.",
            [("O2001", "cancel"), ("O2002", None)],
        ),
        (
            "O2007 came crushed and O2009 is lost.",
            [("O2007", "damaged"), ("O2009", "lost")],
        ),
        (
            "O2005 is back with you, so pay it please; and where is O2004?",
            [("O2005", "returned"), ("O2004", None)],
        ),
    ],
)
def test_a_wish_belongs_to_the_order_beside_it(request_, wanted):
    assert [(wish.order_id, wish.reason) for wish in by_clauses(request_)] == wanted
