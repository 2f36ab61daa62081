"""`scaffold dev check-rubric`: the rubric's own tests.

Invariant: every check is shown to tell apart; the problems found are returned, not raised.
"""

import ast
import pkgutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from scaffolder.errors import BrokenTemplate
from scaffolder.review import engine, probes, rubric, trees, view
from scaffolder.review.model import Answer, Check, ProbeCall, Status
from scaffolder.review.rubric import Rubric

_NOTHING: Mapping[str, Any] = {"nothing.txt": ""}


def problems(folder: Path | None = None) -> list[str]:
    """Everything that is wrong with the rubric, a sentence each; empty when it holds."""
    try:
        data = rubric.load(folder)
        _resolve(data)
    except BrokenTemplate as error:
        return [error.message]
    return [
        *_unused_probes(data),
        *_unused_sources(data),
        *_misnumbered(data),
        *_without_areas(data),
        *(said for check in data.checks for said in _check(check, data)),
    ]


def _check(check: Check, data: Rubric) -> Iterator[str]:
    known = data.trees[check.id]
    if not check.probes:
        return
    if not known.passes or not known.fails:
        yield f"{check.id}: it needs a tree that passes and one that fails"
    alone: set[str] = set()
    for wanted, listed in ((True, known.passes), (False, known.fails)):
        for number, tree in enumerate(listed, 1):
            yield from _wrong(check, tree, wanted, number, alone)
    yield from (
        f"{said} (an empty repository)" for said in _wrong(check, _NOTHING, False, 0, alone)
    )
    if len(check.probes) > 1 and known.fails:
        never = [call.probe for call in check.probes if call.probe not in alone]
        said = f"{check.id}: a probe of this check is never the only one that fails"
        yield from (f"{said}: {name}" for name in dict.fromkeys(never))


def _wrong(
    check: Check, tree: Mapping[str, Any], wanted: bool, number: int, alone: set[str]
) -> Iterator[str]:
    """A tree passes where the repository's part of the check is answered yes.

    `alone` is given the probe that is the only one to say anything else.
    """
    with tempfile.TemporaryDirectory(prefix="scaffold-rubric-") as made:
        trees.build(tree, Path(made))
        with view.opened(Path(made)) as seen:
            item = engine.items([check], seen, date.today())[0]
            asked = [(call.probe, engine.ask(call, seen).answer) for call in check.probes]
    failing = [name for name, answer in asked if answer is not Answer.YES]
    alone |= set(failing) if len(failing) == 1 else set()
    passed = item.status is Status.PASS or item.waits_for == "run"
    if passed != wanted:
        kind = "passing" if wanted else "failing"
        yield f"{check.id}: its {kind} tree {number} is {item.status}: {item.reason}"


def _resolve(data: Rubric) -> None:
    """Finds every probe that is named; BrokenTemplate says who names one that is not there."""
    for place, call in _calls(data):
        try:
            rubric.probe(call)
        except BrokenTemplate as error:
            raise BrokenTemplate(f"{place}: {error.message}") from error


def _calls(data: Rubric) -> Iterator[tuple[str, ProbeCall]]:
    yield from ((f"fact {name}", call) for name, call in data.facts.items())
    yield from ((f"kind {kind.skill}", call) for kind in data.kinds for call in kind.probes)
    yield from ((check.id, call) for check in data.checks for call in check.probes)


def _unused_probes(data: Rubric) -> Iterator[str]:
    unused = _written() - {call.probe for _, call in _calls(data)}
    yield from (f"no check and no fact uses the probe {name}" for name in sorted(unused))


def _written() -> set[str]:
    """Every public function of the probe modules."""
    found = set()
    for module in pkgutil.iter_modules(probes.__path__):
        source = (Path(probes.__path__[0]) / f"{module.name}.py").read_text("utf-8")
        defined = [n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
        found |= {f"{module.name}.{name}" for name in defined if not name.startswith("_")}
    return found


def _misnumbered(data: Rubric) -> Iterator[str]:
    """The ids of a section run from 01 without a gap, so that a missing one is seen."""
    for section in data.sections:
        found = sorted(c.id for c in data.checks if c.section == section)
        wanted = [f"{section}-{n:02}" for n in range(1, len(found) + 1)]
        yield from (f"{section}: there is no {w}" for w in wanted if w not in found)


def _without_areas(data: Rubric) -> Iterator[str]:
    """An item of a skill that names no area would pass on what the template brought."""
    for check in data.checks:
        if data.sections[check.section].skill and not check.own:
            yield f"{check.id}: own is empty; name the areas in which the skill is the author's"


def _unused_sources(data: Rubric) -> Iterator[str]:
    used = {key for check in data.checks for key in check.source}
    yield from (f"no check names the source {key}" for key in sorted(set(data.sources) - used))
