"""The job summary: tables stay tables, and what a repository says opens nothing."""

import re
from collections import Counter

import handmade
import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from scaffolder.review.model import Report
from scaffolder.review.render import markdown

READ = MarkdownIt("gfm-like", {"linkify": False, "html": True})


def _page(report: Report) -> BeautifulSoup:
    return BeautifulSoup(READ.render(markdown.render(report)), "html.parser")


def _reader(report: Report) -> BeautifulSoup:
    assert report.reader is not None
    return BeautifulSoup(READ.render(markdown.render_reader(report, report.reader)), "html.parser")


@pytest.mark.parametrize("page", [_page, _reader], ids=["report", "reader"])
def test_hostile_words_open_no_element(page) -> None:  # type: ignore[no-untyped-def]
    elements = [
        Counter(tag.name for tag in page(handmade.report(*said)).find_all(True))
        for said in ((), (handmade.HOSTILE, handmade.RAW_PATH))
    ]
    for counted in elements:
        del counted["code"]  # a word that GitHub would make live is one
    assert elements[0] == elements[1]


@pytest.mark.parametrize("page", [_page, _reader], ids=["report", "reader"])
def test_tables_keep_their_columns(page) -> None:  # type: ignore[no-untyped-def]
    for table in page(handmade.report(handmade.HOSTILE, handmade.RAW_PATH)).find_all("table"):
        widths = {len(row.find_all(["th", "td"])) for row in table.find_all("tr")}
        assert len(widths) == 1


@pytest.mark.parametrize("page", [_page, _reader], ids=["report", "reader"])
def test_what_github_makes_live_stands_in_code_only(page) -> None:  # type: ignore[no-untyped-def]
    shown = page(handmade.report(handmade.HOSTILE, handmade.RAW_PATH))
    for code in shown.find_all("code"):
        code.decompose()
    assert not re.search(r"@\w|#\d|GH-\d|www\.|https?:", shown.get_text())


def test_the_verdicts_and_their_evidence_are_there() -> None:
    said = _page(handmade.report()).get_text(" ")
    assert "working: held back by security (1.5 of 3 points)" in said
    assert "shut by 3 musts" in said
    assert "src/app.py:3-5" in said
    assert "and 4 more places" in said
    assert "Waived until 2030-01-01" in said


def test_details_are_closed_and_read_as_markdown() -> None:
    page = _page(handmade.report())
    assert len(page.find_all("details")) == markdown.render(handmade.report()).count("</details>")
    assert page.select("details li code")
