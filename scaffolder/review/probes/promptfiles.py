"""Prompts as files: versions, one door, their build, the version that answers and the way back."""

import re

from scaffolder.review.agentwork import tested
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.promptwork import prompts, trials
from scaffolder.review.promptwork.prompts import Version
from scaffolder.review.results import resultrows
from scaffolder.review.view import RepoView

LONGEST = 200
"""Characters of a text in code from which on it is a prompt of its own (the rubric's number)."""

MOST_AFTER = 4
"""Lines that may stand behind the first value that changes, such as the end of its slot."""

_NONE = "No versions of a prompt were found as files, such as prompts/NAME/v1.md."
_ORDERS = re.compile(
    r"\byou are (?:a|an|the)\b|\byour task\b|^#+ ?(?:role|task|rules)\b", re.IGNORECASE
)
_PARTS = {
    "the role": re.compile(r"^#+ *(?:role|who you are)|\byou (?:are|work)\b", re.IGNORECASE),
    "the task": re.compile(r"^#+ *task|\byour task\b", re.IGNORECASE),
    "the rules": re.compile(r"^#+ *(?:rules|policy|guidelines)", re.IGNORECASE),
    "where the data stands": re.compile(
        r"^#+ *(?:data|input|message|document)|stands? between <|</?\w+>", re.IGNORECASE
    ),
    "the form of the output": re.compile(
        r"^#+ *(?:output|format|answer|reply)|\bjson\b", re.IGNORECASE
    ),
}
_SLOT = re.compile(r"\{\{?\s*[a-z_]+\s*\}?\}")
_LOCK = re.compile(r"lock|active|current|pinned", re.IGNORECASE)
_BACK = re.compile(r"roll(?:s|ed|ing)? ?back|way back|older version|goes? back", re.IGNORECASE)


def versioned(view: RepoView) -> Reading:
    """At least two versions of a prompt are files that say which they are."""
    found = prompts.versions(view)
    if not found:
        return no(_NONE)
    places = [view.quote(v.path, 1) for v in found[:3]]
    bare = [v for v in found if not prompts.headed(view, v)]
    if bare:
        return partial(f"{bare[0].path} does not say its id and version.", *places)
    if len(found) < 2:
        return partial("There is one version of a prompt.", *places)
    return yes(f"{len(found)} versions of a prompt are files with id and version.", *places)


def only_door(view: RepoView) -> Reading:
    """No long instruction stands in the code."""
    for file in view.code:
        for text in file.texts:
            if len(text.value) > LONGEST and _ORDERS.search(text.value):
                return no(
                    "An instruction to a model stands in the code.",
                    view.quote(file.path, text.line),
                )
    found = prompts.versions(view)
    return yes("No instruction stands in the code.", *_first(view, found)) if found else no(_NONE)


def told_of(view: RepoView) -> Reading:
    """Each version has an entry in a changelog."""
    found = prompts.versions(view)
    if not found:
        return no(_NONE)
    files = prompts.story_files(view)
    if not files:
        return no("No changelog of the prompt was found.", *_first(view, found))
    text = "\n".join(view.text(path) for path in files).lower()
    missing = [v.short for v in found if not re.search(rf"\b{v.short}\b", text)]
    places = [view.quote(path, 1) for path in files[:2]]
    if missing:
        return partial(f"The changelog does not name {', '.join(missing)}.", *places)
    return yes(f"The changelog has all {count(len(found), 'version')}.", *places)


def built(view: RepoView) -> Reading:
    """The newest version has its parts: role, task, rules, data, output."""
    found = prompts.versions(view)
    if not found:
        return no(_NONE)
    lines = list(enumerate(view.lines(found[-1].path), 1))
    where = {
        name: next((n for n, text in lines if part.search(text[:300])), 0)
        for name, part in _PARTS.items()
    }
    missing = [name for name, line in where.items() if not line]
    places = [view.quote(found[-1].path, line) for line in where.values() if line]
    if missing:
        said = f"{found[-1].short} does not show {', nor '.join(missing)}."
        return partial(said, *places) if len(missing) < 3 else no(said, *places)
    return yes(f"{found[-1].short} has role, task, rules, data and output.", *places)


def stable_first(view: RepoView) -> Reading:
    """Nothing that changes stands before what never does."""
    found = prompts.versions(view)
    if not found:
        return no(_NONE)
    lines = view.lines(found[-1].path)
    slots = [n for n, text in enumerate(lines, 1) if _SLOT.search(text[:300])]
    after = [text for text in lines[slots[0] :] if text.strip()] if slots else []
    if len(after) > MOST_AFTER:
        place = view.quote(found[-1].path, slots[0])
        return partial("A value that changes stands before rules that do not.", place)
    return yes("What changes stands last.", *_first(view, found[-1:]))


def on_rows(view: RepoView) -> Reading:
    """Rows say which version of which prompt made them."""
    measured = [t for t in trials.trials(view, "versions") if t.first.text("model")]
    rows = [t.first for t in measured] or [
        row
        for path in resultrows.result_files(view)[:20]
        for row in resultrows.rows(view, path)[:1]
        if row.text("model")
    ]
    if not rows:
        return no("No rows of a model were found that could name a prompt.")
    named = [row for row in rows if re.search(r"@|v\d", row.text("prompt"))]
    place = view.quote(rows[0].path, rows[0].line)
    if not named:
        return no("Rows do not name the version of the prompt.", place)
    if len(named) < len(rows):
        return partial("Some rows do not name the version of the prompt.", place)
    return yes("Each row names the prompt and its version.", place)


def locked(view: RepoView) -> Reading:
    """A small file says which version answers, and a test goes back to an older one."""
    near = [p for p in view.files if "prompt" in p.lower() and _LOCK.search(p)]
    near = [p for p in near if not p.endswith(".py")]
    test = tested.on(view, _BACK)
    if not near:
        return no("No file says which version of the prompt answers.")
    if not test:
        return partial("No test goes back to an older version.", view.quote(near[0], 1))
    return yes("A file names the version that answers, and a test goes back.", test[0])


def _first(view: RepoView, found: tuple[Version, ...]) -> list[Evidence]:
    return [view.quote(version.path, 1) for version in found[:1]]
