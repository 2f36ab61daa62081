"""`sweep`: chunkings and retrievers on the same questions, and a decision record to finish."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from ..console import deliver, note
from ..decisions import columns, difference, few, interval, whose, write_draft
from ..errors import UsageError
from ..evaluation import rows
from ..evaluation.metrics import DEPTH
from ..result import Result
from ..settings import load_settings
from ..sweep import CUT, Chunking, Measured, chunkings, questions_for, sweep
from . import open_index


def run(args: argparse.Namespace) -> int:
    """Compare the sizes `args.words` ("60,120", "" for half and double) with the configured one."""
    settings = load_settings()
    index = open_index(settings)
    questions = questions_for(settings, index.corpus)
    tried = chunkings(settings, _sizes(args.words), args.overlap)
    note(f"measuring {len(tried)} chunkings on {len(questions)} dev questions ...")
    measured = sweep(questions, index, settings, tried)
    path = settings.results / "sweep.jsonl"
    rows.write(path, [row for m in measured for row in m.rows])
    where = path.relative_to(settings.root).as_posix()
    draft = write_draft(settings.root / "docs" / "decisions", measured, settings.k, where)
    files = {"rows": where, "draft": draft.relative_to(settings.root).as_posix()}
    detail = {"settings": [_summary(m) for m in measured], "n": len(questions), **files}
    n = len(questions)
    message = f"{len(measured)} settings on {n} dev questions ({whose(measured)}). {few(n)}"
    result = Result("answered", message.strip(), detail=detail)
    deliver(result, args.json, human(measured, settings.k, result))
    return 0


def human(measured: Sequence[Measured], k: int, result: Result) -> str:
    """One block a chunking, one line a retriever, for 80 columns; `words` go to the answer."""
    head = "".join(f"{name:<19}" for name in columns(k))
    lines = [result.message, "", f"{'':<10}{head}ms    words"]
    for chunking, group in groupby(measured, lambda m: m.chunking):
        settings = list(group)
        lines.append(_heading(chunking, settings[0]))
        for m in settings:
            cells = "".join(f"{interval(m, name.lower()):<19}" for name in columns(k))
            lines.append(f"  {m.retriever:<8}{cells}{m.latency_ms:<6.1f}{m.context_words:.0f}")
    compared = [f"  {m.name:<18}{difference(m)}" for m in measured]
    lines += ["", f"nDCG@{DEPTH} minus the configured setting:", *compared, ""]
    return "\n".join([*lines, *_files(result)])


def _heading(chunking: Chunking, m: Measured) -> str:
    cut = f"{m.figures[CUT].value:.0%} of labels cut"
    return f"{chunking.words} words, overlap {chunking.overlap}: {m.chunks} chunks, {cut}"


def _files(result: Result) -> list[str]:
    return [
        f"rows:  {result.detail['rows']}",
        f"draft: {result.detail['draft']} (the decision in it is yours to write)",
    ]


def _summary(m: Measured) -> dict[str, Any]:
    return {
        "setting": m.name,
        "chunk_words": m.chunking.words,
        "chunk_overlap": m.chunking.overlap,
        "retriever": m.retriever,
        "metrics": {name: asdict(figure) for name, figure in m.figures.items()},
        "chunks": m.chunks,
        "context_words": round(m.context_words, 1),
        "latency_ms": m.latency_ms,
        "against_configured": asdict(m.against) if m.against else None,
    }


def _sizes(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise UsageError(f"--words {text!r}: not a list of numbers", "--words 60,120") from None
