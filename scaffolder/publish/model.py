"""What publishing is made of.

Invariant: a step is data, so that what a dry run shows is what a real one does; nothing here holds
a token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scaffolder.errors import ScaffoldError
from scaffolder.review.model import Evidence

WAITS, DONE = "waits", "done"


class Refused(ScaffoldError):
    """The project is not to be published as it is; nothing was made and nothing pushed."""

    exit_code = 1


@dataclass(frozen=True)
class Step:
    """One thing that publishing does: `command` is shown as it is run, `state` one of two words."""

    name: str
    command: str
    state: str = WAITS


@dataclass(frozen=True)
class Frozen:
    """What is to be pushed: `sha`, and the `branch` that it is on the remote.

    `ours` are all commits that lead to it, newest first; `note` says what is odd about HEAD.
    """

    project: str
    sha: str
    branch: str
    ours: frozenset[str]
    note: str = ""


@dataclass(frozen=True)
class Scanned:
    """What lies in all that a push of `sha` takes along; without what would have refused it.

    `authors` are e-mail addresses that everybody will see. `accepted` is personal data that the
    data card or a waiver of COM-15 speaks of.
    """

    sha: str
    objects: int
    commits: int
    authors: Sequence[str]
    warnings: Sequence[str]
    accepted: Sequence[Evidence] = ()


@dataclass(frozen=True)
class About:
    """What a repository is called and how it is described."""

    name: str
    description: str
    topics: Sequence[str] = ()
    homepage: str = ""


@dataclass(frozen=True)
class Hosted:
    """A repository at the host."""

    owner: str
    name: str
    private: bool

    @property
    def full_name(self) -> str:
        """owner/name, as the host writes it."""
        return f"{self.owner}/{self.name}"


class Hosting(Protocol):
    """Where repositories are made: GitHub, through its command or its API.

    Every call raises EnvironmentProblem where the host cannot be asked or says no.
    """

    @property
    def web(self) -> str:
        """What the address of a repository begins with, without a slash at its end."""

    def owner(self) -> str:
        """The login of whoever the token belongs to."""

    def find(self, owner: str, name: str) -> Hosted | None:
        """The repository; None where there is none."""

    def create(self, owner: str, about: About) -> Hosted:
        """Makes the repository, private and empty; one that is there already is answered."""

    def describe(self, made: Hosted, about: About) -> None:
        """Sets the topics."""

    def open_up(self, made: Hosted) -> None:
        """Makes it public."""

    def commands(self, owner: str, about: About) -> Sequence[Step]:
        """The steps `create` and `describe` as they are shown."""

    def opening(self, made: Hosted) -> str:
        """The command of `open_up` as it is shown."""
