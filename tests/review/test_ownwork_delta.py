"""The project beside its template rendered again: what is own, and a lock that was edited."""

import json
from pathlib import Path

import pytest
from miniature import new

from scaffolder.errors import UsageError
from scaffolder.journeys import template_delta
from scaffolder.manifest import LOCK

FIVE = "".join(f"line {n}\n" for n in range(8))


@pytest.fixture
def project(templates: Path, tmp_path: Path) -> Path:
    (templates / "tiny" / "template" / "steps.py").write_text(FIVE)
    questions = templates / "_base" / "copier.yml"
    questions.write_text("\n".join(questions.read_text().splitlines()[:2]) + "\n")
    tiny = templates / "tiny" / "template" / "scaffold.toml.jinja"
    tiny.write_text(tiny.read_text().replace("{{ package | tojson }}", '"rules"'))
    readme = templates / "tiny" / "template" / "README.md.jinja"
    readme.write_text("# {{ project_name }}\n")
    return new(tmp_path / "p").path


def test_a_fresh_project_is_its_template(project: Path) -> None:
    found = template_delta.delta(project)
    assert (found.rendered, found.total.own, found.total.deleted) == (True, 0, 0)
    assert found.findings == []


def test_own_lines_and_deleted_files_show_by_folder(project: Path) -> None:
    (project / "steps.py").unlink()
    (project / "src").mkdir()
    (project / "src" / "mine.py").write_text("a = 1\n")
    by_name = {f.folder: f for f in template_delta.delta(project).folders}
    assert (by_name["src/"].own, by_name["src/"].share) == (1, 1)
    assert by_name["."].deleted == 1
    shown = "\n".join(template_delta.lines(template_delta.delta(project)))
    assert "src/" in shown
    assert "100%" in shown


def test_a_lock_that_lacks_hashes_is_a_finding_and_gains_nothing(project: Path) -> None:
    raw = json.loads((project / LOCK).read_text())
    raw["files"]["steps.py"]["shingles"] = []
    (project / LOCK).write_text(json.dumps(raw))
    found = template_delta.delta(project)
    assert found.total.own == 0
    assert "steps.py" in found.findings[0]
    (project / LOCK).unlink()
    assert "there is no" in template_delta.delta(project).findings[0]


def test_another_version_is_measured_by_its_lock_and_that_is_said(project: Path) -> None:
    place = project / "scaffold.toml"
    place.write_text(place.read_text().replace('"1.0.0"', '"0.9.0"'))
    found = template_delta.delta(project)
    assert not found.rendered
    assert "0.9.0" in found.findings[0]


@pytest.mark.parametrize("name", ["../../x\\nb", "", "a" * 400])
def test_answers_of_a_hostile_project_are_checked_as_those_of_a_new_one(
    project: Path, name: str
) -> None:
    place = project / "scaffold.toml"
    kept = place.read_text().replace('"Rules"', f'"{name}"')
    place.write_text(kept if name else kept.replace("project_name", "other"))
    with pytest.raises(UsageError):
        template_delta.delta(project)
