"""What a change did is published from rows of before and after, whichever way it went."""

import shutil
import tomllib
from dataclasses import replace

import pytest
from small_corpus import result_row, run_command, settings_in

from pytopics.errors import UsageError
from pytopics.evaluation import report, rows
from pytopics.evaluation.before import keep_as, load_kept


@pytest.fixture
def project(tmp_path):
    settings = settings_in(tmp_path)
    marks = "\n".join(report.README_MARKS), "\n".join(report.CLAIM_MARKS)
    for name, text in zip(("README.md", "scaffold.toml"), marks, strict=True):
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    return settings


def claims(project) -> dict[str, dict]:
    manifest = tomllib.loads((project.root / "scaffold.toml").read_text(encoding="utf-8"))
    return {claim["text"]: claim for claim in manifest["claims"]}


STRICT = "fact_accuracy of baseline after strict minus baseline before strict, test split"
KEPT = "evals/results/before/strict"


def measure(project, monkeypatch, capsys, *options: str, **settings):
    return run_command("eval", replace(project, **settings), monkeypatch, capsys)(*options)


def keep_strict(project, monkeypatch, capsys) -> None:
    """A change that hurt: before it all is answered, after it nothing."""
    measure(project, monkeypatch, capsys)
    assert measure(project, monkeypatch, capsys, "--keep", "strict", answer_threshold=9.0)[0] == 0


def test_a_kept_change_is_published_with_its_rows(project, monkeypatch, capsys):
    measure(project, monkeypatch, capsys)
    was = (project.results / "baseline.jsonl").read_text(encoding="utf-8")
    measure(project, monkeypatch, capsys, "--keep", "strict", answer_threshold=9.0)
    now = (project.results / "baseline.jsonl").read_text(encoding="utf-8")
    assert (project.root / KEPT / "baseline.jsonl").read_text(encoding="utf-8") == was
    assert (project.root / KEPT / "after/baseline.jsonl").read_text(encoding="utf-8") == now
    found = claims(project)
    before = found["fact_accuracy of baseline, test split, before strict"]
    after = found["fact_accuracy of baseline, test split, after strict"]
    moved = found[f"{STRICT}, same questions"]
    assert (before["value"], before["results"]) == (1.0, f"{KEPT}/baseline.jsonl")
    assert (after["value"], after["results"]) == (0.0, f"{KEPT}/after/baseline.jsonl")
    assert (moved["value"], moved["baseline"]) == (-1.0, before["results"])
    assert moved["results"] == after["results"]
    readme = (project.root / "README.md").read_text(encoding="utf-8")
    assert "- strict: fact accuracy of baseline 1.00 [" in readme
    assert "before, 0.00 [" in readme
    assert "] after; -1.00 [" in readme


def of_strict(project) -> tuple[list[dict], list[str]]:
    """The claims on a change and its lines in the README."""
    readme = (project.root / "README.md").read_text(encoding="utf-8")
    lines = [line for line in readme.splitlines() if line.startswith("- strict")]
    return [claim for text, claim in claims(project).items() if "strict" in text], lines


def test_a_change_taken_back_keeps_its_numbers(project, monkeypatch, capsys):
    keep_strict(project, monkeypatch, capsys)
    then = of_strict(project)
    measure(project, monkeypatch, capsys, "--keep", "back")
    assert of_strict(project) == then
    assert len(then[1]) == 2
    found = claims(project)
    assert found["fact_accuracy of baseline, test split"]["value"] == 1.0
    back = "fact_accuracy of baseline after back minus baseline before back, test split"
    assert found[f"{back}, same questions"]["value"] == 1.0


def test_new_and_changed_questions_rewrite_no_earlier_change(project, monkeypatch, capsys):
    keep_strict(project, monkeypatch, capsys)
    then = of_strict(project)
    text = project.questions.read_text(encoding="utf-8")
    changed = text.replace("spare keys hang", "keys hang")
    project.questions.write_text(changed.replace('"u0"', '"u9"'), encoding="utf-8")
    assert measure(project, monkeypatch, capsys)[0] == 0
    assert of_strict(project) == then


def test_another_retriever_drops_no_earlier_change(project, monkeypatch, capsys):
    keep_strict(project, monkeypatch, capsys)
    then = of_strict(project)
    measure(project, monkeypatch, capsys, retriever="lexical")
    assert of_strict(project) == then
    assert not (project.root / KEPT / "after/lexical.jsonl").exists()


def test_only_questions_that_stayed_the_same_are_compared(project, monkeypatch, capsys):
    command = run_command("eval", project, monkeypatch, capsys)
    command()
    text = project.questions.read_text(encoding="utf-8")
    project.questions.write_text(text.replace("spare keys hang", "keys hang"), encoding="utf-8")
    assert "4 rows are of other questions" in command("--keep", "words")[2]
    for name in ("baseline.jsonl", "after/baseline.jsonl"):
        kept = rows.read(project.results / "before/words" / name)
        assert [row.id for row in kept if row.id == "keys"] == []
        assert len(kept) == 9


def test_a_change_is_kept_once(project, monkeypatch, capsys):
    keep_strict(project, monkeypatch, capsys)
    code, _, err = measure(project, monkeypatch, capsys, "--keep", "strict")
    assert (code, "kept already" in err) == (2, True)


def test_a_run_that_was_broken_off_can_be_repeated(project, monkeypatch, capsys):
    measure(project, monkeypatch, capsys)
    with monkeypatch.context() as broken:
        broken.setattr("pytopics.retrieval.search", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            measure(project, monkeypatch, capsys, "--keep", "strict", answer_threshold=9.0)
    measure(project, monkeypatch, capsys, "--keep", "strict", answer_threshold=9.0)
    assert claims(project)[f"{STRICT}, same questions"]["value"] == -1.0


def test_rows_without_those_from_after_are_set_against_todays(project, monkeypatch, capsys):
    keep_strict(project, monkeypatch, capsys)
    shutil.rmtree(project.root / KEPT / "after")
    measure(project, monkeypatch, capsys)
    text = "fact_accuracy of baseline minus baseline before strict, test split, same questions"
    found = claims(project)[text]
    assert (found["value"], found["results"]) == (0.0, "evals/results/baseline.jsonl")
    questions = project.questions.read_text(encoding="utf-8")
    project.questions.write_text(questions.replace("spare keys", "keys"), encoding="utf-8")
    said = measure(project, monkeypatch, capsys)[2]
    assert "before strict have none of the same questions" in said
    assert of_strict(project) == ([], [])


def test_a_change_on_another_corpus_is_not_shown(project, monkeypatch, capsys):
    keep_strict(project, monkeypatch, capsys)
    today = {"hybrid": [result_row("a", {})]}
    assert [k.name for k in load_kept(project.results, "small", today)[0]] == ["strict"] * 2
    assert load_kept(project.results, "other", today) == ([], ["strict"])


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "-x"])
def test_a_change_has_a_plain_name(tmp_path, name):
    rows.write(tmp_path / "hybrid.jsonl", [result_row("a", {})])
    with pytest.raises(UsageError, match="no name"):
        keep_as(name, tmp_path, ["hybrid"], [])


def test_without_rows_there_is_no_before(tmp_path):
    with pytest.raises(UsageError, match="no rows to keep"):
        keep_as("first", tmp_path, ["hybrid"], [])
    assert load_kept(tmp_path, "small", {}) == ([], [])
