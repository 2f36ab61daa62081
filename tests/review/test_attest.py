"""Waivers and answers as a review reads them: nothing without a reason, nothing once stale."""

from datetime import date
from pathlib import Path

import pytest

from scaffolder.review import view
from scaffolder.review.attest import Attested, attested, says_something, spoken_of

WHY = "Ten questions answered aloud to a friend"


def read(root: Path, manifest: str) -> Attested:
    (root / "scaffold.toml").write_text(manifest)
    with view.opened(root) as seen:
        return attested(seen)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "D.md").write_text("Why?\nBecause.\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("a = 1\n")
    return tmp_path


def answer(root: Path, link: str, areas: list[str]) -> str:
    with view.opened(root) as seen:
        spoken = spoken_of(seen, link, areas)
    values = {
        "id": "COM-28",
        "verdict": "yes",
        "justification": WHY,
        "link": link,
        "date": "2026-11-20",
        "speaks_of": spoken.sha256 if spoken else "",
    }
    listed = "".join(f'{k} = "{v}"\n' for k, v in values.items())
    return f"[[answer]]\n{listed}areas = {areas}\n"


def test_a_waiver_is_read_with_its_place(project: Path) -> None:
    found = read(project, '# x\n[[waive]]\nid = "COM-20"\nreason = "Later"\nuntil = 2027-01-31\n')
    waiver = found.waivers["COM-20"]
    assert (waiver.reason, waiver.until, waiver.evidence.line) == ("Later", date(2027, 1, 31), 2)
    assert found.problems == ()


@pytest.mark.parametrize(
    "entry",
    [
        'id = "C"\nuntil = 2027-01-31',
        'id = "C"\nreason = " … "\nuntil = 2027-01-31',
        'id = "C"\nreason = "x"\nuntil = "soon"',
        'id = "C"\nreason = "x"\nuntil = 7',
        'id = "C"\nreason = ["x"]\nuntil = 2027-01-31',
        'reason = "x"\nuntil = 2027-01-31',
        "id = 3",
    ],
)
def test_a_waiver_that_is_not_one_is_a_problem(project: Path, entry: str) -> None:
    found = read(project, f"[[waive]]\n{entry}\n")
    assert found.waivers == {}
    assert [p.path for p in found.problems] == ["scaffold.toml"]


@pytest.mark.parametrize("text", ["waive = 1\nanswer = {a = 1}", "waive = [1, [2]]", "[", "\0"])
def test_any_manifest_is_read(project: Path, text: str) -> None:
    assert read(project, text).waivers == {}


@pytest.mark.parametrize("link", ["docs/D.md", "docs/D.md#L2", "./docs/D.md"])
def test_an_answer_goes_stale_with_the_linked_file(project: Path, link: str) -> None:
    text = answer(project, link, [])
    said = read(project, text).answers["COM-28"]
    assert (said.stale, said.evidence.path) == ("", "docs/D.md")
    (project / "docs" / "D.md").write_bytes(b"Why?\r\nBecause.\r\n")
    assert read(project, text).answers["COM-28"].stale == ""
    (project / "docs" / "D.md").write_text("Why?\nNo.\n")
    assert "has changed" in read(project, text).answers["COM-28"].stale
    (project / "docs" / "D.md").unlink()
    assert "has gone" in read(project, text).answers["COM-28"].stale


def test_an_answer_with_an_address_goes_stale_with_its_areas(project: Path) -> None:
    text = answer(project, "https://example.org/talk", ["docs"])
    (project / "src" / "a.py").write_text("a = 2\n")
    assert read(project, text).answers["COM-28"].stale == ""
    (project / "docs" / "E.md").write_text("More.\n")
    assert read(project, text).answers["COM-28"].stale == "docs has changed"


@pytest.mark.parametrize(
    "wrong",
    [{"verdict": "sure"}, {"justification": "It is fine"}, {"link": ""}, {"date": "today"}],
)
def test_an_answer_that_says_nothing_does_not_count(project: Path, wrong: dict[str, str]) -> None:
    text = answer(project, "docs/D.md", [])
    for key, value in wrong.items():
        lines = [f'{key} = "{value}"' if x.startswith(f"{key} ") else x for x in text.split("\n")]
        text = "\n".join(lines)
    found = read(project, text)
    assert found.answers == {}
    assert "COM-28" in found.problems[0].text


def test_the_last_of_two_counts_and_it_is_said(project: Path) -> None:
    entry = '[[waive]]\nid = "C"\nreason = "{}"\nuntil = 2027-01-31\n'
    found = read(project, entry.format("first") + entry.format("second"))
    assert found.waivers["C"].reason == "second"
    assert "twice" in found.problems[0].text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (WHY, True),
        ("x" * 40, False),
        ("yes yes yes yes yes yes", False),
        ("回答经过两位同事核对并且全部写在文档里面没有遗漏", True),
    ],
)
def test_a_justification_needs_words(text: str, says: bool) -> None:
    assert says_something(text) is says
