"""Whether a judge looks at more than it should: order, length, planted orders, its own family."""

from collections.abc import Sequence

from scaffolder.review.judging import probing, usage, verdicts
from scaffolder.review.judging.probing import LENGTH, ORDER, PLANTED, SELF, Probe
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.view import RepoView

EACH = 10
"""Outputs of a probe from which the share of turned verdicts says something."""

_KINDS = (ORDER, LENGTH, PLANTED, SELF)


def probed(view: RepoView) -> Reading:
    """A model's verdicts before and after each of four changes that mean nothing."""
    found = {kind: _of_models(some) for kind, some in probing.probes(view).items()}
    if not any(found.values()):
        return _without_model(view)
    enough = [k for k, some in found.items() if len(some) >= EACH]
    if SELF not in enough and probing.preferences(view) >= EACH:
        enough.append(SELF)
    told = "; ".join(_turned(kind, some) for kind, some in found.items() if some)
    missing = [kind for kind in _KINDS if kind not in enough]
    places = _places(view, [p for some in found.values() for p in some[:1]])
    if missing:
        reason = f"{told}. Not tried on {EACH} outputs: {', '.join(missing)}."
        return partial(reason, *places)
    return yes(f"{told}.", *places)


def withstood(view: RepoView) -> Reading:
    """An order to the judge inside of what it judges turns no verdict."""
    found = _of_models(probing.probes(view).get(PLANTED, ()))
    if not found:
        return _without_model(view)
    turned = [p for p in found if p.turned]
    told = f"Of {count(len(found), 'verdict')} {len(turned)} turned at a planted instruction."
    if turned:
        return no(f"{told} What is judged must not give orders.", *_places(view, turned))
    return yes(told, *_places(view, found))


def _of_models(some: Sequence[Probe]) -> list[Probe]:
    return [p for p in some if p.model]


def _without_model(view: RepoView) -> Reading:
    """Probes of a rule show little: a model's biases wait for a model."""
    rules = [p for some in probing.probes(view).values() for p in some]
    if rules and not usage.has_model(view):
        reason = f"{count(len(rules), 'probe')} of a rule are here; a model has not been probed."
        return usage.waits(reason, *_places(view, rules))
    if not verdicts.judges(view):
        return usage.without_verdicts(view)
    if not usage.has_model(view):
        return usage.waits("Only a rule judges here, and a model's biases were not probed.")
    reason = "A model judges, and no verdicts before and after a harmless change were found."
    return no(reason, *verdicts.places(view, verdicts.verdicts(view)))


def _turned(kind: str, some: Sequence[Probe]) -> str:
    read = [p for p in some if p.turned is not None]
    return f"{kind} turned {sum(bool(p.turned) for p in read)} of {len(read)}"


def _places(view: RepoView, some: Sequence[Probe]) -> tuple[Evidence, ...]:
    return tuple(view.quote(p.row.path, p.row.line) for p in some[:4])
