"""Every failure that a user can mend is a ProjectError; anything else that escapes is a bug.

The exit codes are an interface: 2 usage, 3 configuration or key, 4 provider unreachable,
5 the evaluation gate failed. 1 is left to Python, for a crash.
"""

from typing import ClassVar


class ProjectError(Exception):
    """What went wrong and where (`message`), and how to mend it (`hint`, may be empty)."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ProjectError):
    """The command line or an input file asks for something that cannot be done."""


class ConfigError(ProjectError):
    """A key, a model id or a line of the configuration is missing or wrong."""

    exit_code = 3


class ProviderUnreachable(ProjectError):
    """The model provider did not give a usable answer within the retry policy."""

    exit_code = 4


class GateFailed(ProjectError):
    """A metric is below the committed baseline by more than the gate allows."""

    exit_code = 5
