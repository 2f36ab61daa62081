"""What a prompt was aimed at: target, sets, looks at test, the reason of each change."""

import re

from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.ownwork import template_lines
from scaffolder.review.promptwork import prompts, trials
from scaffolder.review.readme.decisions import is_draft
from scaffolder.review.tunework import splits
from scaffolder.review.view import RepoView

MOST_LOOKS = 3
"""Versions of a system that may be measured on the test set (the rubric's number)."""

FEWEST = 120
"""Labelled items of all splits together (the rubric's number)."""

_TARGET = re.compile(r"target|criteri|goal|success", re.IGNORECASE)
_NUMBER = re.compile(r"\b0?\.\d+|\b\d{1,3} ?(?:%|per cent|of \d)")
_GAP = re.compile(r"to write", re.IGNORECASE)
_LOOKS = re.compile(r"test_?uses|test_?looks|looks?_at_test|test_?log", re.IGNORECASE)
_STORY = {
    "what it aims at": "aims",
    "why it should work": "because",
    "what was predicted": "predicts",
}
_WORD = re.compile(r"\w+")
_ALIKE = 8


def target(view: RepoView) -> Reading:
    """A document states the number that counts as reached."""
    named = [p for p in view.find("*.md", "*.toml", "*.yml", "*.yaml") if _TARGET.search(p)]
    for path in named[:6]:
        theirs = template_lines(view, path)
        lines = [(n, x) for n, x in enumerate(view.lines(path), 1) if n not in theirs]
        own = [n for n, text in lines if _NUMBER.search(text[:500]) and not _GAP.search(text)]
        if own and not is_draft(view, path):
            return yes("The target is written down with a number.", view.quote(path, own[0]))
    if named:
        return no(f"{named[0]} states no number of the author's.", view.quote(named[0], 1))
    return no("No document states which number counts as reached.")


def sets(view: RepoView) -> Reading:
    """Enough labelled items, in a dev and a test set that share nothing."""
    dev, test = splits.split(view, "dev"), splits.split(view, "test")
    if not dev or not test:
        return no("No labelled items were found in a dev and a test file.")
    train = splits.split(view, "train")
    n = len(dev) + len(test) + len(train)
    place = view.quote(test[0].row.path, test[0].row.line)
    groups = {said.group for said in dev if said.group} & {said.group for said in test}
    if groups:
        return no("A sender of dev stands in test too.", place)
    if n < FEWEST:
        return partial(f"{n} labelled items; {FEWEST} are wanted.", place)
    return yes(f"{n} labelled items, {len(dev)} dev and {len(test)} test.", place)


def looks(view: RepoView) -> Reading:
    """Each look at the test set is written down, and there are few."""
    logs = [p for p in view.files if _LOOKS.search(p)]
    if not logs:
        return no("Nothing records the looks at the test set.")
    rows = [row for _, row in view.rows(logs[0])]
    per = {str(row.get("system")): 0 for row in rows}
    for row in rows:
        per[str(row.get("system"))] += 1
    if not rows:
        return no("The record of looks at the test set is empty.", view.quote(logs[0], 1))
    most = max(per.values())
    if most > MOST_LOOKS:
        said = f"{most} versions were measured on the test set."
        return no(said, view.quote(logs[0], 1))
    return yes(f"The test set was looked at {count(most, 'time')}.", view.quote(logs[0], 1))


def unseen(view: RepoView) -> Reading:
    """No test item stands in a prompt."""
    test = splits.split(view, "test")
    found = prompts.versions(view)
    if not test or not found:
        return no("No test items, or no versions of a prompt, were found.")
    for version in found:
        words = tuple(_WORD.findall(view.text(version.path).casefold()))
        grams = {words[at : at + _ALIKE] for at in range(len(words) - _ALIKE + 1)}
        for said in test:
            mine = (said.words[at : at + _ALIKE] for at in range(len(said.words) - _ALIKE + 1))
            if any(gram in grams for gram in mine):
                reason = f"Test item {said.row.id[:40]} stands in {version.short}."
                return no(reason, view.quote(version.path, 1))
    return yes(
        f"No test item stands in {count(len(found), 'version')}.", view.quote(found[0].path, 1)
    )


def reasons(view: RepoView) -> Reading:
    """Each version after the first names its failure, its reason, what was predicted."""
    later = prompts.versions(view)[1:]
    if not later:
        return no("There is no second version whose reason could be told.")
    told, places = prompts.stories(view), _stories(view)
    if not told:
        return no("No file tells the reason of each version.", *places)
    for version in later:
        said = told.get(version.short, {})
        missing = [name for name, key in _STORY.items() if not said.get(key, "").strip()]
        if missing:
            return partial(f"{version.short} does not say {', nor '.join(missing)}.", *places)
    return yes(f"{count(len(later), 'change')} with aim, reason and prediction.", *places)


def outcomes(view: RepoView) -> Reading:
    """What happened is told of each, and the group it aimed at is one of the rows."""
    later = prompts.versions(view)[1:]
    told, places = prompts.stories(view), _stories(view)
    if not later or not told:
        return no("No file tells what each change did.", *places)
    silent = [v.short for v in later if not told.get(v.short, {}).get("happened", "").strip()]
    groups = _groups(view)
    strange = [
        v.short
        for v in later
        if groups and told.get(v.short, {}).get("aims", "").partition(".")[0] not in groups
    ]
    if strange:
        return partial(f"{strange[0]} aims at a group that no row has.", *places)
    if silent:
        said = f"What happened is not told of {', '.join(silent)}."
        return partial(said, *places) if len(silent) < len(later) else no(said, *places)
    return yes("What happened is told of each change.", *places)


def _groups(view: RepoView) -> set[str]:
    rows = (row for t in trials.trials(view, "versions") for row in t.rows.values())
    found = {row.text("slice") or row.text("category") for row in rows} - {""}
    return {*found, "*"} if found else set()


def _stories(view: RepoView) -> list[Evidence]:
    return [view.quote(path, 1) for path in prompts.story_files(view)[:2]]
