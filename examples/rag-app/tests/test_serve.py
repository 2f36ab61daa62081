"""The page: answers as a stream, passages for the right readers only, nothing as markup."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from llmock.pytest_plugin import LLMock
from small_corpus import settings_in

from pytopics.commands.serve import listen
from pytopics.errors import ConfigError, UsageError
from pytopics.index import Index
from pytopics.web import server

HOSTILE = "# Boats\n\nRowing boats cost <script>alert(1)</script> seven crowns an hour."
DOCUMENTS = {
    "boats.md": HOSTILE,
    "board.md": "---\naccess: board\n---\n# Board\n\nThe board buys twelve new rowing boats.",
    "choir.md": "# Choir\n\nThe choir rehearses in the old chapel.",
}


@pytest.fixture
def settings(tmp_path):
    return replace(settings_in(tmp_path, DOCUMENTS), answer_threshold=0.0, roles=("everyone",))


@pytest.fixture
def client(settings):
    return TestClient(server.create_app(settings, "baseline"), base_url="http://127.0.0.1")


def ask(client, question):
    response = client.post("/ask", json={"question": question})
    assert response.status_code == 200
    return [json.loads(line) for line in response.text.splitlines()]


def chunk_of(settings, source):
    return Index.open(settings).chunks(source)[0].chunk_id


def ask_the_model(settings, monkeypatch):
    """All parts of an answer by the model, with a progress part for every piece of its reply."""
    monkeypatch.setattr(server, "PROGRESS_S", 0.0)
    app = server.create_app(settings, "model")
    return ask(TestClient(app, base_url="http://127.0.0.1"), "How much do rowing boats cost?")


def reply(settings, text):
    """A model's reply with one citation that holds and one that is invented."""
    held = {"chunk_id": chunk_of(settings, "boats.md"), "quote": "seven crowns an hour"}
    invented = {"chunk_id": "0123456789abcdef", "quote": "Dogs pay ninety crowns"}
    return json.dumps({"found": True, "citations": [held, invented], "answer": text})


def test_the_page_loads_nothing_from_elsewhere(client):
    page = client.get("/").text
    parts = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert [part for part in parts if part != "data:,"] == ["/page.css", "/page.js"]
    assert all(client.get(part).status_code == 200 for part in parts if part != "data:,")


def test_the_page_can_be_used_without_seeing_it(client):
    page = client.get("/").text
    assert '<html lang="en">' in page
    assert '<label for="question">' in page
    assert 'role="status"' in page
    assert 'role="alert"' in page
    assert 'aria-live="polite"' in page
    assert '<p id="progress" class="quiet">' in page, "a count in a live region floods a reader"


