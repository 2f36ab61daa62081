"""Labels: source and quote, appended whole, never twice, still right after re-chunking."""

import io
import json
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import replace

import pytest
from small_corpus import TOPICS, settings_in

from pytopics import keyboard, labelling
from pytopics.cli import main
from pytopics.commands import label as command
from pytopics.commands.label import Session, dialogue
from pytopics.errors import UsageError
from pytopics.evaluation.golden import Label, load, targets
from pytopics.index import Index
from pytopics.ingest import ingest
from pytopics.keyboard import Ended, Terminal

WINTER = "The jetty is closed in winter because the planks freeze over and people slip. " * 4
LONG = (
    "# Boats\n\nRowing boats cost seven crowns an hour. Sailing boats are for members only, and "
    "members pay a deposit of forty crowns. The harbour master keeps the list of members.\n\n"
    + WINTER
)


@pytest.fixture
def settings(tmp_path):
    documents = {f"{name}.md": text for name, (text, _) in TOPICS.items()} | {"boats.md": LONG}
    made = replace(settings_in(tmp_path, documents), chunk_words=80, chunk_overlap=10)
    made.questions.write_text("", encoding="utf-8")
    return made


class Script:
    """A terminal that types the given keys and lines and remembers what it was shown."""

    def __init__(self, keys: Iterable[str] = (), lines: Iterable[str] = ()) -> None:
        self.keys, self.lines, self.shown = iter(keys), iter(lines), []
        self.terminal = Terminal(
            lambda: self._next(self.keys), lambda _prompt: self._next(self.lines), self.shown.append
        )

    def _next(self, typed):
        for item in typed:
            return item
        raise Ended


def key_of(settings, question, source):
    """The key that marks the best candidate of that source."""
    found = labelling.candidates(Index.open(settings), question, settings)
    place = next(i for i, c in enumerate(found) if c.hit.source == source)
    return command.KEYS[place]


def label(settings, question, keys, lines=(), **given):
    script = Script(keys, lines)
    saved = dialogue(Session(Index.open(settings), settings, script.terminal, **given), question)
    return saved, "\n".join(script.shown)


def test_candidates_come_from_every_retriever_once(settings):
    found = labelling.candidates(Index.open(settings), "What does a rowing boat cost?", settings)
    ids = [candidate.hit.chunk_id for candidate in found]
    assert len(ids) == len(set(ids))
    assert {name for c in found for name in c.ranks} == {"lexical", "dense", "hybrid"}
    assert [min(c.ranks.values()) for c in found] == sorted(min(c.ranks.values()) for c in found)


def test_the_quote_offered_has_the_fact_as_whole_words():
    passage = "Owners may stay 16 weeks in all. Guests may stay 6 weeks."
    assert labelling.quote_for(passage, "How long?", [["6 weeks"]]) == "Guests may stay 6 weeks."


def test_a_marked_passage_becomes_source_and_quote(settings):
    question = "What does a rowing boat cost?"
    key = key_of(settings, question, "boats.md")
    saved, shown = label(settings, question, [key, "\n"], ["seven crowns | 7 crowns", "", "", ""])
    assert load(settings.questions) == saved
    assert saved[0].relevant == (Label("boats.md", "Rowing boats cost seven crowns an hour."),)
    assert saved[0].facts == (("seven crowns", "7 crowns"),)
    assert (saved[0].id, saved[0].origin, saved[0].corpus) == ("q001", "author", "small")
    assert "lexical" in shown
    assert "saved q001" in shown


def test_the_suggested_quote_is_the_sentence_with_the_fact():
    passage = "Boats cost crowns here. Members pay a deposit of forty. The jetty is closed."
    asked = "What do boats cost?"
    assert labelling.quote_for(passage, asked) == "Boats cost crowns here."
    assert labelling.quote_for(passage, asked, [("40", "forty")]).startswith("Members pay")


def test_a_quote_that_the_document_does_not_hold_is_asked_for_again(settings):
    question = "What does a rowing boat cost?"
    key = key_of(settings, question, "boats.md")
    lines = ["", "Boats are free.", "Sailing boats are for members only", ""]
    saved, shown = label(settings, question, [key, "\n"], lines)
    assert saved[0].relevant[0].quote == "Sailing boats are for members only"
    assert "does not contain" in shown


def test_a_fact_that_no_marked_passage_words_so_is_pointed_out(settings):
    question = "What does a rowing boat cost?"
    key = key_of(settings, question, "boats.md")
    saved, shown = label(settings, question, [key, "\n"], ["nine crowns", "", "", ""])
    assert saved[0].facts == (("nine crowns",),)
    assert "No marked passage says 'nine crowns'" in shown


def test_a_second_press_takes_the_mark_away_and_enter_needs_a_mark(settings):
    question = "What does a rowing boat cost?"
    key = key_of(settings, question, "boats.md")
    saved, shown = label(settings, question, [key, key, "\n", "s"])
    assert saved == []
    assert "marked: none" in shown
    assert settings.questions.read_text() == ""


