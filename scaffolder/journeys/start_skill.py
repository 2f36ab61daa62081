"""`scaffold new`: from a skill's name to a project with its first commit, and a proof that it runs.

Invariant: progress is a note beside the work: when it cannot be kept, the project is still made.
"""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder import generate, manifest, progress, runner, skills, staging, stopping
from scaffolder.errors import EnvironmentProblem, Interrupted
from scaffolder.generate import NEEDED_COMMANDS
from scaffolder.journeys import answers as answering
from scaffolder.paths import absolute

NOTE = "note it in your progress"
"""The last stage, after those of `generate`."""


@dataclass(frozen=True)
class Started:
    """A new project: what was made, the three commands to type next, what to tell the user.

    `enter` goes into its folder, `setup` makes its environment, `demo` gets its first answer.
    """

    path: Path
    skill: str
    commit: str | None
    template_version: str
    enter: str
    setup: str
    demo: str
    notices: Sequence[str]

    @property
    def next(self) -> tuple[str, str, str]:
        """What to type from here to the first answer."""
        return self.enter, self.setup, self.demo


@dataclass(frozen=True)
class Verified:
    """What the project's own commands said: seconds by command, the demo's one JSON object.

    `answer` and `sources` are what the demo answered and cited, "" and () where it did not.
    """

    seconds: Mapping[str, float]
    answer: str
    sources: tuple[str, ...]
    demo: Mapping[str, Any]


def stages(with_git: bool = True) -> tuple[str, ...]:
    """What `make` tells of, in order, each before it is done."""
    commit = (generate.COMMIT,) if with_git else ()
    return generate.MERGE, generate.FILL_IN, generate.CHECK, *commit, generate.MOVE, NOTE


def make(
    slug: str,
    destination: Path,
    given: Mapping[str, str],
    with_git: bool,
    tell: Callable[[str], None] = generate.tell_nobody,
) -> Started:
    """Settles the answers that were given and starts the skill; `tell` hears each stage."""
    skill = skills.find(slug)
    answers = answering.settle(skill, destination, given, progress.load().profile)
    return start_skill(skill, destination, answers, with_git, tell)


def after_stop(slug: str, destination: Path) -> Started | None:
    """What is there after `make` was stopped: the whole project, noted; or None, and no trace."""
    target = absolute(destination)
    staging.sweep(target.parent)
    if not manifest.is_project(target):
        return None
    kept = progress.load().skills.get(slug)
    if kept and str(target) in kept.projects:
        return _started(slug, generate.Generated(target, None, ()), ())
    return _started(slug, generate.Generated(target, None, ()), _note(slug, target))


def start_skill(
    skill: skills.Skill,
    destination: Path,
    answers: Mapping[str, str],
    with_git: bool = True,
    tell: Callable[[str], None] = generate.tell_nobody,
) -> Started:
    """Generates the project and notes it in the learner's progress."""
    made = generate.generate(skill, destination, answers, with_git, tell)
    tell(NOTE)
    with stopping.held():
        return _started(skill.slug, made, _note(skill.slug, made.path))


def _note(slug: str, path: Path) -> Sequence[str]:
    return (*_handover(slug), *progress.record_project(slug, path))


def _started(slug: str, made: generate.Generated, said: Sequence[str]) -> Started:
    project = manifest.read(made.path)
    steps = _next_commands(project, made.path)
    return Started(
        made.path, slug, made.commit, project.template_version, *steps, (*made.notices, *said)
    )


def _handover(slug: str) -> Sequence[str]:
    before = progress.load().skills.get(slug)
    if before is None or before.project is None or not manifest.is_project(Path(before.project)):
        return ()
    return (
        f"you have another {slug} project at {before.project}: `scaffold status` looks at the one "
        "you are in, and outside of both at the newer one.",
    )


def _next_commands(project: manifest.Manifest, path: Path) -> tuple[str, str, str]:
    setup = shlex.join(_in_environment(project.commands["setup"]))
    demo = shlex.join(w for w in _in_environment(project.commands["demo"]) if w != "--json")
    return f"cd {shlex.quote(str(path))}", f"python3 -m venv .venv && {setup}", demo


def verify(path: Path, narrate: Callable[[str], None]) -> Verified:
    """Makes the environment, runs setup, tests and demo; EnvironmentProblem if one fails."""
    project = manifest.read(path)
    seconds: dict[str, float] = {}
    demo = ""
    for name in NEEDED_COMMANDS:
        narrate(f"{name}: {shlex.join(project.commands[name])}")
        try:
            done = runner.run(path, project.commands[name], narrate)
        except KeyboardInterrupt as stopped:
            raise Interrupted(
                f"stopped during `{name}`; the project is whole, at {path}", _resume(project, path)
            ) from stopped
        if done.exit_code:
            raise EnvironmentProblem(
                f"the project is at {path}, but its `{name}` ended with exit code {done.exit_code}",
                f"Its output is above; run it again there: {shlex.join(project.commands[name])}",
            )
        seconds[name] = round(done.seconds, 1)
        demo = done.stdout
    return _verified(seconds, demo)


def _resume(project: manifest.Manifest, path: Path) -> str:
    return f"Go on with: {' && '.join(_next_commands(project, path)[:2])}"


def _verified(seconds: Mapping[str, float], stdout: str) -> Verified:
    try:
        demo = json.loads(stdout)
    except (ValueError, RecursionError):
        demo = None
    if not isinstance(demo, dict):
        raise _wrong_demo("it did not print one JSON object")
    answer, citations = demo.get("answer") or "", demo.get("citations") or []
    if not isinstance(answer, str):
        raise _wrong_demo("`answer` is not a text")
    if not isinstance(citations, list) or not all(isinstance(c, dict) for c in citations):
        raise _wrong_demo("`citations` is not a list of objects")
    sources = tuple(dict.fromkeys(str(citation.get("source", "")) for citation in citations))
    return Verified(seconds, answer, sources, demo)


def _wrong_demo(why: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"the project's demo does not keep to its form: {why}",
        "Run it in the project to see what it prints.",
    )


def _in_environment(argv: Sequence[str]) -> list[str]:
    return [".venv/bin/python" if argv[0] == "python" else argv[0], *argv[1:]]
