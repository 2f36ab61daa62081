"""`scaffold new`: from a skill's name to a project with its first commit, and a proof that it runs.

Invariant: progress is a note beside the work: when it cannot be kept, the project is still made.
"""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder import generate, manifest, progress, runner, skills
from scaffolder.errors import EnvironmentProblem, Interrupted
from scaffolder.generate import NEEDED_COMMANDS


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


def start_skill(
    skill: skills.Skill, destination: Path, answers: Mapping[str, str], with_git: bool = True
) -> Started:
    """Generates the project and notes it in the learner's progress."""
    made = generate.generate(skill, destination, answers, with_git)
    notices = (
        *made.notices,
        *_handover(skill.slug),
        *progress.record_project(skill.slug, made.path),
    )
    project = manifest.read(made.path)
    steps = _next_commands(project, made.path)
    return Started(
        made.path, skill.slug, made.commit, project.template_version, *steps, notices=notices
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
