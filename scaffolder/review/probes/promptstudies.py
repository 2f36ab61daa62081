"""What was varied about a prompt: its rules, its examples, its reasoning, its messages."""

import re

from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.promptwork import prompts, trials
from scaffolder.review.promptwork.trials import Trial
from scaffolder.review.results import intervals
from scaffolder.review.tunework import splits, told
from scaffolder.review.view import RepoView

_RANDOM = re.compile(r"random|chance|drawn", re.IGNORECASE)
_NO_EXAMPLES = re.compile(r"none|zero|(?:^|[-_])0(?:$|[-_])|without", re.IGNORECASE)
_ORDER = re.compile(r"order|shuffl|permut", re.IGNORECASE)
_REFERENCE = re.compile(
    r"(?:^|[-_])(?:all|full|none|whole|as[-_]?written|plain|original|reference)(?:[-_]|$)",
    re.IGNORECASE,
)
_TYPO = re.compile(r"typo|misspel", re.IGNORECASE)
_WORSE = re.compile(r"typo|capital|order|longer|reword|perturb|punctuation|change", re.IGNORECASE)
_NUMBER = re.compile(r"\d")
FEWEST_CHANGES = 3


def each_rule(view: RepoView) -> Reading:
    """Each rule that the varied version names was left out once."""
    found = trials.trials(view, "ablation")
    if not found:
        return no("No rows of a prompt with a rule left out were found.")
    places = _places(found)
    versions = {v.number: v for v in prompts.versions(view)}
    used = versions.get(next((t.version for t in found if t.version), 0) or 0)
    rules = list(prompts.rules(view, used)) if used else []
    missing = [r for r in rules if not any(r in t.name for t in found)]
    if not any(_REFERENCE.search(t.name) for t in found):
        return no("The whole prompt was not measured beside its parts.", *places)
    if not rules:
        return partial(
            "The rules of the prompt have no names by which they could be left out.", *places
        )
    if missing:
        return partial(f"Not left out: {', '.join(missing[:5])}.", *places)
    return yes(f"Each of {count(len(rules), 'rule')} was left out once.", *places)


def idle_rules(view: RepoView) -> Reading:
    """Of rules without a clear effect the documents say why they stay, or that they went."""
    found = trials.trials(view, "ablation")
    whole = next((t for t in found if _REFERENCE.search(t.name)), None)
    if whole is None or len(found) < 2:
        return no("No rows of a prompt with a rule left out were found.", *_places(found))
    idle = [t for t in found if t is not whole and not _falls(whole, t)]
    names = [t.name.partition("without-")[2] or t.name for t in idle]
    silent = [n for n in names if not told.first(view, re.compile(rf"\b{re.escape(n)}\b"))]
    places = _places((whole, *idle))
    if silent:
        named = ", ".join(silent[:4])
        return partial(f"Without {named} nothing clear changes, and no text says more.", *places)
    return yes(f"{count(len(idle), 'rule')} without a clear effect, each told of.", *places)


def chosen(view: RepoView) -> Reading:
    """Examples were compared: none, several numbers, random ones, several orders."""
    found = trials.trials(view, "examples")
    if not found:
        return no("No rows that compare examples were found.")
    there = {
        "none": any(_NO_EXAMPLES.search(t.name) for t in found),
        "random ones": any(_RANDOM.search(t.name) for t in found),
        "other orders": sum(bool(_ORDER.search(t.name)) for t in found) >= 2,
        "several numbers": len(found) >= 4,
    }
    missing = [name for name, done in there.items() if not done]
    if missing:
        return partial(f"Examples were not compared with {', '.join(missing)}.", *_places(found))
    return yes(f"{len(found)} ways to give examples were compared.", *_places(found))


def examples_unseen(view: RepoView) -> Reading:
    """Examples come from a set of their own that shares nothing with test."""
    train, test = splits.split(view, "train"), splits.split(view, "test")
    if not train or not test:
        return no("No set was found from which examples are taken.")
    place = view.quote(train[0].row.path, train[0].row.line)
    if splits.shared(view) or splits.grouped_twice(view):
        return no("Test items stand among those that examples are taken from.", place)
    return yes(f"Examples are taken from {count(len(train), 'item')} of their own.", place)


def reasoning(view: RepoView) -> Reading:
    """Accuracy, time and tokens with and without reasoning."""
    found = trials.trials(view, "reasoning")
    if len(found) < 2:
        return no("No rows with and without reasoning were found.", *_places(found))
    timed = all(_has(t, ("latency_ms", "seconds")) for t in found)
    counted = all(_has(t, ("usage", "output_tokens", "tokens")) for t in found)
    if not timed or not counted:
        lack = "time" if not timed else "tokens"
        return partial(f"Rows with reasoning do not have their {lack}.", *_places(found))
    return yes(f"{len(found)} amounts of reasoning, each with time and tokens.", *_places(found))


def harmless(view: RepoView) -> Reading:
    """Harmless changes were measured, typos among them."""
    found = trials.trials(view, "perturbed")
    changed = [t for t in found if not _REFERENCE.search(t.name)]
    if not changed:
        return no("No rows of harmlessly changed messages were found.")
    if len(changed) < FEWEST_CHANGES or not any(_TYPO.search(t.name) for t in changed):
        said = f"{count(len(changed), 'harmless change')}; typos and two more are wanted."
        return partial(said, *_places(found))
    return yes(f"{len(changed)} harmless changes were measured.", *_places(found))


def harm_told(view: RepoView) -> Reading:
    """A clear fall by a harmless change is told."""
    found = trials.trials(view, "perturbed")
    plain = next((t for t in found if _REFERENCE.search(t.name)), None)
    if plain is None:
        return no("The messages as they were written were not measured beside.", *_places(found))
    fallen = [t for t in found if t is not plain and _falls(plain, t)]
    line = told.first(view, _WORSE, _NUMBER)
    if fallen and line is None:
        return no(f"{fallen[0].name} is a clear fall, and no document says so.", *_places(fallen))
    return yes(f"{count(len(fallen), 'clear fall')}.", *([line] if line else _places(found)))


def _falls(before: Trial, after: Trial) -> bool:
    values = trials.differences(before, after)
    return bool(values) and intervals.bootstrap(values)[1] < 0


def _has(trial: Trial, keys: tuple[str, ...]) -> bool:
    return any(key in trial.first.data for key in keys)


def _places(found: tuple[Trial, ...] | list[Trial]) -> list[Evidence]:
    return [trial.place for trial in found[:4]]
