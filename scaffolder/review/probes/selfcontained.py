"""Do result rows carry what made them, and can a run be cheap and go on where it stopped?"""

import re
from collections.abc import Mapping

from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.models.codewords import identifiers
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

_PARTS: Mapping[str, tuple[str, ...]] = {
    "the output": ("output", "answer", "response", "prediction", "completion", "reply", "ranked"),
    "the grades": ("grades", "scores", "metrics", "score", "correct", "passed"),
    "the time": ("latency_ms", "latency", "seconds", "duration", "duration_ms", "time_s"),
    "the cost": ("cost_usd", "cost", "usage", "tokens", "total_tokens", "price"),
    "the code": ("commit", "git", "revision", "code_version", "sha", "tree"),
    "what was asked": ("item", "input", "question", "fingerprint", "input_hash", "prompt_hash"),
    "the setting": ("setting", "config", "model", "prompt", "prompt_version", "version"),
}
_CACHE = re.compile(r"cache|memo(?:ize|ise)|content.?address", re.IGNORECASE)
_RESUME = re.compile(r"resum|checkpoint|skip.?(?:done|existing|finished)|already.?done|cache", re.I)


def whole(view: RepoView) -> Reading:
    """Each row has its item, output, grades, time, cost, code and setting."""
    rows = [r for path in resultrows.result_files(view) for r in resultrows.rows(view, path)[:1]]
    graded = [row for row in rows if row.id and next(resultrows.grades(row), None)]
    if not graded:
        return no("No result rows with an id and grades were found.")
    best = min(graded, key=lambda row: len(_missing(row)))
    lacking, at = _missing(best), view.quote(best.path, best.line)
    if lacking:
        listed = ", ".join(lacking)
        return partial(f"Rows of {clean(best.path, 60)} do not say {listed}.", at)
    return yes(
        "A row says what was asked, what came, its grades, time, cost, code and setting.", at
    )


def resumable(view: RepoView) -> Reading:
    """The code keeps what it paid for, so that a run goes on where it stopped."""
    kept = identifiers(view, _CACHE, view.python)
    again = identifiers(view, _RESUME, view.python)
    if kept and again:
        found = dict.fromkeys((kept[0], again[0]))
        return yes("Answers are kept, and a run that was stopped goes on with them.", *found)
    if kept or again:
        return partial("Something is kept between runs, not the answers.", (kept or again)[0])
    return no("Nothing in the code keeps answers or goes on with a run that was stopped.")


def _missing(row: Row) -> list[str]:
    held = {str(key).lower() for key in row.data}
    return [what for what, keys in _PARTS.items() if not held & set(keys)]
