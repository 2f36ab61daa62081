"""The prompts of judges: files, and texts in code that tell a model to judge.

Invariant: a text counts where its file is named for a judge and lies among prompts, or where its
words say that it judges; documents and results are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffolder.review.answering.grading import JUDGE_WORDS
from scaffolder.review.answering.wordings import wordings
from scaffolder.review.areas import area, below, manifest_paths
from scaffolder.review.view import RepoView

_NAMED = re.compile(r"judg|grader|evaluator|criteri|rubric|critic", re.IGNORECASE)
_ENDS = (".md", ".txt", ".j2", ".jinja", ".jinja2", ".prompt", ".yaml", ".yml", ".toml", ".tmpl")
_DECIDES = re.compile(r"\b(?:pass|fail|verdict|yes or no|score|rate|grade)\b", re.IGNORECASE)
_LONGEST = 30_000
_SHORTEST = 120
MAX_PROMPTS = 10


@dataclass(frozen=True)
class Prompt:
    """What a judge is told, and the line on which it begins."""

    path: str
    line: int
    text: str


def prompts(view: RepoView) -> tuple[Prompt, ...]:
    """The prompts of judges, files first; texts of the code only where there is no file."""
    return view.once(_prompts)


def _prompts(view: RepoView) -> tuple[Prompt, ...]:
    found = list(_files(view))[:MAX_PROMPTS] or list(_texts(view))[:MAX_PROMPTS]
    return tuple(found)


def _files(view: RepoView) -> Iterator[Prompt]:
    results = manifest_paths(view).get("results", "")
    for path in (f for f in view.files if f.lower().endswith(_ENDS) and _NAMED.search(f)):
        among = "prompt" in path.lower() or area(view, path) in ("prompts", "evals")
        text = view.text(path)[:_LONGEST] if among and not below(path, results) else ""
        if len(text) >= _SHORTEST and _DECIDES.search(text) and not _is_index(path):
            yield Prompt(path, _first(text), text)


def _texts(view: RepoView) -> Iterator[Prompt]:
    for one in wordings(view):
        if len(one.text) >= _SHORTEST and JUDGE_WORDS.search(" ".join(one.text.split())):
            yield Prompt(one.path, one.line, one.text)


def _is_index(path: str) -> bool:
    """Whether a file is about prompts or metrics and no prompt."""
    name = path.rpartition("/")[2].lower()
    return name.startswith(("readme", "changelog")) or "metrics" in name or "graders." in name


def _first(text: str) -> int:
    """The line on which the text below the head of a file begins."""
    lines = text.split("\n")
    if lines[:1] == ["---"] and "---" in lines[1:]:
        head = lines.index("---", 1) + 1
        return next((n + 1 for n in range(head, len(lines)) if lines[n].strip()), head)
    return 1
