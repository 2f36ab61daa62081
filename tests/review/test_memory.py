"""What was read before is known again, and whatever befalls the file, a review goes on."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from scaffolder.paths import cache_dir
from scaffolder.review import memory, secrets, view
from tests.review import hiding_places as places

KEY = memory.key("test", b"1", b"content")


def put(folder: Path, name: bytes = KEY, value: bytes = b"value") -> None:
    with memory.opened(folder) as kept:
        memory.put(kept, name, value)


def got(folder: Path, name: bytes = KEY) -> bytes | None:
    with memory.opened(folder) as kept:
        return memory.get(kept, name)


def test_a_value_is_there_the_next_time(tmp_path: Path) -> None:
    put(tmp_path / "cache")
    assert got(tmp_path / "cache") == b"value"


def test_kind_version_and_content_each_make_another_value() -> None:
    others = [("other", b"1", b"content"), ("test", b"2", b"content"), ("test", b"1", b"c")]
    assert KEY not in {memory.key(*each) for each in others}


def test_a_version_changes_with_the_code(tmp_path: Path) -> None:
    code = tmp_path / "code.py"
    code.write_text("x = 1\n")
    before = memory.version([code])
    code.write_text("x = 2\n")
    assert memory.version([code]) != before
    assert memory.version([code], "engine 2") != memory.version([code], "engine 1")


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    put(tmp_path / "cache")
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0
    assert (tmp_path / "cache/review.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_corrupt_file_is_made_again(content: bytes, tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "review.db").write_bytes(content)
    assert got(tmp_path) is None
    put(tmp_path)
    assert got(tmp_path) == b"value"


def test_a_value_that_was_changed_is_none(tmp_path: Path) -> None:
    put(tmp_path)
    with sqlite3.connect(tmp_path / "review.db") as database:
        database.execute("UPDATE kept SET value = ?", (b"x" * 20,))
    database.close()
    assert got(tmp_path) is None


@pytest.mark.parametrize("which", ["review.db", "."])
def test_what_others_may_change_is_left_alone(which: str, tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / which).chmod(0o777)
    assert got(tmp_path) is None
    put(tmp_path, value=b"other")
    (tmp_path / which).chmod(0o700)
    assert got(tmp_path) == b"value"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no owners")
def test_what_somebody_else_owns_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert got(tmp_path) is None


def test_a_link_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path / "real")
    (tmp_path / "cache").mkdir(mode=0o700)
    (tmp_path / "cache/review.db").symlink_to(tmp_path / "real/review.db")
    assert got(tmp_path / "cache") is None


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    put(tmp_path / "file/cache")
    assert got(tmp_path / "file/cache") is None


def test_a_locked_file_is_no_error(tmp_path: Path) -> None:
    put(tmp_path)
    other = sqlite3.connect(tmp_path / "review.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    put(tmp_path, value=b"other")
    other.close()
    assert got(tmp_path) == b"value"


def test_two_processes_write_side_by_side(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from scaffolder.review import memory\n"
        "for n in range(50):\n"
        "    with memory.opened(Path(sys.argv[1])) as kept:\n"
        "        memory.put(kept, memory.key(sys.argv[2], b'', b'%d' % n), b'v')\n"
    )
    words = [sys.executable, "-c", script, str(tmp_path / "cache")]
    running = [subprocess.Popen([*words, kind]) for kind in "ab"]
    assert [process.wait() for process in running] == [0, 0]
    found = [got(tmp_path / "cache", memory.key(kind, b"", b"49")) for kind in "ab"]
    assert b"v" in found


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_BYTES", 200_000)
    for n in range(12):
        put(tmp_path, memory.key("large", b"", b"%d" % n), os.urandom(50_000))
    assert (tmp_path / "review.db").stat().st_size < 400_000


@pytest.mark.parametrize("name", [*places.PLACES][::6])
def test_a_key_is_found_again_the_second_time(name: str, tmp_path: Path) -> None:
    _, build = places.PLACES[name]
    build(tmp_path, places.key())
    first, second = scanned(tmp_path), scanned(tmp_path)
    assert first == second
    assert first.findings


def test_no_trace_of_a_key_is_kept(tmp_path: Path) -> None:
    places.commit(tmp_path, {"a.py": f'K = "{places.key()}"\n', "b.py": "x = 1\n"})
    scanned(tmp_path)
    database = sqlite3.connect(cache_dir() / "review.db")
    kept = database.execute("SELECT value FROM kept").fetchall()
    database.close()
    assert kept
    assert {len(value) for (value,) in kept} == {8}


def test_a_version_is_not_clean_because_the_rest_was_told_before(tmp_path: Path) -> None:
    """The second version adds a line to a leak; alone in another repository it is a leak."""
    leak = f'K = "{places.key()}"\n' + "".join(f"x{n} = {n}\n" for n in range(40))
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    for text in (leak, leak + "y = 2\n", ""):
        places.commit(one, {"a.py": text})
    assert scanned(one).findings
    for text in (leak + "y = 2\n", ""):
        places.commit(two, {"a.py": text})
    assert scanned(two).findings


def test_python_is_read_the_same_from_memory(tmp_path: Path) -> None:
    code = (
        'import os\nfrom openai import OpenAI\nclient = OpenAI(timeout=3, name="é\\ud800")\n'
        "class A(dict):\n    async def f(self, a: int = 1) -> None:\n        try:\n"
        "            yield client.chat(-2, x=1.5, y=True, z=a)\n"
        "        except (ValueError, OSError):"
        '\n            raise\n\ndef test_a() -> None:\n    assert f"{os}" == "b"\n'
    )
    cell = {"cell_type": "code", "source": "import numpy\n", "metadata": {}, "outputs": []}
    places.put(tmp_path, {"a.py": code, "b/a.py": code, "n.ipynb": places.notebook([cell])})
    assert python(tmp_path) == python(tmp_path)
    assert [file.path for file in python(tmp_path)] == ["a.py", "b/a.py", "n.ipynb"]


def scanned(folder: Path) -> secrets.SecretScan:
    with view.opened(folder) as opened:
        return opened.once(secrets.scan)


def python(folder: Path) -> tuple[object, ...]:
    with view.opened(folder) as opened:
        return opened.python
