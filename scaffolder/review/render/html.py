"""A report as one self-contained HTML page.

Invariant: no script, no address that is fetched; whatever a repository says is text, so the page
has the same elements for any of it. The pages themselves are `*.html.jinja` beside this module.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scaffolder.review.model import Reader, Report
from scaffolder.review.render import outline, running, wording
from scaffolder.sanitise import clean


def render(report: Report) -> str:
    """The whole report."""
    bars = wording.bars(report)
    longest = max((b.earned + b.open + b.unverified for b in bars), default=0.0) or 1.0
    return filled(
        "report.html.jinja",
        {"cells": lambda points: f"{100 * points / longest:.2f}"},
        heading=wording.title(report),
        kind="review",
        report=report,
        words=wording,
        running=running,
        bars=bars,
        settled=wording.settled(report),
        apart=wording.apart(report),
    )


def render_reader(report: Report, reader: Reader) -> str:
    """What is seen without reading the code."""
    return filled(
        "reader.html.jinja",
        {},
        heading=wording.title(report),
        kind="what a reader sees",
        about=wording.about(report),
        groups=outline.groups(reader),
        screen="\n".join(clean(text) for text in reader.screen),
    )


def filled(template: str, filters: dict[str, Callable[..., Any]], **values: Any) -> str:
    """A page of this folder with its values in it; every value is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"line": wording.line, "clean": clean, "place": wording.place, **filters}
    return pages.get_template(template).render(**values)
