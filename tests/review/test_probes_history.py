"""History: steps of the author's own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asked import ask

from scaffolder.review import view
from scaffolder.review.cleanroom import Commit, History, Repository
from scaffolder.review.probes import history


def commits(
    count: int, apart: int = 1, message: str = "rank by words, {n}"
) -> list[dict[str, Any]]:
    return [
        {
            "message": message.replace("{n}", str(n)),
            "days_ago": (count - n) * apart,
            "files": {f"m{n}.py": {"lines": 10, "line": "a{n} = 1"}},
        }
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("made", "answer"), [(commits(8), "yes"), (commits(8, 0), "partial"), (commits(2), "no")]
)
def test_steps_are_many_commits_over_days(made: list[Any], answer: str, tmp_path: Path) -> None:
    assert ask("history.in_steps", {"commits": made, "z.py": "z = 1"}, tmp_path).answer == answer


def test_the_generator_s_first_commit_is_not_the_author_s(tmp_path: Path) -> None:
    first = {"message": "Start it", "days_ago": 30, "files": {".scaffold/template.lock": "{}"}}
    tree = {"commits": [first, *commits(3)], "z.py": "z = 1"}
    found = ask("history.in_steps", tree, tmp_path)
    assert (found.answer, "4 commits" in found.reason) == ("no", True)


def test_one_upload_is_no_history(tmp_path: Path) -> None:
    tree = {"commits": commits(8), "z.py": {"lines": 900, "line": "z{n} = 1"}}
    assert ask("history.no_dump", tree, tmp_path).answer == "no"


@pytest.mark.parametrize(("message", "answer"), [("update", "partial"), ("label {n} rows", "yes")])
def test_messages_say_what_changed(message: str, answer: str, tmp_path: Path) -> None:
    tree = {"commits": commits(8, message=message), "z.py": "z = 1"}
    assert ask("history.messages", tree, tmp_path).answer == answer


def test_a_shallow_clone_decides_nothing(tmp_path: Path) -> None:
    shallow = Repository(tmp_path, History(True, complete=False))
    found = history.in_steps(view.RepoView(tmp_path, shallow))
    assert (found.answer, bool(found.verify)) == ("unknown", True)


def test_without_git_there_is_no_history(tmp_path: Path) -> None:
    assert ask("history.messages", {"a.py": "a = 1"}, tmp_path).answer == "no"


def test_a_corpus_that_is_committed_is_no_upload(tmp_path: Path) -> None:
    tree = {
        "commits": commits(8),
        "corpus/laws.md": {"lines": 900, "line": "law {n}"},
        "b.csv": "1",
    }
    assert ask("history.no_dump", tree, tmp_path).answer == "yes"


@pytest.mark.parametrize("day", [400, -400])
def test_a_date_that_cannot_be_is_told_and_makes_no_days(day: int, tmp_path: Path) -> None:
    odd = {"message": "split", "days_ago": day, "files": {"o.py": "o = 1"}}
    tree = {"commits": [*commits(5, 0), odd, *commits(4, 0)], "z.py": "z = 1"}
    found = ask("history.in_steps", tree, tmp_path)
    assert (found.answer, "1 commit is dated" in found.reason) == ("partial", True)
    assert "within a day" in found.reason


def test_days_are_whole_and_authors_counted(tmp_path: Path) -> None:
    when = datetime.now(UTC)
    made = [
        Commit(f"{n}", f"author {n % 2}", when - timedelta(days=27.3 * n), f"step {n}", 0)
        for n in range(10)
    ]
    known = Repository(tmp_path, History(True, complete=True, commits=tuple(made)))
    found = history.in_steps(view.RepoView(tmp_path, known))
    assert found.reason == "10 commits by 2 authors over 245 days."
