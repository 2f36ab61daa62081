"""The rubric as data: `rubric.yml`, `tries.yml` and one file a check, read and validated.

Invariant: a `Rubric` names only sections, dimensions, areas and sources that exist; what does not
is a `BrokenTemplate` that names file and key.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scaffolder.errors import BrokenTemplate
from scaffolder.paths import rubric_dir
from scaffolder.records import read_mapping, record, where
from scaffolder.review.areas import AREAS
from scaffolder.review.model import Check, ProbeCall, Reading, Try

WEIGHTS = {"must": 3, "should": 2, "stretch": 1}
"""Points of an item by its weight."""

_FLAGS = {"waivable": True, "overrules": False}
_KEYS = {
    *("version", "sections", "dimensions", "levels", "facts", "read_code", "kinds", "sources"),
}


@dataclass(frozen=True)
class Section:
    """A part of the rubric; `skill` is the kind of project it is for, "" for every project."""

    title: str
    skill: str = ""


@dataclass(frozen=True)
class Kind:
    """How a kind of project is known from its code: `probes` that must not be answered no."""

    skill: str
    probes: Sequence[ProbeCall]


@dataclass(frozen=True)
class Level:
    """A level holds while the lowest dimension is below the share `below`."""

    name: str
    below: float


@dataclass(frozen=True)
class Rubric:
    """The whole rubric; `trees` are the files of each check that test it, `tries` its faults."""

    version: str
    sections: Mapping[str, Section]
    dimensions: Mapping[str, str]
    levels: Sequence[Level]
    facts: Mapping[str, ProbeCall]
    kinds: Sequence[Kind]
    sources: Mapping[str, str]
    checks: Sequence[Check]
    trees: Mapping[str, "Trees"]
    tries: Mapping[str, Try]


@dataclass(frozen=True)
class Trees:
    """The small repositories that test a check: path -> content, see `review.trees`."""

    passes: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    fails: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def load(folder: Path | None = None, with_trees: bool = True) -> Rubric:
    """The rubric in `folder`, ours by default.

    Without the trees it is read in less than half of the time: they are most of its lines.
    """
    folder = folder or rubric_dir()
    raw = read_mapping(folder / "rubric.yml")
    place = "rubric/rubric.yml"
    _only(raw, _KEYS, place)
    code = frozenset(map(str, raw["read_code"]))
    read = [_check(path, with_trees, code) for path in sorted((folder / "checks").glob("*.yml"))]
    rubric = Rubric(
        version=str(raw["version"]),
        sections={k: record(Section, v, f"{place}: {k}") for k, v in raw["sections"].items()},
        dimensions={str(k): str(v) for k, v in raw["dimensions"].items()},
        levels=[Level(str(v["name"]), float(v["below"])) for v in raw["levels"]],
        facts={k: _call(v, f"{place}: {k}", code) for k, v in raw["facts"].items()},
        kinds=[_kind(v, place, code) for v in raw["kinds"]],
        sources={str(k): str(v) for k, v in raw["sources"].items()},
        checks=[check for check, _ in read],
        trees={check.id: trees for check, trees in read},
        tries=_tries(folder / "tries.yml"),
    )
    for check in rubric.checks:
        _resolves(check, rubric)
    return rubric


def probe(call: ProbeCall) -> Callable[..., Reading]:
    """The function that a `module.function` names; BrokenTemplate where there is none."""
    module, _, name = call.probe.partition(".")
    try:
        found = getattr(importlib.import_module(f"scaffolder.review.probes.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise BrokenTemplate(
            f"the rubric names a probe {call.probe}, which is not there"
        ) from error
    return found  # type: ignore[no-any-return]


def _call(raw: object, place: str, code: frozenset[str]) -> ProbeCall:
    """A probe as YAML names it: a name, or `probe:` with its arguments beside it."""
    given = {"probe": raw} if isinstance(raw, str) else raw
    if not isinstance(given, dict) or not isinstance(given.get("probe"), str):
        raise BrokenTemplate(f"{place}: expected the name of a probe")
    name = str(given["probe"])
    args = {k: v for k, v in given.items() if k != "probe"}
    return ProbeCall(name, args, name.partition(".")[0] in code)


def _tries(path: Path) -> Mapping[str, Try]:
    """The tries in the file at `path`; none where there is no such file."""
    listed = read_mapping(path) if path.is_file() else {}
    return {str(name): _try(str(name), raw) for name, raw in listed.items()}


def _try(name: str, raw: Mapping[str, Any]) -> Try:
    place = f"rubric/tries.yml: {name}"
    if not isinstance(raw, Mapping) or set(raw) - {"fault", "try", "args", "reads"}:
        raise BrokenTemplate(f"{place}: expected fault, try, and perhaps args and reads")
    fault, call, reads = (str(raw.get(key, "")) for key in ("fault", "try", "reads"))
    if not (fault and call and reads in ("", "all", "code")):
        raise BrokenTemplate(f"{place}: fault and try are texts, reads is all or code")
    return Try(name, fault, call, raw.get("args", {}), reads or "all")


def _kind(raw: Mapping[str, Any], place: str, code: frozenset[str]) -> Kind:
    return Kind(str(raw["skill"]), [_call(p, place, code) for p in raw["probes"]])


def _check(path: Path, with_trees: bool, code: frozenset[str]) -> tuple[Check, Trees]:
    raw = read_mapping(path, () if with_trees else ("passes", "fails"))
    place = where(path)
    trees = Trees(tuple(raw.pop("passes", ())), tuple(raw.pop("fails", ())))
    flags = {k: raw.pop(k, usual) is True for k, usual in _FLAGS.items()}
    probes = [_call(p, place, code) for p in raw.pop("probes", [])]
    check = record(Check, raw, place)
    if check.id != path.stem:
        raise BrokenTemplate(f"{place}: its id is {check.id}")
    return Check(**{**_fields(check), "probes": probes, **flags}), trees


def _fields(check: Check) -> dict[str, Any]:
    return {name: getattr(check, name) for name in Check.__dataclass_fields__}


def _resolves(check: Check, rubric: Rubric) -> None:
    place = f"checks/{check.id}.yml"
    for word, known in (
        (check.section, rubric.sections),
        (check.dimension, rubric.dimensions),
        (check.weight, WEIGHTS),
    ):
        if word not in known:
            raise BrokenTemplate(f"{place}: {word} is none of {', '.join(known)}")
    for words, listed in (
        (check.own, AREAS),
        (check.source, tuple(rubric.sources)),
        (check.tries, tuple(rubric.tries)),
    ):
        for word in set(words) - set(listed):
            raise BrokenTemplate(f"{place}: {word} is none of {', '.join(listed)}")
    if not (check.probes or check.run or check.tries or check.ask):
        raise BrokenTemplate(f"{place}: neither probes, run nor ask: nothing can decide it")


def _only(raw: Mapping[str, Any], known: set[str], place: str) -> None:
    if set(raw) != known:
        raise BrokenTemplate(f"{place}: keys are {sorted(raw)}, wanted {sorted(known)}")
