"""Outputs that somebody read, and what that person wrote of each.

Invariant: a row counts as read where it says something of an output, be it that nothing was wrong;
one that waits to be filled in does not. Rows of the template count only where there are no others.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.coding import named
from scaffolder.review.golden import fields, labelfiles
from scaffolder.review.model import Evidence
from scaffolder.review.ownwork import SAMPLE_ORIGIN
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

LAST = 20
"""Readings, the latest, that are asked whether reading on still brings something new."""

MAX_TRACES = 5_000

_FILES = re.compile(
    r"open[-_ ]?cod|axial|(?:^|[/_-])cod(?:es|ed|ing)[^/]{0,40}$|failures?[^/]{0,40}$"
    r"|error[-_ ]?analysis|trace[-_ ]?(?:notes|review)|annotat",
    re.IGNORECASE,
)
TRACE = (
    *("trace_id", "trace", "id", "item_id", "run_id", "conversation_id", "session_id"),
    *("request_id", "message_id", "case_id", "question_id", "qid", "example_id"),
)
_TEXT = (
    *("note", "notes", "open_code", "open_codes", "first_failure", "what_went_wrong"),
    *("failure_note", "observation", "observations", "comment", "remark", "critique"),
    *("description", "finding", "free_text"),
)
_FAILURE = (
    *("failure", "category", "axial_code", "failure_mode", "failure_category", "failure_type"),
    *("error_type", "error_category", "theme", "cluster", "group", "code", "label", "mode"),
)
_FINE = {
    *("none", "ok", "okay", "fine", "pass", "good", "correct", "no failure", "no error"),
    *("no issue", "nothing", "nothing wrong", "no problem", "n a", "acceptable", "success"),
}
_TRACES = re.compile(r"(?:^|/)(?:traces?|transcripts?|conversations?|logs)/[^/]{1,200}$", re.I)


@dataclass(frozen=True)
class Note:
    """One reading: which output, what was written of it, and the name of its failure.

    `text` may be "" for an output without a fault; `failure` is "" there and where none was named.
    """

    row: Row
    trace: str
    text: str
    failure: str

    @property
    def output(self) -> tuple[str, str, str]:
        """What was read: the same output read twice is one."""
        return self.trace, self.row.text("system"), self.row.text("trial")


def notes(view: RepoView) -> tuple[Note, ...]:
    """Every reading in the order of the file, the last of each output; the author's if any."""
    return view.once(_notes)


def failures(view: RepoView) -> list[Note]:
    """The readings that name a failure."""
    return [n for n in notes(view) if n.failure]


def counts(view: RepoView) -> dict[str, int]:
    """How often each failure was named, by its folded name, in order of first occurrence."""
    found: dict[str, int] = {}
    for note in failures(view):
        key = named.folded(note.failure)
        found[key] = found.get(key, 0) + 1
    return found


def fresh(read: Sequence[Note]) -> int:
    """How many of the last LAST readings named a failure for the first time."""
    last = max(0, len(read) - LAST)
    seen = {named.folded(n.failure) for n in read[:last]} | {""}
    new = {named.folded(n.failure) for n in read[last:]} - seen
    return len(new)


def unknown_traces(view: RepoView, read: Sequence[Note]) -> list[Note] | None:
    """The readings of outputs that are nowhere; None where no output or item is kept at all."""
    known = view.once(_traces)
    if not known:
        return None
    return [n for n in read if n.trace not in known]


def places(view: RepoView, some: Sequence[Note], most: int = 3) -> tuple[Evidence, ...]:
    """Where the first of some readings stand."""
    return tuple(view.quote(n.row.path, n.row.line) for n in some[:most])


def _notes(view: RepoView) -> tuple[Note, ...]:
    read = [note for row in _rows(view) for note in _note(row)]
    own = [n for n in read if n.row.text("origin") != SAMPLE_ORIGIN] or read
    last = {n.output: n for n in own}
    return tuple(n for n in own if last[n.output] is n)


def _rows(view: RepoView) -> Iterator[Row]:
    place = manifest_paths(view).get("failures", "")
    listed = [f for f in view.files if below(f, place) and f.endswith(named.ROW_ENDS)]
    for path in listed or named.files(view, _FILES, named.ROW_ENDS):
        yield from resultrows.rows(view, path)


def _note(row: Row) -> Iterator[Note]:
    """The reading of a row; none where it names no output, or says nothing of it."""
    data = named.fields(row.data)
    trace = named.text(data, TRACE)
    said = [(k, v) for k in _FAILURE if (v := named.as_text(data.get(k)))]
    text = named.text(data, _TEXT)
    if not text and len(said) > 1:
        text, said = said[0][1], said[1:]
    failure = said[0][1] if said else ""
    if trace and (text or failure):
        is_fine = named.folded(failure or text) in _FINE
        yield Note(row, trace, text, "" if is_fine else failure)


def _traces(view: RepoView) -> frozenset[str]:
    """Ids of everything that could be read: recorded outputs, items, files of traces."""
    found: set[str] = set()
    read = {n.row.path for n in notes(view)}
    for path in [f for f in resultrows.result_files(view) if f not in read]:
        found |= {t for r in resultrows.rows(view, path) if (t := named.text(r.data, TRACE))}
    for path in [f for f in labelfiles.paths(view) if f not in read]:
        found |= {i for _, row in labelfiles.rows(view, path) if (i := fields.text(row, fields.ID))}
    for path in [f for f in view.files if _TRACES.search(f)][:MAX_TRACES]:
        found.add(path.rpartition("/")[2].rpartition(".")[0])
        if path.endswith((".jsonl", ".csv")):
            found |= {named.text(r.data, TRACE) for r in resultrows.rows(view, path)}
    return frozenset(found) - {""}
