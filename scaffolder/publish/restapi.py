"""GitHub through its REST API, where gh is not installed. The only PyGithub.

Invariant: the token goes to the one base address that was given, in a header; what the API answers
is data: no address in it is followed for a push.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffolder.errors import EnvironmentProblem
from scaffolder.publish.model import About, Hosted, Step
from scaffolder.publish.tokens import Token
from scaffolder.sanitise import clean

if TYPE_CHECKING:
    from github import Github
    from github.Repository import Repository

SECONDS = 20
"""Seconds that one answer may take."""

_AGAIN = "Publish it again: it goes on where it stopped."
_WHY = {
    401: ("the token is not accepted", "Make a new one, or run: gh auth login"),
    403: ("the token may not do this", "It needs the right to make repositories (scope repo)."),
    404: ("it is not there, or the token may not see it", "Look at the rights of the token."),
}


@dataclass(frozen=True)
class RestApi:
    """A `Hosting`: `api` is the base address, `web` what a repository's address begins with."""

    api: str
    web: str
    token: Token = field(repr=False)

    def owner(self) -> str:
        """The login of whoever the token belongs to."""
        with _asking("who the token belongs to"), self._client() as client:
            return client.get_user().login or ""  # what it answers is data: it may be null

    def find(self, owner: str, name: str) -> Hosted | None:
        """The repository; None where there is none."""
        from github import UnknownObjectException

        with _asking(f"for {owner}/{name}"), self._client() as client:
            try:
                return _hosted(client.get_repo(f"{owner}/{name}"))
            except UnknownObjectException:
                return None

    def create(self, owner: str, about: About) -> Hosted:
        """Makes it, private; one of that name is answered."""
        from github import AuthenticatedUser, GithubException

        with _asking(f"to make {owner}/{about.name}"), self._client() as client:
            user = client.get_user()
            assert isinstance(user, AuthenticatedUser.AuthenticatedUser)
            try:
                made = user.create_repo(
                    about.name,
                    description=about.description,
                    homepage=about.homepage,
                    private=True,
                )
            except GithubException as error:
                known = self.find(owner, about.name) if error.status == 422 else None
                if known is None:
                    raise
                return known
            return _hosted(made)

    def describe(self, made: Hosted, about: About) -> None:
        """Sets the topics."""
        if about.topics:
            with _asking(f"to describe {made.full_name}"), self._client() as client:
                client.get_repo(made.full_name).replace_topics(list(about.topics))

    def open_up(self, made: Hosted) -> None:
        """Makes it public."""
        with _asking(f"to make {made.full_name} public"), self._client() as client:
            client.get_repo(made.full_name).edit(private=False)

    def commands(self, owner: str, about: About) -> Sequence[Step]:
        """The requests, without the token."""
        about_it = f"private, {about.description!r}" + f", {about.homepage}" * bool(about.homepage)
        found = [Step("create", f"POST {self.api}/user/repos: {about.name}, {about_it}")]
        if about.topics:
            put = f"PUT {self.api}/repos/{owner}/{about.name}/topics: {', '.join(about.topics)}"
            found.append(Step("describe", put))
        return found

    def opening(self, made: Hosted) -> str:
        """The request that makes it public."""
        return f"PATCH {self.api}/repos/{made.full_name}: public"

    def _client(self) -> "Github":
        from github import Auth, Github

        return Github(
            auth=Auth.Token(self.token.secret),
            base_url=self.api,
            timeout=SECONDS,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )


def _hosted(found: "Repository") -> Hosted:
    return Hosted(found.owner.login, found.name, found.private is True)


@contextmanager
def _asking(what: str) -> Iterator[None]:
    """What the API and the network answer, as an error that can be shown."""
    from github import BadAttributeException, GithubException

    try:
        yield
    except (BadAttributeException, AssertionError, TypeError, AttributeError) as error:
        raise EnvironmentProblem(
            f"GitHub was asked {what}, and its answer is not understood",
            "Look at GITHUB_API_URL and GH_HOST.",
        ) from error
    except GithubException as error:
        why, hint = _WHY.get(error.status, (f"it answered {error.status}", _AGAIN))
        told = clean(_message(error), 200)
        raise EnvironmentProblem(
            f"GitHub was asked {what}: {why}" + f" ({told})" * bool(told), hint
        ) from error
    except OSError as error:  # every error of requests is one
        raise EnvironmentProblem(
            f"GitHub was asked {what} and could not be reached", f"Look at the network. {_AGAIN}"
        ) from error


def _message(error: Exception) -> str:
    found = getattr(error, "data", None)
    return str(found.get("message", "")) if isinstance(found, dict) else ""
