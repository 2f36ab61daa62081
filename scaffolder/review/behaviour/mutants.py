"""Small faults planted in functions that the tests call: do the tests notice?

Invariant: a fault is planted in a throw-away copy, in a function that a passing test was seen to
call, and only tests that call it are run; those tests passed together without any fault first. The
choice hangs on the code alone, so that the same code is always asked the same.
"""

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from shutil import rmtree

from scaffolder.review.behaviour import bench as benches
from scaffolder.review.behaviour import mutation, suite
from scaffolder.review.behaviour.bench import Bench, Trial
from scaffolder.review.behaviour.declared import command
from scaffolder.review.behaviour.model import ControlFailed, NotApplicable, Outcome
from scaffolder.review.behaviour.mutation import Mutant
from scaffolder.review.behaviour.suite import Report
from scaffolder.review.model import Evidence, Reading, count, no, partial, quote, yes
from scaffolder.sanitise import clean

PLANTED = 10
"""Functions that are given a fault; the rubric's bounds are seven and four of ten."""

GOOD, FAIR = 0.7, 0.4
"""Share of faults that the tests must notice for yes, and for partial."""

FIRST_TESTS = 20
"""Tests that are run for one fault, the fastest of those that call the function."""

MOST_TESTS = 200
"""Tests that are run for a fault which the first ones did not notice."""

SLOWEST = 5.0
"""Seconds of one test above which it is left out while there are others."""

LEAST_SECONDS, TIMES = 10.0, 4.0
"""A fault that hangs is ended after so many times what its tests take, and never earlier."""

MOST_SECONDS = 60.0
AT_ONCE = 2
"""Faults that are tried side by side."""

_TESTS_FAILED, _INTERRUPTED, _INTERNAL = 1, 2, 3


@dataclass(frozen=True)
class Covered:
    """A function that tests call: where it stands, and which tests, the fastest first."""

    path: str
    line: int
    name: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Planted:
    """One fault: the function, the change, and how the tests ended with it."""

    function: Covered
    mutant: Mutant
    outcome: Outcome | None = None

    @property
    def place(self) -> str:
        """Where it stands and what was changed, for a reader."""
        change = f"`{_short(self.mutant.before)}` became `{_short(self.mutant.after[1:-1])}`"
        where = f"{self.function.path}:{self.mutant.line} in {self.function.name}()"
        return f"{clean(where, 160)}: {change}"

    @property
    def noticed(self) -> bool | None:
        """Whether the tests failed or hung; None where they did not run."""
        if self.outcome is None or self.outcome.ended in {"stopped", "output"}:
            return None
        if self.outcome.ended or self.outcome.exit_code < 0 or self.outcome.exit_code > 128:
            return True
        failed = {_TESTS_FAILED, _INTERRUPTED, _INTERNAL}
        return {0: False}.get(self.outcome.exit_code, self.outcome.exit_code in failed or None)


def are_killed(bench: Bench, planted: int = PLANTED) -> Reading:
    """C6: of ten small faults in functions that the tests call, the tests notice seven."""
    report = _seen(bench)
    base = bench.folder / "base"
    covered = _covered(report)
    if not covered:
        reason = "No test calls a function of the project, so no test would notice a fault in one."
        return no(reason, _session(bench))
    chosen = list(_chosen(base, covered, planted))
    if not chosen:
        raise NotApplicable("the functions that its tests call hold nothing that can be changed.")
    passing, seconds = _control(bench, report, chosen)
    tried = _tried(bench, report, _with(chosen, passing), seconds)
    return _judged([each for each in tried if each.noticed is not None], len(covered))


def _seen(bench: Bench) -> Report:
    found = suite.tested(bench)
    if found.watched is None:
        if suite.is_pytest(found.outcome.argv) or found.outcome.exit_code:
            seen = found.outcome.evidence(suite.last_line(found.outcome))
            raise ControlFailed("no pytest session was seen in the tests", seen)
        raise NotApplicable("its tests do not run under pytest, so nobody knows what they call.")
    if not found.watched.named("passed"):
        seen = found.outcome.evidence(suite.last_line(found.outcome))
        raise ControlFailed("no test passed, so none can notice a fault", seen)
    return found.watched


def _session(bench: Bench) -> Evidence:
    outcome = suite.tested(bench).outcome
    return outcome.evidence(suite.last_line(outcome))


