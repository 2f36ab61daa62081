"""The scripted model: answers from the passages, bills as the script says, hides its controls."""

import http.client
import json
import urllib.error
import urllib.request

import pytest

from scaffolder.review.behaviour.modelserver import Script, Served, serving

TEXT = "The harbour office opens at nine on Mondays."
PASSAGES = json.dumps([{"chunk_id": "c7", "text": TEXT}])
SCHEMA = {
    "type": "object",
    "properties": {"chunk_id": {"type": "string"}, "quote": {"type": "string"}},
}


def post(served: Served, **more: object) -> dict:
    body = {"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": PASSAGES}]}
    request = urllib.request.Request(
        f"http://127.0.0.1:{served.port}/anthropic/v1/messages",
        json.dumps(body | more).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_a_schema_is_filled_from_the_passage_that_was_sent():
    with serving(Script(), None) as served:
        told = post(served, output_config={"format": {"schema": SCHEMA}})
    assert json.loads(told["content"][0]["text"]) == {"chunk_id": "c7", "quote": TEXT}


def test_a_passage_beside_a_quote_is_where_it_stands():
    keys = {name: {"type": "string"} for name in ("passage", "quote")}
    with serving(Script(reply="misquoted"), None) as served:
        told = post(served, output_config={"format": {"schema": {"properties": keys}}})
    said = json.loads(told["content"][0]["text"])
    assert said["passage"] == "c7"
    assert said["quote"] not in TEXT


def test_a_plain_request_gets_a_sentence_with_its_source():
    with serving(Script(), None) as served:
        assert post(served)["content"][0]["text"] == f"{TEXT} [c7]"


def test_what_is_billed_is_what_was_said_and_adds_up():
    with serving(Script(usage=(4217, 139)), None) as served:
        told = [post(served)["usage"] for _ in range(2)]
        billed = served.asked().usage
    assert told == [{"input_tokens": 4217, "output_tokens": 139}] * 2
    assert billed == {"input": 8434, "output": 278}


def test_a_refusal_once_leaves_the_answer_for_the_retry():
    with serving(Script(faults=({"type": "fail", "status": 429},)), None) as served:
        with pytest.raises(urllib.error.HTTPError):
            post(served)
        assert post(served)["content"][0]["text"] == f"{TEXT} [c7]"
        assert len(served.asked().requests) == 2


def test_a_stream_comes_to_its_end():
    body = {"model": "m", "max_tokens": 99, "stream": True}
    body["messages"] = [{"role": "user", "content": PASSAGES}]
    with serving(Script(), None) as served:
        request = urllib.request.Request(
            f"http://127.0.0.1:{served.port}/anthropic/v1/messages",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert b"message_stop" in answer.read()


def test_an_answer_can_break_off():
    with serving(Script(drops=True), None) as served, pytest.raises(http.client.IncompleteRead):
        post(served)


def test_thinking_comes_before_the_text():
    with serving(Script(reply="thinking"), None) as served:
        assert [each["type"] for each in post(served)["content"]] == ["thinking", "text"]


def test_the_controls_of_the_server_are_out_of_reach():
    with serving(Script(), None) as served, pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{served.port}/_llmock/journal", timeout=10)
    assert caught.value.code == 404
