"""The dullest answer that could work: quote the sentences that fit the question best, or abstain.

Invariant: every sentence it gives is in a retrieved passage word for word. No model, no network.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import outline
from .citations import has_address, without_links
from .embedding import load_embedder
from .glossary import expanded
from .result import Citation
from .retrieval import Hit
from .settings import Settings

RANK_WEIGHT = 0.5
FEWEST_WORDS = 3
NEIGHBOURS = 2  # sentences on each side that a sentence is judged with; chosen on dev
KEEP_SHARE = 0.6  # of the first sentence's own likeness, for the sentences after it; chosen on dev

_HEADING = re.compile(r"^#{1,6}\s.*$", re.MULTILINE)
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[|>*-]|\d+[.)])\s?)")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!^\d\.)(?<!^\d\d\.)\s+(?=[\"'(]?[A-Z0-9])")
_SUFFIX = re.compile(r"(?<=\w{3})(?:ing|ed|es|s)$")
# Fewer than the search leaves out: "after" and "not" tell two sentences of a passage apart.
_STOP_WORD = re.compile(
    "an?|and|any|are|as|at|be|by|can|do|does|for|from|has|have|how|i|if|in|is|it|many|me|much|must"
    "|my|of|on|or|our|should|that|the|there|they|this|to|was|we|what|when|where|which|who|whom|why"
    "|will|with|you|your"
)


@dataclass(frozen=True)
class BaselineAnswer:
    """`score` is that of the best sentence; no citations means that it is below the threshold."""

    answer: str
    citations: tuple[Citation, ...]
    score: float


def extract(question: str, hits: Sequence[Hit], settings: Settings) -> BaselineAnswer:
    """The `answer_sentences` best sentences of the passages, best first, each one cited.

    If the best is below `answer_threshold` there is no answer. The others must be almost as like
    the question by themselves: a passage that fits well does not carry along what it also says.
    """
    asked = expanded(question) if settings.glossary else question
    quotable = _quotable(hits)
    near = _surroundings(hits)
    texts = [*quotable, *(near[s] for s in quotable)]
    likes = likeness(asked, texts, settings.embedding)
    alone = dict(zip(quotable, likes, strict=False))
    around = dict(zip(quotable, likes[len(quotable) :], strict=True))
    scores = {s: _score(alone[s], around[s], rank) for s, (rank, _) in quotable.items()}
    ranked = sorted(scores, key=lambda s: -scores[s])
    if not ranked or scores[ranked[0]] < settings.answer_threshold:
        return BaselineAnswer("", (), scores[ranked[0]] if ranked else 0.0)
    good = [s for s in ranked if alone[s] >= KEEP_SHARE * alone[ranked[0]]]
    chosen = [(quotable[s][1], s) for s in good[: settings.answer_sentences]]
    return BaselineAnswer(
        answer=" ".join(_readable(s) for _, s in chosen),
        citations=tuple(Citation(hit.source, hit.chunk_id, s) for hit, s in chosen),
        score=scores[ranked[0]],
    )


def likeness(question: str, texts: Sequence[str], embedding: str) -> list[float]:
    """How like the question each text is, 0 to 2: cosine plus the share of its words it has.

    A word counts more the fewer of the texts have it: ln(1 + n / df), after Spärck Jones (1972).
    """
    if not texts:
        return []
    vectors = load_embedder(embedding).embed([question, *texts])
    cosines = np.clip(vectors[1:] @ vectors[0], 0, 1)
    words = [terms(text) for text in texts]
    frequency = Counter(word for found in words for word in found)
    weight = {w: math.log(1 + len(texts) / max(1, frequency[w])) for w in terms(question)}
    whole = sum(weight.values()) or 1.0
    shares = [sum(weight.get(word, 0.0) for word in found) / whole for found in words]
    return [float(cosine) + share for cosine, share in zip(cosines, shares, strict=True)]


def sentences(passage: str) -> list[str]:
    """Sentences of three words or more, white space joined, without headings.

    A list item and a table row are sentences of their own; a signature is none without what stands
    below it.
    """
    text = _HEADING.sub("\n", outline.with_signatures_joined(passage))
    blocks = [" ".join(block.split()) for block in _BLOCK.split(text)]
    found = [sentence for block in blocks for sentence in _SENTENCE_END.split(block)]
    return [sentence for sentence in found if len(re.findall(r"\w+", sentence)) >= FEWEST_WORDS]


def terms(text: str) -> set[str]:
    """Lower-case words without English endings and stop words."""
    words = re.findall(r"\w+", text.casefold())
    return {_SUFFIX.sub("", word) for word in words if not _STOP_WORD.fullmatch(word)}


def _quotable(hits: Sequence[Hit]) -> dict[str, tuple[int, Hit]]:
    """Sentence -> (rank of its first passage, passage); none with a web address or an image.

    An address in a document may be planted, and a quotation would hand it on without a thought.
    """
    ranked = list(enumerate(hits, 1))
    return {
        sentence: (rank, hit)
        for rank, hit in reversed(ranked)
        for sentence in sentences(hit.text)
        if not has_address(sentence)
    }


def _surroundings(hits: Sequence[Hit]) -> dict[str, str]:
    """Each sentence with its NEIGHBOURS on both sides, in the first passage that has it."""
    near: dict[str, str] = {}
    for hit in reversed(hits):
        found = sentences(hit.text)
        for at, sentence in enumerate(found):
            near[sentence] = " ".join(found[max(0, at - NEIGHBOURS) : at + NEIGHBOURS + 1])
    return near


def _score(sentence: float, around: float, rank: int) -> float:
    """Likeness of both plus half of 1 / rank, 0 to 4.5.

    "It must be a sequence of strings" says nothing of `__all__`, but the sentences beside it do,
    and the retriever's order counts for something. A whole section would say too much.
    """
    return sentence + around + RANK_WEIGHT / rank


def _readable(sentence: str) -> str:
    """A table row as its cells, any other sentence without link syntax."""
    if not sentence.startswith("|"):
        return without_links(sentence)
    return "; ".join(cell.strip() for cell in sentence.strip("|").split("|")) + "."
