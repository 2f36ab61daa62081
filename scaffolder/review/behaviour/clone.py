"""A clean clone: it answers without a key, says which key it lacks, stays clean, leaves a trace.

Invariant: what a demo prints is judged by what the contract of commands says, and a project that
prints text instead of an object is not accused of it; an environment that lacks a package says
nothing about the project.
"""

import json
import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour.bench import Bench, Trial
from scaffolder.review.behaviour.declared import ask, command, question
from scaffolder.review.behaviour.model import ControlFailed, NotApplicable, NotDeclared, Outcome
from scaffolder.review.behaviour.modelserver import Script
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.parse import row
from scaffolder.sanitise import clean

DEMO_SECONDS = 60.0
"""How long a demo may take: the rubric's bound for COM-01."""

STATUSES = {"answered", "refused", "needs_human", "degraded", "budget_exceeded", "failed"}
MOST_TRACE = 8 * 1024 * 1024
"""Bytes of a trace that are read."""

FEW = 3
"""New files that git does not ignore: up to so many are a slip, more are a habit."""

_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]*\b")
_MISSING = re.compile(
    r"No module named '?([\w.]{1,80})|(?<![\w./-])([\w./-]{1,80}) cannot be started"
)
_STEP = re.compile(
    r"retriev|search|model|llm|generat|completion|chat|tool|passage|rank|message|system", re.I
)
_FINAL = re.compile(r"final|answer|result|finish|end|outcome|response|done|complete", re.I)
_KIND = ("kind", "event", "type", "name", "step", "span", "operation", "gen_ai.operation.name")


@dataclass(frozen=True)
class Shown:
    """A demo in a clean copy: how it ended, and the trace that it left, if it left one."""

    outcome: Outcome
    ingested: bool
    trace: str
    events: Sequence[Mapping[str, Any]]


def answers_without_key(bench: Bench) -> Reading:
    """C1: in a clean copy, without key, `.env` and network, the demo answers."""
    shown = _shown(bench)
    outcome, final = shown.outcome, shown.outcome.final
    said = _said(outcome)
    if outcome.ended == "time":
        reason = f"In a clean clone the demo had not ended after {DEMO_SECONDS:.0f} s."
        return no(reason, outcome.evidence(said))
    if outcome.exit_code != 0:
        reason = f"In a clean clone without a key the demo ends with exit {outcome.exit_code}."
        return no(reason, outcome.evidence(said))
    if not outcome.stdout.strip():
        return no("In a clean clone the demo prints nothing.", outcome.evidence(said))
    took = f"{outcome.seconds:.1f} s without a key, a .env or a network"
    after = ", after its ingest" if shown.ingested else ""
    if final is None or "status" not in final:
        return yes(f"The demo ended well in {took}{after}.", outcome.evidence(_head(outcome)))
    status = final["status"]
    if status not in STATUSES:
        reason = "The demo's object has a status that is none of the contract's."
        return partial(reason, outcome.evidence(f"status: {status}"))
    if status == "failed":
        reason = "Without a key the demo ends with exit 0, and says that it failed."
        return partial(reason, outcome.evidence(_head(outcome)))
    return yes(f"The demo says `{status}` in {took}{after}.", outcome.evidence(_head(outcome)))


def names_missing_key(bench: Bench) -> Reading:
    """C3: asked for the model without a key, it exits 3 and names the variable."""
    asked = ask(bench.declared, question(bench.declared))
    argv: Sequence[str] = (*asked, "--system", "model")
    shown = _shown(bench).outcome
    if shown.exit_code == 0:
        _reaches_model(bench, argv)
    else:
        argv = shown.argv
    with benches.trial(bench, prepared=shown.exit_code == 0) as trial:
        outcome = benches.run(trial, argv)
    return _without_key(outcome)


def stays_clean(bench: Bench) -> Reading:
    """C5: after the demo and the evaluation git sees nothing new that is not ignored."""
    ran, paths = _left_behind(bench)
    what = "the demo and the evaluation" if len(ran) > 1 else "the demo"
    if not paths:
        return yes(f"After {what} git sees nothing new.", *(o.evidence("tree clean") for o in ran))
    listed = clean(", ".join(paths[:5]), 300)
    reason = f"After {what} git sees {count(len(paths), 'new path')}: {listed}."
    answer = partial if len(paths) <= FEW else no
    return answer(reason, *(o.evidence(f"left behind: {listed}") for o in ran))


