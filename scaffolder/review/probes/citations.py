"""Whether a reader is shown what an answer rests on."""

from scaffolder.review.answering.citing import asked, returned, shown
from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.codewords import SHOWN
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.view import RepoView


def sources_shown(view: RepoView) -> Reading:
    """The sources stand beside the answer; returned or only asked for is partial."""
    if not calls(view):
        return without_call(view)
    there = shown(view)
    if there:
        return yes("The sources are shown beside the answer.", *there[:SHOWN])
    back = returned(view)
    if back:
        return partial("Sources go back with the answer; no screen shows them.", *back[:SHOWN])
    wanted = asked(view)
    if wanted:
        reason = "The prompt asks the model to cite; the code shows and returns no source."
        return partial(reason, *wanted[:SHOWN])
    return no(
        "No source stands beside an answer: a list of sources on a screen, in the terminal or in "
        "the answer, fields for them and prompts that ask for them were looked for."
    )
