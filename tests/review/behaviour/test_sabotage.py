"""A sound evaluation falls when it is sabotaged; one that measures nothing is told by one line."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from scaffolder.review.behaviour import sabotage
from scaffolder.review.behaviour.bench import Bench
from scaffolder.review.behaviour.model import ControlFailed, NotApplicable, NotDeclared
from scaffolder.review.model import Answer, Reading
from tests.review.behaviour import smallrag

CODE, GOLDEN, ROWS = "src/rag/__init__.py", "evals/golden.jsonl", "evals/results/rows.jsonl"

TRIES: Mapping[str, Callable[[Bench], Reading]] = {
    "R1": sabotage.retrieval_is_shuffled,
    "E1": lambda bench: sabotage.answers_are_swapped(bench, "previous"),
    "E2": lambda bench: sabotage.answers_are_swapped(bench, "constant"),
    "E3": sabotage.labels_are_shuffled,
    "E8": sabotage.rows_come_again,
    "E9": sabotage.gate_turns_red,
    "C4": sabotage.claims_come_again,
}

IGNORES_RANKS = ('float(bool(found) and found[0]["source"] == row["source"])', "0.9")
IGNORES_LABELS = ('== row["source"]', '== found[0]["source"]')
ANY_ANSWER = ('row["expected"] in result["answer"]', 'result["status"] == "answered"')
ASKS_NOBODY = ('answer(row["question"])', '{"answer": row["expected"]}')


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with smallrag.opened(tmp_path_factory.mktemp("sound")) as bench:
        yield bench


@pytest.mark.parametrize("name", TRIES)
def test_a_sound_evaluation_passes(name: str, sound: Bench) -> None:
    found = TRIES[name](sound)
    assert found.answer is Answer.YES, found.reason
    assert found.evidence[0].ran


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("R1", IGNORES_RANKS, "no score falls"),
        ("E1", ANY_ANSWER, "no score falls"),
        ("E1", ASKS_NOBODY, "asks the system for none"),
        ("E2", ANY_ANSWER, "no score falls"),
        ("E3", IGNORES_LABELS, "no score falls"),
        ("E9", ("return 5 if", "return 0 if"), "stays green"),
    ],
)
def test_an_evaluation_that_measures_nothing_fails(
    name: str, change: tuple[str, str], said: str, tmp_path: Path
) -> None:
    found = _tried(name, tmp_path, smallrag.changed(CODE, *change))
    assert found.answer is Answer.NO
    assert said in found.reason
    assert found.evidence[0].ran


@pytest.mark.parametrize("name", ["R1", "E3"])
def test_an_evaluation_that_reads_its_own_earlier_rows_fails(name: str, tmp_path: Path) -> None:
    code = smallrag.RAG.replace(
        "    ROWS.parent.mkdir",
        "    rows = [json.loads(r) for r in ROWS.open()]\n    ROWS.parent.mkdir",
    )
    assert _tried(name, tmp_path, {CODE: code}).answer is Answer.NO


def test_a_score_that_rests_on_nothing_beside_one_that_does_is_a_part(tmp_path: Path) -> None:
    more = smallrag.changed(CODE, '{"recall@1": recall', '{"hit@1": 1.0, "recall@1": recall')
    found = _tried("R1", tmp_path, more)
    assert found.answer is Answer.PARTIAL
    assert "overlap hit@1" in found.reason
    assert "recall@1" not in found.reason


COMMON = '"correct": float(row["expected"] in result["answer"])'
GUESSED = '"easy": 1.0, "alike": 1.0'


@pytest.mark.parametrize(
    ("more", "wanted"), [('"easy": 1.0', Answer.YES), (GUESSED, Answer.PARTIAL)]
)
def test_of_the_scores_of_an_answer_half_have_to_fall(
    more: str, wanted: Answer, tmp_path: Path
) -> None:
    found = _tried("E2", tmp_path, smallrag.changed(CODE, COMMON, f"{COMMON}, {more}"))
    assert found.answer is wanted, found.reason
    assert "easy" in found.reason


def test_a_system_beside_the_broken_one_has_nothing_to_lose(tmp_path: Path) -> None:
    both = """    right = {"recall@1": 1.0, "correct": 1.0}
    rows += [{**row, "system": "other", "grades": right} for row in rows]
    ROWS.parent.mkdir"""
    found = _tried("E1", tmp_path, smallrag.changed(CODE, "    ROWS.parent.mkdir", both))
    assert found.answer is Answer.YES, found.reason


def test_a_regression_is_planted_in_the_system_where_nothing_is_searched(tmp_path: Path) -> None:
    manifest = smallrag.changed(
        "scaffold.toml", 'search = "rag:search"', '[faults]\nsystem = "rag:answer"'
    )
    code = smallrag.changed(CODE, 'row["grades"]["recall@1"]', 'row["grades"]["correct"]')
    assert _tried("E9", tmp_path, {**manifest, **code}).answer is Answer.YES


def test_an_invented_committed_row_is_named(tmp_path: Path) -> None:
    found = _tried("E8", tmp_path, _committed(Hazel=0.0))
    assert found.answer is Answer.NO
    assert "1 item comes out otherwise than committed: Hazel of overlap" in found.reason


def test_a_claim_that_does_not_come_again_is_named(tmp_path: Path) -> None:
    manifest = smallrag.changed("scaffold.toml", "value = 1.00", "value = 0.94")
    found = _tried("C4", tmp_path, {**manifest, **_committed(Hazel=0.0)})
    assert found.answer is Answer.NO
    assert "recall@1 of overlap" in found.reason


@pytest.mark.parametrize(
    ("name", "changes", "why"),
    [
        ("E1", smallrag.changed(CODE, '"answer": found[0]["text"]', '"answer": "?"'), "no grade"),
        (
            "R1",
            smallrag.changed(CODE, '"recall@1": recall', '"recall@1": 0'),
            "grades no retrieval",
        ),
        ("E3", {GOLDEN: "".join(str(smallrag.FILES[GOLDEN]).splitlines(True)[:7])}, "only 7"),
        ("E8", {ROWS: None}, "no committed row"),
        ("C4", smallrag.changed("scaffold.toml", "rows.jsonl", "other.jsonl"), "no claim"),
    ],
)
def test_what_a_project_does_not_measure_is_not_held_against_it(
    name: str, changes: Mapping[str, str | None], why: str, tmp_path: Path
) -> None:
    with pytest.raises(NotApplicable, match=why):
        _tried(name, tmp_path, changes)


@pytest.mark.parametrize(
    ("name", "path", "old", "new", "why"),
    [
        ("R1", "scaffold.toml", 'search = "rag:search"', "", "no `retriever`"),
        ("E1", "scaffold.toml", 'answer = "rag:answer"', "", "no `answer`"),
        ("E3", "scaffold.toml", 'golden = "evals/golden.jsonl"', "", "no `golden`"),
        ("R1", "scaffold.toml", "eval = [", "evaluate = [", "no 'eval'"),
        ("E9", CODE, "return 5 if", 'return 2 if "--gate" in given else 5 if', "no `gate`"),
    ],
)
def test_what_is_not_declared_is_asked_for(
    name: str, path: str, old: str, new: str, why: str, tmp_path: Path
) -> None:
    with pytest.raises(NotDeclared, match=why):
        _tried(name, tmp_path, smallrag.changed(path, old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        ("E9", "< 0.9 else 0", "< 1.1 else 0", "ended with 5"),
        ("R1", "    ROWS.write_text(", "    str(", "no rows with grades"),
        ("E8", "    if given[0] ==", "    assert 0\n    if given[0] ==", "ended with 1"),
    ],
)
def test_an_evaluation_that_does_not_work_accuses_nobody(
    name: str, old: str, new: str, why: str, tmp_path: Path
) -> None:
    with pytest.raises(ControlFailed, match=why) as failed:
        _tried(name, tmp_path, smallrag.changed(CODE, old, new))
    assert failed.value.evidence[0].ran


def _tried(name: str, folder: Path, changes: Mapping[str, str | None]) -> Reading:
    with smallrag.opened(folder, changes) as bench:
        return TRIES[name](bench)


def _committed(**recall: float) -> dict[str, str | None]:
    """The committed rows with some grades that no evaluation gave."""
    rows = [json.loads(line) for line in str(smallrag.FILES[ROWS]).splitlines()]
    for row in rows:
        row["grades"]["recall@1"] = recall.get(row["id"], 1.0)
    return {ROWS: "".join(json.dumps(row) + "\n" for row in rows)}
