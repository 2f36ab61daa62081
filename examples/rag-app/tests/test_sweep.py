"""`sweep` measures settings side by side, leaves the index alone and decides nothing."""

import json
from argparse import Namespace
from dataclasses import replace

import pytest
from small_corpus import TOPICS, rows, settings_in

from pytopics import decisions
from pytopics.commands import sweep as command
from pytopics.errors import UsageError
from pytopics.evaluation.report import SAMPLE
from pytopics.index import Index
from pytopics.sweep import CUT, Chunking, chunkings, questions_for, sweep

FILLER = "Nothing else is written on this page, which is only here to make it longer. "


@pytest.fixture
def settings(tmp_path):
    documents = {f"{n}.md": f"{FILLER}{text} {FILLER}" for n, (text, _) in TOPICS.items()}
    return replace(settings_in(tmp_path, documents), chunk_words=60, chunk_overlap=10)


def measured(settings, tried):
    index = Index.open(settings)
    return sweep(questions_for(settings, index.corpus), index, settings, tried)


def test_half_and_double_are_compared_by_default_with_the_same_share_of_overlap(settings):
    assert chunkings(settings, [], None) == [Chunking(60, 10), Chunking(30, 5), Chunking(120, 20)]
    assert chunkings(settings, [60, 40], 10) == [Chunking(60, 10), Chunking(40, 10)]


@pytest.mark.parametrize(("words", "overlap"), [([5], None), ([40], 40), ([40], -1)])
def test_impossible_chunkings_are_refused(settings, words, overlap):
    with pytest.raises(UsageError, match="cannot cut"):
        chunkings(settings, words, overlap)


def test_every_setting_sees_the_same_dev_questions(settings):
    found = measured(settings, [Chunking(60, 10), Chunking(20, 0)])
    assert [m.name for m in found[:3]] == ["60/10 lexical", "60/10 dense", "60/10 hybrid"]
    assert len(found) == 6
    dev = [row["id"] for row in rows() if row["split"] == "dev" and row["relevant"]]
    assert all([row.id for row in m.rows] == dev for m in found)
    assert [m.name for m in found if m.against is None] == ["60/10 hybrid"]
    assert all({row.setting for row in m.rows} == {m.name} for m in found)


def test_the_share_of_cut_labels_is_counted(settings):
    long = "First words of a long quote that goes on over the page until the very last word. "
    (settings.corpus_path / "bees.md").write_text(long * 3)
    quote = (long * 2).strip()
    row = rows()[1] | {"relevant": [{"source": "bees.md", "quote": quote}], "split": "dev"}
    settings.questions.write_text(json.dumps(row) + "\n")
    whole, cut = measured(settings, [Chunking(60, 10), Chunking(20, 0)])[::3]
    assert whole.figures[CUT].value == 0
    assert cut.figures[CUT].value == 1


def test_the_real_index_is_not_touched(settings):
    Index.open(settings).close()
    before = settings.index_path.read_bytes()
    measured(settings, [Chunking(60, 10), Chunking(20, 0)])
    assert settings.index_path.read_bytes() == before


def test_the_authors_questions_push_the_templates_aside(settings):
    sample = [row | {"id": f"s{row['id']}", "origin": SAMPLE} for row in rows()]
    lines = [json.dumps(row) + "\n" for row in [*rows(), *sample]]
    settings.questions.write_text("".join(lines))
    assert {q.origin for q in questions_for(settings, "small")} == {"author"}
    settings.questions.write_text("".join(lines[len(rows()) :]))
    assert {q.origin for q in questions_for(settings, "small")} == {SAMPLE}
    with pytest.raises(UsageError, match="no labelled dev question for corpus 'other'"):
        questions_for(settings, "other")


def run(settings, monkeypatch, capsys, words="20", as_json=True):
    monkeypatch.setattr(command, "load_settings", lambda: settings)
    assert command.run(Namespace(words=words, overlap=None, json=as_json)) == 0
    return capsys.readouterr().out


def test_the_command_writes_rows_and_a_draft_with_open_gaps(settings, monkeypatch, capsys):
    printed = json.loads(run(settings, monkeypatch, capsys))
    lines = (settings.root / printed["rows"]).read_text().splitlines()
    assert len(lines) == 6 * printed["n"]
    draft = (settings.root / printed["draft"]).read_text()
    assert printed["draft"] == "docs/decisions/0001-chunking-and-retriever.draft.md"
    assert f"## Decision\n{decisions.GAP}" in draft
    assert "| 20/3 dense |" in draft
    assert "the author's own questions" in draft
    assert "too few to choose by" in draft


def test_a_draft_of_the_templates_questions_says_so(settings, monkeypatch, capsys):
    lines = [json.dumps(row | {"origin": SAMPLE}) + "\n" for row in rows()]
    settings.questions.write_text("".join(lines))
    printed = json.loads(run(settings, monkeypatch, capsys))
    assert "questions of the template, not the author's" in printed["message"]
    draft = (settings.root / printed["draft"]).read_text()
    assert "questions of the template, not the author's" in draft


def test_a_draft_is_replaced_until_somebody_edits_it(settings, monkeypatch, capsys):
    first = json.loads(run(settings, monkeypatch, capsys))["draft"]
    assert json.loads(run(settings, monkeypatch, capsys))["draft"] == first
    path = settings.root / first
    path.write_text(path.read_text().replace(decisions.GAP, "A reason of my own", 1))
    edited = path.read_text()
    second = json.loads(run(settings, monkeypatch, capsys))["draft"]
    assert second.startswith("docs/decisions/0002-")
    assert path.read_text() == edited


def test_the_table_fits_eighty_columns(settings, monkeypatch, capsys):
    printed = run(settings, monkeypatch, capsys, as_json=False)
    assert max(len(line) for line in printed.splitlines()[1:-1]) <= 80


def test_sizes_that_are_no_numbers_are_refused(settings, monkeypatch, capsys):
    with pytest.raises(UsageError, match="not a list of numbers"):
        run(settings, monkeypatch, capsys, words="small,large")
