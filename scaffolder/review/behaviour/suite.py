"""The project's own tests, with the network away and no key, as our own reporter saw them.

Invariant: what a test command prints is never believed. A pytest session counts when our plugin
saw it end, with the exit code that the process has, and every collected test reported; another
runner has its exit code alone, and the reading says so.
"""

import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour.bench import Bench, Trial
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import ControlFailed, Outcome
from scaffolder.review.model import Reading, count, no, partial, unknown, yes
from scaffolder.review.project.recipes import core
from scaffolder.sanitise import clean

OFFLINE_SECONDS = 60.0
"""How long the tests may take, as `rubric.md` COM-16 bounds them."""

LIMIT_SECONDS = 240.0
"""When they are ended: a slow machine is no fault, tests that hang are."""

MOST_REPORT = 64 * 1024 * 1024
"""Bytes of our reporter's file that are read; it lies where the tests can write."""

FOLDER = ".scaffold-report"
"""Where the reporter writes, in the copy; its git does not see it."""

_RUNNERS = {"uv", "poetry", "pdm", "pipenv", "rye", "pixi", "hatch"}
_OWN_ENVIRONMENT = {"tox", "nox"}
_INTERNAL = 3
_NO_PYTEST = re.compile(r"No module named '?pytest\b|pytest cannot be started")


@dataclass(frozen=True)
class Report:
    """What our plugin saw of one pytest session; `tests` by node id, `calls` their functions."""

    finished: bool = False
    exit: int | None = None
    collected: int = 0
    dropped: int = 0
    tests: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    errors: Sequence[Any] = ()
    functions: Sequence[Sequence[Any]] = ()
    calls: Mapping[str, Sequence[int]] = field(default_factory=dict)
    plugins: Sequence[str] = ()
    rootdir: str = "."
    cpu: float = 0.0

    def named(self, outcome: str) -> list[str]:
        """The tests that ended so."""
        return [name for name, test in self.tests.items() if test.get("outcome") == outcome]


@dataclass(frozen=True)
class Tested:
    """A run of tests; `report` is None where our plugin never began.

    `watched` is the report of the run in which called functions were noted, passed or not.
    """

    outcome: Outcome
    report: Report | None
    watched: Report | None

    @property
    def well(self) -> bool:
        """Whether they ended with exit 0 by themselves."""
        return self.outcome.exit_code == 0 and not self.outcome.ended


def passes_offline(bench: Bench) -> Reading:
    """C8: the declared test command passes with the network away and no key, in time."""
    found = tested(bench)
    _could_run(found)
    closed = "with the network away and no key" if bench.box.is_closed else "without a key"
    return _judged(found, closed)


def tested(bench: Bench) -> Tested:
    """The declared test command, run once for all who ask."""
    return tests_by(bench, command(bench.declared, "test"))


def tests_by(bench: Bench, argv: Sequence[str]) -> Tested:
    """A test command, run once by its words, however much it is told to print.

    Functions are watched in the same run. That costs time and may disturb tests, so what did not
    pass, or not in time, is run again without it.
    """
    argv = runnable(argv)
    words = [w for w in argv if w not in {"-q", "-qq", "-v", "-vv", "--quiet", "--verbose"}]
    return benches.once(bench, f"tests {shlex.join(words)}", lambda: _tested(bench, argv))


def runnable(argv: Sequence[str]) -> tuple[str, ...]:
    """The command without a tool that only enters the environment: `uv run`, `poetry run`."""
    if argv[0] in _RUNNERS and argv[1:2] == ("run",) and argv[2:] and argv[2][:1] != "-":
        return tuple(argv[2:])
    return tuple(argv)


def is_pytest(argv: Sequence[str]) -> bool:
    """Whether a command is pytest itself, however it is started."""
    words = core(" ".join(argv))
    return bool(words) and words[0].rpartition("/")[2] in {"pytest", "py.test"}


