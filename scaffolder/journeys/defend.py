"""The questions that a repository invites: made of its review, by the rules in rubric/defend.yml.

Invariant: a question quotes what prompted it and what the repository shows, and never answers in
the author's place. What is quoted is data: it fills a placeholder and is not read again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scaffolder.errors import BrokenTemplate
from scaffolder.journeys.drill import Asked, Drill, Part, planned, question_id
from scaffolder.journeys.review import review_repo
from scaffolder.journeys.watch import Print, fingerprint
from scaffolder.paths import absolute, rubric_dir
from scaffolder.records import read_mapping, record
from scaffolder.review.model import Evidence, Fact, Item, Report, Status

LEAST, MOST = 12, 20
"""How many questions a repository invites; those that fit everywhere fill up to the least."""

EVERYWHERE = 1
"""The sharpness of what only fills up."""

_PLACES = 3
"""Places that stand beside what a verdict says."""

_LOST = (Status.FAIL, Status.NOT_STARTED, Status.PARTIAL, Status.UNVERIFIED)
_RULES = "rubric/defend.yml"


@dataclass(frozen=True)
class When:
    """What must hold of a report; everything that is not "" or 0 is asked for. See the file."""

    item: str = ""
    fact: str = ""
    found: Sequence[str] = ()
    area: str = ""
    below: int = 0
    reader: str = ""
    weakest: str = ""
    every: str = ""


_ALWAYS = When()


@dataclass(frozen=True)
class Rule:
    """One question, what a strong answer holds, when it is asked."""

    title: str
    ask: str
    strong: str
    sharpness: int
    when: When = _ALWAYS
    shows: Sequence[str] = ()


@dataclass(frozen=True)
class Defence:
    """The questions on one project, and what its folder looked like before it was read."""

    path: str
    drill: Drill
    seen: Print


@dataclass(frozen=True)
class _Ground:
    """That a rule holds: what fills its words, what prompted it, what shows, what it is about."""

    words: Mapping[str, str] = field(default_factory=dict)
    quoted: tuple[Evidence, ...] = ()
    shows: tuple[Part, ...] = ()
    of: str = ""


def defend(path: Path, known: Defence | None = None) -> Defence:
    """The questions that the project at `path` invites, in the order to ask them.

    `known` is what was found before: where nothing changed since, nothing is read again.
    """
    root = absolute(path)
    seen = fingerprint(root)
    if known is not None and (known.path, known.seen) == (str(root), seen):
        return Defence(known.path, planned(known.drill.about, known.drill.questions), seen)
    report = review_repo(root)
    return Defence(str(root), planned(report.project.name, questions(report)), seen)


def rules() -> list[Rule]:
    """The rules as the data says them."""
    raw = read_mapping(rubric_dir() / "defend.yml")
    entries = raw.get("entries")
    if not isinstance(entries, list):
        raise BrokenTemplate(f"{_RULES}: entries: expected a list")
    return [_rule(entry, f"{_RULES}: entries[{n}]") for n, entry in enumerate(entries, 1)]


def questions(report: Report, by: Sequence[Rule] | None = None) -> list[Asked]:
    """What the reviewed repository invites, the sharpest first."""
    ordered = sorted(rules() if by is None else by, key=lambda rule: -rule.sharpness)
    sharp = list(_asked(report, [r for r in ordered if r.sharpness > EVERYWHERE]))[:MOST]
    if len(sharp) >= LEAST:
        return sharp
    rest = list(_asked(report, [r for r in ordered if r.sharpness <= EVERYWHERE]))
    return sharp + rest[: LEAST - len(sharp)]


def _rule(raw: object, place: str) -> Rule:
    """`is` is no name that a dataclass can have."""
    when = raw.get("when") if isinstance(raw, dict) else None
    if isinstance(raw, dict) and isinstance(when, dict):
        named = {("found" if key == "is" else key): value for key, value in when.items()}
        raw = {**raw, "when": named}
    return record(Rule, raw, place)


def _asked(report: Report, by: Sequence[Rule]) -> Iterator[Asked]:
    for rule in by:
        for ground in _grounds(rule.when, report):
            if "{place}" in rule.ask and not ground.words.get("place"):
                continue
            shows = _shown(rule.shows, report) or ground.shows
            ask = " ".join(rule.ask.format_map(ground.words).split())
            yield Asked(
                id=question_id("defend", f"{report.project.path} {ground.of} {rule.ask}"),
                title=rule.title.format_map(ground.words),
                ask=ask,
                strong=(Part("", (rule.strong,)), *shows),
                quoted=ground.quoted,
            )


def _grounds(when: When, report: Report) -> list[_Ground]:
    """Once for each thing that the rule is about; none where it does not hold."""
    if when.item:
        return [_of_item(i) for i in report.items if _is(i, when.item, when.found)]
    if when.fact:
        fact = report.facts.get(when.fact)
        there = fact is not None and fact.value.value in when.found
        return [_Ground({}, fact.evidence[:1], (_of_fact(fact),))] if fact and there else []
    if when.area:
        return _of_area(when, report)
    if when.reader:
        return _of_reader(when.reader, report)
    if when.weakest:
        return _of_weakest(report)
    if when.every:
        return _of_every(Status(when.every), report)
    return [_Ground()]


def _is(item: Item, wanted: str, found: Sequence[str]) -> bool:
    return item.check.id == wanted and item.status.value in found


def _of_item(item: Item) -> _Ground:
    first = item.evidence[:1]
    words = {
        "id": item.check.id,
        "claim": item.check.claim,
        "place": _place(first),
    }
    return _Ground(words, first, (_verdict(item),), item.check.id)


def _of_area(when: When, report: Report) -> list[_Ground]:
    own = report.own_work
    if own is None:
        return []
    share = own.share if when.area == "all" else own.areas.get(when.area, 1.0)
    words = {"share": f"{100 * share:.0f}", "name": report.project.name}
    nothing = own.share < 0.01
    too_early = nothing and (when.area != "all" or when.below > 1)
    return [] if too_early or 100 * share >= when.below else [_Ground(words)]


def _of_reader(wanted: str, report: Report) -> list[_Ground]:
    """What a person sees without reading the code."""
    reader = report.reader
    if reader is None:
        return []
    if wanted == "claimed":
        found = list(reader.claimed.items())[:1]
        return [_Ground({"claimed": name}, (place,), (), name) for name, place in found]
    if wanted == "without_n":
        words = {"without_n": str(reader.without_n)}
        return [_Ground(words)] if reader.without_n > 1 else []
    place = {"number": reader.number, "template_run": reader.template_run}[wanted]
    if place is None:
        return []
    return [_Ground({"place": _place((place,))}, (place,))]


def _of_weakest(report: Report) -> list[_Ground]:
    """The dimension that sets the level, with what it lacks."""
    name = report.weakest_dimension
    if not name:
        return []
    words = {"dimension": name, "question": report.questions.get(name, "")}
    lost = [i for i in report.items if i.check.dimension == name and i.status in _LOST]
    lost.sort(key=lambda item: _LOST.index(item.status))
    return [_Ground(words, (), tuple(map(_verdict, lost[:_PLACES])))]


def _of_every(status: Status, report: Report) -> list[_Ground]:
    items = [item for item in report.items if item.status == status]
    if status == Status.WAIVED:
        return [_of_item(item) for item in items]
    words = {status.value: str(len(items))}
    shows = tuple(map(_verdict, items[:_PLACES]))
    return [_Ground(words, (), shows)] if len(items) > 1 else []


def _shown(wanted: Sequence[str], report: Report) -> tuple[Part, ...]:
    items = {item.check.id: item for item in report.items}
    facts = report.facts
    return tuple(
        _verdict(items[word]) if word in items else _of_fact(facts[word])
        for word in wanted
        if word in items or word in facts
    )


def _verdict(item: Item) -> Part:
    said = item.status.value.replace("_", " ")
    head = f"The repository shows · {item.check.id} {said}"
    return Part(head, (item.check.claim, item.reason), item.evidence[:_PLACES])


def _of_fact(fact: Fact) -> Part:
    return Part("The repository shows", (fact.reason,), fact.evidence[:_PLACES])


def _place(places: Sequence[Evidence]) -> str:
    return where(places[0]) if places else ""


def where(place: Evidence) -> str:
    """A place as one names it: the path, and the line where there is one."""
    return f"{place.path}:{place.line}" if place.line else place.path
