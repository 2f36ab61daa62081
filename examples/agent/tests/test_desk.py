"""The desk without a model, its commands and its page."""

import json
import threading
import urllib.error
import urllib.parse
import urllib.request

import pytest
from small_shop import make_project, runner

from seeddesk import tools
from seeddesk.shop import state
from seeddesk.viewer import WIDTH, shown
from seeddesk.web.server import Server, page


@pytest.fixture
def settings(tmp_path):
    return make_project(tmp_path)


@pytest.fixture
def run(settings, monkeypatch, capsys):
    return runner(settings.root, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("request_", "status", "said"),
    [
        ("Where is O0002?", "answered", "in transit, promised for 2026-04-10"),
        ("Please cancel O0001.", "answered", "O0001 cancelled and refunded"),
        ("O0002 is late, I am still waiting.", "answered", "5.90 refunded for O0002"),
        ("O0003 came broken.", "answered", "a replacement of S-1 sent"),
        ("Cancel O0002.", "refused", "rule 1"),
        ("My plant is broken.", "refused", "Which order"),
        ("What about O0001?", "refused", "What can we do"),
        ("Cancel O0009.", "refused", "cannot be found"),
        ("I want to speak to a manager about O0003.", "needs_human", "handed over to a person"),
    ],
)
def test_the_workflow_settles_what_it_understands(run, request_, status, said):
    code, result, err = run("ask", request_)
    assert (code, result["status"], result["system"]) == (0, status, "baseline")
    assert said in (result["answer"] or result["message"])
    assert "is not set: the baseline answers" in err


@pytest.mark.parametrize("tool", ["get_order", "check_policy", "refund_order"])
def test_a_broken_tool_is_told_and_not_made_up_for(run, monkeypatch, tool):
    def broken(*words, **named):
        raise RuntimeError("out of order")

    monkeypatch.setattr(tools, tool, broken)
    result = run("ask", "O0002 is late, I am still waiting.")[1]
    assert result["status"] == "degraded"
    assert f"Could not be used: {tool}" in result["message"]
    assert "cannot be found" not in result["message"]


def test_a_large_refund_waits_and_can_be_approved_or_denied(run, settings):
    result = run("ask", "O0004 is lost.")[1]
    assert result["status"] == "needs_human"
    assert state(settings.database)["refunds"] == []
    denied = run("approve", result["run"], "--deny")[1]
    assert denied["status"] == "refused"
    other = run("ask", "O0004 never came.")[1]
    assert run("approve", other["run"])[1]["status"] == "answered"
    assert len(state(settings.database)["refunds"]) == 1
    code, _, err = run("approve", other["run"])
    assert code == 2
    assert "waits for nothing" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ask", "  "), "the request is empty"),
        (("ask", "hello", "--customer", "C999"), "no customer 'C999'"),
        (("akc", "hello"), "did you mean `ask`?"),
        (("approve", "r0"), "there is no run 'r0'"),
        (("resume", "r0"), "there is no run 'r0'"),
        (("trace", "nowhere.jsonl"), "cannot read nowhere.jsonl"),
        (("trace",), "there is no trace"),
    ],
)
def test_a_wrong_word_gets_one_sentence(run, words, said):
    code, result, err = run(*words)
    assert (code, result) == (2, None)
    assert said in err
    assert "Traceback" not in err


def test_a_model_that_is_wanted_needs_its_key(run):
    for system in ("model", "single"):
        code, _, err = run("ask", "hello", "--system", system)
        assert code == 3
        assert "_API_KEY" in err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("most_steps = 12", "most_steps = 0", "most_steps is 0"),
        ("most_steps = 12", "", "most_steps is missing"),
        ('today = "2026-04-20"', 'today = "soon"', "no date"),
        ("late_days = 7", "late_days = -1", "late_days is -1"),
        ("[loop]", "[lop]", "unknown table or key lop"),
        ('"data/shop.sql"', '"data/none.sql"', "cannot make the shop"),
    ],
)
def test_a_wrong_setting_is_named(run, settings, old, new, said):
    path = settings.root / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    code, _, err = run("ask", "Where is O0002?", "--fresh")
    assert code == 3
    assert said in err


def test_a_trace_is_shown_step_by_step_within_a_terminal(run, settings):
    run("ask", "Where is O0002?")
    (path,) = settings.traces.glob("*ask*.jsonl")
    text = shown(path)
    assert "get_order(order_id=O0002)" in text
    assert "ended    answered" in text
    assert max(map(len, text.splitlines())) <= WIDTH
    path.write_text("{\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert "line 1 is no event" in shown(path)


@pytest.fixture
def server(settings):
    made = Server(("127.0.0.1", 0), settings, "baseline")
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()


def post(server, host=None, **form):
    body = urllib.parse.urlencode({"token": server.token, **form}).encode()
    url = f"http://127.0.0.1:{server.server_port}/"
    request = urllib.request.Request(url, body, {"Host": host} if host else {})
    with urllib.request.urlopen(request, timeout=20) as reply:
        return reply.read().decode()


def test_the_page_settles_and_asks_a_person(server, settings):
    assert "in transit" in post(server, request="Where is O0002?")
    text = post(server, request="O0004 is lost.")
    assert "A person has to agree" in text
    run = text.partition('name="run" value="')[2].partition('"')[0]
    assert "refunded" in post(server, run=run, decision="approve")
    assert len(state(settings.database)["refunds"]) == 1


def test_a_form_of_another_page_is_refused(server, settings):
    for words in ({"token": "guessed"}, {"host": "evil.example"}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            post(server, request="Cancel O0001.", **words)
        assert refused.value.code == 403
    assert state(settings.database)["refunds"] == []


def test_what_others_wrote_is_escaped_on_the_page(run):
    from seeddesk.result import Result

    detail = {
        "run": "r",
        "pending": [],
        "actions": [{"tool": "<b>", "arguments": {}, "outcome": ""}],
    }
    text = page("t", Result("answered", "", "<script>alert(1)</script>", detail=detail))
    assert "<script>" not in text
    assert "<b>" not in text


def test_the_result_of_ask_is_one_object_of_the_contract(run):
    result = run("ask", "Where is O0002?")[1]
    assert {"status", "message", "answer", "usage", "cost_usd", "steps", "trace"} <= result.keys()
    assert json.dumps(result)
