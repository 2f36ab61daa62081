"""`climb`: every version on dev, then the winner once on test; writes the ladder.

A version whose rows are there and of the same prompt, model and messages is not asked again.
"""

import argparse
from collections.abc import Sequence

from ..console import deliver, note
from ..evaluation.rows import Row, read, write
from ..evaluation.run import Lab, Trial, measure, opened, setting_of
from ..evaluation.scoring import DECIDING, EXACT
from ..experiments.ladder import Rung, on_test, rungs, trials, winner
from ..experiments.testset import require_no_leak, take
from ..items import fingerprint, load_items
from ..layout import terminal_width, wrapped
from ..result import Result
from ..systems import System
from ..trace import Trace
from ..versions import load_versions, lock, locked
from . import choose_model, open_settings
from .publishing import publish


def run(args: argparse.Namespace) -> int:
    """Measure, choose on dev, look at test once for the winner, and say what came out."""
    settings = open_settings()
    system = choose_model(args.system)
    dev, test = load_items(settings.items("dev")), load_items(settings.items("test"))
    versions = load_versions(settings.prompts / settings.prompt)
    require_no_leak(settings, versions, test, load_items(settings.items("train")))
    lab = opened(settings, system, Trace.start(settings.traces, "climb"), progress)
    runs = {trial.name: measured(trial, lab) for trial in trials(versions, dev)}
    best = winner(rungs(versions, runs))
    if args.dev_only:
        message = f"{best.version.short} wins on dev; the test set was not looked at."
    else:
        message = _look(best, lab, on_test(best.version, test))
    publish(settings)
    deliver(_result(message, best, rungs(versions, runs), system), args.json, _shown(message))
    return 0


def measured(trial: Trial, lab: Lab) -> list[Row]:
    """The rows of a trial: those on disk where nothing behind them has changed."""
    path = trial.path(lab.system, lab.settings)
    kept, setting = read(path), setting_of(trial, lab)
    data = fingerprint(lab.settings.items(trial.split))
    if kept and all(row.setting == setting and row.data == data for row in kept):
        return kept
    note(f"{trial.place} {trial.name or trial.version.short}: {len(trial.items)} messages")
    rows = measure(trial, lab)
    write(path, rows)
    return rows


def progress(name: str, done: int) -> None:
    """A line for every thirtieth message."""
    if done % 30 == 0:
        note(f"{name}: {done} done")


def _look(best: Rung, lab: Lab, trial: Trial) -> str:
    """The winner on test, and from now on in use."""
    settings, version = lab.settings, best.version
    take(settings, lab.system, version)
    rows = measured(trial, lab)
    folder = settings.prompts / settings.prompt
    before = locked(folder)
    lock(folder, version)
    right = sum(row.grades[EXACT] for row in rows)
    changed = f"; it answers from now on, {before.short} did before" * (before != version)
    return f"{version.short} wins on dev and has {right:.0f} of {len(rows)} exact on test{changed}."


def _result(message: str, best: Rung, found: Sequence[Rung], system: System) -> Result:
    shares = {r.version.short: sum(x.grades[DECIDING] for x in r.rows) / len(r.rows) for r in found}
    detail = {"winner": best.version.name, "ladder": shares}
    return Result("answered", message, system="model" if system == "api" else system, detail=detail)


def _shown(message: str) -> str:
    return wrapped(f"{message} The tables are in README.md.", terminal_width())
