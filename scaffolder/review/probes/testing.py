"""Tests: whether they assert something of the project, and run without a model or a network."""

from scaffolder.review.model import Answer, Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.project.testsuite import TestModule, asserting, loaded_model, modules, suite
from scaffolder.review.view import RepoView

SEVERAL = 2
"""Test modules from which on one does not speak of a single test file."""

WIDE = 4
"""Project modules that tests import, from which on a small share of a large project will do."""

SHARE = 0.15
"""The part of a project's modules that its tests import to be meaningful: a sceptic's lower bound,
set on thirteen repositories between one tested helper (0.06 to 0.11) and real suites (0.2 up)."""

PLAIN_SHARE = 0.3
"""The part of the modules that COM-16 asks for; the model's own adapters may be what is left."""


def assertions(view: RepoView) -> Reading:
    """Real assertions over a meaningful part; one module or only live services is partial."""
    found = asserting(view)
    if not found:
        return _none(view)
    offline = [t for t in found if not t.guarded and t.reaches is None]
    lines = sum(len(t.asserts) for t in found)
    if not offline:
        return partial(
            "Every test module with assertions needs a live service or a key to run.",
            *_places(view, found),
        )
    touched = _touched(offline)
    if _meaningful(view, offline, touched):
        return yes(
            f"Tests assert {count(lines, 'time')} in {count(len(found), 'module')} and import "
            f"{count(len(touched), 'module')} of the project.",
            *_places(view, offline),
        )
    whole = len(modules(view))
    return partial(
        f"Only {count(len(found), 'test module')} with {count(lines, 'assertion')}, importing "
        f"{len(touched)} of the project's {count(whole, 'module')}.",
        *_places(view, offline),
    )


def offline(view: RepoView) -> Reading:
    """The model is replaced in tests, or nothing in them reaches for one."""
    found = asserting(view)
    if not found:
        return no("There is no test with an assertion that could run without a network.")
    live = [t for t in found if t.reaches is not None and not t.guarded]
    fake = [t for t in found if t.replaces is not None]
    if len(live) == len(found):
        return no("Every test module calls a live service.", *_calls(view, live))
    if live:
        return partial(
            f"{_of(live, found)} {_verb('call', live)} a live service without a stand-in.",
            *_calls(view, live),
        )
    loaded = loaded_model(view)
    if loaded:
        said = "The tests load a real model, which has to be fetched; others run without one."
        return partial(said, view.quote(*loaded))
    if fake:
        places = [view.quote(*t.replaces) for t in fake if t.replaces]
        return yes(
            f"{_of(fake, found)} {_verb('replace', fake)} what would call out, and no other "
            "calls a live service.",
            *list(dict.fromkeys(places))[:3],
        )
    return _plain(view, found)


def model_replaced(view: RepoView) -> Reading:
    """As `offline`, for a project that calls a model; in another there is nothing to replace."""
    missing = without_call(view)
    if not calls(view) and missing.answer is Answer.NOT_APPLICABLE:
        return missing
    return offline(view)


def cover_plain_code(view: RepoView) -> Reading:
    """Tests that import the project's own modules, several of them, and need no service."""
    found = [t for t in asserting(view) if not t.guarded]
    touched = _touched(found)
    whole = modules(view)
    if not found or not touched:
        return no("No test imports a module of the project and asserts something of it.")
    if not whole or len(touched & whole) >= min(len(whole), max(2, PLAIN_SHARE * len(whole))):
        return yes(
            f"Tests import {len(touched)} of the project's "
            f"{count(len(whole) or len(touched), 'module')}.",
            *_places(view, found),
        )
    left = sorted(whole - touched)
    return partial(
        f"Tests import {len(touched)} of the project's {count(len(whole), 'module')}.",
        *_places(view, found[:2]),
        *(Evidence(path, 1, text="no test imports it") for path in left[:3]),
    )


def _none(view: RepoView) -> Reading:
    weak = [t for t in suite(view) if t.weak]
    if weak:
        return partial(
            "The tests only check that something exists: no assertion compares a result.",
            *(view.quote(t.path, t.weak[0]) for t in weak[:3]),
        )
    printing = [view.quote(t.path, 1) for t in view.tests if not t.path.endswith("conftest.py")]
    if printing:
        return no("There are test files, but no test in them asserts anything.", *printing[:3])
    return no("No test with an assertion was found: no test_*.py, *_test.*, *.test.* or *.spec.*.")


def _plain(view: RepoView, found: list[TestModule]) -> Reading:
    if len(found) < SEVERAL:
        return partial(
            "The one test module runs without a network, but the model is not replaced anywhere.",
            *_places(view, found),
        )
    return yes(
        f"None of the {len(found)} test modules calls a model or a service.", *_places(view, found)
    )


def _meaningful(view: RepoView, found: list[TestModule], touched: frozenset[str]) -> bool:
    whole = modules(view)
    if not any(t.path.endswith(".py") for t in found):
        return len(found) >= SEVERAL
    if len(found) >= WIDE and touched:
        return True
    enough = len(touched) >= WIDE or len(touched & whole) >= SHARE * len(whole)
    several = len(found) >= SEVERAL or len(touched & whole) >= max(2, len(whole) / 2)
    return bool(touched) and enough and several


def _touched(found: list[TestModule]) -> frozenset[str]:
    return frozenset(path for t in found for path in t.imports)


def _places(view: RepoView, found: list[TestModule]) -> list[Evidence]:
    most = sorted(found, key=lambda t: -len(t.asserts))[:3]
    return [view.quote(t.path, (t.asserts or t.weak or (1,))[0]) for t in most]


def _of(part: list[TestModule], whole: list[TestModule]) -> str:
    return f"{len(part)} of {count(len(whole), 'test module')}"


def _verb(plural: str, part: list[TestModule]) -> str:
    return f"{plural}s" if len(part) == 1 else plural


def _calls(view: RepoView, found: list[TestModule]) -> list[Evidence]:
    return [view.quote(t.path, t.reaches or 1) for t in found[:3]]