def test_every_response_forbids_foreign_and_inline_code(client, settings):
    for path in ("/", "/page.js", f"/passages/{chunk_of(settings, 'boats.md')}", "/nothing"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'")
        assert "unsafe-inline" not in policy


def test_the_script_never_writes_markup():
    script = (Path(server.__file__).parent / "page.js").read_text()
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert way not in script


def test_an_answer_arrives_in_sentences_and_then_whole(client):
    *texts, last = ask(client, "How much do rowing boats cost?")
    result = last["result"]
    assert result["status"] == "answered"
    assert "".join(part["text"] for part in texts) == result["answer"]
    assert "seven crowns" in result["answer"]
    assert result["citations"][0]["source"] == "boats.md"


def test_a_question_with_half_a_character_is_answered_all_the_same(client):
    body = b'{"question": "How much do rowing boats cost \\ud83d?"}'
    response = client.post("/ask", content=body, headers={"Content-Type": "application/json"})
    assert "seven crowns" in response.text
    assert client.post("/ask", json={"question": 7}).status_code == 422


def test_while_the_model_writes_only_the_amount_is_sent(
    model_server: LLMock, settings, monkeypatch
):
    body = reply(settings, "They cost seven crowns. Dogs pay ninety.")
    model_server.reply(body)
    *progress, text, last = ask_the_model(settings, monkeypatch)
    counts = [part["written"] for part in progress]
    assert progress == [{"written": count} for count in counts]
    assert len(counts) > 1
    assert counts == sorted(counts)
    assert counts[-1] == len(body)
    assert text == {"text": "They cost seven crowns."}
    assert last["result"]["status"] == "answered"
    assert "ninety" not in json.dumps([*progress, text, last])


@pytest.mark.parametrize("fault", ["disconnect", "truncate"])
def test_a_dropped_stream_ends_with_the_answer_of_the_baseline(
    model_server: LLMock, settings, monkeypatch, fault
):
    getattr(model_server, fault)(after_chunks=8).reply(reply(settings, "Nine."), times=None)
    *parts, last = ask_the_model(settings, monkeypatch)
    assert "written" in parts[0]
    assert last["result"]["status"] == "degraded"
    assert "broke off" in last["result"]["message"]
    assert "seven crowns" in last["result"]["answer"]
    assert "".join(part.get("text", "") for part in parts) == last["result"]["answer"]


def test_progress_is_sent_at_once_and_then_seldom():
    parts = []
    count = server._progress(parts.append)
    for piece in ("They ", "cost ", "seven."):
        count(piece)
    assert parts == [{"written": 5}]


def test_a_refusal_is_a_result_without_text(settings):
    app = server.create_app(replace(settings, answer_threshold=9.0), "baseline")
    (last,) = ask(TestClient(app, base_url="http://localhost"), "Who painted the Mona Lisa?")
    assert last["result"]["status"] == "refused"
    assert last["result"]["citations"] == []


def test_an_error_is_a_part_of_the_stream_with_its_hint(client, monkeypatch):
    def broken(*_, **__):
        raise ConfigError("the model needs a key", "put it in .env")

    monkeypatch.setattr(server, "answer", broken)
    (last,) = ask(client, "How much do rowing boats cost?")
    assert last == {"error": {"message": "the model needs a key", "hint": "put it in .env"}}


@pytest.mark.parametrize("question", ["", "   ", "x" * 2001, None])
def test_a_question_that_is_none_is_refused(client, question):
    assert client.post("/ask", json={"question": question}).status_code == 422


def test_a_citation_opens_its_passage_as_text_with_its_title(client):
    *_, last = ask(client, "How much do rowing boats cost?")
    response = client.get(f"/passages/{last['result']['citations'][0]['chunk_id']}")
    assert "<h1>Boats</h1>" in response.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in response.text
    assert "<script" not in response.text


def test_a_passage_for_others_looks_like_none(client, settings):
    secret = chunk_of(settings, "board.md")
    assert client.get(f"/passages/{secret}").status_code == 404
    assert client.get(f"/passages/{secret}").json() == client.get("/passages/none").json()
    member = server.create_app(replace(settings, roles=("board",)), "baseline")
    allowed = TestClient(member, base_url="http://127.0.0.1").get(f"/passages/{secret}")
    assert "twelve new rowing boats" in allowed.text


def test_another_host_name_is_refused(settings):
    rebound = TestClient(server.create_app(settings, "baseline"), base_url="http://evil.example")
    assert rebound.get("/").status_code == 400


def test_a_port_in_use_is_said_plainly_and_port_zero_finds_a_free_one():
    with listen("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        assert port > 0
        with pytest.raises(UsageError, match=f"cannot serve on 127.0.0.1:{port}") as raised:
            listen("127.0.0.1", port)
    assert "--port 0" in raised.value.hint


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_cannot_exist_is_a_usage_error(port):
    with pytest.raises(UsageError, match="cannot serve"):
        listen("127.0.0.1", port)


def test_sentences_join_to_the_whole_answer():
    text = "It costs 7.50 crowns. Ask at the jetty!\nReally?"
    assert server._sentences(text) == ["It costs 7.50 crowns. ", "Ask at the jetty!\n", "Really?"]
