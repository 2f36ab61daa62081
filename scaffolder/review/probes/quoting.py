"""Whether citations point to passages that were retrieved and hold what is quoted."""

import re
from collections.abc import Iterator, Sequence

from scaffolder.review.answering import answerrows
from scaffolder.review.answering.answerrows import Answered
from scaffolder.review.answering.cited import Citation, citations, is_long_enough
from scaffolder.review.golden import corpus
from scaffolder.review.model import Evidence, Reading, count, no, partial, unknown, yes
from scaffolder.review.models.codewords import SHOWN, in_files, place
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

FOUND = 0.95
"""Part of the quotes that must stand in their documents (rubric, RAG-08)."""

FEWEST = 20
"""Quotes below which one that is missing is more than that."""

MOST = 2000
"""Answers whose citations are looked up."""

_QUOTE = re.compile(r"quot|citation|cite|snippet|evidence_?span|\bspan", re.IGNORECASE)
_PASSAGE = re.compile(r"chunk|passage|context|document|docs?$|hits?$|retriev|source", re.IGNORECASE)
_CHECK = re.compile(
    r"(?:verif|valid|check|find|locat|match|ground|filter|support|resolve|confirm|drop|keep)\w{0,12}_?"
    r"(?:quot|citation|cite|source|reference|evidence)|(?:quot|citation|source)\w{0,4}_?"
    r"(?:is_?)?(?:verif|valid|check|match|in_|holds|found|supported|grounded|exists|stands|appears|occurs)",
    re.IGNORECASE,
)
_CHECK_WHOLE = re.compile(
    r"(?:is|has|are)_(?:supported|grounded|cited|quoted|verbatim)|verbatim", re.I
)
_SCRIPT_CHECK = re.compile(
    rf"(?:{_CHECK.pattern})\w{{0,20}}\(|(?:text|content|passage|chunk)\w{{0,12}}"
    r"\.includes\(.{0,40}quot",
    re.IGNORECASE,
)
_SCRIPT_WORDS = ("uote", "itation", "ources")


def rows_hold(view: RepoView) -> Reading:
    """Each citation is looked up: its chunk in the list of its row, its quote in the document."""
    rows = answerrows.every(view)
    if len(rows) > MOST:
        view.skip(rows[MOST].row.path, f"the citations of {MOST:,} answers were looked up")
    made = [(a, citations(view, a)) for a in rows[:MOST]]
    cited = [c for _, found in made for c in found]
    if not rows:
        return no(
            "No rows with answers to the questions were found, so no citation can be looked up."
        )
    if not cited:
        reason = (
            f"{count(len(rows), 'recorded answer')} cite nothing: looked for chunks and quotes."
        )
        return no(reason, *answerrows.places(view, rows[:2]))
    return _broken(view, made) or _unquoted(view, made) or _looked_up(view, cited)


def checked_in_code(view: RepoView) -> Reading:
    """Whether code compares a quote or a cited id with the passages, where answers are made."""
    checks = list(_checks(view))
    used = [e for e, is_called in checks if is_called]
    if used:
        return yes("Code checks a citation against the passages before it is shown.", *used[:3])
    quoting = [p for p in scripts(view) if any(w in view.text(p) for w in _SCRIPT_WORDS)]
    found = in_files(view, _SCRIPT_CHECK, quoting)
    if found:
        return yes("Code checks a citation against the passages before it is shown.", *found[:3])
    if checks:
        reason = "A function that checks citations is there, and only tests call it, if anything."
        return partial(reason, *(e for e, _ in checks[:SHOWN]))
    reason = (
        "No code was found that looks up a quote or a cited passage before the answer is shown."
    )
    return no(reason, *answerrows.places(view, answerrows.every(view)[:1]))