def requirements_agree(bench: Bench) -> Reading:
    """C2: what is installed in the environment fits together, by `pip check`."""
    with benches.trial(bench, prepared=False) as trial:
        outcome = benches.run(trial, ("python", "-m", "pip", "check"))
    said = _said(outcome)
    if "No module named pip" in outcome.stderr:
        raise NotApplicable("its environment has no pip.")
    if outcome.exit_code == 0:
        return yes("`pip check` finds no conflict.", outcome.evidence(_head(outcome)))
    if outcome.exit_code != 1 or outcome.crashed:
        raise ControlFailed("`pip check` does not run in its environment", outcome.evidence(said))
    first = clean(_head(outcome), 200)
    return partial(f"`pip check` finds a conflict: {first}", outcome.evidence(first))


def leaves_trace(bench: Bench) -> Reading:
    """C10: the run's trace is a file of events, with the steps before the answer and its end."""
    shown = _traced(bench)
    outcome, events = shown.outcome, shown.events
    if not shown.trace:
        reason = "The demo names no `trace` in its object, and wrote no file of events."
        return no(reason, outcome.evidence(_head(outcome)))
    if not events:
        reason = f"The trace {clean(shown.trace, 120)} is no JSON that can be read."
        return partial(reason, outcome.evidence(_head(outcome)))
    seen = f"{shown.trace}: {count(len(events), 'event')}: {', '.join(_kinds(events)[:8])}"
    missing = _missing(events)
    if missing:
        return partial(f"The trace of the demo has {missing}.", outcome.evidence(seen))
    if not _same_run(outcome.final, events):
        reason = "The trace carries another run's id than the object that names it."
        return partial(reason, outcome.evidence(seen))
    return yes("The demo's trace holds its steps and its end.", outcome.evidence(seen))


def _shown(bench: Bench) -> Shown:
    """The demo in a copy of what is tracked; where that fails, once more after its ingest."""
    return benches.once(bench, "clean clone", lambda: _show(bench))


def _show(bench: Bench) -> Shown:
    first = _demo(bench, prepared=False)
    if first.outcome.exit_code == 0 or not bench.declared.commands.get("ingest"):
        return first
    try:
        second = _demo(bench, prepared=True)
    except ControlFailed:
        return first
    return second if second.outcome.exit_code == 0 else first


def _demo(bench: Bench, prepared: bool, model: Script | None = None) -> Shown:
    argv = command(bench.declared, "demo")
    with benches.trial(bench, prepared) as trial:
        outcome = benches.run(trial, argv, seconds=DEMO_SECONDS, model=model)
        _can_run(bench, trial, outcome)
        path = _trace(bench, trial, outcome)
        events = _events(trial.root / path) if path else []
    return Shown(outcome, prepared, path, events)


def _traced(bench: Bench) -> Shown:
    """The demo without a key; where that leaves no trace, one that asks the scripted model."""
    shown = _worked(bench)
    if shown.trace:
        return shown
    asked = _demo(bench, shown.ingested, Script())
    return asked if asked.trace and not asked.outcome.exit_code else shown


def _worked(bench: Bench) -> Shown:
    shown = _shown(bench)
    if shown.outcome.exit_code != 0:
        said = shown.outcome.evidence(_said(shown.outcome))
        raise ControlFailed("the demo did not work in a clean clone", said)
    return shown


def _can_run(bench: Bench, trial: Trial, outcome: Outcome) -> None:
    """ControlFailed where the environment, not the project, is what does not work."""
    package = bench.declared.package
    missing = _MISSING.search(outcome.stderr) if outcome.exit_code else None
    name = (missing[1] or missing[2]) if missing else ""
    if name and name.split(".")[0] != package and not _is_own(trial.root, name):
        reason = f"the project's environment lacks {name}; run its setup"
        raise ControlFailed(reason, outcome.evidence(_said(outcome)))
    if outcome.imported and not Path(outcome.imported).is_relative_to(trial.root):
        reason = f"its package was imported from {clean(outcome.imported, 120)}, not from the copy"
        raise ControlFailed(reason, outcome.evidence(_said(outcome)))


def _is_own(root: Path, name: str) -> bool:
    first = name.split(".")[0]
    places = (
        root / first,
        root / "src" / first,
        root / f"{first}.py",
        root / "src" / f"{first}.py",
    )
    return any(place.exists() for place in places)


def _reaches_model(bench: Bench, argv: Sequence[str]) -> None:
    """NotApplicable where the command does not know the option, or asks no model by it."""
    with benches.trial(bench) as trial:
        outcome = benches.run(trial, argv, model=Script())
    if outcome.exit_code == 2:
        raise NotApplicable(
            "its command does not know `--system model`, and its demo needs no key."
        )
    if not outcome.asked.requests:
        raise NotApplicable("with a key `--system model` asks no model that can be scripted.")


