"""The numbers of the decision record: what each system scored, what the gap is, what it costs.

Invariant: only measured rows speak here, and the reasons stay with the author.
"""

from collections.abc import Sequence

from .evaluation.claims import grid, verdict
from .evaluation.report import TUNED, Runs, claims_of
from .evaluation.rows import by_item, latency_ms
from .evaluation.scoring import EXACT, VALID
from .evaluation.statistics import compare
from .systems import SYSTEMS

MARKS = ("<!-- numbers:start -->", "<!-- numbers:end -->")


def build(runs: Runs, least: float, break_even: str) -> str:
    """Table, gap, paired tests of a tune, and the sentence of the break-even sheet."""
    cells = {}
    for system, rows in runs.items():
        claims = claims_of(rows)
        link = f"[rows](../../evals/results/{system}.jsonl)"
        cells[system] = [
            f"{claims[EXACT].cell()}, n = {claims[EXACT].n}",
            claims[VALID].cell(),
            f"{latency_ms(rows, 0.5):.0f}",
            link,
        ]
    table = grid(["System", EXACT, VALID, "p50 ms", "from"], cells)
    lines = [_gap(runs, least), *_paired(runs), f"- {break_even}", *_missing(runs)]
    return "\n\n".join([table, "\n".join(lines)])


def _gap(runs: Runs, least: float) -> str:
    others = {s: claims_of(rows)[EXACT].value for s, rows in runs.items() if s != TUNED}
    best = max(others, key=others.__getitem__, default=None)
    if best is None:
        return "- No system but the tune was measured: there is no gap to speak of."
    gap = least - others[best]
    said = f"{gap:.2f} below" if gap > 0 else f"{-gap:.2f} above"
    return f"- Without a tune: {best} is best, {said} the {least:.2f} that are needed (exact)."


def _paired(runs: Runs) -> list[str]:
    if TUNED not in runs:
        return []
    after = by_item(runs[TUNED], EXACT)
    lines = []
    for system in (s for s in runs if s != TUNED):
        before = by_item(runs[system], EXACT)
        found = compare([before[name] for name in after], [*after.values()])
        lines.append(f"- tuned minus {system}, exact: {verdict(len(after), found)}")
    return lines


def _missing(runs: Runs) -> Sequence[str]:
    absent = [system for system in SYSTEMS if system not in runs]
    return [f"- Not measured yet: {', '.join(absent)}."] if absent else []
