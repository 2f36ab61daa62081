"""GitHub through its own command, gh, where it is installed.

Invariant: gh makes and describes the repository and never pushes; it runs outside of the project,
without git's variables, and no token is in its arguments.
"""

import json
import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder.errors import EnvironmentProblem
from scaffolder.publish.model import About, Hosted, Step
from scaffolder.review.mask import mask
from scaffolder.sanitise import clean

SECONDS = 60
"""Seconds that one call of gh may take."""


@dataclass(frozen=True)
class GhCommand:
    """A `Hosting`: `program` is the path of gh, `web` what a repository's address begins with."""

    program: str
    web: str

    def owner(self) -> str:
        """The login of whoever is logged in."""
        return str(self._asked("api", "user").get("login") or "")

    def find(self, owner: str, name: str) -> Hosted | None:
        """The repository; None where there is none."""
        code, said, complaint = self._run("api", f"repos/{owner}/{name}")
        if code and "HTTP 404" in complaint:
            return None
        return _hosted(self._answer(code, said, complaint))

    def create(self, owner: str, about: About) -> Hosted:
        """Makes it, private; one of that name is answered."""
        code, said, complaint = self._run(*_create(owner, about))
        if code and "already exists" not in complaint:
            self._answer(code, said, complaint)
        found = self.find(owner, about.name)
        if found is None:
            raise EnvironmentProblem(
                f"gh made {owner}/{about.name}, and it cannot be found", "Publish it again."
            )
        return found

    def describe(self, made: Hosted, about: About) -> None:
        """Sets the topics."""
        if about.topics:
            self._done(*_describe(made.full_name, about))

    def open_up(self, made: Hosted) -> None:
        """Makes it public."""
        self._done(*_opening(made))

    def commands(self, owner: str, about: About) -> Sequence[Step]:
        """What is run, as it would be typed."""
        found = [Step("create", _typed(_create(owner, about)))]
        if about.topics:
            found.append(Step("describe", _typed(_describe(f"{owner}/{about.name}", about))))
        return found

    def opening(self, made: Hosted) -> str:
        """The command that makes it public."""
        return _typed(_opening(made))

    def _asked(self, *words: str) -> dict[str, Any]:
        return self._answer(*self._run(*words))

    def _done(self, *words: str) -> None:
        code, _, complaint = self._run(*words)
        if code:
            raise _failed(complaint)

    def _answer(self, code: int, said: str, complaint: str) -> dict[str, Any]:
        if code:
            raise _failed(complaint)
        try:
            found = json.loads(said)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise EnvironmentProblem("gh gave no JSON", "Run: gh auth status")
        return found

    def _run(self, *words: str) -> tuple[int, str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        quiet = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "NO_COLOR": "1"}
        try:
            done = subprocess.run(
                [self.program, *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                cwd=os.sep,
                env={**kept, **quiet},
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EnvironmentProblem("gh does not answer", "Run: gh auth status") from error
        return done.returncode, _text(done.stdout), _text(done.stderr)


def _create(owner: str, about: About) -> list[str]:
    page = [f"--homepage={about.homepage}"] if about.homepage else []
    said = f"--description={about.description}"
    return ["repo", "create", f"{owner}/{about.name}", "--private", said, *page]


def _describe(full_name: str, about: About) -> list[str]:
    return ["repo", "edit", full_name, *(f"--add-topic={t}" for t in about.topics)]


def _opening(made: Hosted) -> list[str]:
    agreed = "--accept-visibility-change-consequences"
    return ["repo", "edit", made.full_name, "--visibility=public", agreed]


def _hosted(found: dict[str, Any]) -> Hosted:
    owner = found.get("owner")
    login = owner.get("login") if isinstance(owner, dict) else ""
    return Hosted(str(login), str(found.get("name")), found.get("private") is True)


def _failed(complaint: str) -> EnvironmentProblem:
    lines = complaint.strip().splitlines()
    why = clean(mask(lines[-1] if lines else "it said nothing"), 300)
    return EnvironmentProblem(
        f"gh did not work: {why}", "Run: gh auth status. Then publish it again: it goes on."
    )


def _text(raw: bytes) -> str:
    return raw[-100_000:].decode("utf-8", "replace")


def _typed(words: Sequence[str]) -> str:
    return shlex.join(["gh", *words])
