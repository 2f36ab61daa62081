"""Tools that misbehave: what a run makes of one that raises, hangs, lies or comes back later.

Invariant: a tool is a function that `[faults]` names, beside retriever and system; only one that
the demo calls is judged. Every honest end is accepted, and so is an answer that did without it.
"""

from collections.abc import Sequence

from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import (
    Break,
    ControlFailed,
    NotApplicable,
    NotDeclared,
    Outcome,
)
from scaffolder.review.model import Reading, count, no, partial, yes

SECONDS = 60.0
"""How long a demo may take while a tool hangs: the rubric's bound of a demo."""

MOST_TOOLS = 6
ASIDE = ("retriever", "system")
HONEST = ("refused", "needs_human", "degraded", "budget_exceeded", "failed")
_WORDS = {
    "raises": "a tool raises",
    "hangs": "a tool hangs",
    "no_result": "a tool returns nothing",
    "huge": "a tool returns two megabytes",
    "malformed": "a tool returns another shape",
    "late": "a tool answers at the third try",
    "altered": "a tool returns other figures",
}


def survives(bench: Bench, how: str) -> Reading:
    """T1 to T5: no traceback, no hang; without the tool an honest status with words."""
    control, tried = benches.demo(bench), _tried(bench, how)
    seen = [done.evidence(f"{name}: {_WORDS[how]}") for name, done in tried]
    for name, done in tried:
        place = done.evidence(f"{name}: {_WORDS[how]}")
        if done.ended == "time":
            return no(f"Where {_WORDS[how]} ({name}), the demo does not end.", place)
        if done.crashed:
            return no(
                f"Where {name} misbehaves ({_WORDS[how]}), a traceback reaches the user.", place
            )
        final = done.final or {}
        if not _words(done) or final.get("status") not in (*HONEST, "answered"):
            return no(f"Where {_WORDS[how]} ({name}), nothing says what is missing.", place)
        if final.get("status") == "answered" and how != "huge" and not _did_without(done, control):
            said = f"Where {_WORDS[how]} ({name}), it answers as if nothing were missing."
            return partial(said, place, control.evidence("the same without the fault"))
    names = count(len(tried), "tool")
    return yes(f"Where {_WORDS[how]}, the run ends and says what is missing ({names}).", *seen[:2])


def recovers(bench: Bench) -> Reading:
    """T7: a tool that is away twice and then answers gives the answer of the control."""
    control, tried = benches.demo(bench), _tried(bench, "late")
    wanted = (control.final or {}).get("status")
    for name, done in tried:
        if done.crashed or (done.final or {}).get("status") != wanted:
            place = done.evidence(f"{name}: {_WORDS['late']}")
            return no(f"{name} answers at the third try, and the run does not use it.", place)
    seen = [done.evidence(f"{name}: {_WORDS['late']}") for name, done in tried]
    return yes("A tool that answers at the third try is tried three times.", *seen[:2])


def followed(bench: Bench) -> Reading:
    """T9: where a tool returns other figures, the answer is another one, or is held back."""
    control, tried = benches.demo(bench), _tried(bench, "altered")
    if not any(c.isdigit() for c in _words(control)):
        raise NotApplicable("the answer of the demo holds no figure")
    for name, done in tried:
        place = done.evidence(f"{name}: {_WORDS['altered']}")
        if done.crashed or done.ended == "time":
            return no(f"Where {_WORDS['altered']} ({name}), the demo does not end well.", place)
    moved = [(name, done) for name, done in tried if _did_without(done, control)]
    seen = [done.evidence(f"{name}: {_WORDS['altered']}") for name, done in (moved or tried)]
    if not moved:
        return no("The figures that tools return were changed, and the answer stayed.", *seen[:2])
    return yes("The answer follows the figures that a tool returns.", *seen[:2])


def tools(bench: Bench) -> dict[str, str]:
    """The tools that the manifest lets be broken; NotDeclared says what to add."""
    found = {n: t for n, t in bench.declared.faults.items() if n not in ASIDE}
    if not found:
        raise NotDeclared('[faults] names no tool: add `name = "module:function"` for each')
    return found


def _tried(bench: Bench, how: str) -> Sequence[tuple[str, Outcome]]:
    """The demo with each tool broken that it calls; ControlFailed where it calls none."""
    found = []
    for name, target in tools(bench).items():
        if name not in _called(bench):
            continue
        with benches.trial(bench) as trial:
            words = command(bench.declared, "demo")
            done = benches.run(trial, words, breaks=[Break(target, how)], seconds=SECONDS)
        found.append((name, done))
    return found[:MOST_TOOLS]


def _called(bench: Bench) -> Sequence[str]:
    """The tools that the demo calls, looked at once."""

    def look() -> Sequence[str]:
        control, found = benches.demo(bench), []
        for name, target in tools(bench).items():
            with benches.trial(bench) as trial:
                words = command(bench.declared, "demo")
                same = Break(target, "duplicates", {"times": 1})
                if benches.run(trial, words, breaks=[same]).called:
                    found.append(name)
        if not found:
            raise ControlFailed("the demo calls no tool of [faults]", control.evidence(""))
        return found

    return benches.once(bench, "tools that the demo calls", look)


def _did_without(done: Outcome, control: Outcome) -> bool:
    """Whether the answer is another one, or says in words that something is missing."""
    return _words(done) != _words(control)


def _words(done: Outcome) -> str:
    final = done.final or {}
    return " ".join(str(final.get(key) or "") for key in ("answer", "message")).strip()
