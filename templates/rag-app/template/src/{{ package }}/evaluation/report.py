"""Writes what the rows say into README.md and scaffold.toml; no figure there is typed by hand.

Every number shown is one Claim, computed from result rows, with n and a 95 % interval. Both files
are changed only between their markers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..settings import RETRIEVERS
from .golden import Question
from .metrics import DEPTH
from .rows import Row, figures, read
from .run import ANSWERING, SYSTEMS, question_hash
from .statistics import Interval, Paired, compare, mean_interval

SAMPLE = "template sample"
HEADLINE_SPLIT = "test"
NDCG = f"ndcg@{DEPTH}"
ANSWER_METRICS = (
    "fact_accuracy",
    "citation_precision",
    "abstention_precision",
    "abstention_recall",
)
README_MARKS = ("<!-- results:start -->", "<!-- results:end -->")
CLAIM_MARKS = ("# claims:start", "# claims:end")
COMMAND = f"python -m {__name__.partition('.')[0]} eval"

Runs = Mapping[str, Sequence[Row]]  # system -> its rows


@dataclass(frozen=True)
class Claim:
    """One published number; `text` says of which system, split and slice it is."""

    text: str
    metric: str
    value: float
    n: int
    interval: Interval
    results: str

    def cell(self) -> str:
        """The value with its interval, as the tables show it."""
        return f"{self.value:.2f} {self.bounds(2)}"

    def bounds(self, digits: int) -> str:
        """The interval alone."""
        return f"[{self.interval.low:.{digits}f}, {self.interval.high:.{digits}f}]"

    def toml(self) -> str:
        """As one `[[claims]]` table."""
        return (
            f"[[claims]]\ntext = {json.dumps(self.text)}\nmetric = {json.dumps(self.metric)}\n"
            f"value = {self.value:.6f}\nn = {self.n}\nci = {self.bounds(6)}\n"
            f"method = {json.dumps(self.interval.method)}\nresults = {json.dumps(self.results)}\n"
            f"command = {json.dumps(COMMAND)}\n"
        )


@dataclass(frozen=True)
class Report:
    """The text between the README's markers and the numbers it shows."""

    markdown: str
    claims: tuple[Claim, ...]


def load_runs(
    results: Path, questions: Sequence[Question]
) -> tuple[dict[str, list[Row]], list[str]]:
    """Committed rows by system, and the systems whose rows are of other questions than these."""
    wanted = {(q.id, question_hash(q.question), q.split) for q in questions}
    runs: dict[str, list[Row]] = {}
    stale = []
    for system in SYSTEMS:
        path = results / f"{system}.jsonl"
        rows = read(path) if path.exists() else []
        if {(row.id, row.question, row.split) for row in rows} == wanted:
            runs[system] = rows
        elif rows:
            stale.append(system)
    return runs, stale


def build(runs: Runs, shipped_retriever: str) -> Report:
    """The report on the test split. `runs` share their questions; `shipped_retriever` is in use."""
    everything = next(iter(runs.values()))
    test = {s: [row for row in rows if row.split == HEADLINE_SPLIT] for s, rows in runs.items()}
    if not any(test.values()):
        raise UsageError("no question of the golden set is in the test split", "label some as test")
    retrievers: Runs = {s: rows for s, rows in test.items() if s not in ANSWERING}
    answering: Runs = {s: rows for s, rows in test.items() if s not in RETRIEVERS}
    parts = [
        Report(_introduction(everything), ()),
        _table("Retrieval", retrievers, _metrics(retrievers)),
        _comparisons(retrievers, NDCG, shipped_retriever),
        _table("Answers", answering, ANSWER_METRICS),
        _comparisons(answering, "fact_accuracy", "model"),
        _price(answering.get("model", ())),
        _slices(test),
    ]
    markdown = "\n\n".join(part.markdown for part in parts if part.markdown)
    return Report(markdown, tuple(claim for part in parts for claim in part.claims))


def write_readme(path: Path, report: Report) -> bool:
    """Put the report between the README's markers; False, and nothing done, if it has none."""
    return _replace_between(path, README_MARKS, report.markdown)


def write_claims(path: Path, report: Report) -> bool:
    """Put one `[[claims]]` table per number between the markers; False if the file has none."""
    return _replace_between(path, CLAIM_MARKS, "\n".join(claim.toml() for claim in report.claims))


