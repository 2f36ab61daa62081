"""Nothing a model says is shown unless a retrieved passage carries it.

A citation holds if its passage was retrieved for this question and contains the quote. A sentence
stays if it shares a content word or a number with a quote that holds. Both are necessary, not
sufficient: a sentence may twist what it quotes, and an instruction planted in a document is shown
if the model obeys it and quotes it. Only reading or a judge can tell.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from .result import Citation
from .retrieval import STOP_WORDS, Hit

SHORTEST_QUOTE = 12  # characters; anything shorter is found in too many passages to prove a thing

# Typographic quotation marks and dashes, and what a keyboard has for them.
_SAME = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')
    | dict.fromkeys("\u2018\u2019\u201a", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
_IMAGE = re.compile(r"!\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])?")
_LINK = re.compile(r"\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])")
_TAG = re.compile(r"</?[a-zA-Z!][^>]*>")
_URL = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.|\b(?:data|javascript|mailto):)[^\s<>\"')\]]+", re.I
)
_CONTENT_WORD = re.compile(r"\d+|[^\W\d_]{2,}")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def verify(citations: Sequence[Citation], hits: Sequence[Hit]) -> tuple[Citation, ...]:
    """The citations that hold, once each, with source and wording taken from the passage."""
    passages = {hit.chunk_id: hit for hit in hits}
    held = []
    for citation in citations:
        hit = passages.get(citation.chunk_id)
        quote = find_quote(citation.quote, hit.text) if hit else None
        if hit and quote:
            held.append(Citation(hit.source, hit.chunk_id, quote))
    return tuple(dict.fromkeys(held))


def find_quote(quote: str, passage: str) -> str | None:
    """The passage's own wording of `quote`, or None if it is not there or below SHORTEST_QUOTE.

    Case, typographic quotes and dashes, white space, compatibility forms and whether an accent is
    written apart (NFKD) do not count; white space comes back as single spaces.
    """
    wanted = "".join(c for c, _ in _folded(quote)).strip()
    if len(wanted) < SHORTEST_QUOTE:
        return None
    folded = list(_folded(passage))
    start = "".join(c for c, _ in folded).find(wanted)
    if start < 0:
        return None
    found = passage[folded[start][1] : folded[start + len(wanted) - 1][1] + 1]
    return " ".join(found.split())


def supported(answer: str, citations: Sequence[Citation]) -> str:
    """The sentences of `answer` that share a content word or a number with a quote.

    Links are taken out first: an address proves nothing.
    """
    quoted = {word for c in citations for word in content_words(c.quote)}
    sentences = _SENTENCE_END.split(without_links(answer))
    return " ".join(s for s in sentences if content_words(s) & quoted)


def without_links(answer: str) -> str:
    """`answer` as plain text: no image, no HTML, no web address.

    A link that a model writes can carry what it read to somebody else's server, and a planted one
    can be lifted from a passage. The reader finds an address in the quotation, with its document.
    """
    text = _TAG.sub("", _LINK.sub(r"\1", _IMAGE.sub("", answer)))
    return _URL.sub("[link removed]", text).strip()


def has_address(text: str) -> bool:
    """Whether `text` has a web address or an image."""
    return bool(_URL.search(text) or _IMAGE.search(text))


def content_words(text: str) -> set[str]:
    """Numbers and words of two letters or more that are no stop words, case folded."""
    return set(_CONTENT_WORD.findall(text.casefold())) - STOP_WORDS


def _folded(text: str) -> Iterator[tuple[str, int]]:
    """Characters that matter for a comparison, each with its place in `text`."""
    space = True
    for place, character in enumerate(text):
        for c in unicodedata.normalize("NFKD", character).translate(_SAME).casefold():
            if not c.isspace():
                yield c, place
            elif not space:
                yield " ", place
            space = c.isspace()
