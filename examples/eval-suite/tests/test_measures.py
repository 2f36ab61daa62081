"""Repeats and sample sizes, against other implementations and by hand."""

import random

import pytest
from scipy.stats import binomtest

from deskcheck.evaluation.power import (
    clean_sweep,
    items_needed,
    smallest_difference,
)
from deskcheck.evaluation.reliability import (
    mean_pass_all,
    pass_all,
    pass_at,
    spread,
)


def test_pass_rates_are_those_of_drawing_trials():
    from itertools import combinations

    for trials in range(1, 7):
        for passed in range(trials + 1):
            marks = [1] * passed + [0] * (trials - passed)
            for k in range(1, trials + 1):
                drawn = [*combinations(marks, k)]
                assert pass_all(k, passed, trials) == pytest.approx(
                    sum(all(d) for d in drawn) / len(drawn)
                )
                assert pass_at(k, passed, trials) == pytest.approx(
                    sum(any(d) for d in drawn) / len(drawn)
                )


def test_pass_all_is_averaged_over_items_and_only_a_full_grade_passes():
    assert mean_pass_all(2, {"a": [1, 1, 1], "b": [1, 0.9, 1]}) == pytest.approx((1 + 1 / 3) / 2)
    with pytest.raises(ValueError, match="from 1 of 2 trials"):
        pass_all(3, 1, 2)


def test_one_run_has_no_spread():
    assert spread([[1, 0]]).deviation is None
    assert spread([[1, 0], [1, 1]]).deviation == pytest.approx(0.3535533905932738)


def test_so_many_items_find_the_difference_four_times_in_five():
    """The formula against what it promises: draws of that size, tested exactly."""
    difference, flipping = 0.15, 0.3
    n = items_needed(difference, flipping)
    rng = random.Random(7)
    better = (flipping + difference) / 2
    found = 0
    for _ in range(400):
        ups = downs = 0
        for _ in range(n):
            draw = rng.random()
            ups += draw < better
            downs += better <= draw < flipping
        found += binomtest(ups, ups + downs).pvalue < 0.05 if ups + downs else False
    assert 0.7 < found / 400 < 0.9


def test_what_cannot_be_asked_is_refused_and_more_items_show_less():
    for difference, flipping in ((0, 0.3), (0.4, 0.3), (0.1, 1.2)):
        with pytest.raises(ValueError, match="cannot come from"):
            items_needed(difference, flipping)
    few, many = smallest_difference(50, 0.3), smallest_difference(500, 0.3)
    assert few is not None
    assert many is not None
    assert many < few
    assert smallest_difference(3, 0.1) is None


def test_six_flips_in_one_direction_are_clear_and_five_are_not():
    assert clean_sweep() == 6
    assert binomtest(5, 5).pvalue > 0.05
