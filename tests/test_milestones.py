"""Milestones count what the author put in: nothing of the template, nothing outside the project."""

import json
import os
from pathlib import Path

import pytest

from scaffolder import manifest
from scaffolder.journeys import milestones
from scaffolder.journeys.milestones import Counted, measure
from scaffolder.skills import Evidence, Milestone

PATHS = {
    "corpus": "data/corpus",
    "golden": "evals/questions.jsonl",
    "results": "evals/results",
    "failures": "evals/failures.md",
    "decisions": "docs/decisions",
}
FORM = "# Failures\n\n| id | stage | name |\n|---|:-:|---|\n| | | |\n"
SAMPLES = [
    {"id": f"h{n}", "question": f"sample {n}?", "origin": "template sample"} for n in range(70)
]


def lines(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def result(system: str, question: str, **more: object) -> dict[str, object]:
    return {"id": question, "system": system, "grades": {}, "latency_ms": 0.1, **more}


GENERATED = {
    "data/corpus/leave.md": "# Leave\n\nSixteen weeks.\nAsk early.\nTwice a year.\nIn writing.\n",
    "data/corpus/rooms.txt": "Rooms are booked at the desk.\n",
    "evals/questions.jsonl": lines(SAMPLES),
    "evals/results/reference.jsonl": lines([result("hybrid", f"h{n}") for n in range(70)]),
    "evals/failures.md": FORM,
    "docs/decisions/README.md": "How to write one.\n",
}
OWN = [{"id": f"q{n}", "question": f"mine {n}?", "origin": "author"} for n in range(60)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, text in GENERATED.items():
        add(root, name, text)
    files = {name: text.encode() for name, text in GENERATED.items()}
    add(root, manifest.LOCK, manifest.lock_text("rag-app", "1.0.0", files))
    return root


def add(root: Path, name: str, text: str, mode: str = "w") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode, newline="") as file:
        file.write(text)


def count(project: Path, kind: str, path: str, at_least: int = 1, **paths: str) -> Counted:
    evidence = Evidence(kind, path, at_least, "")
    wanted = Milestone("M1", 6, "", (), (evidence,))
    described = manifest.Manifest("rag-app", "1.0.0", "p", {}, {}, {**PATHS, **paths})
    return measure([wanted], described, project)[0].counted[0]


ALL = [
    ("own_files", "corpus"), ("own_files", "decisions"), ("own_rows", "golden"),
    ("own_rows", "results"), ("own_rows", "failures"), ("own_results", "results"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "path"), ALL)
def test_a_fresh_project_has_nothing_of_the_author(project: Path, kind: str, path: str) -> None:
    assert count(project, kind, path) == Counted(Evidence(kind, path, 1, ""), 0)


def test_a_milestone_that_names_no_evidence_is_not_met(project: Path) -> None:
    described = manifest.Manifest("rag-app", "1.0.0", "p", {}, {}, PATHS)
    assert not measure([Milestone("M1", 6, "", ())], described, project)[0].met


def test_own_documents_count_and_forms_do_not(project: Path) -> None:
    add(project, "data/corpus/law/act.md", "Article 1.\n")
    add(project, "data/corpus/.DS_Store", "x")
    add(project, "data/corpus/.cache/page.md", "x")
    add(project, "docs/decisions/README.md", "Mine now.\n")
    add(project, "docs/decisions/0001-chunks.draft.md", "We chose\n")
    assert count(project, "own_files", "corpus", 9).found == 1
    assert count(project, "own_files", "decisions", 9).found == 0
    add(project, "docs/decisions/0001-chunks.md", "We chose 200 words.\n")
    assert count(project, "own_files", "decisions", 9).found == 1


def test_a_template_document_that_is_copied_moved_or_saved_on_windows_is_not_own(
    project: Path,
) -> None:
    leave = GENERATED["data/corpus/leave.md"]
    add(project, "data/corpus/copy.md", leave)
    add(project, "data/corpus/leave.md", leave.replace("\n", "\r\n"))
    (project / "data/corpus/rooms.txt").rename(project / "data/corpus/mine.txt")
    add(project, "data/corpus/blank.md", "\n\n")
    assert count(project, "own_files", "corpus", 9).found == 0
    add(project, "data/corpus/copy.md", leave.replace("Sixteen", "Twenty"))
    assert count(project, "own_files", "corpus", 9).found == 1


def test_own_questions_count_once_each_and_broken_lines_never(project: Path) -> None:
    add(project, "evals/questions.jsonl", lines(OWN[:10] + OWN[:3]), "a")
    add(project, "evals/questions.jsonl", "\n{broken\n[1]\n{}\n" + "[" * 100_000 + "\n", "a")
    counted = count(project, "own_rows", "golden", 10)
    assert (counted.found, counted.met) == (10, True)


def test_sample_questions_written_anew_are_still_samples(project: Path) -> None:
    anew = "".join(json.dumps(row, sort_keys=True, indent=None) + " \r\n" for row in SAMPLES)
    add(project, "evals/questions.jsonl", anew.replace(": ", ":"))
    assert count(project, "own_rows", "golden").found == 0


def test_results_count_by_own_question(project: Path) -> None:
    rows = [result(s, f"h{n}", commit="now") for s in ("lexical", "dense") for n in range(70)]
    add(project, "evals/results/mine.jsonl", lines(rows))
    assert count(project, "own_rows", "results").found == 0
    add(project, "evals/questions.jsonl", lines(OWN), "a")
    rows = [result(s, f"q{n}") for s in ("lexical", "dense") for n in range(12)]
    add(project, "evals/results/mine.jsonl", lines(rows))
    assert count(project, "own_rows", "results").found == 12


def test_settings_are_counted_whatever_the_systems_and_in_subfolders(project: Path) -> None:
    add(project, "evals/questions.jsonl", lines(OWN), "a")

    def measured(setting: str, questions: int) -> str:
        systems = ("lexical", "dense", "model")
        asked = [f"q{n}" for n in range(questions)]
        return lines([result(s, q, setting=setting) for s in systems for q in asked])

    add(project, "evals/results/now.jsonl", measured("300 words", 10))
    assert count(project, "own_results", "results", 2).found == 1
    add(project, "evals/results/before/now.jsonl", measured("200 words", 10))
    add(project, "evals/results/few.jsonl", measured("400 words", 9))
    assert count(project, "own_results", "results", 2).found == 2
    for system in ("lexical", "dense"):
        rows = [result(system, f"q{n}") for n in range(10)]
        add(project, "evals/results/unnamed.jsonl", lines(rows), "a")
    assert count(project, "own_results", "results", 2).found == 3


def test_systems_side_by_side_are_one_setting_and_a_sweep_is_several(project: Path) -> None:
    add(project, "evals/questions.jsonl", lines(OWN), "a")
    asked = [f"q{n}" for n in range(10)]
    names = ("lexical", "dense", "hybrid")
    rows = [result(name, q, setting=f"180/30 {name} k=5") for name in names for q in asked]
    add(project, "evals/results/all.jsonl", lines(rows))
    assert count(project, "own_results", "results", 2).found == 1
    rows = [
        result(name, q, setting=name) for name in ("180/30 dense", "90/15 dense") for q in asked
    ]
    add(project, "evals/results/sweep.jsonl", lines(rows))
    assert count(project, "own_results", "results", 2).found == 2


@pytest.mark.parametrize(
    "mark",
    [
        "Status: draft",
        "**Status:** Draft",
        "## Decision\n*(yours to write)*: which one",
        "<!-- the next sweep replaces this file while it is unedited: 0123456789ab -->",
    ],
)
def test_a_draft_is_no_decision_whatever_its_name(project: Path, mark: str) -> None:
    add(project, "docs/decisions/0001-chunks.md", f"# Chunks\n\n{mark}\n")
    counted = count(project, "own_files", "decisions")
    assert counted.found == 0
    assert "0001-chunks.md: a draft" in counted.problems[0]
    add(project, "data/corpus/minutes.md", f"# Minutes\n\n{mark}\n")
    assert count(project, "own_files", "corpus").found == 1


def test_a_template_document_with_a_line_added_is_not_own(project: Path) -> None:
    add(project, "data/corpus/leave.md", "Mine.\n", "a")
    assert count(project, "own_files", "corpus").found == 0
    more = "".join(f"My line {n}.\n" for n in range(9))
    add(project, "data/corpus/leave.md", more, "a")
    assert count(project, "own_files", "corpus").found == 1


@pytest.mark.parametrize("change", [{"origin": "author"}, {"origin": ""}, {"question": " "}])
def test_a_sample_with_another_origin_is_still_a_sample(
    project: Path, change: dict[str, object]
) -> None:
    add(project, "evals/questions.jsonl", lines([{**row, **change} for row in SAMPLES]))
    assert count(project, "own_rows", "golden").found == 0


def test_a_question_without_an_origin_is_not_own(project: Path) -> None:
    dropped = [{k: v for k, v in row.items() if k != "origin"} for row in SAMPLES]
    add(project, "evals/questions.jsonl", lines(dropped))
    assert count(project, "own_rows", "golden").found == 0


def test_questions_on_another_corpus_do_not_count_and_it_is_said(project: Path) -> None:
    rows = [{**row, "corpus": "trial" if n < 4 else "mine"} for n, row in enumerate(OWN)]
    add(project, "evals/questions.jsonl", lines(rows))
    assert count(project, "own_rows", "golden").found == 60
    add(project, "config.toml", '[corpus]   # own\npath = "x"\nname = "mine"\n[llm]\nname = "m"\n')
    counted = count(project, "own_rows", "golden")
    assert counted.found == 56
    assert counted.problems == ("4 of your questions are not on 'mine', the corpus of config.toml",)


@pytest.mark.parametrize(
    "config", ["", "[corpus]\n[llm]\nname = 'x'\n", "[" * 100_000, "a." * 9000]
)
def test_a_config_without_a_corpus_name_is_passed_over(project: Path, config: str) -> None:
    add(project, "evals/questions.jsonl", lines([{**row, "corpus": "c"} for row in OWN]))
    add(project, "config.toml", config)
    assert count(project, "own_rows", "golden") == Counted(
        Evidence("own_rows", "golden", 1, ""), 60
    )


def test_a_failure_that_was_read_has_two_texts_beside_its_id(project: Path) -> None:
    read = {"id": "q1", "system": "baseline", "stage": "none", "failure": "", "note": ""}
    empty = {"id": "q2", "system": "baseline", "stage": " ", "failure": "", "n": 3}
    add(project, "evals/failures.jsonl", lines([read, empty]))
    counted = count(project, "own_rows", "failures", failures="evals/failures.jsonl")
    assert counted.found == 1


def test_filled_rows_of_a_table_count(project: Path) -> None:
    add(
        project, "evals/failures.md", FORM + "| q1 | rank | too low |\n| q2 | | |\n| q3 | parse |\n"
    )
    assert count(project, "own_rows", "failures").found == 2


@pytest.mark.parametrize(
    "place", ["../secret", "/etc", "", "data/../../secret", "a\0b", "x" * 9000]
)
@pytest.mark.parametrize("kind", ["own_files", "own_rows"])
def test_a_path_out_of_the_project_is_refused_and_said(
    project: Path, place: str, kind: str
) -> None:
    add(project.parent, "secret/mine.jsonl", lines(OWN))
    counted = count(project, kind, "golden", golden=place)
    assert counted.found == 0
    assert counted.problems


@pytest.mark.parametrize("place", ["link", "link/mine.jsonl", "data", "pipe", "socket.md"])
def test_links_and_special_files_are_not_followed(project: Path, place: str) -> None:
    add(project.parent, "secret/mine.jsonl", lines(OWN))
    (project / "link").symlink_to(project.parent / "secret")
    (project / "data/deep").symlink_to(project.parent / "secret")
    (project / "data/deep.jsonl").symlink_to(project.parent / "secret/mine.jsonl")
    os.mkfifo(project / "pipe")
    os.mkfifo(project / "socket.md")
    assert count(project, "own_files", "corpus", 99, corpus=place).found == 0
    counted = count(project, "own_rows", "golden", golden=place)
    assert counted.found == 0
    assert counted.problems or place == "pipe"


def test_a_file_too_large_counts_as_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milestones, "MAX_BYTES", 100)
    add(project, "data/corpus/big.md", "word " * 100)
    counted = count(project, "own_files", "corpus", 9)
    assert counted.found == 0
    assert "data/corpus/big.md: is larger than" in counted.problems[0]


def test_a_folder_is_looked_through_up_to_a_limit(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milestones, "MAX_ENTRIES", 1)
    add(project, "data/corpus/z.md", "mine\n")
    assert "only 1 files" in count(project, "own_files", "corpus").problems[0]


@pytest.mark.parametrize("lock", [None, "", "{}", "[" * 100_000])
def test_without_a_lock_nothing_counts_and_it_is_said(project: Path, lock: str | None) -> None:
    add(project, "data/corpus/mine.md", "mine\n")
    (project / manifest.LOCK).unlink()
    if lock is not None:
        add(project, manifest.LOCK, lock)
    counted = count(project, "own_files", "corpus")
    assert counted.found == 0
    assert "template.lock" in counted.problems[0]


def test_an_unknown_kind_of_evidence_is_said(project: Path) -> None:
    assert count(project, "own_dreams", "corpus").problems
