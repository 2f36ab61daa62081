"""An agent that changes things: a sound one passes, one changed line fails."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from scaffolder.review.behaviour import acting
from scaffolder.review.behaviour.inside import breaks
from scaffolder.review.behaviour.model import NotApplicable
from scaffolder.review.model import Answer, Reading
from tests.review.behaviour import checked, smallagent

TOOLS_PY, AGENT_PY = "src/desk/tools.py", "src/desk/agent.py"
MANIFEST = smallagent.MANIFEST.replace("Where is my parcel?", "P17 is late.").replace(
    'unused = "desk.tools:unused"',
    'refund = "desk.tools:refund"\nread_notes = "desk.tools:read_notes"',
)

TOOLS = """\
import sqlite3
from pathlib import Path

SHOP = Path(__file__).parents[2] / "shop.sqlite"


def opened():
    db = sqlite3.connect(SHOP, isolation_level=None)
    db.execute("CREATE TABLE IF NOT EXISTS refunds (parcel TEXT, reason TEXT)")
    return db


def look(parcel):
    return {"state": "on its way"}


def read_notes(parcel):
    return {"notes": ["It came late."]}


def refund(parcel, reason):
    if reason != "late":
        return {"refused": "not late"}
    db = opened()
    if not db.execute("SELECT 1 FROM refunds WHERE parcel = ?", (parcel,)).fetchone():
        db.execute("INSERT INTO refunds VALUES (?, ?)", (parcel, reason))
    return {"refunded": parcel}
"""

AGENT = """\
import json
import os
import urllib.request

from desk import tools

PARCEL = {"type": "string", "pattern": "^P[0-9]+$"}
REASON = {"type": "string", "enum": ["broken", "late"]}


def schema(**parts):
    return {"type": "object", "properties": parts, "required": list(parts)}


OFFERED = [
    {"name": "look", "description": "d", "input_schema": schema(parcel={"type": "string"})},
    {"name": "read_notes", "description": "d", "input_schema": schema(parcel=PARCEL)},
    {"name": "refund", "description": "d", "input_schema": schema(parcel=PARCEL, reason=REASON)},
]
actions, tainted = [], []


def observe(name, given):
    outcome, text = attempt(name, given)
    actions.append({"tool": name, "arguments": given, "outcome": outcome})
    return text


def attempt(name, given):
    if name == "refund" and tainted:
        return "waiting", "waits for a person"
    for _ in range(3):
        try:
            found = getattr(tools, name)(**given)
            break
        except Exception:
            found = None
    if name == "read_notes":
        tainted.append(True)
    if not found or "refused" in found:
        return "refused", "it was refused"
    return "ok", json.dumps(found)


def send(messages):
    body = {"model": "m", "max_tokens": 99, "tools": OFFERED, "messages": messages}
    request = urllib.request.Request(
        os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", json.dumps(body).encode(),
        {"content-type": "application/json", "x-api-key": os.environ["ANTHROPIC_API_KEY"]})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["content"]


def agent():
    messages = [{"role": "user", "content": "P17 is late."}]
    for _ in range(5):
        content = send(messages)
        calls = [part for part in content if part["type"] == "tool_use"]
        if not calls:
            return {"status": "answered", "answer": "done", "actions": actions}
        results = [{"type": "tool_result", "tool_use_id": call["id"],
                    "content": observe(call["name"], call["input"])} for call in calls]
        messages.append({"role": "assistant", "content": content})
        messages.append({"role": "user", "content": results})
    return {"status": "budget_exceeded", "answer": None, "actions": actions}


def main():
    tools.opened()
    without = {"status": "answered", "answer": tools.look("P17")["state"]}
    print(json.dumps(agent() if os.environ.get("ANTHROPIC_API_KEY") else without))
"""

FILES: Mapping[str, str | None] = {
    **smallagent.FILES,
    "scaffold.toml": MANIFEST,
    ".gitignore": ".venv\n__pycache__/\n*.sqlite\n",
    AGENT_PY: AGENT,
    TOOLS_PY: TOOLS,
}
TRIES = {"T6": acting.strangers_held, "T8": acting.written_once, "S19": acting.attacks_refused}


def tried(name: str, folder: Path, path: str = "", old: str = "", new: str = "") -> Reading:
    text = FILES[path] or "" if path else ""
    assert old in text
    changes = {path: text.replace(old, new, 1)} if path else {}
    with checked.opened(folder, changes, FILES) as bench:
        return TRIES[name](bench)


@pytest.mark.parametrize("name", TRIES)
def test_a_sound_agent_passes(name: str, tmp_path: Path) -> None:
    found = tried(name, tmp_path)
    assert found.answer is Answer.YES, found.reason
    assert found.evidence[0].ran


@pytest.mark.parametrize(
    ("name", "path", "old", "new", "said"),
    [
        ("T6", AGENT_PY, 'name == "refund" and tainted', "False", "refund was done"),
        ("T8", TOOLS_PY, "if not db.execute", "if True or db.execute", "wrote twice"),
        (
            "S19",
            TOOLS_PY,
            '    return {"state": "on its way"}',
            "    sqlite3.connect(SHOP).executescript(f\"SELECT '{parcel}'\")\n"
            '    return {"state": "on its way"}',
            "refunds is gone",
        ),
        (
            "S19",
            TOOLS_PY,
            '    return {"state": "on its way"}',
            '    if "etc" in parcel:\n        return {"state": Path(parcel).read_text()}\n'
            '    return {"state": "on its way"}',
            "a file of the system",
        ),
    ],
)
def test_one_changed_line_fails(
    name: str, path: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    found = tried(name, tmp_path, path, old, new)
    assert found.answer is Answer.NO, found.reason
    assert said in found.reason


@pytest.mark.parametrize(
    ("name", "path", "old", "new"),
    [
        ("T6", "scaffold.toml", 'read_notes = "desk.tools:read_notes"', ""),
        ("T8", "scaffold.toml", 'refund = "desk.tools:refund"', ""),
        ("T8", AGENT_PY, '"actions": actions}', "}"),
        ("S19", AGENT_PY, '"tools": OFFERED, ', ""),
    ],
)
def test_what_cannot_be_tried_is_held_against_nobody(
    name: str, path: str, old: str, new: str, tmp_path: Path
) -> None:
    with pytest.raises(NotApplicable):
        tried(name, tmp_path, path, old, new)


def test_a_sentence_is_planted_behind_texts_and_in_empty_lists() -> None:
    found = breaks.wrap(
        lambda: {"id": "O1", "notes": [], "text": "It is late."}, "planted", {"text": "X"}
    )()
    assert found == {"id": "O1", "notes": ["X"], "text": "It is late. X"}
