"""Retrieval that returns nothing: what is answered from nothing.

Invariant: the retriever is the one that the manifest names, and it was loaded and called.
"""

from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import Break, ControlFailed, NotDeclared, Outcome
from scaffolder.review.behaviour.modelserver import Script
from scaffolder.review.model import Reading, no, unknown, yes


def nothing_is_declined(bench: Bench) -> Reading:
    """R2: nothing is retrieved: no answer and no citation, without a model and with one."""
    control = benches.demo(bench)
    if control.final is None:
        raise NotDeclared("the demo prints no JSON object, so a refusal cannot be told")
    for model in (None, Script()):
        done = _without_passages(bench, model)
        who = "a model" if model else "no model"
        seen = done.evidence(f"nothing was retrieved, with {who}")
        final = done.final or {}
        if done.crashed:
            return no(f"With nothing retrieved and {who}, a traceback reaches the user.", seen)
        if final.get("status") == "answered" or final.get("citations"):
            return no(f"With nothing retrieved and {who}, it answers all the same.", seen)
        if not final and done.exit_code == 0:
            return unknown("With nothing retrieved it prints no result.", "Look by hand.", seen)
    return yes("With nothing retrieved it declines and cites nothing.", seen)


def _without_passages(bench: Bench, model: Script | None) -> Outcome:
    target = bench.declared.faults.get("retriever") or bench.declared.entry_points.get("search")
    if not target:
        raise NotDeclared("[faults] has no `retriever`, a module:function")
    with benches.trial(bench) as trial:
        words = command(bench.declared, "demo")
        done = benches.run(trial, words, model=model, breaks=[Break(target, "nothing")])
    if not done.called:
        seen = done.evidence(f"{target} was not called")
        raise ControlFailed(f"the demo does not call {target}", seen)
    return done
