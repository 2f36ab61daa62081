"""Seeded defects: the patches fit, the rubric knows what they name, and a verdict is fair."""

import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from scaffolder import cli
from scaffolder.errors import BrokenTemplate, EnvironmentProblem, UsageError
from scaffolder.journeys import check_probes, seeding
from scaffolder.journeys.check_probes import END, START, Seen, Verdict
from scaffolder.journeys.seeding import Defect
from scaffolder.review.model import Answer, Reading, Status, Try, no, yes
from scaffolder.review.rubric import load

ROOT = Path(__file__).parent.parent
DEFECTS = seeding.defects(load(with_trees=False))
FEWEST = 10
"""Defects of a template, or its items are not tested by enough of them."""


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    words = ("git", *who, *words)
    done = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda d: f"{d.project}-{d.name}")
def test_a_patch_fits_the_finished_project_as_it_is(defect: Defect) -> None:
    git(ROOT, "apply", "--check", f"--directory={defect.place}", str(defect.patch))


def test_every_finished_project_brings_enough_defects() -> None:
    counted = {p: sum(d.project == p for d in DEFECTS) for p in {d.project for d in DEFECTS}}
    assert counted
    assert all(n >= FEWEST for n in counted.values()), counted


# What a defect did.

DEFECT = Defect("no-retry", "app", "It gives up.", "COM-27", ("S10",), Path("no-retry.patch"))
SOUND = Seen(
    {"COM-27": Status.PASS, "COM-18": Status.PASS, "RAG-09": Status.UNVERIFIED},
    {"S10": Answer.YES, "S14": Answer.YES},
)


def seen(tries: Mapping[str, Answer] | None = None, **musts: Status) -> Seen:
    changed = {name.replace("_", "-"): status for name, status in musts.items()}
    return Seen({**SOUND.musts, **changed}, {**SOUND.tries, **(tries or {})})


@pytest.mark.parametrize(
    ("files", "run", "how", "others", "undecided"),
    [
        (seen(), seen({"S10": Answer.NO}, COM_27=Status.FAIL), "run", [], []),
        (seen(COM_27=Status.PARTIAL), seen(COM_27=Status.PARTIAL), "files", [], []),
        (seen(), seen(), "", [], []),
        (seen(), seen(COM_27=Status.UNVERIFIED), "", [], ["COM-27"]),
        (seen(), seen(COM_27=Status.FAIL, COM_18=Status.FAIL), "run", ["COM-18"], []),
        (seen(COM_18=Status.NOT_STARTED), seen(COM_27=Status.FAIL), "run", ["COM-18"], []),
        (seen(), seen(COM_27=Status.FAIL, COM_16=Status.FAIL), "run", [], []),
        (seen(), seen(COM_27=Status.FAIL, COM_18=Status.UNVERIFIED), "run", [], ["COM-18"]),
    ],
)
def test_what_fell_is_set_against_the_sound_project(
    files: Seen, run: Seen, how: str, others: list[str], undecided: list[str]
) -> None:
    found = check_probes.verdict(DEFECT, SOUND, files, run)
    assert (found.how, found.others, found.undecided) == (how, others, undecided)


def test_an_item_that_was_open_before_cannot_be_flipped() -> None:
    open_before = seen(COM_27=Status.FAIL)
    fallen = seen({"S10": Answer.NO}, COM_27=Status.FAIL)
    assert not check_probes.verdict(DEFECT, open_before, fallen, fallen).holds


def test_a_try_that_should_notice_and_does_not_is_named() -> None:
    run = seen({"S14": Answer.NO}, COM_27=Status.FAIL)
    found = check_probes.verdict(DEFECT, SOUND, seen(), run)
    assert (found.noticed, found.silent, found.holds) == (["S14"], ["S10"], False)


def test_the_table_says_how_each_item_fell() -> None:
    told = Verdict(DEFECT, "run", ["S10"])
    missed = Verdict(DEFECT, "", [], ["S10"], ["COM-18"], ["RAG-03"])
    rows = check_probes.table([told, missed]).splitlines()[2:]
    assert rows == [
        "| app | `no-retry`: It gives up. | COM-27 | yes, by a run | S10 | none |",
        "| app | `no-retry`: It gives up. | COM-27 | **no** | - | COM-18; not decided: RAG-03 |",
    ]


