"""Ways to cut documents, measured on the same questions, and the one that was taken."""

import json
from pathlib import Path

import pytest
from asked import ask

SAID = "Chunks of 90, 180 and 360 words were compared; 180 stays because it is within the noise.\n"


def rows(setting: str, hit: float, fields: dict[str, object] | None = None, n: int = 10) -> str:
    each = (
        {"id": f"q{i}", "system": setting, "ranked": [[setting]], "hit_rate": hit} for i in range(n)
    )
    return "".join(json.dumps({**row, **(fields or {})}) + "\n" for row in each)


SWEEP = {"evals/results/sweep.jsonl": rows("90/9", 0.0) + rows("180/9", 1.0) + rows("360/9", 0.5)}


@pytest.mark.parametrize(
    "tree",
    [
        SWEEP,
        {f"results/chunk_{n}.jsonl": rows("dense", 0.5, {"ranked": [[n]]}) for n in (64, 128, 256)},
        {
            "results/all.jsonl": "".join(
                rows("dense", 0.5, {"config": {"chunk_size": n}, "ranked": [[n]]})
                for n in (64, 128, 256)
            )
        },
        {
            f"results/{way}.jsonl": rows("dense", 0.5, {"chunker": way, "ranked": [[way]]})
            for way in ("recursive", "semantic", "fixed")
        },
    ],
    ids=["named", "by file", "by configuration", "by strategy"],
)
def test_settings_are_known_however_rows_name_them(tree: dict[str, str], tmp_path: Path) -> None:
    assert ask("chunksizes.compared", tree, tmp_path).answer == "yes"


def test_grades_that_the_ranks_do_not_give_change_no_winner(tmp_path: Path) -> None:
    lifted = rows("90/9", 0.0, {"label_ranks": [None], "grades": {"recall@5": 1.0}})
    honest = rows("180/9", 0.0, {"label_ranks": [1], "grades": {"recall@5": 1.0}})
    tree = {"evals/results/sweep.jsonl": lifted + honest, "README.md": f"# Desk\n{SAID}"}
    assert "best: 180/9." in ask("chunksizes.decided", tree, tmp_path).reason


def test_sizes_of_another_retriever_are_another_comparison(tmp_path: Path) -> None:
    tree = {"evals/results/a.jsonl": rows("90/9 dense", 0.0) + rows("180/9 lexical", 1.0)}
    assert ask("chunksizes.compared", tree, tmp_path).answer == "no"


def test_losing_is_fine_where_the_author_says_why(tmp_path: Path) -> None:
    said = SAID.replace("180 stays", "90 stays")
    tree = {**SWEEP, "config.toml": "[chunking]\nwords = 90\n", "README.md": f"# Desk\n{said}"}
    assert ask("chunksizes.decided", tree, tmp_path).answer == "yes"


@pytest.mark.parametrize(
    ("decision", "answer"),
    [
        ("90 words instead of 180: within the noise, and cheaper.", "yes"),
        ("Although 180 words found more, 90 stays: it costs half.", "yes"),
        ("180 words did better by 0.01, within the noise; we keep 90.", "yes"),
        ("180 words, because they found more than 90.", "partial"),
        ("We keep 180 words since 90 lost.", "partial"),
    ],
)
def test_a_record_is_a_reason_only_for_the_size_that_it_chose(
    decision: str, answer: str, tmp_path: Path
) -> None:
    record = f"# 0001: the size of chunks\n\n## Decision\n{decision}\n\n## Rejected\n360 lost.\n"
    tree = {**SWEEP, "config.toml": "[chunking]\nwords = 90\n", "docs/decisions/0001.md": record}
    assert ask("chunksizes.decided", tree, tmp_path).answer == answer


def test_winning_by_chance_is_no_decision(tmp_path: Path) -> None:
    tree = {**SWEEP, "config.toml": "[chunking]\nwords = 180\n", "README.md": "# Desk\n"}
    assert ask("chunksizes.decided", tree, tmp_path).answer == "partial"
