"""The page: one file, no script, the same elements whatever a repository says."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import handmade
import pytest
from bs4 import BeautifulSoup, Tag

from scaffolder.review.model import Report
from scaffolder.review.render import html


def _reader(report: Report) -> str:
    assert report.reader is not None
    return html.render_reader(report, report.reader)


PAGES = pytest.mark.parametrize("render", [html.render, _reader], ids=["report", "reader"])


def _shape(tag: Tag) -> Iterator[str]:
    """Elements and attributes in order, without texts."""
    for child in tag.find_all(True):
        assert isinstance(child, Tag)
        yield f"{child.name} {sorted(child.attrs)} {child.get('class')}"


@PAGES
def test_the_elements_are_the_same_for_benign_and_hostile_words(
    render: Callable[[Report], str],
) -> None:
    shapes = [
        list(_shape(BeautifulSoup(render(handmade.report(*said)), "html.parser")))
        for said in ((), (handmade.HOSTILE, handmade.RAW_PATH))
    ]
    assert shapes[0] == shapes[1]


@PAGES
def test_nothing_is_fetched_and_nothing_runs(render: Callable[[Report], str]) -> None:
    page = BeautifulSoup(render(handmade.report(handmade.HOSTILE)), "html.parser")
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert isinstance(policy, Tag)
    assert str(policy["content"]).startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert page.find_all(["script", "img", "link", "iframe", "object", "base", "form"]) == []
    style = page.style
    assert style is not None
    assert not re.search(r"url\(|@import|expression", style.get_text())
    for tag in page.find_all(True):
        assert isinstance(tag, Tag)
        assert not [name for name in tag.attrs if name.startswith("on") or name == "src"]
        assert str(tag.get("href", "#")).startswith("#")


def test_every_verdict_can_be_reached_by_its_id() -> None:
    page = BeautifulSoup(html.render(handmade.report()), "html.parser")
    assert {str(t["id"]) for t in page.select("details.item")} == {
        i.check.id for i in handmade.items()
    }
    ids = [str(t["id"]) for t in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {str(a["href"])[1:] for a in page.select("a[href]")} <= set(ids)


def test_headings_go_down_one_step_at_a_time() -> None:
    page = BeautifulSoup(html.render(handmade.report()), "html.parser")
    levels = [int(str(h.name)[1]) for h in page.find_all(re.compile(r"^h[1-6]$"))]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.html is not None
    assert page.html["lang"] == "en"


def test_level_gate_and_mends_come_before_the_items() -> None:
    said = BeautifulSoup(html.render(handmade.report()), "html.parser").get_text(" ", strip=True)
    order = [
        said.index(words)
        for words in ("held back by security", "Gate shut by 3 musts", "Mend first", "tries on its")
    ]
    assert order == sorted(order)
    assert order[-1] < said.index("Items")


def test_level_and_own_work_are_labelled() -> None:
    said = BeautifulSoup(html.render(handmade.report()), "html.parser").header
    assert said is not None
    words = " ".join(said.get_text(" ").split())
    assert "Level working: held back by security" in words
    assert "Own work 12% of the lines outside the corpus are the author's" in words


def test_an_inherited_pass_does_not_look_earned() -> None:
    page = BeautifulSoup(html.render(handmade.report()), "html.parser")
    item = page.find(id="COM-06")
    assert isinstance(item, Tag)
    assert "is-pass" not in (item.get("class") or [])
    assert item.select(".chip.pass") == []
    assert item.select(".chip.inherited")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    style = html.render(handmade.report()).partition("<style>")[2]
    tables = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", tables[scheme == "dark"]))
    pairs = [(ink, ground) for ink in ("ink", "soft") for ground in ("page", "sheet", "tint")]
    pairs += [(name, f"{name}-bg") for name in ("fail", "part", "pass", "dark")]
    pairs += [("link", "page"), ("link", "sheet"), ("sheet", "ink")]
    weak = [pair for pair in pairs if _contrast(*(colours[name] for name in pair)) < 4.5]
    assert weak == []


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_report_without_mends_says_why() -> None:
    said = html.render(replace(handmade.report(), mends=()))
    assert "Nothing in security is open." in said
