"""Whether retrieval was set beside the plain way: the whole corpus in the prompt."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import PurePosixPath

from scaffolder.review.golden import corpus, measured
from scaffolder.review.model import Reading, no, partial, unknown, yes
from scaffolder.review.readme.written import Written, written
from scaffolder.review.results import amounts
from scaffolder.review.results.intervals import mean
from scaffolder.review.results.resultrows import Row, grades, model_of
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

LEAST, MOST = 1.2, 7.0
"""Characters of a token: from Chinese text to long English words; outside a count is not of it."""

CACHED = (1.0, 0.1, 0.25, 0.5, 1.25)
"""What the providers take for tokens that are read from, or written to, a cache (2025-2026)."""

TOLERANCE = 0.1
"""Part by which a stated cost may differ from tokens times price: answers cost a little too."""

_OF_CORPUS = re.compile(
    r"corpus|documents?\b|whole|entire|everything|full (?:text|prompt)|all (?:of )?(?:the|our|my)\b"
    r"|size\b|knowledge base|tokens in (?:all|total)|in total|altogether|slice",
    re.IGNORECASE,
)
_OF_A_PART = re.compile(r"chunk|limit|\bmax|budget|output|history|overlap", re.IGNORECASE)
_LONG = re.compile(
    r"whole|full[-_ ]?(?:corpus|context|prompt)|long[-_ ]?(?:context|prompt)|stuff(?:ed|ing)"
    r"|\bin[-_ ]context|entire|all[-_ ]?(?:docs|documents|in[-_ ]?prompt)|everything|\bcag\b"
    r"|corpus[-_ ]in[-_ ]prompt",
    re.IGNORECASE,
)
"""Names of a run with the corpus in the prompt; one without any passage is another question."""

_PROMPT = re.compile(r"prompt|context|question|request|query|\bcall|\bask", re.IGNORECASE)
_NO_ANSWER = re.compile(r"token|cost|usd|price|cache|latency|_ms\b|seconds", re.IGNORECASE)
"""Grades that say what a prompt takes, and nothing of what came of it."""

_EMBEDS = re.compile(r"\bembed", re.IGNORECASE)
_PRICE_FILES = ("*price*.toml", "*price*.json", "*price*.y*ml", "*pricing*.json", "*pricing*.y*ml")
_NUMBER = re.compile(r"(?<![\w.-])(\d{1,4}(?:\.\d{1,4})?)(?![\w.-])")
_TEXT = (".md", ".txt", ".html", ".htm", ".rst", ".json", ".jsonl", ".csv", ".tsv", ".xml", ".mdx")
_VERIFY = (
    "Ask a model the same questions with the whole corpus, or the largest slice that fits, in the "
    "prompt; commit its rows beside those of retrieval, under a system name such as whole-corpus."
)


@dataclass(frozen=True)
class _Count:
    """A number of tokens or words that a text gives of the corpus."""

    value: float
    unit: str
    page: Written
    line: int


def counted(view: RepoView) -> Reading:
    """The author states how many tokens the corpus has, and the documents are of that size."""
    found = view.once(_counts)
    places = [view.quote(c.page[0].path, c.line) for c in found[:3]]
    if not found:
        return no("No text of yours says how many tokens the corpus has.")
    tokens = [c for c in found if c.unit == "tokens"]
    if not tokens:
        reason = (
            "The size of the corpus is given in words; the tokens of your model decide: state "
            "them, or how many tokens a word has."
        )
        return partial(reason, *places)
    size = view.once(_characters)
    fitting = [c for c in tokens if not size or size / MOST <= c.value <= size / LEAST]
    if not fitting:
        stated = f"{tokens[0].value:,.0f} tokens are stated, and the documents have"
        reason = f"{stated} {size:,} characters: that is no count of all of them."
        return partial(reason, view.quote(tokens[0].page[0].path, tokens[0].line))
    best = fitting[0]
    checked = f"the documents have {size:,} characters" if size else "no document here shows it"
    reason = f"The corpus has {best.value:,.0f} tokens by your text; {checked}."
    return yes(reason, view.quote(best.page[0].path, best.line))


def costed(view: RepoView) -> Reading:
    """A text gives what such a prompt costs, and tokens times price make that amount."""
    pages = {c.page[0].path for c in view.once(_counts) if c.unit == "tokens"}
    texts = [w for w in written(view) if w[0].path in pages]
    paid = [(w, n, amount) for w in texts for n, amount in _paid(w)]
    if not paid:
        words = next((c for c in view.once(_counts) if not pages), None)
        if words:
            reason = (
                "The size of the corpus is given in words: state its tokens, or how many a word "
                "has, and what a prompt with all of them costs."
            )
            return no(reason, view.quote(words.page[0].path, words.line))
        return no("No text of yours says what a prompt with the whole corpus costs.")
    kept = view.once(_kept_prices)
    for text, number, amount in paid:
        if _adds_up(text, amount, kept):
            reason = "The cost of the long prompt is tokens times price, as recomputed."
            return yes(reason, view.quote(text[0].path, number))
    reason = "A cost is given, and no price and number of tokens beside it make that amount:"
    place = view.quote(paid[0][0][0].path, paid[0][1])
    return partial(f"{reason} state the price of a million tokens and its date.", place)


def compared(view: RepoView) -> Reading:
    """Rows of the whole corpus in the prompt beside rows of retrieval, on the same questions."""
    rows = [row for row in measured.measured(view) if _is_answer(row)]
    # A row that names no model at all may be of one; one that says "none" is of none.
    long = [row for row in rows if _is_long(row) and bool(row.text("model")) == bool(model_of(row))]
    others = [row for row in rows if not _is_long(row) and (model_of(row) or _answers(row))]
    one = next((row for row in others if model_of(row)), None)
    if not long and one:
        reason = "A model answered from found passages; none was asked with the whole corpus."
        return partial(f"{reason} {_VERIFY}", view.quote(one.path, one.line))
    if not long:
        reason = "No rows of a prompt with the whole corpus are here; only a model can make them."
        return unknown(reason, _VERIFY, waits_for="model")
    best = max(_pairs(long, others), key=len, default=[])
    place = view.quote(long[0].path, long[0].line)
    if len(best) < measured.FEWEST:
        reason = f"The whole corpus was tried; {len(best)} questions are shared with retrieval."
        return partial(f"{reason} {measured.FEWEST} are the least that say anything.", place)
    first, second = mean([a for a, _ in best]), mean([b for _, b in best])
    reason = f"Whole corpus {first:.2f}, retrieval {second:.2f}, over {len(best)} shared questions."
    return yes(reason, place)


def _counts(view: RepoView) -> Sequence[_Count]:
    return tuple(
        _Count(value, unit, text, number)
        for text in written(view)
        for number, line in text[1]
        if _OF_CORPUS.search(line) and not _OF_A_PART.search(line)
        for value, unit in (*amounts.counts(line), *_from_words(text, line))
        if value >= 1000
    )


def _from_words(text: Written, line: str) -> Iterator[tuple[float, str]]:
    """The tokens that the words of a line make, where the text says how many a word has."""
    rates = (rate for _, t in text[1] if (rate := amounts.tokens_a_word(t)))
    rate = next(rates, None)
    counted = amounts.counts(line) if rate else ()
    yield from ((value * rate, "tokens") for value, unit in counted if rate and unit == "words")


def _characters(view: RepoView) -> int:
    """Bytes of all documents; 0 where one of them is no text, so that nothing can be said."""
    paths = corpus.documents(view)
    if not all(p.lower().endswith(_TEXT) for p in paths):
        return 0
    return sum(view.size(p) for p in paths)


def _paid(text: Written) -> Iterator[tuple[int, tuple[float, float]]]:
    """The amounts of money that a text gives near a prompt, with their lines."""
    lines = [line for _, line in text[1]]
    for at, (number, line) in enumerate(text[1]):
        near = " ".join(lines[max(0, at - 2) : at + 3])
        if _PROMPT.search(near) and not _EMBEDS.search(line):
            yield from ((number, amount) for amount in amounts.amounts(line))


def _kept_prices(view: RepoView) -> tuple[float, ...]:
    """The numbers of a price file: small ones, which may be dollars for a million tokens."""
    lines = (line for path in view.find(*_PRICE_FILES)[:3] for line in view.lines(path)[:500])
    found = (float(m[1]) for line in lines for m in _NUMBER.finditer(line))
    return tuple(sorted({value for value in found if 0 < value < 500}))[:100]


def _adds_up(text: Written, amount: tuple[float, float], kept: Sequence[float]) -> bool:
    """Whether tokens times price of the text, a cache's share of it too, make the amount."""
    value, half = amount
    lines = [line for _, line in text[1]]
    counts = (c for t in lines for c in (*amounts.counts(t), *_from_words(text, t)))
    tokens = [v for v, unit in counts if unit == "tokens"][:40]
    prices = [*(p for line in lines for p in amounts.prices(line)), *kept][:60]
    made = (t * p / 1e6 * share for t, p, share in product(tokens, prices, CACHED))
    return value > 0 and any(abs(m - value) <= half + TOLERANCE * value for m in made)


def _is_long(row: Row) -> bool:
    named = (row.system, row.text("variant"), row.text("mode"), PurePosixPath(row.path).stem)
    return any(_LONG.search(clean(name, 100)) for name in named if name)


def _is_answer(row: Row) -> bool:
    """Whether a row holds an answer or its grade, and not only its tokens and cost."""
    kinds = (g for g in grades(row) if measured.QUALITY.search(g))
    return _answers(row) or any(not _NO_ANSWER.search(g) for g in kinds)


def _answers(row: Row) -> bool:
    return bool(row.text("answer") or row.text("status"))


def _pairs(long: Sequence[Row], others: Sequence[Row]) -> Iterator[list[tuple[float, float]]]:
    for system in dict.fromkeys(row.system for row in others):
        yield measured.paired(long, [row for row in others if row.system == system])
