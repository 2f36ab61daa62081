"""The portfolio as a page: what stands on it, what never does, what it is written over."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scaffolder import notebook, progress
from scaffolder.cli import main
from scaffolder.journeys import showcase
from scaffolder.notebook import Level

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MANIFEST = """\
[scaffold]
format = 1
skill = "rag-app"
template_version = "1"
package = "p"
[answers]
problem = "<script>alert(1)</script> costs an hour"
users = "librarians"
"""
CLAIM = """
[[claims]]
text = "{text}"
metric = "{metric}"
value = {value}
n = 40
ci = [{low}, {high}]
results = "evals/results/model.jsonl"
"""


def made(folder: Path, claims: str = "", remote: str = "", proves: bool = True) -> Path:
    """A reviewed project with a manifest, its claims and perhaps a remote."""
    (folder / ".git" / "objects").mkdir(parents=True)
    (folder / ".git" / "refs" / "heads").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    config = "[core]\n\trepositoryformatversion = 0\n"
    config += f'[remote "origin"]\n\turl = {remote}\n' if remote else ""
    (folder / ".git" / "config").write_text(config)
    (folder / "scaffold.toml").write_text(MANIFEST + claims)
    progress.record_project("rag-app", folder, NOW)
    level = "measured" if proves else "draft"
    found = Level(str(folder), "rag-app", level, 8, 10, 0, "a" * 40, NOW, (), 3, 3, "reader")
    notebook.note_level(found)
    return folder


def claim(text: str = "exact of model", metric: str = "exact", **figures: float) -> str:
    known = {"value": 0.6, "low": 0.4, "high": 0.8} | figures
    return CLAIM.format(text=text, metric=metric, **known)


def page(tmp_path: Path, *words: str) -> str:
    assert main(["portfolio", "--page", str(tmp_path / "site"), *words]) == 0
    return (tmp_path / "site" / "index.html").read_text()


def test_a_project_stands_there_with_its_level_and_what_it_proves(tmp_path: Path) -> None:
    made(tmp_path / "rulebook", claim())
    found = page(tmp_path, "--name", "Ada", "--link", "Code=https://github.com/ada")
    assert "<h1>Ada</h1>" in found
    assert '<a href="https://github.com/ada"' in found
    assert "1 project, 1 of them proves" in found
    assert "measured, named for its weakest dimension: reader; 8 of 10" in found
    assert (tmp_path / "site" / ".nojekyll").exists()


def test_a_result_is_a_chart_that_says_its_numbers_and_a_table(tmp_path: Path) -> None:
    made(tmp_path / "rulebook", claim() + claim("exact of rules", value=0.3, low=0.1, high=0.5))
    found = page(tmp_path)
    charts = re.findall(r"<svg.*?</svg>", found, re.DOTALL)
    assert len(charts) == found.count("<summary>The same as a table</summary>") == 1
    chart = ElementTree.fromstring(charts[0])
    assert chart.get("role") == "img"
    assert "exact of model: 0.60, from 0.40 to 0.80." in (chart.findtext("desc") or "")
    places = [float(c.get("cx", 0)) for c in chart.iter("circle")]
    assert places == [20 + 600 * 0.6, 20 + 600 * 0.3]
    assert "<td>0.400 to 0.800</td><td>40</td>" in found


def test_a_difference_stands_around_zero(tmp_path: Path) -> None:
    apart = claim(
        "exact of b minus a, same items", "exact difference", value=0.1, low=-0.1, high=0.3
    )
    made(tmp_path / "rulebook", apart)
    (circle,) = re.findall(r'<circle class="point" cx="([\d.]+)"', page(tmp_path))
    assert float(circle) == pytest.approx(20 + 600 * (0.1 + 0.3) / 0.6, abs=0.1)


@pytest.mark.parametrize(
    "left_out",
    [
        claim("exact of model, slice noisy"),
        claim().replace("ci = [0.4, 0.8]\n", ""),
        claim(value=float("nan")),
    ],
)
def test_what_is_a_part_or_has_no_interval_is_not_drawn(tmp_path: Path, left_out: str) -> None:
    made(tmp_path / "rulebook", left_out)
    found = page(tmp_path)
    assert "<svg" not in found
    assert "No result of the author's own with an interval yet." in found


def test_what_a_project_says_is_text(tmp_path: Path) -> None:
    made(tmp_path / "a<b>", claim("<img src=x> of \\u202e model"))
    found = page(tmp_path, "--name", "<i>me</i>")
    assert not re.search(r"<(script|img|i|b)[ >]", found)
    assert "&lt;script&gt;" in found
    assert "\u202e" not in found


@pytest.mark.parametrize(
    ("remote", "shown"),
    [
        ("git@github.com:ada/book.git", "https://github.com/ada/book"),
        ("https://gitlab.com/ada/book", "https://gitlab.com/ada/book"),
        ("https://ada:secret@github.com/ada/book", ""),
        ("/srv/git/book.git", ""),
        ("javascript:alert(1)", ""),
        ("http://github.com/ada/book", ""),
    ],
)
def test_only_an_https_address_without_a_name_is_linked(
    tmp_path: Path, remote: str, shown: str
) -> None:
    made(tmp_path / "rulebook", remote=remote)
    found = page(tmp_path)
    assert re.findall(r'<a href="(h[^"]*)"', found) == [shown] * bool(shown)
    assert "secret" not in found
    assert str(tmp_path) not in found


def test_nothing_is_fetched_and_nothing_runs(tmp_path: Path) -> None:
    made(tmp_path / "rulebook", claim())
    found = page(tmp_path)
    assert "default-src 'none'" in found
    assert not re.search(r"<(script|link|iframe|img)\b|@import|url\(", found)


def test_without_a_reviewed_project_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["portfolio", "--page", str(tmp_path / "site")]) == 2
    assert "no project was reviewed yet" in capsys.readouterr().err
    assert not (tmp_path / "site" / "index.html").exists()


def test_a_page_that_is_not_ours_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path / "rulebook")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("mine")
    assert main(["portfolio", "--page", str(tmp_path / "site")]) == 2
    assert "is not ours" in capsys.readouterr().err
    assert (tmp_path / "site" / "index.html").read_text() == "mine"


def test_our_own_page_is_written_anew_and_is_the_same(tmp_path: Path) -> None:
    made(tmp_path / "rulebook", claim())
    assert page(tmp_path) == page(tmp_path)


@pytest.mark.parametrize(
    "typed", ["x", "=https://a.b", "x=http://a.b", "x=javascript:1", "x=https://"]
)
def test_a_link_that_is_none_is_refused(
    tmp_path: Path, typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path / "rulebook")
    assert main(["portfolio", "--page", str(tmp_path / "site"), "--link", typed]) == 2
    assert "Write NAME=https://HOST/PATH." in capsys.readouterr().err


def test_a_project_without_a_review_is_said_to_be_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made(tmp_path / "rulebook")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "scaffold.toml").write_text(MANIFEST)
    progress.record_project("rag-app", tmp_path / "other", NOW)
    found = page(tmp_path, "--json")
    said = capsys.readouterr()
    assert "other is left out: it was not reviewed yet" in said.err
    assert json.loads(said.out)["page"].endswith("index.html")
    assert ">other<" not in found


def test_a_project_that_proves_nothing_yet_says_why(tmp_path: Path) -> None:
    made(tmp_path / "rulebook", proves=False)
    assert "nothing yet: it is draft" in page(tmp_path)
    assert len(showcase.exhibits()[0]) == 1
