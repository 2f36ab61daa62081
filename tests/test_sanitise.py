"""Nothing that a terminal acts on gets through."""

import re

from hypothesis import given
from hypothesis import strategies as st

from scaffolder.sanitise import clean

ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=500))
def test_no_control_character_survives(text: str) -> None:
    shown = clean(text)
    assert not ACTS.search(shown)
    assert "\n" not in shown
    shown.encode("utf-8")


def test_an_escape_sequence_is_shown_not_sent() -> None:
    assert clean("\x1b]0;owned\x07") == "␛]0;owned␇"


def test_a_long_text_says_how_much_is_missing() -> None:
    assert clean("x" * 12, limit=10) == "xxxxxxxxxx… (+2 characters)"
