"""What is said of secrets: where they are, in how much, and never what they are."""

import shutil
import time
from datetime import date
from pathlib import Path

import pytest

from scaffolder.review import engine, rubric, secrets, trees, view
from scaffolder.review.git import gitcommits
from scaffolder.review.mask import mask
from scaffolder.review.model import Answer, Item, Reading, Status, quote
from scaffolder.review.probes import leaks
from tests.review import hiding_places as places

REPEATED = "sk-ant-" + "api03-" + "Zk3" * 31 + "AA"

PROBES = (
    leaks.no_secret_at_head,
    leaks.no_secret_in_history,
    leaks.no_secret_under_other_refs,
    leaks.everything_was_read,
)


def asked(folder: Path) -> tuple[Reading, Reading, Reading]:
    with view.opened(folder) as opened:
        return (
            leaks.no_secret_at_head(opened),
            leaks.no_secret_in_history(opened),
            leaks.no_secret_under_other_refs(opened),
        )


def answers(folder: Path) -> list[Answer]:
    return [reading.answer for reading in asked(folder)]


def test_a_key_in_the_tree_is_in_the_history_too(tmp_path: Path) -> None:
    places.commit(tmp_path, {"config.py": f'KEY = "{REPEATED}"\n'})
    assert answers(tmp_path) == [Answer.NO, Answer.NO, Answer.YES]


def test_a_key_that_is_not_committed_is_in_the_tree_only(tmp_path: Path) -> None:
    places.commit(tmp_path, {"app.py": ""})
    places.put(tmp_path, {"config.py": f'KEY = "{REPEATED}"\n'})
    assert answers(tmp_path) == [Answer.NO, Answer.YES, Answer.YES]


def test_a_key_that_was_removed_is_in_the_history(tmp_path: Path) -> None:
    places.commit(tmp_path, {"config.py": f'KEY = "{REPEATED}"\n'})
    first = places.git(tmp_path, "rev-parse", "HEAD")
    places.commit(tmp_path, {"config.py": ""})
    head, history, _ = asked(tmp_path)
    assert (head.answer, history.answer) == (Answer.YES, Answer.NO)
    (place,) = history.evidence
    assert (place.path, place.line) == ("config.py", 1)
    assert first[:12] in place.text
    assert "Zk3" not in repr(history)


def test_a_default_password_is_partial(tmp_path: Path) -> None:
    places.commit(tmp_path, {"compose.yml": "POSTGRES_PASSWORD: postgres\n"})
    assert answers(tmp_path) == [Answer.PARTIAL, Answer.PARTIAL, Answer.YES]


@pytest.mark.parametrize("name", ["other branch", "tag message", "note", "branch name"])
def test_a_key_under_another_reference_is_told(name: str, tmp_path: Path) -> None:
    places.PLACES[name][1](tmp_path, places.key())
    assert answers(tmp_path) == [Answer.YES, Answer.YES, Answer.NO]
    assert places.key()[8:] not in repr(asked(tmp_path))


def test_a_key_that_no_reference_reaches_is_told_and_fails_nothing(tmp_path: Path) -> None:
    places.PLACES["unreachable object"][1](tmp_path, places.key())
    readings = asked(tmp_path)
    assert [r.answer for r in readings] == [Answer.YES] * 3
    assert "1 more secret" in readings[0].reason


def test_a_folder_without_git_has_no_history_to_search(tmp_path: Path) -> None:
    places.put(tmp_path, {"app.py": "print()\n"})
    assert answers(tmp_path) == [Answer.YES, Answer.UNKNOWN, Answer.UNKNOWN]


def test_nothing_found_is_said_with_what_was_read(tmp_path: Path) -> None:
    places.commit(tmp_path, {"app.py": "print()\n"})
    told = {e.path: e.text for e in asked(tmp_path)[0].evidence}
    assert told == {
        ".git": "read: 3 objects, 1 commit among them; none left out",
        ".": "read: 1 file of the working tree",
    }


def test_a_shallow_history_is_answered_for_what_was_read(tmp_path: Path) -> None:
    _, history, _ = asked(_shallow(tmp_path, {"config.py": "x = 1\n"}))
    assert history.answer is Answer.YES
    assert "this holds for what was read" in history.reason


def _shallow(folder: Path, last: places.Files) -> Path:
    """A clone of the newest commit alone of a repository with a key in the one before."""
    source = folder / "source"
    source.mkdir()
    places.commit(source, {"config.py": f'KEY = "{REPEATED}"\n'})
    places.commit(source, last)
    places.git(folder, "clone", "-q", "--depth", "1", source.as_uri(), "copy")
    shutil.rmtree(source)
    return folder / "copy"


