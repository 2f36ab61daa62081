"""Who grades: code where code can, a judge where it must, and what that takes."""

import re
from collections.abc import Iterable

from scaffolder.review.answering import grading
from scaffolder.review.coding import registry
from scaffolder.review.coding.registry import CODE, JUDGE
from scaffolder.review.judging import verdicts
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import identifiers
from scaffolder.review.results.resultrows import Row, number
from scaffolder.review.view import RepoView

HALF = 0.5
"""Part of the metrics that code decides at least (rubric, EVL-04)."""

_SPENT = re.compile(
    r"(?:grad(?:ing|er|e)|judge|scor(?:ing|er)|verdict)\w{0,12}_(?:usd|cost|ms|seconds|s|tokens|latency)"
    r"|(?:cost|latency|tokens|seconds)_(?:of_)?(?:grad|judge|scor)\w{0,8}",
    re.IGNORECASE,
)
_INNER = re.compile(r"cost|usd|latency|_ms$|seconds|tokens", re.IGNORECASE)
_BY_CODE = re.compile(
    r"^_?(?:grade|score|check|verify)_\w{2,40}$|exact_?match|contains_(?:all|any|keywords|facts)"
    r"|is_valid_(?:json|sql|schema)|has_(?:facts|keywords|citations?|sources?)|fact_accuracy"
    r"|(?:recall|precision|ndcg|hit)_at|accuracy_score|f1_score|hit_rate|json_schema_valid"
    r"|string_match|regex_match|numeric_match|unit_tests?_pass",
    re.IGNORECASE,
)
_MEASURES = re.compile(r"eval|grad|scor|metric|bench|judge|check", re.IGNORECASE)


def mostly_code(view: RepoView) -> Reading:
    """At least half of the metrics are decided by code."""
    kinds = registry.graders(view)
    if not kinds:
        reason = "Nothing says who grades which metric: code, a judge or a person."
        return no(reason, *_first(registry.graded(view), view))
    by = {kind: [k for k, v in kinds.items() if v == kind] for kind in set(kinds.values())}
    told = ", ".join(f"{kind} {len(names)}" for kind, names in sorted(by.items()))
    places = _places(view)
    if len(by.get(CODE, ())) < HALF * len(kinds):
        return partial(
            f"Of {count(len(kinds), 'metric')}: {told}. Code could decide more.", *places
        )
    return yes(f"Of {count(len(kinds), 'metric')}: {told}.", *places)


def cost_told(view: RepoView) -> Reading:
    """Rows say what a judge's grading took; where code alone grades there is nothing to tell."""
    kinds = registry.graders(view)
    judged = JUDGE in kinds.values() or bool(verdicts.verdicts(view))
    rows = [*registry.graded(view), *(v.row for v in verdicts.verdicts(view))]
    spent = [r for r in {(r.path, r.line): r for r in rows}.values() if _says_spent(r)]
    if spent:
        reason = f"{count(len(spent), 'row says', 'rows say')} what grading took."
        return yes(reason, *_first(spent, view))
    if not kinds and not judged:
        return no("No graded rows say who graded them, or what that took.")
    if not judged:
        return yes("Code grades everything, which costs nothing.", *_places(view))
    return partial(
        "Nothing says what the judge's grading costs, or how long it takes.", *_places(view)
    )


def several(view: RepoView) -> Reading:
    """Fact: code graders and a judge; one kind is partial."""
    kinds = set(registry.graders(view).values())
    judge, code = grading.graders(view), _by_code(view)
    is_judged = JUDGE in kinds or bool(judge)
    is_checked = CODE in kinds or bool(code)
    places = (*_places(view)[:2], *judge[:2], *code[:2])
    if is_judged and is_checked:
        return yes("Code grades, and a judge does.", *places)
    if is_judged or is_checked:
        return partial(f"Only {'a judge' if is_judged else 'code'} grades.", *places)
    return no("Nothing that grades outputs was found.")


def _by_code(view: RepoView) -> list[Evidence]:
    measuring = [f for f in view.code if _MEASURES.search(f.path)]
    return identifiers(view, _BY_CODE, measuring)


def _says_spent(row: Row) -> bool:
    """Whether a row holds what its grading took: its own field, or a judge's."""
    if any(_SPENT.search(k[:60]) and number(v) is not None for k, v in row.data.items()):
        return True
    said = row.data.get("verdicts") or ([row.data] if row.data.get("judge") else [])
    inner = [v for v in said if isinstance(v, dict)] if isinstance(said, list) else []
    return any(
        _INNER.search(k[:60]) and number(v) is not None for one in inner for k, v in one.items()
    )


def _first(rows: Iterable[Row], view: RepoView) -> tuple[Evidence, ...]:
    return tuple(view.quote(r.path, r.line) for r in list(rows)[:2])


def _places(view: RepoView) -> tuple[Evidence, ...]:
    listed = [m.evidence for m in registry.metrics(view).values() if m.grader]
    return tuple(listed[:3]) or _first(registry.graded(view), view)