def reporting(trial: Trial, watch: Sequence[str]) -> Mapping[str, str]:
    """The variables with which a command reports its pytest session; `watch` are folders."""
    (trial.root / FOLDER).mkdir(exist_ok=True)
    exclude = trial.root / ".git" / "info" / "exclude"
    exclude.parent.mkdir(parents=True, exist_ok=True)
    with exclude.open("a", encoding="utf-8") as lines:
        lines.write(f"/{FOLDER}/\n")
    return {
        "PYTEST_PLUGINS": "reporter",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SCAFFOLD_REPORT": f"{FOLDER}/report.json",
        "SCAFFOLD_ROOT": str(trial.at),
        "SCAFFOLD_WATCH": ":".join(watch),
    }


def reported(trial: Trial) -> Report | None:
    """What the plugin wrote in this copy, with what its workers saw; None where it never began."""
    main = _read(trial.root / FOLDER / "report.json")
    if main is None:
        return None
    workers = sorted((trial.root / FOLDER).glob("report.json.gw*"))
    for other in filter(None, map(_read, [w for w in workers if w.suffix != ".part"])):
        main = _joined(main, other)
    return main


def sources(root: Path, package: str) -> tuple[str, ...]:
    """The folders of a copy that hold its code, as far as the declared package says."""
    named = [f"src/{package}", package, f"src/{package}.py", f"{package}.py"] if package else []
    found = [name for name in [*named, "src"] if (root / name).exists()]
    return tuple(found[:1])


def _tested(bench: Bench, argv: Sequence[str]) -> Tested:
    outcome, report = _run(bench, argv, sources(bench.folder / "base", bench.declared.package))
    well = outcome.exit_code == 0 and outcome.seconds <= OFFLINE_SECONDS
    if report is None or well or outcome.ended == "stopped":
        return Tested(outcome, report, report)
    outcome, plain = _run(bench, argv, ())
    return Tested(outcome, plain, report)


def _run(bench: Bench, argv: Sequence[str], watch: Sequence[str]) -> tuple[Outcome, Report | None]:
    with benches.trial(bench, prepared=False) as trial:
        variables = reporting(trial, watch)
        outcome = benches.run(trial, argv, variables=variables, seconds=LIMIT_SECONDS)
        return outcome, reported(trial)


def _could_run(found: Tested) -> None:
    """ControlFailed where the environment lacks what runs the tests."""
    outcome = found.outcome
    head = Path(outcome.argv[0]).name
    seen = outcome.evidence(last_line(outcome))
    if outcome.exit_code and head in _OWN_ENVIRONMENT:
        raise ControlFailed(f"{head} makes an environment of its own, from the network", seen)
    if outcome.exit_code == _INTERNAL and "inside/reporter.py" in outcome.stdout + outcome.stderr:
        raise ControlFailed("our own reporter did not work under its pytest", seen)
    missing = _NO_PYTEST.search(outcome.stderr) or outcome.exit_code == 127
    if outcome.exit_code and missing and found.report is None:
        raise ControlFailed("the project's environment lacks what runs its tests", seen)


def _judged(found: Tested, closed: str) -> Reading:
    outcome, report = found.outcome, found.report
    if outcome.ended:
        reason = f"The tests had not ended after {outcome.seconds:.0f} s {closed}."
        return no(reason, outcome.evidence(last_line(outcome)))
    if outcome.exit_code:
        return _failed(found, closed)
    if report is None:
        return _unreported(found, closed)
    mistrust = _mistrust(report, outcome.exit_code)
    if mistrust:
        reason = f"The test command exits 0, and is not trusted: {mistrust}."
        return no(reason, outcome.evidence(last_line(outcome)))
    passed = count(len(report.named("passed")), "test")
    skipped = len(report.named("skipped"))
    seen = outcome.evidence(f"{passed} passed, {skipped} skipped, seen by our own reporter")
    took = f"{passed} passed {closed} in {outcome.seconds:.0f} s"
    if outcome.seconds > OFFLINE_SECONDS and not _held_up(report):
        return partial(f"{took}; {OFFLINE_SECONDS:.0f} s is what a reader waits.", seen)
    return yes(f"{took}.", seen)