def claims_of(rows: Sequence[Row], text: str) -> dict[str, Claim]:
    """metric -> claim for the rows of one system; `text` names their split or slice."""
    return {
        f.metric: Claim(
            f"{f.metric} of {f.system}, {text}",
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
    return (
        f"## {heading}\n\n"
        f"Corpus `{rows[0].corpus}`, {len(rows)} questions: {dev} dev, {len(rows) - dev} test. "
        "Figures are means on the test split with 95 % intervals; thresholds and prompts are set "
        f"on dev. Written by `{COMMAND}` from the rows in `evals/results/`."
    )


def _metrics(runs: Runs) -> tuple[str, ...]:
    return tuple(dict.fromkeys(m for rows in runs.values() for row in rows for m in row.grades))


def _table(title: str, runs: Runs, metrics: Sequence[str]) -> Report:
    """One line a system, one column a metric; n is in the cell because it differs by metric."""
    found = {system: claims_of(rows, "test split") for system, rows in runs.items()}
    cells = {
        system: [_cell(claims.get(metric), show_n=True) for metric in metrics]
        for system, claims in found.items()
    }
    claims = [c for by_metric in found.values() for m, c in by_metric.items() if m in metrics]
    return Report(_grid([title, *map(_label, metrics)], cells), tuple(claims))


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
            line.append(claims_of(rows, f"test split, slice {name}").get(metric))
        shown = [claim for claim in line if claim]
        if shown:
            cells[f"{name} (n = {shown[0].n})"] = [_cell(claim) for claim in line]
            claims += shown
    head = [f"{_label(metric)}, {system}" for system, metric in columns]
    return Report(_grid(["Kind of question", *head], cells), tuple(claims))


def _comparisons(runs: Runs, metric: str, subject: str) -> Report:
    """`subject` minus each of the others on the same questions."""
    if subject not in runs:
        return Report("", ())
    lines, claims = [], []
    for other in (system for system in runs if system != subject):
        pairs = _paired(runs[other], runs[subject], metric)
        if not pairs:
            continue
        found = compare([a for a, _ in pairs], [b for _, b in pairs])
        claim = Claim(
            f"{metric} of {subject} minus {other}, test split, same questions",
            f"{metric} difference",
            found.difference,
            len(pairs),
            Interval(found.low, found.high, "paired bootstrap"),
            f"evals/results/{subject}.jsonl",
        )
        lines.append(f"- {subject} minus {other}, {_label(metric)}: {_verdict(claim, found)}")
        claims.append(claim)
    return Report("\n".join(lines), tuple(claims))


def _paired(first: Sequence[Row], second: Sequence[Row], metric: str) -> list[tuple[float, float]]:
    grades = {row.id: row.grades[metric] for row in second if metric in row.grades}
    return [
        (row.grades[metric], grades[row.id])
        for row in first
        if metric in row.grades and row.id in grades
    ]


def _verdict(claim: Claim, found: Paired) -> str:
    clear = "a clear difference" if found.clear else "no clear difference"
    return (
        f"{found.difference:+.2f} [{found.low:+.2f}, {found.high:+.2f}], n = {claim.n}; "
        f"better on {found.better}, worse on {found.worse}, sign test p = {found.p_value:.2f}: "
        f"{clear}."
    )


def _price(rows: Sequence[Row]) -> Report:
    """What the model costs a question and how long it takes; nothing if it was not measured."""
    costs = [row.cost_usd for row in rows if row.cost_usd is not None]
    times = [row.latency_ms / 1000 for row in rows]
    claims = [
        Claim(
            f"mean {metric} of model, test split",
            metric,
            sum(values) / len(values),
            len(values),
            mean_interval(values),
            "evals/results/model.jsonl",
        )
        for metric, values in (("cost_usd", costs), ("seconds", times))
        if values
    ]
    if not claims:
        return Report("", ())
    names = ", ".join(sorted({row.model for row in rows if row.model}))
    shown = "; ".join(f"{c.metric} {c.value:.4f} {c.bounds(4)}, n = {c.n}" for c in claims)
    unknown = "" if costs else "; price unknown"
    return Report(
        f"Per question with {names}, prompt {rows[0].prompt}: {shown}{unknown}.", tuple(claims)
    )


def _label(metric: str) -> str:
    names = {f"mrr@{DEPTH}": f"MRR@{DEPTH}", NDCG: f"nDCG@{DEPTH}"}
    return names.get(metric, metric.replace("_", " "))


def _cell(claim: Claim | None, show_n: bool = False) -> str:
    if claim is None:
        return "-"
    return claim.cell() + (f", n = {claim.n}" if show_n else "")


def _grid(head: Sequence[str], lines: Mapping[str, Sequence[str]]) -> str:
    if not lines:
        return ""
    rows = [head, ["---"] * len(head), *([name, *cells] for name, cells in lines.items())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _replace_between(path: Path, marks: tuple[str, str], body: str) -> bool:
    """Rewrite `path` with `body` on the lines between the two marks, everything else as it was."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    before, start, rest = text.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not start or not end:
        return False
    unfinished = path.with_name(path.name + ".partial")
    unfinished.write_text(f"{before}{start}\n{body.strip()}\n{end}{after}", encoding="utf-8")
    unfinished.replace(path)
    return True
