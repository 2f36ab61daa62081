"""One experiment for each stage that can break: a concrete change, and how to see what it does.

Invariant: an experiment is proposed, never made, and always ends in a measurement on all
questions, because a change that mends one question may break two others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .evaluation.golden import Label, Question
from .result import Result
from .settings import Settings

_OTHER_WORDS = (
    "Ask it again with the words of the passage (`search`): if that finds it, rewriting questions "
    "before the search is the experiment."
)
FAR = 4  # a passage further down than this many times k is not reached by a larger k


@dataclass(frozen=True)
class Walk:
    """Everything that was observed about one question.

    Labels that are not in the document on disk (`problems`), in no chunk (`lost`), in no chunk
    whole (`cut`), or not for this reader (`hidden`); the rank of each label in each list; the
    chunks that carry a label (`relevant`); the best hit of each list (`nearest`); the result.
    """

    question: Question
    settings: Settings
    problems: tuple[str, ...]
    lost: tuple[Label, ...]
    cut: tuple[Label, ...]
    hidden: tuple[str, ...]
    relevant: frozenset[str]
    ranks: Mapping[str, tuple[int | None, ...]]
    nearest: Mapping[str, str]
    result: Result


def experiment_for(broken: str, walk: Walk) -> str:
    """What to try if the stage `broken` is the first that broke; "" for none."""
    return _EXPERIMENTS[broken](walk) if broken else ""


def _parse(walk: Walk) -> str:
    return (
        f"{walk.problems[0]}. Open the document: mend the label in evals/questions.jsonl if the "
        "text has changed, or see what its reader in readers.py made of it."
    )


def _chunk(walk: Walk) -> str:
    if walk.hidden:
        return (
            f"Only readers with the role {walk.hidden[0]!r} may see the passage. Add the role to "
            "[access] roles in config.toml for this evaluation, or label a passage for everyone."
        )
    if walk.lost:
        return "The document has changed since it was read: run `ingest`, then `why` again."
    longest = max(len(label.quote.split()) for label in walk.cut)
    words, overlap = walk.settings.chunk_words, -(-longest // 10) * 10
    if walk.settings.chunk_overlap < overlap < words:
        change = f"raise overlap from {walk.settings.chunk_overlap} to {overlap}"
        trial = f"sweep --words {words} --overlap {overlap}"
    else:
        change, trial = f"raise words from {words} to {words * 2}", f"sweep --words {words * 2}"
    return (
        f"The quote has {longest} words and a boundary cuts it: {change} in config.toml "
        f"[chunking]; `{trial}` shows what that does to all questions."
    )


def _lexical(walk: Walk) -> str:
    if None in walk.ranks["dense"]:
        return _neither(walk)
    rank = max(rank for rank in walk.ranks["dense"] if rank is not None)
    seen = (
        f"The words differ: dense finds it at rank {rank}, lexical not among "
        f"{walk.settings.candidates}."
    )
    if rank > walk.settings.k:
        return f"{seen} Dense alone would not reach it either. {_OTHER_WORDS}"
    return (
        f'{seen} Try retriever = "dense" in config.toml [retrieval]; `sweep` shows both on all '
        f"questions. If dense loses elsewhere: {_OTHER_WORDS}"
    )


def _dense(walk: Walk) -> str:
    if None in walk.ranks["lexical"]:
        return _neither(walk)
    rank = max(rank for rank in walk.ranks["lexical"] if rank is not None)
    return (
        f"Lexical finds it at rank {rank}, dense not among {walk.settings.candidates}: the chunk "
        f"may mix subjects, or names and numbers carry it. Try `sweep --words {_smaller(walk)}` "
        "and compare its lexical row."
    )


def _neither(walk: Walk) -> str:
    return (
        "Neither words nor meaning find it. Read the passage: if it mixes subjects, try "
        f"`sweep --words {_smaller(walk)}`. {_OTHER_WORDS}"
    )


def _too_low(walk: Walk) -> str:
    """The passage is in the lists but not within k."""
    name = "fused" if walk.settings.retriever == "hybrid" else walk.settings.retriever
    k, rank = walk.settings.k, max(rank or 0 for rank in walk.ranks[name])
    if rank <= k:
        return 'The reranker moved it out: set reranker = "" in config.toml and run `eval`.'
    if rank > FAR * k:
        return (
            f"It is at rank {rank}, too far for a larger k (now {k}). Read what stands above it: "
            "near copies and old versions ask for a cleaner corpus, other subjects for smaller "
            f"chunks (`sweep --words {_smaller(walk)}`) or a reranker."
        )
    return (
        f"It is at rank {rank} and k is {k}: set k = {rank} in config.toml [retrieval] and run "
        "`eval`: does fact accuracy rise as well, or only recall?"
    )


def _answer(walk: Walk) -> str:
    result, settings = walk.result, walk.settings
    if not walk.question.relevant:
        return _answered_without_ground(walk)
    if result.status == "refused" and result.system == "baseline":
        return (
            f"The passage was there, but score {result.detail['score']:.2f} is below threshold "
            f"{settings.answer_threshold:g} in config.toml [answer]. `eval --tune` shows for the "
            "dev split what a lower one would let through."
        )
    if result.status not in ("answered", "refused"):
        return f"{result.message} Mend that first; the trace is {result.trace}."
    if result.system == "baseline":
        return _other_sentences(walk)
    return (
        f"The model had the passage. Read its reply in {result.trace}, change one line of "
        "prompts/answer.md, raise the version there, and run `eval --system model`."
    )


def _other_sentences(walk: Walk) -> str:
    sentences = walk.settings.answer_sentences
    if len(walk.result.citations) < sentences:
        return (
            "The passage was there, but the baseline finds sentences of other passages more like "
            "the question. Which words mislead it? Fewer passages (a lower k in config.toml "
            "[retrieval]) is the cheap test; `why ID --system model` shows what reading adds."
        )
    return (
        f"The passage was there and the {sentences} quoted sentences miss the fact: raise "
        f"sentences to {sentences * 2} in config.toml [answer] and run `eval`, or see what reading "
        "adds: `why ID --system model`."
    )


def _answered_without_ground(walk: Walk) -> str:
    cited = walk.result.citations[0].source if walk.result.citations else "nothing"
    if walk.result.system == "baseline" and "score" in walk.result.detail:
        return (
            f"Score {walk.result.detail['score']:.2f} passed threshold "
            f"{walk.settings.answer_threshold:g} in config.toml [answer], with {cited}. "
            "`eval --tune` shows for the dev split what a higher one would refuse as well."
        )
    return (
        f"The model answered from {cited}. Read the quote: if it does answer, mend the label; if "
        "not, sharpen the last rule of prompts/answer.md and run `eval --system model`."
    )


def _citation(walk: Walk) -> str:
    cited = ", ".join(dict.fromkeys(citation.source for citation in walk.result.citations))
    labelled = ", ".join(dict.fromkeys(label.source for label in walk.question.relevant))
    return (
        f"It cites {cited}; the label names {labelled}. Read both: if the cited passage answers "
        "too, add it to the label; if it is an old version or a near copy, leave it out of the "
        "corpus and run `eval`."
    )


def _smaller(walk: Walk) -> int:
    return max(20, walk.settings.chunk_words // 2)


_EXPERIMENTS: Mapping[str, Callable[[Walk], str]] = {
    "parse": _parse,
    "chunk": _chunk,
    "lexical": _lexical,
    "dense": _dense,
    "fused": _too_low,
    "context": _too_low,
    "answer": _answer,
    "citation": _citation,
}
