"""A trace keeps no personal data and is not kept for ever."""

import json
import os
import time

import pytest

from seeddesk.trace import Trace, redacted, remove_old


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("write to ada.l@club.example.org, please", "write to [personal], please"),
        ("call +49 30 1234567 or 030/1234567", "call [personal] or [personal]"),
        ("DE89 3704 0044 0532 0130 00", "[personal]"),
        ("zfill(5) gives -0042 in 2026-11-22", "zfill(5) gives -0042 in 2026-11-22"),
        ("a@b and 0x00ff", "a@b and 0x00ff"),
    ],
)
def test_what_tells_who_somebody_is_is_blanked(text: str, kept: str) -> None:
    assert redacted(text) == kept


def test_a_question_reaches_the_file_without_it(tmp_path) -> None:
    trace = Trace.start(tmp_path, "test")
    trace.event("retrieval", query="my mail is ada@club.example", passages=[])
    assert json.loads(trace.path.read_text("utf-8"))["query"] == "my mail is [personal]"


def test_traces_of_last_month_are_removed(tmp_path) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.touch()
    new.touch()
    os.utime(old, (0, time.time() - 31 * 86_400))
    assert remove_old(tmp_path) == 1
    assert not old.exists() and new.exists()
