"""Whether the project declines where its documents hold no answer."""

from scaffolder.review.answering.declining import bars, messages, told, trials
from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.view import RepoView


def declines(view: RepoView) -> Reading:
    """It declines in code or by its prompt, with a threshold or a test; words alone are partial."""
    if not calls(view):
        return without_call(view)
    asked, said = told(view), messages(view)
    if not asked and not said:
        return no(
            "Nothing declines a question: neither a prompt nor a message says that the documents "
            "hold no answer."
        )
    by = [*said[:2], *asked[:2]]
    checked = trials(view)
    if checked:
        reason = "Declining is asked for or coded, and a test or a measured question tries it."
        return yes(reason, *by, *checked[:2])
    raised = bars(view)
    if raised:
        return yes("It declines, and a threshold decides what is good enough.", *by, *raised[:2])
    where = "A message declines" if said else "The prompt asks to decline"
    return partial(f"{where}; no threshold and no test of it was found.", *by)
