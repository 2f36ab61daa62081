"""`scaffold begin`: asks once what every project will be about.

Invariant: nothing here is needed by another command; an answer left out stays as it was, and an
empty one is cleared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scaffolder import progress, skills
from scaffolder.journeys.answers import check, refuse_unknown

QUESTIONS = (
    skills.Question("domain", "The field you know and can talk about (one for all projects)"),
    skills.Question("users", "Who has the problem: a role, not 'everyone'"),
    skills.Question("task", "One painful task of theirs, in one sentence"),
    skills.Question("data", "Where open data for it is (a link or a folder)"),
    skills.Question(
        "provider", "Whose models you will use", next(iter(skills.PROVIDERS)), [*skills.PROVIDERS]
    ),
)


@dataclass(frozen=True)
class Beginning:
    """Where to begin and what one may skip, and what the user should be told."""

    advice: Sequence[str]
    notices: Sequence[str]


def begin(given: Mapping[str, str]) -> Beginning:
    """Keeps the profile and says where to start; UsageError for an unknown or bad answer."""
    known = {question.name: question for question in QUESTIONS}
    refuse_unknown(given, QUESTIONS)
    settled = {name: value.strip() for name, value in given.items()}
    kept = {name: value and check(known[name], value) for name, value in settled.items()}
    notices = progress.save_profile(kept)
    started = bool(progress.load().skills)
    return Beginning(advice(skills.load(), started), notices)


def advice(sequence: Sequence[skills.Skill], started: bool) -> list[str]:
    """Where to begin, what to skip if you know it, and which skills have a template today."""
    first = sequence[0]
    lines = [] if started else [f"Begin with {first.slug} ({first.title})."]
    lines.append(
        "You know a skill already? Answer five of its ten interview questions aloud "
        "(`scaffold skills SKILL`). If you say what a strong answer holds, go on to the next."
    )
    lines += [skill.skip_if for skill in sequence if skill.skip_if]
    for skill in (s for s in sequence if s.available):
        needs = ", ".join(skill.needs) or "nothing"
        lines.append(f"{skill.slug} has a template today; it builds on {needs}.")
    return lines
