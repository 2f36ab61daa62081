"""One model call under this project's policy: budget, deadline, retries, cost and trace.

No request is sent that could pass the budget. Only a transient failure is tried again: never
sooner than the provider asks, never past the deadline, never once text has been shown.
"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from ..errors import ConfigError, ProjectError, ProviderUnreachable
from ..result import Usage
from ..trace import Trace
from . import provider
from .cost import budget_usd, cost_usd, worst_case
from .failures import ContextOverflow, KeyRefused, ProviderError, Transient, UnknownModel
from .types import LlmConfig, Reply, Request, Stop

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0

OnText = Callable[[str], None]


class BudgetExceeded(ProjectError):
    """The next request could cost more than this run has left."""

    exit_code = 3


@dataclass
class Spend:
    """What one run has taken from its budget, in US dollars."""

    budget_usd: float
    spent_usd: float = 0.0

    def require(self, usd: float) -> None:
        """Raise BudgetExceeded unless `usd` more still fits."""
        if self.spent_usd + usd > self.budget_usd:
            raise BudgetExceeded(
                f"the next request may cost ${usd:.4f}, and ${self.spent_usd:.4f} of the budget "
                f"of ${self.budget_usd:.4f} is spent",
                "raise budget_usd under [llm] in config.toml, or ask for less",
            )


@dataclass(frozen=True)
class Completion:
    """`cost_usd` is the reply's, None where price or usage is unknown; `seconds` include retries.

    `first_text_s` is the time to the first piece of text, None where nothing was streamed.

    An attempt that was lost on the way may be billed too: `Spend` counts it at its worst case.
    """

    reply: Reply
    cost_usd: float | None
    attempts: int
    seconds: float
    first_text_s: float | None = None


@dataclass
class _Call:
    """One call in progress: what every attempt at it needs, and the text shown so far."""

    request: Request
    config: LlmConfig
    spend: Spend
    trace: Trace
    on_text: OnText | None
    started: float = field(default_factory=time.monotonic)
    shown: list[str] = field(default_factory=list)
    attempts: int = 0
    first_text_s: float | None = None

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def left(self) -> float:
        return self.config.deadline_s - self.seconds()


def key_is_set() -> bool:
    """Whether the provider's key is in the environment; nothing is sent."""
    return bool(os.environ.get(provider.KEY_VARIABLE, "").strip())


def complete(
    request: Request, config: LlmConfig, spend: Spend, trace: Trace, on_text: OnText | None = None
) -> Completion:
    """Ask the model; with `on_text` the reply is streamed to it as it arrives.

    A stream that breaks off before any text is tried again; later it comes back as
    Stop.INCOMPLETE, which is never an answer. A prompt that is too long comes back as
    Stop.CONTEXT_OVERFLOW. Raises BudgetExceeded, ConfigError (base URL wrong; key, model id or
    request refused) and ProviderUnreachable (transient failures outlasted retries or deadline).
    """
    if not key_is_set():
        raise ConfigError(f"{provider.KEY_VARIABLE} is not set", "put it in .env; see .env.example")
    _check_base_url()
    call = _Call(request, config, spend, trace, on_text)
    while True:
        try:
            return _attempt(call)
        except Transient as failure:
            time.sleep(_pause(call, failure))
        except ContextOverflow:
            too_long = Reply("", Stop.CONTEXT_OVERFLOW, Usage(), config.model)
            return Completion(too_long, 0.0, call.attempts, call.seconds())
        except ProviderError as failure:
            raise _refused(failure, config) from failure


def _check_base_url() -> None:
    """An SDK takes anything for an address and then fails as if the network were down."""
    name = f"{provider.NAME.upper()}_BASE_URL"
    url = os.environ.get(name, "https://default")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url:
        raise ConfigError(
            f"{name} is not an address of a server", "write https://HOST, or unset the variable"
        )


