"""Labels: what is asked, which passages answer it, and how that is stored.

Invariants: a label is a source and an exact quote of the document, so it survives re-chunking;
a line that is in the question file is never rewritten, and a new one is written whole or not.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .baseline import sentences, terms
from .chunking import Chunk
from .documents import read_document
from .errors import UsageError
from .evaluation import OUTSIDE
from .evaluation.golden import Label, Question, carriers, load
from .evaluation.metrics import has_facts
from .index import Index
from .retrieval import Hit, search
from .settings import RETRIEVERS, Retriever, Settings

AUTHOR = "author"
DEPTH = 5  # passages of each retriever that are shown: at most three times as many in all
LOW_OVERLAP = 0.5  # below this share of shared words a suggestion says "everyday-words"


@dataclass(frozen=True)
class Candidate:
    """A passage that at least one retriever found; `ranks` are 1-based, one per retriever."""

    hit: Hit
    ranks: Mapping[Retriever, int]


def candidates(index: Index, question: str, settings: Settings) -> list[Candidate]:
    """The first passages of every retriever, each passage once, best rank first.

    Labels taken from one retriever alone would favour it in every later comparison (pooling,
    Sparck Jones and van Rijsbergen 1975).
    """
    hits: dict[str, Hit] = {}
    ranks: dict[str, dict[Retriever, int]] = {}
    for retriever in RETRIEVERS:
        found = search(index, question, DEPTH, retriever, settings.roles)
        for rank, hit in enumerate(found, 1):
            hits.setdefault(hit.chunk_id, hit)
            ranks.setdefault(hit.chunk_id, {})[retriever] = rank
    order = sorted(hits, key=lambda chunk_id: min(ranks[chunk_id].values()))
    return [Candidate(hits[chunk_id], ranks[chunk_id]) for chunk_id in order]


def documents_like(words: str, index: Index, settings: Settings) -> list[str]:
    """Documents with `words` in their path, then those whose passages the words find."""
    hits = search(index, words, DEPTH, "hybrid", settings.roles, by_source=True)
    named = [source for source in index.sources() if words.casefold() in source.casefold()]
    return list(dict.fromkeys([*named[:DEPTH], *(hit.source for hit in hits)]))


def quote_for(passage: str, question: str, facts: Sequence[Sequence[str]] = ()) -> str:
    """The sentence that holds a fact, else the one with most words of the question."""

    def likeness(sentence: str) -> tuple[bool, int]:
        holds = any(has_facts(sentence, [wordings]) for wordings in facts)
        return holds, len(terms(sentence) & terms(question))

    return max(sentences(passage) or [_plain(passage)], key=likeness)


def check_quote(index: Index, label: Label) -> None:
    """UsageError unless the document is in the index and, as it is on disk, holds the quote.

    White space does not count. Raises ParseFailure, a UsageError, if the file cannot be read.
    """
    if label.source not in index.sources():
        raise UsageError(
            f"{label.source!r} is not a document of the index",
            "give its path as `search` prints it, or run `ingest` first",
        )
    root = Path(index.corpus_root)
    text = read_document(root / label.source, root).text
    if not _plain(label.quote) or _plain(label.quote) not in _plain(text):
        raise UsageError(
            f"{label.source} does not contain the quote {label.quote!r}",
            "copy the exact words of the document; line breaks do not matter",
        )


def is_whole(label: Label, chunks: Sequence[Chunk]) -> bool:
    """Whether one of the chunks of the label's source holds the whole quote."""
    quote = _plain(label.quote)
    return any(c.source == label.source and quote in _plain(c.text) for c in chunks)


def passages_of(index: Index, labels: Sequence[Label]) -> list[str]:
    """For each label the first chunk that carries it, or the quote if none does."""
    passages = []
    for label in labels:
        chunks = index.chunks(label.source)
        ids = carriers(label, chunks)
        passages.append(next((c.text for c in chunks if c.chunk_id in ids), label.quote))
    return passages


def suggest_slice(question: str, passages: Sequence[str]) -> str:
    """A slice from what is countable: no passage, two passages, or how many words are shared.

    `passages` are whole chunks, as `passages_of` gives them: a quote alone shares fewer words.
    """
    if not passages:
        return OUTSIDE
    if len(passages) > 1:
        return "two-passages"
    asked = terms(question)
    shared = len(asked & terms(passages[0])) / max(1, len(asked))
    return "everyday-words" if shared < LOW_OVERLAP else "exact-name"


def split_for(slice_name: str, corpus: str, stored: Sequence[Question]) -> str:
    """The split that has fewer of the author's questions of this slice; "dev" if neither has.

    So every slice fills dev and test in turn, and the order of asking decides, not the author.
    """
    alike = [q for q in stored if (q.origin, q.corpus, q.slice) == (AUTHOR, corpus, slice_name)]
    dev = sum(q.split == "dev" for q in alike)
    return "dev" if 2 * dev <= len(alike) else "test"


def existing(path: Path) -> list[Question]:
    """All questions stored so far, of every corpus; none if there is no file yet."""
    return load(path) if path.exists() else []


def find_same(question: str, corpus: str, stored: Sequence[Question]) -> Question | None:
    """The stored question with the same words for this corpus; case, spaces and ? do not count."""
    wanted = _same(question)
    return next((q for q in stored if q.corpus == corpus and _same(q.question) == wanted), None)


def make_question(
    text: str,
    corpus: str,
    slice_name: str,
    labels: Sequence[Label],
    facts: Sequence[tuple[str, ...]],
    stored: Sequence[Question],
) -> Question:
    """The author's question with the next free id of the form q001."""
    numbers = [int(q.id[1:]) for q in stored if re.fullmatch(r"q\d+", q.id)]
    return Question(
        id=f"q{max(numbers, default=0) + 1:03d}",
        corpus=corpus,
        question=_plain(text),
        split=split_for(slice_name, corpus, stored),
        slice=slice_name,
        relevant=tuple(Label(label.source, _plain(label.quote)) for label in labels),
        facts=tuple(facts),
        origin=AUTHOR,
    )


def append(path: Path, question: Question) -> None:
    """Add one line and sync it to disk; on a failed write the file is cut back to what it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = (json.dumps(asdict(question), ensure_ascii=False) + "\n").encode()
    with path.open("ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            line = line if file.read(1) == b"\n" else b"\n" + line
        try:
            if file.write(line) != len(line):
                raise OSError("the disk is full")
            os.fsync(file.fileno())
        except OSError as error:
            file.truncate(size)
            raise UsageError(f"cannot write {path}: {error}", "nothing was added") from error


def _same(question: str) -> str:
    return _plain(question).casefold().rstrip("?!. ")


def _plain(text: str) -> str:
    return " ".join(text.split())
