"""Whether the answers themselves were graded, and what came out."""

import re

from scaffolder.review.answering.grades import graded_rows, numbers
from scaffolder.review.answering.grading import graders, overlaps
from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.codewords import SHOWN
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.view import RepoView

_OF_ANSWERS = re.compile(r"judge|relevan|faithful|grounded|hallucinat|answer", re.IGNORECASE)


def quality_evaluated(view: RepoView) -> Reading:
    """A judge or people grade the answers, and numbers are there; one of both is partial."""
    if not calls(view):
        return without_call(view)
    code, found = graders(view), numbers(view)
    if found and (code or graded_rows(view)):
        return yes("Answers were graded, and the numbers are there.", *found[:3], *code[:2])
    if code:
        reason = (
            "Code grades answers; no number of it was found in results, documents or notebooks."
        )
        return partial(reason, *code[:SHOWN])
    if overlaps(view):
        reason = "Answers are compared with references by shared words; nothing judges them."
        return partial(reason, *overlaps(view)[:SHOWN])
    told = [e for e in found if _OF_ANSWERS.search(e.text)]
    if told:
        return partial("Numbers about answers are told; nothing that grades was found.", *told)
    return no(
        "No answer was graded: a judge, a comparison with a reference answer, labels by people and "
        "rows with grades were looked for."
    )