def test_the_table_replaces_what_stands_between_its_markers() -> None:
    assert check_probes.placed(f"a\n{START}\nold\n{END}\nb", "new") == f"a\n{START}\nnew\n{END}\nb"
    with pytest.raises(UsageError, match="has no lines"):
        check_probes.placed(f"a\n{START}\n", "new")


# A repository with one finished project, and defects of it.

ROW = '{{"id": "q{n}", "latency_ms": {n}.5, "commit": "{commit}", "tree": "{tree}"}}\n'
MANIFEST = """\
[scaffold]
format = 1
skill = "rag-app"
template_version = "1.1.0"
package = "app"
[commands]
setup = ["python", "-c", "pass"]
demo = ["python", "-m", "app"]
[paths]
results = "evals/results"
"""
PATCH = """\
--- a/src/app.py
+++ b/src/app.py
@@ -1 +1 @@
-RETRIES = 3
+RETRIES = 0
"""
ENTRY = "no-retry: {said: It gives up., target: COM-27}\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of ours in small: one finished project, with one defect."""
    source = tmp_path / "source"
    put(source, "examples/app/scaffold.toml", MANIFEST)
    put(source, "examples/app/src/app.py", "RETRIES = 3\n")
    git(tmp_path, "init", "-q", "-b", "trunk", str(source))
    git(source, "add", "-A")
    git(source, "commit", "-qm", "code")
    commit, tree = git(source, "rev-parse", "HEAD"), git(source, "rev-parse", "HEAD:examples/app")
    rows = "".join(ROW.format(n=n, commit=commit[:7], tree=tree[:12]) for n in range(8))
    put(source, "examples/app/evals/results/model.jsonl", rows)
    put(source, "examples/app/evals/outside/model.jsonl", rows)
    put(source, "examples/app/evals/results/before/model.jsonl", rows)
    put(source, "defects/app/defects.yml", ENTRY)
    put(source, "defects/app/no-retry.patch", PATCH)
    git(source, "add", "-A")
    git(source, "commit", "-qm", "rows")
    monkeypatch.setattr("scaffolder.paths.in_source", lambda path: source / path)
    return source


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")


def only_defect() -> Defect:
    return seeding.defects(load(with_trees=False))[0]


def test_a_seeded_clone_has_the_defect_and_rows_that_name_it(source: Path, tmp_path: Path) -> None:
    project = seeding.seeded(tmp_path / "clone", only_defect())
    assert (project / "src/app.py").read_text() == "RETRIES = 0\n"
    assert git(project, "status", "--porcelain") == ""
    text = (project / "evals/results/model.jsonl").read_text()
    commit, tree = json.loads(text.splitlines()[0])["commit"], json.loads(text[: text.find("\n")])
    assert len(set(re.findall(r'"commit": "(\w+)"', text))) == 1
    assert git(project, "rev-parse", f"{commit}:examples/app").startswith(tree["tree"])
    assert "RETRIES = 0" in git(project, "show", f"{commit}:examples/app/src/app.py")
    listed = git(source, "-C", str(project), "ls-tree", "-r", "--name-only", commit)
    assert "evals/results/before/model.jsonl" in listed
    assert "evals/results/model.jsonl" not in listed
    assert (source / "examples/app/src/app.py").read_text() == "RETRIES = 3\n"


@pytest.mark.usefixtures("source")
def test_rows_beside_the_results_are_of_today_and_those_inside_of_them_not(tmp_path: Path) -> None:
    rows = seeding.seeded(tmp_path / "clone", only_defect()) / "evals"
    today = (rows / "results/model.jsonl").read_text()
    assert (rows / "outside/model.jsonl").read_text() == today
    assert (rows / "results/before/model.jsonl").read_text() != today


