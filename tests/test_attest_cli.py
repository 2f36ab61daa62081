"""Answers and waivers in scaffold.toml: only the entry changes, and nonsense is refused."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from miniature import names

from scaffolder.cli import attest as commands
from scaffolder.cli import main, parser
from scaffolder.errors import ScaffoldError, UsageError
from scaffolder.journeys import attest
from scaffolder.review import engine, view
from scaffolder.review import rubric as rubric_data
from scaffolder.review.model import Status

CHECK = {
    "section": "COM",
    "weight": "must",
    "dimension": "reader",
    "claim": "It can be defended.",
    "why": "w",
    "fix": "Write it down.",
    "effort": 5,
    "source": ["S"],
}
RUBRIC = {
    "version": "1",
    "sections": {"COM": {"title": "Common"}},
    "dimensions": {"reader": "?"},
    "levels": [{"name": "draft", "below": 1.01}],
    "facts": {},
    "read_code": [],
    "kinds": [],
    "sources": {"S": "s"},
}
CHECKS = {
    "COM-20": {"probes": ["hygiene.license_file"]},
    "COM-18": {"run": "Run it and look.", "waivable": False},
    "COM-28": {"ask": "Did you defend it aloud?", "own": ["docs"]},
}
TEXT = '# mine\n[scaffold]\nskill = "x"  # kept\n\n[[claims]]\nvalue = 0.50\n# the end'
WHY = "Ten questions answered aloud to a friend"
LATER = (date.today() + timedelta(days=30)).isoformat()


@pytest.fixture(autouse=True)
def rubric(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("rubric")
    (folder / "checks").mkdir()
    (folder / "rubric.yml").write_text(yaml.safe_dump(RUBRIC))
    for name, more in CHECKS.items():
        check = yaml.safe_dump({"id": name, **CHECK, **more})
        (folder / "checks" / f"{name}.yml").write_text(check)
    monkeypatch.setattr("scaffolder.review.rubric.rubric_dir", lambda: folder)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "DEFENCE.md").write_text("Why?\nBecause.\n")
    (tmp_path / "scaffold.toml").write_text(TEXT)
    return tmp_path


def scaffold(*words: str) -> int:
    if "answer" in parser().format_help():
        return main(words)
    import argparse

    top = argparse.ArgumentParser()
    commands.add(top.add_subparsers())
    arguments = top.parse_args(words)
    try:
        return int(arguments.run(arguments))
    except ScaffoldError as error:
        return error.exit_code


def waive(project: Path, check: str = "COM-20", reason: str = "No container", until: str = LATER):
    return scaffold("waive", str(project), check, "--reason", reason, "--until", until)


def answer(project: Path, check: str = "COM-28", link: str = "docs/DEFENCE.md#L2", why: str = WHY):
    words = ["--verdict", "yes", "--justification", why, "--link", link]
    return scaffold("answer", str(project), check, *words)


def manifest(project: Path) -> str:
    return (project / "scaffold.toml").read_text()


def test_a_waiver_is_added_and_every_other_byte_stays(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert waive(project) == 0
    assert manifest(project).startswith(TEXT)
    entry = {"id": "COM-20", "reason": "No container", "until": date.fromisoformat(LATER)}
    assert tomllib.loads(manifest(project))["waive"] == [entry]
    assert "--only COM-20" in capsys.readouterr().out


def test_a_second_waiver_takes_the_place_of_the_first(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waive(project)
    before = manifest(project)
    waive(project, reason='It says "later"\\')
    assert "takes the place" in capsys.readouterr().out
    waive(project)
    assert manifest(project) == before


def test_an_entry_is_taken_out_without_a_trace(project: Path) -> None:
    answer(project)
    before = manifest(project)
    waive(project)
    assert scaffold("waive", str(project), "com-20", "--remove") == 0
    assert manifest(project) == before
    assert scaffold("waive", str(project), "COM-20", "--remove") == 2


def test_an_entry_in_the_middle_is_taken_out_alone(project: Path) -> None:
    entry = '[[waive]]\nid = "COM-20"\nreason = """\n[[waive]]\n[x]\n"""\nuntil = 2026-01-01\n'
    around = ("a = nan\n\n", "\n# about b\n[b]\nc = 1979-05-27T07:32:00Z\n")
    (project / "scaffold.toml").write_text(entry.join(around))
    assert scaffold("waive", str(project), "COM-20", "--remove") == 0
    assert manifest(project) == "a = nan\n" + around[1]


def test_an_answer_says_what_it_speaks_of(project: Path) -> None:
    assert answer(project) == 0
    found = tomllib.loads(manifest(project))["answer"][0]
    assert (found["verdict"], found["date"], found["areas"]) == ("yes", date.today(), [])
    assert len(found["speaks_of"]) == 64
    answer(project, link="https://example.org/talk")
    assert tomllib.loads(manifest(project))["answer"][0]["areas"] == ["docs"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"check": "COM-20"},
        {"check": "COM-18"},
        {"check": "COM-99"},
        {"link": "docs/NONE.md"},
        {"link": "../docs/DEFENCE.md"},
        {"link": "scaffold.toml"},
        {"why": "yes"},
        {"why": "x" * 40},
        {"why": WHY + "\x1b[31m"},
    ],
)
def test_an_answer_that_says_nothing_is_refused(project: Path, wrong: dict[str, str]) -> None:
    assert answer(project, **wrong) == 2
    assert manifest(project) == TEXT


def test_how_an_item_is_decided_is_said() -> None:
    with pytest.raises(UsageError, match="from a run"):
        attest.asked("COM-18")
    with pytest.raises(UsageError, match="read from the repository"):
        attest.asked("COM-20")


@pytest.mark.parametrize(
    "wrong",
    [
        {"check": "COM-18"},
        {"check": "X"},
        {"reason": " "},
        {"reason": "…"},
        {"reason": "x"},
        {"until": ""},
        {"until": "soon"},
        {"until": "2020-01-01"},
        {"until": (date.today() + timedelta(days=400)).isoformat()},
    ],
)
def test_a_waiver_without_reason_or_end_is_refused(project: Path, wrong: dict[str, str]) -> None:
    assert waive(project, **wrong) == 2
    assert manifest(project) == TEXT


def test_nothing_is_asked_without_a_terminal(project: Path) -> None:
    assert scaffold("answer", str(project), "COM-28", "--verdict", "yes") == 2


@pytest.mark.parametrize("text", ["a = ", "waive = 1\n", 'waive = [{id = "COM-20"}]\n', b"\xff"])
def test_a_manifest_that_cannot_be_added_to_stays_as_it_is(
    project: Path, text: str | bytes
) -> None:
    content = text.encode() if isinstance(text, str) else text
    (project / "scaffold.toml").write_bytes(content)
    assert waive(project) == 2
    assert (project / "scaffold.toml").read_bytes() == content


def test_line_ends_and_permissions_stay(project: Path) -> None:
    place = project / "scaffold.toml"
    place.write_bytes(b"a = 1\r\n")
    place.chmod(0o600)
    waive(project)
    assert b"\n" not in place.read_bytes().replace(b"\r\n", b"")
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_link_is_refused_and_a_protected_file_kept(project: Path) -> None:
    place = project / "scaffold.toml"
    place.chmod(0o444)
    assert waive(project) == 4
    place.rename(project / "real.toml")
    place.symlink_to("real.toml")
    assert waive(project) == 2
    assert names(project) == ["docs", "real.toml", "scaffold.toml"]
    assert (project / "real.toml").read_text() == TEXT


def test_a_project_not_made_here_gets_a_manifest_with_that_table_only(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "scaffold.toml").unlink()
    assert waive(project) == 0
    assert list(tomllib.loads(manifest(project))) == ["waive"]
    monkeypatch.chdir(project)
    assert main(["status"]) == 0
    assert main(["explain", "README.md"]) == 2
    assert "not made by `scaffold new`" in " ".join(capsys.readouterr().err.split())


def test_a_review_counts_what_was_recorded(project: Path) -> None:
    def status(check: str) -> Status:
        with view.opened(project) as seen:
            found = engine.items(rubric_data.load().checks, seen, date.today())
        return next(item.status for item in found if item.check.id == check)

    assert (status("COM-20"), status("COM-28")) == (Status.FAIL, Status.UNVERIFIED)
    waive(project)
    answer(project)
    assert (status("COM-20"), status("COM-28")) == (Status.WAIVED, Status.PASS)
    (project / "docs" / "DEFENCE.md").write_text("Another.\n")
    assert status("COM-28") is Status.UNVERIFIED


KEYS = st.sampled_from(["a", "b", "claims", "waive", "scaffold"])
VALUES = st.one_of(
    st.integers(-99, 99).map(str),
    st.sampled_from(
        [
            "nan",
            '"x"',
            "'''\n[[waive]]\nid = 1'''",
            "[1, [2]]",
            "{a = 1}",
            "1979-05-27",
            "[\n[1]\n]",
        ]
    ),
)
TABLES = st.one_of(
    st.builds("[{}]\n".format, KEYS),
    st.builds("[[{}]]\n".format, KEYS),
    st.builds("{} = {}\n".format, KEYS, VALUES),
    st.just('[[waive]]\nid = "COM-20"\n'),
    st.sampled_from(["# a [[waive]] comment\n", "\n"]),
)


def _valid(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@settings(max_examples=200, deadline=None)
@given(st.lists(TABLES, max_size=6).map("".join).filter(_valid))
def test_whatever_stood_there_stands_there_still(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    project = tmp_path_factory.mktemp("any")
    (project / "scaffold.toml").write_text(text)
    try:
        attest.waive(project, "COM-20", "A \"reason\" \\ 'é'", date.today())
    except UsageError:
        assert manifest(project) == text
        assert "waive" in tomllib.loads(text)
        return
    before, after = tomllib.loads(text), tomllib.loads(manifest(project))
    added = after.pop("waive")
    kept = [
        e for e in before.pop("waive", []) if not (isinstance(e, dict) and e.get("id") == "COM-20")
    ]
    assert repr(added[:-1]) == repr(kept)
    assert added[-1]["reason"] == "A \"reason\" \\ 'é'"
    assert {k: repr(v) for k, v in after.items()} == {k: repr(v) for k, v in before.items()}
