"""The dullest answer that could work: quote the sentences that fit the question best, or abstain.

Invariant: every sentence it gives is in a retrieved passage word for word. No model, no network.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .embedding import load_embedder
from .result import Citation
from .retrieval import Hit
from .settings import Settings

RANK_WEIGHT = 0.5  # of 1 / rank: what the retriever put first counts for something
FEWEST_WORDS = 3
KEEP_SHARE = 0.8  # further sentences must have this share of the best score

_HEADING = re.compile(r"^#{1,6}\s.*$", re.MULTILINE)
_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[|>*-]|\d+[.)])\s?)")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!^\d\.)(?<!^\d\d\.)\s+(?=[\"'(]?[A-Z0-9])")
_SUFFIX = re.compile(r"(?<=\w{3})(?:ing|ed|es|s)$")
_STOP = frozenset(
    "a an and any are as at be by can do does for from has have how i if in is it many me much"
    " must my of on or our should that the there they this to was we what when where which who"
    " whom why will with you your".split()
)


@dataclass(frozen=True)
class BaselineAnswer:
    """`score` is that of the best sentence; no citations means that it is below the threshold."""

    answer: str
    citations: tuple[Citation, ...]
    score: float


def extract(question: str, hits: Sequence[Hit], settings: Settings) -> BaselineAnswer:
    """The `answer_sentences` best sentences of the passages, best first, each one cited.

    A sentence scores its likeness to the question plus that of its passage ("you get 16 weeks"
    says nothing of parental leave, its passage does) plus half of 1 / rank of the passage: 0 to
    4.5. If the best is below `answer_threshold` there is no answer.
    """
    ranked_hits = list(enumerate(hits, 1))
    candidates = {s: (n, hit) for n, hit in reversed(ranked_hits) for s in sentences(hit.text)}
    texts = [*candidates, *(hit.text for hit in hits)]
    values = dict(zip(texts, likeness(question, texts, settings.embedding), strict=True))
    scores = {
        s: values[s] + values[hit.text] + RANK_WEIGHT / rank
        for s, (rank, hit) in candidates.items()
    }
    best = max(scores.values(), default=0.0)
    if not scores or best < settings.answer_threshold:
        return BaselineAnswer("", (), best)
    ranked = sorted((s for s in scores if scores[s] >= KEEP_SHARE * best), key=lambda s: -scores[s])
    chosen = ranked[: settings.answer_sentences]
    cited = [(candidates[s][1], s) for s in chosen]
    citations = tuple(Citation(hit.source, hit.chunk_id, s) for hit, s in cited)
    return BaselineAnswer(" ".join(_readable(s) for s in chosen), citations, best)


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

    A list item and a table row are sentences of their own.
    """
    blocks = [" ".join(block.split()) for block in _BLOCK.split(_HEADING.sub("\n", passage))]
    found = [sentence for block in blocks for sentence in _SENTENCE_END.split(block)]
    return [sentence for sentence in found if len(re.findall(r"\w+", sentence)) >= FEWEST_WORDS]


def terms(text: str) -> set[str]:
    """Lower-case words without English endings and stop words."""
    words = re.findall(r"\w+", text.casefold())
    return {_SUFFIX.sub("", word) for word in words if word not in _STOP}


def _readable(sentence: str) -> str:
    """A table row as its cells; any other sentence as it is."""
    if not sentence.startswith("|"):
        return sentence
    return "; ".join(cell.strip() for cell in sentence.strip("|").split("|")) + "."
