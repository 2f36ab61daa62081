"""Points, level, gate and mends."""

from scaffolder.review import score
from scaffolder.review.model import Check, Item, Status
from scaffolder.review.rubric import Level

LEVELS = [Level("draft", 0.25), Level("working", 0.6), Level("measured", 0.85), Level("best", 1.01)]
NAMES = ("reader", "honesty")


def item(
    status: Status,
    dimension: str = "reader",
    weight: str = "must",
    number: int = 1,
    *,
    inherited: bool = False,
    waits_for: str = "",
    effort: int = 10,
) -> Item:
    check = Check(
        f"COM-{number:02}", "COM", weight, dimension, "c", "w", f"mend {number}", effort, ["S"]
    )
    return Item(check, status, "r", inherited=inherited, waits_for=waits_for)


def many(status: Status, dimension: str, count: int) -> list[Item]:
    return [item(status, dimension, number=n) for n in range(count)]


def test_a_partial_earns_half_and_a_failure_nothing() -> None:
    tally = score.tally([item(Status.PASS), item(Status.PARTIAL), item(Status.FAIL)])
    assert (tally.points, tally.verifiable) == (4.5, 9)


def test_not_started_counts_as_zero_of_its_points() -> None:
    assert score.tally([item(Status.NOT_STARTED, weight="should")]).verifiable == 2


def test_what_is_apart_neither_earns_nor_costs() -> None:
    apart = [item(s) for s in (Status.UNVERIFIED, Status.WAIVED, Status.NOT_APPLICABLE)]
    tally = score.tally([*apart, item(Status.PASS, inherited=True)])
    assert (tally.points, tally.verifiable, tally.unverified) == (0, 0, 1)


def test_the_level_is_named_for_the_weakest_dimension() -> None:
    items = [*many(Status.PASS, "reader", 4), *many(Status.PARTIAL, "honesty", 4)]
    grade = score.grade(items, NAMES, LEVELS)
    assert (grade.level, grade.weakest) == ("working", "honesty")


def test_a_dimension_with_few_points_does_not_set_the_level() -> None:
    items = [*many(Status.PASS, "reader", 4), item(Status.FAIL, "honesty", "should")]
    assert score.grade(items, NAMES, LEVELS).weakest == "reader"


def test_a_mostly_unverified_dimension_holds_the_level_at_the_second() -> None:
    items = [*many(Status.PASS, "reader", 4), *many(Status.UNVERIFIED, "honesty", 3)]
    grade = score.grade(items, NAMES, LEVELS)
    assert (grade.level, grade.weakest) == ("working", "honesty")


def test_the_highest_level_needs_every_must() -> None:
    good = [item(Status.PASS, "reader", number=n) for n in range(19)]
    assert score.grade(good, ("reader",), LEVELS).level == "best"
    assert score.grade([*good, item(Status.FAIL)], ("reader",), LEVELS).level == "measured"


def test_the_gate_is_shut_by_an_open_must_and_by_no_should() -> None:
    shut = score.blockers([item(Status.FAIL, number=1), item(Status.FAIL, "reader", "should", 2)])
    assert shut == ("COM-01",)


def test_what_waits_for_a_key_leaves_the_gate_open_and_a_missing_run_does_not() -> None:
    waiting = [
        item(Status.UNVERIFIED, number=1, waits_for="key"),
        item(Status.UNVERIFIED, number=2, waits_for="run"),
    ]
    assert score.blockers(waiting) == ("COM-02",)


def test_an_inherited_pass_satisfies_the_gate() -> None:
    assert score.blockers([item(Status.PASS, inherited=True)]) == ()


def test_the_mends_are_the_cheapest_that_raise_the_level() -> None:
    items = [
        *many(Status.PASS, "honesty", 4),
        item(Status.FAIL, number=1, effort=90),
        item(Status.FAIL, number=2, effort=30),
        item(Status.PARTIAL, number=3, effort=30),
        item(Status.NOT_STARTED, number=4, effort=10),
    ]
    plan = score.plan(items, NAMES, LEVELS)
    assert score.grade(items, NAMES, LEVELS).level == "draft"
    assert (plan.reaches, [m.id for m in plan.mends]) == ("working", ["COM-04"])


def test_every_dimension_below_the_bound_is_lifted() -> None:
    items = [*many(Status.FAIL, "reader", 4), *many(Status.FAIL, "honesty", 4)]
    plan = score.plan(items, NAMES, LEVELS)
    assert (plan.reaches, plan.needed) == ("working", 2)


def test_no_mend_is_promised_to_raise_what_is_unverified() -> None:
    items = [
        *many(Status.PASS, "reader", 4),
        *many(Status.UNVERIFIED, "honesty", 3),
        item(Status.FAIL, "honesty", "should", 9),
    ]
    plan = score.plan(items, NAMES, LEVELS)
    assert (plan.reaches, [m.id for m in plan.mends]) == ("", ["COM-09"])


def test_half_unverified_is_not_mostly_unverified() -> None:
    unsaid = [item(Status.UNVERIFIED, "reader", "should", n) for n in range(4)]
    items = [*many(Status.PASS, "reader", 4), *unsaid]
    assert score.grade(items, ("reader",), LEVELS).level == "best"


def test_six_points_set_the_level_and_five_do_not() -> None:
    fails = [item(Status.FAIL, "honesty", "must", n) for n in range(2)]
    few = [item(Status.FAIL, "honesty", "must"), item(Status.FAIL, "honesty", "should", 2)]
    good = many(Status.PASS, "reader", 4)
    assert score.grade([*good, *fails], NAMES, LEVELS).weakest == "honesty"
    assert score.grade([*good, *few], NAMES, LEVELS).weakest == "reader"
