"""`scaffold dev check-probes`: the tries tested by sabotage.

Invariant: a defect counts as noticed only where the item that it is aimed at stood in the sound
project and falls with the defect, and no other must falls with it but the ones that tests decide.
"""

import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scaffolder import sandbox
from scaffolder.errors import UsageError
from scaffolder.journeys import review, seeding
from scaffolder.journeys.seeding import Defect, Tell
from scaffolder.review import score
from scaffolder.review.behaviour import campaign
from scaffolder.review.behaviour.declared import declared
from scaffolder.review.model import Answer, Check, Reading, Report, Status
from scaffolder.review.rubric import Rubric, load
from scaffolder.review.view import RepoView

MAY_FALL = ("COM-16", "COM-17")
"""A real defect breaks tests, and with them what CI runs; their tries are not made here."""

AT_ONCE = 2
"""Defects that are tried at the same time."""

START, END = "<!-- check-probes:start -->", "<!-- check-probes:end -->"


@dataclass(frozen=True)
class Seen:
    """What a review saw: the status of each must by its id, the answer of each try by its id."""

    musts: Mapping[str, Status]
    tries: Mapping[str, Answer] = field(default_factory=dict)

    @property
    def fallen(self) -> frozenset[str]:
        """The musts that somebody has to mend."""
        return frozenset(name for name, status in self.musts.items() if status in score.OPEN)


@dataclass(frozen=True)
class Verdict:
    """What a defect did: how its item fell ("files", "run", "" where it did not), which tries said
    so, which of those that should are silent, which other musts fell, and which of them could not
    be decided any more.
    """

    defect: Defect
    how: str
    noticed: Sequence[str] = ()
    silent: Sequence[str] = ()
    others: Sequence[str] = ()
    undecided: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        """Whether the rubric tells this defect, and only this."""
        return bool(self.how) and not self.others and not self.silent


@dataclass(frozen=True)
class Checked:
    """`open_musts` are those that the sound projects do not pass, each with its project."""

    open_musts: Sequence[str]
    verdicts: Sequence[Verdict]

    @property
    def holds(self) -> bool:
        """Whether every defect is told, and nothing sound is accused."""
        return not self.open_musts and all(each.holds for each in self.verdicts)


def verdict(defect: Defect, sound: Seen, files: Seen, run: Seen) -> Verdict:
    """What a defect did, from the review of the sound project and both reviews of its clone."""
    stood = sound.musts.keys() - sound.fallen
    fell = {*files.fallen, *run.fallen} & stood
    how = "files" if defect.target in files.fallen & stood else "run"
    accusing = [t for t, a in run.tries.items() if a in (Answer.NO, Answer.PARTIAL)]
    silent = [t for t in defect.tries if t not in accusing]
    lost = [m for m in stood - fell if _is_lost(sound.musts[m], run.musts.get(m))]
    return Verdict(
        defect,
        how if defect.target in fell else "",
        sorted(t for t in accusing if sound.tries.get(t) is Answer.YES),
        silent,
        sorted(fell - {defect.target, *MAY_FALL}),
        sorted(lost),
    )


def _is_lost(before: Status, after: Status | None) -> bool:
    return before is Status.PASS and after is Status.UNVERIFIED


def check(only: Sequence[str], tell: Tell, unsandboxed: bool = False) -> Checked:
    """Seeds every defect (or those of `only`) and reviews the clones, by files and by running.

    UsageError without the source or for an unknown name; EnvironmentProblem without git, a sandbox
    or an environment of the project. What one raises ends the others too.
    """
    data = load(with_trees=False)
    wanted = seeding.chosen(seeding.defects(data), only)
    box = sandbox.unsandboxed() if unsandboxed else sandbox.find()
    open_musts: list[str] = []
    verdicts: list[Verdict] = []
    for project in dict.fromkeys(each.project for each in wanted):
        mine = [each for each in wanted if each.project == project]
        with _bench(box, tell) as bench:
            accused, found = _project(mine, bench)
        open_musts += accused
        verdicts += found
    return Checked(open_musts, verdicts)


@dataclass(frozen=True)
class _Bench:
    """Where the clones are made, one after another: git's surroundings are those of the process."""

    folder: Path
    box: sandbox.Box
    tell: Tell
    making: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def manner(self, name: str) -> campaign.Manner:
        """How a clone is tried; what is told begins with its name."""
        return campaign.Manner(
            self.box, lambda line: self.tell(f"{name}: {line}"), self.over.is_set
        )


