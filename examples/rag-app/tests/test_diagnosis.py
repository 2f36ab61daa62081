"""`why` names the first stage that broke, and an experiment that fits it."""

import json
from argparse import Namespace
from dataclasses import replace

import pytest
from small_corpus import TOPICS, result_row, settings_in, trace_in

from pytopics import diagnosis
from pytopics.answer import answer
from pytopics.commands import why
from pytopics.diagnosis import Stage, diagnose, first_broken
from pytopics.errors import UsageError
from pytopics.evaluation import rows as result_rows
from pytopics.evaluation.golden import Label, Question, load
from pytopics.evaluation.run import measure_answers
from pytopics.index import Index

QUOTE, ASKED = TOPICS["boats"]


@pytest.fixture
def settings(tmp_path):
    return replace(settings_in(tmp_path), answer_threshold=0.0)


def asked(text=ASKED, source="boats.md", quote=QUOTE, fact="seven crowns"):
    relevant = (Label(source, quote),) if source else ()
    facts = ((fact,),) if source else ()
    return Question("q001", "small", text, "dev", "exact-name", relevant, facts, "author")


def walked(settings, question):
    return diagnose(question, Index.open(settings), settings, "baseline", trace_in(settings))


def test_a_right_answer_has_no_broken_stage(settings):
    found = walked(settings, asked())
    assert [stage.stage for stage in found.stages] == [
        *("parse", "chunk", "lexical", "dense", "fused", "context", "answer", "citation")
    ]
    assert all(stage.ok for stage in found.stages)
    assert (found.first_broken, found.experiment) == ("", "")


def test_parse_breaks_when_the_document_no_longer_says_it(settings):
    Index.open(settings).close()
    (settings.corpus_path / "boats.md").write_text("Rowing boats are free now.")
    found = walked(settings, asked(fact="are free"))
    assert found.first_broken == "parse"
    assert "boats.md does not contain the quote" in found.experiment


def test_chunk_breaks_when_a_boundary_cuts_the_quote(settings):
    sentence = "Each rowing boat costs seven crowns an hour on every working day of the summer. "
    (settings.corpus_path / "boats.md").write_text(sentence * 3 + "Members alone pay five crowns.")
    cut = replace(settings, chunk_words=20, chunk_overlap=0)
    quote = (sentence * 2).strip()
    found = walked(cut, asked("How much do rowing boats cost?", quote=quote, fact="nine crowns"))
    assert found.first_broken == "chunk"
    assert "The quote has 30 words" in found.experiment
    assert "sweep --words 40" in found.experiment


def test_the_advice_on_parsing_names_a_file_that_has_readers(settings):
    Index.open(settings).close()
    (settings.corpus_path / "boats.md").write_text("Rowing boats are free now.")
    assert "readers.py" in walked(settings, asked(fact="are free")).experiment


def test_chunk_breaks_when_the_reader_may_not_see_the_passage(settings):
    secret = "---\naccess: board\n---\nRowing boats cost seven crowns an hour."
    (settings.corpus_path / "boats.md").write_text(secret)
    found = walked(settings, asked())
    assert found.first_broken == "chunk"
    assert "'board'" in found.experiment


def test_lexical_breaks_when_no_word_is_shared(settings):
    few = replace(settings, candidates=3, k=1)
    question = "Which singing group uses a sanctuary?"
    found = walked(few, asked(question, "choir.md", TOPICS["choir"][0]))
    stages = {stage.stage: stage for stage in found.stages}
    assert stages["lexical"].ok is False
    assert "not among the first 3" in stages["lexical"].value
    assert found.first_broken == "lexical"
    assert "dense finds it at rank 2, lexical not among 3" in found.experiment


def test_context_breaks_when_k_is_too_small(settings):
    for number in range(3):
        text = "Rowing boats cost: how much rowing boats cost is written on the rowing boats."
        (settings.corpus_path / f"copy{number}.md").write_text(f"{text} Copy {number}.")
    found = walked(replace(settings, k=1), asked())
    assert found.first_broken == "fused"
    assert "set k = " in found.experiment


def test_an_unused_list_is_not_judged(settings):
    found = walked(replace(settings, retriever="lexical"), asked())
    stages = {stage.stage: stage for stage in found.stages}
    assert stages["dense"].ok is None
    assert stages["fused"].ok is None
    assert found.first_broken == ""


def test_answer_breaks_below_the_threshold_and_the_score_is_named(settings):
    found = walked(replace(settings, answer_threshold=9.0), asked())
    assert found.first_broken == "answer"
    assert "below threshold 9" in found.experiment


