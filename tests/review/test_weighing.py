"""What the files say and what a run shows, as one verdict."""

from collections.abc import Mapping

import pytest

from scaffolder.review import weighing
from scaffolder.review.model import (
    Answer,
    Check,
    Reading,
    no,
    not_applicable,
    partial,
    quote,
    ran,
    unknown,
    yes,
)

PLACE = quote("src/app.py", 3, "except RateLimited:")
COMMAND = ran("python -m app ask hello", 0, 1.2, "ab12", "two requests, then an answer")
SHOWN = yes("It waited and asked again.", COMMAND)
BROKEN = no("A traceback was shown.", COMMAND)
UNTRIED = unknown("control failed: the demo ends with 1.", "Make it work.", waits_for="control")
SILENT = not_applicable("It does not stream.", "")
STATIC = yes("The error is caught.", PLACE)


def _check(*tries: str, overrules: bool = False) -> Check:
    return Check(
        *("COM-27", "COM", "must", "robustness", "claim", "why", "fix", 5, ()),
        tries=tries,
        overrules=overrules,
    )


@pytest.mark.parametrize(
    ("tried", "wanted"),
    [
        ({"S10": SHOWN, "S11": BROKEN}, Answer.NO),
        ({"S10": SHOWN, "S11": UNTRIED}, Answer.UNKNOWN),
        ({"S10": SHOWN, "S11": SILENT}, Answer.YES),
        ({"S10": SILENT, "S11": SILENT}, Answer.NOT_APPLICABLE),
        ({"S10": SHOWN}, Answer.YES),
    ],
)
def test_the_lowest_try_counts_and_one_that_does_not_apply_says_nothing(
    tried: Mapping[str, Reading], wanted: Answer
) -> None:
    found = weighing.seen(_check("S10", "S11"), tried)
    assert found is not None
    assert found.answer is wanted


def test_tries_of_other_checks_are_not_ours() -> None:
    assert weighing.seen(_check("S10"), {"R2": BROKEN}) is None


@pytest.mark.parametrize(
    ("static", "run", "wanted"),
    [
        (STATIC, SHOWN, Answer.YES),
        (STATIC, BROKEN, Answer.NO),
        (STATIC, UNTRIED, Answer.UNKNOWN),
        (STATIC, SILENT, Answer.YES),
        (no("Nothing is caught."), SHOWN, Answer.NO),
        (partial("Some are caught."), SHOWN, Answer.PARTIAL),
        (unknown("rows of a model", "", waits_for="model"), SHOWN, Answer.UNKNOWN),
    ],
)
def test_a_run_lifts_nothing_that_the_files_deny(
    static: Reading, run: Reading, wanted: Answer
) -> None:
    assert weighing.together(_check("S10"), static, run).answer is wanted


def test_a_check_may_say_that_what_was_run_counts_more_than_what_the_code_looks_like() -> None:
    check = _check("S10", overrules=True)
    assert weighing.together(check, no("Nothing is caught."), SHOWN).answer is Answer.YES
    assert weighing.together(check, STATIC, BROKEN).answer is Answer.NO


def test_the_command_is_shown_before_the_place() -> None:
    found = weighing.together(_check("S10"), STATIC, SHOWN)
    assert found.evidence == (COMMAND, PLACE)
    assert found.evidence[0].ran is not None
