"""The skills as data: the cards, the sequence and the questions a template asks.

Invariant: everything under templates/ that is not template text is read and validated here, and
a mistake in it is a `BrokenTemplate` that names file and key.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from scaffolder.errors import BrokenTemplate, UsageError
from scaffolder.paths import templates_dir
from scaffolder.records import read_mapping, read_text, record, shown, where

Order = Literal["recommended", "seed"]

PROVIDERS: Mapping[str, str] = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "gemini": "GEMINI_API_KEY",
}
"""The model providers, the first one proposed, and the variable that holds each one's key."""

COMPUTED = ("domain", "data", "year", "skill", "template_version")
"""Answers that every template gets and no template may ask for."""


@dataclass(frozen=True)
class Topic:
    """Something to learn, and why it cannot be left out."""

    topic: str
    why: str


@dataclass(frozen=True)
class Skip:
    """Something to leave out, and the moment from which it is needed."""

    what: str
    until: str


@dataclass(frozen=True)
class Keep:
    """Something to keep up with while the rest of its field is left out."""

    what: str
    why: str


@dataclass(frozen=True)
class Evidence:
    """An item of the rubric that must be at least `at`: pass or partial.

    `say` is what is wanted in a few words; `do` is the command that brings it, with `{package}`
    for the project's package, where one command does.
    """

    item: str
    say: str
    do: str = ""
    at: str = "pass"


@dataclass(frozen=True)
class Milestone:
    """A point of the 48-hour build; `by_hour` counts from the start of the clock."""

    id: str
    by_hour: int
    title: str
    done: Sequence[str]
    evidence: Sequence[Evidence] = ()


@dataclass(frozen=True)
class Build:
    """The 48-hour project: what to build, what would be dull, what makes it one's own."""

    name: str
    brief: str
    boring: str
    yours: str
    milestones: Sequence[Milestone]
    short_of_time: str


@dataclass(frozen=True)
class InterviewQuestion:
    """A question with what a strong answer holds; `origin` is reported or constructed."""

    ask: str
    strong: str
    origin: str


@dataclass(frozen=True)
class Source:
    """Where a card's claims come from; `seen`: primary, secondary or quoted."""

    title: str
    url: str
    checked: str
    seen: str


@dataclass(frozen=True)
class Evaluation:
    """What one full evaluation with a model sends, on average; tokens a call."""

    calls: int
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Template:
    """What makes a skill available: its version, the layers under it, and what a run costs.

    `example` is a finished project, as a path in the source of this program.
    """

    version: str
    layers: Sequence[str]
    evaluation: Evaluation
    example: str = ""


@dataclass(frozen=True)
class Skill:
    """One card; hours are hours of work, `needs` are slugs.

    `skip_if` says in one sentence who may leave it out and what to do instead.
    """

    slug: str
    title: str
    pitch: str
    reason: str
    hours: Mapping[str, int]
    needs: Sequence[str]
    knows: Sequence[str]
    learn: Sequence[Topic]
    skip: Sequence[Skip]
    build: Build
    questions: Sequence[InterviewQuestion]
    pitfalls: Sequence[str]
    sources: Sequence[Source]
    skip_if: str = ""
    tier: int = 0
    order: int = 0
    template: Template | None = None

    @property
    def available(self) -> bool:
        """Whether a repository can be generated for it."""
        return self.template is not None


@dataclass(frozen=True)
class Tier3:
    """What to leave out of the whole path, and the literacy to keep."""

    title: str
    pitch: str
    skip: Sequence[Skip]
    keep: Sequence[Keep]
    sources: Sequence[Source]


@dataclass(frozen=True)
class Question:
    """One answer a template needs; an empty default may be computed by the caller."""

    name: str
    help: str
    default: str = ""
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Aspect:
    """One side of a design that a strong answer covers."""

    about: str
    points: Sequence[str]


@dataclass(frozen=True)
class Sum:
    """Arithmetic in numbers, prices (`M_in`) and the names (`called`) of sums before it."""

    what: str
    sum: str
    gives: str
    called: str = ""


@dataclass(frozen=True)
class DesignPrompt:
    """A system to design on paper; `skills` are slugs."""

    title: str
    skills: Sequence[str]
    ask: str
    assumed: Sequence[str]
    cover: Sequence[Aspect]
    sums: Sequence[Sum]


@dataclass(frozen=True)
class Prices:
    """What the sums rest on: model -> in, cached, out."""

    unit: str
    checked: str
    source: str
    models: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class DesignPrompts:
    """All design prompts, and the prices of their sums."""

    prices: Prices
    prompts: Sequence[DesignPrompt]
    format: int = 1


