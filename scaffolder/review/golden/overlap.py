"""How many of a question's words stand in the passage that answers it.

Invariant: a share from 0 to 1 over the words that carry meaning, or None where the passage or the
words are not known; nothing is guessed from a whole document, which holds almost every word.
"""

import re
from collections.abc import Sequence

from scaffolder.review.golden import corpus
from scaffolder.review.golden.questions import Label, Question
from scaffolder.review.view import RepoView

SHORT = 2_000
"""Characters up to which a document counts as one passage: about two of 180 words."""

_WORD = re.compile(r"[^\W_]++(?:[-_.][^\W_]++)*+")
_SAY_NOTHING = """
    a an and any are as at be been by can could did do does for from get had has have how i if in
    is it its me may might much many must my need no not of on one or our shall should so some
    than that the their them then there these they this to up us was we were what when where
    which while who whom whose why will with without would you your after before about into
    der die das den dem des ein eine einer einen und oder ist sind wie was wer wo wann warum
    welche welcher welches für von mit zu im in auf wird werden kann el la los las un una de del
    y o es son que qué como cómo cuál cuáles por para con en se su le les des une du et ou est
    quel quelle dans pour sur
"""
_EMPTY = frozenset(_SAY_NOTHING.split())
"""Words that say nothing of the subject, in the languages that we met."""


def words(text: str) -> frozenset[str]:
    """The words that carry meaning, folded, without a plural's s."""
    folded = (w.casefold() for w in _WORD.findall(text[:20_000]))
    return frozenset(_stem(w) for w in folded if w not in _EMPTY and (len(w) > 2 or w.isdigit()))


def share(view: RepoView, question: Question) -> float | None:
    """Share of the question's words that its labelled passages hold; None where not known."""
    asked = words(question.text)
    passages = [_passage(view, label) for label in question.labels]
    if not asked or not passages or not all(passages):
        return None
    return len(asked & words(" ".join(passages))) / len(asked)


def mean(view: RepoView, some: Sequence[Question]) -> tuple[float, int]:
    """The mean share over the questions that have one, and how many those are."""
    found = [s for s in (view.once_for(share, q) for q in some) if s is not None]
    return (sum(found) / len(found) if found else 0.0), len(found)


def _passage(view: RepoView, label: Label) -> str:
    if label.quote:
        return label.quote
    path = corpus.find(view, label.source) if label.source else None
    if path is None or view.size(path) > SHORT:
        return ""
    return view.text(path)


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
