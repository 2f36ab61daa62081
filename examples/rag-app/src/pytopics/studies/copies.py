"""A changed copy of the corpus in an index of its own, so that a study never touches the real one.

Only what changed is embedded again: the copy starts with the real index.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import UsageError
from ..index import Index
from ..ingest import ingest
from ..settings import Settings


@contextmanager
def changed_copy(settings: Settings, changed: Mapping[str, str]) -> Iterator[Index]:
    """An index of the corpus in which the documents named in `changed` have those texts."""
    with TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        shutil.copytree(settings.corpus_path, corpus)
        for name, text in changed.items():
            (corpus / name).write_text(text, encoding="utf-8")
        copy = replace(settings, corpus_path=corpus, index_path=Path(folder) / "index.sqlite")
        shutil.copyfile(settings.index_path, copy.index_path)
        ingest(copy, corpus, settings.corpus_name)
        index = Index.open(copy)
        try:
            yield index
        finally:
            index.close()


def text_of(settings: Settings, source: str) -> str:
    """A document of the corpus as it is."""
    return (settings.corpus_path / source).read_text(encoding="utf-8")


def span_of(quote: str, text: str, source: str) -> tuple[int, int]:
    """Where the words of `quote` stand in `text`, whatever the white space between them.

    Raises UsageError if they do not.
    """
    words = quote.split()
    at = text.find(words[0]) if words else -1
    while at >= 0:
        end = _end_of(words, text, at)
        if end:
            return at, end
        at = text.find(words[0], at + 1)
    raise UsageError(f"{source} has no {quote[:60]!r}", "take the words from the document")


def _end_of(words: list[str], text: str, at: int) -> int:
    """The end of `words` in `text` from `at` on, 0 if something else stands there."""
    for word in words:
        while at < len(text) and text[at].isspace():
            at += 1
        if not text.startswith(word, at):
            return 0
        at += len(word)
    return at
