"""Metrics and what they are for: the failure that each answers and the decision that it informs."""

import re

from scaffolder.review.coding import named, notes, registry, taxonomy
from scaffolder.review.coding.registry import Metric
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.results.resultrows import plain
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

_ALIKE = re.compile(
    r"rouge|bleu|bert.?score|meteor|similar|cosine|levenshtein|edit.?distance|helpfulness|fluency",
    re.IGNORECASE,
)
"""Scores of likeness, and ready-made ones, that move for other reasons than a failure."""

_SEARCH = re.compile(r"retriev|search|passage|rank|found|duplicate", re.IGNORECASE)


def mapped(view: RepoView) -> Reading:
    """Every metric that is shown names a failure of the taxonomy and the decision it informs."""
    known = registry.metrics(view)
    answered = {k: m for k, m in known.items() if m.failure}
    if not answered:
        return no(
            "No list of metrics says which failure each answers: looked for evals/metrics.toml and "
            "the like, and for a table with the columns metric, failure and decision.",
            *(m.evidence for m in list(known.values())[:3]),
        )
    names = {*taxonomy.categories(view), *notes.counts(view)}
    loose = [m for m in answered.values() if not _is_named(m.failure, names)]
    if loose:
        said = f"{clean(loose[0].name, 40)} answers {clean(loose[0].failure, 60)}"
        return no(f"{said}, which is no failure that was named.", loose[0].evidence)
    return _complete(view, list(known.values()))


def no_likeness(view: RepoView) -> Reading:
    """No score of likeness to a text is a metric of answers; of a search it may be one."""
    known = registry.metrics(view)
    shown = registry.headlines(view)
    if not known and not shown:
        return no("No metrics were found, neither in a list nor in result rows.")
    listed = [m for m in known.values() if _ALIKE.search(m.name) and not _SEARCH.search(m.failure)]
    alike = {n: e for n, e in shown.items() if _ALIKE.search(n) and not _SEARCH.search(n)}
    places = (*(m.evidence for m in listed), *alike.values())[:3]
    if places:
        name = clean(listed[0].name if listed else next(iter(alike)), 40)
        return no(f"{name} says how alike texts are, or how nice: it answers no failure.", *places)
    first = [m.evidence for m in known.values()] or list(shown.values())
    return yes("No score of likeness stands for the quality of an answer.", *first[:2])


def _complete(view: RepoView, known: list[Metric]) -> Reading:
    places = tuple(m.evidence for m in known[:4])
    shown = registry.headlines(view)
    lacking = [n for n in shown if not any(_speaks_of(n, m) for m in known if m.failure)]
    if lacking:
        reason = f"{clean(lacking[0], 40)} is shown, and nothing says which failure it answers."
        return partial(reason, shown[lacking[0]], *places[:2])
    unused = [m for m in known if not (m.failure and m.decision)]
    if unused:
        what = "decision it informs" if unused[0].failure else "failure it answers"
        reason = f"For {clean(unused[0].name, 40)} nothing says the {what}."
        return partial(reason, unused[0].evidence)
    if registry.is_in_words_alone(view):
        return partial("Only the README says which failure each metric answers.", *places)
    many = count(len(known), "metric answers", "metrics answer")
    return yes(f"{many} a named failure, and a decision hangs on each.", *places)


def _is_named(failure: str, names: set[str]) -> bool:
    """Whether all failures that a metric lists were named; "all" is a list of none."""
    parts = [p for p in re.split(r"[;,/|]|\band\b", failure) if p.strip()]
    return named.folded(failure) in names or all(named.folded(p) in names for p in parts)


def _speaks_of(headline: str, metric: Metric) -> bool:
    """`corrected pass rate of no_false_promise` is of the metric `no_false_promise`."""
    return plain(metric.name) in plain(headline)
