"""Who grades: code where code can decide, a judge where it cannot, a person to check the judge."""

from scaffolder.review.coding import registry
from scaffolder.review.judging import labels
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

HALF = 0.5
"""Share of the metrics that code grades (rubric, EVL-04)."""


def mostly_code(view: RepoView) -> Reading:
    """Something says who grades each metric, and code grades half of them and more."""
    known = registry.graders(view)
    places = [m.evidence for m in registry.metrics(view).values()][:3]
    if not known:
        return no("Nothing says which metrics there are and who grades each.")
    unsaid = [name for name, kind in known.items() if not kind]
    if unsaid:
        return partial(f"Nothing says who grades {clean(unsaid[0], 40)}.", *places)
    code = [name for name, kind in known.items() if kind == registry.CODE]
    told = f"Code grades {len(code)} of {count(len(known), 'metric')}."
    if len(code) < HALF * len(known):
        return partial(f"{told} Let outputs be such that code can check them.", *places)
    return yes(told, *places)


def several(view: RepoView) -> Reading:
    """Fact: code graders and a judge; one kind is partial."""
    kinds = {kind for kind in registry.graders(view).values() if kind}
    places = [m.evidence for m in registry.metrics(view).values()][:3]
    if {registry.CODE, registry.JUDGE} <= kinds:
        return yes("Code grades some metrics and a judge others.", *places)
    if kinds or labels.labels(view):
        return partial("One kind of grader was found.", *places)
    return no("No graders were found.")
