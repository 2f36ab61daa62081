"""The loop against a scripted model, on the wire: calls, faults, long talks, what is believed."""

import json
import sqlite3

import pytest
from llmock.scenarios import Reply as Scripted
from llmock.scenarios import ToolCall as Called
from small_ledger import make_project, reply, runner

from lendledger import tools
from lendledger.assistant import answer, database_of
from lendledger.conversation import Conversation, load, save, size
from lendledger.llm import client
from lendledger.llm.client import Completion
from lendledger.llm.types import Reply, Stop
from lendledger.result import Usage
from lendledger.tools import Found
from lendledger.trace import Trace

COUNT = {"sql": "SELECT COUNT(*) FROM members"}


@pytest.fixture
def settings(tmp_path):
    return make_project(tmp_path)


@pytest.fixture
def ask(settings, model_server):
    def asked(question="How many members are there?", **more):
        trace = Trace.start(settings.traces, "test")
        return answer(question, settings, "model", trace, **more)

    return asked


def outcomes(result):
    return [(a["tool"], a["outcome"]) for a in result.detail["actions"]]


def test_it_looks_asks_and_tells_what_it_found(ask, model_server):
    model_server.call_tool("list_tables", {})
    model_server.call_tool("run_select", COUNT)
    model_server.reply(reply("There are 1900 members.", "q2"))
    result = ask()
    assert (result.status, result.answer) == ("answered", "There are 1900 members.")
    assert outcomes(result) == [("list_tables", "ok"), ("run_select", "ok")]
    assert result.usage.output_tokens > 0
    assert result.cost_usd is not None


def test_calls_of_one_turn_run_side_by_side_and_each_result_names_its_call(
    ask, model_server, monkeypatch
):
    from time import sleep

    def slow(database, *, table):
        sleep(0.4 if table == "loans" else 0.0)
        return Found(f"columns of {table}")

    monkeypatch.setattr(tools, "describe_table", slow)
    names = ("loans", "members", "titles")
    calls = tuple(Called("describe_table", {"table": name}) for name in names)
    model_server.add(Scripted(text="I look.", tool_calls=calls))
    model_server.reply(reply("I have seen three tables: all of them."))
    result = ask("Which tables are there, all three of them, or 3?")
    assert outcomes(result) == [("describe_table", "ok")] * 3
    assert [a["arguments"]["table"] for a in result.detail["actions"]] == [*names]
    sent = json.dumps(model_server.requests[-1].body)
    assert all(f"columns of {name}" in sent for name in names)


def test_wrong_calls_come_back_as_errors_with_what_would_be_right(ask, model_server):
    model_server.call_tool("drop_tables", {"all": True})
    model_server.call_tool("run_select", {"query": "SELECT 1"})
    model_server.call_tool("run_select", {"sql": "DELETE FROM members"})
    model_server.reply(reply("That cannot be answered from the ledger.", kind="out_of_scope"))
    result = ask()
    assert outcomes(result)[0] == ("drop_tables", "refused")
    assert [outcome for _, outcome in outcomes(result)] == ["refused"] * 3
    sent = json.dumps(model_server.requests[-1].body)
    assert "there are list_tables, describe_table, run_select" in sent
    assert "only a SELECT may run" in sent
    assert result.status == "refused"


def test_a_figure_that_no_result_holds_is_held_back_after_one_repair(ask, model_server):
    model_server.call_tool("run_select", COUNT)
    model_server.reply(reply("There are 421 members.", "q1"))
    model_server.reply(reply("There are 422 members.", "q1"))
    result = ask()
    assert result.status == "degraded"
    assert "422" in result.message
    assert result.detail["repairs"] == 1


def test_a_figure_may_be_mended_once(ask, model_server):
    model_server.call_tool("run_select", COUNT)
    model_server.reply(reply("There are 421 members.", "q1"))
    model_server.reply(reply("There are 1900 members.", "q1"))
    assert ask().answer == "There are 1900 members."
    assert "421, which no result" in json.dumps(model_server.requests[-1].body)


def test_another_ledger_gives_another_answer(ask, settings, model_server):
    database_of(settings)
    with sqlite3.connect(settings.database) as ledger:
        ledger.execute("DELETE FROM members WHERE member_id > 400")
    model_server.call_tool("run_select", COUNT)
    model_server.reply(reply("There are 400 members.", "q1"))
    assert ask().status == "answered"
    model_server.call_tool("run_select", COUNT)
    model_server.reply(reply("There are 1900 members.", "q1"), times=2)
    assert ask().status == "degraded"


def test_a_question_that_lacks_something_is_asked_back(ask, model_server):
    model_server.reply(reply("Which month do you mean?", kind="question"))
    result = ask("What was the revenue?")
    assert (result.status, result.steps) == ("refused", 0)


