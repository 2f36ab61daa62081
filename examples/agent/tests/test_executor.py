"""Whatever a tool does and is asked for, the rules hold and an observation comes back."""

import json
import os
import subprocess
import sys
import time

import pytest
from small_shop import ROOT, call, executor, make_project, new_run

from seeddesk import runs, tools
from seeddesk.llm.types import ToolCall
from seeddesk.shop import Unavailable, state


@pytest.fixture
def settings(tmp_path):
    return make_project(tmp_path)


def refunds(settings):
    return state(settings.database)["refunds"]


LATE = call("refund_order", order_id="O0002", amount_cents=590, reason="late")


def test_a_refund_changes_the_shop_once(settings):
    desk = executor(settings)
    assert desk.perform(LATE).outcome == "ok"
    assert desk.perform(LATE).outcome == "ok"
    assert refunds(settings) == [{"order_id": "O0002", "amount_cents": 590, "reason": "late"}]


def test_another_run_cannot_refund_again(settings):
    executor(settings).perform(LATE)
    assert executor(settings).perform(LATE).outcome == "refused"
    assert len(refunds(settings)) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (call("refund_all"), "there is no tool 'refund_all'"),
        (call("get_order"), "'order_id' is missing"),
        (call("get_order", order_id=7), "must be of type string"),
        (call("get_order", order_id="O1; DROP TABLE orders"), "must look like"),
        (call("get_order", order_id="../../etc/passwd"), "must look like"),
        (call("get_order", order_id="O0001", customer="C002"), "unknown argument 'customer'"),
        (call("check_policy", order_id="O0001", reason="mood"), "must be one of"),
        (call("refund_order", order_id="O0002", amount_cents=True, reason="late"), "type integer"),
        (call("send_mail", text=""), "text is empty"),
        (ToolCall("c", "get_order", None, "{"), "no JSON object"),
    ],
)
def test_a_wrong_call_is_an_error_that_helps(settings, wrong, said):
    seen = executor(settings).perform(wrong)
    assert seen.outcome == "error"
    assert said in seen.text


@pytest.mark.parametrize(
    "other",
    [
        call("get_order", order_id="O0009"),
        call("track_shipment", order_id="O0009"),
        call("cancel_order", order_id="O0009"),
        call("refund_order", order_id="O0009", amount_cents=1, reason="cancel"),
    ],
)
def test_what_belongs_to_others_is_not_found(settings, other):
    before = state(settings.database)
    assert executor(settings).perform(other).outcome == "refused"
    assert state(settings.database) == before


def test_more_than_the_policy_allows_is_refused(settings):
    too_much = call("refund_order", order_id="O0002", amount_cents=5590, reason="late")
    seen = executor(settings).perform(too_much)
    assert (seen.outcome, refunds(settings)) == ("refused", [])
    assert "at most 590" in seen.text


LOST = call("refund_order", order_id="O0004", amount_cents=30590, reason="lost")


def test_a_large_refund_waits_for_a_person(settings):
    desk = executor(settings)
    assert desk.perform(LOST).outcome == "waiting"
    assert [p.arguments for p in desk.pending()] == [LOST.arguments]
    assert refunds(settings) == []


@pytest.mark.parametrize(("word", "outcome", "paid"), [(True, "ok", 1), (False, "refused", 0)])
def test_a_person_decides_on_exactly_these_arguments(settings, word, outcome, paid):
    asked = []
    desk = executor(settings, lambda pending: asked.append(str(pending)) or word)
    assert desk.perform(LOST).outcome == outcome
    assert len(refunds(settings)) == paid
    assert asked == ["refund_order(order_id='O0004', amount_cents=30590, reason='lost')"]


def test_changed_arguments_need_a_new_approval(settings):
    run = new_run(settings)
    runs.decide(settings.runs, runs.Pending(run.id, "refund_order", LOST.arguments), True)
    less = call("refund_order", order_id="O0004", amount_cents=30000, reason="lost")
    assert executor(settings, run=run).perform(less).outcome == "waiting"
    assert executor(settings, run=run).perform(LOST).outcome == "ok"


def test_after_text_of_strangers_nothing_leaves_unapproved(settings):
    desk = executor(settings)
    assert desk.perform(LATE).outcome == "ok"
    desk = executor(settings)
    assert desk.perform(call("read_messages", order_id="O0003")).outcome == "ok"
    mail = call("send_mail", text="Refund me 300.00 at once.")
    replacement = call("send_replacement", order_id="O0003", sku="S-1")
    assert [desk.perform(c).outcome for c in (mail, replacement)] == ["waiting", "waiting"]
    assert desk.perform(call("escalate", reason="odd message")).outcome == "ok"


def replaced(monkeypatch, name, function):
    monkeypatch.setattr(tools, name, function)


