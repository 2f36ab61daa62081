"""Text that arrives piece by piece: the first of it timed, the rest of it stopped on demand."""

import re

from scaffolder.review.agentwork import runs, tested
from scaffolder.review.model import Reading, count, no, partial, unknown, yes
from scaffolder.review.models.codewords import place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.results.resultrows import number
from scaffolder.review.view import RepoView

_FIRST = (
    *("first_text_ms", "first_token_ms", "ttft_ms", "ttft", "time_to_first_token", "first_text_s"),
    *("first_token_s", "ttft_s"),
)
_STOPS = re.compile(r"(?:^|\.)(?:KeyboardInterrupt|CancelledError|GeneratorExit|AbortError)$")
_TESTED = re.compile(
    r"cancel|interrupt|ctrl[- ]?c|abort|stopped by|drop(?:ped|s)? (?:stream|line|connection)"
    r"|stream (?:\w{1,9} ){0,3}(?:drop|break|broke|end|fail|cut)",
    re.IGNORECASE,
)
_VERIFY = "Run the evaluation with a model that streams and commit the time to its first text."


def first_text_kept(view: RepoView) -> Reading:
    """Rows of a model keep the time to the first text beside the whole."""
    every = runs.runs(view)
    if not every:
        return no("No rows of answered questions were found.")
    timed = [r for r in every if any((number(r.row.data.get(k)) or 0) > 0 for k in _FIRST)]
    if timed:
        told = f"{count(len(timed), 'row')} keep the time to the first text."
        return yes(told, *runs.spots(view, timed, 2))
    if runs.by_model(view):
        where = runs.spots(view, runs.by_model(view), 2)
        return no("The rows of a model do not keep the time to the first text.", *where)
    reason = "No rows of a model were found, so no first text was timed."
    return unknown(reason, _VERIFY, *runs.spots(view, every, 2), waits_for="model")


def stopped(view: RepoView) -> Reading:
    """Code ends well where a user stops it, and a test stops it or drops the stream."""
    if not calls(view):
        return no("No model is called, so nothing streams.")
    handled = [
        place(view, f.path, h.line)
        for f in view.code
        for h in f.handlers
        if any(_STOPS.search(t) for t in h.types)
    ]
    found = tested.on(view, _TESTED)
    if handled and found:
        return yes("A run that is stopped ends well, and tests stop one.", handled[0], *found[:2])
    if handled or found:
        lacks = "no test stops one" if handled else "no code ends what a user stops"
        return partial(f"A run can be stopped, and {lacks}.", *(handled or found)[:2])
    return no("Nothing handles a user who stops a run, or a stream that is dropped.")
