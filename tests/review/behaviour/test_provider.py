"""Faults of a provider: a client that is sound passes each, one changed line fails."""

from pathlib import Path

import pytest
from checked import opened

from scaffolder.review.behaviour import provider, spending, untrusted
from scaffolder.review.model import Answer, Reading

CLIENT = """\
import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

PASSAGE = {"chunk_id": "c7", "text": "Ann works at the harbour office on Mondays."}
PROPERTIES = {name: {"type": "string"} for name in ("chunk_id", "quote", "answer")}


def send(left=1):
    body = {"model": "m", "max_tokens": 99, "output_config": {"format": {"schema": {
        "type": "object", "properties": PROPERTIES}}},
        "messages": [{"role": "user", "content": json.dumps([PASSAGE])}]}
    request = urllib.request.Request(
        os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", json.dumps(body).encode(),
        {"content-type": "application/json", "x-api-key": os.environ["ANTHROPIC_API_KEY"]})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code != 429 or not left:
            raise
        time.sleep(float(error.headers.get("Retry-After") or 0))
        return send(left - 1)


def ask():
    reply = send()
    text = "".join(part.get("text", "") for part in reply["content"])
    usage = {"input_tokens": reply["usage"]["input_tokens"],
             "output_tokens": reply["usage"]["output_tokens"]}
    said = json.loads(text)
    good = said["quote"] in PASSAGE["text"] and "http" not in said["answer"]
    status = "answered" if good else "refused"
    return {"status": status, "answer": said["answer"] if good else "", "message": "",
            "citations": [said] if good else [], "usage": usage, "cost_usd": cost(usage)}


def cost(usage):
    return (usage["input_tokens"] * 1 + usage["output_tokens"] * 5) / 1e6


def main(words):
    try:
        result = ask()
    except Exception as error:
        message = "ANTHROPIC_API_KEY, llm.model or the context: " + type(error).__name__
        result = {"status": "failed", "message": message}
    print(json.dumps(result))
    return 0
"""

TRIES = {
    "recovers": lambda b: provider.recovers(b, 429, 1),
    "gives up": lambda b: provider.gives_up(b, 529),
    "drop": provider.survives_drop,
    "refused": provider.refuses_key,
    "key": provider.shows_no_key,
    "cut": lambda b: provider.handles_reply(b, "cut"),
    "usage": spending.usage_reported,
    "bounded": lambda b: spending.bounded(b, "malformed"),
    "quote": untrusted.quote_checked,
    "link": untrusted.unlinked,
}


def tried(name: str, folder: Path, old: str = "", new: str = "") -> Reading:
    assert old in CLIENT
    with opened(folder, {"src/rota/__init__.py": CLIENT.replace(old, new) if old else CLIENT}) as b:
        return TRIES[name](b)


@pytest.mark.parametrize("name", TRIES)
def test_a_sound_client_passes(name: str, tmp_path: Path):
    found = tried(name, tmp_path)
    assert found.answer is Answer.YES, found.reason


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("recovers", "left=1", "left=0"),
        ("recovers", "        time.sleep(", "        float("),
        ("gives up", "except Exception as", "except KeyError as"),
        ("drop", "except Exception as", "except KeyError as"),
        ("refused", "except Exception as", "except KeyError as"),
        ("key", "type(error).__name__", "os.environ['ANTHROPIC_API_KEY']"),
        ("cut", '"status": "failed"', '"status": "answered"'),
        ("usage", '["usage"]["output_tokens"]}', '["usage"]["output_tokens"] * 2}'),
        ("usage", 'usage["input_tokens"] * 1 + ', ""),
        ("usage", ' + usage["output_tokens"] * 5', ""),
        ("bounded", "reply = send()", "reply = [send() for _ in range(14)][0]"),
        ("quote", 'said["quote"] in PASSAGE["text"]', "True"),
        ("quote", 'said["quote"] in PASSAGE["text"]', 'said["chunk_id"] == "c7"'),
        ("link", ' and "http" not in said["answer"]', ""),
    ],
)
def test_one_changed_line_fails(name: str, old: str, new: str, tmp_path: Path):
    found = tried(name, tmp_path, old, new)
    assert found.answer is Answer.NO, found.reason
