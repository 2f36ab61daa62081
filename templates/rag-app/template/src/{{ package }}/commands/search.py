"""`search`: the ranked passages for one query, or for a file of queries."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

from ..console import deliver, show
from ..errors import UsageError
from ..plaintext import clean
from ..result import Result
from ..retrieval import Hit, search
from ..settings import load_settings
from . import open_index


def run(args: argparse.Namespace) -> int:
    """Search for `args.query`, or for every line of `args.queries`."""
    settings = load_settings()
    queries = list(read_queries(Path(args.queries))) if args.queries else []
    index = open_index(settings)

    def find(query: str) -> list[Hit]:
        retriever = args.retriever or settings.retriever
        return search(index, query, args.k or settings.k, retriever, settings.roles, args.by_source)

    for identifier, query in queries:
        show(json.dumps({"id": identifier, "results": [_row(hit) for hit in find(query)]}))
    if not args.queries:
        hits = find(args.query)
        found = f"{len(hits)} passages from {index.corpus}" if hits else "nothing found"
        result = Result("answered", found, detail={"results": [_row(hit) for hit in hits]})
        deliver(result, args.json, human(hits) or found)
    return 0


def read_queries(path: Path) -> Iterator[tuple[str | int, str]]:
    """(id, query) of every line that is not blank. Raises UsageError naming file and line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read {path}: it is not UTF-8") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _query(line, f"{path}, line {number}")


def _query(line: str, where: str) -> tuple[str | int, str]:
    try:
        row = json.loads(line)
        identifier, query = row["id"], row["query"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(f"{where}: not a query", 'one {"id": ..., "query": ...} a line') from error
    if not isinstance(query, str) or not isinstance(identifier, str | int):
        raise UsageError(f"{where}: id or query is not text")
    return identifier, clean(query)


def _row(hit: Hit) -> dict[str, object]:
    return {
        "source": hit.source,
        "chunk_id": hit.chunk_id,
        "score": hit.score,
        "text": hit.text,
    }


def human(hits: list[Hit]) -> str:
    """One block a hit: rank, score, source and the rank in each list, then the passage."""
    blocks = []
    for number, hit in enumerate(hits, start=1):
        ranks = ", ".join(f"{name} {rank}" for name, rank in hit.ranks.items())
        head = f"{number}. {hit.source}  {hit.score:.4f}  ({ranks})"
        blocks.append(f"{head}\n{indent(hit.text, '   ')}")
    return "\n\n".join(blocks)
