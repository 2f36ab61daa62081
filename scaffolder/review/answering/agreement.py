"""A judge beside people: labels of both on the same items, and how often the judge is right.

Invariant: both rates come from the labels and never from what a document says of them; a grade that
is neither yes nor no is left out.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scaffolder.review.answering.refusals import truth
from scaffolder.review.model import Evidence
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView

HUMAN = re.compile(
    r"(?:human|annotat\w{1,5}|expert|manual|reviewer|labell?er|my|person)(?:[_ -]\w{1,20})?"
    r"|\w{1,20}[_ -](?:human|manual)",
    re.IGNORECASE,
)
"""Fields that hold what a person said."""

JUDGE = re.compile(
    r"(?:llm[_ -])?judge(?:d|ment)?(?:[_ -]\w{1,20})?|llm[_ -](?:label|verdict|grade|score)|verdict"
    r"|model[_ -](?:label|verdict|grade)|auto[_ -](?:label|grade)|faithful\w{0,4}|grounded\w{0,4}"
    r"|relevance|answer_relevan\w{1,3}|support(?:ed|s)?|correct(?:ness)?|answer_correct\w{0,4}",
    re.IGNORECASE,
)
"""Fields that hold what a judge said of an answer."""

_NO_LABEL = re.compile(
    r"prompt|reason|explanation|notes?$|comment|model|version|name|date|time|text|rationale|id$",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"pass(?:ed)?|good|correct|faithful|supported|relevant|grounded|accept(?:ed|able)?|right|agree",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"fail(?:ed)?|bad|incorrect|unfaithful|(?:un|not[_ -])supported|(?:non|not|ir|partly|partially)"
    r"[_ -]?(?:relevant|grounded|correct)|ungrounded|reject(?:ed)?|wrong|hallucinat\w{1,5}|partial",
    re.IGNORECASE,
)
_FILES = ("*human*", "*label*", "*annotat*", "*judge*", "*agreement*", "*calibrat*", "*review*")
_ENDS = (".jsonl", ".json", ".csv", ".tsv", ".ndjson")


@dataclass(frozen=True)
class Agreement:
    """Items that a person and the judge have labelled: what each said, True for good."""

    human: tuple[bool, ...]
    judge: tuple[bool, ...]
    evidence: Evidence

    @property
    def true_positive(self) -> float | None:
        """Part of what people call good that the judge does; None where they call nothing so."""
        return self._rate(True)

    @property
    def true_negative(self) -> float | None:
        return self._rate(False)

    def _rate(self, wanted: bool) -> float | None:
        said = [j for h, j in zip(self.human, self.judge, strict=True) if h is wanted]
        return sum(j is wanted for j in said) / len(said) if said else None


def agreement(view: RepoView) -> Agreement | None:
    """The largest set of items with both labels, in one file or joined by id; None without any."""
    return view.once(_agreement)


def judged(row: Row) -> Mapping[str, object]:
    """Grades of a row that a judge gave, by field; grades in a table below count too."""
    below = (row.data.get(k) for k in ("grades", "scores", "metrics"))
    tables = [row.data, *(v for v in below if isinstance(v, dict))]
    return {
        k: v
        for table in tables
        for k, v in table.items()
        if len(k) <= 60 and JUDGE.fullmatch(k) and not _NO_LABEL.search(k) and _is_grade(v)
    }


def _is_grade(value: object) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and 0 < len(value) < 40)


def _agreement(view: RepoView) -> Agreement | None:
    human: dict[str, tuple[Row, bool]] = {}
    judge: dict[str, bool] = {}
    for path in _paths(view):
        for row in resultrows.rows(view, path):
            key = row.id or f"{path}:{row.line}"
            if (said := _said(row.data, HUMAN)) is not None:
                human.setdefault(key, (row, said))
            if (found := _said(judged(row), JUDGE)) is not None:
                judge.setdefault(key, found)
    both = [k for k in human if k in judge]
    if not both:
        return None
    first = human[both[0]][0]
    return Agreement(
        tuple(human[k][1] for k in both),
        tuple(judge[k] for k in both),
        view.quote(first.path, first.line),
    )


def _paths(view: RepoView) -> Sequence[str]:
    named = [f for f in view.find(*_FILES) if f.lower().endswith(_ENDS)]
    found: dict[str, None] = defaultdict(None, dict.fromkeys(named))
    found.update(dict.fromkeys(resultrows.result_files(view)))
    return list(found)[: resultrows.MAX_FILES]


def _said(fields: Mapping[str, object], pattern: re.Pattern[str]) -> bool | None:
    for key, value in fields.items():
        is_label = len(key) <= 60 and pattern.fullmatch(key) and not _NO_LABEL.search(key)
        if is_label and (said := yes_or_no(value)) is not None:
            return said
    return None


def yes_or_no(value: object) -> bool | None:
    """A verdict in any of its usual words; None for anything else."""
    if (said := truth(value)) is not None:
        return said
    word = value.strip()[:40] if isinstance(value, str) else ""
    return True if _GOOD.fullmatch(word) else False if _BAD.fullmatch(word) else None
