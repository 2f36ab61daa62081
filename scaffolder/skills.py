"""The skills as data: the cards, the sequence and the questions a template asks.

Invariant: everything under templates/ that is not template text is read and validated here, and
a mistake in it is a `BrokenTemplate` that names file and key.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

from scaffolder.errors import BrokenTemplate, UsageError
from scaffolder.paths import templates_dir

Order = Literal["recommended", "seed"]
Record = TypeVar("Record")


@dataclass(frozen=True)
class Topic:
    topic: str
    why: str


@dataclass(frozen=True)
class Skip:
    what: str
    until: str


@dataclass(frozen=True)
class Keep:
    what: str
    why: str


@dataclass(frozen=True)
class Evidence:
    """What the author's files must hold: `at_least` of `kind` at the manifest's `[paths]` entry.

    `do` is the command that brings it, with `{package}` for the project's package.
    """

    kind: str
    path: str
    at_least: int
    say: str
    do: str = ""


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
    name: str
    brief: str
    boring: str
    yours: str
    milestones: Sequence[Milestone]
    short_of_time: str


@dataclass(frozen=True)
class InterviewQuestion:
    ask: str
    strong: str
    origin: str


@dataclass(frozen=True)
class Source:
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
    """What makes a skill available: its version, the layers under it, and what a run costs."""

    version: str
    layers: Sequence[str]
    evaluation: Evaluation


@dataclass(frozen=True)
class Skill:
    """One card; hours are hours of work, `needs` are slugs."""

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


NESTED: Mapping[type, Mapping[str, type]] = {
    Skill: {
        "learn": Topic,
        "skip": Skip,
        "build": Build,
        "questions": InterviewQuestion,
        "sources": Source,
        "template": Template,
    },
    Build: {"milestones": Milestone},
    Milestone: {"evidence": Evidence},
    Template: {"evaluation": Evaluation},
    Tier3: {"skip": Skip, "keep": Keep, "sources": Source},
}


def load(order: Order = "recommended") -> list[Skill]:
    """All skills, in the order asked for, each with its tier and 1-based place."""
    path = templates_dir() / "sequence.yml"
    sequence = _yaml(path)
    tiers = {entry["slug"]: entry["tier"] for entry in sequence["skills"]}
    slugs = list(tiers) if order == "recommended" else sequence["seed"]
    if sorted(slugs) != sorted(tiers):
        raise BrokenTemplate(f"{path.name}: `seed` does not list the same skills as `skills`")
    return [_card(slug, tiers[slug], place) for place, slug in enumerate(slugs, 1)]


def seed_warning() -> str:
    """What following the original guide's order costs."""
    return " ".join(str(_yaml(templates_dir() / "sequence.yml")["seed_warning"]).split())


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
    return record(Tier3, _yaml(path), path.name)


def questions(skill: Skill) -> list[Question]:
    """What the template of `skill` asks: its layers' questions merged, later layers winning."""
    merged: dict[str, Any] = {}
    for layer in layers(skill):
        path = layer / "copier.yml"
        merged |= _yaml(path) if path.is_file() else {}
    return [record(Question, {"name": name, **raw}, "copier.yml") for name, raw in merged.items()]


def layers(skill: Skill) -> list[Path]:
    """The folders that make up the template, from the shared ones to the skill's own."""
    if skill.template is None:
        raise UsageError(
            f"{skill.slug} has a card but no template yet.",
            f"`scaffold skills {skill.slug}` shows what to learn and build; "
            "`scaffold skills` shows which skills have a template.",
        )
    return [templates_dir() / name for name in (*skill.template.layers, skill.slug)]


def record(kind: type[Record], raw: object, where: str) -> Record:
    """`raw` as the dataclass `kind`: no missing key, no unknown key, nested records too."""
    if not isinstance(raw, Mapping):
        raise BrokenTemplate(f"{where}: expected keys and values, found {type(raw).__name__}")
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    needed = {n for n, f in known.items() if f.default is MISSING}
    for problem, names in (("missing", needed - set(raw)), ("unknown", set(raw) - set(known))):
        if names:
            raise BrokenTemplate(f"{where}: {problem} key: {', '.join(sorted(names))}")
    return kind(**{key: _value(kind, key, value, where) for key, value in raw.items()})


def _value(kind: type, key: str, value: object, where: str) -> object:
    if isinstance(value, str):
        return value.strip()
    inner = NESTED.get(kind, {}).get(key)
    if inner is None:
        return str(value) if key == "checked" else value
    if isinstance(value, list):
        return [record(inner, item, f"{where}: {key}[{n}]") for n, item in enumerate(value, 1)]
    return record(inner, value, f"{where}: {key}")


def _card(slug: str, tier: int, place: int) -> Skill:
    path = templates_dir() / slug / "skill.yml"
    return record(Skill, {**_yaml(path), "tier": tier, "order": place}, f"{slug}/{path.name}")


def read_list(path: Path) -> list[Any]:
    """The list in the YAML file at `path`; empty where there is no such file."""
    loaded = _load(path) if path.is_file() else []
    if not isinstance(loaded, list):
        raise BrokenTemplate(f"{path.parent.name}/{path.name}: expected a list")
    return loaded


def _yaml(path: Path) -> dict[str, Any]:
    loaded = _load(path)
    if not isinstance(loaded, dict):
        raise BrokenTemplate(f"{path.parent.name}/{path.name}: expected keys and values")
    return loaded


def _load(path: Path) -> object:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(path.read_text("utf-8"), Loader=loader)
    except (OSError, yaml.YAMLError) as error:
        raise BrokenTemplate(f"{path.parent.name}/{path.name} cannot be read: {error}") from error