def test_unanswerable_is_a_label(settings):
    saved, _ = label(settings, "Who painted the Mona Lisa?", ["u", "u"])
    assert (saved[0].slice, saved[0].relevant, saved[0].facts) == ("out-of-corpus", (), ())


def test_unanswerable_is_asked_about_once(settings):
    saved, shown = label(settings, "Who painted the Mona Lisa?", ["u", "s"])
    assert saved == []
    assert "`o` names a document that the search missed" in shown


@pytest.mark.parametrize("source", [["boats.md"], ["HARBOUR.md", "boat", "1"], ["deposit", "1"]])
def test_a_document_that_the_search_missed_can_be_named(settings, monkeypatch, source):
    monkeypatch.setattr(command, "candidates", lambda *_: [])
    quote = "Sailing boats are for\nmembers only"
    lines = [*source, "Boats are free.", quote, "members only", "", ""]
    saved, shown = label(settings, "Who may sail?", ["o", "\n"], lines)
    assert saved[0].relevant == (Label("boats.md", "Sailing boats are for members only"),)
    assert saved[0].facts == (("members only",),)
    assert "does not contain" in shown


def test_naming_a_document_can_be_given_up(settings):
    saved, shown = label(settings, "Who may sail?", ["o", "o", "\n", "s"], ["", "boats.md", ""])
    assert saved == []
    assert "marked: none" in shown


def test_several_facts_can_be_pasted_at_once(settings):
    question = "What does a rowing boat cost?"
    key = key_of(settings, question, "boats.md")
    saved, _ = label(settings, question, [key, "\n"], ["seven | 7\n\ncrowns", "", "", ""])
    assert saved[0].facts == (("seven", "7"), ("crowns",))


def test_flags_are_the_defaults_of_the_dialogue(settings):
    question = "What does a rowing boat cost?"
    key = key_of(settings, question, "boats.md")
    given = {"facts": (("seven",),), "slice_name": "ambiguous"}
    saved, _ = label(settings, question, [key, "\n"], ["crowns", "", "", ""], **given)
    assert saved[0].facts == (("seven",), ("crowns",))
    assert saved[0].slice == "ambiguous"


def test_a_pasted_quote_is_read_to_its_end():
    read = iter(["The first line", "", "typed"])
    waiting = iter([b"of the second line\nand of a th", b"ird", b"", b"", b""])
    text = keyboard.whole_paste(lambda: next(read), lambda: next(waiting))
    assert text == "The first line\nof the second line\nand of a third"
    assert keyboard.whole_paste(lambda: next(read), lambda: next(waiting)) == "typed"


def test_quitting_keeps_what_was_saved(settings):
    script = Script(["u", "u", "q"], ["Who painted the Mona Lisa?", "How deep is the sea?"])
    saved = dialogue(Session(Index.open(settings), settings, script.terminal))
    assert [q.question for q in load(settings.questions)] == ["Who painted the Mona Lisa?"]
    assert len(saved) == 1


def test_the_same_question_is_not_added_twice(settings):
    label(settings, "Who painted the Mona Lisa?", ["u", "u"])
    before = settings.questions.read_bytes()
    saved, shown = label(settings, "  who painted the mona lisa ", ["u", "u"])
    assert saved == []
    assert "q001 already asks this" in shown
    assert settings.questions.read_bytes() == before


def test_labels_survive_another_chunking(settings):
    question = "Which deposit do members pay?"
    key = key_of(settings, question, "boats.md")
    saved, _ = label(settings, question, [key, "\n"], ["forty crowns", "", "", ""])
    before = targets(saved[0], Index.open(settings))
    smaller = replace(settings, chunk_words=20, chunk_overlap=0)
    ingest(smaller)
    index = Index.open(smaller)
    after = targets(load(settings.questions)[0], index)
    assert before != after
    assert all("forty crowns" in index.chunk(i).text for i in after[0])


def test_existing_lines_are_never_touched(settings):
    settings.questions.write_text("not JSON at all, and no newline at its end")
    question = labelling.make_question("Why?", "small", "out-of-corpus", [], [], [])
    labelling.append(settings.questions, question)
    first, second = settings.questions.read_text().splitlines()
    assert first == "not JSON at all, and no newline at its end"
    assert json.loads(second)["question"] == "Why?"


