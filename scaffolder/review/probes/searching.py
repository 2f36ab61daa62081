"""How passages are searched for, beyond one index and the question as it was asked."""

from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.codewords import SHOWN
from scaffolder.review.retrieval import indexing, ranking
from scaffolder.review.view import RepoView


def hybrid_rerank_or_rewrite(view: RepoView) -> Reading:
    """Hybrid search, reranking or query rewriting is used; tried or only defined is partial."""
    if not (indexing.retrieves(view) or ranking.asks_standalone(view)):
        return no("Documents are not searched, so there is no search to improve.")
    found = ranking.techniques(view)
    used = [t.evidence for t in found if t.used]
    if used:
        reason = "Hybrid search, reranking or the rewriting of questions is in use."
        return yes(reason, *used[:SHOWN])
    if found:
        return partial(
            "Hybrid search, reranking or rewriting was tried or is defined, and the application "
            "does not use it.",
            *[t.evidence for t in found[:SHOWN]],
        )
    return no(
        "Only one plain search was found: no hybrid search, no reranker, no rewriting of questions."
    )
