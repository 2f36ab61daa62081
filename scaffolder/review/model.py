"""What a review is made of.

Invariant: the text of an `Evidence` is one clean line, whatever file it came from; nothing here
knows a check, a section or a skill by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from scaffolder.review.mask import mask
from scaffolder.sanitise import clean

QUOTE = 200
"""Characters of a quoted line that a report shows."""

MASKED = 4000
"""Characters of a quoted line in which keys are looked for: one that is shown lies in it whole."""


class Answer(StrEnum):
    """What a probe found."""

    YES = "yes"
    PARTIAL = "partial"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Status(StrEnum):
    """The verdict on one item."""

    PASS = "pass"
    PARTIAL = "partial"
    FAIL = "fail"
    NOT_STARTED = "not_started"
    UNVERIFIED = "unverified"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that was run in a copy; `exit_code` is negative where a signal ended it."""

    command: str
    exit_code: int
    seconds: float
    output_sha256: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place in the repository: `path` as the view names it, 1-based lines, what stands there.

    With `ran` it is a command that was run instead, `path` is "" and `text` what was seen.
    """

    path: str
    line: int | None = None
    end_line: int | None = None
    text: str = ""
    ran: Ran | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A probe's answer: why, where, and for `unknown` and `not_applicable` what would verify it.

    `waits_for` is "model" where only rows that a model made could settle an `unknown`, "run" where
    a run could, "control" where a run was made and did not work without its fault either.
    """

    answer: Answer
    reason: str
    evidence: tuple[Evidence, ...] = ()
    verify: str = ""
    waits_for: str = ""


def quote(path: str, line: int | None = None, text: str = "", end: int | None = None) -> Evidence:
    """Evidence with its text made one clean line, keys cut off."""
    return Evidence(mask(path), line, end, clean(mask(text.strip()[:MASKED]), QUOTE))


def ran(command: str, exit_code: int, seconds: float, sha256: str, text: str) -> Evidence:
    """Evidence that is a command and what was seen of it, both made clean, keys cut off."""
    typed = clean(mask(command[:MASKED]), QUOTE)
    done = Ran(typed, exit_code, round(seconds, 2), sha256)
    return Evidence("", text=clean(mask(text.strip()[:MASKED]), QUOTE), ran=done)


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def yes(reason: str, *evidence: Evidence) -> Reading:
    """It is there, and here."""
    return Reading(Answer.YES, reason, evidence)


def partial(reason: str, *evidence: Evidence) -> Reading:
    """Some of it is there; the reason says what is not."""
    return Reading(Answer.PARTIAL, reason, evidence)


def no(reason: str, *evidence: Evidence) -> Reading:
    """It is not there; the reason says what was looked for."""
    return Reading(Answer.NO, reason, evidence)


def unknown(reason: str, verify: str, *evidence: Evidence, waits_for: str = "") -> Reading:
    """It cannot be said from what was read; `verify` says what would settle it."""
    return Reading(Answer.UNKNOWN, reason, evidence, verify, waits_for)


def not_applicable(reason: str, verify: str) -> Reading:
    """The question does not speak of this project; `verify` says what would show that it does."""
    return Reading(Answer.NOT_APPLICABLE, reason, verify=verify)


@dataclass(frozen=True)
class ProbeCall:
    """A probe as the rubric names it: `module.function`, and its arguments.

    `of_code` is true where its `no` means that no code of that kind was found.
    """

    probe: str
    args: Mapping[str, object] = field(default_factory=dict)
    of_code: bool = False


@dataclass(frozen=True)
class Try:
    """A fault and the function `module.function` of the behaviour room that makes it and watches.

    `reads` is "code" where README and docs do not change its result, "all" where they may.
    """

    id: str
    fault: str
    call: str
    args: Mapping[str, object] = field(default_factory=dict)
    reads: str = "all"


