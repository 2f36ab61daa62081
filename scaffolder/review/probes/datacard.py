"""The data card: where data is from, whose it is, how much, how labelled, what is made up."""

import csv
import re
from collections.abc import Iterator

from scaffolder.review.areas import area, below, manifest_paths
from scaffolder.review.golden import questions
from scaffolder.review.model import Evidence, Reading, no, partial, quote, yes
from scaffolder.review.project import personal
from scaffolder.review.readme.cards import Card, cards
from scaffolder.review.readme.frontpage import inside
from scaffolder.review.view import RepoView

_FIELDS = {
    "where it is from": re.compile(
        r"\borigin|\bsource|\bfrom\b|\bcollected\b|\bdownloaded\b|\bscraped\b|\bpublished by\b"
        r"|\bwritten (?:for|by)\b|https?://|procede|fuente|quelle|来源",
        re.I,
    ),
    "its licence": re.compile(
        r"licen[cs]e|\bCC[ -](?:BY|0)|\bMIT\b|\bApache\b|public domain|copyright|terms of use"
        r"|\bODbL\b|\bOGL\b|licencia|lizenz|许可",
        re.I,
    ),
    "its size": re.compile(
        r"\b\d[\d,.]{0,12}\s?[kKM]?\s(?:\w+\s){0,2}?(?:rows?|documents?|docs|questions?|files?"
        r"|pages?|examples?|records?|items?|entries|articles?|chunks?|images?|samples?|words"
        r"|tokens|sentences|pairs|[KMG]B|megabytes|lines|tables?|queries|passages|cases|people"
        r"|posts|emails?|messages?|filas|documentos)\b|\|\s*\**(?:size|rows|count|documents)\**\s*\|[^"
        r"|\n]*\d|(?<!\d)\d{1,9} ?(?:条|篇|个)",
        re.I,
    ),
    "how the labels were made": re.compile(
        r"label|annotat|ground[ -]truth|golden|\bmarked by\b|\bquestions? (?:were|was|are"
        r"|is)? ?(?:written|made|generated)|written by|judged by|etiquet|no labels|unlabelled|标注",
        re.I,
    ),
    "what is synthetic": re.compile(
        r"synthetic|generated (?:by|with)|artificial|invented|made up|fictional"
        r"|all (?:of it )?real|nothing is (?:made up|synthetic)|sint[eé]tic|合成",
        re.I,
    ),
}
_COUNT = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:,\d{3})+|\d{1,7})\s(?:[\w-]+\s){0,2}?(rows?|questions?|examples?"
    r"|records?|items?|entries|pairs|cases|samples|queries|files?|documents?|articles?)\b",
    re.I,
)
_QUESTIONS = re.compile(
    r"^\W{0,8}(?:questions\W{1,8})?(\d{1,3}(?:,\d{3})+|\d{1,7})\s(?:[\w-]{1,20}\s){0,2}?questions\b"
    r"|^\W{0,8}questions\W{1,8}(\d{1,7})\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"`([^`\s]{2,200})`|\]\(([^()\s]{2,200})\)")
_REASON = re.compile(
    r"personal data|\bPII\b|anonymi[sz]|pseudonymi[sz]|invented (?:people|names|persons)|fictional"
    r"|fictitious|public contact|consent|redacted|no personal|datos personales|made-up (?:names"
    r"|people)",
    re.I,
)
_ENDS = (".md", ".txt", ".csv", ".tsv", ".json", ".jsonl", ".html", ".xml", ".yaml", ".yml")
_MOST_FILES = 300
_MOST_TEXT = 200_000
_MOST_ALL = 6_000_000
"""Files, characters of one and of all that are searched for personal data."""


def data_card(view: RepoView) -> Reading:
    """Whether a card says what the data is, with counts that fit and no unexplained persons."""
    found = cards(view)
    if not found:
        return no("No data card was found: no data/README.md, DATA.md or section on the data.")
    said = {name: place for name in _FIELDS if (place := _field(view, found, name))}
    missing = [name for name in _FIELDS if name not in said]
    places = tuple(dict.fromkeys(said.values()))[:4]
    if missing:
        reason = f"The data card does not say {', nor '.join(missing)}."
        return partial(reason, *places) if len(said) >= 2 else no(reason, *places)
    wrong = next(_miscounted(view, found), None) or _overcounted(view, found)
    if wrong:
        return partial(wrong[0], wrong[1])
    explained = any(_REASON.search(line) for _, lines in found for _, line in lines)
    persons = None if explained else _persons(view)
    if persons:
        return partial(f"{persons[0]} The card gives no reason for it.", *persons[1])
    return yes("The data card says origin, licence, size, labels and what is synthetic.", *places)


def _field(view: RepoView, found: list[Card], name: str) -> Evidence | None:
    for card, lines in found:
        for number, line in lines:
            if _FIELDS[name].search(line):
                return view.quote(card.path, number)
    return None


def _miscounted(view: RepoView, found: list[Card]) -> Iterator[tuple[str, Evidence]]:
    """Counts of the card that are not those of the file named on the same line."""
    for card, lines in found:
        for number, line in lines:
            counts = list(_COUNT.finditer(line))
            named = [m[1] or m[2] for m in _NAMED.finditer(line)]
            if len(counts) != 1 or len(named) != 1:
                continue
            held = _held(view, card.path, named[0], counts[0][2].lower())
            stated = int(counts[0][1].replace(",", ""))
            if held is not None and held != stated:
                reason = (
                    f"The data card says {stated} {counts[0][2].lower()}, and there are {held}."
                )
                yield reason, view.quote(card.path, number)


def _overcounted(view: RepoView, found: list[Card]) -> tuple[str, Evidence] | None:
    """More questions than there are, where no count of the card is that of the golden set."""
    stated = [
        (int((m[1] or m[2]).replace(",", "")), view.quote(card.path, number))
        for card, lines in found
        for number, line in lines
        if (m := _QUESTIONS.match(line))
    ]
    golden = sum(1 for _ in view.rows(manifest_paths(view).get("golden", "")))
    held = {golden, len(questions.questions(view)), len(questions.asked(view))}
    held |= {len(questions.labelled(view))}
    most, place = max(stated, key=lambda s: s[0], default=(0, None))
    if not max(held) or place is None or most <= max(held) or held & {n for n, _ in stated}:
        return None
    count = len(questions.asked(view))
    return f"The data card says {most} questions, and the golden set has {count}.", place


def _held(view: RepoView, card: str, named: str, unit: str) -> int | None:
    """How much is in the file or folder; None where that cannot be counted."""
    target = named if view.has(named) else inside(view, card, named) or named.rstrip("/")
    if view.has(target):
        return _rows(view, target) if not unit.startswith("file") else None
    inner = [f for f in view.files if below(f, target) and not f.lower().endswith("readme.md")]
    return len(inner) if inner and unit.startswith(("file", "document", "article")) else None


def _rows(view: RepoView, path: str) -> int | None:
    whole = view.size(path) < 1_000_000
    if whole and path.endswith(".jsonl"):
        return sum(bool(line.strip()) for line in view.text(path).split("\n"))
    if whole and path.endswith((".csv", ".tsv")):
        mark = "\t" if path.endswith(".tsv") else ","
        try:
            read = csv.reader(view.text(path).split("\n"), delimiter=mark)
            return max(0, sum(bool(row) for row in read) - 1)
        except csv.Error:
            return None
    return None


def _persons(view: RepoView) -> tuple[str, tuple[Evidence, ...]] | None:
    """The first places in the data that look like personal data."""
    data = [
        f for f in view.files if f.lower().endswith(_ENDS) and area(view, f) in {"data", "evals"}
    ]
    places: list[Evidence] = []
    kinds: list[str] = []
    read = 0
    for path in data[:_MOST_FILES]:
        read += min(view.size(path), _MOST_TEXT)
        if read > _MOST_ALL or len(places) >= 3:
            break
        for number, line in enumerate(view.text(path)[:_MOST_TEXT].split("\n"), 1):
            kind = next(personal.found(line[:2000]), None)
            if kind:
                kinds.append(kind)
                places.append(quote(path, number, f"looks like {kind}"))
                break
    if not places:
        return None
    return f"The data seems to hold {' and '.join(dict.fromkeys(kinds))}.", tuple(places)