def _broken(view: RepoView, made: Sequence[tuple[Answered, Sequence[Citation]]]) -> Reading | None:
    """A row that cites what is not there, or that cites and declines."""
    for row, found in made:
        if row.declined and found and row.row.data.get("citations"):
            return no("A row is a refusal and cites something.", answerrows.place(view, row))
        for one in found:
            if one.retrieved is False:
                reason = (
                    f"A row cites {clean(one.chunk or one.source, 60) or 'nothing by name'}, which "
                    "is not among the passages that it was given."
                )
                return no(reason, answerrows.place(view, row))
    return None


def _unquoted(
    view: RepoView, made: Sequence[tuple[Answered, Sequence[Citation]]]
) -> Reading | None:
    """What keeps the citations from being looked up at all."""
    given = [(a, found) for a, found in made if a.declined is not True and (a.text or found)]
    bare = [a for a, found in given if not found]
    if len(bare) > (1 - FOUND) * len(given):
        reason = f"{len(bare)} of {count(len(given), 'answer')} that were given cite nothing."
        return partial(reason, *answerrows.places(view, bare[:3]))
    listed = [c for _, found in made for c in found]
    if any(c.retrieved is None for c in listed):
        without = [c.row for c in listed if c.retrieved is None]
        reason = (
            f"{count(len(listed), 'citation')} are there, and the rows do not say which passages "
            "were retrieved, so a made-up one would not be noticed."
        )
        return partial(reason, *answerrows.places(view, without[:2]))
    quoting = [c for c in listed if c.quote]
    if len(quoting) < FOUND * len(listed):
        reason = (
            f"{count(len(listed), 'citation')} name passages that were retrieved; "
            f"{len(listed) - len(quoting)} quote no words, so nothing can be looked up."
        )
        return partial(reason, *answerrows.places(view, [listed[0].row]))
    return None


def _looked_up(view: RepoView, cited: Sequence[Citation]) -> Reading:
    known = any(corpus.find(view, c.source) for c in cited)
    told = [c for c in cited if c.found is not None or (known and not corpus.find(view, c.source))]
    wrong = [c for c in told if not c.found or not is_long_enough(c.quote)]
    if not told:
        reason = (
            f"{count(len(cited), 'quote')} are there, and none could be looked up: their documents "
            "are not in the repository, or are no text."
        )
        verify = "Commit the text that was read from the documents, or the passages with each row."
        return unknown(reason, verify, *answerrows.places(view, [cited[0].row]))
    unread = len(cited) - len(told)
    aside = f" {unread} could not be looked up: their documents are no text." if unread else ""
    reason = (
        f"{len(told) - len(wrong)} of {count(len(told), 'quote')} stand in the documents that they "
        f"name, and every cited passage was among those retrieved.{aside}"
    )
    if len(wrong) > (1 - FOUND) * len(told):
        lost = clean(wrong[0].quote, 80)
        reason = f"{reason} {FOUND:.0%} are asked for; the first that does not is: {lost}"
        return no(reason, *answerrows.places(view, [c.row for c in wrong[:3]]))
    if len(told) < FEWEST:
        return partial(f"{reason} {FEWEST} are asked for.", *answerrows.places(view, [told[0].row]))
    return yes(reason, *answerrows.places(view, [c.row for c in told[:2]]))


def _checks(view: RepoView) -> Iterator[tuple[Evidence, bool]]:
    """Functions named for checking citations, and whether code that is no test calls them."""
    called = {c.name.rpartition(".")[2] for f in view.code for c in f.calls}
    for file in view.code:
        speaks = all(any(p.search(n[:100]) for n in file.names) for p in (_QUOTE, _PASSAGE))
        for made in file.functions:
            name = made.name.rpartition(".")[2][:100]
            if speaks and _is_check(file, name):
                yield place(view, file.path, made.line), name in called


def _is_check(file: PythonFile, name: str) -> bool:
    plain = re.search(r"citation|quot|cite|ground", file.path.lower()[-80:])
    exact = re.fullmatch(
        r"(?:verify|validate|check|supported|verified|held)", name.strip("_"), re.I
    )
    return bool(_CHECK.search(name) or _CHECK_WHOLE.search(name) or (plain and exact))
