"""Error analysis: outputs that were read, failures that were named, and counted, and saturated."""

from collections.abc import Sequence

from scaffolder.review.coding import named, notes, taxonomy
from scaffolder.review.coding.notes import Note
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.readme.frontpage import front, page
from scaffolder.review.results.beside import FAILURES
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

WANTED = 50
"""Outputs to be read before metrics are chosen; a hundred are better (rubric, EVL-01)."""

SOME = 20
"""Readings that are a beginning."""

NAMES = 3
"""Names of failures that make a taxonomy."""

SATURATED = 0.1
"""Part of the last readings that may still bring a new failure (rubric, EVL-01)."""

DISTINCT = 0.5
"""Part of the notes on failures that must differ: one word over and over describes no product."""

COUNTED = 10
"""Readings from which names and counts are an error analysis and no example."""


def read(view: RepoView) -> Reading:
    """Fifty outputs and more were read, each named, with a note of its own on what went wrong."""
    found = notes.notes(view)
    if not found:
        return no(
            "No readings of outputs were found: looked for evals/failures.jsonl, open_codes.csv "
            "and the like, one row an output, with its id and what went wrong."
        )
    said = f"{count(len(found), 'output has', 'outputs have')} a note, of {WANTED} to be read."
    places = notes.places(view, found)
    if len(found) < WANTED:
        return partial(said, *places) if len(found) >= SOME else no(said, *places)
    gone = notes.unknown_traces(view, found)
    if gone is None:
        return partial(
            f"{said} Neither outputs, items nor traces are kept, to read them again.", *places
        )
    if gone:
        ids = ", ".join(clean(n.trace, 30) for n in gone[:3])
        reason = f"{said} Of {len(gone)} no output, item or trace is kept: {ids}."
        return no(reason, *notes.places(view, gone))
    return _in_own_words(view, found, said)


def counted(view: RepoView) -> Reading:
    """The failures that were named are defined, and the counts shown are those of the notes."""
    counts = notes.counts(view)
    if len(counts) < NAMES:
        names = ", ".join(clean(c, 40) for c in counts)
        many = count(len(counts), "failure is", "failures are")
        reason = f"{many} named{f' ({names})' if names else ''}; {NAMES} make a taxonomy."
        return no(reason, *notes.places(view, notes.failures(view)))
    known = taxonomy.categories(view)
    undefined = [c for c in counts if c not in known or not known[c].means]
    if undefined:
        reason = (
            f"No taxonomy says what is meant by {', '.join(clean(c, 40) for c in undefined[:4])}."
        )
        return partial(reason, *notes.places(view, notes.failures(view), 2))
    wrong = [c for n, c in known.items() if c.count is not None and c.count != counts.get(n, 0)]
    if wrong:
        held = counts.get(named.folded(wrong[0].name), 0)
        name = clean(wrong[0].name, 40)
        reason = f"The taxonomy counts {name} {wrong[0].count} times, the notes {held}."
        return no(reason, wrong[0].evidence)
    told = [known[c] for c in counts if known[c].count is not None]
    places = (*notes.places(view, notes.failures(view), 2), *(known[c].evidence for c in counts))[
        :6
    ]
    listed = ", ".join(f"{clean(n, 40)} {v}" for n, v in _commonest(counts))
    if len(told) < len(counts):
        return partial(f"Named and defined, but the counts are not shown: {listed}.", *places)
    return yes(f"Named, defined and counted: {listed}.", *places)


def saturated(view: RepoView) -> Reading:
    """Of the last twenty readings under a tenth brought a failure that was new."""
    found = notes.notes(view)
    if len(found) < 2 * notes.LAST:
        reason = (
            f"{count(len(found), 'reading')}: too few to say that more would bring nothing new."
        )
        return no(reason, *notes.places(view, found))
    fresh = notes.fresh(found)
    said = f"Of the last {notes.LAST} readings {fresh} brought a failure that was new."
    places = notes.places(view, found[-notes.LAST :], 2)
    if fresh >= SATURATED * notes.LAST:
        return no(f"{said} Read on until that is under {SATURATED:.0%}.", *places)
    return yes(said, *places)


def error_taxonomy(view: RepoView) -> Reading:
    """Fact: failures are named and counted; examples of failures are partial."""
    counts, read = notes.counts(view), notes.failures(view)
    if len(counts) > 1 and sum(counts.values()) >= COUNTED:
        listed = ", ".join(f"{clean(n, 40)} {v}" for n, v in _commonest(counts))
        return yes(f"Failures were read, named and counted: {listed}.", *notes.places(view, read))
    known = [c for c in taxonomy.categories(view).values() if c.count]
    if len(known) > 1:
        return yes("Failures are named and counted.", *(c.evidence for c in known[:3]))
    named_only = list(taxonomy.categories(view).values())
    some = notes.notes(view)
    if named_only or some:
        places = (*(c.evidence for c in named_only[:2]), *notes.places(view, some, 2))
        return partial("Failures are noted or named, and not counted.", *places)
    told = _told(view)
    if told:
        return partial("Examples of failures are described, and no names and counts.", *told)
    return no("No failures are named: neither notes on outputs, nor a taxonomy, nor examples.")


def _in_own_words(view: RepoView, found: Sequence[Note], said: str) -> Reading:
    """Notes that only repeat a name, or each other, say nothing of this product."""
    wrong = [n for n in found if n.failure]
    texts = {t for n in wrong if (t := named.folded(n.text)) and t != named.folded(n.failure)}
    places = notes.places(view, wrong or found)
    if wrong and len(texts) < DISTINCT * len(wrong):
        reason = (
            f"{said} But {count(len(wrong), 'failure')} have {count(len(texts), 'different note')}."
        )
        return partial(reason, *places)
    return yes(f"{said} {count(len(wrong), 'of them names', 'of them name')} a failure.", *places)


def _commonest(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: -one[1])[:6]


def _told(view: RepoView) -> tuple[Evidence, ...]:
    first = front(view)
    paths = [*([first.path] if first else []), *view.find("*fail*.md", "*error*analysis*.md")[:5]]
    found = [(p, s) for p in paths for s in page(view, p).document.sections(FAILURES)]
    return tuple(view.quote(p, s.heading.line) for p, s in found if s.end - s.start > 2)[:3]
