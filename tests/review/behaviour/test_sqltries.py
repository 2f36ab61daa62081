"""A program that asks a ledger: a sound one passes, one changed line fails."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from scaffolder.review.behaviour import acting, swapping, tooling
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.inside import breaks
from scaffolder.review.behaviour.model import NotApplicable, NotDeclared
from scaffolder.review.model import Answer, Reading
from tests.review.behaviour import smallagent, smallasker

TOOLS, ASSISTANT, CONFIG = "src/ledger/tools.py", "src/ledger/assistant.py", "config.toml"
OPENED = """\
db = sqlite3.connect(f"file:{LEDGER}?mode=ro", uri=True)
    db.set_authorizer(allowed)"""
Try = Callable[[Bench], Reading]
TRIES = [acting.sql_held, swapping.same_calls, tooling.followed]


@pytest.mark.parametrize("attempt", TRIES)
def test_a_sound_program_passes(attempt: Try, tmp_path: Path) -> None:
    found = _tried(attempt, tmp_path)
    assert found.answer is Answer.YES, found.reason
    assert found.evidence[0].ran


@pytest.mark.parametrize(
    ("attempt", "path", "old", "new", "said"),
    [
        (
            acting.sql_held,
            TOOLS,
            OPENED,
            "db = sqlite3.connect(LEDGER, isolation_level=None)",
            "not as it was",
        ),
        (
            acting.sql_held,
            TOOLS,
            "db.set_authorizer(allowed)",
            "db.execute('PRAGMA query_only = ON')",
            "schema of the database",
        ),
        (
            swapping.same_calls,
            ASSISTANT,
            'if PROVIDER == "anthropic" else openai(turns)',
            "",
            "another provider is still asked",
        ),
        (
            swapping.same_calls,
            ASSISTANT,
            '"call_id": call["call_id"]',
            '"call_id": call["name_of_call"]',
            "does not work",
        ),
        (
            tooling.followed,
            ASSISTANT,
            'f"There are {count} orders."',
            '"There are 300 orders."',
            "the answer stayed",
        ),
    ],
)
def test_one_changed_line_fails(
    attempt: Try, path: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    found = _tried(attempt, tmp_path, smallasker.changed(path, old, new))
    assert found.answer is Answer.NO
    assert said in found.reason


def test_who_knows_one_provider_has_not_declared_another(tmp_path: Path) -> None:
    with pytest.raises(NotDeclared, match="second provider"):
        _tried(swapping.same_calls, tmp_path, {CONFIG: 'provider = "anthropic"\n'})


def test_without_sql_nobody_is_accused(tmp_path: Path) -> None:
    with smallagent.opened(tmp_path) as bench, pytest.raises(NotApplicable, match="SQL"):
        acting.sql_held(bench)


def test_an_answer_without_figures_cannot_follow_any(tmp_path: Path) -> None:
    words = smallasker.changed(ASSISTANT, 'f"There are {count} orders."', '"Some orders."')
    with pytest.raises(NotApplicable, match="no figure"):
        _tried(tooling.followed, tmp_path, words)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (7, 28),
        (True, True),
        (None, None),
        ("7 orders of 2026-05-01", "28 orders of 2026-05-01"),
        ({"n": [1, "x"]}, {"n": [10, "x"]}),
        ((2, 3), (13, 16)),
    ],
)
def test_other_figures_stand_in_the_same_shape(found: object, wanted: object) -> None:
    assert breaks.wrap(lambda: found, "altered", {})() == wanted


def _tried(attempt: Try, folder: Path, changes: Mapping[str, str | None] | None = None) -> Reading:
    with smallasker.opened(folder, changes) as bench:
        return attempt(bench)
