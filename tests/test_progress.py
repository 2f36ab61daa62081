"""Progress outlives crashes, second processes, broken files, full disks and wrong clocks."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffolder import progress, statefile

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
KILLS = int(os.environ.get("SCAFFOLD_TEST_KILLS", "40"))
WRITER = """
import sys
from pathlib import Path
from scaffolder import progress
for n in range(int(sys.argv[2])):
    notices = progress.record_project("rag-app", Path(f"/{sys.argv[1]}/{n}"))
    print(notices or n, flush=True)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def state() -> Path:
    """A state file with one skill in it."""
    assert progress.start_build("rag-app", NOON) == ()
    return progress.state_file()


def kept_beside(state: Path) -> list[Path]:
    return sorted(state.parent.glob("progress.db.kept-*"))


def identity(path: Path) -> tuple[int, ...]:
    status = path.lstat()
    return status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns


def writer(name: str, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, name, str(times)]
    root = Path(__file__).parent.parent
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)


def recorded(state: Path) -> set[str]:
    with closing(sqlite3.connect(state)) as connection:
        rows = connection.execute("SELECT path FROM projects").fetchall()
    return {str(path).strip('"') for (path,) in rows}


def test_nothing_is_created_by_reading() -> None:
    assert progress.load() == progress.Progress()
    assert not progress.state_file().parent.exists()


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    progress.start_studying("rag-app", NOON)
    progress.record_project("rag-app", tmp_path / "first")
    progress.record_project("rag-app", tmp_path / "second \udc80")
    progress.save_profile({"domain": "law", "task": "ä"})
    progress.save_profile({"domain": "music"})
    kept = progress.load()
    assert kept.profile == {"domain": "music", "task": "ä"}
    assert kept.skills["rag-app"] == progress.SkillProgress(
        "rag-app",
        "studying",
        NOON,
        project=str(tmp_path / "second \udc80"),
        earlier=(str(tmp_path / "first"),),
    )


@pytest.mark.usefixtures("state")
def test_starting_again_changes_nothing_and_says_since_when() -> None:
    later = NOON + timedelta(hours=5)
    assert "2026-03-29 12:00 UTC" in progress.start_build("rag-app", later)[0]
    assert "2026-03-29 12:00 UTC" in progress.start_studying("rag-app", later)[0]
    assert progress.load(later).skills["rag-app"].build_started == NOON


def test_the_skill_begun_last_comes_last_whatever_the_clock_says() -> None:
    progress.start_studying("rag-app", NOON)
    progress.start_studying("agent", NOON - timedelta(days=900))
    assert list(progress.load().skills) == ["rag-app", "agent"]
    progress.start_build("rag-app", NOON - timedelta(days=999))
    assert list(progress.load().skills) == ["agent", "rag-app"]


@pytest.mark.usefixtures("state")
def test_the_clock_counts_48_hours() -> None:
    def at(hours: float) -> progress.Clock:
        return progress.build_clock(
            progress.load(NOON).skills["rag-app"], NOON + timedelta(hours=hours)
        )

    assert at(0) == progress.Clock(0, 48, over=False)
    assert at(47) == progress.Clock(47, 1, over=False)
    assert at(50) == progress.Clock(50, 0, over=True)


@pytest.mark.usefixtures("state")
@given(st.lists(st.integers(-60_000, 60_000), max_size=4))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_clock_that_jumps_never_gives_hours_back(jumps: list[int]) -> None:
    elapsed = 0.0
    for hours in [*jumps, 0]:
        now = NOON + timedelta(hours=hours)
        clock = progress.build_clock(progress.load(now).skills["rag-app"], now)
        assert clock.hours_elapsed >= elapsed
        assert 0 <= clock.hours_left <= progress.BUILD_HOURS
        elapsed = clock.hours_elapsed


@pytest.mark.usefixtures("state")
def test_a_clock_set_back_goes_on_counting_from_there() -> None:
    progress.load(NOON + timedelta(hours=10))
    progress.load(NOON - timedelta(days=1))
    now = NOON - timedelta(days=1) + timedelta(hours=3)
    clock = progress.build_clock(progress.load(now).skills["rag-app"], now)
    assert clock.hours_elapsed == pytest.approx(13)


