"""Questions that were measured once and are not in the golden set any more, by the history.

Invariant: it accuses nobody: a question may go for a good reason, and a shallow history knows less.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from scaffolder.review.areas import manifest_paths
from scaffolder.review.git import gitorigins
from scaffolder.review.ownwork import SAMPLE_ORIGIN
from scaffolder.review.results import resultrows
from scaffolder.review.templatelock import asked, asks, sample_questions
from scaffolder.review.view import RepoView

MAX_VERSIONS = 40
"""Commits, the newest, whose questions are looked at."""

MAX_FILES = 4
"""Result files in which a removed question is looked for."""


def measured_and_gone(view: RepoView) -> int:
    """How many of the author's questions had a row in a committed run and are gone, by id and text.

    0 where the manifest names no file of questions or there is no history.
    """
    return view.once(_count)


def _count(view: RepoView) -> int:
    golden = manifest_paths(view).get("golden", "")
    trail = view.git.trail() if view.has(golden) else None
    if trail is None or not golden.endswith(".jsonl"):
        return 0
    now = _asked(row for _, row in view.rows(golden))
    words, samples = set(now.values()), sample_questions(view)
    commits = [c.id for c in view.history.commits][:MAX_VERSIONS]
    held = gitorigins.files(trail, [(c, golden) for c in commits])
    gone: dict[str, str] = {}
    for raw in dict.fromkeys(held.values()):
        then = _asked(r.data for r in resultrows.of_text(golden, raw.decode("utf-8", "replace")))
        gone |= {i: q for i, q in then.items() if i not in now and q not in words | samples}
    return len(gone.keys() & _with_rows(view, commits)) if gone else 0


def _asked(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The words of each question by its id, without those of the template by their origin."""
    named = (r for r in rows if isinstance(r.get("id"), str | int))
    own = (r for r in named if r.get("origin") != SAMPLE_ORIGIN)
    return {str(row["id"]): asks(asked(row)) for row in own}


def _with_rows(view: RepoView, commits: list[str]) -> set[str]:
    """The ids of all rows that were committed in today's result files."""
    trail, files = view.git.trail(), resultrows.result_files(view)[:MAX_FILES]
    held = gitorigins.files(trail, [(c, f) for c in commits for f in files]) if trail else {}
    texts = dict.fromkeys(held.values())
    return {
        row.id for raw in texts for row in resultrows.of_text("", raw.decode("utf-8", "replace"))
    }
