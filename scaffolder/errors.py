"""The errors that are safe to show: one sentence, one hint, one exit code.

Invariant: everything a user can bring about is raised as a `ScaffoldError` where it is known and
shown in one place, `cli.main`. Any other exception is a bug of ours and exits 70.
"""


class ScaffoldError(Exception):
    """What went wrong and where (`message`), and how to mend it (`hint`)."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type["ScaffoldError"], tuple[str, str]]:
        """Both parts survive a way through a pipe."""
        return type(self), (self.message, self.hint)


class UsageError(ScaffoldError):
    """Bad usage or bad input."""


class EnvironmentProblem(ScaffoldError):
    """A tool, a key or a permission is missing on this machine."""

    exit_code = 3


class CannotWrite(ScaffoldError):
    """The result could not be written."""

    exit_code = 4


class BrokenTemplate(ScaffoldError):
    """Our own data under templates/ breaks its contract."""

    exit_code = 70


class Interrupted(ScaffoldError):
    """The user stopped it."""

    exit_code = 130
