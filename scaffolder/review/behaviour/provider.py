"""Faults of a provider, one at a time, and what the user is told of them.

Invariant: a project is accused of what was seen alone (a traceback, a hang, a storm of requests, an
answer that nobody gave); every honest way of saying that it did not work is accepted.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scaffolder.regularfile import read_regular
from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour import scripted
from scaffolder.review.behaviour.bench import Bench, Trial
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import NotApplicable, Outcome
from scaffolder.review.behaviour.modelserver import Script
from scaffolder.review.model import Reading, count, no, partial, unknown, yes

SECONDS = 60.0
"""How long a command may take while the provider fails: the rubric's bound of a demo."""

MOST_REQUESTS = 12
"""Requests of one question to a provider that fails: a first try with three retries, a repair with
as many, and room for one more step. llmock calls more than ten of one call a storm."""

MOST_READ = 8 * 1024 * 1024
"""Bytes of a written file that are read."""

VARIABLES = {
    "anthropic": ("ANTHROPIC_API_KEY",),
    "openai": ("OPENAI_API_KEY",),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
}

_MODEL_SETTING = re.compile(r"llm\.model|\bmodel_(?:id|name)\b|[A-Z]_MODEL\b|config|setting", re.I)
_TOO_LONG = re.compile(
    r"too long|longer than|too large|context|maximum|shorten|fewer|lower|smaller|trim", re.I
)


@dataclass(frozen=True)
class Tried:
    """A run under a fault; `files` holds what it wrote, by path."""

    outcome: Outcome
    files: Mapping[str, bytes]

    @property
    def said(self) -> str:
        """All that the user could read of it."""
        return self.outcome.stdout + "\n" + self.outcome.stderr

    @property
    def status(self) -> str:
        """The status in its final object; "" where it printed none."""
        found = (self.outcome.final or {}).get("status")
        return found if isinstance(found, str) else ""


def recovers(bench: Bench, status: int, retry_after: int) -> Reading:
    """S10: after one refusal with Retry-After the same answer, and not before its time."""
    control = benches.demo_with_model(bench)
    fault = {"type": "fail", "status": status, "retry_after": retry_after}
    tried = under(bench, Script(faults=(fault,)))
    what = f"one {status} with Retry-After {retry_after}"
    if (found := broken(tried, what)) is not None:
        return found
    outcome, asked = tried.outcome, tried.outcome.asked
    if "retry_after_ignored" in asked.findings:
        reason = f"After {what} it asked again before the time that it was told to wait."
        return no(reason, outcome.evidence(", ".join(asked.findings)))
    if len(asked.requests) <= len(control.asked.requests):
        return no(f"After {what} it did not ask again.", outcome.evidence(_seen(tried)))
    if tried.status != _status(control) or outcome.exit_code != control.exit_code:
        reason = f"After {what} it asked again and was answered, and still did not end as without."
        return no(reason, outcome.evidence(_seen(tried)), control.evidence(_status(control)))
    return yes(f"After {what} it waited, asked again and answered.", outcome.evidence(_seen(tried)))


def gives_up(bench: Bench, status: int) -> Reading:
    """S11: an error for ever ends in an honest status, soon, after few requests."""
    control = benches.demo_with_model(bench)
    tried = under(bench, Script(faults=({"type": "fail", "status": status, "times": None},)))
    return _honest(tried, control, f"a {status} for every request")


def survives_drop(bench: Bench) -> Reading:
    """S12: an answer that breaks off is not taken for a whole one."""
    control = benches.demo_with_model(bench)
    if any(streams(request) for request in control.asked.requests):
        cut = {"type": "stream_fault", "kind": "truncate", "after_chunks": 3, "times": None}
        return _honest(under(bench, Script(faults=(cut,))), control, "a stream that ends too early")
    return _honest(
        under(bench, Script(drops=True)), control, "a connection that drops in an answer"
    )


