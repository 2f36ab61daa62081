"""The notebook outlives damage, other versions, folders that may not be written, and kills."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder import notebook

KILLS = int(os.environ.get("SCAFFOLD_TEST_KILLS", "8"))
WRITER = """
from scaffolder import notebook
for n in range(10_000):
    notices = notebook.rate(f"q{n}", "partly")
    print(notices or n, flush=True)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def kept_aside() -> list[bytes]:
    """What lies beside the notebook because it could not be used."""
    folder = notebook.notebook_file().parent
    return [path.read_bytes() for path in sorted(folder.glob("notebook.db.kept-*"))]


def test_nothing_is_created_by_reading() -> None:
    assert notebook.load() == notebook.Notebook()
    assert not notebook.notebook_file().parent.exists()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(notebook.RATINGS)), max_size=8))
def test_ratings_are_read_back_in_order_the_one_rated_longest_ago_first(
    tmp_path_factory: pytest.TempPathFactory, rated: list[tuple[str, str]]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        for question, rating in rated:
            assert notebook.rate(question, rating) == ()
        kept = notebook.load().ratings
    for question, ratings in kept.items():
        assert ratings == [rating for name, rating in rated if name == question]
    last = {question: at for at, (question, _) in enumerate(rated)}
    assert list(kept) == sorted(last, key=lambda question: last[question])


def test_only_a_rating_is_kept_as_one() -> None:
    with pytest.raises(ValueError, match="no rating"):
        notebook.rate("q", "well")
    assert not notebook.notebook_file().exists()


@pytest.mark.parametrize("damage", ["noise", "cut", "no rating", "newer"])
def test_a_file_that_cannot_be_used_is_kept_aside_whole(damage: str) -> None:
    notebook.rate("q", "strong")
    path = notebook.notebook_file()
    if damage == "noise":
        path.write_bytes(random.Random(7).randbytes(9000))
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    else:
        change = "UPDATE ratings SET rating = 'well'"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(change if damage == "no rating" else "PRAGMA user_version = 99")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    read = notebook.load()
    assert read.ratings == {}
    assert "It is kept, unchanged" in read.notices[0]
    assert before in kept_aside()
    assert notebook.rate("q", "partly") == ()
    assert notebook.load().ratings == {"q": ["partly"]}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_a_notice_by_permission() -> None:
    notebook.rate("q", "strong")
    folder = notebook.notebook_file().parent
    folder.chmod(0o500)
    try:
        assert "not being kept" in notebook.rate("q", "missed")[0]
    finally:
        folder.chmod(0o700)


def test_a_place_where_no_file_can_be_is_a_notice(home: Path) -> None:
    (home / "data").write_text("a file, where the folder of the notebook would be")
    assert "the notebook is not being kept" in notebook.rate("q", "strong")[0]
    assert notebook.load().ratings == {}


def test_what_was_told_to_be_kept_outlives_a_kill() -> None:
    """Whatever was printed had been written; what is there is a beginning of what was tried."""
    for attempt in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
        )
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(1 + attempt * 3)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
        process.wait()
        process.stdout.close()
        kept = notebook.load()
        assert kept.notices == ()
        whole = [line for line in told if line.endswith("\n")]
        assert {f"q{line.strip()}" for line in whole} <= set(kept.ratings)
    assert kept_aside() == []
