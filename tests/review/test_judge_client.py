"""Each way that a call can end has its name, and none of them takes long or goes elsewhere."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from judgeserver import Recorder, Reply, said, serving

from scaffolder.review.judge import asking
from scaffolder.review.judge.client import Failed, Failure, Said, Service, send, service
from scaffolder.review.judge.excerpts import Excerpt

BODY = asking.request("Is it so?", [Excerpt("README.md", ((1, "# Desk"),))]).body
JSON = {"content-type": "application/json"}


def _sent(url: str, seconds: float = 20, stopped: bool = False) -> Said | Failed:
    return send(Service(url, "k-test"), BODY, seconds, lambda: stopped)


def _ended(reply: Reply) -> tuple[Said | Failed, Recorder]:
    with serving(lambda _: reply) as server:
        return _sent(server.url), server


def _error(status: int, kind: str = "api_error", **headers: str) -> Reply:
    content = {"type": "error", "error": {"type": kind, "message": "no"}}
    return status, {**JSON, **headers}, json.dumps(content).encode()


@contextmanager
def _talking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads a request and then does as `talk` says."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 16)
                talk(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_an_answer_is_the_text_after_whatever_came_before_it() -> None:
    ended, server = _ended(said("the text"))
    assert ended == Said("the text", (900, 60))
    assert server.headers[0]["authorization"] == "Bearer k-test"


def test_cached_tokens_are_counted() -> None:
    usage = {"input_tokens": 5, "output_tokens": 2, "cache_read_input_tokens": 7}
    ended, _ = _ended(said("t", usage=usage))
    assert ended == Said("t", (12, 2))


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": -1, "output_tokens": 2}, [1]])
def test_a_missing_usage_is_not_taken_for_nothing(usage: Any) -> None:
    ended, _ = _ended(said("t", usage=usage))
    assert ended == Said("t", None)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (said("t", stop_reason="refusal"), Failure.REFUSAL),
        (said("t", stop_reason="max_tokens"), Failure.MAX_TOKENS),
        (said("t", stop_reason=None), Failure.CUT),
        (said("t", stop_reason="pause_turn"), Failure.UNFINISHED),
        (said("t", stop_reason=[1]), Failure.UNFINISHED),
        (said("t", content=[]), Failure.JUNK),
        (said("t", content="t"), Failure.JUNK),
        (said("t", content=[{"type": "text", "text": 5}]), Failure.JUNK),
        (said("x" * 1_100_000), Failure.JUNK),
        ((200, {"content-type": "text/html"}, b"<html>log in</html>"), Failure.NO_API),
        ((200, JSON, b'{"type": "completion"}'), Failure.NO_API),
        ((200, JSON, b"[" * 100_000), Failure.NO_API),
        (_error(400, "invalid_request_error"), Failure.REJECTED),
        (_error(400, "billing_error"), Failure.CREDIT),
        (_error(401), Failure.AUTH),
        (_error(402), Failure.CREDIT),
        (_error(403), Failure.AUTH),
        (_error(404), Failure.NO_MODEL),
        (_error(500), Failure.OVERLOADED),
        (_error(529, "overloaded_error"), Failure.OVERLOADED),
    ],
)
def test_what_is_no_whole_answer_has_a_name(reply: Reply, why: Failure) -> None:
    ended, server = _ended(reply)
    assert isinstance(ended, Failed)
    assert ended.why is why
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("given", "wait"), [("7", 7.0), ("0.5", 0.5), ("-3", None), ("soon", None), ("nan", None)]
)
def test_a_busy_server_may_ask_for_time(given: str, wait: float | None) -> None:
    ended, _ = _ended(_error(429, "rate_limit_error", **{"retry-after": given}))
    assert ended == Failed(Failure.RATE_LIMIT, is_free=True, wait=wait)


def test_a_redirect_is_not_followed() -> None:
    with serving(lambda _: said("t")) as other:
        ended, _ = _ended((307, {"location": f"{other.url}/v1/messages"}, b""))
        assert isinstance(ended, Failed)
        assert ended.why is Failure.REDIRECT
        assert other.bodies == []


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert _sent(f"http://127.0.0.1:{port}") == Failed(Failure.NETWORK, is_free=True)


def test_an_answer_that_is_cut_off_may_have_been_billed() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"
    with _talking(lambda c: c.sendall(head)) as url:
        assert _sent(url) == Failed(Failure.CUT)


def test_a_drip_does_not_outlast_the_deadline() -> None:
    done = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n")
        while not done.wait(0.02):
            connection.sendall(b" ")

    with _talking(drip) as url:
        assert _sent(url, seconds=0.5) == Failed(Failure.DEADLINE)
    done.set()


def test_who_stops_it_does_not_wait_for_the_answer() -> None:
    done = threading.Event()
    with _talking(lambda _: (done.wait(20), None)[1]) as url:
        assert _sent(url, stopped=True) == Failed(Failure.STOPPED)
    done.set()


def test_llmock_answers_and_fails_as_a_provider_does(llmock: Any) -> None:
    llmock.reply("the text")
    llmock.rate_limit(times=1, retry_after=3)
    who = service()
    assert isinstance(who, Service)
    first, second = (send(who, BODY, 20, lambda: False) for _ in range(2))
    assert first == Failed(Failure.RATE_LIMIT, is_free=True, wait=3.0)
    assert isinstance(second, Said)
    assert second.text == "the text"


def test_a_key_of_this_machine_is_never_shown() -> None:
    found = service({"ANTHROPIC_API_KEY": "k-123456789"})
    assert isinstance(found, Service)
    assert "k-1234" not in repr(found)
    assert found.shown == "https://api.anthropic.com"


def test_another_address_is_shown_without_its_password() -> None:
    found = service({"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": "https://u:pw@h.example:8/a/"})
    assert isinstance(found, Service)
    assert found.shown == "https://h.example:8/a (from ANTHROPIC_BASE_URL)"


@pytest.mark.parametrize(
    "url", ["http://h.example", "ftp://h", "h.example", "https://[", "https://"]
)
def test_a_key_is_not_sent_in_the_clear(url: str) -> None:
    assert service({"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": url}) is Failure.BAD_URL


def test_no_key() -> None:
    assert service({"ANTHROPIC_API_KEY": " "}) is Failure.NO_KEY


def test_what_a_provider_says_of_an_error_is_shown_masked_and_clean() -> None:
    message = "no schema \x1b[2J https://u:secretpw@h " + "x" * 900
    content = json.dumps({"type": "error", "error": {"type": "t", "message": message}})
    ended, _ = _ended((400, JSON, content.encode()))
    assert isinstance(ended, Failed)
    assert "no schema" in ended.said
    assert "secretpw" not in ended.said
    assert ended.said.isprintable()
    assert len(ended.said) < 300
