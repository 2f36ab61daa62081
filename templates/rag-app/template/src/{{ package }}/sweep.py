"""Compares chunkings and retrievers on the same labelled questions.

Invariants: every setting sees the same questions and its own temporary index, so the real index
is never touched; nothing here chooses a setting.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

from .errors import UsageError
from .evaluation.claims import SAMPLE
from .evaluation.golden import Question, load
from .evaluation.metrics import DEPTH
from .evaluation.rows import Figure, Row, figures
from .evaluation.run import measure_retriever
from .evaluation.statistics import Paired, compare
from .index import Index
from .ingest import ingest
from .labelling import is_whole
from .settings import MOST, RETRIEVERS, Retriever, Settings

HEADLINE = f"ndcg@{DEPTH}"
CUT = "labels_cut"
SMALLEST = 20  # words; config.toml accepts no smaller chunk


@dataclass(frozen=True)
class Chunking:
    """Size and overlap in words."""

    words: int
    overlap: int


@dataclass(frozen=True)
class Measured:
    """One setting, named as in its rows ("180/30 hybrid"), and what it did.

    `rows` has one row per question with the metrics and `labels_cut`, the share of the question's
    labels that no chunk holds whole. `context_words` is the mean length of what the first k
    passages would hand to an answer, `latency_ms` the median of one search. `against` compares
    nDCG with the configured setting and is None for that setting itself.
    """

    name: str
    chunking: Chunking
    retriever: Retriever
    rows: tuple[Row, ...]
    chunks: int
    context_words: float
    latency_ms: float
    against: Paired | None = None

    @property
    def figures(self) -> dict[str, Figure]:
        """Metric -> mean over the questions with n and interval."""
        return {figure.metric: figure for figure in figures(self.rows)}


def questions_for(settings: Settings, corpus: str) -> list[Question]:
    """The author's answerable dev questions on this corpus, or the template's if there are none.

    Settings are compared on dev only: what is chosen on the test split cannot be tested on it.
    """
    dev = [q for q in load(settings.questions, corpus) if q.split == "dev" and q.relevant]
    if not dev:
        raise UsageError(
            f"no labelled dev question for corpus {corpus!r} in {settings.questions.name}",
            "label some first: `label`",
        )
    own = [q for q in dev if q.origin != SAMPLE]
    return own or dev


def chunkings(settings: Settings, words: Sequence[int], overlap: int | None) -> list[Chunking]:
    """The configured chunking first, then one per size in `words` (by default half and double).

    Without `overlap` each size keeps the configured share of overlap. Raises UsageError for a
    size that config.toml would not accept or an overlap that is not smaller than the size.
    """
    configured = Chunking(settings.chunk_words, settings.chunk_overlap)
    sizes = words or (max(SMALLEST, configured.words // 2), configured.words * 2)
    share = configured.overlap / configured.words
    others = [Chunking(n, round(n * share) if overlap is None else overlap) for n in sizes]
    for each in others:
        if not SMALLEST <= each.words <= MOST or not 0 <= each.overlap < each.words:
            raise UsageError(
                f"cannot cut into {each.words} words with overlap {each.overlap}",
                f"{SMALLEST} to {MOST} words, and an overlap smaller than that",
            )
    return list(dict.fromkeys([configured, *others]))


def sweep(
    questions: Sequence[Question], index: Index, settings: Settings, tried: Sequence[Chunking]
) -> list[Measured]:
    """Every chunking with every retriever; the configured setting must be among them."""
    measured: list[Measured] = []
    for chunking in tried:
        with _temporary_index(index, settings, chunking) as other:
            measured += [_measure(questions, other, chunking, name) for name in RETRIEVERS]
    configured = (Chunking(settings.chunk_words, settings.chunk_overlap), settings.retriever)
    current = next(m for m in measured if (m.chunking, m.retriever) == configured)
    return [m if m is current else replace(m, against=_against(current, m)) for m in measured]


@contextmanager
def _temporary_index(index: Index, settings: Settings, chunking: Chunking) -> Iterator[Index]:
    """The same corpus cut differently; the file is gone afterwards."""
    with TemporaryDirectory() as folder:
        cut = replace(
            settings,
            chunk_words=chunking.words,
            chunk_overlap=chunking.overlap,
            index_path=Path(folder) / "index.sqlite",
        )
        ingest(cut, Path(index.corpus_root), index.corpus)
        other = Index.open(cut)
        try:
            yield other
        finally:
            other.close()


def _measure(
    questions: Sequence[Question], index: Index, chunking: Chunking, retriever: Retriever
) -> Measured:
    settings = index.settings
    rows = measure_retriever(questions, index, settings, retriever)
    words = {chunk.chunk_id: len(chunk.text.split()) for chunk in index.chunks()}
    name = f"{chunking.words}/{chunking.overlap} {retriever}"
    return Measured(
        name=name,
        chunking=chunking,
        retriever=retriever,
        rows=tuple(
            replace(
                row,
                system=name,
                setting=name,
                grades={**row.grades, CUT: _cut_share(question, index)},
            )
            for row, question in zip(rows, questions, strict=True)
        ),
        chunks=len(words),
        context_words=mean(sum(words[i] for _, i in row.ranked[: settings.k]) for row in rows),
        latency_ms=median(row.latency_ms for row in rows),
    )


def _cut_share(question: Question, index: Index) -> float:
    labels = question.relevant
    return mean(not is_whole(label, index.chunks(label.source)) for label in labels)


def _against(current: Measured, other: Measured) -> Paired:
    first, second = ([row.grades[HEADLINE] for row in m.rows] for m in (current, other))
    return compare(first, second)
