"""What every adapter has to do on the wire, whichever provider speaks there: docs/providers.md."""

import json

import pytest
from llmock.pytest_plugin import LLMock
from llmock.scenarios import Reply as Scripted
from llmock.scenarios import ToolCall as Called

from lendledger.llm.provider import adapter
from lendledger.llm.types import (
    LlmConfig,
    Message,
    Request,
    Stop,
    Tool,
    ToolResult,
)

PROVIDERS = ("anthropic", "openai", "gemini")
EMPTY = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
LOOK = Tool("look", "Looks at the tables.", EMPTY)
ASKED = Request("Be brief.", (Message("user", "What is there?"),), 300, tools=(LOOK,))

pytestmark = pytest.mark.parametrize("name", PROVIDERS)


def complete(name, request=ASKED):
    config = LlmConfig(name, "some-model", 5, 0, 10, 1.0)
    return adapter(config).complete(request, config)


def after(first, *results):
    """The request that follows on the calls of a reply."""
    said = Message("assistant", first.text, first.calls, private=first.private)
    turns = (*ASKED.messages, said, Message("user", results=results))
    return Request(ASKED.system, turns, 300, tools=ASKED.tools)


def sent(server: LLMock) -> str:
    return json.dumps(server.requests[-1].body)


def test_instructions_are_not_a_turn(model_server: LLMock, name):
    model_server.reply("Tables.")
    assert complete(name).text == "Tables."
    body = model_server.requests[-1].body
    turns = json.dumps(body.get("messages") or body.get("input") or body.get("contents"))
    assert "Be brief." in sent(model_server)
    assert "Be brief." not in turns


def test_arguments_arrive_as_an_object(model_server: LLMock, name):
    model_server.call_tool("look", {})
    reply = complete(name)
    assert reply.stop is Stop.TOOL_USE
    assert [(call.name, call.arguments) for call in reply.calls] == [("look", {})]


def test_results_name_their_calls(model_server: LLMock, name):
    model_server.call_tool("look", {})
    first = complete(name)
    model_server.reply("Seven.")
    call = first.calls[0]
    second = complete(name, after(first, ToolResult(call.id, call.name, "seven tables")))
    assert (second.stop, second.text) == (Stop.END, "Seven.")
    assert sent(model_server).count("seven tables") == 1


def test_parallel_results_go_back_together(model_server: LLMock, name):
    model_server.add(Scripted(text="I look.", tool_calls=(Called("look", {}), Called("look", {}))))
    first = complete(name)
    assert len({call.id for call in first.calls}) == 2
    model_server.reply("Done.")
    results = (ToolResult(c.id, c.name, f"seen {n}") for n, c in enumerate(first.calls))
    assert complete(name, after(first, *results)).text == "Done."
    assert "seen 0" in sent(model_server)
    assert "seen 1" in sent(model_server)


def test_a_failed_tool_is_told(model_server: LLMock, name):
    model_server.call_tool("look", {})
    first = complete(name)
    model_server.reply("I cannot look.")
    call = first.calls[0]
    complete(name, after(first, ToolResult(call.id, call.name, "no such table", True)))
    assert "no such table" in sent(model_server)


def test_a_reply_that_was_cut_is_no_answer(model_server: LLMock, name):
    model_server.add(Scripted(text="There are", finish_reason="length"))
    assert complete(name).stop is Stop.MAX_TOKENS


def test_text_and_call_in_one_turn_are_both_kept(model_server: LLMock, name):
    model_server.add(Scripted(text="I look first.", tool_calls=(Called("look", {}),)))
    reply = complete(name)
    assert (reply.text, len(reply.calls)) == ("I look first.", 1)


def test_tokens_are_counted(model_server: LLMock, name):
    model_server.reply("Tables.")
    usage = complete(name).usage
    assert usage.input_tokens > 0
    assert usage.output_tokens > 0


def test_what_is_streamed_is_the_reply(model_server: LLMock, name):
    model_server.reply("Seven tables and some more words to stream.")
    config, pieces = LlmConfig(name, "some-model", 5, 0, 10, 1.0), []
    reply = adapter(config).stream(ASKED, config, pieces.append)
    assert "".join(pieces) == reply.text == "Seven tables and some more words to stream."
    assert reply.stop is Stop.END
