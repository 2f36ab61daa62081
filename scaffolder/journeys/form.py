"""The form of `scaffold new`: what every answer is now, and what is wrong with it.

Invariant: an answer that was not given follows what it is proposed from. Nothing is run and
nothing is written here: it may be asked at every key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffolder import generate, skills
from scaffolder.errors import ScaffoldError
from scaffolder.journeys import answers

DESTINATION = "folder"
"""The key of the destination among the values and the problems."""

REPOSITORY = "repository"
"""The key of the choice between a repository with a first commit and files only."""

AUTHOR = "author"
"""The answer that git is asked for, which takes a program."""

NO_GIT = "none"

_OURS = (
    skills.Question(DESTINATION, "A folder that does not exist yet, or is empty"),
    skills.Question(
        REPOSITORY,
        "With a first commit, or only the files",
        "git",
        ["git", NO_GIT],
    ),
)
_TRIES = 100


@dataclass(frozen=True)
class Problem:
    """What is wrong with an answer, and how to mend it."""

    message: str
    hint: str

    @property
    def sentence(self) -> str:
        """Both, one after the other."""
        return f"{self.message.rstrip('.')}. {self.hint}".strip()


@dataclass(frozen=True)
class Form:
    """Each answer as it would be taken, each that is wrong, those that are not the proposed ones.

    The destination is among `values` and `problems` by DESTINATION.
    """

    skill: str
    values: Mapping[str, str]
    problems: Mapping[str, Problem]
    settings: Mapping[str, str]

    @property
    def command(self) -> tuple[str, ...]:
        """What to say to `scaffold` for the same project."""
        given = (("--set", f"{name}={value}") for name, value in self.settings.items())
        words = [word for pair in given for word in pair]
        bare = ("--no-git",) if self.values[REPOSITORY] == NO_GIT else ()
        return "new", self.skill, self.values[DESTINATION], *words, *bare, "--defaults"


def questions(skill: skills.Skill) -> list[skills.Question]:
    """All that the form asks: where, what the template asks, whether with git."""
    return [_OURS[0], *skills.questions(skill), _OURS[1]]


def fill(slug: str, given: Mapping[str, str], profile: Mapping[str, str], author: str = "") -> Form:
    """The form of the skill with what was `given` (DESTINATION included) and the rest proposed.

    `author` is what git says, as far as that is known by now.
    """
    skill = skills.find(slug)
    destination = given.get(DESTINATION, "").strip() or free_destination(slug)
    values = {DESTINATION: destination, REPOSITORY: given.get(REPOSITORY) or "git"}
    problems, settings = {}, {}
    if problem := _problem(generate.check_destination, Path(destination)):
        problems[DESTINATION] = problem
    for question in skills.questions(skill):
        name = question.name
        proposed = author if name == AUTHOR else _proposed(question, destination, values, profile)
        values[name] = given.get(name, "").strip() or proposed
        if values[name] != proposed:
            settings[name] = values[name]
        follows_fault = DESTINATION in problems and values[name] == proposed
        asked = values[name] if name == AUTHOR else not follows_fault
        if asked and (problem := _problem(answers.check, question, values[name])):
            problems[name] = problem
    return Form(slug, values, problems, settings)


def faults(asked: Sequence[skills.Question], given: Mapping[str, str]) -> dict[str, Problem]:
    """What is wrong with those of the answers that are not empty, by the name of the question."""
    found = {q.name: _problem(answers.check, q, given.get(q.name, "").strip()) for q in asked}
    return {name: problem for name, problem in found.items() if problem and given.get(name)}


def free_destination(slug: str) -> str:
    """The folder that is proposed: named like the skill, here, with a number if that is taken."""
    for name in (slug, *(f"{slug}-{n}" for n in range(2, _TRIES))):
        try:
            return str(generate.check_destination(Path(name)))
        except ScaffoldError:
            continue
    return slug


def _proposed(
    question: skills.Question,
    destination: str,
    values: Mapping[str, str],
    profile: Mapping[str, str],
) -> str:
    try:
        return answers.propose(question, Path(destination), values, profile)
    except ScaffoldError:
        return question.default


def _problem(check: Callable[..., object], *args: object) -> Problem | None:
    try:
        check(*args)
    except ScaffoldError as error:
        return Problem(error.message, error.hint)
    return None
