"""What the tuned model lost outside its task: prompts that want something else, checked by code.

Invariant: base and tuned get the same prompts without any system turn, and a JSON object where none
was asked for counts as leaked, whatever else the reply does.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import UsageError
from .evaluation.claims import Claim, grid, verdict
from .evaluation.report import Report
from .evaluation.stamp import stamp_of
from .evaluation.statistics import Interval, compare, mean_interval
from .generating import Generation, Model
from .jsonl import read_objects, write_objects
from .settings import Settings

BASE, TUNED = "base", "tuned"
METRICS = ("passed", "leaked")
MOST_TOKENS = 80
LONGEST_ANSWER = 500
REFUSALS = ("cannot", "can't", "can not", "won't", "unable", "not able", "sorry", "refuse")


@dataclass(frozen=True)
class Probe:
    """`check` is a name of CHECKS, `want` what it needs."""

    id: str
    kind: str
    prompt: str
    check: str
    want: Any
    origin: str = "author"


@dataclass(frozen=True)
class Reply:
    """One row: grades are 0 or 1; a higher `leaked` is worse."""

    id: str
    kind: str
    system: str
    answer: str
    grades: Mapping[str, float]
    output_tokens: int
    seconds: float
    run: str
    commit: str
    tree: str
    origin: str


def _contains(answer: str, want: Any) -> bool:
    """Any of the words, whole and in any case."""
    return any(re.search(rf"\b{re.escape(str(word))}\b", answer, re.I) for word in want)


def _at_most_words(answer: str, want: Any) -> bool:
    return 1 <= len(answer.split()) <= int(want)


def _refuses(answer: str, want: Any) -> bool:
    return any(word in answer.casefold().replace("\u2019", "'") for word in REFUSALS) == bool(want)


def _lines(answer: str, want: Any) -> bool:
    return len([line for line in answer.splitlines() if line.strip()]) == int(want)


def _json(answer: str, want: Any) -> bool:
    """An object with exactly these keys."""
    found = _object_in(answer)
    return found is not None and set(found) == set(want)


CHECKS: Mapping[str, Callable[[str, Any], bool]] = {
    "contains": _contains,
    "at_most_words": _at_most_words,
    "refuses": _refuses,
    "lines": _lines,
    "json": _json,
}


def load_probes(path: Path) -> list[Probe]:
    """Every prompt with its check; UsageError names the line that is none."""
    probes = [_probe(path, number, row) for number, row in read_objects(path)]
    if not probes:
        raise UsageError(f"{path} holds no prompts", "evals/README.md shows the form")
    return probes


def measure(probes: Sequence[Probe], system: str, model: Model, settings: Settings) -> list[Reply]:
    """Rows of one model, in the order of the prompts."""
    stamp = stamp_of(settings.root, (settings.root / "evals" / "outside.jsonl",))
    talks = [[{"role": "user", "content": probe.prompt}] for probe in probes]
    found: list[Generation] = []
    for begin in range(0, len(talks), settings.batch):
        found += model.generate(talks[begin : begin + settings.batch], MOST_TOKENS)
    return [
        Reply(
            probe.id,
            probe.kind,
            system,
            reply.text[:LONGEST_ANSWER],
            graded(probe, reply.text),
            reply.output_tokens,
            round(reply.seconds, 3),
            settings.run if system == TUNED else "",
            stamp.commit,
            stamp.tree,
            probe.origin,
        )
        for probe, reply in zip(probes, found, strict=True)
    ]


def graded(probe: Probe, answer: str) -> dict[str, float]:
    """Whether the reply does what was asked, and whether the task's form leaked into it."""
    leaked = probe.check != "json" and _object_in(answer) is not None
    passed = CHECKS[probe.check](answer, probe.want) and not leaked
    return {"passed": float(passed), "leaked": float(leaked)}


def place(system: str, settings: Settings) -> Path:
    """Where the rows of a model are."""
    return settings.root / "evals" / "outside" / f"{system}.jsonl"


def write(path: Path, replies: Sequence[Reply]) -> None:
    """Replace `path` by one JSON object a line."""
    write_objects(path, map(asdict, replies))


def read(path: Path) -> list[Reply]:
    """Rows written by `write`; UsageError names the line that is not one."""
    try:
        return [Reply(**fields) for _, fields in read_objects(path)]
    except TypeError as error:
        raise UsageError(f"{path} holds no rows: {error}", "run regress again") from error


def report_of(settings: Settings) -> Report:
    """The table of both models and their paired difference; empty without rows of both."""
    rows = {system: read(place(system, settings)) for system in (BASE, TUNED)}
    ids = {system: [row.id for row in own] for system, own in rows.items()}
    if not rows[BASE] or ids[BASE] != ids[TUNED]:
        return Report("")
    found = {s: [_claim(own, metric) for metric in METRICS] for s, own in rows.items()}
    lines = {f"{s} model": [c.cell() for c in claims] for s, claims in found.items()}
    table = grid([f"Outside the task (n = {len(ids[BASE])})", *METRICS], lines)
    sentences, differences = zip(*(_difference(rows, m) for m in METRICS), strict=True)
    claims = [claim for own in found.values() for claim in own]
    return Report("\n\n".join([table, "\n".join(sentences)]), (*claims, *differences))


def _claim(rows: Sequence[Reply], metric: str) -> Claim:
    values = [row.grades[metric] for row in rows]
    system, mean = rows[0].system, sum(values) / len(values)
    text = f"{metric} of {system}, outside the task"
    where = f"evals/outside/{system}.jsonl"
    return Claim(text, metric, mean, len(values), mean_interval(values), where)


def _difference(rows: Mapping[str, Sequence[Reply]], metric: str) -> tuple[str, Claim]:
    before = [row.grades[metric] for row in rows[BASE]]
    after = [row.grades[metric] for row in rows[TUNED]]
    found = compare(before, after)
    claim = Claim(
        f"{metric} of tuned minus base, outside the task, same items",
        f"{metric} difference",
        found.difference,
        len(after),
        Interval(found.low, found.high, found.method),
        f"evals/outside/{TUNED}.jsonl",
    )
    fall = found.low > 0 if metric == "leaked" else found.high < 0
    worse = " **It got worse.**" if fall else ""
    return f"- tuned minus base, {metric}: {verdict(len(after), found)}{worse}", claim


def _object_in(answer: str) -> dict[str, Any] | None:
    """The first JSON object anywhere in a reply."""
    decoder = json.JSONDecoder()
    for found in re.finditer(r"\{", answer):
        try:
            value, _ = decoder.raw_decode(answer, found.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    return None


def _probe(path: Path, number: int, row: Mapping[str, Any]) -> Probe:
    where = f"{path.name} line {number}"
    try:
        probe = Probe(**row)
    except TypeError as error:
        raise UsageError(f"{where} is no prompt: {error}", "evals/README.md shows one") from error
    if probe.check not in CHECKS:
        raise UsageError(f"{where}: check is {probe.check!r}", f"one of {', '.join(CHECKS)}")
    if not isinstance(probe.prompt, str) or not probe.prompt.strip():
        raise UsageError(f"{where}: prompt is {probe.prompt!r}, not a text")
    listed = isinstance(probe.want, list) and bool(probe.want)
    if listed != (probe.check in ("contains", "json")):
        raise UsageError(f"{where}: want is {probe.want!r}, which {probe.check} cannot use")
    return probe
