"""An agent in the standard library alone, sound in every way that tools are broken."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from scaffolder.review.behaviour.bench import Bench
from tests.review.behaviour import checked

MANIFEST = """\
[scaffold]
format = 1
skill = "agent"
package = "desk"
[commands]
demo = ["python", "-m", "desk", "ask", "--json", "Where is my parcel?"]
[faults]
look = "desk.tools:look"
unused = "desk.tools:unused"
"""

TOOLS = """\
def look(parcel):
    return {"state": "on its way"}


def unused():
    return {}
"""

AGENT = """\
import json
import os
import sys
import threading
import urllib.request

from desk import tools

OFFERED = [{"name": "look", "description": "d", "input_schema": {
    "type": "object", "properties": {"parcel": {"type": "string"}}, "required": ["parcel"]}}]
MOST = 5


def observe(name, given):
    if name != "look" or set(given) != {"parcel"}:
        return "error: there is no such call"
    for _ in range(3):
        found = []
        thread = threading.Thread(target=attempt, args=(given, found), daemon=True)
        thread.start()
        thread.join(1)
        if found and isinstance(found[0], dict) and found[0].get("state"):
            return found[0]["state"]
    return "error: the carrier cannot be asked"


def attempt(given, found):
    try:
        found.append(tools.look(**given))
    except Exception:
        pass


def workflow():
    seen = observe("look", {"parcel": "P1"})
    if seen.startswith("error"):
        return {"status": "degraded", "answer": None, "message": seen}
    return {"status": "answered", "answer": seen, "message": ""}


def send(messages):
    body = {"model": "m", "max_tokens": 99, "tools": OFFERED, "messages": messages}
    request = urllib.request.Request(
        os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", json.dumps(body).encode(),
        {"content-type": "application/json", "x-api-key": os.environ["ANTHROPIC_API_KEY"]})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["content"]


def agent():
    messages = [{"role": "user", "content": "Where is my parcel?"}]
    for _ in range(MOST):
        content = send(messages)
        calls = [part for part in content if part["type"] == "tool_use"]
        if not calls:
            text = "".join(part.get("text", "") for part in content)
            return {"status": "answered", "answer": text, "message": ""}
        results = [{"type": "tool_result", "tool_use_id": call["id"],
                    "content": observe(call["name"], call["input"])} for call in calls]
        messages.append({"role": "assistant", "content": content})
        messages.append({"role": "user", "content": results})
    return {"status": "budget_exceeded", "answer": None, "message": "stopped"}


def main():
    print(json.dumps(agent() if os.environ.get("ANTHROPIC_API_KEY") else workflow()))
"""

FILES: Mapping[str, str | None] = {
    "scaffold.toml": MANIFEST,
    ".gitignore": ".venv\n__pycache__/\n",
    "README.md": "# Desk\n",
    "src/desk/__init__.py": "",
    "src/desk/__main__.py": "from desk.agent import main\n\nmain()\n",
    "src/desk/agent.py": AGENT,
    "src/desk/tools.py": TOOLS,
}


def changed(path: str, old: str, new: str) -> dict[str, str | None]:
    """One file of the project with one change."""
    text = FILES[path] or ""
    assert old in text
    return {path: text.replace(old, new)}


def opened(
    folder: Path, changes: Mapping[str, str | None] | None = None
) -> AbstractContextManager[Bench]:
    """A bench with that project; without a sandbox where this machine has none."""
    return checked.opened(folder, changes, FILES)
