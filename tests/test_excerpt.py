"""A look at a file of a reviewed folder: bounded, below the folder, nothing a terminal acts on."""

import os
from pathlib import Path

import pytest

from scaffolder.journeys.excerpt import LIMIT, LINE, excerpt
from scaffolder.review.model import Evidence

KEY = "sk-ant-api03-" + "a1B2" * 24


def _seen(root: Path, path: str, line: int | None = None) -> str:
    found = excerpt(root, Evidence(path, line))
    return found.why_not or "\n".join(found.shown(0, 50))


def test_the_lines_and_which_of_them_are_meant(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\ntwo\nthree\nfour\n")
    found = excerpt(tmp_path, Evidence("a.py", 2, 3))
    assert (found.first, found.last, list(found.lines)) == (2, 3, ["one", "two", "three", "four"])
    assert found.shown(1, 2) == ["two", "three"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (".git", "history"),
        (".", "folder as a whole"),
        ("gone.py", "no such file"),
        ("gone/at/all.py", "no such file"),
        ("picture.png", "binary"),
        ("link.txt", "link"),
        ("inside/secret.txt", "link"),
        ("../outside.txt", "outside"),
        ("a\0b", "outside"),
        ("pipe", "Not shown"),
        ("folder", "Not shown"),
        ("", "Not shown"),
    ],
)
def test_what_is_no_file_of_the_folder_is_told_in_words(
    tmp_path: Path, path: str, said: str
) -> None:
    root, secret = tmp_path / "repo", "what nobody may see"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "outside.txt").write_text(secret)
    (tmp_path / "secret.txt").write_text(secret)
    (root / "picture.png").write_bytes(b"\x89PNG\0\1\2\3\0")
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    (root / "inside").symlink_to(tmp_path)
    os.mkfifo(root / "pipe")
    seen = _seen(root, path, 1)
    assert said in seen
    assert secret not in seen


def test_a_line_that_is_gone_is_not_shown_as_another(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\n")
    assert "Line 9 lies beyond the 1 lines" in _seen(tmp_path, "a.py", 9)


def test_nothing_that_a_terminal_acts_on_is_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(
        b"\x1b]52;c;eA==\x07 \x1b[2J \xc2\x9b31m \xe2\x80\xae \x08 [@click=app.quit()]X[/]\n"
    )
    line = _seen(tmp_path, "a.md", 1)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e" for c in line)
    assert "[@click=app.quit()]X[/]" in line


def test_a_key_is_cut_off_and_the_body_of_a_private_key_hidden(tmp_path: Path) -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    (tmp_path / "a.env").write_text(
        f"KEY={KEY}\n-----BEGIN RSA PRIVATE KEY-----\n{body}\n{body}\n"
        "-----END RSA PRIVATE KEY-----\nlast\n"
    )
    seen = _seen(tmp_path, "a.env", 1)
    assert KEY not in seen
    assert body not in seen
    assert seen.endswith("last")


def test_a_line_of_ten_megabytes_and_a_file_of_many_lines_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("x" * 10_000_000)
    (tmp_path / "many.txt").write_text("a line\n" * 1_000_000)
    long = excerpt(tmp_path, Evidence("long.txt", 1))
    assert len(long.shown(0, 10)[0]) < LINE + 40
    many = excerpt(tmp_path, Evidence("many.txt", 999_999))
    assert many.why_not == "Line 999,999 lies beyond the first 4 MB of 7 MB."
    assert sum(map(len, excerpt(tmp_path, Evidence("many.txt", 5)).lines)) <= LIMIT
