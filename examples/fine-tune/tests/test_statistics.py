"""Intervals and paired comparisons against published or hand-worked values."""

import pytest

from spokehouse.evaluation.statistics import (
    amount_interval,
    compare,
    mean_interval,
    wilson,
)


def test_wilson_agrees_with_the_formula():
    # 24 of 30: centre and half width worked out with z = 1.959964
    found = wilson(24, 30)
    assert (found.low, found.high) == pytest.approx((0.627, 0.905), abs=0.001)


def test_wilson_does_not_call_ten_of_ten_certain():
    assert wilson(10, 10).low == pytest.approx(0.722, abs=0.001)


def test_yes_no_grades_get_a_wilson_interval_and_others_a_bootstrap():
    assert mean_interval([1.0, 0.0, 1.0]).method == "Wilson"
    found = mean_interval([0.2, 0.5, 1.0, 0.4, 0.6, 0.9])
    assert found.method == "bootstrap"
    assert 0.2 < found.low < 0.6 < found.high < 1.0


def test_one_value_in_between_says_nothing():
    found = mean_interval([0.5])
    assert (found.low, found.high) == (0.0, 1.0)


def test_the_same_values_give_the_same_interval():
    values = [0.1, 0.4, 0.35, 0.8, 1.0, 0.0]
    assert mean_interval(values) == mean_interval(values)


def test_mcnemar_counts_only_the_items_that_changed():
    # 8 better, 1 worse: exact two-sided p = 2 * (C(9,0) + C(9,1)) / 2**9
    first = [0.0] * 8 + [1.0] + [1.0] * 20
    second = [1.0] * 8 + [0.0] + [1.0] * 20
    found = compare(first, second)
    assert (found.better, found.worse) == (8, 1)
    assert found.p_value == pytest.approx(2 * 10 / 512)
    assert found.difference == pytest.approx(7 / 29)
    assert found.clear


def test_equal_systems_differ_by_nothing():
    found = compare([1.0, 0.0, 0.5], [1.0, 0.0, 0.5])
    assert (found.difference, found.p_value) == (0, 1.0)
    assert not found.clear


def test_equal_differences_are_not_taken_for_certain():
    # Wilson's upper bound for 0 of 3 is z^2 / (3 + z^2) = 0.5615, of which each counts up to 1
    found = compare([1.0, 0.0, 0.5], [1.0, 0.0, 0.5])
    assert (found.low, found.high) == pytest.approx((-0.5615, 0.5615), abs=0.0001)
    one = compare([0.0], [1.0])
    assert one.low < 0 < one.high == 1.0
    assert not one.clear


def test_seconds_and_dollars_have_no_yes_no_interval():
    assert amount_interval([1.0, 0.0, 1.0]).method == "bootstrap"
    assert amount_interval([0.0, 0.0]) is None
    assert amount_interval([3.5]) is None


def test_items_must_pair_up():
    with pytest.raises(ValueError, match="shorter"):
        compare([1.0, 0.0], [1.0])
