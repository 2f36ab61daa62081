"""How documents come into the index that is searched."""

from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.codewords import SHOWN
from scaffolder.review.retrieval import indexing
from scaffolder.review.retrieval.standing import Standing, is_example, standing
from scaffolder.review.view import RepoView


def scripted(view: RepoView) -> Reading:
    """A script or pipeline fills the index; where only a notebook does, partial."""
    found = (*indexing.writes(view), *indexing.saved(view)) if indexing.retrieves(view) else ()
    written = [e for e in found if standing(e.path) is not Standing.NOTEBOOK]
    scripts = [e for e in written if not is_example(e.path)]
    if scripts:
        return yes("Code fills the index that is searched.", *scripts[:SHOWN])
    if written:
        return partial("Only an example fills an index.", *written[:SHOWN])
    if found:
        return partial("Only a notebook fills the index.", *found[:SHOWN])
    searched = indexing.searches(view)
    if searched and indexing.in_memory(view):
        reason = "The index is made whenever the program starts; no script keeps one."
        return partial(reason, *indexing.in_memory(view)[:SHOWN])
    if searched and indexing.retrieves(view):
        return no("An index is searched, and no code was found that fills it.", *searched[:SHOWN])
    return no(
        "Nothing fills an index: no call of a vector store, a search engine or an index of words "
        "was found."
    )
