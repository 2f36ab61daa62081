"""The most similar question of dev lends its SQL, and never one of test."""

from lendledger.evaluation.questions import Question
from lendledger.likeness import most_alike

SQL = ("SELECT 1",)
KNOWN = [
    Question("a", "dev", "direct", "How many copies of films do we own?", SQL, "answer"),
    Question("b", "test", "direct", "How many copies of games do we own?", SQL, "answer"),
]


def test_the_most_similar_question_of_dev_is_found():
    found = most_alike("How many copies of novels do we own?", KNOWN)
    assert found is not None
    assert found.id == "a"


def test_nothing_is_alike_enough_to_a_poem():
    assert most_alike("Write a poem about the harbour.", KNOWN) is None


def test_a_question_is_not_like_itself():
    assert most_alike("How many copies of films do we own?", KNOWN) is None
