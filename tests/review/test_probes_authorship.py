"""COM-03 says in one paragraph what is there and what is left."""

from pathlib import Path

from asked import ask

from scaffolder import manifest
from scaffolder.review.model import Answer

CODE = "".join(f"step_{n}()\n" for n in range(40))
TREE = {
    "scaffold.toml": '[scaffold]\nformat = 1\nskill = "x"\ntemplate_version = "1.0.0"\n',
    manifest.LOCK: manifest.lock_text("x", "1.0.0", {"src/p/steps.py": CODE.encode()}),
    "src/__init__.py": "",
    "src/p/steps.py": CODE + "mine()\n",
    "README.md": "# Mine\nI wrote it.\n",
}


def test_what_is_there_and_what_is_left_is_said_without_empty_files(tmp_path: Path) -> None:
    found = ask("authorship.own_work", TREE, tmp_path)
    assert found.answer is Answer.NO
    assert "src 2%, no evals, README 100%; 34% on average." in found.reason
    assert "1 of 41 lines of src are yours, 5 are wanted" in found.reason
    assert [e.path for e in found.evidence] == ["README.md", "src/p/steps.py"]
