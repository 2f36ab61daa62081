"""The golden set: questions whose right passages and facts a person has labelled.

A label is a source and an exact quote, not a chunk id, so it survives a change of chunking.
Which chunks carry a label is worked out against the index at hand.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from textwrap import shorten
from typing import Any

from ..chunking import Chunk
from ..errors import UsageError
from ..index import Index
from ..plaintext import clean
from . import SPLITS

MEND = "mend the label in the golden set, or run ingest if the corpus has changed"
CUT_SHARE = 0.25  # a quote cut by chunk boundaries is carried by a chunk with this much of it


@dataclass(frozen=True)
class Label:
    """A passage that answers the question: the document and its exact words."""

    source: str
    quote: str


@dataclass(frozen=True)
class Question:
    """One line of the golden set; no `relevant` label means that the corpus does not answer it.

    Each of `facts` is a group of alternative wordings, one of which the answer must contain.
    """

    id: str
    corpus: str
    question: str
    split: str
    slice: str
    relevant: tuple[Label, ...]
    facts: tuple[tuple[str, ...], ...]
    origin: str


def load(path: Path, corpus: str | None = None) -> list[Question]:
    """All questions of `path`, or those of one corpus, in file order.

    Raises UsageError with file and line for a line that is not a valid question.
    """
    questions: list[Question] = []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        question = _parse(line, f"{path.name} line {number}")
        if any(question.id == other.id for other in questions):
            raise UsageError(f"{path.name} line {number}: id {question.id!r} is used twice")
        questions.append(question)
    return [q for q in questions if corpus in (None, q.corpus)]


def carriers(label: Label, chunks: Sequence[Chunk]) -> frozenset[str]:
    """Ids of the chunks that carry the label: all with the whole quote, else the best part of it.

    White space is ignored. Empty if no chunk of the source has a quarter of the quote in one piece.
    """
    quote = _plain(label.quote)
    texts = {c.chunk_id: _plain(c.text) for c in chunks if c.source == label.source}
    whole = frozenset(chunk_id for chunk_id, text in texts.items() if quote in text)
    if whole or not texts:
        return whole
    best = max(texts, key=lambda chunk_id: _overlap(quote, texts[chunk_id]))
    enough = _overlap(quote, texts[best]) >= CUT_SHARE * len(quote)
    return frozenset([best]) if enough else frozenset()


def targets(question: Question, index: Index) -> list[frozenset[str]]:
    """For each label of the question, the chunks of the index that carry it.

    Raises UsageError if a labelled passage is not in the index: the document changed or went.
    """
    if problem := _broken(question, index):
        raise UsageError(f"question {question.id}: {problem}", MEND)
    return [carriers(label, index.chunks(label.source)) for label in question.relevant]


def broken_labels(questions: Sequence[Question], index: Index) -> dict[str, str]:
    """Question id -> what is wrong with its first label that no passage of the index carries."""
    found = {question.id: _broken(question, index) for question in questions}
    return {name: problem for name, problem in found.items() if problem}


def check_labels(path: Path, questions: Sequence[Question], index: Index) -> None:
    """Raises UsageError naming every question of the file `path` with a broken label, and its line.

    One run then shows all that an edit of the documents has broken.
    """
    broken = broken_labels(questions, index)
    if not broken:
        return
    ids = (json.loads(line)["id"] if line.strip() else "" for line in _lines(path))
    lines = {name: number for number, name in enumerate(ids, 1)}
    listed = [f"  line {lines[name]}, {name}: {problem}" for name, problem in broken.items()]
    head = f"{path.name}: {len(broken)} questions have a label that is in no passage"
    raise UsageError("\n".join([head, *listed]), MEND)


def _broken(question: Question, index: Index) -> str:
    for label in question.relevant:
        chunks = index.chunks(label.source)
        if not chunks:
            return f"{label.source} is gone from the corpus"
        if not carriers(label, chunks):
            return f"no passage of {label.source} has {shorten(label.quote, 60, placeholder='…')!r}"
    return ""


def label_ranks(labels: Sequence[frozenset[str]], ranked: Sequence[str]) -> tuple[int | None, ...]:
    """For each label the 1-based rank of the first chunk id in `ranked` that carries it."""
    return tuple(
        next((rank for rank, chunk_id in enumerate(ranked, 1) if chunk_id in label), None)
        for label in labels
    )


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the golden set {path}: {error}") from error


def _parse(line: str, where: str) -> Question:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: not JSON: {error}") from error
    if not isinstance(row, dict):
        raise UsageError(f"{where}: not a JSON object")
    split = _text(row, "split", where)
    if split not in SPLITS:
        raise UsageError(f"{where}: split is {split!r}, not one of {', '.join(SPLITS)}")
    return Question(
        id=_text(row, "id", where),
        corpus=_text(row, "corpus", where),
        question=_text(row, "question", where),
        split=split,
        slice=_text(row, "slice", where),
        relevant=tuple(_label(item, where) for item in _items(row, "relevant", where)),
        facts=tuple(_wordings(item, where) for item in _items(row, "facts", where)),
        origin=_text(row, "origin", where),
    )


def _text(row: Mapping[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}: {key!r} is missing or not a text")
    return clean(value)


def _items(row: Mapping[str, Any], key: str, where: str) -> list[Any]:
    value = row.get(key)
    if not isinstance(value, list):
        raise UsageError(f"{where}: {key!r} is missing or not a list")
    return value


def _label(item: object, where: str) -> Label:
    if not isinstance(item, dict):
        raise UsageError(f"{where}: each of 'relevant' is an object with 'source' and 'quote'")
    return Label(_text(item, "source", where), _text(item, "quote", where))


def _wordings(item: object, where: str) -> tuple[str, ...]:
    if not isinstance(item, list) or not item or not all(isinstance(w, str) for w in item):
        raise UsageError(f"{where}: each of 'facts' is a list of alternative wordings")
    return tuple(item)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _overlap(quote: str, text: str) -> int:
    """Length in characters of the longest piece of `quote` that is in `text`."""
    matcher = SequenceMatcher(None, quote, text, autojunk=False)
    return matcher.find_longest_match().size