def com_18(folder: Path) -> Item:
    known = rubric.load(with_trees=False)
    with view.opened(folder) as opened:
        (check,) = (c for c in known.checks if c.id == "COM-18")
        return engine.items([check], opened, date(2026, 1, 5))[0]


def test_nobody_passes_with_a_shallow_history(tmp_path: Path) -> None:
    found = com_18(_shallow(tmp_path, {"config.py": "x = 1\n"}))
    assert found.status is Status.UNVERIFIED
    assert "git fetch --unshallow" in found.how_to_verify
    assert "--refetch" not in found.how_to_verify


def test_what_is_found_in_a_shallow_history_fails(tmp_path: Path) -> None:
    copy = _shallow(tmp_path, {"other.py": f'KEY = "{REPEATED}"\n'})
    assert com_18(copy).status is Status.FAIL


def _without(folder: Path, name: str) -> None:
    (folder / ".git" / "objects" / name[:2] / name[2:]).unlink()


def test_nobody_passes_with_an_object_of_the_history_missing(tmp_path: Path) -> None:
    places.commit(tmp_path, {"a.py": "x = 1\n"})
    _without(tmp_path, places.git(tmp_path, "rev-parse", "HEAD:a.py"))
    places.commit(tmp_path, {"a.py": "x = 2\n"})
    found = com_18(tmp_path)
    assert found.status is Status.UNVERIFIED
    assert "git fetch --refetch" in found.how_to_verify
    assert answers(tmp_path) == [Answer.YES] * 3


def test_a_file_of_head_that_is_nowhere_is_named(tmp_path: Path) -> None:
    places.commit(tmp_path, {"a.py": "x = 1\n", "b.py": "y = 1\n"})
    _without(tmp_path, places.git(tmp_path, "rev-parse", "HEAD:a.py"))
    (tmp_path / "a.py").unlink()
    found = com_18(tmp_path)
    assert found.status is Status.UNVERIFIED
    assert "a.py: is at HEAD, and neither in the folder nor in git" in found.reason


@pytest.mark.parametrize("committed", [True, False])
def test_what_time_was_too_short_for_is_not_called_clean(
    committed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.commit(tmp_path, {"a.py": "x = 1\n"})
    if not committed:
        places.put(tmp_path, {"b.py": "y = 1\n"})
    monkeypatch.setattr(secrets, "PATIENCE", -1.0)
    found = com_18(tmp_path)
    assert found.status is Status.UNVERIFIED
    assert ("1 file: reading them took too long" in found.reason) is not committed


def test_objects_that_nothing_reaches_may_go_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.PLACES["unreachable object"][1](tmp_path, places.key())
    places.commit(tmp_path, {"app.py": "print()\n"})
    monkeypatch.setattr(secrets, "PATIENCE_LOST", -1.0)
    found = com_18(tmp_path)
    assert found.status is Status.PASS
    assert "1 left out" in found.evidence[0].text


def test_a_file_that_cannot_be_read_is_not_called_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.commit(tmp_path, {"a.py": "x = 1\n"})
    places.put(tmp_path, {"b.py": "y = 1\n"})
    raw = view.RepoView.raw
    monkeypatch.setattr(
        view.RepoView, "raw", lambda v, path, limit: b"" if path == "b.py" else raw(v, path, limit)
    )
    found = com_18(tmp_path)
    assert found.status is Status.UNVERIFIED
    assert "b.py: cannot be read" in found.reason


def test_more_commits_than_the_log_shows_are_no_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        places.commit(tmp_path, {"a.py": f"x = {n}\n"})
    monkeypatch.setattr(gitcommits, "MAX_COMMITS", 1)
    assert com_18(tmp_path).status is Status.PASS


@pytest.mark.parametrize("files", [{}, {"a.py": ""}, {"a.py": " \n"}])
def test_where_nothing_was_to_read_nothing_is_called_clean(
    files: places.Files, tmp_path: Path
) -> None:
    places.commit(tmp_path, files)
    found = com_18(tmp_path)
    assert found.status is Status.UNVERIFIED
    assert found.reason.startswith("There was nothing to search")


def test_a_pass_says_what_was_read(tmp_path: Path) -> None:
    places.commit(tmp_path, {"a.py": "x = 1\n"})
    found = com_18(tmp_path)
    assert found.status is Status.PASS
    assert [e.path for e in found.evidence] == [".git", "."]


@pytest.mark.parametrize("later", ["", "x = 1\n", None])
def test_a_key_that_is_only_staged_is_not_in_the_history(later: str | None, tmp_path: Path) -> None:
    places.commit(tmp_path, {"app.py": "x = 1\n"})
    places.put(tmp_path, {"config.py": f'KEY = "{REPEATED}"\n'})
    places.git(tmp_path, "add", "config.py")
    if later is None:
        (tmp_path / "config.py").unlink()
    elif later:
        places.put(tmp_path, {"config.py": later})
    assert answers(tmp_path) == [Answer.NO, Answer.YES, Answer.YES]


@pytest.mark.parametrize("between", [False, True])
def test_a_key_that_is_changed_and_committed_too_is_in_the_history(
    between: bool, tmp_path: Path
) -> None:
    places.commit(tmp_path, {"config.py": f'KEY = "{REPEATED}"\n'})
    if between:
        places.commit(tmp_path, {"config.py": "x = 1\n"})
    places.put(tmp_path, {"config.py": f'OTHER = "{REPEATED}"\n'})
    assert answers(tmp_path) == [Answer.NO, Answer.NO, Answer.YES]


def test_each_probe_is_the_only_one_that_some_failing_tree_fails(tmp_path: Path) -> None:
    alone = set()
    for number, tree in enumerate(rubric.load().trees["COM-18"].fails):
        folder = tmp_path / str(number)
        folder.mkdir()
        trees.build(tree, folder)
        with view.opened(folder) as opened:
            known = {p: p(opened).answer for p in PROBES}
        low = [p for p, answer in known.items() if answer is not Answer.YES]
        alone |= {low[0]} if len(low) == 1 else set()
    assert alone == set(PROBES)


@pytest.mark.parametrize("name", places.keys())
def test_a_key_is_cut_off_in_every_quoted_line(name: str) -> None:
    key = places.keys()[name]
    told = quote(f"a-{key}.py", 1, f'KEY = "{key}", and more')
    assert key[5:] not in repr(told)
    assert "and more" in told.text


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (f"KEY={REPEATED}", "KEY=sk-a…"),
        ("postgresql://me:secret-1@db/x", "postgresql://me:…@db/x"),
        ("api_key = '" + places.made_up(40) + "'", "api_key = '" + places.made_up(40)[:4] + "…'"),
        ("AKIA" + "Q" * 16, "AKIA…"),
        ("token = get_the_token_of_this_user_now()", "token = get_the_token_of_this_user_now()"),
        ("max_tokens=1000, top_k=4", "max_tokens=1000, top_k=4"),
    ],
)
def test_only_what_looks_like_a_key_is_cut_off(text: str, cut: str) -> None:
    assert mask(text) == cut


