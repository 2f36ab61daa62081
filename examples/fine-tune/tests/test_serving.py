"""The endpoint answers as the model does, and parity notices where it does not."""

import json
import threading
import urllib.error
import urllib.request

import pytest
from small_project import LINE, RECORD, Cardboard, add_adapter, make_project

from spokehouse import generating
from spokehouse.conversations import asked, prompt_of
from spokehouse.errors import ConfigError
from spokehouse.evaluation.run import measure
from spokehouse.items import load_items
from spokehouse.serving import parity
from spokehouse.serving import served as serving
from spokehouse.serving.endpoint import CHAT, Endpoint
from spokehouse.serving.served import Served, opened
from spokehouse.trace import Trace

USER = {"role": "user", "content": "Tag T4, the city bike has a puncture."}


@pytest.fixture
def settings(tmp_path):
    return make_project(tmp_path)


@pytest.fixture
def trace(tmp_path):
    return Trace.start(tmp_path / "var", "test")


@pytest.fixture
def ask(trace):
    """Posts a body to an endpoint over a model of cardboard; returns status, body and model."""
    model = Cardboard()
    endpoint = Endpoint(("127.0.0.1", 0), Served("r1", model, "Be brief."), trace, 96)
    threading.Thread(target=endpoint.serve_forever, daemon=True).start()

    def post(body, path=CHAT, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        address = f"http://127.0.0.1:{endpoint.server_port}{path}"
        try:
            with urllib.request.urlopen(urllib.request.Request(address, content, headers)) as reply:
                return reply.status, json.load(reply), model
        except urllib.error.HTTPError as error:
            return error.code, json.load(error), model

    yield post
    endpoint.shutdown()
    endpoint.server_close()


def test_a_message_gets_the_prompt_of_its_system(ask, trace):
    status, body, model = ask({"messages": [USER]})
    assert (status, body["choices"][0]["message"]["content"]) == (200, LINE)
    assert body["usage"]["total_tokens"] == 30
    assert model.asked == [[{"role": "system", "content": "Be brief."}, USER]]
    assert "puncture" not in trace.path.read_text(encoding="utf-8")


def test_a_whole_conversation_is_asked_as_it_is(ask):
    talk = [{"role": "system", "content": "Other."}, USER]
    assert ask({"messages": talk})[2].asked == [talk]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        [],
        {"messages": []},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "assistant", "content": "so"}]},
        {"messages": [USER], "max_tokens": True},
        {"messages": [USER], "stream": True},
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(ask, body):
    status, said, model = ask(body)
    assert status == 400
    assert said["error"]["message"]
    assert model.asked == []


def test_another_path_and_another_host_are_refused(ask):
    assert ask({"messages": [USER]}, path="/v1/models")[0] == 404
    assert ask({"messages": [USER]}, Host="evil.example")[0] == 421


def test_without_torch_the_rules_are_served_and_it_is_said(settings, monkeypatch):
    monkeypatch.setattr(generating, "missing", lambda: "torch")
    served = opened(None, settings)
    (reply,) = served.model.generate([[USER]], 96)
    assert served.name == "baseline"
    assert "torch" in served.reason
    assert json.loads(reply.text)["bike"] == RECORD["bike"]
    with pytest.raises(ConfigError):
        opened("tuned", settings)


def test_a_tune_whose_adapter_is_gone_is_replaced_by_the_best_prompt(settings, monkeypatch):
    monkeypatch.setattr(generating, "missing", lambda: "")
    monkeypatch.setattr(serving, "open_model", lambda settings, adapter: Cardboard(str(adapter)))
    served = opened("tuned", settings)
    assert (served.name, served.model.says) == ("best-prompt", "None")
    assert served.prompt == prompt_of("best-prompt", settings.prompts).text
    assert "no adapter" in served.reason


def test_parity_holds_where_every_path_answers_alike(settings, tmp_path, trace):
    rows, talks = scored(add_adapter(tmp_path), trace)
    visited = parity.through_endpoint(Served("r1", Cardboard(), ""), talks, trace, 96)
    found = parity.compared(
        rows, {"served": visited.texts, "adapter": parity.directly(Cardboard(), talks, 8, 96)}
    )
    assert (found["identical"], found["different"]) == (2, [])
    assert not parity.differs(found)
    assert parity.speed(visited)["p95_ms"] >= parity.speed(visited)["p50_ms"] > 0


def test_parity_fails_where_another_model_is_served(settings, tmp_path, trace):
    rows, talks = scored(add_adapter(tmp_path), trace)
    visited = parity.through_endpoint(Served("r1", Cardboard("{}"), ""), talks, trace, 96)
    found = parity.compared(rows, {"served": visited.texts})
    assert [each["id"] for each in found["different"]] == ["te-001", "te-002"]
    assert parity.differs(found)


def scored(settings, trace):
    """The rows of a tune that says the same to everybody, and what it was asked."""
    items = load_items(settings.items("test"))
    rows = measure("tuned", items, "test", settings, trace, Cardboard())
    prompt = prompt_of("tuned", settings.prompts)
    return rows, [asked(prompt, [], item.text) for item in items]