def _attempt(call: _Call) -> Completion:
    """One request on the wire, charged and traced whatever comes of it; raises ProviderError."""
    worst = budget_usd(call.config.model, worst_case(call.request))
    call.spend.require(worst)
    call.attempts += 1
    before = call.seconds()
    try:
        reply = _send(call)
    except ProviderError as failure:
        # No HTTP status means that the provider may have worked, and may bill it.
        call.spend.spent_usd += worst if failure.status is None else 0.0
        _record(call, call.seconds() - before, _of_failure(failure))
        raise
    counted = reply.usage != Usage()
    cost = cost_usd(call.config.model, reply.usage) if counted else None
    call.spend.spent_usd += budget_usd(call.config.model, reply.usage) if counted else worst
    _record(call, call.seconds() - before, _of_reply(reply, cost))
    return Completion(reply, cost, call.attempts, call.seconds(), call.first_text_s)


def _send(call: _Call) -> Reply:
    """One request; a stream that fails after text was shown is a reply without an end."""
    config = replace(call.config, timeout_s=max(0.1, min(call.config.timeout_s, call.left())))
    try:
        if call.on_text is None:
            reply = provider.complete(call.request, config)
        else:
            reply = provider.stream(call.request, config, lambda text: _show(call, text))
    except Transient:
        if not call.shown:
            raise
        reply = Reply("".join(call.shown), Stop.INCOMPLETE, Usage(), config.model)
    if reply.stop is Stop.INCOMPLETE and not call.shown:
        raise Transient("the answer ended without a stop reason")
    return reply


def _show(call: _Call, text: str) -> None:
    """Pass text on; each piece restarts the SDK's own timeout, so the deadline is checked here."""
    if call.left() <= 0:
        raise Transient("the deadline passed during the answer")
    if call.first_text_s is None:
        call.first_text_s = call.seconds()
    call.shown.append(text)
    if call.on_text:
        call.on_text(text)


def _pause(call: _Call, failure: Transient) -> float:
    """Seconds until the next attempt; ProviderUnreachable where there is none.

    As long as the provider asks, else exponential with jitter over the upper half of the step:
    clients that failed together come back apart, and each pause is longer than the one before.
    """
    if call.attempts > call.config.max_retries:
        raise ProviderUnreachable(
            f"{provider.NAME} failed {call.attempts} times, last: {failure}", "try again later"
        )
    step = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (call.attempts - 1))
    pause = random.uniform(step / 2, step) if failure.retry_after is None else failure.retry_after
    if pause >= call.left():
        raise ProviderUnreachable(
            f"{provider.NAME} cannot be tried again within {call.config.deadline_s:g} s: {failure}",
            "try again later, or raise deadline_s under [llm] in config.toml",
        )
    return pause


def _refused(failure: ProviderError, config: LlmConfig) -> ConfigError:
    """What the user has to mend; the provider's own words, without the key if they repeat it."""
    name, variable = provider.NAME, provider.KEY_VARIABLE
    key = os.environ[variable]
    words = str(failure).replace(key, "[key]")
    if isinstance(failure, KeyRefused):
        return ConfigError(f"{name} refuses the key: {words}", f"check {variable}")
    if isinstance(failure, UnknownModel):
        return ConfigError(
            f"{name} has no model {config.model!r}: {words}",
            "set model under [llm] in config.toml",
        )
    return ConfigError(
        f"{name} refuses the request: {words}",
        "look at model and max_output_tokens in config.toml",
    )


def _record(call: _Call, seconds: float, outcome: dict[str, Any]) -> None:
    asked = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider.NAME,
        "gen_ai.request.model": call.config.model,
        "gen_ai.request.max_tokens": call.request.max_output_tokens,
        "attempt": call.attempts,
        "seconds": round(seconds, 3),
        "first_text_s": call.first_text_s,
        "budget_left_usd": round(call.spend.budget_usd - call.spend.spent_usd, 6),
    }
    call.trace.event("llm_call", **asked, **outcome)


def _of_reply(reply: Reply, cost: float | None) -> dict[str, Any]:
    """OpenTelemetry counts cached tokens among the input tokens; `Usage` keeps them apart."""
    usage = reply.usage
    return {
        "gen_ai.response.model": reply.model,
        "gen_ai.response.finish_reasons": [reply.stop],
        "gen_ai.usage.input_tokens": usage.input_tokens + usage.cached_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "cost_usd": cost,
    }


def _of_failure(failure: ProviderError) -> dict[str, Any]:
    """No text of the provider: an error message may repeat the prompt or the key."""
    return {"error.type": type(failure).__name__, "http.response.status_code": failure.status}
