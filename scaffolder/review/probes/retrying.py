"""Trying again: only what can pass, as long as told, and not for ever."""

import re

from scaffolder.review.agentwork import runs, tested
from scaffolder.review.model import Reading, count, no, partial, unknown, yes
from scaffolder.review.models.codewords import identifiers, keyword_place
from scaffolder.review.models.modelcalls import calls, clients
from scaffolder.review.results.resultrows import number
from scaffolder.review.view import RepoView

_PASSING = re.compile(
    r"^(?:Transient\w{0,12}|RateLimit\w{0,12}|Overloaded\w{0,8}|is_?retryable|retryable\w{0,8}"
    r"|RETRYABLE\w{0,12}"
    r"|retry_if_exception\w{0,20}|APIConnectionError|InternalServerError|retry_statuses?)$",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"^(?:retry_after\w{0,8}|wait_random\w{0,16}|jitter|wait_exponential\w{0,10}|uniform"
    r"|expovariate)$",
    re.I,
)
_ENDS = re.compile(
    r"^(?:max_retries|max_attempts|stop_after_(?:attempt|delay)|deadline\w{0,4}|max_time"
    r"|total_timeout"
    r"|attempts|num_retries)$",
    re.IGNORECASE,
)
_TESTED = {
    "waits and tries again": re.compile(
        r"retry[- ]?after|429|rate limit|tried again|tries again|retries|waits|overload",
        re.IGNORECASE,
    ),
    "does not try again": re.compile(
        r"not (?:re)?tried|never (?:re)?tried|no retry|not retr|401|400|wrong key"
        r"|refuse[sd]? (?:the )?(?:key|request)"
        r"|bad key|key is (?:refused|wrong)|gives up",
        re.IGNORECASE,
    ),
}
_KEPT = ("attempts", "retries", "tries", "n_attempts")
_VERIFY = "Run the evaluation with a model and keep for each row how many attempts it took."


def policy(view: RepoView) -> Reading:
    """What is tried again is told from what is not, waits grow or are told, and there is an end."""
    if not calls(view):
        return no("No model is called, so nothing is tried again.")
    asked = [c for c in (*calls(view), *clients(view)) if "max_retries" in c.keywords]
    by_sdk = [keyword_place(view, c.path, c.line, ["max_retries"]) for c in asked]
    parts = {
        "what can pass": identifiers(view, _PASSING, view.code),
        "how long to wait": identifiers(view, _TOLD, view.code),
        "when to stop": identifiers(view, _ENDS, view.code),
    }
    lacks = [name for name, some in parts.items() if not some]
    shown = [some[0] for some in parts.values() if some]
    if not lacks:
        return yes("It is told what is tried again, how long to wait, and when to stop.", *shown)
    if by_sdk and any(c.literals.get("max_retries") != 0 for c in asked):
        return yes("The SDK tries again, as often as the code tells it.", *by_sdk[:2])
    if len(lacks) < len(parts):
        return partial(f"Nothing says {' and '.join(lacks)}.", *shown)
    return no("Nothing is tried again, or nothing says what, how long and how often.")


def both_tested(view: RepoView) -> Reading:
    """Tests see a failure that is tried again, and one that is not."""
    found = {kind: tested.on(view, pattern) for kind, pattern in _TESTED.items()}
    shown = [some[0] for some in found.values() if some]
    lacks = [kind for kind, some in found.items() if not some]
    if not lacks:
        return yes("Tests see what is tried again, and what is not.", *shown)
    if shown:
        return partial(f"No test sees that it {lacks[0]}.", *shown)
    return no("No test lets a call fail and counts the attempts.")


def attempts_kept(view: RepoView) -> Reading:
    """A model's rows keep how many attempts they took."""
    every = runs.runs(view)
    if not every:
        return no("No rows of answered questions were found.")
    asked = runs.by_model(view)
    if not asked:
        reason = "No rows of a model were found, so no attempts were counted."
        return unknown(reason, _VERIFY, *runs.spots(view, every, 2), waits_for="model")
    kept = [r for r in asked if any(number(r.row.data.get(k)) is not None for k in _KEPT)]
    if 2 * len(kept) < len(asked):
        return no(
            "The rows of a model do not keep how many attempts they took.",
            *runs.spots(view, asked, 2),
        )
    return yes(
        f"{count(len(kept), 'row')} keep how many attempts they took.", *runs.spots(view, kept, 2)
    )
