"""The rubric is data that is proved: its own checker finds nothing, and finds what is wrong."""

import shutil
from pathlib import Path

import pytest

from scaffolder.journeys.check_rubric import problems
from scaffolder.paths import rubric_dir

CHECK = """id: COM-90
section: COM
weight: should
dimension: reader
claim: It has a licence.
why: Nobody may use it otherwise.
fix: Add one.
effort: 5
source: [DTC]
own: []
probes: [hygiene.license_file]
passes:
  - LICENSE: MIT License
fails:
  - README.md: hello
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rubric with one check of ours and no other."""
    (tmp_path / "checks").mkdir()
    shutil.copy(rubric_dir() / "rubric.yml", tmp_path)
    (tmp_path / "checks" / "COM-90.yml").write_text(CHECK)
    return tmp_path


def said(folder: Path, check: str) -> list[str]:
    (folder / "checks" / "COM-90.yml").write_text(check)
    return [problem for problem in problems(folder) if "COM-90" in problem]


def test_the_rubric_holds() -> None:
    assert problems() == []


def test_a_gap_in_the_numbers_of_a_section_is_named(folder: Path) -> None:
    assert "COM: there is no COM-01" in problems(folder)


def test_an_item_of_a_skill_names_the_areas_that_are_the_authors(folder: Path) -> None:
    skill = CHECK.replace("section: COM", "section: RAG")
    assert any("own is empty" in problem for problem in said(folder, skill))
    owned = skill.replace("own: []", "own: [docs]")
    assert not any("own is empty" in problem for problem in said(folder, owned))


def test_a_sound_check_has_no_problem(folder: Path) -> None:
    assert said(folder, CHECK) == []


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (("- LICENSE: MIT License", "- README.md: no licence"), "passing tree 1 is fail"),
        (("- README.md: hello", "- LICENSE: MIT License"), "failing tree 1 is pass"),
        (("fails:\n  - README.md: hello\n", ""), "one that fails"),
    ],
)
def test_a_tree_that_does_not_show_what_it_should_is_named(
    folder: Path, change: tuple[str, str], wanted: str
) -> None:
    assert any(wanted in problem for problem in said(folder, CHECK.replace(*change)))


def test_a_probe_that_nothing_uses_is_named(folder: Path) -> None:
    assert any("no check and no fact uses the probe" in problem for problem in problems(folder))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hygiene.license_file", "hygiene.nothing"),
        ("section: COM", "section: XYZ"),
        ("dimension: reader", "dimension: beauty"),
        ("weight: should", "weight: maybe"),
        ("source: [DTC]", "source: [NOBODY]"),
        ("own: []", "own: [moon]"),
        ("id: COM-90", "id: COM-91"),
        ("claim: It has a licence.\n", ""),
        ("why: Nobody", "wy: Nobody"),
    ],
)
def test_a_name_that_is_not_there_is_the_problem(folder: Path, old: str, new: str) -> None:
    found = said(folder, CHECK.replace(old, new))
    assert len(found) == 1


def test_a_probe_that_never_decides_alone_is_named(folder: Path) -> None:
    two = CHECK.replace("[hygiene.license_file]", "[hygiene.license_file, hygiene.only_source]")
    wanted = "a probe of this check is never the only one that fails: hygiene.only_source"
    assert [problem for problem in said(folder, two) if wanted in problem]
    told = said(folder, two + "  - {LICENSE: MIT License, a.pyc: x}\n")
    assert not [problem for problem in told if "never the only one" in problem]
