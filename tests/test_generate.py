"""Generation: whole or not at all, nothing of the user's touched, data never a template."""

from pathlib import Path

import pytest
from miniature import FILES, names, new, write_templates

from scaffolder import generate, staging
from scaffolder.errors import BrokenTemplate, CannotWrite, UsageError


@pytest.mark.usefixtures("templates")
def test_an_answer_is_data_not_a_template(tmp_path: Path) -> None:
    text = '{{ 7 * 7 }} {% raw %} "quoted" \\ ünï'
    made = new(tmp_path / "p", problem=text)
    assert text in (made.path / "README.md").read_text("utf-8")


@pytest.mark.usefixtures("templates")
def test_a_later_layer_replaces_a_file_and_fills_a_part(tmp_path: Path, templates: Path) -> None:
    for layer, text in (("_base", "base"), ("tiny", "tiny")):
        (templates / layer / "template").mkdir(exist_ok=True)
        (templates / layer / "parts").mkdir(exist_ok=True)
        (templates / layer / "template" / "same.txt").write_text(text)
        (templates / layer / "parts" / "part.md").write_text(f"part of {text}")
    (templates / "_base" / "template" / "whole.md.jinja").write_text(
        '{% include "parts/part.md" %}'
    )
    made = new(tmp_path / "p")
    assert (made.path / "same.txt").read_text() == "tiny"
    assert (made.path / "whole.md").read_text() == "part of tiny"
    assert not (made.path / "parts").exists()


@pytest.mark.usefixtures("templates")
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("file", "is a file"),
        ("full", "is not empty"),
        ("link", "is a link"),
        ("below a file", "is a file, so"),
    ],
)
def test_a_taken_destination_is_refused_and_left(tmp_path: Path, kind: str, said: str) -> None:
    target = tmp_path / "p"
    if kind == "full":
        target.mkdir()
        (target / "mine.txt").write_text("keep")
    elif kind == "link":
        (tmp_path / "real").mkdir()
        target.symlink_to(tmp_path / "real")
    else:
        target.write_text("keep")
    before = sorted(map(str, tmp_path.rglob("*")))
    with pytest.raises(UsageError, match=said):
        new(target / "deeper" if kind == "below a file" else target)
    assert sorted(map(str, tmp_path.rglob("*"))) == before


@pytest.mark.usefixtures("templates")
def test_a_destination_that_cannot_be_looked_at_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="File name too long"):
        new(tmp_path / ("x" * 300))
    with pytest.raises(UsageError, match="no such user"):
        new(Path("~nosuchuser/x"))


@pytest.mark.usefixtures("templates")
def test_a_relative_destination_in_a_folder_that_is_gone_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(UsageError, match="started in is gone"):
        new(Path("p"))
    assert new(tmp_path / "p").commit


@pytest.mark.usefixtures("templates")
def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    assert new(tmp_path / "p").commit


@pytest.mark.usefixtures("templates")
def test_a_destination_inside_a_repository_is_said(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert any("inside the repository" in notice for notice in new(tmp_path / "p").notices)


@pytest.mark.usefixtures("templates")
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(generate, "lock_text", full)
    with pytest.raises(CannotWrite, match="No space left"):
        new(tmp_path / "a" / "b")
    assert names(tmp_path) == ["templates"]


@pytest.mark.usefixtures("templates")
def test_of_two_runs_the_first_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_first(tree: Path, target: Path, move: object = staging.move) -> None:
        target.mkdir()
        (target / "theirs.txt").write_text("keep")
        move(tree, target)  # type: ignore[operator]

    monkeypatch.setattr(staging, "move", other_first)
    with pytest.raises(UsageError, match="meanwhile"):
        new(tmp_path / "p")
    assert names(tmp_path / "p") == ["theirs.txt"]


DEMO = "demo = [" + FILES["scaffold.toml.jinja"].partition("demo = [")[2].partition("\n")[0] + "\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"{{ '.GIT' }}/config": "x"}, "git's own folder: .GIT"),
        ({"git~1/config": "x"}, "git's own folder: git~1"),
        ({".gitmodules": "x"}, "git's own folder: .gitmodules"),
        ({"big.bin": b"x" * 5_000_001}, "big.bin is larger"),
        ({"a.txt.jinja": "{{ nobody_asked }}"}, "'nobody_asked' is undefined"),
        ({"a.txt.jinja": "{% if %}"}, "does not render: Expected an expression"),
        ({"{{ '..' }}/out.txt": "x"}, "does not render: .* is forbidden"),
        ({"scaffold.toml.jinja": "[scaffold"}, "scaffold.toml is broken: .*not valid TOML"),
        (
            {"scaffold.toml.jinja": FILES["scaffold.toml.jinja"].replace(DEMO, "")},
            "scaffold.toml has no command: demo",
        ),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_a_bad_template_makes_nothing(
    tmp_path: Path, templates: Path, files: dict[str, str], said: str
) -> None:
    write_templates(templates, FILES | files)
    with pytest.raises(BrokenTemplate, match=said):
        new(tmp_path / "x" / "p")
    assert not (tmp_path / "x").exists()


def test_what_an_installer_compiled_is_no_part_of_a_template(
    tmp_path: Path, templates: Path
) -> None:
    write_templates(templates, FILES | {"src/__pycache__/a.cpython-311.pyc": b"\x00"})
    assert not list(new(tmp_path / "p").path.rglob("*.pyc"))


def test_a_template_cannot_write_hooks(tmp_path: Path, templates: Path) -> None:
    write_templates(templates, FILES | {"{{ '.git' }}/hooks/post-commit": "x"})
    assert not (new(tmp_path / "p").path / ".git" / "hooks").exists()


def test_a_link_in_a_template_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link.md").symlink_to("/etc/passwd")
    with pytest.raises(BrokenTemplate, match="not a file"):
        generate.gate(tmp_path / "tree")


@pytest.mark.usefixtures("templates")
def test_an_empty_folder_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir(mode=0o700)
    assert new(tmp_path / "p").path.stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("templates")
def test_gits_own_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="git's own folder"):
        new(tmp_path / ".git" / "p")
