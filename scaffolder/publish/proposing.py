"""Proposes what the repository is called and how it is described, from the project itself.

Invariant: every word is the project's own; what the host would not take is left out or cut, and
nothing is set before it was shown.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from scaffolder.publish.model import About
from scaffolder.review import parse
from scaffolder.review.mask import mask
from scaffolder.review.model import Report
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

DESCRIPTION = 350
"""Characters of a description that GitHub takes."""

TOPICS = 20
TOPIC = 50
"""Topics, and characters of one, that GitHub takes (docs.github.com, "Classifying your repo")."""

_PAGES = ("homepage", "demo", "live", "documentation", "docs", "website")
_ADDRESS = re.compile(r"https://[^\s<>\"']{4,250}")
_MARKS = re.compile(r"\[([^\]\n]*)\]\([^)\n]*\)|[*_`]{1,3}")


def propose(view: RepoView, report: Report) -> About:
    """Name, description, topics and homepage as the project gives them."""
    reader = report.reader
    text = reader.paragraph if reader else ""
    return About(
        name(report.project.name),
        _description(text or (reader.title if reader else "")),
        tuple(_topics(report)),
        _homepage(view),
    )


def name(folder: str) -> str:
    """The folder's name as GitHub would write it."""
    found = re.sub(r"[^A-Za-z0-9._-]+", "-", folder).strip("-.")[:100]
    return found.removesuffix(".git") or "project"


def _description(paragraph: str) -> str:
    """The sentences of the first paragraph that fit."""
    text = _MARKS.sub(lambda m: m[1] or "", " ".join(paragraph.split()))
    text = clean(mask(text), 4 * DESCRIPTION)
    if len(text) <= DESCRIPTION:
        return text
    end = text.rfind(". ", 0, DESCRIPTION)
    if end > 0:
        return text[: end + 1]
    return text[: DESCRIPTION - 4].rpartition(" ")[0] + " ..."


def _topics(report: Report) -> Iterator[str]:
    reader = report.reader
    words: list[str] = [report.project.skill or ""]
    if reader:
        main = max(reader.languages, key=lambda n: reader.languages[n], default="")
        words += [*reader.topics, *reader.used, main]
    yield from islice(dict.fromkeys(filter(None, map(_topic, words))), TOPICS)


def _topic(word: str) -> str:
    found = re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")
    return found if len(found) <= TOPIC and found[:1].isalnum() else ""


def _homepage(view: RepoView) -> str:
    """What pyproject.toml calls its homepage, demo or documentation; "" where it names none."""
    if not view.has("pyproject.toml"):
        return ""
    project = parse.mapping(view.toml("pyproject.toml")).get("project")
    urls = project.get("urls") if isinstance(project, dict) else None
    return next(_pages(urls if isinstance(urls, dict) else {}, _PAGES), "")


def _pages(urls: Mapping[str, Any], wanted: Iterable[str]) -> Iterator[str]:
    named = {str(k).lower(): v for k, v in urls.items()}
    for key in wanted:
        found = named.get(key)
        if isinstance(found, str) and _ADDRESS.fullmatch(found):
            yield clean(mask(found), 255)