def _without_key(outcome: Outcome) -> Reading:
    said = _said(outcome)
    named = _VARIABLE.search(outcome.stderr) or _VARIABLE.search(outcome.stdout)
    seen = outcome.evidence(said)
    if outcome.ended:
        return no("Without a key the model's command does not end.", seen)
    if outcome.crashed:
        return no("Without a key the model's command ends in a traceback.", seen)
    if outcome.exit_code == 0:
        return partial("Asked for the model without a key, it answers as if nothing was.", seen)
    if not named:
        return no("Without a key the message names no variable.", seen)
    if outcome.exit_code != 3:
        reason = f"Without a key it names {named[0]}, and exits {outcome.exit_code} in place of 3."
        return partial(reason, seen)
    return yes(f"Without a key it exits 3 and names {named[0]}.", seen)


def _left_behind(bench: Bench) -> tuple[list[Outcome], list[str]]:
    results = bench.declared.paths.get("results", "").strip("/")
    with benches.trial(bench, _shown(bench).ingested) as trial:
        ran = []
        for name in ("demo", "eval"):
            try:
                ran.append(benches.run(trial, command(bench.declared, name), seconds=180))
            except NotDeclared:
                if name == "demo":
                    raise
        seen = benches.run(trial, ("git", "status", "--porcelain", "-z", "--untracked-files=all"))
    if ran[0].exit_code or ran[0].ended:
        raise ControlFailed("the demo did not work", ran[0].evidence(_said(ran[0])))
    if seen.exit_code:
        raise ControlFailed("git could not look at the copy", seen.evidence(_said(seen)))
    new = [entry[3:] for entry in seen.stdout.split("\0") if entry.startswith("?? ")]
    allowed = (".venv", f"{results}/") if results else (".venv",)
    return ran, [path for path in new if not path.startswith(allowed)]


def _trace(bench: Bench, trial: Trial, outcome: Outcome) -> str:
    """The file of the trace, as the object names it, else the one file of rows that is new."""
    final = outcome.final or {}
    named = final.get("trace")
    if isinstance(named, str) and named:
        return _inside(named, bench, trial)
    results = bench.declared.paths.get("results", "").strip("/") or "\0"
    rows = [p for p in outcome.written if p.endswith(".jsonl") and not p.startswith(results)]
    return rows[0] if rows else ""


def _inside(named: str, bench: Bench, trial: Trial) -> str:
    """A path in the copy, which may be named from its root; "" for one that leads out of it."""
    for home in (str(bench.project), str(trial.root)):
        named = named.removeprefix(home + os.sep)
    path = Path(named)
    return "" if path.is_absolute() or ".." in path.parts else path.as_posix()


def _events(path: Path) -> list[Mapping[str, Any]]:
    """The rows of a trace, or of a list in one JSON file; never what a link points at."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_TRACE:
            return []
        text = path.read_text("utf-8", "replace")
    except OSError:
        return []
    rows = (row(line) for line in text.splitlines())
    found: list[Mapping[str, Any]] = [each for each in rows if each is not None]
    return found or _listed(text)


def _listed(text: str) -> list[Mapping[str, Any]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return []
    each = whole.get("events") or whole.get("spans") if isinstance(whole, dict) else whole
    return [e for e in each if isinstance(e, dict)] if isinstance(each, list) else []


def _kinds(events: Sequence[Mapping[str, Any]]) -> list[str]:
    found = [str(event[k]) for event in events for k in _KIND if isinstance(event.get(k), str)]
    return list(dict.fromkeys(found))


def _missing(events: Sequence[Mapping[str, Any]]) -> str:
    kinds = _kinds(events)
    step = any(_STEP.search(kind) for kind in kinds)
    final = any(_FINAL.search(kind) for kind in kinds) or "answer" in events[-1]
    if not step:
        return "no event of a retrieval, model or system" + ("" if final else ", nor of its end")
    return "" if final else "no event of its end"


def _same_run(final: Mapping[str, Any] | None, events: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the ids agree, where both name one."""
    own = (final or {}).get("run_id")
    theirs = {e["run_id"] for e in events if isinstance(e.get("run_id"), str)}
    return len(theirs) <= 1 and (not own or not theirs or own in theirs)


def _said(outcome: Outcome) -> str:
    """The last line that was said, on stderr or else on stdout."""
    lines = [s for s in (outcome.stderr or outcome.stdout).splitlines() if s.strip()]
    lines = lines or [s for s in outcome.stdout.splitlines() if s.strip()]
    return lines[-1] if lines else "it said nothing"


def _head(outcome: Outcome) -> str:
    return next((s for s in outcome.stdout.splitlines() if s.strip()), _said(outcome))
