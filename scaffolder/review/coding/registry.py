"""The metrics of an evaluation: what each answers, what it decides, and who grades it.

Invariant: a metric is what a file or table of metrics names, or what result rows hold a grade of;
times, costs and figures of the judge itself are none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scaffolder.review.areas import area, below, manifest_paths
from scaffolder.review.coding import named
from scaffolder.review.golden import itemset
from scaffolder.review.model import Evidence
from scaffolder.review.readme.frontpage import page
from scaffolder.review.readme.markdown import Table, plain
from scaffolder.review.results import claims, resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

MAX_METRICS = 100

CODE, JUDGE, PERSON = "code", "judge", "person"

_FILES = re.compile(
    r"(?:^|/)[^/]{0,40}(?:metrics|graders|scorers|registry)[^/]{0,40}$|(?:^|/)evals?/readme\.md$",
    re.IGNORECASE,
)
_TABLES = ("metrics", "graders", "scorers", "checks")
_NAME = ("name", "metric", "id", "grader_name", "check", "scorer")
_FAILURE = (
    *("failure", "failure_mode", "category", "failures", "failure_category", "taxonomy"),
    *("taxonomy_category", "answers", "addresses", "catches", "error"),
)
_DECISION = (
    *("decision", "decides", "action", "informs", "if_it_falls", "if_it_drops", "used_for"),
    *("decision_it_informs", "what_we_do", "consequence"),
)
_GRADER = ("grader", "graded_by", "grader_type", "kind", "type", "by", "scorer", "method")
_KINDS = {
    JUDGE: re.compile(r"judge|llm|model|gpt|claude|gemini|rubric", re.IGNORECASE),
    PERSON: re.compile(r"human|person|manual|expert|annotat|by hand", re.IGNORECASE),
    CODE: re.compile(
        r"code|determin|exact|regex|assert|rule|python|program|function|schema|unit|script|match"
        r"|recall|ndcg|mrr|contain|compare|arithm",
        re.IGNORECASE,
    ),
}
_HEADS = {
    "name": re.compile(r"metric|check|grader name|scorer|^name$", re.IGNORECASE),
    "failure": re.compile(r"failure|categor|catches|answers|error|what goes wrong", re.IGNORECASE),
    "decision": re.compile(r"decision|decides|informs|action|if (?:it|this)|used for", re.I),
    "grader": re.compile(r"^grader$|graded by|grader type|^kind$|^type$|^by$|method", re.I),
}
NO_METRIC = re.compile(
    r"latency|seconds|_ms\b|cost|usd|tokens?|ttft|duration|kappa|\btpr\b|\btnr\b|true.(?:positive"
    r"|negative)|sensitivity|specificity|agreement|flip|pass.?[\^@]|spread|false.alarm|ungraded"
    r"|difference|p.value|(?:^|[_ ])(?:trials?|old|new|before|after|low|high|needed|smallest)"
    r"(?:$|[_ ])",
    re.IGNORECASE,
)
"""Figures that say nothing of how good an output is, or that only stand beside one that does."""


@dataclass(frozen=True)
class Metric:
    """One metric; "" for what nothing says, `grader` is code, judge, person or ""."""

    name: str
    failure: str
    decision: str
    grader: str
    evidence: Evidence


def metrics(view: RepoView) -> Mapping[str, Metric]:
    """The metrics of the registry, by their plain names, in the order of the files."""
    return view.once(_metrics)


def is_in_words_alone(view: RepoView) -> bool:
    """Whether nothing but the README of the project holds the registry."""
    return {m.evidence.path for m in metrics(view).values()} == {view.readme}


def graders(view: RepoView) -> Mapping[str, str]:
    """Who grades each metric, by plain name: as the registry says, else as the rows do."""
    return view.once(_graders)


def graded(view: RepoView) -> tuple[Row, ...]:
    """The result rows that hold a grade of an output."""
    return view.once(_graded)


def headlines(view: RepoView) -> Mapping[str, Evidence]:
    """The metrics that are shown: of the ledger, else those in the rows and in the README."""
    return view.once(_headlines)


def _metrics(view: RepoView) -> Mapping[str, Metric]:
    found: dict[str, Metric] = {}
    for one in _every(view):
        key = resultrows.plain(one.name)
        better = key not in found or (one.failure and not found[key].failure)
        if key and better and len(found) < MAX_METRICS:
            found[key] = one
    return found


def _every(view: RepoView) -> Iterator[Metric]:
    results = manifest_paths(view).get("results", "results")
    for path in named.files(view, _FILES, named.TABLE_ENDS):
        if not below(path, results):
            yield from _of_document(view, path)
    for path in named.files(view, _FILES, (".csv", ".tsv")):
        if not below(path, results):
            for row in resultrows.rows(view, path):
                yield from _of_fields(row.data, "", view.quote(path, row.line))
    pages = [f for f in view.find("*.md") if area(view, f) in ("evals", "docs")]
    for path in pages[: named.MAX_FILES]:
        for table in page(view, path).document.tables:
            yield from _of_table(view, path, table)


def _of_document(view: RepoView, path: str) -> Iterator[Metric]:
    value = named.document(view, path)
    if isinstance(value, dict):
        value = next((v for k in _TABLES if isinstance(v := value.get(k), dict | list)), value)
    if isinstance(value, dict):
        listed = [(str(k), v) for k, v in value.items() if isinstance(v, dict)]
    else:
        listed = [("", v) for v in value if isinstance(v, dict)] if isinstance(value, list) else []
    for name, said in listed[:MAX_METRICS]:
        called = name or named.text(said, _NAME)
        yield from _of_fields(said, called, named.place(view, path, called))


def _of_fields(said: Mapping[str, Any], name: str, evidence: Evidence) -> Iterator[Metric]:
    data = named.fields(said)
    called = name or named.text(data, _NAME)
    kind = _kind(named.text(data, _GRADER))
    failure, decision = named.text(data, _FAILURE), named.text(data, _DECISION)
    listed = data.get("failures")
    if not failure and isinstance(listed, list):
        failure = "; ".join(map(named.as_text, listed[:5]))
    if called and (kind or failure or decision):
        yield Metric(called, failure, decision, kind, evidence)


def _of_table(view: RepoView, path: str, table: Table) -> Iterator[Metric]:
    """The rows of a table that has a column of metrics and one of failures or graders."""
    heads = [plain(h).strip()[:80] for h in table.header]
    at = {
        key: next((n for n, h in enumerate(heads) if pattern.search(h)), None)
        for key, pattern in _HEADS.items()
    }
    if at["name"] is None or (at["failure"] is None and at["grader"] is None):
        return
    for line, cells in table.rows[:MAX_METRICS]:
        said = {k: cells[n].strip("*` ") for k, n in at.items() if n is not None and n < len(cells)}
        if said.get("name"):
            yield from _of_fields(said, said["name"], view.quote(path, line))


def _kind(said: str) -> str:
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(said[:200])), "")


def _graders(view: RepoView) -> Mapping[str, str]:
    told = {key: m.grader for key, m in metrics(view).items() if m.grader}
    found: dict[str, str] = {}
    for row in () if told else graded(view):
        said = row.data.get("graders")
        for name, kind in list(said.items())[:MAX_METRICS] if isinstance(said, dict) else ():
            found.setdefault(resultrows.plain(str(name)), _kind(named.as_text(kind)))
    return told or {k: v for k, v in found.items() if v}


def _graded(view: RepoView) -> tuple[Row, ...]:
    asked = {i.path for i in itemset.kept(view)}
    paths = [p for p in resultrows.result_files(view) if p not in asked]
    every = (r for path in paths for r in resultrows.rows(view, path))
    return tuple(r for r in every if r.id and any(map(is_metric, resultrows.grades(r))))


def is_metric(name: str) -> bool:
    """Whether a grade of that name speaks of an output."""
    return not NO_METRIC.search(name[:100])


def _headlines(view: RepoView) -> Mapping[str, Evidence]:
    claimed = {c.metric: c.evidence for c in claims.ledger(view).claims if is_metric(c.metric)}
    if claimed:
        return claimed
    path = view.readme
    shown = resultrows.plain(view.text(path)) if path else ""
    held = {m: r for r in reversed(graded(view)) for m in resultrows.grades(r) if is_metric(m)}
    return {m: view.quote(r.path, r.line) for m, r in held.items() if resultrows.plain(m) in shown}