def spoil(state: Path, how: str) -> None:
    content = state.read_bytes()
    state.unlink()
    match how:
        case "text":
            state.write_text("{ not what you wrote")
        case "empty":
            state.touch()
        case "truncated":
            state.write_bytes(content[:5000])
        case "dangling link":
            state.symlink_to("nowhere")
        case "folder":
            state.mkdir()
            (state / "mine.txt").write_text("mine")
        case "FIFO":
            os.mkfifo(state)
        case "huge":
            with state.open("wb") as file:
                file.write(content)
                file.truncate(2**30)
        case "newer":
            state.write_bytes(content[:60] + (99).to_bytes(4, "big") + content[64:])
        case "another program's":
            state.write_bytes(content[:68] + b"else" + content[72:])
        case "wrong types":
            state.write_bytes(content)
            with closing(sqlite3.connect(state)) as connection:
                connection.execute("UPDATE skills SET studying_since = x'ff00'")
                connection.commit()
        case "other tables":
            state.write_bytes(content)
            with closing(sqlite3.connect(state)) as connection:
                connection.execute("ALTER TABLE skills RENAME TO skill")


@pytest.mark.parametrize(
    "how",
    [
        "text", "empty", "truncated", "dangling link", "folder", "FIFO", "huge", "newer",
        "another program's", "wrong types", "other tables",
    ],
)  # fmt: skip
@pytest.mark.parametrize("then", ["read", "write"])
def test_an_unusable_file_is_kept_and_said_once(state: Path, how: str, then: str) -> None:
    spoil(state, how)
    before = identity(state)
    content = state.read_bytes() if state.is_file() and how != "huge" else b""
    notices = progress.load().notices if then == "read" else progress.start_studying("agent")
    assert len(notices) == 1
    assert "It is kept" in notices[0]
    kept = kept_beside(state)[0]
    assert identity(kept) == before
    assert not content or kept.read_bytes() == content
    again = progress.load()
    assert again.notices == ()
    assert set(again.skills) == ({"agent"} if then == "write" else set())


def test_a_newer_file_is_named_as_such(state: Path) -> None:
    spoil(state, "newer")
    assert "newer scaffold" in progress.load().notices[0]


@given(st.binary(max_size=300))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_bytes_never_raise_and_are_never_lost(content: bytes) -> None:
    state = progress.state_file()
    state.parent.mkdir(parents=True, exist_ok=True)
    state.write_bytes(content)
    assert progress.start_studying("rag-app")
    assert content in {kept.read_bytes() for kept in kept_beside(state)}
    assert set(progress.load().skills) == {"rag-app"}
    shutil.rmtree(state.parent)


@given(st.integers(0, 20_479), st.binary(min_size=1, max_size=64))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_database_is_read_or_kept_unchanged(state: Path, at: int, noise: bytes) -> None:
    shutil.rmtree(state.parent)
    progress.start_build("rag-app", NOON)
    whole = state.read_bytes()
    damaged = (whole[:at] + noise + whole[at + len(noise) :])[: len(whole)]
    state.write_bytes(damaged)
    kept = progress.load(NOON)
    assert all("It is kept" in notice for notice in kept.notices)
    assert not kept.notices or kept_beside(state)[0].read_bytes() == damaged


def test_several_unusable_files_are_all_kept(state: Path) -> None:
    for text in ("one", "two", "three"):
        state.write_text(text)
        progress.load()
    assert [kept.read_text() for kept in kept_beside(state)] == ["one", "two", "three"]


def test_an_unfinished_log_goes_with_its_file_and_is_not_replayed(state: Path) -> None:
    with closing(sqlite3.connect(state)) as open_elsewhere:
        open_elsewhere.execute("UPDATE skills SET slug = 'ghost'")
        open_elsewhere.commit()
        log = Path(f"{state}-wal").read_bytes()
        state.write_text("{ not what you wrote")
        assert progress.load().skills == {}
        assert Path(f"{state}.kept-1-wal").read_bytes() == log
        assert Path(f"{state}.kept-1").read_text() == "{ not what you wrote"
    assert progress.load().skills == {}


def test_a_log_without_its_file_is_kept_too(state: Path) -> None:
    state.unlink()
    Path(f"{state}-wal").write_text("left")
    assert "It is kept" in progress.start_studying("agent")[0]
    assert Path(f"{state}.kept-1-wal").read_text() == "left"


