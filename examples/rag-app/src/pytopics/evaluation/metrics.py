"""What each metric means, for one question; every figure is the mean of these over questions.

A label is one passage that must be found. `ranks` holds, for each label of a question, the
1-based rank of the first retrieved passage that carries it, or None if none does.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence

from ..result import Citation, Status

DEPTH = 10  # nDCG and MRR look at the first ten passages


def recall_at(ranks: Sequence[int | None], k: int) -> float:
    """Share of a question's labels found in the first `k` passages, 0 to 1.

    Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), ch. 8. A question that
    needs two passages and gets one scores 0.5.
    """
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def hit_at(ranks: Sequence[int | None], k: int) -> float:
    """1 if any label of a question is in the first `k` passages, else 0.

    The topics repeat each other, so most questions have labels that would each do. A learner with
    one of them has the answer, while recall asks for every copy. A question that needs two
    passages is a hit with one: for those look at the facts.
    """
    return float(any(rank is not None and rank <= k for rank in ranks))


def reciprocal_rank(ranks: Sequence[int | None], depth: int = DEPTH) -> float:
    """1 / rank of the first labelled passage, 0 if there is none in the first `depth`.

    Voorhees, TREC-8 Question Answering Track (1999); its mean over questions is MRR.
    """
    found = [rank for rank in ranks if rank is not None and rank <= depth]
    return 1 / min(found) if found else 0.0


def ndcg_at(ranks: Sequence[int | None], depth: int = DEPTH) -> float:
    """Discounted gain 1 / log2(1 + rank) of the labels found, divided by the best possible, 0 to 1.

    Järvelin and Kekäläinen, ACM TOIS 20(4) (2002), with binary gains. The best possible has one
    label at each of the first ranks; a passage with two labels could beat it, hence the cap.
    """
    gained = sum(1 / math.log2(1 + r) for r in ranks if r is not None and r <= depth)
    ideal = sum(1 / math.log2(1 + r) for r in range(1, min(len(ranks), depth) + 1))
    return min(1.0, gained / ideal)


def retrieval_grades(ranks: Sequence[int | None], k: int) -> dict[str, float]:
    """The four retrieval metrics of one question; empty if it has no labels to find."""
    if not ranks:
        return {}
    return {
        f"hit@{k}": hit_at(ranks, k),
        f"recall@{k}": recall_at(ranks, k),
        f"mrr@{DEPTH}": reciprocal_rank(ranks),
        f"ndcg@{DEPTH}": ndcg_at(ranks),
    }


def has_facts(answer: str | None, facts: Sequence[Sequence[str]]) -> bool:
    """Whether the answer has one wording of every fact, as whole words and numbers.

    Case and white space do not count. "6 weeks" is not in "16 weeks", nor 195 in "1,195".
    """
    text = _plain(answer or "")
    return all(any(_holds(text, _plain(wording)) for wording in wordings) for wordings in facts)


def citation_precision(citations: Sequence[Citation], relevant: Collection[str]) -> float:
    """Share of the citations that point to a passage labelled relevant (`relevant`: chunk ids).

    The labels stand in for a judgement of support: Gao et al., ALCE (2023).
    """
    return sum(c.chunk_id in relevant for c in citations) / len(citations)


def answer_grades(
    status: Status,
    answer: str | None,
    citations: Sequence[Citation],
    facts: Sequence[Sequence[str]],
    relevant: Collection[str],
) -> Mapping[str, float]:
    """The answer metrics that apply to one question.

    `fact_accuracy` for questions with facts; `abstention_recall` for those that the corpus does
    not answer; `abstention_precision` where the system abstained; `citation_precision` where it
    cited. An abstention on an answerable question is a wrong answer.
    """
    abstained, answerable = status == "refused", bool(relevant)
    grades: dict[str, float] = {}
    if facts:
        grades["fact_accuracy"] = float(not abstained and has_facts(answer, facts))
    if not answerable:
        grades["abstention_recall"] = float(abstained)
    if abstained:
        grades["abstention_precision"] = float(not answerable)
    if citations and not abstained:
        grades["citation_precision"] = citation_precision(citations, relevant)
    return grades


def _holds(text: str, wording: str) -> bool:
    whole = rf"(?<!\w)(?<!\d[.,]){re.escape(wording)}(?!\w)(?![.,]\d)"
    return re.search(whole, text) is not None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