def _covered(report: Report) -> list[Covered]:
    """The functions that passing tests call, in the order of the code."""
    callers: dict[int, list[str]] = {}
    for test in report.named("passed"):
        for number in report.calls.get(test, ()):
            callers.setdefault(number, []).append(test)
    joined: dict[tuple[str, int, str], list[str]] = {}
    for number, tests in callers.items():
        path, line, name = report.functions[number]
        joined.setdefault((path, line, name), []).extend(tests)
    return [Covered(*place, _fastest(report, tests)) for place, tests in sorted(joined.items())]


def _fastest(report: Report, tests: Sequence[str]) -> tuple[str, ...]:
    def seconds(test: str) -> float:
        return float(report.tests[test].get("seconds", 0.0))

    ordered = sorted(dict.fromkeys(tests), key=lambda test: (seconds(test), test))
    quick = [test for test in ordered if seconds(test) <= SLOWEST]
    return tuple((quick or ordered[:1])[:MOST_TESTS])


def _chosen(base: Path, covered: Sequence[Covered], planted: int) -> Iterator[Planted]:
    """One fault each for some functions, spread over the modules, by a seed made of the code."""
    texts = {path: _text(base, path) for path in sorted({c.path for c in covered})}
    seed = hashlib.sha256("\0".join(f"{p}\0{t}" for p, t in texts.items()).encode())
    chance = random.Random(seed.hexdigest())
    trees = {path: mutation.functions(text) for path, text in texts.items()}
    left = planted
    for each in _spread(covered, chance):
        known = {(mutation.first_line(f), f.name): f for f in trees[each.path]}
        function = known.get((each.line, each.name))
        found = mutation.mutants(texts[each.path], function) if function else ()
        if found and left:
            left -= 1
            yield Planted(each, chance.choice(found))


def _spread(covered: Sequence[Covered], chance: random.Random) -> Iterator[Covered]:
    """One function of each module in turn, modules and functions in an order by chance."""
    by_module: dict[str, list[Covered]] = {}
    for each in covered:
        by_module.setdefault(each.path, []).append(each)
    piles = list(by_module.values())
    chance.shuffle(piles)
    for pile in piles:
        chance.shuffle(pile)
    while piles:
        yield from (pile.pop() for pile in piles)
        piles = [pile for pile in piles if pile]


def _text(base: Path, path: str) -> str:
    """A file of the copy as it stands, line ends included; "" for what is none of it."""
    place = base / path
    if ".." in Path(path).parts or place.is_symlink() or not place.is_file():
        return ""
    try:
        return place.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _control(
    bench: Bench, report: Report, chosen: Sequence[Planted]
) -> tuple[frozenset[str], float]:
    """The selected tests that pass by themselves, and the seconds that all of them take."""
    selected = sorted({test for each in chosen for test in each.function.tests})
    with benches.trial(bench, prepared=False) as trial:
        variables = suite.reporting(trial, ())
        argv = _argv(bench, report, selected, first_failure=False)
        outcome = benches.run(trial, argv, variables=variables, seconds=suite.LIMIT_SECONDS)
        seen = suite.reported(trial)
    passed = frozenset(seen.named("passed")) if seen else frozenset()
    if not passed:
        failed = outcome.evidence(suite.last_line(outcome))
        raise ControlFailed("the selected tests did not pass without a fault", failed)
    return passed, outcome.seconds


def _with(chosen: Sequence[Planted], passing: frozenset[str]) -> list[Planted]:
    """The faults, each with those of its tests that pass without it."""
    kept = []
    for each in chosen:
        tests = tuple(test for test in each.function.tests if test in passing)
        function = Covered(each.function.path, each.function.line, each.function.name, tests)
        kept += [Planted(function, each.mutant)] if tests else []
    return kept


def _tried(
    bench: Bench, report: Report, planted: Sequence[Planted], seconds: float
) -> list[Planted]:
    """Every fault with its outcome, in the order given; each thread has a copy of its own."""
    waiting: SimpleQueue[tuple[int, Planted]] = SimpleQueue()
    for entry in enumerate(planted):
        waiting.put(entry)
    limit = min(MOST_SECONDS, max(LEAST_SECONDS, TIMES * seconds))

    def work() -> dict[int, Planted]:
        done: dict[int, Planted] = {}
        with benches.trial(bench, prepared=False) as trial:
            while not bench.is_stopped():
                try:
                    number, each = waiting.get_nowait()
                except Empty:
                    break
                bench.tell(f"  fault {number + 1} of {len(planted)}: {each.place}")
                done[number] = _one(trial, report, each, limit)
        return done

    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = [pool.submit(work) for _ in range(min(AT_ONCE, len(planted)))]
        found = {number: each for part in parts for number, each in part.result().items()}
    return [found[number] for number in sorted(found)]


