"""Which verdicts are shown, and what changed between two reviews."""

import time
from dataclasses import replace

from handmade import item, items, report

from scaffolder.journeys.sift import Sieve, Wanted, compare
from scaffolder.review.model import Status


def _ids(wanted: Wanted) -> list[str]:
    return [i.check.id for g in Sieve(report()).groups(wanted) for i in g.items]


def test_everything_is_shown_under_its_section_or_its_dimension() -> None:
    sieve = Sieve(report())
    for by in ("section", "dimension"):
        groups = sieve.groups(Wanted(by=by))  # type: ignore[arg-type]
        assert sorted(i.check.id for g in groups for i in g.items) == sorted(
            i.check.id for i in report().items
        )
    assert [g.key for g in sieve.groups(Wanted())] == ["COM", "RAG"]


def test_letters_of_an_id_a_claim_a_reason_or_a_status_find_an_item() -> None:
    assert "COM-04" in _ids(Wanted(search="com04"))
    assert _ids(Wanted(search="com-04")) == ["COM-04"]
    assert _ids(Wanted(search="waived until")) == ["COM-08"]
    assert _ids(Wanted(search="INHERITED")) == ["COM-06"]
    assert _ids(Wanted(search="nothing like that")) == []


def test_only_what_shuts_the_gate_and_without_what_holds() -> None:
    shut = report().blockers
    assert shut
    assert sorted(_ids(Wanted(only_blocking=True))) == sorted(shut)
    assert "COM-05" not in _ids(Wanted(hide_held=True))
    assert "COM-07" in _ids(Wanted(hide_held=True))


def test_a_search_takes_linear_time_whatever_is_written_in_a_reason() -> None:
    bad = tuple(
        replace(i, reason="a" * 100_000, check=replace(i.check, claim="a " * 20_000))
        for i in items()
    )
    sieve = Sieve(replace(report(), items=bad))
    started = time.monotonic()
    sieve.groups(Wanted(search="a" * 30 + "b"))
    assert time.monotonic() - started < 1


def test_what_flipped_is_told_with_gate_and_level() -> None:
    before = report()
    mended = tuple(
        replace(i, status=Status.PASS) if i.check.id == "COM-04" else i for i in before.items
    )
    after = replace(before, items=mended, blockers=(), level="measured")
    change = compare(before, after)
    assert [(f.id, f.before, f.after, f.is_better) for f in change.flips] == [
        ("COM-04", Status.FAIL, Status.PASS, True)
    ]
    assert change.gate == (len(before.blockers), 0)
    assert change.level == ("working", "measured")
    assert compare(after, before).flips[0].is_better is False
    assert not compare(before, before)


def test_an_item_that_is_new_is_no_flip() -> None:
    before = report()
    after = replace(before, items=(*before.items, item("RAG-09", Status.FAIL)))
    assert not compare(before, after)
