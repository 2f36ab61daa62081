"""Writes what the studies' rows say into a page and scaffold.toml; no figure is typed by hand.

Invariant: the files are changed between their marks for studies only, and every mean that a page
shows is a claim with its n and interval.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..evaluation.marked import replace_between
from ..evaluation.statistics import Interval, amount_interval, mean_interval
from ..settings import Settings
from . import depth, planted, prompts
from .record import StudyRow, read, values

FILES = {
    "depth": "depth.jsonl",
    "planted": "planted.jsonl",
    "edited": "edited.jsonl",
    "latency": "latency.jsonl",
    "prompts": "prompts.jsonl",
}
PAGES = {"latency": "README.md"}  # the others stand in:
PAGE = "docs/studies.md"
PAGE_MARKS = ("<!-- {}:start -->", "<!-- {}:end -->")
CLAIM_MARKS = ("# studies:start", "# studies:end")


@dataclass(frozen=True)
class Finding:
    """One mean of a study; `where` are the fields that its rows share."""

    text: str
    metric: str
    value: float
    n: int
    interval: Interval
    study: str
    where: Mapping[str, str]

    def toml(self) -> str:
        """As one `[[claims]]` table."""
        where = ", ".join(f"{key} = {json.dumps(value)}" for key, value in self.where.items())
        return (
            f"[[claims]]\ntext = {json.dumps(self.text)}\nmetric = {json.dumps(self.metric)}\n"
            f"value = {self.value:.6f}\nn = {self.n}\n"
            f"ci = [{self.interval.low:.6f}, {self.interval.high:.6f}]\n"
            f"method = {json.dumps(self.interval.method)}\n"
            f'results = "evals/results/{FILES[self.study]}"\nwhere = {{ {where} }}\n'
            f"command = {json.dumps(f'python -m pytopics study {self.study}')}\n"
        )

    def cell(self) -> str:
        """The value with its interval, as a table shows it."""
        low, high = self.interval.low, self.interval.high
        return f"{self.value:.2f} [{low:.2f}, {high:.2f}]"


def publish(settings: Settings) -> list[Finding]:
    """Write the block of each study that has rows, and all claims; returns the claims."""
    found: list[Finding] = []
    for study, write_block in _BLOCKS.items():
        rows = read(settings.results / FILES[study])
        if not rows:
            continue
        text, findings = write_block(rows)
        found += findings
        first, last = (mark.format(study) for mark in PAGE_MARKS)
        replace_between(settings.root / PAGES.get(study, PAGE), (first, last), text)
    claims = "\n".join(finding.toml() for finding in found)
    replace_between(settings.root / "scaffold.toml", CLAIM_MARKS, claims)
    return found


def finding(study: str, rows: Sequence[StudyRow], metric: str, **where: str) -> Finding:
    """The mean of a grade over the rows of one study that are as `where` says."""
    graded = values(rows, metric, **where)
    mean = sum(graded) / len(graded)
    interval = mean_interval(graded) if max(graded) <= 1 else amount_interval(graded)
    said = f"{metric} of {where['system']}"
    rest = "".join(f", {key} {value}" for key, value in where.items() if key != "system")
    bounds = interval or Interval(mean, mean, "all equal")
    return Finding(said + rest, metric, mean, len(graded), bounds, study, where)


def _depth(rows: Sequence[StudyRow]) -> tuple[str, list[Finding]]:
    found: list[Finding] = []
    lines = []
    for k in depth.DEPTHS:
        where = {"system": f"top-{k}", "split": "dev"}
        recall, facts = (
            finding("depth", rows, name, **where) for name in (f"recall@{k}", "fact_accuracy")
        )
        found += [recall, facts]
        words = [row["context_words"] for row in rows if row["system"] == f"top-{k}"]
        lines.append(
            f"- top-{k}: recall@{k} {recall.cell()}, fact accuracy {facts.cell()}, "
            f"n = {facts.n}, {sum(words) / len(words):.0f} words read."
        )
    for system in (*(f"gold {place}" for place in depth.PLACES), depth.SWAPPED):
        one = finding("depth", rows, "fact_accuracy", system=system)
        found.append(one)
        lines.append(f"- {system}: fact accuracy {one.cell()}, n = {one.n}.")
    return "\n".join(["On dev with more or fewer passages, on all with others:", "", *lines]), found


def _planted(rows: Sequence[StudyRow]) -> tuple[str, list[Finding]]:
    found: list[Finding] = []
    lines = ["| answered by | reached it | followed | link shown |", "| --- | --- | --- | --- |"]
    for system in planted.SYSTEMS:
        metrics = ("reached", "followed", "link_shown")
        line = [finding("planted", rows, metric, system=system) for metric in metrics]
        found += line
        lines.append(f"| {system} | {' | '.join(each.cell() for each in line)} |")
    n = len({row["id"] for row in rows})
    return "\n".join([f"{n} planted instructions, n = {n} a line:", "", *lines]), found


def _edited(rows: Sequence[StudyRow]) -> tuple[str, list[Finding]]:
    one = finding("edited", rows, "follows", system="baseline")
    asked = f"n = {one.n} right answers whose fact was changed"
    return f"- edited documents: follows {one.cell()}, {asked}.", [one]


def _latency(rows: Sequence[StudyRow]) -> tuple[str, list[Finding]]:
    times = sorted(row["latency_ms"] for row in rows)
    p50, p95 = (_nearest(times, share) for share in (50, 95))
    same = rows[0]
    return (
        f"Over HTTP, {len(rows)} questions one after another, {same['date']}, baseline; no model "
        "was asked (`claude-haiku-5-5` of config.toml was not): "
        f"p50 {p50:.1f} ms, p95 {p95:.1f} ms; 0 dollars. Machine: {same['machine']}.",
        [],
    )


def _nearest(ordered: Sequence[float], percent: int) -> float:
    """The value that `percent` of 100 stay within, by nearest rank."""
    return ordered[-(-percent * len(ordered) // 100) - 1]


def _prompts(rows: Sequence[StudyRow]) -> tuple[str, list[Finding]]:
    found: list[Finding] = []
    lines = ["| read for a question | tokens | for 1,000 questions |", "| --- | --- | --- |"]
    for system in (prompts.PASSAGES, prompts.WHOLE, prompts.CACHED):
        tokens, cost = (
            finding("prompts", rows, metric, system=system) for metric in ("tokens", "usd_per_1000")
        )
        found += [tokens, cost]
        lines.append(f"| {system} | {tokens.value:,.0f} | ${cost.value:.2f} |")
    n = found[0].n
    return "\n".join(
        [f"Means over n = {n} questions, `{rows[0]['priced_as']}`:", "", *lines]
    ), found


_BLOCKS = {
    "depth": _depth,
    "planted": _planted,
    "edited": _edited,
    "latency": _latency,
    "prompts": _prompts,
}
