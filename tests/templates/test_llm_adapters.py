"""All three adapters on the wire: what the generated tests see, and what only one provider does.

A generated project carries one adapter and the behaviour tests for it. Here those tests run for
every provider, and replies that `llmock` cannot script are served byte by byte.
"""

import ast
import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROVIDERS = ("anthropic", "openai", "gemini")
SDK = {"anthropic": "anthropic", "openai": "openai", "gemini": "google"}
SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}


@dataclass
class Wire:
    """A server that gives every request the same answer and keeps what it was sent."""

    url: str = ""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    seen: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, body: object, status: int = 200, **headers: str) -> None:
        self.status, self.headers = status, headers
        self.body = json.dumps(body).encode()

    def stream(self, *events: dict[str, Any]) -> None:
        self.content_type = "text/event-stream"
        lines = (
            f"event: {event.get('type', '')}\ndata: {json.dumps(event)}\n\n" for event in events
        )
        self.body = "".join(lines).encode()


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            wire.seen.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(wire.status)
            for name, value in {"content-type": wire.content_type, **wire.headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(wire.body)))
            self.end_headers()
            self.wfile.write(wire.body)

        def log_message(self, *_: object) -> None:
            """Requests are not news."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    wire.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield wire
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True)
class Adapter:
    """The modules of one assembled project, imported, and pointed at the wire."""

    name: str
    provider: ModuleType
    types: ModuleType
    failures: ModuleType
    cost: ModuleType

    def request(self, schema: dict[str, Any] | None = None) -> Any:
        return self.types.Request("Be brief.", (self.types.Message("user", "Why?"),), 64, schema)

    def config(self) -> Any:
        return self.types.LlmConfig("some-model", 5.0, 0, 10.0, 1.0)

    def complete(self, schema: dict[str, Any] | None = None) -> Any:
        return self.provider.complete(self.request(schema), self.config())

    def stream(self) -> Any:
        return self.provider.stream(self.request(), self.config(), lambda _: None)


def load(name: str, projects: dict[str, Path], wire: Wire, patch: pytest.MonkeyPatch) -> Adapter:
    patch.syspath_prepend(str(projects[name] / "src"))
    patch.setenv(f"{name.upper()}_API_KEY", "test-key")
    patch.setenv(f"{name.upper()}_BASE_URL", wire.url)
    names = ("provider", "types", "failures", "cost")
    return Adapter(name, *(importlib.import_module(f"{name}_rag.llm.{part}") for part in names))


@pytest.fixture
def anthropic(
    shared_projects: dict[str, Path], wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> Adapter:
    return load("anthropic", shared_projects, wire, monkeypatch)


@pytest.fixture
def openai(
    shared_projects: dict[str, Path], wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> Adapter:
    return load("openai", shared_projects, wire, monkeypatch)


@pytest.fixture
def gemini(
    shared_projects: dict[str, Path], wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> Adapter:
    return load("gemini", shared_projects, wire, monkeypatch)


@pytest.fixture(params=PROVIDERS)
def adapter(
    request: pytest.FixtureRequest,
    shared_projects: dict[str, Path],
    wire: Wire,
    monkeypatch: pytest.MonkeyPatch,
) -> Adapter:
    return load(request.param, shared_projects, wire, monkeypatch)


# What every variant shares


@pytest.fixture(scope="module")
def generated_runs(shared_projects: dict[str, Path]) -> dict[str, subprocess.Popen[str]]:
    """The generated tests of all three adapters, started at once: much of their time is waiting."""
    return {name: _start_tests(project) for name, project in shared_projects.items()}


def _start_tests(project: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_llm.py"]
    return subprocess.Popen(
        command,
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_generated_tests_pass_and_none_is_skipped(
    generated_runs: dict[str, subprocess.Popen[str]], name: str
) -> None:
    output, _ = generated_runs[name].communicate(timeout=120)
    assert generated_runs[name].returncode == 0, output
    assert "skipped" not in output


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_adapter_is_short_and_imports_only_its_own_sdk_inside_the_call(
    shared_projects: dict[str, Path], name: str
) -> None:
    source = (shared_projects[name] / f"src/{name}_rag/llm/provider.py").read_text()
    assert len(source.splitlines()) < 120
    found = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {root.split(".")[0] for root in found} & set(SDK.values()) == {SDK[name]}
    program = f"import sys, {name}_rag.llm.client; raise SystemExit('{SDK[name]}' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(shared_projects[name] / "src")}
    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == 0


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_default_model_has_a_price(
    shared_projects: dict[str, Path], name: str, adapter: Adapter
) -> None:
    config = importlib.import_module(f"{adapter.name}_rag.project").read_config(
        shared_projects[name]
    )
    usage = importlib.import_module(f"{adapter.name}_rag.result").Usage(1000, 0, 1000)
    assert adapter.cost.cost_usd(config["llm"]["model"], usage) > 0


def test_the_schema_is_where_the_provider_looks_for_it(adapter: Adapter, wire: Wire) -> None:
    wire.answer({"error": {"message": "enough"}}, status=400)
    with pytest.raises(adapter.failures.BadRequest):
        adapter.complete(SCHEMA)
    (sent,) = wire.seen
    if adapter.name == "anthropic":
        assert sent["output_config"]["format"] == {"type": "json_schema", "schema": SCHEMA}
    elif adapter.name == "openai":
        expected = {"type": "json_schema", "name": "reply", "schema": SCHEMA, "strict": True}
        assert sent["text"]["format"] == expected
        assert sent["store"] is False
    else:
        assert sent["generationConfig"]["responseJsonSchema"] == SCHEMA
        assert sent["generationConfig"]["responseMimeType"] == "application/json"


@pytest.mark.parametrize("on_text", [None, print], ids=["complete", "stream"])
def test_a_login_page_instead_of_the_api_is_a_failure_and_no_crash(
    adapter: Adapter, wire: Wire, on_text: Any, tmp_path: Path
) -> None:
    wire.content_type, wire.body = "text/html", b"<html>Please sign in to the network</html>"
    package = f"{adapter.name}_rag"
    client = importlib.import_module(f"{package}.llm.client")
    trace = importlib.import_module(f"{package}.trace").Trace.start(tmp_path, "test")
    spend = client.Spend(budget_usd=1.0)
    with pytest.raises(importlib.import_module(f"{package}.errors").ProviderUnreachable):
        client.complete(adapter.request(), adapter.config(), spend, trace, on_text)


@pytest.mark.parametrize("way", ["complete", "stream"])
def test_nobody_listening_is_transient(
    adapter: Adapter, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv(f"{adapter.name.upper()}_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(adapter.failures.Transient) as failure:
        getattr(adapter, way)()
    assert failure.value.status is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "BadRequest"),
        (401, "KeyRefused"),
        (402, "KeyRefused"),
        (403, "KeyRefused"),
        (404, "UnknownModel"),
        (408, "Transient"),
        (409, "Transient"),
        (413, "ContextOverflow"),
        (422, "BadRequest"),
        (429, "Transient"),
        (500, "Transient"),
        (529, "Transient"),
    ],
)
def test_each_status_is_one_kind_of_failure_after_one_request(
    adapter: Adapter, wire: Wire, status: int, kind: str
) -> None:
    wire.answer({"error": {"message": "no", "code": status}}, status, retry_after="7")
    with pytest.raises(adapter.failures.ProviderError) as failure:
        adapter.complete()
    assert type(failure.value).__name__ == kind
    assert failure.value.status == status
    assert failure.value.retry_after == (7.0 if kind == "Transient" else None)
    assert len(wire.seen) == 1


@pytest.mark.parametrize(
    "words",
    [
        "prompt is too long: 210000 tokens > 200000 maximum",
        "Your input exceeds the context window of this model.",
        "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
    ],
)
def test_each_wording_of_a_full_context_is_known(adapter: Adapter, wire: Wire, words: str) -> None:
    wire.answer({"error": {"message": words, "code": 400}}, status=400)
    with pytest.raises(adapter.failures.ContextOverflow):
        adapter.complete()


# Anthropic


def claude(stop: str | None = "end_turn", **usage: int) -> dict[str, Any]:
    content = [
        {"type": "thinking", "thinking": "hm", "signature": "x"},
        {"type": "text", "text": "Because"},
        {"type": "text", "text": " so."},
    ]
    counts = {"input_tokens": 10, "output_tokens": 5, **usage}
    return {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "some-model-dated",
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": counts,
    }


def test_anthropic_text_is_found_behind_thinking_and_cached_tokens_stay_apart(
    anthropic: Adapter, wire: Wire
) -> None:
    wire.answer(claude(cache_read_input_tokens=90, cache_creation_input_tokens=4))
    reply = anthropic.complete()
    assert (reply.text, reply.model) == ("Because so.", "some-model-dated")
    usage = reply.usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (14, 90, 5)


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("end_turn", "end"),
        ("stop_sequence", "end"),
        ("max_tokens", "max_tokens"),
        ("refusal", "refusal"),
        ("model_context_window_exceeded", "context_overflow"),
        ("tool_use", "other"),
        ("pause_turn", "other"),
        ("a_reason_of_next_year", "other"),
        (None, "incomplete"),
    ],
)
def test_anthropic_each_stop_reason_has_a_branch(
    anthropic: Adapter, wire: Wire, reason: str | None, stop: str
) -> None:
    wire.answer(claude(reason))
    assert anthropic.complete().stop == stop


def test_anthropic_an_error_inside_a_stream_is_transient(anthropic: Adapter, wire: Wire) -> None:
    start = {"type": "message_start", "message": claude(None) | {"content": []}}
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    wire.stream(start, error)
    with pytest.raises(anthropic.failures.Transient, match="Overloaded"):
        anthropic.stream()


# OpenAI


def gpt(status: str = "completed", kind: str = "output_text", **more: Any) -> dict[str, Any]:
    words = (
        {"text": "Because so.", "annotations": []} if kind == "output_text" else {"refusal": "No."}
    )
    message = {
        "type": "message",
        "id": "m",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": kind, **words}],
    }
    return {
        "id": "r",
        "object": "response",
        "created_at": 1,
        "model": "some-model-dated",
        "status": status,
        "output": [{"type": "reasoning", "id": "t", "summary": []}, message],
        "usage": {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 90, "cache_write_tokens": 0},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 2},
            "total_tokens": 105,
        },
        **more,
    }


def test_openai_text_is_found_behind_reasoning_and_cached_tokens_stay_apart(
    openai: Adapter, wire: Wire
) -> None:
    wire.answer(gpt())
    reply = openai.complete()
    assert (reply.text, reply.model) == ("Because so.", "some-model-dated")
    usage = reply.usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (10, 90, 5)


@pytest.mark.parametrize(
    ("response", "stop"),
    [
        (gpt(), "end"),
        (gpt(kind="refusal"), "refusal"),
        (gpt("incomplete", incomplete_details={"reason": "max_output_tokens"}), "max_tokens"),
        (gpt("incomplete", incomplete_details={"reason": "content_filter"}), "refusal"),
        (gpt("incomplete", incomplete_details={"reason": "steered"}), "other"),
        (gpt("failed", error={"code": "bio_policy", "message": "no"}), "other"),
        (gpt("in_progress"), "incomplete"),
        (gpt("cancelled"), "incomplete"),
    ],
)
def test_openai_each_status_has_a_branch(
    openai: Adapter, wire: Wire, response: dict[str, Any], stop: str
) -> None:
    wire.answer(response)
    assert openai.complete().stop == stop


@pytest.mark.parametrize(
    "event",
    [
        {"type": "error", "code": "server_error", "message": "Overloaded", "sequence_number": 1},
        {
            "type": "response.failed",
            "sequence_number": 1,
            "response": gpt("failed", error={"code": "server_error", "message": "Overloaded"}),
        },
    ],
)
def test_openai_an_error_inside_a_stream_is_transient(
    openai: Adapter, wire: Wire, event: dict[str, Any]
) -> None:
    wire.stream(event)
    with pytest.raises(openai.failures.Transient, match="Overloaded"):
        openai.stream()


def test_openai_an_account_without_credit_is_not_a_rate_limit(openai: Adapter, wire: Wire) -> None:
    wire.answer({"error": {"code": "insufficient_quota", "message": "No credit"}}, status=429)
    with pytest.raises(openai.failures.KeyRefused, match="No credit"):
        openai.complete()


# Gemini


def gemini_reply(reason: str | None = "STOP", **more: Any) -> dict[str, Any]:
    parts = [{"text": "hm", "thought": True}, {"text": "Because"}, {"text": " so."}]
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    return {
        "candidates": [candidate | ({"finishReason": reason} if reason else {})],
        "modelVersion": "some-model-dated",
        "usageMetadata": {
            "promptTokenCount": 100,
            "cachedContentTokenCount": 90,
            "candidatesTokenCount": 3,
            "thoughtsTokenCount": 2,
            "totalTokenCount": 105,
        },
        **more,
    }


def test_gemini_text_is_found_behind_thoughts_and_cached_tokens_stay_apart(
    gemini: Adapter, wire: Wire
) -> None:
    wire.answer(gemini_reply())
    reply = gemini.complete()
    assert (reply.text, reply.model) == ("Because so.", "some-model-dated")
    usage = reply.usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (10, 90, 5)


@pytest.mark.parametrize(
    ("response", "stop"),
    [
        (gemini_reply("STOP"), "end"),
        (gemini_reply("MAX_TOKENS"), "max_tokens"),
        (gemini_reply("SAFETY"), "refusal"),
        (gemini_reply("RECITATION"), "refusal"),
        (gemini_reply("MALFORMED_FUNCTION_CALL"), "other"),
        (gemini_reply("REASON_OF_NEXT_YEAR"), "other"),
        (gemini_reply(None), "incomplete"),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, "refusal"),
        ({}, "incomplete"),
    ],
)
@pytest.mark.filterwarnings("ignore:REASON_OF_NEXT_YEAR is not a valid")
def test_gemini_each_finish_reason_has_a_branch(
    gemini: Adapter, wire: Wire, response: dict[str, Any], stop: str
) -> None:
    wire.answer(response)
    assert gemini.complete().stop == stop


def test_gemini_a_wrong_key_is_told_from_a_wrong_request(gemini: Adapter, wire: Wire) -> None:
    words = "API key not valid. Please pass a valid API key."
    wire.answer(
        {"error": {"code": 400, "message": words, "status": "INVALID_ARGUMENT"}}, status=400
    )
    with pytest.raises(gemini.failures.KeyRefused):
        gemini.complete()


def test_gemini_says_in_the_body_how_long_to_wait(gemini: Adapter, wire: Wire) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "31s"}
    wire.answer({"error": {"code": 429, "message": "slow down", "details": [info]}}, status=429)
    with pytest.raises(gemini.failures.Transient) as failure:
        gemini.complete()
    assert failure.value.retry_after == 31