@pytest.mark.usefixtures("source")
def test_the_same_defect_is_the_same_commit_each_time(tmp_path: Path) -> None:
    made = [seeding.seeded(tmp_path / name, only_defect()) for name in ("one", "two")]
    assert git(made[0], "rev-parse", "HEAD") == git(made[1], "rev-parse", "HEAD")


def test_a_patch_that_does_not_fit_is_named(source: Path, tmp_path: Path) -> None:
    put(source, "defects/app/no-retry.patch", PATCH.replace("= 3", "= 4"))
    with pytest.raises(EnvironmentProblem, match="no-retry does not fit"):
        seeding.seeded(tmp_path / "clone", only_defect())


@pytest.mark.parametrize(
    ("entries", "complaint"),
    [
        (ENTRY + "other: {said: a, target: COM-27}\n", "other is an entry without a patch"),
        ("{}", "no-retry is a patch without an entry"),
        (ENTRY.replace("COM-27", "COM-99"), "COM-99 is no must"),
        (ENTRY.replace("COM-27", "COM-05"), "COM-05 is no must"),
        (ENTRY.replace("}", ", tries: [Z9]}"), "there is no try Z9"),
    ],
)
def test_what_the_list_of_defects_gets_wrong_is_named(
    source: Path, entries: str, complaint: str
) -> None:
    put(source, "defects/app/defects.yml", entries)
    with pytest.raises(BrokenTemplate, match=complaint):
        only_defect()


def retries_try(files: Callable[[str], str]) -> Reading:
    """What a try would see of the project: whether it gives up."""
    return no("It gave up at once.") if "= 0" in files("src/app.py") else yes("It asked again.")


@pytest.fixture
def runs(source: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tries without a sandbox and without an environment; the projects that they were made on."""
    asked: list[str] = []

    def make(tries: Sequence[Try], view: object, *_: object) -> Mapping[str, Reading]:
        asked.append(view.root.parent.parent.name)  # type: ignore[attr-defined]
        found = retries_try(view.text)  # type: ignore[attr-defined]
        return {**{each.id: yes("Fine.") for each in tries}, "S10": found}

    monkeypatch.setattr("scaffolder.review.behaviour.campaign.make", make)
    monkeypatch.setattr("scaffolder.sandbox.find", lambda: None)
    monkeypatch.setattr(seeding, "environment", lambda *_: source / "no-environment")
    monkeypatch.setattr(seeding, "lend", lambda *_: None)
    return asked


def test_a_defect_is_reviewed_beside_the_sound_project(runs: list[str]) -> None:
    told: list[str] = []
    found = check_probes.check([], told.append)
    assert runs == ["sound", "no-retry"]
    assert [each.defect.name for each in found.verdicts] == ["no-retry"]
    assert found.verdicts[0].noticed == ["S10"]
    assert not found.holds  # the stand-in is a poor project: its own musts are open
    assert "app: COM-06" in found.open_musts


# The command.


def test_an_installed_program_brings_no_defects(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaffolder.paths.in_source", lambda _: None)
    assert cli.main(["dev", "check-probes"]) == 2
    assert "not in an installed copy" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check-probes", "--only", "no-such"), "there is no defect 'no-such'"),
        (("check-rubric", "--only", "no-retry"), "these options are for check-probes"),
        (("check-probes", "--output", "LICENSE"), "has no lines"),
        (("check-probes", "--only", "no-retry", "--output", "LICENSE"), "all defects"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_run(
    words: Sequence[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [str(ROOT / w) if w == "LICENSE" else w for w in words]
    assert cli.main(["dev", *given]) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_the_exit_code_says_whether_every_defect_was_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for how, code in (("run", 0), ("", 1)):
        found = check_probes.Checked([], [Verdict(DEFECT, how)])
        monkeypatch.setattr(check_probes, "check", lambda *_, found=found: found)
        place = tmp_path / f"table{code}.md"
        assert cli.main(["dev", "check-probes", "--output", str(place)]) == code
        assert "`no-retry`" in place.read_text()
    assert "not told apart: no-retry" in capsys.readouterr().err