def _held_up(report: Report) -> bool:
    """Whether other programs took the time: the machine is full, and the tests worked less."""
    return 0 < report.cpu <= OFFLINE_SECONDS and os.getloadavg()[0] > (os.cpu_count() or 1)


def _failed(found: Tested, closed: str) -> Reading:
    outcome, report = found.outcome, found.report
    failed = report.named("failed") if report else []
    if report is None or not (failed or report.errors):
        reason = f"The test command ends with exit {outcome.exit_code} {closed}."
        return no(reason, outcome.evidence(last_line(outcome)))
    first = failed[0] if failed else str(report.errors[0][0])
    why = report.tests[first].get("said", "") if failed else str(report.errors[0][1])
    many = count(len(failed), "test") if failed else count(len(report.errors), "test file")
    verb = "fails" if many.startswith("1 ") else "fail"
    reason = f"{many} of {report.collected} {verb} {closed}: {clean(first, 120)}."
    return no(reason, outcome.evidence(f"{first}: {why}"))


def _unreported(found: Tested, closed: str) -> Reading:
    outcome = found.outcome
    seen = outcome.evidence(last_line(outcome))
    if is_pytest(outcome.argv):
        reason = "The test command exits 0, and no pytest session was seen: it is not trusted."
        return unknown(reason, "Let pytest load plugins from PYTEST_PLUGINS.", seen)
    reason = f"The test command exits 0 {closed}; it is not pytest, so its exit code is all."
    if outcome.seconds > OFFLINE_SECONDS:
        return partial(f"{reason} It takes {outcome.seconds:.0f} s.", seen)
    return yes(reason, seen)


def _mistrust(report: Report, exit_code: int) -> str:
    """Why a session that exits 0 is not one that passed; "" where it did."""
    if not report.finished:
        return "our own reporter did not see the session end"
    if report.exit != exit_code:
        return f"pytest ended with {report.exit}, the process with {exit_code}"
    if not report.collected:
        return "no test was collected"
    if report.dropped:
        return f"{count(report.dropped, 'collected test')} never reached the run"
    if len(report.tests) < report.collected:
        return f"{report.collected} tests were collected, {len(report.tests)} were run"
    if not report.named("passed"):
        return "no test passed"
    return ""


def _read(path: Path) -> Report | None:
    """A report; one that is not as the plugin writes it is none, or says that it did not end."""
    try:
        if path.is_symlink() or path.stat().st_size > MOST_REPORT:
            return Report()
        raw = json.loads(path.read_text("utf-8"))
        return Report(
            finished=raw["finished"] is True,
            exit=None if raw["exit"] is None else int(raw["exit"]),
            collected=int(raw["collected"]),
            dropped=len(raw.get("dropped", ())),
            tests={str(k): dict(v) for k, v in raw["tests"].items()},
            errors=[list(map(str, e)) for e in raw["errors"]],
            functions=[(str(p), int(n), str(f)) for p, n, f in raw["calls"]["functions"]],
            calls={str(k): list(map(int, v)) for k, v in raw["calls"]["tests"].items()},
            plugins=list(map(str, raw["plugins"])),
            rootdir=str(raw["rootdir"]),
            cpu=float(raw.get("cpu", 0.0)),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Report()


def _joined(main: Report, worker: Report) -> Report:
    """A session and one of its workers: the worker knows what was called, and what was found."""
    first = len(main.functions)
    calls = {test: [n + first for n in called] for test, called in worker.calls.items()}
    return replace(
        main,
        collected=max(main.collected, worker.collected),
        functions=[*main.functions, *worker.functions],
        calls={**main.calls, **calls},
    )


def last_line(outcome: Outcome) -> str:
    """The last line that a command printed, stdout first: test runners sum up there."""
    for text in (outcome.stdout, outcome.stderr):
        lines = [line for line in text.splitlines() if line.strip()]
        if lines:
            return lines[-1]
    return "it printed nothing"