def _one(trial: Trial, report: Report, each: Planted, limit: float) -> Planted:
    """Plants one fault, runs its tests, takes it out again."""
    place = trial.root / each.function.path
    whole = place.read_bytes()
    _write(place, mutation.changed(whole.decode("utf-8"), each.mutant).encode())
    try:
        for tests, seconds in _rounds(each.function.tests, limit):
            argv = _argv(trial.bench, report, tests, first_failure=True)
            outcome = benches.run(trial, argv, variables=_quiet(), seconds=seconds)
            if outcome.exit_code or outcome.ended:
                break
    finally:
        _write(place, whole)
    return Planted(each.function, each.mutant, outcome)


def _rounds(tests: Sequence[str], limit: float) -> list[tuple[Sequence[str], float]]:
    """The quick tests, then the others, which may take their time: being slow is no noticing."""
    rounds = ((tests[:FIRST_TESTS], limit), (tests[FIRST_TESTS:], benches.LONG))
    return [each for each in rounds if each[0]]


def _write(place: Path, content: bytes) -> None:
    """Writes a module without its compiled form: a second is not enough to tell the two apart."""
    rmtree(place.parent / "__pycache__", ignore_errors=True)
    place.write_bytes(content)


def _quiet() -> Mapping[str, str]:
    return {"PYTHONDONTWRITEBYTECODE": "1"}


def _argv(
    bench: Bench, report: Report, tests: Sequence[str], first_failure: bool
) -> tuple[str, ...]:
    """The declared pytest, for these tests alone; coverage and workers only cost time here."""
    declared = suite.runnable(command(bench.declared, "test"))
    head = ("python", "-m", "pytest") if not _starts(declared) else declared[: _starts(declared)]
    without = ("--no-cov",) if "pytest_cov" in report.plugins else ()
    alone = ("-n", "0") if "xdist" in report.plugins else ()
    stop = ("-x",) if first_failure else ()
    named = (_node(report, test) for test in tests)
    return (*head, "-q", *stop, "-p", "no:cacheprovider", *without, *alone, *named)


def _starts(argv: Sequence[str]) -> int:
    """How many words of a command start pytest; 0 where another tool does."""
    places = [n for n, w in enumerate(argv, 1) if w.rpartition("/")[2] in {"pytest", "py.test"}]
    return places[0] if places and places[0] <= 3 and "coverage" not in argv[:3] else 0


def _node(report: Report, test: str) -> str:
    """A test as pytest takes it from the root of the copy."""
    return test if report.rootdir == "." else f"{report.rootdir}/{test}"


def _judged(tried: Sequence[Planted], covered: int) -> Reading:
    if not tried:
        raise ControlFailed("the tests did not run with a fault planted")
    survived = [each for each in tried if not each.noticed]
    killed = len(tried) - len(survived)
    said = f"The tests notice {killed} of {count(len(tried), 'small fault')}"
    said += f" planted in {covered:,} functions that they call" if covered >= PLANTED else ""
    shown = [e for each in survived[:4] for e in _survivor(each)] or _killed(tried[0])
    share = killed / len(tried)
    if share >= GOOD:
        more = f"; not noticed: {survived[0].place}" if survived else ""
        return yes(f"{said}{more}.", *shown)
    answer = partial if share >= FAIR else no
    listed = "; ".join(each.place for each in survived[:3])
    return answer(f"{said}. Not noticed: {listed}.", *shown)


def _survivor(each: Planted) -> list[Evidence]:
    where = quote(each.function.path, each.mutant.line, each.place)
    return [where, *_killed(each)]


def _killed(each: Planted) -> list[Evidence]:
    if each.outcome is None:
        return []
    return [each.outcome.evidence(f"{each.place}: {suite.last_line(each.outcome)}")]


def _short(code: str) -> str:
    return clean(" ".join(code.split()), 60)
