"""What a judge is told: one thing to decide, pass or fail, why first, examples it may be shown."""

import re
from collections.abc import Iterator, Sequence

from scaffolder.review.coding import named
from scaffolder.review.judging import labels, prompts, usage, verdicts
from scaffolder.review.judging.labels import DEV, TEST, TRAIN, Label
from scaffolder.review.judging.prompts import Prompt
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.models.codewords import identifiers
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

FEWEST, MOST = 2, 8
"""Examples with a critique; two to four are usual."""

LEAST_WORDS = 5
"""Words from which on a critique in a prompt is no coincidence."""

READ = 0.98
"""Part of the replies that must give a verdict, or else be counted."""

_SCALE = re.compile(
    r"\b(?:scale|score|rate|rating|grade|points?)\b[^.\n]{0,60}?\b(?:0|1)\s?(?:-|\u2013|to|and)\s?(?:3|4|5"
    r"|7|10|100)\b|\b(?:0|1)\s?(?:-|\u2013|to)\s?(?:5|10|100)\b[^.\n]{0,30}\b(?:scale|score|points?)\b"
    r"|out of (?:5|10|100)\b|\blikert\b",
    re.IGNORECASE,
)
_PASS = re.compile(
    r"[`*\"']{0,3}\b(?:pass|yes|true|good)\b[`*\"']{0,3}\s?(?::|=|—|-|\bif\b|\bwhen\b|\bmeans\b)",
    re.IGNORECASE,
)
_FAIL = re.compile(
    r"[`*\"']{0,3}\b(?:fail|no|false|bad)\b[`*\"']{0,3}\s?(?::|=|—|-|\bif\b|\bwhen\b|\bmeans\b)",
    re.IGNORECASE,
)
_WHY = re.compile(r"\b(?:critique|reason(?:ing)?|rationale|explanation|explain|why)\b", re.I)
_PART = re.compile(r"[\"'`](\w{2,30})[\"'`]")
_VERDICTS = {"verdict", "decision", "label", "result", "score", "grade", "judgement", "judgment"}
_KEY = re.compile(r"[\"'](\w{2,30})[\"']\s?:")
_DIMENSIONS = re.compile(
    r"relevan|faithful|helpful|coheren|fluen|accura|complete|concis|tone|ground|correct|clarity"
    r"|safety|style|quality",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"[\"'*`]{0,3}\bcritique\b[\"'*`]{0,3}\s?:\s?[\"'*`]{0,3}\s?\w", re.I)
_UNGRADED = re.compile(
    r"ungraded|unparse|unreadable|invalid_(?:verdict|reply)|parse_(?:error|fail)", re.IGNORECASE
)


def one_thing(view: RepoView) -> Reading:
    """A prompt names one criterion, says what passes and what fails, and asks why first."""
    found = prompts.prompts(view)
    if not found:
        if usage.judged(view) or verdicts.judges(view):
            reason = "A judge decides a metric, and its prompt was not found among the prompts."
            return no(reason, *verdicts.places(view, verdicts.verdicts(view)))
        return usage.without_verdicts(view)
    lacking = [(p, list(_lacks(p.text))) for p in found]
    worst = max(lacking, key=lambda one: len(one[1]))
    places = tuple(view.quote(p.path, p.line) for p, _ in lacking[:3])
    if worst[1]:
        told = f"{clean(worst[0].path, 80)} lacks: {'; '.join(worst[1])}."
        place = view.quote(worst[0].path, worst[0].line)
        return partial(told, place) if len(worst[1]) < 3 else no(told, place)
    return yes("The judge decides one thing, pass or fail, and says why first.", *places)


def shown_from_train(view: RepoView) -> Reading:
    """The judge is shown labelled examples with critiques, and none that it is measured on."""
    found = labels.labels(view)
    if not found:
        return no("No labels of people were found, from which a judge's examples could come.")
    shown = [(p, x) for p in prompts.prompts(view) for x in _leaked(p, found)]
    if shown:
        prompt, label = shown[0]
        whose = f"the label of {clean(label.id, 40)}, which is in {label.split}"
        reason = f"The judge's prompt holds {whose}."
        return no(reason, view.quote(prompt.path, prompt.line), *labels.places(view, [label]))
    in_prompt = max((len(_EXAMPLE.findall(p.text)) for p in prompts.prompts(view)), default=0)
    train = [x for x in labels.held(view, TRAIN) if x.critique]
    places = labels.places(view, train or found, 2)
    if not train:
        return partial(
            "No label with a critique is kept for the judge's examples (train).", *places
        )
    if len({x.good for x in train}) < 2 or len(train) < FEWEST:
        return partial("The examples for the judge hold no pass and fail, each with why.", *places)
    many = f"{in_prompt} in the prompt" if in_prompt else f"{len(train)} to take from"
    return yes(f"Examples with critiques come from labels kept for it: {many}.", *places)


def junk_counted(view: RepoView) -> Reading:
    """Every reply of the judge is a verdict, or is counted as none."""
    every = verdicts.verdicts(view)
    model = [v for v in every if v.model]
    if not every:
        return usage.without_verdicts(view)
    if not model and not usage.has_model(view):
        return usage.waits("Only a rule has judged here; what a model's junk does is not seen.")
    asked = model or list(every)
    unread = [v for v in asked if v.good is None]
    hidden = [v for v in unread if not _is_counted(v.row)]
    code = identifiers(view, _UNGRADED, view.code)
    places = verdicts.places(view, unread or asked)
    told = f"{count(len(asked), 'reply', 'replies')}, {len(unread)} without a verdict"
    if hidden and not code:
        return no(f"{told}; nothing counts those as ungraded.", *verdicts.places(view, hidden))
    if len(unread) > (1 - READ) * len(asked):
        return partial(f"{told}: over {1 - READ:.0%}.", *places)
    return yes(f"{told}.", *places)


def _lacks(text: str) -> Iterator[str]:
    if _SCALE.search(text):
        yield "pass or fail in the place of a scale"
    if _several(text):
        yield "one criterion (it asks for several scores)"
    if not (_PASS.search(text) and _FAIL.search(text)):
        yield "what passes and what fails"
    if not _WHY.search(text):
        yield "a critique"
    elif not _comes_first(text):
        yield "the critique before the verdict"


def _comes_first(text: str) -> bool:
    """Whether the critique is the first of the parts of a reply that are named, if any are."""
    parts = [m[1].lower() for m in _PART.finditer(text)]
    order = [bool(_WHY.match(p)) for p in parts if _WHY.match(p) or p in _VERDICTS]
    return not order or order[0]


def _several(text: str) -> bool:
    """Whether a reply is to hold verdicts on several dimensions."""
    keys = {m[1].lower() for m in _KEY.finditer(text)}
    return len([k for k in keys if _DIMENSIONS.search(k)]) > 1


def _leaked(prompt: Prompt, found: Sequence[Label]) -> Iterator[Label]:
    text = f" {' '.join(map(named.folded, prompt.text.splitlines()))} "
    for label in (x for x in found if x.split in (DEV, TEST)):
        words = named.folded(label.critique)
        if len(words.split()) >= LEAST_WORDS and f" {words} " in text:
            yield label


def _is_counted(row: Row) -> bool:
    """Whether a row says itself that a verdict is missing."""
    said = row.data.get("ungraded")
    return bool(said) or row.text("status").lower() in ("ungraded", "unparsed", "error", "invalid")
