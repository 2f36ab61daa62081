"""What an adapter raises instead of its SDK's exceptions, and which HTTP status means what.

Only Transient may be tried again; `client.py` alone decides whether it is.
"""

import re

LONGEST_MESSAGE = 300  # a gateway may answer with a whole HTML page
TOO_LONG = re.compile(
    r"prompt is too long|context.?(length|window)|input token count", flags=re.IGNORECASE
)


class ProviderError(Exception):
    """One line of what was said; `status` is the HTTP status, None where there was no answer."""

    def __init__(
        self, message: str, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(" ".join(message.split())[:LONGEST_MESSAGE])
        self.status = status
        self.retry_after = retry_after


class Transient(ProviderError):
    """Rate limit, overload, lost connection, timeout; `retry_after` is the wait asked for, in s."""


class KeyRefused(ProviderError):
    """The key is wrong, may not use this model, or its account has no credit."""


class UnknownModel(ProviderError):
    """The provider has no model of this id, or no longer."""


class ContextOverflow(ProviderError):
    """The prompt is longer than the model can read."""


class BadRequest(ProviderError):
    """The provider refuses the request itself; the same request would be refused again."""


def from_status(status: int, message: str, retry_after: float | None = None) -> ProviderError:
    """The failure an HTTP error status stands for.

    The transient set is the one the providers' SDKs retry: 408, 409, 429 and every 5xx.
    """
    if status in (408, 409, 429) or status >= 500:
        return Transient(message, status, retry_after)
    if status in (401, 402, 403):
        return KeyRefused(message, status)
    if status == 404:
        return UnknownModel(message, status)
    if status == 413 or TOO_LONG.search(message):
        return ContextOverflow(message, status)
    return BadRequest(message, status)


def seconds(header: str | None) -> float | None:
    """A Retry-After header in seconds; None for none, or for a date, which no provider sends."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
