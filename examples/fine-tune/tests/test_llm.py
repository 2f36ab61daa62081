"""The model client against a scripted server, on the wire: what it survives, and what it refuses.

`assert_resilient` adds the server's own verdict on the client: Retry-After ignored, a useless
retry, a retry storm, half a stream taken for an answer.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from llmock.pytest_plugin import LLMock
from llmock.scenarios import Reply as Scripted

from spokehouse.errors import ConfigError, ProviderUnreachable
from spokehouse.llm import client, provider
from spokehouse.llm.cost import cost_usd
from spokehouse.llm.types import LlmConfig, Message, Request, Stop
from spokehouse.project import read_config
from spokehouse.result import Usage
from spokehouse.trace import Trace

MODEL = read_config(Path(__file__).parents[1])["llm"]["model"]
CONFIG = LlmConfig(model=MODEL, timeout_s=5, max_retries=1, deadline_s=10, budget_usd=1.0)
QUESTION = Request("Answer briefly.", (Message("user", "How long is the notice period?"),), 200)
ANSWER = "The notice period is three months to the end of a calendar quarter, says the handbook."
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(client, "FIRST_PAUSE_S", 0.1)


def ask(tmp_path, request=QUESTION, config=CONFIG, spend=None, on_text=None):
    spend = spend or client.Spend(config.budget_usd)
    return client.complete(request, config, spend, Trace.start(tmp_path, "test"), on_text)


def events(tmp_path):
    (path,) = tmp_path.glob("*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def contains(body, part):
    """Whether `part` is somewhere inside the JSON value `body`."""
    inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return body == part or any(contains(item, part) for item in inner)


def test_the_reply_comes_with_its_usage_and_price(model_server: LLMock, tmp_path):
    model_server.reply(ANSWER)
    done = ask(tmp_path)
    assert (done.reply.text, done.reply.stop, done.attempts) == (ANSWER, Stop.END, 1)
    assert done.reply.usage.input_tokens > 0
    assert done.reply.usage.output_tokens > 0
    assert done.cost_usd == cost_usd(MODEL, done.reply.usage)


def test_a_schema_is_sent_and_its_json_comes_back(model_server: LLMock, tmp_path):
    model_server.reply('{"answer": "three months"}')
    request = Request(QUESTION.system, QUESTION.messages, 200, SCHEMA)
    assert json.loads(ask(tmp_path, request).reply.text) == {"answer": "three months"}
    assert contains(model_server.last_request.body, SCHEMA)


def test_no_sampling_parameter_is_sent(model_server: LLMock, tmp_path):
    ask(tmp_path)
    sent = json.dumps(model_server.last_request.body)
    assert not any(name in sent for name in ("temperature", "top_p", "topP", "top_k", "topK"))


def test_a_stream_arrives_in_pieces(model_server: LLMock, tmp_path):
    model_server.reply(ANSWER)
    pieces: list[str] = []
    done = ask(tmp_path, on_text=pieces.append)
    assert len(pieces) > 1
    assert "".join(pieces) == done.reply.text == ANSWER
    assert done.reply.stop is Stop.END
    assert done.reply.usage.output_tokens > 0


def test_an_answer_cut_at_the_token_limit_says_so(model_server: LLMock, tmp_path):
    model_server.add(Scripted(text="The notice", finish_reason="length"))
    assert ask(tmp_path).reply.stop is Stop.MAX_TOKENS


def test_retry_after_is_honoured(model_server: LLMock, tmp_path):
    model_server.rate_limit(retry_after=1).reply(ANSWER)
    done = ask(tmp_path)
    assert (done.reply.text, done.attempts) == (ANSWER, 2)
    assert done.seconds >= 1
    model_server.assert_resilient(strict=True)


def test_a_wait_beyond_the_deadline_is_not_started(model_server: LLMock, tmp_path):
    model_server.rate_limit(retry_after=3600)
    with pytest.raises(ProviderUnreachable):
        ask(tmp_path)
    assert len(model_server.requests) == 1


def test_an_overload_that_stays_ends_as_unreachable(model_server: LLMock, tmp_path):
    model_server.outage(status=529)
    with pytest.raises(ProviderUnreachable) as failure:
        ask(tmp_path)
    assert failure.value.exit_code == 4
    assert len(model_server.requests) == 1 + CONFIG.max_retries
    assert [event["http.response.status_code"] for event in events(tmp_path)] == [529, 529]


@pytest.mark.parametrize("fault", ["disconnect", "truncate", "corrupt"])
def test_a_stream_that_breaks_before_any_text_is_tried_again(model_server: LLMock, tmp_path, fault):
    getattr(model_server, fault)(after_chunks=0).reply(ANSWER, times=None)
    pieces: list[str] = []
    done = ask(tmp_path, on_text=pieces.append)
    assert ("".join(pieces), done.reply.stop, done.attempts) == (ANSWER, Stop.END, 2)
    model_server.assert_resilient()


@pytest.mark.parametrize("fault", ["disconnect", "truncate"])
def test_half_an_answer_is_never_an_answer(model_server: LLMock, tmp_path, fault):
    getattr(model_server, fault)(after_chunks=8).reply(ANSWER, times=None)
    pieces: list[str] = []
    done = ask(tmp_path, on_text=pieces.append)
    assert done.reply.stop is Stop.INCOMPLETE
    assert done.reply.text == "".join(pieces)
    assert ANSWER.startswith(done.reply.text)
    assert 0 < len(done.reply.text) < len(ANSWER)
    assert done.attempts == 1, "text that has been shown is not asked for again"


def test_a_stream_that_stalls_runs_into_the_timeout(model_server: LLMock, tmp_path):
    model_server.stall(after_chunks=0, seconds=3).reply(ANSWER, times=None)
    config = replace(CONFIG, timeout_s=0.5, max_retries=0, deadline_s=5)
    with pytest.raises(ProviderUnreachable):
        ask(tmp_path, config=config, on_text=lambda _: None)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_names_its_variable_and_is_not_tried_again(
    model_server: LLMock, tmp_path, status
):
    model_server.fail(status)
    with pytest.raises(ConfigError) as failure:
        ask(tmp_path)
    assert provider.KEY_VARIABLE in failure.value.hint
    model_server.assert_resilient()
    assert len(model_server.requests) == 1


def test_without_a_key_nothing_is_sent(model_server: LLMock, tmp_path, monkeypatch):
    monkeypatch.setenv(provider.KEY_VARIABLE, "")
    with pytest.raises(ConfigError, match=provider.KEY_VARIABLE):
        ask(tmp_path)
    assert not client.key_is_set()
    assert not model_server.requests


@pytest.mark.parametrize("url", ["", "not a url", "http://", "ftp://x", "http://[::1"])
def test_a_wrong_base_url_is_named_and_not_tried(model_server: LLMock, tmp_path, monkeypatch, url):
    variable = f"{provider.NAME.upper()}_BASE_URL"
    monkeypatch.setenv(variable, url)
    with pytest.raises(ConfigError, match=variable):
        ask(tmp_path)
    assert not events(tmp_path)


def test_a_refused_request_says_where_to_look(model_server: LLMock, tmp_path):
    model_server.fail(400)
    with pytest.raises(ConfigError) as failure:
        ask(tmp_path)
    assert "max_output_tokens" in failure.value.hint


def test_a_retired_model_is_named(model_server: LLMock, tmp_path):
    model_server.fail(404)
    with pytest.raises(ConfigError, match=MODEL):
        ask(tmp_path)
    assert len(model_server.requests) == 1


def test_a_prompt_that_is_too_long_is_a_stop_and_not_a_crash(model_server: LLMock, tmp_path):
    model_server.context_overflow()
    done = ask(tmp_path)
    assert (done.reply.stop, done.reply.text) == (Stop.CONTEXT_OVERFLOW, "")
    model_server.assert_resilient(strict=True)


def test_the_budget_is_checked_before_anything_is_sent(model_server: LLMock, tmp_path):
    with pytest.raises(client.BudgetExceeded):
        ask(tmp_path, spend=client.Spend(budget_usd=0.000001))
    assert not model_server.requests


def test_a_run_stops_before_the_call_that_could_pass_its_budget(model_server: LLMock, tmp_path):
    spend = client.Spend(CONFIG.budget_usd)
    first = ask(tmp_path / "first", spend=spend)
    assert spend.spent_usd == first.cost_usd
    spend.spent_usd = CONFIG.budget_usd
    with pytest.raises(client.BudgetExceeded):
        ask(tmp_path / "second", spend=spend)
    assert len(model_server.requests) == 1


@pytest.mark.usefixtures("model_server")
def test_an_unknown_price_is_none_and_still_takes_from_the_budget(tmp_path):
    assert cost_usd("no-such-model", Usage(1000, 0, 1000)) is None
    config = replace(CONFIG, model="no-such-model", max_retries=0)
    spend = client.Spend(config.budget_usd)
    assert ask(tmp_path, config=config, spend=spend).cost_usd is None
    assert spend.spent_usd > 0


def test_the_trace_has_each_attempt_and_no_key(model_server: LLMock, tmp_path):
    model_server.disconnect(after_chunks=0).reply("the key is test-key-4711", times=None)
    ask(tmp_path, on_text=lambda _: None)
    lost, answered = events(tmp_path)
    assert (lost["attempt"], lost["error.type"]) == (1, "Transient")
    assert answered["gen_ai.response.finish_reasons"] == ["end"]
    assert answered["gen_ai.usage.output_tokens"] > 0
    assert answered["cost_usd"] > 0
    assert "test-key" not in json.dumps([lost, answered])
