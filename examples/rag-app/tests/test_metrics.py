"""Every metric on cases small enough to work out by hand."""

import math

import pytest

from pytopics.evaluation import metrics
from pytopics.result import Citation

A, B = Citation("a.md", "c1", "words of the passage"), Citation("b.md", "c2", "other words")


@pytest.mark.parametrize(
    ("ranks", "k", "expected"),
    [((1,), 5, 1.0), ((6,), 5, 0.0), ((None,), 5, 0.0), ((2, None), 5, 0.5), ((5, 6), 5, 0.5)],
)
def test_recall_is_the_share_of_labels_found_by_rank_k(ranks, k, expected):
    assert metrics.recall_at(ranks, k) == expected


@pytest.mark.parametrize(
    ("ranks", "expected"), [((1, None), 1), ((None, 5), 1), ((6, 9), 0), ((None,), 0)]
)
def test_one_label_of_several_is_a_hit(ranks, expected):
    assert metrics.hit_at(ranks, 5) == expected


@pytest.mark.parametrize(
    ("ranks", "expected"), [((1, 4), 1.0), ((4, None), 0.25), ((None,), 0.0), ((11,), 0.0)]
)
def test_reciprocal_rank_is_that_of_the_first_label(ranks, expected):
    assert metrics.reciprocal_rank(ranks) == expected


def test_ndcg_of_one_label_is_its_discount():
    assert metrics.ndcg_at((1,)) == 1.0
    assert metrics.ndcg_at((3,)) == pytest.approx(1 / math.log2(4))
    assert metrics.ndcg_at((11,)) == 0.0


def test_ndcg_of_two_labels_is_against_the_best_order():
    best = 1 + 1 / math.log2(3)
    assert metrics.ndcg_at((1, 2)) == pytest.approx(1.0)
    assert metrics.ndcg_at((2, None)) == pytest.approx((1 / math.log2(3)) / best)


def test_ndcg_of_one_passage_with_two_labels_is_not_above_one():
    assert metrics.ndcg_at((1, 1)) == 1.0


def test_a_question_without_labels_has_no_retrieval_grade():
    assert metrics.retrieval_grades((), 5) == {}
    assert set(metrics.retrieval_grades((1,), 5)) == {"hit@5", "recall@5", "mrr@10", "ndcg@10"}


def test_facts_need_one_wording_of_each_group():
    facts = [["16 weeks", "sixteen weeks"], ["full pay"]]
    assert metrics.has_facts("You get Sixteen\n weeks on FULL pay.", facts)
    assert not metrics.has_facts("You get 16 weeks.", facts)
    assert not metrics.has_facts(None, facts)


@pytest.mark.parametrize(
    ("fact", "answer", "there"),
    [
        ("6 weeks", "You get 16 weeks.", False),
        ("195 Nm", "Tighten to 1,195 Nm.", False),
        ("1.5", "It takes 1.55 h.", False),
        ("nine", "Nineteen persons.", False),
        ("nine", "Nine, at most.", True),
        ("EUR 4.20", "It costs EUR 4.20.", True),
    ],
)
def test_a_fact_is_found_as_whole_words_and_numbers(fact, answer, there):
    assert metrics.has_facts(answer, [[fact]]) is there


def test_citation_precision_is_the_share_on_labelled_passages():
    assert metrics.citation_precision([A, B], {"c1"}) == 0.5


@pytest.mark.parametrize(
    ("status", "answer", "citations", "facts", "relevant", "expected"),
    [
        (
            "answered",
            "nine",
            [A],
            [["nine"]],
            {"c1"},
            {"fact_accuracy": 1, "citation_precision": 1},
        ),
        ("answered", "ten", [B], [["nine"]], {"c1"}, {"fact_accuracy": 0, "citation_precision": 0}),
        ("refused", None, [], [["nine"]], {"c1"}, {"fact_accuracy": 0, "abstention_precision": 0}),
        ("refused", None, [], [], set(), {"abstention_recall": 1, "abstention_precision": 1}),
        ("answered", "nine", [A], [], set(), {"abstention_recall": 0, "citation_precision": 0}),
        ("failed", None, [], [["nine"]], {"c1"}, {"fact_accuracy": 0}),
    ],
)
def test_only_the_metrics_that_apply_are_graded(
    status, answer, citations, facts, relevant, expected
):
    assert metrics.answer_grades(status, answer, citations, facts, relevant) == expected
