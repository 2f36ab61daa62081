"""The model card of a tune: what it is made of, what it is for, its licences, and the way back."""

import re
from collections.abc import Mapping

from scaffolder.review.agentwork import tested
from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.readme.frontpage import page
from scaffolder.review.view import MAX_LINE, RepoView

_CARDS = ("model_card.*", "modelcard.*", "model-card.*", "docs/model*card*", "*/model_card.md")
_PARTS: Mapping[str, re.Pattern[str]] = {
    "the base and its revision": re.compile(
        r"base.{0,120}(?:revision|commit|@|\b[0-9a-f]{7,40}\b|\d\.\d|v\d)|revision", re.IGNORECASE
    ),
    "the data": re.compile(r"\bdata\b|dataset|trained on|rows", re.IGNORECASE),
    "scores with n": re.compile(r"0\.\d+.{0,60}(?:\bn\b|\d{2,})|\bn\s?=\s?\d", re.IGNORECASE),
    "what it is not for": re.compile(
        r"not (?:made |meant |intended )?(?:for|to)\b|limits?|out of scope|should not",
        re.IGNORECASE,
    ),
    "licences": re.compile(r"licen[cs]e", re.IGNORECASE),
    "the way back": re.compile(
        r"way back|roll(?:ed)? ?back|fall(?:s|ing)? ?back|switch(?:ed)? off|revert", re.IGNORECASE
    ),
}
_GAP = re.compile(r"\bTo write:|\bTODO\b|\bTBD\b|\[more information needed\]", re.IGNORECASE)
_BACK = re.compile(
    r"fall\w{0,4}[ -]?back|way back|roll\w{0,4}[ -]?back|replaced by"
    r"|adapter (?:is|was) (?:gone|missing|removed)|without (?:an|the|its) adapter",
    re.IGNORECASE,
)


def filled(view: RepoView) -> Reading:
    """A card with all its parts, and no gap left to fill."""
    paths = [p for p in view.find(*_CARDS) if p.lower().endswith((".md", ".txt", ".rst"))]
    if not paths:
        return no("No model card was found.")
    path = paths[0]
    lines = [(n, s[:MAX_LINE]) for n, s in enumerate(page(view, path).document.shown, 1)]
    gap = next((n for n, text in lines if _GAP.search(text)), 0)
    if gap:
        return no("The model card has parts that nobody filled.", view.quote(path, gap))
    found = {
        name: next((n for n, s in lines if part.search(s)), 0) for name, part in _PARTS.items()
    }
    places = [view.quote(path, n) for n in found.values() if n][:4]
    missing = [name for name, line in found.items() if not line]
    if missing:
        reason = f"The model card does not say {', nor '.join(missing)}."
        return partial(reason, *places) if len(missing) < 3 else no(reason, *places)
    return yes("The model card has base, data, scores, limits, licences and the way back.", *places)


def way_back(view: RepoView) -> Reading:
    """A test takes the adapter away, and something else answers and says so."""
    found = tested.on(view, _BACK)
    if found:
        return yes("A test takes the adapter away.", *found[:2])
    return no("No test shows what answers when the adapter is gone.")
