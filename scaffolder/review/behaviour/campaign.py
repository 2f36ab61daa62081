"""All tries of a project, one after another, each after its control.

Invariant: every try ends in one reading; a try that could not be made says why and accuses nobody.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from scaffolder.errors import BrokenTemplate, Interrupted
from scaffolder.review.behaviour import bench, cache
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.model import ControlFailed, Declared, NotApplicable, NotDeclared
from scaffolder.review.model import Answer, Reading, Try, not_applicable, unknown
from scaffolder.review.view import RepoView
from scaffolder.sandbox import Box

Attempt = Callable[..., Reading]


@dataclass(frozen=True)
class Manner:
    """How the tries are made: in which sandbox, who hears of it, who may end it."""

    box: Box
    tell: Callable[[str], None]
    is_stopped: Callable[[], bool]


def attempt(each: Try) -> Attempt:
    """The function that a try names; BrokenTemplate where there is none."""
    module, _, name = each.call.partition(".")
    try:
        found = getattr(importlib.import_module(f"scaffolder.review.behaviour.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise BrokenTemplate(f"{each.id} names {each.call}, which is not there") from error
    return cast(Attempt, found)


def kept(tries: Sequence[Try], keys: Mapping[str, str]) -> Mapping[str, Reading]:
    """What is known already: the tries whose result was kept for this very content."""
    found = {each.id: cache.read(keys[each.id]) for each in tries}
    return {name: reading for name, reading in found.items() if reading is not None}


def keys(tries: Sequence[Try], view: RepoView, declared: Declared, box: str) -> Mapping[str, str]:
    """The name under which the result of each try is kept."""
    venv = view.root / ".venv"
    return {each.id: cache.key(each, view, declared, venv, box) for each in tries}


def make(
    tries: Sequence[Try], view: RepoView, declared: Declared, manner: Manner
) -> Mapping[str, Reading]:
    """The reading of every try, by id: kept ones at once, the others by running the project.

    Interrupted where it was stopped; what was seen until then is kept.
    """
    named = keys(tries, view, declared, manner.box.name)
    known = dict(kept(tries, named))
    left = [each for each in tries if each.id not in known]
    if not left:
        return known
    with bench.opened(view, declared, manner.box, manner.tell, manner.is_stopped) as opened:
        for number, each in enumerate(left, 1):
            if manner.is_stopped():
                raise Interrupted("stopped; what was seen so far is kept.")
            manner.tell(f"[{number}/{len(left)}] {each.id}: {each.fault}")
            known[each.id] = found = _made(each, opened)
            if _lasts(found) and not manner.is_stopped():
                cache.write(named[each.id], found)
    return known


def _lasts(found: Reading) -> bool:
    """Whether a result holds as long as nothing changes; a control may fail for its moment."""
    return found.answer is not Answer.UNKNOWN or found.waits_for == "declaration"


def _made(each: Try, opened: Bench) -> Reading:
    try:
        return attempt(each)(opened, **each.args)
    except NotDeclared as error:
        reason = f"{each.id} ({each.fault}) was not tried: {error}"
        verify = "Declare it in scaffold.toml; `scaffold init-review PATH` drafts one."
        return unknown(reason, verify, waits_for="declaration")
    except NotApplicable as error:
        return not_applicable(f"{each.id} does not speak of this project: {error}", "")
    except ControlFailed as error:
        reason = f"control failed: {error.reason}, without any fault."
        verify = "Make the command work by itself first, then run the review again."
        return unknown(reason, verify, *error.evidence, waits_for="control")
