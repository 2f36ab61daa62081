"""Verdicts before and after a change that means nothing: what a judge's biases are told from.

Invariant: a row counts for the kind that it names; whether a verdict turned follows from both
verdicts where it has them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

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


def compared_models(view: RepoView) -> int:
    """Outputs that two models have judged: whether one favours its own shows there."""
    seen: dict[tuple[str, str, str], set[str]] = {}
    for one in verdicts.verdicts(view):
        if one.model:
            seen.setdefault((one.id, one.system, one.metric), set()).add(one.model)
    return sum(len(models) > 1 for models in seen.values())


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
    is_model = bool(model_of(row)) or not _RULE.search(row.text("judge")[:60] or "rule")
    return Probe(row, kind, turned, is_model)
