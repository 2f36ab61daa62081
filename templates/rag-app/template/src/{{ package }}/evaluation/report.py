"""What the rows say, as tables for the README and as claims; no figure there is typed by hand.

Every mean and difference with a 95 % interval is one Claim, computed from result rows, with its n.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..index import Index
from ..settings import RETRIEVERS, Settings
from .before import AFTER, FOLDER, Kept
from .claims import COMMAND, HEADLINE_SPLIT, SAMPLE, Claim, grid, verdict
from .golden import Question
from .metrics import DEPTH
from .rows import Row, figures, read
from .run import ANSWERING, SYSTEMS, question_hash, setting_of
from .statistics import Interval, amount_interval, compare

NDCG = f"ndcg@{DEPTH}"
ANSWER_METRICS = (
    "fact_accuracy",
    "citation_precision",
    "abstention_precision",
    "abstention_recall",
)

Runs = Mapping[str, Sequence[Row]]  # system -> its rows
Pairs = Sequence[tuple[float, float]]  # grades of the same question


@dataclass(frozen=True)
class Report:
    """The text between the README's markers and the numbers it shows."""

    markdown: str
    claims: tuple[Claim, ...]


def load_runs(
    results: Path, questions: Sequence[Question], index: Index, settings: Settings
) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Rows on disk by system, and for each system left out what its rows are of instead."""
    wanted = {(q.id, question_hash(q)) for q in questions}
    runs: dict[str, list[Row]] = {}
    stale = {}
    for system in SYSTEMS:
        path = results / f"{system}.jsonl"
        rows = read(path) if path.exists() else []
        if not rows:
            continue
        if {(row.id, row.question) for row in rows} != wanted:
            stale[system] = "other questions"
        elif {row.setting for row in rows} != {setting_of(system, index, settings)}:
            stale[system] = f"another setting ({rows[0].setting})"
        else:
            runs[system] = rows
    return runs, stale


def build(runs: Runs, shipped_retriever: str, kept: Sequence[Kept] = ()) -> Report:
    """The report on the test split, or on dev as long as no question is in test.

    `runs` share their questions; those of the changes `kept` are as they were at the time.
    `shipped_retriever` is the one in use.
    """
    everything = next(iter(runs.values()))
    test = {s: [row for row in rows if row.split == HEADLINE_SPLIT] for s, rows in runs.items()}
    shown = test if any(test.values()) else runs
    retrievers: Runs = {s: rows for s, rows in shown.items() if s not in ANSWERING}
    answering: Runs = {s: rows for s, rows in shown.items() if s not in RETRIEVERS}
    parts = [
        Report(_introduction(everything), ()),
        _table("Retrieval", retrievers, _metrics(retrievers)),
        _comparisons(retrievers, NDCG, shipped_retriever),
        _table("Answers", answering, ANSWER_METRICS),
        _declined(answering),
        _comparisons(answering, "fact_accuracy", "model"),
        _changes(kept, shipped_retriever),
        _price(answering.get("model", ())),
        _slices(shown),
    ]
    markdown = "\n\n".join(part.markdown for part in parts if part.markdown)
    return Report(markdown, tuple(claim for part in parts for claim in part.claims))


def claims_of(rows: Sequence[Row], part: str = "") -> dict[str, Claim]:
    """metric -> claim for the rows of one system and split; `part` says which of them they are."""
    return {
        f.metric: Claim(
            f"{f.metric} of {f.system}, {_split(rows)}{part}",
            f.metric,
            f.value,
            f.n,
            f.interval,
            f"evals/results/{f.system}.jsonl",
        )
        for f in (figures(rows) if rows else [])
    }


def _introduction(rows: Sequence[Row]) -> str:
    shipped = any(row.origin == SAMPLE for row in rows)
    heading = "Template reference run, not my result" if shipped else "Results"
    dev = sum(row.split != HEADLINE_SPLIT for row in rows)
    split = "dev" if dev == len(rows) else HEADLINE_SPLIT
    which = (
        "; no question is in the test split yet, and what was chosen on dev looks better there"
        if split == "dev"
        else "; `eval --tune` and `sweep` look only at dev"
    )
    return (
        f"## {heading}\n\n"
        f"Corpus `{rows[0].corpus}`, {len(rows)} questions: {dev} dev, {len(rows) - dev} test. "
        f"Figures are means on the {split} split with 95 % intervals{which}. "
        f"Written by `{COMMAND}` from the rows in `evals/results/`."
    )


def _split(rows: Sequence[Row]) -> str:
    return f"{rows[0].split} split"


def _metrics(runs: Runs) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m for rows in runs.values() for row in rows for m in row.grades))


def _table(title: str, runs: Runs, metrics: Sequence[str]) -> Report:
    """One line a system, one column a metric; n is in the cell because it differs by metric."""
    found = {system: claims_of(rows) for system, rows in runs.items()}
    cells = {
        system: [_cell(claims.get(metric), show_n=True) for metric in metrics]
        for system, claims in found.items()
    }
    claims = [c for by_metric in found.values() for m, c in by_metric.items() if m in metrics]
    return Report(grid([title, *map(_label, metrics)], cells), tuple(claims))


def _slices(runs: Runs) -> Report:
    """Recall at the k in use and fact accuracy for each kind of question."""
    recall = next((m for m in _metrics(runs) if m.startswith("recall@")), "")
    columns = [(system, "fact_accuracy" if system in ANSWERING else recall) for system in runs]
    cells: dict[str, list[str]] = {}
    claims: list[Claim] = []
    for name in dict.fromkeys(row.slice for rows in runs.values() for row in rows):
        line = []
        for system, metric in columns:
            rows = [row for row in runs[system] if row.slice == name]
            line.append(claims_of(rows, f", slice {name}").get(metric))
        shown = [claim for claim in line if claim]
        if shown:
            cells[f"{name} (n = {shown[0].n})"] = [_cell(claim) for claim in line]
            claims += shown
    head = [f"{_label(metric)}, {system}" for system, metric in columns]
    return Report(grid(["Kind of question", *head], cells), tuple(claims))


def _comparisons(runs: Runs, metric: str, subject: str) -> Report:
    """`subject` minus each of the others on the same questions."""
    if subject not in runs:
        return Report("", ())
    lines, claims = [], []
    for other in (system for system in runs if system != subject):
        pairs = _paired(runs[other], runs[subject], metric)
        if not pairs:
            continue
        claim, verdict = _difference(subject, other, metric, runs[subject], pairs)
        lines.append(f"- {subject} minus {other}, {_label(metric)}: {verdict}")
        claims.append(claim)
    return Report("\n".join(lines), tuple(claims))


def _changes(kept: Sequence[Kept], retriever: str) -> Report:
    """What each change did, on the same questions; where nothing was frozen, to what is in use."""
    shown = [k for k in kept if k.frozen or k.system in (*ANSWERING, retriever)]
    found = [report for report in map(_change, shown) if report.markdown]
    claims = tuple(claim for report in found for claim in report.claims)
    return Report("\n".join(report.markdown for report in found), claims)


def _change(kept: Kept) -> Report:
    """The means before and after a change and the paired difference; nothing without pairs."""
    name, system = kept.name, kept.system
    metric = "fact_accuracy" if system in ANSWERING else NDCG
    then, now = _headline(kept.before), _headline(kept.after)
    pairs = _paired(then, now, metric)
    if not pairs:
        return Report("", ())
    folder = f"evals/results/{FOLDER}/{name}"
    place = f"{folder}/{system}.jsonl"
    before = replace(claims_of(then, f", before {name}")[metric], results=place)
    after, subject = claims_of(now)[metric], system
    if kept.frozen:
        subject = f"{system} after {name}"
        after = claims_of(now, f", after {name}")[metric]
        after = replace(after, results=f"{folder}/{AFTER}/{system}.jsonl")
    difference, verdict = _difference(subject, f"{system} before {name}", metric, now, pairs)
    difference = replace(difference, results=after.results, baseline=place)
    split = "" if now[0].split == HEADLINE_SPLIT else f" ({_split(now)})"
    line = (
        f"- {name}{split}: {_label(metric)} of {system} {before.cell()} before, "
        f"{after.cell()} {'after' if kept.frozen else 'now'}; {verdict}"
    )
    return Report(line, (before, after, difference) if kept.frozen else (before, difference))


def _headline(rows: Sequence[Row]) -> Sequence[Row]:
    return [row for row in rows if row.split == HEADLINE_SPLIT] or rows


def _difference(
    subject: str, other: str, metric: str, rows: Sequence[Row], pairs: Pairs
) -> tuple[Claim, str]:
    """The claim of `subject` minus `other`, and what it says in words."""
    found = compare([a for a, _ in pairs], [b for _, b in pairs])
    claim = Claim(
        f"{metric} of {subject} minus {other}, {_split(rows)}, same questions",
        f"{metric} difference",
        found.difference,
        len(pairs),
        Interval(found.low, found.high, found.method),
        f"evals/results/{subject}.jsonl",
    )
    return claim, verdict(claim.n, found)


def _paired(first: Sequence[Row], second: Sequence[Row], metric: str) -> Pairs:
    grades = {row.id: row.grades[metric] for row in second if metric in row.grades}
    return [
        (row.grades[metric], grades[row.id])
        for row in first
        if metric in row.grades and row.id in grades
    ]


def _declined(runs: Runs) -> Report:
    """How often each answering system refused where the corpus has the answer."""
    lines = []
    for system, rows in runs.items():
        answerable = [row for row in rows if row.label_ranks]
        declined = sum(row.status == "refused" for row in answerable)
        lines.append(f"- {system} declined {declined} of {len(answerable)} answerable questions.")
    return Report("\n".join(lines), ())


def _price(rows: Sequence[Row]) -> Report:
    """What the model costs a question and how long it takes; nothing if it was not measured.

    A mean of amounts that are all the same has no interval and makes no claim.
    """
    if not rows:
        return Report("", ())
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    amounts = {"cost_usd": costs, "seconds": [row.latency_ms / 1000 for row in rows]}
    shown, claims = [], []
    for metric, values in amounts.items():
        if not values:
            continue
        mean, n, interval = sum(values) / len(values), len(values), amount_interval(values)
        text = f"mean {metric} of model, {_split(rows)}"
        bounds = ""
        if interval:
            claims.append(Claim(text, metric, mean, n, interval, "evals/results/model.jsonl"))
            bounds = f" {claims[-1].bounds(4)}"
        shown.append(f"{metric} {mean:.4f}{bounds}, n = {n}")
    names = ", ".join(sorted({row.model for row in rows if row.model}))
    unknown = "" if costs else "; price unknown"
    return Report(
        f"Per question with {names}, prompt {rows[0].prompt}: {'; '.join(shown)}{unknown}.",
        tuple(claims),
    )


def _label(metric: str) -> str:
    names = {f"mrr@{DEPTH}": f"MRR@{DEPTH}", NDCG: f"nDCG@{DEPTH}"}
    return names.get(metric, metric.replace("_", " "))


def _cell(claim: Claim | None, show_n: bool = False) -> str:
    if claim is None:
        return "-"
    return claim.cell() + (f", n = {claim.n}" if show_n else "")
