"""What the desk reads in a message, from the first version to the one that asks."""

from datetime import date

import pytest

from deskcheck.desk import asking, dated, first
from deskcheck.desk.clock import times
from deskcheck.desk.days import days

MONDAY = date(2026, 3, 2)


def given(message: str) -> dict[str, str]:
    return {"message": message, "received": MONDAY.isoformat()}


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("12 March", "2026-03-12"),
        ("the 19th of March", "2026-03-19"),
        ("March 20", "2026-03-20"),
        ("3/4", "2026-04-03"),
        ("the 1st", "2026-04-01"),
        ("Thursday", "2026-03-05"),
        ("next Thursday", "2026-03-12"),
        ("Thursday week", "2026-03-12"),
        ("the Monday after next", "2026-03-16"),
        ("in three days", "2026-03-05"),
        ("a fortnight from today", "2026-03-16"),
        ("the day after tomorrow", "2026-03-04"),
        ("last Friday of the month", "2026-03-27"),
    ],
)
def test_a_day_is_read_as_it_is_written(words, day):
    assert days(f"Could I come {words}?", MONDAY) == [date.fromisoformat(day)]


def test_a_day_that_is_in_no_calendar_is_impossible_and_an_open_one_is_none():
    assert days("30 February please", MONDAY) == [None]
    assert days("some time next week, or on Thursdays", MONDAY) == []


@pytest.mark.parametrize(
    ("words", "time"),
    [
        ("at 9:30", "09:30"),
        ("half two", "14:30"),
        ("half past eight", "08:30"),
        ("quarter to four", "15:45"),
        ("at 5", "17:00"),
        ("at 1530", "15:30"),
        ("10 o'clock", "10:00"),
        ("noon", "12:00"),
    ],
)
def test_a_time_is_read_as_it_is_spoken(words, time):
    assert times(f"I would come {words}") == [time]


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("Thursday at 10 please", "book"),
        ("Thursday please", "ask"),
        ("Thursday at 10 or Friday at 11", "ask"),
        ("Sunday at 10", "ask"),
        ("6 March at 21:00", "ask"),
        ("1 March at 10:00", "ask"),
        ("Not Wednesday after all, Friday 9:15", "move"),
        ("Please drop Thursday", "cancel"),
        ("What does it cost?", "question"),
    ],
)
def test_it_settles_what_is_settled_and_asks_about_the_rest(message, action):
    assert asking.answer(given(message))["action"] == action


def test_of_an_old_and_a_new_slot_the_new_one_is_taken():
    said = asking.answer(given("Change my 16:00 on Friday to Thursday 11:00 please"))
    assert (said["date"], said["time"]) == ("2026-03-05", "11:00")


def test_the_reply_states_what_was_settled():
    reply = "We have put you down for Thursday 5 March at 10:00."
    for desk in (first, dated, asking):
        assert desk.answer(given("Thursday at 10:00 please"))["reply"] == reply
