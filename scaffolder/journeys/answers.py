"""The answers a template needs: proposed, given, checked.

Invariant: `settle` returns a value for every question, each one line, printable and allowed.
"""

import getpass
import keyword
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from scaffolder import gitrepo, skills
from scaffolder.errors import EnvironmentProblem, UsageError
from scaffolder.paths import absolute
from scaffolder.sanitise import clean

MAX_LENGTH = 300
"""Characters in one answer: a sentence, not an essay."""

MAX_PACKAGE = 30
"""Characters in a package's name; longer ones break the line length of the generated imports."""

_OTHER_NAMES = frozenset({"bs4", "yaml", "dotenv", "google", "pil"})
"""Packages whose import name does not follow from the name that a lock file pins."""

_FOLDERS = frozenset({"tests", "evals", "data", "docs", "prompts", "src", "var", "build", "dist"})
"""Folders of a project that would stand before the package on the import path."""

_FROM_PROFILE = {"problem": "task", "users": "users", "provider": "provider"}


def settle(
    skill: skills.Skill, destination: Path, given: Mapping[str, str], profile: Mapping[str, str]
) -> dict[str, str]:
    """Every answer: given ones checked, the others proposed; UsageError names a bad one."""
    asked = skills.questions(skill)
    refuse_unknown(given, asked)
    answers: dict[str, str] = {}
    for question in asked:
        value = given.get(question.name, "").strip()
        value = value or propose(question, destination, answers, profile)
        answers[question.name] = check(question, value)
    version = skill.template.version if skill.template else ""
    return {
        **answers,
        "domain": clean(profile.get("domain", "")),
        "data": clean(profile.get("data", "")),
        "year": str(date.today().year),
        "skill": skill.slug,
        "template_version": version,
    }


def propose(
    question: skills.Question,
    destination: Path,
    answers: Mapping[str, str],
    profile: Mapping[str, str],
) -> str:
    """The default of `question`: from the folder, git, the profile or the template."""
    if question.name == "project_name":
        return clean(absolute(destination).name) or "my-project"
    if question.name == "package":
        return package_name(answers.get("project_name", ""))
    if question.name == "author":
        return _author(destination)
    known = profile.get(_FROM_PROFILE.get(question.name, ""), "")
    if known and (not question.choices or known in question.choices):
        return clean(known, limit=MAX_LENGTH)
    return question.default


def package_name(project_name: str) -> str:
    """A valid import name made of `project_name`, never one that hides another package."""
    plain = re.sub(r"[^a-z0-9]+", "_", project_name.casefold()).strip("_") or "my_project"
    if plain[0].isdigit():
        plain = f"project_{plain}"
    plain = plain[:MAX_PACKAGE].rstrip("_")
    return f"{plain}_app" if _hides_another(plain) else plain


def check(question: skills.Question, value: str) -> str:
    """`value` if it is an answer to `question`, else UsageError."""
    name = question.name
    if question.choices and value not in question.choices:
        choices = ", ".join(question.choices)
        raise UsageError(f"{name} cannot be {clean(value)!r}.", f"Choose one of: {choices}.")
    if clean(value, limit=MAX_LENGTH) != value:
        raise UsageError(
            f"{name} is longer than {MAX_LENGTH} characters or holds a control character.",
            "Give one line of plain text.",
        )
    if name in {"project_name", "author"} and not any(map(str.isalnum, value)):
        raise UsageError(
            f"{name} needs at least one letter or digit.", "Write it as a reader will see it."
        )
    if name == "package" and not _is_free(value):
        raise UsageError(
            f"{clean(value)!r} cannot be the package: it is not a free Python import name.",
            f"Use up to {MAX_PACKAGE} lower-case letters, digits and _, "
            f"for instance {package_name(value)}.",
        )
    return value


def parse_settings(words: Sequence[str]) -> dict[str, str]:
    """`k=v` words as a mapping; UsageError for a word without `=`."""
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"--set {clean(word)!r} is not of the form name=value.")
        pairs[name.strip()] = value
    return pairs


def refuse_unknown(given: Mapping[str, str], asked: Sequence[skills.Question]) -> None:
    """Raises UsageError for an answer that no question asks for."""
    names = [question.name for question in asked]
    for name in given:
        if name not in names:
            raise UsageError(
                f"there is no answer called {clean(name)!r}.", f"--set takes: {', '.join(names)}."
            )


def _is_free(name: str) -> bool:
    shaped = re.fullmatch(r"[a-z][a-z0-9_]*", name) and len(name) <= MAX_PACKAGE
    return bool(shaped) and not _hides_another(name)


def _hides_another(name: str) -> bool:
    if name in sys.stdlib_module_names or keyword.iskeyword(name):
        return True
    return name in _OTHER_NAMES | _FOLDERS or name in skills.pinned()


def _author(destination: Path) -> str:
    try:
        parents = absolute(destination).parents
        folder = next((p for p in parents if p.is_dir()), Path(destination.anchor))
        known = gitrepo.identity(folder)
    except (EnvironmentProblem, OSError):
        known = None
    return clean(known.name) if known else _login()


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "The author"