def test_answer_breaks_when_the_fact_is_missing(settings):
    found = walked(settings, asked(fact="eight crowns"))
    assert found.first_broken == "answer"


def test_citation_breaks_when_another_document_is_cited(settings):
    (settings.corpus_path / "old.md").write_text("Boats: please read the price list at the jetty.")
    found = walked(settings, asked(source="old.md", quote="read the price list at the jetty"))
    assert found.first_broken == "citation"
    assert "boats.md; the label names old.md" in found.experiment


def test_an_unanswerable_question_is_right_when_refused_and_broken_when_answered(settings):
    question = asked("How much do motor boats cost?", source="")
    assert walked(replace(settings, answer_threshold=9.0), question).first_broken == ""
    found = walked(replace(settings, answer_threshold=0.0), question)
    assert found.first_broken == "answer"
    assert "passed threshold 0 " in found.experiment


def test_a_missed_list_is_harmless_if_the_context_holds_the_passage():
    seen = {"lexical": False, "dense": True, "fused": True, "context": True, "answer": True}
    stages = [Stage(name, ok, "") for name, ok in seen.items()]
    assert first_broken([*stages, Stage("citation", True, "")]) == ""
    assert first_broken([*stages, Stage("citation", False, "")]) == "citation"


def test_a_model_that_was_not_reached_is_not_a_right_answer(settings, monkeypatch):
    monkeypatch.setattr(diagnosis, "answer", lambda *_: replace(answer(*_), status="degraded"))
    found = walked(settings, asked())
    assert found.first_broken == "answer"
    assert found.result.trace in found.experiment
    assert why.human(found).splitlines()[2].startswith("The result is degraded:")


def test_a_question_without_facts_has_none_in_its_answer(settings):
    found = walked(settings, replace(asked(), facts=()))
    notes = {stage.stage: stage.note for stage in found.stages}
    assert "no fact labelled" in notes["answer"]
    assert "facts in it" not in notes["answer"]


def test_a_test_question_is_marked_as_one(settings):
    assert why.ON_TEST in why.human(walked(settings, replace(asked(), split="test")))
    assert why.ON_TEST not in why.human(walked(settings, asked()))


def run(settings, monkeypatch, wanted):
    monkeypatch.setattr(why, "load_settings", lambda: settings)
    return why.run(Namespace(id=wanted, system="baseline", json=True))


def test_the_command_prints_the_stages(settings, monkeypatch, capsys):
    assert run(settings, monkeypatch, "boats") == 0
    printed = json.loads(capsys.readouterr().out)
    assert [stage["stage"] for stage in printed["stages"]][:2] == ["parse", "chunk"]
    assert printed["first_broken"] is None
    assert printed["trace"].startswith("var/traces/")


def test_an_unknown_id_names_its_neighbours(settings, monkeypatch):
    with pytest.raises(UsageError, match="no question 'boat'") as raised:
        run(settings, monkeypatch, "boat")
    assert "boats" in raised.value.hint


def test_without_an_id_it_lists_what_missed(settings, monkeypatch, capsys):
    with pytest.raises(UsageError, match="no results yet"):
        run(settings, monkeypatch, None)
    strict = replace(settings, answer_threshold=9.0)
    questions = load(settings.questions, "small")
    index = Index.open(settings)
    rows = measure_answers(questions, index, strict, "baseline", trace_in(settings))
    result_rows.write(settings.results / "baseline.jsonl", rows)
    assert run(settings, monkeypatch, None) == 0
    printed = json.loads(capsys.readouterr().out)
    missed, listed = printed["missed"], printed["message"]
    assert missed["boats"] == ["baseline: fact_accuracy"]
    assert "u0" not in missed
    splits = {question.id: question.split for question in questions}
    assert [splits[name] for name in missed] == sorted(splits[name] for name in missed)
    assert "bees [test]" in listed
    assert listed.splitlines()[1].split() == ["8", "baseline:", "fact_accuracy"]


def test_the_list_of_what_missed_ends_after_ten(settings):
    questions = [replace(asked(), id=f"q{n}") for n in range(12)]
    row = replace(result_row("q", {"fact_accuracy": 0.0}), system="baseline")
    rows = [replace(row, id=question.id) for question in questions]
    result_rows.write(settings.results / "baseline.jsonl", rows)
    listed = why._misses(questions, settings).message
    assert "  12  baseline: fact_accuracy" in listed
    assert "q9 " in listed
    assert "q10 " not in listed