@pytest.mark.parametrize("text", ["sk-ant-" * 600, "eyJ" * 1300, "://a:" * 800, "key=" * 1000])
def test_a_hostile_line_is_masked_at_once(text: str) -> None:
    begun = time.perf_counter()
    mask(text)
    assert time.perf_counter() - begun < 0.05


@pytest.mark.parametrize(
    ("path", "line", "answer"),
    [
        ("compose.yml", "      POSTGRES_PASSWORD: password\n", Answer.PARTIAL),
        ("Makefile", "\t-e POSTGRES_PASSWORD=password \\\n", Answer.PARTIAL),
        ("helm/values.yaml", "existingSecret: argocd-redis\n", Answer.YES),
        ("helm/values.yaml", "jwtSecret: argocd-redis\n", Answer.PARTIAL),
        ("config/app.yml", "password: password\n", Answer.YES),
        ("plugin.py", '    "client_secret": "LONG",\n', Answer.NO),
        ("a.ipynb", r'"api_key = \"LONG\"\n"', Answer.NO),
        ("src/a.ts", 'const apiKey = "LONG";\n', Answer.NO),
        ("tests/test_plugin.py", 'api_key = "LONG"\n', Answer.YES),
        ("a.py", 'api_key = "AZURE_OPENAI_API_KEY_GPT4_EAST"\n', Answer.YES),
        ("a.py", 'api_key="text-embedding-3-large-2024-01"\n', Answer.YES),
    ],
)
def test_what_stands_in_configuration_and_code(
    path: str, line: str, answer: Answer, tmp_path: Path
) -> None:
    long = "".join(
        chr(65 + i * 7 % 26) + str(i * 3 % 10) + chr(97 + i * 11 % 26) for i in range(16)
    )
    places.commit(tmp_path, {path: line.replace("LONG", long)})
    assert answers(tmp_path)[:2] == [answer, answer]


def test_the_shape_of_a_key_inside_of_a_picture_is_none(tmp_path: Path) -> None:
    key = "BSA" + places.made_up(27)
    block = "aZ3kQ9" * 20
    places.commit(tmp_path, {"a.md": f"![](data:image/png;base64,{block}{key}{block})\n"})
    assert answers(tmp_path)[:2] == [Answer.YES, Answer.YES]
