"""Whether the labelled items of an evaluation are kept in the repository."""

from scaffolder.review.golden import questions
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.models.codewords import SHOWN
from scaffolder.review.retrieval import items
from scaffolder.review.view import RepoView


def versioned(view: RepoView) -> Reading:
    """Labelled items are in the repository; made at run time, or without their file, partial."""
    asked = tuple(q for q in questions.questions(view) if not items.is_of_a_run(q.path))
    if len(asked) >= items.AT_LEAST:
        said = f"{count(len(asked), 'labelled question')} are in the repository."
        return yes(said, *questions.places(view, asked))
    kept = (*items.files(view), *items.lists(view))
    if kept:
        return yes("Labelled items of an evaluation are in the repository.", *kept[:SHOWN])
    gone = items.absent(view)
    if gone:
        reason = (
            "Git tracks files of labelled items that the folder does not hold: they were not read."
        )
        return partial(reason, *gone)
    bare = items.unlabelled(view)
    if bare:
        reason = "Questions for an evaluation are kept, and nothing says what is expected of each."
        return partial(reason, *bare[:SHOWN])
    made = items.made_at_run_time(view)
    if made:
        reason = "Labelled items are made or fetched when the evaluation runs, and none is kept."
        return partial(reason, *made[:SHOWN])
    return no(
        "No labelled items were found: no golden set, ground truth, qrels or list of cases with "
        "expected answers."
    )