@dataclass(frozen=True)
class _Place:
    slug: str
    tier: int


@dataclass(frozen=True)
class _Sequence:
    skills: Sequence[_Place]
    seed: Sequence[str]
    seed_warning: str
    format: int = 1


def load(order: Order = "recommended") -> list[Skill]:
    """All skills, in the order asked for, each with its tier and 1-based place."""
    sequence = _sequence()
    tiers = {place.slug: place.tier for place in sequence.skills}
    slugs = list(tiers) if order == "recommended" else sequence.seed
    return [_card(slug, tiers[slug], place) for place, slug in enumerate(slugs, 1)]


def seed_warning() -> str:
    """What following the original guide's order costs."""
    return " ".join(_sequence().seed_warning.split())


def pinned() -> frozenset[str]:
    """Import names, as far as they follow from it, of what the templates' lock files pin."""
    locks = templates_dir().glob("*/parts/locks/*.txt")
    lines = [line for lock in locks for line in read_text(lock).splitlines()]
    names = {line.partition("==")[0].strip() for line in lines if "==" in line}
    return frozenset(name.casefold().replace("-", "_").replace(".", "_") for name in names)


def find(slug: str) -> Skill:
    """The skill named `slug`; an unknown one is refused with the nearest named."""
    known = {skill.slug: skill for skill in load()}
    if slug in known:
        return known[slug]
    near = difflib.get_close_matches(slug, known, n=1, cutoff=0.4)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(
        f"there is no skill {slug!r}.{meant}", f"The skills are: {', '.join(known)}; and tier-3."
    )


def tier3() -> Tier3:
    """The card of what to skip for the whole path."""
    path = templates_dir() / "tier-3.yml"
    return record(Tier3, read_mapping(path), path.name)


def design_prompts() -> DesignPrompts:
    """The systems to design on paper, each for some of the skills."""
    path = templates_dir() / "design-prompts.yml"
    return record(DesignPrompts, read_mapping(path), path.name)


def questions(skill: Skill) -> list[Question]:
    """What the template of `skill` asks: its layers' questions merged, later layers winning."""
    merged: dict[str, Question] = {}
    for path in (layer / "copier.yml" for layer in layers(skill)):
        for name, raw in (read_mapping(path) if path.is_file() else {}).items():
            merged[name] = _question(name, raw, f"{where(path)}: {name}")
    return list(merged.values())


def layers(skill: Skill) -> list[Path]:
    """The folders that make up the template, from the shared ones to the skill's own."""
    if skill.template is None:
        raise UsageError(
            f"{skill.slug} has a card but no template yet.",
            f"`scaffold skills {skill.slug}` shows what to learn and build; "
            "`scaffold skills` shows which skills have a template.",
        )
    folders = [templates_dir() / name for name in (*skill.template.layers, skill.slug)]
    for folder in folders:
        if not folder.is_dir():
            raise BrokenTemplate(
                f"{skill.slug}/skill.yml: template: layers: there is no {folder.name}"
            )
    return folders


def _question(name: str, raw: object, place: str) -> Question:
    if name in COMPUTED:
        raise BrokenTemplate(f"{place}: the name is reserved: every template gets this answer")
    if not isinstance(raw, Mapping):
        raise BrokenTemplate(f"{place}: expected keys and values, found {shown(raw)}")
    question = record(Question, {**raw, "name": name}, place)
    if question.choices and question.default not in question.choices:
        raise BrokenTemplate(f"{place}: default {question.default!r} is not one of the choices")
    return question


def _sequence() -> _Sequence:
    path = templates_dir() / "sequence.yml"
    found = record(_Sequence, read_mapping(path), path.name)
    if sorted(found.seed) != sorted(place.slug for place in found.skills):
        raise BrokenTemplate(f"{path.name}: `seed` does not list the same skills as `skills`")
    return found


def _card(slug: str, tier: int, place: int) -> Skill:
    path = templates_dir() / slug / "skill.yml"
    card = record(Skill, read_mapping(path), where(path))
    if card.slug != slug:
        raise BrokenTemplate(f"{where(path)}: slug: expected {slug}, found {card.slug}")
    if "study" not in card.hours:
        raise BrokenTemplate(f"{where(path)}: hours: missing key: study")
    if not card.build.milestones:
        raise BrokenTemplate(f"{where(path)}: build: milestones: there is none")
    return replace(card, tier=tier, order=place)