def test_a_tool_that_raises_ends_in_an_observation(settings, monkeypatch):
    replaced(monkeypatch, "get_order", lambda *a, **k: 1 / 0)
    seen = executor(settings).perform(call("get_order", order_id="O0001"))
    assert seen.outcome == "error"
    assert "ZeroDivisionError" in seen.text


@pytest.mark.parametrize("returned", [None, {}, [], "fine", {"text": "x" * 2_000_000}, {"a": {1}}])
def test_a_result_that_is_not_whole_is_an_error(settings, monkeypatch, returned):
    replaced(monkeypatch, "get_order", lambda *a, **k: returned)
    seen = executor(settings).perform(call("get_order", order_id="O0001"))
    assert seen.outcome == "error"
    assert len(seen.text) < 500


def test_a_large_result_is_cut_and_kept_whole(settings, monkeypatch):
    whole = {"messages": ["word " * 10_000]}
    replaced(monkeypatch, "read_messages", lambda *a, **k: whole)
    desk = executor(settings)
    seen = desk.perform(call("read_messages", order_id="O0003"))
    assert seen.outcome == "ok"
    assert "[cut:" in seen.text
    assert len(seen.text) < settings.most_result_chars + 100
    import sqlite3

    kept = sqlite3.connect(settings.runs).execute("SELECT text FROM results").fetchone()[0]
    assert json.loads(kept) == whole


def test_a_tool_that_works_on_the_third_try_has_worked(settings, monkeypatch):
    whole, tries = tools.get_order, []

    def flaky(*words, **named):
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable("not now")
        return whole(*words, **named)

    replaced(monkeypatch, "get_order", flaky)
    assert executor(settings).perform(call("get_order", order_id="O0001")).outcome == "ok"


def quick(settings):
    from dataclasses import replace

    return replace(settings, tool_timeout_s=0.2)


def test_a_tool_that_hangs_is_left_behind(settings, monkeypatch):
    replaced(monkeypatch, "get_order", lambda *a, **k: time.sleep(1.5))
    started = time.monotonic()
    seen = executor(quick(settings)).perform(call("get_order", order_id="O0001"))
    assert seen.outcome == "timeout"
    assert time.monotonic() - started < 1.4


def test_a_tool_that_hangs_does_not_keep_the_program_alive(settings):
    code = (
        "import time\n"
        "from pathlib import Path\n"
        "from seeddesk import tools\n"
        "from seeddesk.commands import open_settings\n"
        "from seeddesk.executor import Executor\n"
        "from seeddesk.llm.types import ToolCall\n"
        "from seeddesk.runs import Run\n"
        "tools.get_order = lambda *a, **k: time.sleep(60)\n"
        "s = open_settings()\n"
        "run = Run('r1', 'x', 'C001', 'model', s.database)\n"
        "call = ToolCall('c', 'get_order', {'order_id': 'O0001'})\n"
        "print(Executor(run, s).perform(call).outcome)\n"
    )
    path = settings.root / "config.toml"
    text = path.read_text(encoding="utf-8").replace("timeout_s = 2.0", "timeout_s = 0.1")
    path.write_text(text, encoding="utf-8")
    where = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}
    words = [sys.executable, "-c", code]
    done = subprocess.run(
        words, cwd=settings.root, env=where, timeout=30, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "timeout"


def test_a_change_whose_answer_came_too_late_is_made_once(settings, monkeypatch):
    whole, slow = tools.refund_order, [True]

    def writes_then_hangs(*words, **named):
        found = whole(*words, **named)
        if slow.pop() if slow else False:
            time.sleep(0.5)
        return found

    replaced(monkeypatch, "refund_order", writes_then_hangs)
    seen = executor(quick(settings)).perform(LATE)
    time.sleep(0.6)
    assert seen.outcome == "ok"
    assert len(refunds(settings)) == 1


def test_a_change_that_broke_after_writing_is_taken_back(settings, monkeypatch):
    whole = tools.refund_order

    def writes_then_breaks(*words, **named):
        whole(*words, **named)
        raise RuntimeError("lost the connection")

    replaced(monkeypatch, "refund_order", writes_then_breaks)
    assert executor(settings).perform(LATE).outcome == "error"
    assert refunds(settings) == []


def test_the_flaky_warehouse_answers_in_the_end(settings):
    tools._requests.clear()
    for _ in range(4):
        seen = executor(settings).perform(call("check_stock", sku="S-1"))
        assert (seen.outcome, seen.data["stock"]) == ("ok", 3)


def test_every_tool_of_the_registry_is_a_function_with_its_arguments():
    import inspect

    for name, spec in tools.TOOLS.items():
        parameters = inspect.signature(getattr(tools, name)).parameters
        assert set(list(parameters)[1:]) == set(spec.properties), name
