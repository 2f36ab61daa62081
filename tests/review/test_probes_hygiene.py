"""The tree: licence, rubbish, notebooks, ignore file."""

from pathlib import Path

import pytest
from asked import ask

from scaffolder.review import trees, view
from scaffolder.review.probes import hygiene


@pytest.mark.parametrize(
    ("tree", "answer"),
    [
        ({"LICENSE": "MIT License"}, "yes"),
        ({"licence.md": "MIT"}, "yes"),
        ({"COPYING": "GPL"}, "yes"),
        ({"UNLICENSE": "This is free and unencumbered software."}, "yes"),
        ({"LICENSE": "todo"}, "no"),
        ({"LICENSE": "All rights reserved. Do not use."}, "no"),
        ({"LICENSE": "You may not use this."}, "no"),
        ({"LICENSE": "You may read and run this for your own study."}, "partial"),
        ({"LICENSE": "Redistribution and use in\nsource and binary forms"}, "yes"),
        ({"LICENSE-MIT": "MIT"}, "yes"),
        ({"LICENSES/MIT.txt": "MIT"}, "yes"),
        ({"README.md": "## License\n\nMIT\n"}, "partial"),
        ({"README.md": "Released under the MIT License."}, "partial"),
        ({"pyproject.toml": '[project]\nlicense = "MIT"\n'}, "partial"),
        ({"package.json": '{\n  "license": "MIT"\n}'}, "partial"),
        ({"server/package.json": '{\n  "license": "ISC"\n}'}, "partial"),
        ({"a/b/package.json": '{\n  "license": "ISC"\n}'}, "no"),
        ({"DATA_LICENSE": "CC BY"}, "partial"),
        ({"LICENSE": " \n"}, "no"),
        ({"src/license_check.py": "x = 1"}, "no"),
        ({"README.md": "Accept the licence of the data provider."}, "no"),
    ],
)
def test_a_licence_is_a_text_of_its_own(tree: dict[str, str], answer: str, tmp_path: Path) -> None:
    assert ask("hygiene.license_file", tree, tmp_path).answer == answer


@pytest.mark.parametrize(
    "path", [".env", "a/.DS_Store", "x.pyc", "nb/.ipynb_checkpoints/a.ipynb", "rota.egg-info/PKG"]
)
def test_what_a_program_wrote_is_found(path: str, tmp_path: Path) -> None:
    tree = {"commits": [], path: "x", "a.py": "a = 1"}
    found = ask("hygiene.only_source", tree, tmp_path)
    assert (found.answer, found.evidence[0].path) == ("no", path)


def test_what_git_does_not_track_does_not_count(tmp_path: Path) -> None:
    trees.build({"commits": [], "a.py": "a = 1"}, tmp_path)
    (tmp_path / ".env").write_text("A=1")
    with view.opened(tmp_path) as seen:
        assert hygiene.only_source(seen).answer == "yes"


def book(outputs: str, source: str = "1") -> str:
    cell = f'{{"cell_type": "code", "source": ["{source}"], "outputs": {outputs}}}'
    return f'{{"cells": [{cell}]}}'


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (book("[]"), "yes"),
        (book('[{"data": {"image/png": "aGk="}}]'), "partial"),
        (book('[{"text": "1"}]', "x" * 1_200_000), "partial"),
        ("{", "unknown"),
    ],
    ids=["none", "picture", "large", "broken"],
)
def test_outputs_are_seen_in_a_notebook_of_any_size(text: str, answer: str, tmp_path: Path) -> None:
    assert ask("hygiene.notebooks_clean", {"a.ipynb": text}, tmp_path).answer == answer


@pytest.mark.parametrize(
    ("ignored", "answer"),
    [
        (".env\n__pycache__/\n", "yes"),
        (".env\n!.env\n__pycache__/\n", "partial"),
        ("!.env\n.env\n__pycache__/\n!*.pyc\n", "yes"),
        ("*\n!*.py\n", "yes"),
    ],
)
def test_the_last_pattern_that_fits_decides(ignored: str, answer: str, tmp_path: Path) -> None:
    tree = {".gitignore": ignored, "a.py": "import os\nos.environ['A_KEY']\n"}
    assert ask("hygiene.ignores_what_is_written", tree, tmp_path).answer == answer
