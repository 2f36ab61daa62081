"""What an index was made from, and what notices that it was another."""

import json
from pathlib import Path

import pytest
from asked import ask

ROW = {"id": "q1", "system": "hybrid", "recall": 1.0}


def test_reading_a_setting_is_not_recording_it(tmp_path: Path) -> None:
    code = "def load(c):\n    return c['embedding_model'], c['chunk_size'], c['corpus_hash']\n"
    assert ask("indexing.recorded", {"src/index.py": code}, tmp_path).answer == "no"


def test_metadata_of_a_collection_is_a_record(tmp_path: Path) -> None:
    code = (
        "def build(client, c):\n    m = {'embedding_model': c.m, 'chunk_size': c.n, 'corpus_hash':"
        " c.h}\n    client.create_collection('a', metadata=m)\n"
    )
    assert ask("indexing.recorded", {"app/vector_store.py": code}, tmp_path).answer == "yes"


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([{"config": {"chunk": 5}}, {"config": {"chunk": 5}}], "yes"),
        ([{"corpus_hash": "a"}, {"corpus_hash": "b"}], "partial"),
        ([{"system": "90/9 dense", "setting": "90/9 dense"}], "yes"),
        ([{"setting": "90/9 dense"}], "partial"),
        ([{}], "no"),
        ([], "no"),
    ],
)
def test_rows_are_of_one_index_and_of_todays(
    rows: list[dict[str, object]], answer: str, tmp_path: Path
) -> None:
    text = "".join(json.dumps({**ROW, **row}) + "\n" for row in rows)
    tree = {"evals/results/a.jsonl": text, "config.toml": "[chunking]\nwords = 180\noverlap = 30\n"}
    assert ask("indexing.rows_current", tree, tmp_path).answer == answer
