"""Training without torch: what is read, named, resumed, shuffled and shown."""

import hashlib
import json
import sys
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest
from small_project import ROOT, make_project

from spokehouse.errors import ConfigError, UsageError
from spokehouse.items import load_items
from spokehouse.local import weights
from spokehouse.local.weights import fetched, verify
from spokehouse.training import controls, curve, scored
from spokehouse.training.config import load
from spokehouse.training.report import report_of, write_tables
from spokehouse.training.rows import IGNORED, seen, shown, summary
from spokehouse.training.tune import ELAPSED, latest, progress, run_name

SCORES = {"split": "dev", "n": 32, "exact": 0.5, "valid": 1.0, "fields": 0.8}
META = {"rows": 4, "steps": 2, "loss_first": 2.0, "loss_last": 0.25, "seconds": 9.0}


@pytest.fixture
def config():
    return load(ROOT)


@pytest.fixture
def train():
    return load_items(ROOT / "data" / "train.jsonl")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rank = ", "rang = ", "[adapter] rank is missing"),
        ("[train]", "[train]\nlayers = 3", "[train] layers is unknown"),
        ("epochs = ", 'epochs = "many" # ', "[train] epochs is 'many'"),
        ("batch = ", "batch = 0 # ", "[train] batch is 0"),
        ('source = "wheel"', 'source = "cloud"', "[base] source is 'cloud'"),
        ("[adapter]", "[lora]", "unknown table [lora]"),
        ("[base]", "[base", "cannot read training.toml"),
    ],
)
def test_a_wrong_line_of_training_toml_is_named(tmp_path, old, new, said):
    text = (ROOT / "training.toml").read_text(encoding="utf-8")
    (tmp_path / "training.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert said in caught.value.message


def test_a_table_that_is_a_word_is_named(tmp_path):
    (tmp_path / "training.toml").write_text('base = "small"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="base is no table"):
        load(tmp_path)


def test_other_inputs_make_another_run(config, train):
    slower = replace(config, train=replace(config.train, learning_rate=1e-6))
    names = {
        run_name(config, train),
        run_name(config, train[:-1]),
        run_name(slower, train),
        run_name(config, train, "smoke"),
    }
    assert len(names) == 4
    assert run_name(config, train) == run_name(load(ROOT), list(train))


def test_a_killed_run_goes_on_from_its_newest_whole_checkpoint(tmp_path):
    for step, whole in ((2, True), (10, True), (12, False)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if whole:
            (folder / ELAPSED).write_text("3.5\n")
    assert latest(tmp_path) == tmp_path / "checkpoint-10"
    assert latest(tmp_path / "checkpoint-12") is None


def test_progress_says_how_long_it_takes_yet():
    assert progress(30, 90, "0.5", 120.0) == "step 30 of 90, loss 0.500, about 4 min left"


def test_what_is_learned_stands_in_brackets():
    row = seen({"input_ids": [1, 2, 3, 4], "labels": [IGNORED, IGNORED, 3, 4]}, end=4)
    assert row.ends
    assert shown(row, ["ask", " this", "so", "."]) == "ask this[[so.]]"


def test_a_row_whose_end_is_masked_is_counted():
    row = seen({"input_ids": [1, 2, 4], "labels": [IGNORED, 2, IGNORED]}, end=4)
    said = summary([row, row], 256, "abc")
    assert "2 rows, 6 tokens, 2 of them learned" in said
    assert "end is not learned: 2" in said


def test_shuffled_labels_are_all_others(train):
    mixed = controls.shuffled(train, seed=7)
    assert all(a.record != b.record for a, b in zip(train, mixed, strict=True))
    assert sorted(map(repr, (r.record for r in mixed))) == sorted(repr(r.record) for r in train)
    assert mixed == controls.shuffled(train, seed=7)


def test_one_label_cannot_be_shuffled(train):
    with pytest.raises(UsageError):
        controls.shuffled([train[0], replace(train[0], id="x")], seed=7)


def test_each_size_of_the_curve_begins_the_next(train):
    sets = curve.sets(train)
    assert [len(some) for some in sets] == sorted({len(some) for some in sets})
    assert all(b[: len(a)] == a for a, b in pairwise(sets))
    assert sets[-1] == train
    assert len(curve.sets(train[:1])) == 1


def test_the_largest_of_the_curve_is_the_tune(config, train):
    whole = curve.attempts(config, train)[-1]
    assert run_name(whole.config, whole.rows, whole.kind) == run_name(config, train)


def test_controls_change_one_thing_each(config, train):
    found = controls.attempts(config, train)
    assert found["another seed"].config.train == replace(config.train, seed=config.train.seed + 1)
    rate = found["a tenth of the rate"].config.train.learning_rate
    assert rate == pytest.approx(config.train.learning_rate / 10)
    assert len(found["one batch"].rows) == config.train.batch


def test_a_tune_is_made_once_and_scored_on_dev(tmp_path, monkeypatch, config):
    settings = make_project(tmp_path)
    made = []

    def tune(config, rows, folder, tell, steps):
        made.append(folder.name)
        (folder / "adapter").mkdir()
        (folder / "meta.json").write_text(json.dumps(META))
        return META

    monkeypatch.setattr(scored, "tune", tune)
    monkeypatch.setattr(scored, "load", lambda config, adapter: None)
    monkeypatch.setattr(scored, "score", lambda model, settings: SCORES)
    rows = load_items(settings.items("train"))
    for _ in range(2):
        found = curve.measure(config, rows, settings, lambda said: None)
    assert len(made) == len(found) == 2
    assert [row["exact"] for row in found] == [0.5, 0.5]


def test_the_document_says_what_the_training_showed(tmp_path):
    settings = make_project(tmp_path)
    assert report_of(settings).markdown == ""
    rows = [{"run": "r", **META, **SCORES}]
    write(curve.place(settings), rows)
    write(controls.place(settings), [{"control": "another seed", **rows[0], "exact": 0.25}])
    assert write_tables(settings)
    text = (tmp_path / "docs" / "training.md").read_text(encoding="utf-8")
    assert "Two seeds of the same tune: exact 0.50 and 0.25 on dev" in text


def test_parity_stands_in_the_readme(tmp_path):
    settings = make_project(tmp_path)
    found = {"prompts": 50, "identical": 49, "paths": ["scored", "served"]}
    (tmp_path / "evals" / "parity.json").write_text(json.dumps(found), encoding="utf-8")
    assert "some answers differ" in report_of(settings).markdown


def test_a_row_that_is_none_is_told(tmp_path):
    settings = make_project(tmp_path)
    write(curve.place(settings), [{"rows": 3}])
    with pytest.raises(UsageError, match="evals/training"):
        write_tables(settings)


def test_other_weights_are_refused(tmp_path):
    file = tmp_path / "weights.gguf"
    file.write_bytes(b"small")
    digest = hashlib.sha256(b"small").hexdigest()
    assert verify(file, digest) == verify(file, "") == digest
    with pytest.raises(ConfigError, match="hash"):
        verify(file, "0" * 64)


def test_weights_of_a_folder_are_not_fetched(tmp_path, config):
    with pytest.raises(ConfigError, match="not there"):
        fetched(replace(config, root=tmp_path, base=replace(config.base, source="folder")), print)


def test_a_model_of_the_hub_is_fetched_at_its_revision(tmp_path, config, monkeypatch):
    asked = []

    def snapshot_download(model, revision, allow_patterns):
        asked.append((model, revision))
        (tmp_path / "model.safetensors").write_bytes(b"small")
        return str(tmp_path)

    class Refused(Exception):
        """An error of the hub."""

    errors = SimpleNamespace(HfHubHTTPError=Refused, LocalEntryNotFoundError=Refused)
    hub = SimpleNamespace(snapshot_download=snapshot_download, errors=errors)
    monkeypatch.setitem(sys.modules, "huggingface_hub", hub)
    monkeypatch.setitem(sys.modules, "huggingface_hub.errors", errors)
    base = replace(config.base, source="hub", model="org/tiny", revision="abc", sha256="")
    found = fetched(replace(config, base=replace(base, file="model.safetensors")), print)
    assert (found, asked) == (tmp_path / "model.safetensors", [("org/tiny", "abc")])


def test_a_download_that_fails_is_one_sentence(tmp_path, config, monkeypatch):
    failed = SimpleNamespace(returncode=1, stderr="warning\nno network\n")
    monkeypatch.setattr(weights.subprocess, "run", lambda *words, **how: failed)
    with pytest.raises(ConfigError, match="no network"):
        fetched(replace(config, root=tmp_path), lambda said: None)


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
