"""What judges said: one verdict a row, or several inside the row of an output.

Invariant: a reply that gave no verdict is one too, with `good` None; whether a judge is a model is
what its rows and its name say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder.review.answering import agreement
from scaffolder.review.answering.agreement import yes_or_no
from scaffolder.review.coding import named
from scaffolder.review.judging import labels
from scaffolder.review.judging.labels import Label
from scaffolder.review.model import Evidence
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row, model_of
from scaffolder.review.view import RepoView

_FILES = re.compile(r"judg|verdict|label|calibrat|agreement|annotat|human", re.IGNORECASE)
_RULE = re.compile(r"rule|regex|baseline|keyword|heuristic|code|determin", re.IGNORECASE)
_BIAS = ("probe", "bias", "perturbation", "variant")
_MACHINE = re.compile(r"judge|llm|model|auto", re.IGNORECASE)
MOST_NESTED = 20


@dataclass(frozen=True)
class Verdict:
    """One verdict of a judge on one output, by metric; `stated` is the label that its row repeats.

    `good` is None where the reply could not be read as a verdict.
    """

    row: Row
    judge: str
    id: str
    system: str
    metric: str
    good: bool | None
    model: str
    critique: str
    stated: bool | None = None


def verdicts(view: RepoView) -> tuple[Verdict, ...]:
    """Every verdict on an output as it is; those of a probe for bias are none."""
    return view.once(_verdicts)


def judges(view: RepoView) -> Mapping[tuple[str, str], tuple[Verdict, ...]]:
    """The verdicts of each judge on each metric."""
    return view.once(_judges)


def is_model(some: Sequence[Verdict]) -> bool:
    """Whether a judge is a model: one that names none is a rule where its name says so."""
    return any(v.model for v in some) or not all(_RULE.search(v.judge) for v in some)


def paired(view: RepoView, some: Sequence[Verdict], split: str) -> list[tuple[Label, Verdict]]:
    """The labels of a split with the judge's verdict on each: the last, where there are several."""
    found: dict[str, list[Verdict]] = {}
    for one in some:
        found.setdefault(one.id, []).append(one)
    pairs = ((x, _on(x, found.get(x.id, []))) for x in labels.held(view, split))
    return [(x, v) for x, v in pairs if v is not None]


def places(view: RepoView, some: Sequence[Verdict], most: int = 2) -> tuple[Evidence, ...]:
    """Where the first of some verdicts stand."""
    return tuple(view.quote(v.row.path, v.row.line) for v in some[:most])


def _on(label: Label, some: Sequence[Verdict]) -> Verdict | None:
    """The verdict on what was labelled: same system and metric, where both name one."""
    fits = [v for v in some if _same(v.system, label.system) and _same(v.metric, label.metric)]
    return next((v for v in fits if v.stated is not None), fits[-1] if fits else None)


def _same(first: str, second: str) -> bool:
    return not first or not second or first == second


def _verdicts(view: RepoView) -> tuple[Verdict, ...]:
    paths = [*named.files(view, _FILES, named.ROW_ENDS), *resultrows.result_files(view)]
    rows = (r for p in dict.fromkeys(paths) for r in resultrows.rows(view, p))
    return tuple(v for r in rows for v in _of_row(r))


def _of_row(row: Row) -> Iterator[Verdict]:
    data = named.fields(row.data)
    nested = data.get("verdicts")
    if isinstance(nested, list):
        inner = [named.fields(v) for v in nested[:MOST_NESTED] if isinstance(v, dict)]
        yield from (_verdict(row, one, v) for one in inner for v in [one.get("verdict")])
    elif data.get("judge") and "verdict" in data and not named.text(data, _BIAS):
        yield _verdict(row, data, data["verdict"], yes_or_no(data.get("label")))
    elif not isinstance(data.get("grades"), dict) and not named.text(data, _BIAS):
        found = agreement.judged(row)
        key = next((k for k, v in found.items() if yes_or_no(v) is not None), "")
        if key and not (_is_persons(data) and not _MACHINE.search(key)):
            yield _verdict(row, {**data, "judge": key}, found[key])


def _is_persons(data: Mapping[str, Any]) -> bool:
    """Whether a row names the person who judged."""
    return not {"labeller", "labeler", "annotator", "rater", "labelled_by"}.isdisjoint(data)


def _verdict(
    row: Row, data: Mapping[str, Any], said: object, stated: bool | None = None
) -> Verdict:
    model = model_of(Row(row.path, row.line, dict(data)))
    why = named.text(data, ("critique", "reason", "explanation", "rationale"))
    return Verdict(
        row,
        named.as_text(data.get("judge"))[:60] or "judge",
        row.id or f"{row.path}:{row.line}",
        row.text("system"),
        labels.metric_of(data),
        yes_or_no(said),
        model,
        why,
        stated,
    )


def _judges(view: RepoView) -> Mapping[tuple[str, str], tuple[Verdict, ...]]:
    found: dict[tuple[str, str], list[Verdict]] = {}
    for one in verdicts(view):
        found.setdefault((one.judge, one.metric), []).append(one)
    return {key: tuple(some) for key, some in found.items()}