def refuses_key(bench: Bench) -> Reading:
    """S14: a refused key is named by its variable and not tried again.

    Whether it is shown is another item's question (`shows_no_key`): one leak falls under one must.
    """
    control = benches.demo_with_model(bench)
    tried = under(bench, Script(faults=({"type": "fail", "status": 401, "times": None},)))
    what = "a key that is refused (401)"
    told = _honest(tried, control, what)
    if told.answer.value != "yes":
        return told
    outcome = tried.outcome
    if len(outcome.asked.requests) > len(control.asked.requests):
        reason = f"After {what} it asked again, which no provider grants."
        return partial(reason, outcome.evidence(_seen(tried)))
    names = VARIABLES[str(outcome.asked.requests[0]["provider"])]
    if not any(name in tried.said for name in names):
        reason = f"After {what} it does not name the variable {names[0]}."
        return partial(reason, outcome.evidence(_seen(tried)))
    return yes(f"It says that the key in {names[0]} was refused, and ends.", *told.evidence)


def shows_no_key(bench: Bench) -> Reading:
    """S18: the key is in no output and no file, neither of a good run nor of a refused one."""
    benches.demo_with_model(bench)
    refused = {"type": "fail", "status": 401, "times": None}
    for script, what in ((Script(), "a good answer"), (Script((refused,)), "a refused key")):
        tried = under(bench, script)
        if (found := _leaked(bench, tried, what)) is not None:
            return found
    reason = "The invented key is in no output and in no file that was written."
    return yes(reason, tried.outcome.evidence(count(len(tried.files), "file") + " read"))


def names_model(bench: Bench) -> Reading:
    """S15: a model that is not there is named, or the setting that holds it."""
    control = benches.demo_with_model(bench)
    gone = {"type": "fail", "status": 404, "message": "not found", "times": None}
    tried = under(bench, Script(faults=(gone,)))
    told = _honest(tried, control, "a model that is not there (404)")
    if told.answer.value != "yes":
        return told
    name = _model(control.asked.requests[0])
    if (name and name in tried.said) or _MODEL_SETTING.search(tried.said):
        return yes("It names the model that is not there, or its setting.", *told.evidence)
    reason = "After a 404 neither the model nor the setting that holds its id is named."
    return partial(reason, *told.evidence)


def explains_length(bench: Bench) -> Reading:
    """S16: a prompt that is too long is shortened, or the user is told."""
    control = benches.demo_with_model(bench)
    words = "prompt is too long: 250000 tokens > 200000 maximum"
    long = {"type": "fail", "status": 400, "message": words, "code": "context_length_exceeded"}
    tried = under(bench, Script(faults=({**long, "times": None},)))
    told = _honest(tried, control, "a prompt that is too long (400)")
    if told.answer.value != "yes" or _TOO_LONG.search(tried.said):
        return told
    return partial("It does not say that the prompt was too long.", *told.evidence)


def handles_reply(bench: Bench, reply: str) -> Reading:
    """S1 to S4: a reply that cannot be used is repaired a few times at most, then said."""
    control = benches.demo_with_model(bench)
    if reply in ("malformed", "wrong") and not any(map(scripted.wants_object, _bodies(control))):
        raise NotApplicable("its requests ask the model for text, not for an object")
    return _honest(under(bench, Script(reply=reply)), control, f"a reply that is {_KINDS[reply]}")


def reads_past_thinking(bench: Bench) -> Reading:
    """S17: an empty or thinking block before the text changes nothing."""
    control = benches.demo_with_model(bench)
    tried = under(bench, Script(reply="thinking"))
    what = "a reply that begins with a block of thinking"
    if (found := broken(tried, what)) is not None:
        return found
    if tried.status != _status(control) or tried.outcome.exit_code:
        return no(f"After {what} it did not answer.", tried.outcome.evidence(_seen(tried)))
    return yes(f"It answers {what} as any other.", tried.outcome.evidence(_seen(tried)))


_KINDS = {
    "malformed": "broken JSON",
    "wrong": "JSON of another shape",
    "cut": "cut off at the most tokens",
    "refusal": "a refusal",
}


def under(bench: Bench, script: Script) -> Tried:
    """The demo in a fresh copy while the scripted model does what `script` says."""
    with benches.trial(bench) as trial:
        argv = command(bench.declared, "demo")
        return seen(trial, benches.run(trial, argv, model=script, seconds=SECONDS))


