"""No test item in training: recomputed from the rows, split by group, and watched by a test."""

import re

from scaffolder.review.agentwork import tested
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.tunework import splits
from scaffolder.review.tunework.splits import Said
from scaffolder.review.view import RepoView

MOST_NEAR = 0.005
"""Share of test rows that may nearly stand in training (the rubric's half a per cent)."""

_SCAN = re.compile(
    r"leak|contaminat|overlap|near.?(?:copy|duplicate)|duplicate|(?:test|held.?out)\b.{0,40}\btrain",
    re.IGNORECASE,
)


def none_shared(view: RepoView) -> Reading:
    """No row of test stands in training, whole, with 13 words in a row, or nearly."""
    missing = _missing(view)
    if missing:
        return missing
    test = splits.split(view, "test")
    found = splits.shared(view)
    near = [one for one in found if one.kind == "near"]
    sure = [one for one in found if one.kind != "near"]
    if sure or len(near) > MOST_NEAR * len(test):
        one = (sure or near)[0]
        reason = f"{count(len(found), 'test row')} of {len(test)} stand in training too."
        return no(reason, _place(view, one.test), _place(view, one.train))
    rest = f", {len(near)} nearly" if near else ""
    many = f"None of {len(test)} test rows stands in {len(splits.split(view, 'train'))} of training"
    return yes(f"{many}{rest}.", _place(view, test[0]))


def by_group(view: RepoView) -> Reading:
    """Rows name what they come from, and no group is in both."""
    missing = _missing(view)
    if missing:
        return missing
    twice = splits.grouped_twice(view)
    test = splits.split(view, "test")
    if twice:
        return no(
            f"{count(len(twice), 'test row')} come from a group of training.",
            _place(view, twice[0]),
        )
    if not all(said.group for said in test):
        return partial(
            "Test rows do not say which sender or document they are of.", _place(view, test[0])
        )
    return yes(f"No group of the {len(test)} test rows is in training.", _place(view, test[0]))


def scanned(view: RepoView) -> Reading:
    """A test looks for what training and test share."""
    found = tested.on(view, _SCAN)
    if found:
        return yes("A test fails where training holds a test item.", *found[:2])
    return no("No test looks for test items in training.")


def _missing(view: RepoView) -> Reading | None:
    for name in ("train", "test"):
        if not splits.split(view, name):
            return no(f"No rows of data were found in a file named {name}.")
    return None


def _place(view: RepoView, said: Said) -> Evidence:
    return view.quote(said.row.path, said.row.line)
