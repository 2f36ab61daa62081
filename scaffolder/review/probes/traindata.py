"""The data a model was trained on: whose it is, how its labels were checked, how it is balanced."""

import re
from collections.abc import Iterator

from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.ownwork import template_lines
from scaffolder.review.readme import cards
from scaffolder.review.readme.frontpage import page
from scaffolder.review.view import MAX_LINE, RepoView

_TERMS = re.compile(
    r"(?:terms|licen[cs]e|allow\w{0,3}|permit\w{0,3}|may|right\w{0,2})\b.{0,80}"
    r"(?:train|outputs?|model)|(?:outputs?|model|train\w{0,3})\b.{0,80}(?:terms|allow\w{0,3}|permit)"
    r"|no (?:provider'?s? )?(?:model|output|LLM)\b.{0,60}(?:wrote|made|label|used|among)"
    r"|written by (?:hand|people|a person)",
    re.IGNORECASE,
)
_CHECKED = re.compile(
    r"by hand|checked|read again|looked (?:at|through)|second (?:person|time)|re-?labell?ed|audit",
    re.IGNORECASE,
)
_WRONG = re.compile(r"wrong|error|mistake|corrected|changed|agree|mended|differ", re.IGNORECASE)
_BALANCE = re.compile(
    r"balance|share|distribution|per (?:class|label)|\bskew|proportion|as often", re.IGNORECASE
)
_NUMBER = re.compile(r"\d")
_COUNTED = ("*card*.md", "*data*.md", "*balance*", "data/*.md")


def rights(view: RepoView) -> Reading:
    """The card says whose the texts are and whether a model's outputs are among them."""
    if found := cards.said(view, _TERMS):
        return yes("The data card says what may be trained on.", found)
    return no("The data card does not say whether a model wrote rows, nor what its terms allow.")


def labels_checked(view: RepoView) -> Reading:
    """The card says how many labels were checked by hand, and how many were wrong."""
    found = next(_counted(view), None)
    if not found:
        return no("The data card does not say how many labels were checked by hand.")
    near = view.lines(found.path)[max(0, (found.line or 1) - 2) : (found.line or 1) + 2]
    if not any(_WRONG.search(line[:MAX_LINE]) for line in near):
        return partial("Labels were checked, and nothing says how many were wrong.", found)
    return yes("Labels were checked by hand, and the errors are told.", found)


def balanced(view: RepoView) -> Reading:
    """The shares of the labels stand beside each other for training and test."""
    for path in view.find(*_COUNTED)[:10]:
        for table in page(view, path).document.tables:
            head = " ".join(table.header).casefold()
            if "train" in head and "test" in head:
                return yes(
                    "The shares of train and test stand beside each other.",
                    view.quote(path, table.line),
                )
    if found := cards.said(view, _BALANCE):
        said = _NUMBER.search(found.text)
        reason = "The data card speaks of the balance of labels."
        return yes(reason, found) if said else partial(f"{reason[:-1]} without a number.", found)
    return no("Nothing shows how the labels of training and test are spread.")


def _counted(view: RepoView) -> Iterator[Evidence]:
    """The lines of a card, not the template's, that say of a number of labels that it was read."""
    for card, lines in cards.cards(view):
        theirs = template_lines(view, card.path)
        for number, line in lines:
            said = line[:MAX_LINE]
            if number not in theirs and _CHECKED.search(said) and _NUMBER.search(said):
                yield view.quote(card.path, number)
