"""The dullest answer that could work: quote the sentences that fit the question best, or abstain.

Invariant: every sentence it gives is in a retrieved passage word for word. No model, no network.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .embedding import load_embedder
from .result import Citation
from .retrieval import Hit
from .settings import Settings

PASSAGE_WEIGHT = 0.5  # a sentence is read in its passage: "16 weeks" alone says nothing of leave
KEEP_SHARE = 0.9  # further sentences must score this share of the best one

_BLOCK = re.compile(r"\n\s*\n|\n(?=\s*(?:[|#>*-]|\d+[.)])\s?)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"'(]?[A-Z0-9])")
_WORD = re.compile(r"\w+")
_STOP = frozenset(
    "a an and any are as at be by can do does for from has have how i if in is it many me much must my of on or "
    "our should that the there they this to was we what when where which who whom why will with you your".split()
)


@dataclass(frozen=True)
class BaselineAnswer:
    """`score` is that of the best sentence; without citations it was below the threshold."""

    answer: str
    citations: tuple[Citation, ...]
    score: float


def extract(question: str, hits: Sequence[Hit], settings: Settings) -> BaselineAnswer:
    """At most `answer_sentences` sentences in the order of their score; none below the threshold.

    The score of a sentence is its cosine with the question plus the share of the question's words
    it has, plus half of the same for its passage; about 0 (unrelated) to 3 (same words).
    """
    candidates = [(hit, s) for hit in hits for s in sentences(hit.text)]
    if not candidates:
        return BaselineAnswer("", (), 0.0)
    scores = _scores(question, candidates, hits, settings.embedding)
    order = sorted(range(len(candidates)), key=lambda i: -scores[i])
    best = float(scores[order[0]])
    if best < settings.answer_threshold:
        return BaselineAnswer("", (), best)
    kept = [candidates[i] for i in order if scores[i] >= KEEP_SHARE * best]
    unique = list({sentence: (hit, sentence) for hit, sentence in reversed(kept)}.values())[::-1]
    chosen = unique[: settings.answer_sentences]
    citations = tuple(Citation(h.source, h.chunk_id, s) for h, s in chosen)
    return BaselineAnswer(" ".join(_readable(s) for _, s in chosen), citations, best)
