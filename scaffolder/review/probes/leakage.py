"""Whether what is measured was seen before: test questions in prompts, or in another split.

Invariant: only questions that are the same word for word, whatever their case and signs, are
called leaked; a question of a few words is too common to say so.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from scaffolder.review import areas
from scaffolder.review.golden import fields, itemset, labelfiles, questions
from scaffolder.review.golden.itemset import Item
from scaffolder.review.golden.questions import Question
from scaffolder.review.model import Evidence, Reading, count, no, yes
from scaffolder.review.view import RepoView

LEAST_WORDS = 6
"""Words from which on a question in a prompt is no coincidence."""

SHOWN = 3
_WORD = re.compile(r"\w+")
_TEST = re.compile(r"test|held.?out|eval", re.IGNORECASE)


def unleaked(view: RepoView) -> Reading:
    """No test question stands in a prompt, and no question in two splits."""
    twice = _in_two_splits(view)
    if twice:
        return no("The same question stands in two splits: the test was seen before.", *twice)
    shown = [*_in_prompts(view)]
    if shown:
        many = count(len(shown), "question of the test stands", "questions of the test stand")
        return no(f"{many} in a prompt: what is measured was told before.", *shown[:SHOWN])
    return yes("No question of the test stands in a prompt or in another split.")


def _in_two_splits(view: RepoView) -> tuple[Evidence, ...]:
    found: Mapping[tuple[str, str], dict[str, Evidence]] = defaultdict(dict)
    for path in labelfiles.paths(view):
        for line, row in labelfiles.rows(view, path, False):
            words, split = _words(fields.question(row)), fields.text(row, fields.SPLIT)
            if words and split:
                key = (words, fields.text(row, fields.CORPUS))
                found[key].setdefault(split, view.quote(path, line))
    splits = next((places for places in found.values() if len(places) > 1), {})
    return tuple(splits.values())


def _in_prompts(view: RepoView) -> Iterator[Evidence]:
    asked = {_words(q.text): q for q in _tested(view) if len(_WORD.findall(q.text)) >= LEAST_WORDS}
    for path in (p for p in view.files if areas.area(view, p) == "prompts"):
        text = f" {_words(view.text(path))} "
        for words in asked:
            if f" {words} " in text:
                yield _place(view, path, words)


def _tested(view: RepoView) -> tuple[Question | Item, ...]:
    """The questions or items of the test split; all of them where no split is named so."""
    asked = questions.asked(view) or itemset.kept(view)
    return tuple(q for q in asked if _TEST.search(q.split)) or asked


def _place(view: RepoView, path: str, words: str) -> Evidence:
    """The line of a prompt on which a question begins."""
    first = " ".join(words.split()[:LEAST_WORDS])
    lines = enumerate(view.lines(path), 1)
    return view.quote(path, next((at for at, line in lines if first in _words(line)), 1))


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
