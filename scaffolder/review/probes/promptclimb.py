"""The climb: versions measured on the same items, the ladder recomputed, the gain in pairs."""

import csv
import io

from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.promptwork import trials
from scaffolder.review.promptwork.trials import Trial
from scaffolder.review.results import intervals
from scaffolder.review.view import RepoView

FEWEST_ITEMS = 40
FEWEST_VERSIONS = 3
LEVEL = 0.05

_NONE = "No rows of several versions of a prompt on the same set were found."


def versions_measured(view: RepoView) -> Reading:
    """At least three versions have rows on the same items."""
    found = _climb(view)
    if len(found) < 2:
        return no(_NONE, *_places(list(found.values())))
    shared = set.intersection(*(set(t.rows) for t in found.values()))
    sizes = {len(t.rows) for t in found.values()}
    places = _places([*found.values()][:3])
    if len(sizes) > 1 or len(shared) < min(sizes):
        return no("The versions were not measured on the same items.", *places)
    said = f"{len(found)} versions on the same {count(len(shared), 'item')}"
    if len(found) < FEWEST_VERSIONS or len(shared) < FEWEST_ITEMS:
        return partial(
            f"{said}; {FEWEST_VERSIONS} versions and {FEWEST_ITEMS} items are wanted.", *places
        )
    return yes(f"{said}.", *places)


def ladder_kept(view: RepoView) -> Reading:
    """A table of the climb is committed, and its figures are those of the rows."""
    paths = [p for p in view.find("*.csv") if "ladder" in p.lower() or "climb" in p.lower()]
    found = _climb(view)
    if not paths or not found:
        return no("No ladder.csv of the versions was found.")
    for line, cells in enumerate(csv.DictReader(io.StringIO(view.text(paths[0]))), 2):
        trial = _named(found, cells)
        wrong = _wrong(cells, trial) if trial else ""
        if wrong:
            return no(wrong, view.quote(paths[0], line))
    return yes("The figures of the ladder are those of the rows.", view.quote(paths[0], 1))


def gained(view: RepoView) -> Reading:
    """The version that stands highest beats the first one, in pairs."""
    found = _climb(view)
    if len(found) < 2:
        return no(_NONE)
    first, *later = found.values()
    best = max(later, key=lambda t: trials.mean(t, trials.metric(first, t)) or 0.0)
    values = trials.differences(first, best)
    if not values:
        return no("The versions share no graded item.", *_places([first, best]))
    said = f"{best.name} minus {first.name}: {trials.metric(first, best)} {trials.said(values)}"
    clear = intervals.bootstrap(values)[0] > 0 and intervals.sign_test(values) <= LEVEL
    if clear:
        return yes(f"{said}, a clear gain.", *_places([first, best]))
    return partial(f"{said}, no clear gain.", *_places([first, best]))


def parsed(view: RepoView) -> Reading:
    """Every reply of the last version is of the form that was asked for."""
    found = _climb(view)
    if not found:
        return no(_NONE)
    last = [*found.values()][-1]
    rates = (trials.mean(last, name) for name in ("valid", "parsed", "parse_rate"))
    rate = next((each for each in rates if each is not None), None)
    if rate is None:
        return no("No grade says whether a reply could be parsed.", *_places([last]))
    said = f"{rate:.1%} of {len(last.rows)} replies of {last.name} could be parsed."
    if rate == 1:
        return yes(said, *_places([last]))
    return partial(said, *_places([last])) if rate >= 0.99 else no(said, *_places([last]))


def two_models(view: RepoView) -> Reading:
    """The same versions were measured on two models."""
    climbs = {name: each for name, each in trials.by_version(view).items() if len(each) > 1}
    models = {t.first.text("model") or name for name, each in climbs.items() for t in each.values()}
    places = _places([next(iter(each.values())) for each in climbs.values()][:3])
    if not models:
        return no(_NONE)
    if len(models) < 2:
        return no("The versions were measured on one model.", *places)
    shared = set.intersection(*(set(each) for each in climbs.values()))
    if len(shared) < 2:
        return partial("The models were asked different versions.", *places)
    return yes(f"{len(shared)} versions were measured on {len(models)} models.", *places)


def _climb(view: RepoView) -> dict[int, Trial]:
    """The versions of the system that has most of them."""
    climbs = [dict(each) for each in trials.by_version(view).values()]
    return max(climbs, key=len) if climbs else {}


def _named(found: dict[int, Trial], cells: dict[str, str]) -> Trial | None:
    digits = "".join(c for c in str(cells.get("version") or "") if c.isdigit())
    on_test = str(cells.get("split") or "dev") == "test"
    trial = found.get(int(digits)) if digits and not on_test else None
    same = trial and str(cells.get("system") or trial.system) == trial.system
    return trial if same else None


def _wrong(cells: dict[str, str], trial: Trial) -> str:
    """Why a line of the ladder is not what the rows give; "" if it is."""
    for name, text in cells.items():
        value = trials.mean(trial, str(name))
        try:
            stated = float(text)
        except (TypeError, ValueError):
            continue
        if value is not None and abs(value - stated) > 0.006:
            return f"The ladder has {name} {stated:g} for {trial.name}, its rows give {value:.3f}."
    return ""


def _places(some: list[Trial]) -> list[Evidence]:
    return [trial.place for trial in some]