@contextmanager
def _bench(box: sandbox.Box, tell: Tell) -> Iterator[_Bench]:
    with tempfile.TemporaryDirectory(prefix="scaffold-probes-") as made:
        yield _Bench(Path(made).resolve(), box, tell)


def _project(defects: Sequence[Defect], bench: _Bench) -> tuple[Sequence[str], Sequence[Verdict]]:
    """The musts that the finished project itself does not pass, and what its defects did."""
    project = seeding.sound(bench.folder / "sound", defects[0].place)
    venv = seeding.environment(project, bench.tell)
    seeding.lend(venv, project)
    sound = _by_run(project, bench.manner("sound"))
    accused = [f"{project.name}: {name}" for name in sorted(sound.fallen)]
    return accused, _all_tried(defects, venv, sound, bench)


def _all_tried(
    defects: Sequence[Defect], venv: Path, sound: Seen, bench: _Bench
) -> Sequence[Verdict]:
    """The verdicts in the order of `defects`."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [pool.submit(_tried, each, venv, sound, bench) for each in defects]
        try:
            for job in as_completed(jobs):
                job.result()
        except BaseException:
            bench.over.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [job.result() for job in jobs]


def _tried(defect: Defect, venv: Path, sound: Seen, bench: _Bench) -> Verdict:
    with bench.making:
        project = seeding.seeded(bench.folder / defect.name, defect)
        seeding.lend(venv, project)
    found = verdict(defect, sound, _by_files(project), _by_run(project, bench.manner(defect.name)))
    bench.tell(f"{defect.name}: {_told(found)}")
    return found


def _by_files(project: Path) -> Seen:
    return Seen(_musts(review.review_repo(project, only=_asked())))


def _by_run(project: Path, manner: campaign.Manner) -> Seen:
    readings: dict[str, Reading] = {}

    def run(view: RepoView, checks: Sequence[Check], data: Rubric) -> Mapping[str, Reading]:
        wanted = {name for check in checks for name in check.tries}
        tries = [each for name, each in data.tries.items() if name in wanted]
        readings.update(campaign.make(tries, view, declared(view), manner))
        return readings

    report = review.review_repo(project, only=_asked(), run=run)
    return Seen(_musts(report), {name: found.answer for name, found in readings.items()})


def _asked() -> Sequence[str]:
    """The musts, without those that may fall."""
    checks = load(with_trees=False).checks
    return [c.id for c in checks if c.weight == "must" and c.id not in MAY_FALL]


def _musts(report: Report) -> Mapping[str, Status]:
    return {item.check.id: item.status for item in report.items}


def _told(found: Verdict) -> str:
    """The verdict in one line."""
    target = found.defect.target
    parts = [f"{target} fell, by {_BY[found.how]}" if found.how else f"{target} did NOT fall"]
    if found.silent:
        parts.append(f"{', '.join(found.silent)} did not notice")
    if found.others:
        parts.append(f"{', '.join(found.others)} fell as well")
    return "; ".join(parts)


_BY = {"files": "its files", "run": "a run"}


def table(verdicts: Sequence[Verdict]) -> str:
    """The verdicts as a Markdown table, a defect a row."""
    head = "| project | defect | item | flipped | noticed by | other musts |"
    return "\n".join([head, "|---" * 6 + "|", *map(_row, verdicts)])


def _row(found: Verdict) -> str:
    defect = found.defect
    flipped = f"yes, by {_BY[found.how]}" if found.how else "**no**"
    others = ", ".join(found.others) or "none"
    lost = f"; not decided: {', '.join(found.undecided)}" if found.undecided else ""
    said = f"`{defect.name}`: {defect.said}".replace("|", "\\|")
    noticed = ", ".join(found.noticed) or "-"
    return (
        f"| {defect.project} | {said} | {defect.target} | {flipped} | {noticed} | {others}{lost} |"
    )


def placed(text: str, made: str) -> str:
    """`text` with the table between its markers; UsageError where it has none."""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise UsageError(
            f"the file has no lines {START} and {END} to put the table between",
            "Add both, each in a line of its own, or name a file that is not there yet.",
        )
    return f"{before}{START}\n{made}\n{END}{after}"