def test_a_failed_write_leaves_no_half_line(settings, monkeypatch):
    label(settings, "Who painted the Mona Lisa?", ["u", "u"])
    before = settings.questions.read_bytes()

    def no_space(_):
        raise OSError("no space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    question = labelling.make_question("Why?", "small", "out-of-corpus", [], [], [])
    with pytest.raises(UsageError, match="cannot write"):
        labelling.append(settings.questions, question)
    assert settings.questions.read_bytes() == before


def test_the_next_id_is_free():
    stored = [labelling.make_question("Why?", "small", "out-of-corpus", [], [], [])]
    assert labelling.make_question("How?", "small", "everyday-words", [], [], stored).id == "q002"


def test_each_slice_fills_dev_and_test_in_turn():
    stored = []
    for number, name in enumerate(["everyday-words", "out-of-corpus", "everyday-words"] * 4):
        made = labelling.make_question(f"Question {number}?", "small", name, [], [], stored)
        stored.append(made)
    for name, expected in (("everyday-words", "dev test " * 4), ("out-of-corpus", "dev test " * 2)):
        assert [q.split for q in stored if q.slice == name] == expected.split()
    assert labelling.split_for("everyday-words", "other corpus", stored) == "dev"


@pytest.mark.parametrize(
    ("question", "passages", "expected"),
    [
        ("When are the beehives opened?", ["The beehives are opened."], "exact-name"),
        ("At what time may I look after insects?", ["The beehives are opened."], "everyday-words"),
        ("When are the beehives opened?", ["The beehives", "opened"], "two-passages"),
        ("When are the beehives opened?", [], "out-of-corpus"),
    ],
)
def test_the_slice_is_suggested_from_the_words_shared(question, passages, expected):
    assert labelling.suggest_slice(question, passages) == expected


def test_flags_and_dialogue_guess_the_slice_alike(settings, monkeypatch):
    question, quote = "What do sailing members pay?", "a deposit of forty crowns"
    key = key_of(settings, question, "boats.md")
    asked, _ = label(settings, question, [key, "\n"], ["", quote, ""])
    settings.questions.write_text("")
    run(settings, monkeypatch, flags(question, relevant=["boats.md"], quote=[quote]))
    assert load(settings.questions) == asked
    assert asked[0].slice == "exact-name"


def flags(question, **given):
    none = {"relevant": [], "quote": [], "fact": [], "slice": None, "unanswerable": False}
    return Namespace(**(none | {"question": question, "json": True} | given))


def run(settings, monkeypatch, arguments):
    monkeypatch.setattr(command, "load_settings", lambda: settings)
    return command.run(arguments)


def test_flags_label_without_a_terminal(settings, monkeypatch, capsys):
    given = {"relevant": ["boats.md"], "quote": ["Rowing boats\ncost seven"], "fact": ["7 | seven"]}
    assert run(settings, monkeypatch, flags("What does a boat cost?", **given)) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["saved"][0]["relevant"][0]["quote"] == "Rowing boats cost seven"
    assert printed["counts"]["own"] == 1
    assert load(settings.questions)[0].facts == (("7", "seven"),)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"relevant": ["boats.md"], "quote": ["Boats are free."]}, "boats.md does not contain"),
        ({"relevant": ["../config.toml"], "quote": ["words"]}, "not a document of the index"),
        ({"relevant": ["boats.md"]}, "needs one --quote"),
        ({"relevant": ["boats.md"], "slice": "out-of-corpus"}, "is not out-of-corpus"),
        ({"unanswerable": True, "fact": ["seven"]}, "goes without"),
        ({"unanswerable": True, "slice": "everyday-words"}, "goes without"),
        ({"slice": "everyday-words"}, "needs a terminal"),
    ],
)
def test_wrong_flags_add_nothing(settings, monkeypatch, given, complaint):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(UsageError, match=complaint):
        run(settings, monkeypatch, flags("What does a boat cost?", **given))
    assert settings.questions.read_text() == ""


@pytest.mark.parametrize(
    ("question", "given", "complaint"),
    [
        (None, {"fact": ["seven"]}, "go with a question"),
        ("What?", {"quote": ["words"]}, "needs one --relevant"),
        ("What?", {"slice": "out-of-corpus"}, "--unanswerable"),
    ],
)
def test_flags_that_the_dialogue_cannot_use_are_refused(
    settings, monkeypatch, question, given, complaint
):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    with pytest.raises(UsageError, match=complaint):
        run(settings, monkeypatch, flags(question, **given))


def test_a_question_on_another_corpus_is_pointed_out(settings, monkeypatch, capsys):
    Index.open(settings).close()
    renamed = replace(settings, corpus_name="other")
    assert run(renamed, monkeypatch, flags("Who painted it?", unanswerable=True)) == 0
    assert "stored for the corpus 'small'" in capsys.readouterr().err
    assert load(settings.questions)[0].corpus == "small"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("out-of-corpus", {"unanswerable": True}),
        ("exact-name", {"relevant": ["boats.md"], "quote": ["Rowing boats cost seven"]}),
        ("ambiguous", {"relevant": ["boats.md"], "quote": ["Rowing boats cost seven"]}),
    ],
)
def test_a_slice_can_be_named(settings, monkeypatch, name, given):
    assert run(settings, monkeypatch, flags("What does it cost?", slice=name, **given)) == 0
    assert load(settings.questions)[0].slice == name


def test_the_help_explains_every_flag(capsys):
    with pytest.raises(SystemExit):
        main(["label", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "example: label" in shown
    for words in ("document that answers", "exact words", "A or B", "kind of", "no document"):
        assert words in shown
