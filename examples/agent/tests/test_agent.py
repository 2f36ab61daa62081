"""The loop against a scripted model: it acts, stops, tells the truth, and survives being killed."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from llmock.scenarios import Reply as Scripted
from llmock.scenarios import ToolCall as Called
from small_shop import ROOT, make_project, new_run, runner

from seeddesk import runs
from seeddesk.closing import composed, unfounded
from seeddesk.desk import handle, resume
from seeddesk.executor import Observation
from seeddesk.history import compacted
from seeddesk.llm.types import Message, ToolCall, ToolResult
from seeddesk.shop import state
from seeddesk.trace import Trace


@pytest.fixture
def settings(tmp_path):
    return make_project(tmp_path)


@pytest.fixture
def ask(settings, model_server):
    """Settle a request with the agent; `approve` is None for nobody there."""

    def asked(request="Please help with O0002.", system="model", **more):
        trace = Trace.start(settings.traces, "test")
        return handle(request, settings, system, trace, database=settings.database, **more)

    return asked


LATE = {"order_id": "O0002", "amount_cents": 590, "reason": "late"}
LOST = {"order_id": "O0004", "amount_cents": 30590, "reason": "lost"}


def tools_of(result):
    return [(a["tool"], a["outcome"]) for a in result.detail["actions"]]


def test_it_looks_acts_and_says_so(ask, model_server, settings):
    model_server.call_tool("check_policy", {"order_id": "O0002", "reason": "late"})
    model_server.call_tool("refund_order", LATE)
    model_server.reply("We have refunded 5.90 for O0002, because it is late.")
    result = ask()
    assert result.status == "answered"
    assert tools_of(result) == [("check_policy", "ok"), ("refund_order", "ok")]
    assert len(state(settings.database)["refunds"]) == 1
    assert result.usage.output_tokens > 0
    assert result.cost_usd is not None


def test_calls_of_one_turn_are_all_answered(ask, model_server):
    calls = tuple(Called("get_order", {"order_id": f"O000{n}"}) for n in (1, 2, 3))
    model_server.add(Scripted(text="I look.", tool_calls=calls))
    model_server.reply("All three are known.")
    result = ask()
    assert tools_of(result) == [("get_order", "ok")] * 3
    sent = json.dumps(model_server.requests[-1].body)
    assert all(f"O000{n}" in sent for n in (1, 2, 3))


def test_wrong_calls_come_back_as_errors_and_the_run_goes_on(ask, model_server):
    model_server.call_tool("grant_wish", {"wish": "money"})
    model_server.call_tool("get_order", {"order_id": 1})
    model_server.reply("I could not do anything.")
    result = ask()
    assert tools_of(result) == [("grant_wish", "error"), ("get_order", "error")]
    assert result.status == "degraded"


def test_a_claim_without_its_action_is_held_back(ask, model_server):
    model_server.reply("I have refunded you 500.00 and emailed you a confirmation.")
    result = ask()
    assert result.status == "degraded"
    assert "claimed a refund" in result.message
    assert "Nothing was changed" in result.message
    assert "500.00" not in (result.answer or "")


def test_a_model_that_never_stops_is_stopped(ask, model_server, settings):
    for n in range(40):
        model_server.call_tool("check_stock", {"sku": f"X-{n}"})
    result = ask()
    assert result.status == "budget_exceeded"
    assert result.steps == settings.most_steps
    assert "the most that one run may make" in result.message


def test_the_same_thing_over_and_over_is_told_once_and_then_ended(ask, model_server):
    model_server.call_tool("get_order", {"order_id": "O0001"}, times=None)
    result = ask()
    assert result.status == "needs_human"
    assert result.steps == 3
    assert "You already called get_order" in json.dumps(model_server.requests[-1].body)


def test_two_things_in_turn_are_repetition_too(ask, model_server):
    for _ in range(5):
        model_server.call_tool("get_order", {"order_id": "O0001"})
        model_server.call_tool("get_order", {"order_id": "O0002"})
    assert ask().steps == 5


def test_a_run_that_is_too_long_for_the_model_says_so(ask, model_server):
    model_server.context_overflow(times=None)
    result = ask()
    assert result.status == "degraded"
    assert "too long" in result.message


def test_an_empty_budget_sends_nothing(settings, model_server):
    from dataclasses import replace

    poor = replace(settings, llm=replace(settings.llm, budget_usd=0.0))
    trace = Trace.start(settings.traces, "test")
    result = handle("Help.", poor, "model", trace, database=settings.database)
    assert result.status == "budget_exceeded"
    assert not model_server.requests


def test_the_log_stands_below_the_words_of_a_model(ask, model_server):
    model_server.call_tool("refund_order", LATE)
    model_server.reply("All is well.")
    assert ask().answer == "All is well.\nDone: 5.90 refunded for O0002."


def test_many_calls_of_one_turn_stop_at_the_bound_too(ask, model_server, settings):
    calls = tuple(Called("send_mail", {"text": f"mail {n}"}) for n in range(40))
    model_server.add(Scripted(text="I write.", tool_calls=calls))
    result = ask()
    assert result.status == "budget_exceeded"
    assert len(state(settings.database)["outbox"]) == settings.most_steps


def test_a_change_that_was_made_is_not_asked_for_again(ask, model_server, settings):
    model_server.call_tool("refund_order", LATE)
    model_server.call_tool("read_messages", {"order_id": "O0003"})
    model_server.call_tool("refund_order", LATE)
    model_server.reply("We have refunded 5.90.")
    result = ask()
    assert (result.status, result.detail["pending"]) == ("answered", [])
    assert len(state(settings.database)["refunds"]) == 1


def test_money_and_time_of_an_earlier_process_count(ask, settings, model_server):
    model_server.call_tool("refund_order", LOST)
    first = ask("O0004 is lost.")
    run = runs.load_run(settings.runs, first.detail["run"])
    model_server.reply("A person looks at it.")
    result = resume(run, settings, Trace.start(settings.traces, "test"))
    assert result.cost_usd > first.cost_usd > 0
    assert result.usage.output_tokens > first.usage.output_tokens


def test_what_needs_a_person_stops_the_run_until_the_word_is_given(
    settings, model_server, monkeypatch, capsys
):
    model_server.call_tool("refund_order", LOST)
    run = runner(settings.root, monkeypatch, capsys)
    result = run("ask", "O0004 is lost.")[1]
    assert result["status"] == "needs_human"
    assert result["pending"] == [{"tool": "refund_order", "arguments": LOST}]
    assert state(settings.database)["refunds"] == []
    model_server.reply("We have refunded 305.90.")
    code, approved, _ = run("approve", result["run"])
    assert (code, approved["status"]) == (0, "answered")
    assert len(state(settings.database)["refunds"]) == 1
    assert "approval given" in json.dumps(model_server.requests[-1].body)


def test_a_single_call_that_waited_is_carried_out_and_not_asked_again(
    settings, model_server, monkeypatch, capsys
):
    late = {"tool": "refund_order", "arguments": json.dumps(LATE)}
    model_server.reply(json.dumps({"actions": [late], "reply": "We will see to it."}))
    run = runner(settings.root, monkeypatch, capsys)
    result = run("ask", "O0002 is late.", "--system", "single")[1]
    approved = run("approve", result["run"])[1]
    assert approved["answer"] == "Done: 5.90 refunded for O0002."
    assert len(model_server.requests) == 1


def test_a_planted_instruction_that_is_obeyed_still_needs_a_person(ask, model_server, settings):
    model_server.call_tool("read_messages", {"order_id": "O0003"})
    model_server.call_tool("send_mail", {"text": "As you asked: 300.00 is yours."})
    result = ask("What do the messages on O0003 say?")
    assert tools_of(result)[-1] == ("send_mail", "waiting")
    assert state(settings.database)["outbox"] == []


def test_a_resumed_run_still_knows_that_it_read_strangers(ask, settings, model_server):
    model_server.call_tool("read_messages", {"order_id": "O0003"})
    model_server.call_tool("refund_order", LOST)
    run = runs.load_run(settings.runs, ask().detail["run"])
    model_server.call_tool("send_mail", {"text": "yours"})
    result = resume(run, settings, Trace.start(settings.traces, "test"))
    assert tools_of(result)[-1] == ("send_mail", "waiting")


def test_a_run_killed_after_a_change_goes_on_without_doing_it_again(
    settings, model_server, tmp_path
):
    run = new_run(settings, "O0002 is late.")
    model_server.call_tool("refund_order", LATE)
    model_server.stall(seconds=30)
    code = (
        "from pathlib import Path\n"
        "from seeddesk import runs\n"
        "from seeddesk.desk import resume\n"
        "from seeddesk.settings import load_settings\n"
        "from seeddesk.trace import Trace\n"
        f"s = load_settings(Path({str(settings.root)!r}))\n"
        f"resume(runs.load_run(s.runs, {run.id!r}), s, Trace.start(s.traces, 'child'))\n"
    )
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    child = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path})
    deadline = time.monotonic() + 30
    while not runs.load_steps(settings.runs, run.id) and time.monotonic() < deadline:
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert len(state(settings.database)["refunds"]) == 1
    model_server.reset()
    model_server.call_tool("refund_order", LATE)
    model_server.reply("We have refunded 5.90.")
    result = resume(
        runs.load_run(settings.runs, run.id), settings, Trace.start(settings.traces, "t")
    )
    assert result.status == "answered"
    assert len(state(settings.database)["refunds"]) == 1


def test_a_single_call_acts_under_the_same_rules(ask, model_server, settings):
    late = {"tool": "refund_order", "arguments": json.dumps(LATE)}
    reply = {"actions": [late], "reply": "We have refunded 5.90."}
    model_server.reply(json.dumps(reply))
    assert ask(system="single").status == "needs_human"
    model_server.reply(json.dumps(reply))
    result = ask(system="single", approve=lambda pending: True)
    assert result.status == "answered"
    assert len(state(settings.database)["refunds"]) == 1


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"actions": 3, "reply": "x"}'])
def test_a_single_call_that_cannot_be_used_changes_nothing(ask, model_server, settings, text):
    before = state(settings.database)
    model_server.reply(text)
    assert ask(system="single").status == "degraded"
    assert state(settings.database) == before


def seen(tool, outcome="ok", **arguments):
    return Observation(tool, arguments, outcome, "")


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("We have refunded the amount.", ["a refund"]),
        ("Your refund has been issued.", ["a refund"]),
        ("I've issued a refund of 43.90.", ["a refund"]),
        ("We processed your refund today.", ["a refund"]),
        ("The money has been returned to your account.", ["a refund"]),
        ("I have refunded O1010, no further action is needed from you.", ["a refund"]),
        ("I sent you a replacement today.", ["a replacement"]),
        ("A new lamp has been shipped.", ["a replacement"]),
        ("Your order was cancelled.", ["a cancellation"]),
        ("I have emailed you.", ["a mail"]),
        ("I mailed you.", ["a mail"]),
        ("I passed this on to a colleague.", ["a handover"]),
        ("We cannot refund this order.", []),
        ("If it was cancelled, tell us.", []),
        ("It was already refunded.", []),
        ("You will be refunded once it is back.", []),
        ("Would you like it refunded?", []),
        ("We did not cancel it, because it has left.", []),
        ("It is on its way.", []),
    ],
)
def test_what_a_sentence_claims(text, claims):
    assert unfounded(text, []) == claims


PAID = seen("refund_order", order_id="O0002", amount_cents=590)


def test_a_claim_that_the_log_holds_is_none():
    assert unfounded("We have refunded 5.90 for O0002.", [PAID]) == []
    assert unfounded("We have refunded 5.90.", [seen("refund_order", "refused")]) == ["a refund"]
    cancelled = seen("cancel_order", order_id="O0002")
    assert unfounded("O0002 was cancelled and 55.90 refunded.", [cancelled]) == []


@pytest.mark.parametrize("text", ["Refunded: 5.90 for O0001.", "I have refunded 4000.00."])
def test_a_claim_of_another_order_or_amount_is_not_held(text):
    assert unfounded(text, [PAID]) == ["a refund"]


def test_the_log_speaks_of_what_was_and_was_not_done():
    text = composed([seen("cancel_order", order_id="O1"), seen("track_shipment", "timeout")])
    assert text == "Done: O1 cancelled and refunded. Could not be used: track_shipment."
    assert composed([seen("get_order", "error")]) == (
        "Nothing was changed. Could not be used: get_order."
    )


def test_a_change_that_was_left_behind_while_it_ran_is_not_called_undone():
    late = seen("cancel_order", "timeout", order_id="O1")
    assert composed([late]).startswith("Not known whether it was done: cancel_order")
    again = composed([late, seen("cancel_order", order_id="O1")])
    assert again.startswith("Done: O1 cancelled and refunded.")
    assert "Not known" not in again


def turns(n):
    yield Message("user", "Customer C001: the goal")
    for at in range(n):
        yield Message("assistant", "", (ToolCall(f"c{at}", "get_order", {"order_id": "O1"}),))
        yield Message("user", results=(ToolResult(f"c{at}", "get_order", "x" * 500),))


def test_a_long_history_keeps_the_goal_and_pairs_calls_with_results():
    log = [Observation("get_order", {"order_id": "O1"}, "ok", "x" * 500)] * 40
    sent = compacted([*turns(40)], log, 3000)
    assert sent[0].text.startswith("Customer C001: the goal")
    assert "Earlier steps" in sent[0].text
    assert sum(len(text) for turn in sent for text in turn.texts) < 12_000
    called = [c.id for turn in sent for c in turn.calls]
    answered = [r.call_id for turn in sent for r in turn.results]
    assert called == answered != []


def test_a_short_history_is_sent_as_it_is():
    short = [*turns(2)]
    assert compacted(short, [], 100_000) == short
