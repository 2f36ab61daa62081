"""How documents are cut into chunks, and why so."""

from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.codewords import SHOWN
from scaffolder.review.retrieval import cutting, indexing
from scaffolder.review.view import RepoView


def reasoned(view: RepoView) -> Reading:
    """Chunks have parameters and a reason or a comparison; with parameters alone, partial."""
    if not indexing.retrieves(view):
        return no("Documents are not searched, so nothing is cut into chunks.")
    cuts, reasons = cutting.cuts(view), cutting.reasons(view)
    if cuts and reasons:
        shown = (*cuts[:3], *reasons[:2])
        return yes("Documents are cut into chunks, and it is said why so.", *shown)
    if cuts:
        return partial(
            "Documents are cut into chunks, and neither a comment nor a document says why so; no "
            "other setting was compared.",
            *cuts[:SHOWN],
        )
    return no("Nothing cuts documents into chunks: no splitter, chunk size or overlap was found.")
