"""Nothing outside of the folder is opened, nothing is waited on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_files import CANARY, irregular, links

from scaffolder.review.files import tree
from scaffolder.review.files.tree import Tree, why


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture(params=[True, False], ids=["descriptors", "paths"])
def opened(request: pytest.FixtureRequest, root: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Both ways to open: with and without descriptors of folders, as on Windows."""
    monkeypatch.setattr(tree, "_BY_DESCRIPTOR", request.param)
    return Tree(root)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("README.md", "is a link (not followed)"),
        ("chain", "is a link (not followed)"),
        ("docs/secret", "lies behind a link or a file (not followed)"),
        ("self", "is a link (not followed)"),
        ("loop/outside/secret", "lies behind a link or a file (not followed)"),
        ("../outside/secret", "has a name that lies outside of the folder"),
        ("/etc/passwd", "has a name that lies outside of the folder"),
        ("a/./b", "has a name that lies outside of the folder"),
        ("..", "has a name that lies outside of the folder"),
        ("main.py\0", "has a name that lies outside of the folder"),
        ("d/" * 300 + "x", "lies deeper than 200 folders"),
        ("gone", "is not there"),
    ],
)
def test_nothing_is_read_through_a_link_or_outside(
    root: Path, opened: Tree, path: str, reason: str
) -> None:
    links(root)
    with pytest.raises(OSError, check=why) as refused:
        opened.read(path, 100)
    assert why(refused.value) == reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("pyproject.toml", "is a pipe and no regular file"),
        ("config.yaml", "is a link (not followed)"),
        ("Makefile", "is a folder"),
        ("requirements.txt", "is a socket and no regular file"),
    ],
)
def test_what_is_no_file_is_refused_at_once(
    root: Path, opened: Tree, path: str, reason: str
) -> None:
    irregular(root)
    with pytest.raises(OSError, check=why) as refused:
        opened.read(path, 100)
    assert why(refused.value) == reason


def test_the_beginning_is_read_and_the_size_known(root: Path, opened: Tree) -> None:
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "x").write_text("0123456789")
    assert opened.read("a/b/x", 4) == (b"0123", 10)
    assert opened.read("a/b/x", 100) == (b"0123456789", 10)


def test_more_folders_than_are_kept_open_stay_readable(root: Path) -> None:
    for number in range(200):
        (root / str(number)).mkdir()
        (root / str(number) / "x").write_text(str(number))
    opened = Tree(root)
    for number in [*range(200), 0]:
        assert opened.read(f"{number}/x", 10)[0] == str(number).encode()
    assert len(opened._folders) <= 65


def test_closing_lets_go_of_every_descriptor(root: Path) -> None:
    (root / "a").mkdir()
    (root / "a" / "x").write_text("x")
    opened = Tree(root)
    opened.read("a/x", 1)
    held = list(opened._folders.values())
    opened.close()
    assert held
    for descriptor in held:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)


@pytest.fixture
def swapping(root: Path) -> Iterator[None]:
    """A second process that swaps the folder `now` for a link to the outside, and back."""
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "x").write_text(CANARY)
    (root / "now").mkdir()
    (root / "now" / "x").write_text("own")
    (root / "link").symlink_to(outside)
    script = (
        "import os\nwhile True:\n"
        "  for old, new in ('now', 'real'), ('link', 'now'), ('now', 'link'), ('real', 'now'):\n"
        "    os.rename(old, new)\n"
    )
    with subprocess.Popen([sys.executable, "-I", "-c", script], cwd=root) as other:
        yield
        other.kill()


@pytest.mark.usefixtures("swapping")
def test_a_folder_swapped_for_a_link_never_leads_outside(root: Path) -> None:
    outcomes: set[bytes] = set()
    both = {b"own", b"lies behind a link or a file (not followed)"}
    for number in range(100_000):
        opened = Tree(root)
        try:
            outcomes.add(opened.read("now/x", 100)[0])
        except OSError as refused:
            outcomes.add(why(refused).encode())
        opened.close()
        if number > 3_000 and both <= outcomes:
            break
    assert CANARY.encode() not in outcomes
    assert both <= outcomes