def test_a_model_that_never_stops_is_stopped(ask, model_server, settings):
    model_server.call_tool("list_tables", {}, times=None)
    result = ask()
    assert result.status == "degraded"
    assert f"after {settings.most_turns} turns" in result.message


@pytest.mark.parametrize("fault", ["truncate", "overflow"])
def test_no_broken_end_is_called_an_answer(ask, model_server, fault):
    if fault == "truncate":
        model_server.add(Scripted(text=reply("There are"), finish_reason="length"))
    else:
        model_server.context_overflow(times=None)
    assert ask().status == "degraded"


@pytest.mark.parametrize(
    ("stop", "status", "said"),
    [
        (Stop.MAX_TOKENS, "degraded", "cut off"),
        (Stop.REFUSAL, "refused", "declined"),
        (Stop.CONTEXT_OVERFLOW, "degraded", "too long"),
        (Stop.PAUSED, "degraded", "paused"),
        (Stop.INCOMPLETE, "degraded", "broke off"),
        (Stop.OTHER, "failed", "does not know"),
    ],
)
def test_each_stop_reason_has_words_of_its_own(ask, monkeypatch, stop, status, said):
    done = Completion(Reply("There are 1900.", stop, Usage(), "some-model"), 0.0, 1, 0.1)
    monkeypatch.setattr(client, "complete", lambda *words: done)
    result = ask()
    assert result.status == status
    assert said in (result.answer or result.message)


def test_an_empty_budget_sends_nothing(settings, model_server):
    from dataclasses import replace

    poor = replace(settings, llm=replace(settings.llm, budget_usd=0.0))
    result = answer("How many?", poor, "model", Trace.start(settings.traces, "test"))
    assert result.status == "budget_exceeded"
    assert not model_server.requests


def test_the_time_to_the_first_text_is_measured_where_it_streams(ask, model_server):
    model_server.reply(reply("Which month do you mean?", kind="question"))
    pieces = []
    result = ask("What was the revenue?", on_text=pieces.append)
    assert "".join(pieces) == reply("Which month do you mean?", kind="question")
    assert 0 <= result.detail["first_text_s"] < 10


def test_a_stop_in_the_middle_closes_the_trace(ask, settings, model_server):
    model_server.reply(reply("Which month do you mean?", kind="question"))

    def stop(piece):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask("What was the revenue?", on_text=stop)
    (path,) = settings.traces.glob("*.jsonl")
    last = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
    assert (last["kind"], last["answer"]) == ("final", "stopped by the user")


def test_sixty_turns_stay_within_the_budget_and_keep_what_was_to_be_remembered(
    ask, settings, model_server
):
    talk = Conversation()
    model_server.reply(reply("I remember that.", kind="out_of_scope"))
    ask("Remember: our year begins in April", conversation=talk)
    for n in range(59):
        model_server.call_tool("list_tables", {})
        model_server.reply(reply("Which month do you mean?", kind="question"))
        ask(f"What was the revenue, please, for the {n}. time?", conversation=talk)
        assert sum(map(size, talk.to_send(settings.most_tokens))) <= settings.most_tokens * 1.25
    assert "our year begins in April" in json.dumps(model_server.requests[-1].body)
    assert len(talk.exchanges) == 60


def test_what_is_sent_begins_the_same_each_time_so_that_a_cache_can_help(ask, model_server):
    talk = Conversation()
    for n in range(2):
        model_server.reply(reply("Which month do you mean?", kind="question"))
        ask(f"What was the revenue {n}?", conversation=talk)
    first, second = (json.dumps(r.body) for r in model_server.requests[-2:])
    start = first.index("What was the revenue 0?")
    assert second[:start] == first[:start]


def test_a_conversation_is_saved_and_goes_on(settings, model_server, monkeypatch, capsys):
    run = runner(settings.root, monkeypatch, capsys)
    model_server.call_tool("run_select", COUNT)
    model_server.reply(reply("There are 1900 members.", "q1"))
    assert run("ask", "How many members are there?", "--in", "monday")[0] == 0
    model_server.reply(reply("In which city?", kind="question"))
    assert run("ask", "And how many of them there?", "--in", "monday")[1]["status"] == "refused"
    assert "There are 1900 members." in json.dumps(model_server.requests[-1].body)
    kept = load(settings.conversations / "monday.json")
    assert kept.exchanges[0].question == "How many members are there?"


def test_private_blocks_of_one_model_are_not_sent_to_another_provider(ask, tmp_path, model_server):
    talk = Conversation()
    model_server.call_tool("run_select", COUNT)
    model_server.reply(reply("There are 1900 members.", "q1"))
    ask(conversation=talk)
    assert any(turn.private for e in talk.exchanges for turn in e.turns)
    save(tmp_path / "talk.json", talk)
    again = load(tmp_path / "talk.json")
    assert again == talk
    again.ask("And now?", "another model")
    assert not any(turn.private for e in again.exchanges for turn in e.turns)