@dataclass(frozen=True)
class Check:
    """One item of the rubric, as its YAML file says it; `own` are the areas that must be own work.

    `run` says what only a run can show, `tries` names the faults that do it; with `overrules` they
    win over what the files seem to say. `ask` is what only a person can decide. `effort` is minutes
    for somebody who has the project at hand. `waivable` is false where no reason excuses it.
    """

    id: str
    section: str
    weight: str
    dimension: str
    claim: str
    why: str
    fix: str
    effort: int
    source: Sequence[str]
    probes: Sequence[ProbeCall] = ()
    own: Sequence[str] = ()
    run: str = ""
    tries: Sequence[str] = ()
    overrules: bool = False
    ask: str = ""
    waivable: bool = True


@dataclass(frozen=True)
class Advice:
    """What a model answered to one narrow question; never a status.

    `verdict` is "yes", "no", "split" or "void", `votes` the single answers; `quote` was found in
    the file that it names.
    """

    question: str
    verdict: str
    quote: Evidence | None
    model: str
    votes: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Item:
    """The verdict on one check; `waits_for` says what an unverified one needs: run, person, ..."""

    check: Check
    status: Status
    reason: str
    evidence: tuple[Evidence, ...] = ()
    how_to_verify: str = ""
    inherited: bool = False
    waits_for: str = ""
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True)
class Fact:
    """A named fact of the report."""

    value: Answer
    reason: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """What was not examined, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Examined:
    """What the verdicts rest on; `notices` are what the repository tried on its reader."""

    files: int
    objects: int
    commits: int
    skipped: tuple[Skipped, ...] = ()
    notices: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Project:
    """What was reviewed."""

    path: str
    name: str
    skill: str | None
    commit: str | None
    dirty: bool | None
    template_version: str | None


@dataclass(frozen=True)
class OwnWork:
    """The author's share, 0 to 1, of all lines and of each area that has any."""

    share: float
    areas: Mapping[str, float]


@dataclass(frozen=True)
class Tally:
    """Points of a section or dimension: earned, verifiable, and items that are unverified."""

    points: float
    verifiable: float
    unverified: int


@dataclass(frozen=True)
class Mend:
    """One thing to mend next: the check, minutes, and the points that it would bring."""

    id: str
    fix: str
    effort: int
    points: float


@dataclass(frozen=True)
class Reader:
    """What is seen without reading the code: by a person in two minutes, and by a machine.

    `screen` is the beginning of the README as bare text. `languages` are bytes, `present` says for
    tests, CI and a licence where they are. `used` are libraries and techniques that the code
    holds, `claimed` those that only the README names, `numbers` its lines with a measured number.
    `template_numbers` stand below `template_run`, a heading that says they are not the author's.
    """

    readme: str | None
    title: str
    paragraph: str
    screen: tuple[str, ...]
    number: Evidence | None
    picture: Evidence | None
    command: Evidence | None
    links: tuple[Evidence, ...]
    badges: int
    last_commit: str | None
    languages: Mapping[str, int]
    files: int
    lines: int
    topics: tuple[str, ...]
    used: Mapping[str, Evidence]
    claimed: Mapping[str, Evidence]
    present: Mapping[str, Evidence | None]
    numbers: tuple[Evidence, ...]
    without_n: int
    template_numbers: int = 0
    template_run: Evidence | None = None


@dataclass(frozen=True)
class Report:
    """A whole review; `mends` are the cheapest that raise the weakest dimension.

    `level_why` says what set the level, `reaches` the level to which `needed` mends lead, of which
    `mends` are the first, `only` the checks that it was narrowed to, `sources` and
    `questions` are the words of the rubric for the keys of sources and dimensions.
    """

    tool_version: str
    rubric_version: str
    duration_s: float
    project: Project
    own_work: OwnWork | None
    facts: Mapping[str, Fact]
    items: tuple[Item, ...]
    sections: Mapping[str, Tally]
    section_titles: Mapping[str, str]
    dimensions: Mapping[str, Tally]
    level: str
    weakest_dimension: str
    mends: tuple[Mend, ...]
    ready: bool
    blockers: tuple[str, ...]
    examined: Examined
    level_why: str = ""
    reaches: str = ""
    needed: int = 0
    only: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    questions: Mapping[str, str] = field(default_factory=dict)
    reader: Reader | None = None
