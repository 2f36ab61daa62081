"""Verdicts before and after a change that means nothing: what a judge's biases are told from.

Invariant: a row counts for the kind that it names; whether a verdict turned follows from both
verdicts where it has them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffolder.review.answering.agreement import yes_or_no
from scaffolder.review.answering.refusals import truth
from scaffolder.review.coding import named
from scaffolder.review.judging import verdicts
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row, model_of
from scaffolder.review.view import RepoView

ORDER, LENGTH, PLANTED, SELF = "order", "length", "planted instruction", "self-preference"

_FILES = re.compile(r"bias|probe|robust|perturb|judg", re.IGNORECASE)
_RULE = re.compile(r"rule|regex|baseline|keyword|heuristic|code", re.IGNORECASE)
_KIND = ("probe", "bias", "perturbation", "variant", "attack", "change", "kind", "test")
_BEFORE = ("before", "original", "verdict_before", "verdict_original", "first", "base")
_AFTER = (
    *("after", "changed", "verdict_after", "verdict_changed", "perturbed", "swapped", "padded"),
    *("second", "verdict_swapped", "verdict_padded"),
)
_TURNED = ("flipped", "flip", "changed_verdict", "turned")
_KINDS: Mapping[str, re.Pattern[str]] = {
    SELF: re.compile(r"self|family|own|prefer|enhanc", re.IGNORECASE),
    PLANTED: re.compile(r"plant|inject|instruct|mark.?this|override|prompt", re.IGNORECASE),
    LENGTH: re.compile(r"length|pad|verbos|long", re.IGNORECASE),
    ORDER: re.compile(r"order|position|swap|revers", re.IGNORECASE),
}


@dataclass(frozen=True)
class Probe:
    """One output that was judged twice; `turned` is None where one of both gave no verdict."""

    row: Row
    kind: str
    turned: bool | None
    model: bool


def probes(view: RepoView) -> Mapping[str, tuple[Probe, ...]]:
    """The probes by kind, in the order of the kinds above."""
    return view.once(_probes)


def preferences(view: RepoView) -> int:
    """Outputs on which it shows whether a judge favours its own kind.

    Those that two models have judged; else labelled ones, where a model judged those of two
    systems: how much it forgives either stands beside what people say.
    """
    seen: dict[tuple[str, str, str], set[str]] = {}
    systems: dict[tuple[str, str], dict[str, int]] = {}
    for one in (v for v in verdicts.verdicts(view) if v.model):
        seen.setdefault((one.id, one.system, one.metric), set()).add(one.model)
        if one.stated is not None:
            by_system = systems.setdefault((one.judge, one.metric), {})
            by_system[one.system] = by_system.get(one.system, 0) + 1
    second = [sorted(n.values())[-2] for n in systems.values() if len(n) > 1]
    return max(sum(len(models) > 1 for models in seen.values()), *second, 0)


def _probes(view: RepoView) -> Mapping[str, tuple[Probe, ...]]:
    paths = [*named.files(view, _FILES, named.ROW_ENDS), *resultrows.result_files(view)]
    rows = (r for p in dict.fromkeys(paths) for r in resultrows.rows(view, p))
    found: dict[str, list[Probe]] = {kind: [] for kind in _KINDS}
    for one in (p for r in rows if (p := _probe(r)) is not None):
        found[one.kind].append(one)
    return {kind: tuple(some) for kind, some in found.items() if some}


def _probe(row: Row) -> Probe | None:
    data = named.fields(row.data)
    said = named.text(data, _KIND)[:60]
    kind = next((k for k, pattern in _KINDS.items() if said and pattern.search(said)), "")
    before, after = (next((data[k] for k in keys if k in data), None) for keys in (_BEFORE, _AFTER))
    marked = next((truth(data[k]) for k in _TURNED if k in data), None)
    if not kind or (marked is None and (before is None or after is None)):
        return None
    first, second = yes_or_no(before), yes_or_no(after)
    turned = first != second if first is not None and second is not None else marked
    judge = row.text("judge") or PurePosixPath(row.path).stem
    is_model = bool(model_of(row)) or not _RULE.search(judge[:60])
    return Probe(row, kind, turned, is_model)
