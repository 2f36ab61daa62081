"""Drafts a decision record: the measured facts filled in, everything that is a judgement left open.

Invariant: a record, and a draft that the author has begun to fill in, is never overwritten.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from .evaluation.claims import SAMPLE
from .evaluation.metrics import DEPTH
from .sweep import CUT, Measured

GAP = "*(yours to write)*"
# With fewer the percentile bootstrap is too narrow: Hesterberg, Am. Statistician 69 (2015).
ENOUGH = 20
SUBJECT = "chunking-and-retriever"


def write_draft(folder: Path, measured: Sequence[Measured], k: int, rows: str) -> Path:
    """Write `NNNN-chunking-and-retriever.draft.md` and return its path.

    `rows` is where the rows are, relative to the project. An unedited draft is replaced, else the
    next free number is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drafts = sorted(folder.glob(f"[0-9]*-{SUBJECT}.draft.md"))
    unedited = next((path for path in drafts if _unedited(path)), None)
    path = unedited or folder / f"{_next_number(folder):04d}-{SUBJECT}.draft.md"
    text = draft(path.name[:4], measured, k, rows, date.today())
    path.write_text(_sealed(text), encoding="utf-8")
    return path


def draft(number: str, measured: Sequence[Measured], k: int, rows: str, day: date) -> str:
    """The text of the draft; the setting without a comparison is the configured one."""
    current = next(m for m in measured if m.against is None)
    corpus, n = current.rows[0].corpus, len(current.rows)
    return f"""# {number}: chunking and retriever

> Draft from {n} rows a setting of [`{rows}`](../../{rows}), {day.isoformat()}, {whose(measured)}.
> It decides nothing: write what is missing, then rename the file without `.draft`.

Date: {GAP}
Status: draft

## Context
{GAP}: what made a choice necessary, and for whom.

## Options
Corpus `{corpus}`, n = {n} questions of the dev split that have an answer in it. A setting is chunk
size / overlap in words, and the retriever. Configured now: **{current.name}**.

{table(measured, k)}

{few(n)}
In brackets: 95 % intervals. The last column is nDCG@{DEPTH} minus that of the configured setting on
the same questions; where its interval holds 0, these questions cannot tell the two apart.
The best of {len(measured)} settings looks better than it is: confirm it once on the test split.
Larger chunks hand more words to the answer at the same k, so compare "words in context" too.

## Decision
{GAP}: which one, and the reason in one or two sentences.

## Rejected
{GAP}: the best option not taken, and why not.

## Consequences
{GAP}: what this costs, and what would overturn it.
"""


def table(measured: Sequence[Measured], k: int) -> str:
    """Markdown, one line a setting."""
    metrics = columns(k)
    extra = ("labels cut", "words in context", "ms a query", "difference")
    lines = ["| setting | " + " | ".join((*metrics, *extra)) + " |", "|---" * 8 + "|"]
    for m in measured:
        cells = [interval(m, metric.lower()) for metric in metrics]
        cells += [f"{m.figures[CUT].value:.0%}", f"{m.context_words:.0f}", f"{m.latency_ms:.1f}"]
        lines.append(f"| {m.name} | " + " | ".join([*cells, difference(m)]) + " |")
    return "\n".join(lines)


def columns(k: int) -> tuple[str, str, str]:
    """The metrics shown, as people write them; in rows they are in lower case."""
    return f"recall@{k}", f"MRR@{DEPTH}", f"nDCG@{DEPTH}"


def few(n: int) -> str:
    """A warning where the intervals are narrower than they should be, else ""."""
    return f"{n} questions are too few to choose by: label more first." if n < ENOUGH else ""


def interval(m: Measured, metric: str) -> str:
    """A metric's mean and 95 % interval, as in "0.81 [0.70, 0.90]"."""
    figure = m.figures[metric]
    return f"{figure.value:.2f} [{figure.interval.low:.2f}, {figure.interval.high:.2f}]"


def difference(m: Measured) -> str:
    """The paired difference from the configured setting with its interval."""
    if m.against is None:
        return "(configured)"
    return f"{m.against.difference:+z.2f} [{m.against.low:+z.2f}, {m.against.high:+z.2f}]"


def whose(measured: Sequence[Measured]) -> str:
    """Whether the questions behind the rows are the template's or the author's."""
    sample = measured[0].rows[0].origin == SAMPLE
    return "questions of the template, not the author's" if sample else "the author's own questions"


def _sealed(text: str) -> str:
    """`text` with its fingerprint below, by which a later sweep sees that nobody edited it."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return f"{text}\n<!-- the next sweep replaces this file while it is unedited: {digest} -->\n"


def _unedited(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    return _sealed(text.rpartition("\n<!--")[0]) == text


def _next_number(folder: Path) -> int:
    names = (re.match(r"(\d{4})-", path.name) for path in folder.glob("*.md"))
    return max((int(name[1]) for name in names if name), default=0) + 1
