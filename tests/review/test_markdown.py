"""The reader of READMEs: what is code, what is shown, and that hostile text costs no time."""

import re
import time

import pytest

from scaffolder.review.readme import markdown


def _read(text: str) -> markdown.Document:
    return markdown.read(text, [line[:2000] for line in text.split("\n")])


def test_markdown_html_and_rest_give_the_same_headings() -> None:
    texts = (
        "## Where it fails\n",
        '<h2 align="center">Where it fails</h2>\n',
        "Where it fails\n---------------\n",
    )
    assert [[h.text for h in _read(t).headings] for t in texts] == [["Where it fails"]] * 3


def test_code_is_no_prose_and_a_comment_is_not_shown() -> None:
    document = _read(
        "Seen.\n\n```sh\n# no heading\npip install x\n```\n<!-- hidden\nlines -->\n\n    indented\n"
    )
    assert [text for _, text in document.prose()] == ["Seen."]
    assert [f.lines for f in document.fences] == [
        ("# no heading", "pip install x"),
        ("    indented", ""),
    ]
    assert document.headings == ()


def test_an_image_inside_of_a_link_is_an_image_and_its_link_is_none() -> None:
    links = _read("[![build](https://img.shields.io/x.svg)](https://ci.example)\n").links
    assert {(k.target, k.image) for k in links if k.text} == {
        ("https://img.shields.io/x.svg", True),
        ("https://ci.example", False),
    }


def test_images_of_html_and_rest_are_found_on_their_line() -> None:
    text = '<p>\n<img\n  src="a.png" alt="A">\n</p>\n\n.. image:: b.png\n   :alt: B\n'
    assert [(k.target, k.text, k.line) for k in _read(text).links if k.image] == [
        ("b.png", "B", 6),
        ("a.png", "A", 2),
    ]


def test_a_section_ends_at_the_next_heading_as_high() -> None:
    document = _read("# a\n## Data\none\n### deeper\ntwo\n## other\nthree\n")
    (section,) = document.sections(re.compile("^Data$"))
    assert [text for _, text in document.prose(section.start, section.end)] == ["one", "two"]


@pytest.mark.parametrize(
    "unit",
    [
        "![",
        "[](",
        "](",
        "<img ",
        "<pre>\n",
        "# a\n",
        "|a|b|\n|-|-|\n",
        "<!--",
        "```\n",
        "[x]: y.z\n[x][x]",
        "- a\n\n     b\n",
        "::\n",
        "`a<",
    ],
)
def test_a_hostile_megabyte_is_read_in_half_a_second(unit: str) -> None:
    text = (unit * (1024 * 1024 // len(unit) + 1))[: 1024 * 1024]
    started = time.process_time()
    _read(text)
    assert time.process_time() - started < 0.5


def test_a_badge_whose_address_is_defined_elsewhere_is_no_running_text() -> None:
    text = (
        "[![Build][badge]][runs]\n\nSee [the guide][guide] of it.\n\n[badge]: https://a.b/c.svg\n"
    )
    assert [t for _, t in _read(text).prose()][:1] == ["See the guide of it."]