def seen(trial: Trial, outcome: Outcome) -> Tried:
    """The run with the files that it wrote, which go with the copy."""
    files = {}
    for path in outcome.written:
        try:
            files[path] = read_regular(trial.root / path, MOST_READ)
        except OSError:
            files[path] = b""  # removed again, or no plain file: nothing of it can be read
    return Tried(outcome, files)


def broken(tried: Tried, what: str) -> Reading | None:
    """What no fault excuses: a hang, a traceback, a storm, an end without a word."""
    outcome = tried.outcome
    requests = len(outcome.asked.requests)
    evidence = outcome.evidence(_seen(tried))
    if outcome.ended:
        reason = f"With {what} it did not end by itself within {SECONDS:.0f} s ({outcome.ended})."
    elif outcome.crashed:
        reason = f"With {what} a traceback reaches the user."
    elif requests > MOST_REQUESTS:
        reason = f"With {what} it sent {requests} requests; more than {MOST_REQUESTS} is a storm."
    elif outcome.exit_code < 0:
        reason = f"With {what} it was ended by signal {-outcome.exit_code}."
    elif not tried.said.strip():
        reason = f"With {what} it ends without a word."
    else:
        return None
    return no(reason, evidence)


def _honest(tried: Tried, control: Outcome, what: str) -> Reading:
    if (found := broken(tried, what)) is not None:
        return found
    outcome, evidence = tried.outcome, tried.outcome.evidence(_seen(tried))
    if not outcome.asked.requests:
        verify = "Run the review again; a second run tells chance from rule."
        return unknown(f"With {what} it asked no model.", verify, evidence, waits_for="control")
    if tried.status == "answered" and not _by_another(outcome, control):
        return no(f'With {what} it says "answered", and no whole answer was given.', evidence)
    if tried.status == "answered":
        reason = f'With {what} another system answered, and its status is not "degraded".'
        return partial(reason, evidence)
    if not tried.status and outcome.exit_code == 0:
        reason = f"With {what} it ends well; whether it says so cannot be read from its text."
        return unknown(reason, "Print one JSON object with a status.", evidence)
    how = f"`{tried.status}`" if tried.status else f"exit {outcome.exit_code} and a sentence"
    requests = count(len(outcome.asked.requests), "request")
    return yes(f"With {what} it ends with {how} after {requests}.", evidence)


def _leaked(bench: Bench, tried: Tried, what: str) -> Reading | None:
    """A middle piece is looked for: a key that is shown by its ends is masked, not leaked."""
    for name, key in bench.keys.items():
        piece = key[len(key) // 2 - 8 : len(key) // 2 + 8]
        places = [path for path, raw in tried.files.items() if piece.encode() in raw]
        if piece in tried.said:
            places.insert(0, "its output")
        if places:
            reason = f"With {what} the value of {name} is in {places[0]}."
            return no(reason, tried.outcome.evidence(f"{name} found in {', '.join(places[:3])}"))
    return None


def streams(request: Mapping[str, Any]) -> bool:
    """Whether a request asks for its answer piece by piece."""
    return request.get("stream") is True or "streamGenerate" in str(request["path"])


def _by_another(outcome: Outcome, control: Outcome) -> bool:
    """Whether the object names another system than the one that the model was."""
    now, then = (each.final or {} for each in (outcome, control))
    return "system" in now and now["system"] != then.get("system")


def _status(outcome: Outcome) -> str:
    return Tried(outcome, {}).status


def _bodies(outcome: Outcome) -> list[Mapping[str, Any]]:
    return list(outcome.asked.requests)


def _model(request: Mapping[str, Any]) -> str:
    found = re.search(r"/models/([^/:]+):", str(request["path"]))
    return found[1] if found else str(request.get("model", ""))


def _seen(tried: Tried) -> str:
    final = tried.outcome.final or {}
    kept = {key: final[key] for key in ("status", "message", "system") if key in final}
    last = (tried.outcome.stderr.strip().splitlines() or [""])[-1][:200]
    sent = count(len(tried.outcome.asked.requests), "request")
    return f"{sent}; {json.dumps(kept) if kept else 'no object'}; last line of stderr: {last}"
