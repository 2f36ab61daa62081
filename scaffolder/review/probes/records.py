"""What the author wrote down: decisions with what decided them, and failures that were read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scaffolder.manifest import MANIFEST
from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.model import Evidence, Reading, count, no, partial, quote, yes
from scaffolder.review.readme.decisions import records as kept
from scaffolder.review.readme.entries import Entry, entries, results_linked, text_of
from scaffolder.review.readme.frontpage import Page, front, page
from scaffolder.review.results import quoted
from scaffolder.review.results.beside import FAILURES
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

WANTED = 3
"""Records, and described failures, that are wanted (rubric, COM-07 and COM-08)."""

READ = 30
"""Results to be read and named before anything is changed (curriculum, RAG and evaluation)."""

_PARTS = {
    "context": re.compile(r"context|background|problem|why|situation|contexto|kontext|背景", re.I),
    "options": re.compile(
        r"option|alternative|considered|candidates|compared|rejected|opciones|方案", re.I
    ),
    "decision": re.compile(r"decision|decided|chosen|outcome|we chose|decisi[oó]n|决定|决策", re.I),
    "consequence": re.compile(
        r"consequence|cost|trade-?off|implication|impact|downside|consecuencia|后果", re.I
    ),
}
_OPTION = re.compile(r"^\s*(?:[-*+]|\d{1,2}[.)])\s+\S|^#{3,6}\s|^\|(?!\s*[-:])", re.M)
_HAS_NUMBER = re.compile(r"\d")
_LIMITS = re.compile(r"limitation|limits\b|caveat|known issues|weakness|limitaciones|局限", re.I)
_INPUT = re.compile(
    r"[\"“«\u2018'`„]\s?\S[^\"”»\u2019`]{4,300}[\"”»\u2019'`]|\b(?:input|question|query|prompt"
    r"|asked|q)\s?[:|]"
    r"|\b(?:input|question|query)\b[^\n]{0,80}\|",
    re.I,
)
_OUTPUT = re.compile(
    r"\b(?:answer(?:s|ed)?|return(?:s|ed)|output|replie[sd]|said|says|gave|gives|got|instead"
    r"|expected|hallucinat\w+|invent(?:s|ed)|refuse[sd]?|declin(?:es|ed)|"
    r"claim(?:s|ed)|responded|cites?|cited|quoted|came out|wrong)\b|→|->|respuesta|回答",
    re.I,
)
_CAUSE = re.compile(
    r"\b(?:because|cause[sd]?|why|due to|since|suspect\w*|reason|likely|probably|stems? from"
    r"|comes? from|hypothesis|root)\b|causa|原因",
    re.I,
)
_TRIED = re.compile(
    r"\b(?:tried|try|trying|fix(?:ed|es)?|mitigat\w+|attempt\w*|changed|added|raised|lowered"
    r"|switched|tested|next|did not help|no effect|helped|worked|untried|open)\b|intent[eé]|尝试",
    re.I,
)
_ROW = re.compile(
    r"`([A-Za-z]{0,12}[-_]?\d{1,6}[\w-]{0,20})`|\b(?:row|item|trace|id|run)\s[`#]?([\w-]{1,40})",
    re.I,
)


def decisions(view: RepoView) -> Reading:
    """Whether decisions are recorded with options, the evidence that decided, and its price."""
    distinct = {view.text(p): p for p in reversed(kept(view))}
    records = [page(view, p) for p in sorted(distinct.values())]
    if not records:
        return no(
            "No decision record was found in docs/decisions, docs/adr or the like; "
            "forms and drafts are none."
        )
    lacking = {r.path: _lacks(view, r) for r in records}
    full = [r for r in records if not lacking[r.path]]
    if len(full) >= WANTED:
        reason = f"{len(full)} decisions are recorded with options, evidence and consequence."
        return yes(reason, *(_first_line(view, r.path) for r in full[:5]))
    first = next((p for p, missing in lacking.items() if missing), None)
    said = f" The first that is not complete lacks {', '.join(lacking[first])}." if first else ""
    reason = (
        f"Of {count(len(records), 'decision record')} {len(full)} "
        f"{'is' if len(full) == 1 else 'are'} complete; {WANTED} are wanted.{said}"
    )
    places = [_first_line(view, p) for p in ([first] if first else []) + [r.path for r in full[:3]]]
    enough = full or any(len(missing) < 3 for missing in lacking.values())
    return partial(reason, *places) if enough else no(reason, *places)


def where_it_fails(view: RepoView) -> Reading:
    """Whether real failures are shown: input, output, cause, what was tried, and the row."""
    found = list(_failures(view))
    told = {e.text: (p, e) for p, e in reversed(found)}
    complete = [(p, e) for p, e in reversed(told.values()) if not _unsaid(view, e)]
    if len(complete) >= WANTED:
        return _described(view, complete)
    concrete = [(p, e) for p, e in found if _INPUT.search(e.text) and _OUTPUT.search(e.text)]
    if concrete:
        where, entry = next(((p, e) for p, e in concrete if _unsaid(view, e)), concrete[0])
        missing = _unsaid(view, entry)
        is_told = "is" if len(complete) == 1 else "are"
        lacks = f" This one lacks {', '.join(missing)}." if missing else ""
        reason = f"Of {WANTED} failures wanted, {len(complete)} {is_told} described in full.{lacks}"
        return partial(reason, view.quote(where.path, entry.line))
    named = _named(view)
    if not named:
        return _only_limits(view)
    shows = f"no document shows {WANTED} of them"
    if len(named) >= READ:
        return partial(f"{len(named)} results read are named, and {shows}.", *named[:5])
    reason = (
        f"{count(len(named), 'result')} of {READ} to be read {'is' if len(named) == 1 else 'are'}"
    )
    return no(f"{reason} named, and {shows}.", *named[:5])


def _described(view: RepoView, complete: Sequence[tuple[Page, Entry]]) -> Reading:
    """Failures that are shown, and counted where the manifest says that they are."""
    reason = f"{len(complete)} failures are described, each with its row or trace."
    places = [view.quote(p.path, e.line) for p, e in complete[:5]]
    file, named = manifest_paths(view).get("failures"), _named(view)
    if file is None or len(named) >= WANTED:
        return yes(reason, *places, *named[:1])
    there = f"names {count(len(named), 'result')}" if view.has(file) else "is not there"
    said = f"{clean(file, 80)}, where {MANIFEST} says that results read are named, {there}"
    return partial(f"{reason} But {said}; {WANTED} are wanted.", *places)


def _named(view: RepoView) -> list[Evidence]:
    """The rows of the failures file that say something of a result: two texts beside its id."""
    file = manifest_paths(view).get("failures", "")
    paths = [f for f in view.files if below(f, file) and f.endswith(".jsonl")]
    read = ((p, n, row) for p in paths for n, row in view.rows(p))
    return [view.quote(p, n) for p, n, row in read if _says(row)]


def _says(row: Mapping[str, Any]) -> bool:
    texts = [v for k, v in row.items() if k != "id" and isinstance(v, str) and v.strip()]
    return "id" in row and len(texts) > 1


def _lacks(view: RepoView, record: Page) -> list[str]:
    """The parts that a record does not have, in the words of the report."""
    missing = [name for name, pattern in _PARTS.items() if not _part(record, pattern)]
    options = _part(record, _PARTS["options"])
    if options and len(_OPTION.findall(options)) < 2 and "options" not in missing:
        missing.append("a second option")
    linked = results_linked(view, record, 1, len(record.document.shown) + 1)
    whole = text_of(record, 1, len(record.document.shown) + 1)
    if not linked or not _HAS_NUMBER.search(whole):
        missing.append("a number with a link to the results that decided")
    elif odd := quoted.wrong(view, record, linked):
        missing.append(f"rows that give {clean(odd[0].text, 20)} ({clean(odd[0].metric, 30)})")
    return missing


def _part(record: Page, pattern: re.Pattern[str]) -> str:
    """The text below the headings, or after the bold word, that name a part."""
    sections = [s for s in record.document.sections(pattern) if s.heading.level > 1]
    text = "\n".join(text_of(record, s.start, s.end) for s in sections).strip()
    if text:
        return text
    marked = [n for n, t in enumerate(record.document.shown, 1) if t.lstrip("-* ").startswith("**")]
    named = [n for n in marked if pattern.search(record.document.shown[n - 1][:60])]
    return "\n".join(text_of(record, n, min(n + 12, len(record.document.shown) + 1)) for n in named)


def _failures(view: RepoView) -> Iterator[tuple[Page, Entry]]:
    for where in _pages(view):
        for section in where.document.sections(FAILURES):
            if (
                section.heading.level == 1
                and len(where.document.headings) > 1
                and where == front(view)
            ):
                continue
            yield from ((where, e) for e in entries(view, where, section))


def _pages(view: RepoView) -> Iterator[Page]:
    first = front(view)
    if first:
        yield first
    for path in view.find("*fail*.md", "*error*analysis*.md", "limitations.md")[:10]:
        yield page(view, path)


def _unsaid(view: RepoView, entry: Entry) -> list[str]:
    wanted = {
        "a concrete input": _INPUT.search(entry.text),
        "what came out": _OUTPUT.search(entry.text),
        "the suspected cause": _CAUSE.search(entry.text),
        "what was tried": _TRIED.search(entry.text),
        "a link to its row or trace": _row(view, entry),
    }
    return [name for name, found in wanted.items() if not found]


def _row(view: RepoView, entry: Entry) -> bool:
    """Whether the row that an entry points to is there: in the file it links, or by its id."""
    ids = [m[1] or m[2] for m in _ROW.finditer(entry.text)]
    files = entry.results or view.once(_shared_rows)
    if entry.results and not ids:
        return True
    return any(i in view.text(f) for f in files for i in ids if any(c.isdigit() for c in i))


def _shared_rows(view: RepoView) -> tuple[str, ...]:
    """The failures and results files, where an entry names a row without linking to its file."""
    said = manifest_paths(view)
    places = tuple(p for p in (said.get("failures"), said.get("results")) if p)
    usual = ("evals/failures.jsonl", "evals/results")
    return tuple(
        f
        for f in view.files
        if f.startswith((*places, *usual)) and f.endswith((".jsonl", ".json", ".csv"))
    )


def _only_limits(view: RepoView) -> Reading:
    where = front(view)
    for pattern, what in ((FAILURES, "failures"), (_LIMITS, "limits")):
        for part in where.document.sections(pattern) if where else []:
            if where and part.heading.level > 1:
                said = text_of(where, part.start, part.end).strip()
                lacks = "no entry shows an input and what came out" if said else "it is still empty"
                reason = f"There is a section on {what}; {lacks}."
                return no(reason, view.quote(where.path, part.heading.line))
    return no("No section on where it fails was found in the README or in the documents.")


def _first_line(view: RepoView, path: str) -> Evidence:
    first = next((n for n, t in enumerate(view.lines(path), 1) if t.strip()), None)
    return view.quote(path, first) if first else quote(path)