def test_an_older_file_is_brought_up_to_date_beside_a_copy(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = (*progress.MIGRATIONS, ("ALTER TABLE profile ADD COLUMN at TEXT",))
    layout = statefile.Layout(progress.APPLICATION_ID, newer, progress.LAYOUT.check)
    monkeypatch.setattr(progress, "LAYOUT", layout)
    assert set(progress.load().skills) == {"rag-app"}
    with closing(sqlite3.connect(state)) as connection:
        assert connection.execute("SELECT at FROM profile").fetchall() == []
    with closing(sqlite3.connect(f"{state}.before-v2-1")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


@pytest.mark.usefixtures("state")
def test_a_failed_migration_leaves_the_old_file(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = (*progress.MIGRATIONS, ("CREATE TABLE half (x)", "nonsense"))
    layout = statefile.Layout(progress.APPLICATION_ID, newer, progress.LAYOUT.check)
    with monkeypatch.context() as patched:
        patched.setattr(progress, "LAYOUT", layout)
        assert "not being kept" in progress.start_studying("agent")[0]
    assert set(progress.load().skills) == {"rag-app"}


def test_no_acknowledged_write_is_lost_to_kill_minus_9() -> None:
    acknowledged: set[str] = set()
    pause = random.Random(7)
    for round_ in range(KILLS):
        process = writer(str(round_), 10_000)
        assert process.stdout is not None
        if round_ % 4:
            acknowledged.add(f"/{round_}/{process.stdout.readline().strip()}")
        time.sleep(pause.random() * (0.03 if round_ % 4 else 0.2))
        process.kill()
        said = process.stdout.read().splitlines()
        process.stdout.close()
        process.wait()
        acknowledged |= {f"/{round_}/{n}" for n in said if n.isdigit()}
    assert progress.load().notices == ()
    state = progress.state_file()
    assert acknowledged
    assert acknowledged <= recorded(state)
    assert kept_beside(state) == []


def test_two_writers_at_once_lose_nothing() -> None:
    writers = [writer(name, 200) for name in ("a", "b")]
    said = [process.communicate()[0].split() for process in writers]
    assert said == [[str(n) for n in range(200)]] * 2
    assert recorded(progress.state_file()) == {f"/{w}/{n}" for w in "ab" for n in range(200)}


def test_processes_that_meet_one_broken_file_keep_it_once(state: Path) -> None:
    state.write_text("{ not what you wrote")
    said = [process.communicate()[0] for process in [writer(name, 5) for name in "abc"]]
    assert sum(text.count("It is kept") for text in said) == 1
    assert [kept.read_text() for kept in kept_beside(state)] == ["{ not what you wrote"]
    assert len(recorded(state)) == 15


def test_another_process_that_does_not_let_go_is_said(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statefile, "WAIT_SECONDS", 0.05)
    with closing(sqlite3.connect(state, isolation_level=None)) as greedy:
        greedy.execute("BEGIN IMMEDIATE")
        assert "another scaffold" in progress.start_studying("agent")[0]
    assert progress.start_studying("agent") == ()


@pytest.mark.usefixtures("state")
def test_a_full_disk_is_said_and_the_old_state_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = statefile._connect

    def with_no_page_left(path: Path, mode: str, journal: str = "WAL") -> sqlite3.Connection:
        connection = connect(path, mode, journal)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(statefile, "_connect", with_no_page_left)
        assert "disk is full" in progress.save_profile({"task": "x" * 100_000})[0]
    assert progress.load(NOON).profile == {}
    assert set(progress.load(NOON).skills) == {"rag-app"}


def test_without_a_place_to_write_reading_is_empty_and_writing_is_a_notice(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "file").touch()
    monkeypatch.setattr(progress, "state_file", lambda: home / "file" / "scaffold" / "progress.db")
    assert progress.load() == progress.Progress()
    assert "progress is not being kept" in progress.start_studying("rag-app")[0]


def test_without_a_home_directory_nothing_is_written_where_we_stand(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setattr(progress, "state_file", lambda: Path("~/.local/scaffold/progress.db"))
    assert "no home directory" in progress.start_studying("rag-app")[0]
    assert list(home.iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_read_only_folder_is_read_as_far_as_it_can_be(state: Path, mode: int) -> None:
    state.parent.chmod(mode)
    try:
        kept = progress.load(NOON + timedelta(hours=1))
        notices = progress.start_studying("agent")
    finally:
        state.parent.chmod(0o700)
    assert set(kept.skills) == ({"rag-app"} if mode else set())
    assert all("not being kept" in notice for notice in (*kept.notices, *notices))
    assert notices
