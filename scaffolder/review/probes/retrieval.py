"""Whether the search for passages was measured."""

from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.codewords import SHOWN
from scaffolder.review.retrieval import indexing, scores
from scaffolder.review.view import RepoView


def measured(view: RepoView) -> Reading:
    """Hit rate, MRR, recall or nDCG on labelled queries, with numbers; half of it is partial."""
    if not indexing.retrieves(view):
        return no("Documents are not searched, so no search was measured.")
    code, numbers = scores.computed(view), scores.numbers(view)
    if code and numbers and scores.against_labels(view):
        reason = "The search is measured on labelled questions, and the numbers are here."
        return yes(reason, *code[:2], *numbers[:3])
    if code and numbers:
        reason = "The search is measured, and no labels were found that it is measured against."
        return partial(reason, *code[:2], *numbers[:3])
    if code:
        reason = "There is code that measures the search, and no number that came out of it."
        return partial(reason, *code[:SHOWN])
    if numbers:
        reason = "Numbers of the search are given, and no code was found that computes them."
        return partial(reason, *numbers[:SHOWN])
    return no("No hit rate, MRR, recall or nDCG of the search was found.")
