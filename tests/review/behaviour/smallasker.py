"""A program that asks a ledger in SQL, on two providers, in the standard library alone."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from scaffolder.review.behaviour.bench import Bench
from tests.review.behaviour import checked

MANIFEST = """\
[scaffold]
format = 1
skill = "llm-api"
package = "ledger"
[commands]
demo = ["python", "-m", "ledger", "ask", "--json", "How many orders are there?"]
[faults]
query = "ledger.tools:query"
"""

TOOLS = """\
import sqlite3
import time
from pathlib import Path

LEDGER = Path(__file__).parents[2] / "ledger.sqlite"


def made():
    if not LEDGER.exists():
        db = sqlite3.connect(LEDGER)
        db.execute("CREATE TABLE orders (id INTEGER, cents INTEGER)")
        db.executemany("INSERT INTO orders VALUES (?, ?)", [(n, n * 7) for n in range(300)])
        db.commit()
        db.close()


def allowed(action, table, column, *_):
    if action == sqlite3.SQLITE_SELECT or (action == sqlite3.SQLITE_READ and table == "orders"):
        return sqlite3.SQLITE_OK
    counts = action == sqlite3.SQLITE_FUNCTION and str(column).upper() == "COUNT"
    return sqlite3.SQLITE_OK if counts else sqlite3.SQLITE_DENY


def query(sql):
    made()
    db = sqlite3.connect(f"file:{LEDGER}?mode=ro", uri=True)
    db.set_authorizer(allowed)
    ends = time.monotonic() + 1
    db.set_progress_handler(lambda: time.monotonic() > ends, 1000)
    return [list(row) for row in db.execute(sql).fetchmany(50)]
"""

ASSISTANT = """\
import json
import os
import urllib.request
from pathlib import Path

from ledger import tools

PROVIDER = (Path(__file__).parents[2] / "config.toml").read_text().split('"')[1]
SCHEMA = {"type": "object", "properties": {"sql": {"type": "string"}}, "required": ["sql"]}
actions = []


def observe(name, given):
    try:
        found = str(tools.query(**given))
    except Exception as error:
        found = f"error: {error}"
    actions.append({"tool": name, "arguments": given, "outcome": found[:5]})
    return found


def post(base, path, key, body):
    request = urllib.request.Request(
        os.environ[base] + path, json.dumps(body).encode(),
        {"content-type": "application/json", "x-api-key": os.environ[key],
         "authorization": "Bearer " + os.environ[key]})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def anthropic(turns):
    tool = {"name": "query", "description": "d", "input_schema": SCHEMA}
    body = {"model": "m", "max_tokens": 99, "tools": [tool], "messages": turns}
    parts = post("ANTHROPIC_BASE_URL", "/v1/messages", "ANTHROPIC_API_KEY", body)["content"]
    calls = [part for part in parts if part["type"] == "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": call["id"],
                "content": observe(call["name"], call["input"])} for call in calls]
    text = "".join(part.get("text", "") for part in parts)
    turns += [{"role": "assistant", "content": parts}, {"role": "user", "content": results}]
    return calls, text


def openai(turns):
    tool = {"type": "function", "name": "query", "description": "d", "parameters": SCHEMA}
    body = {"model": "m", "tools": [tool], "input": turns}
    items = post("OPENAI_BASE_URL", "/responses", "OPENAI_API_KEY", body)["output"]
    calls = [item for item in items if item["type"] == "function_call"]
    turns += items
    for call in calls:
        given = json.loads(call["arguments"])
        turns.append({"type": "function_call_output", "call_id": call["call_id"],
                      "output": observe(call["name"], given)})
    texts = [item["content"][0]["text"] for item in items if item["type"] == "message"]
    return calls, "".join(texts)


def assistant():
    turns = [{"role": "user", "content": "How many orders are there?"}]
    for _ in range(12):
        calls, text = anthropic(turns) if PROVIDER == "anthropic" else openai(turns)
        if not calls:
            return {"status": "answered", "answer": text, "message": "", "actions": actions}
    return {"status": "budget_exceeded", "answer": None, "message": "stopped", "actions": actions}


def patterns():
    count = tools.query(sql="SELECT COUNT(*) FROM orders")[0][0]
    return {"status": "answered", "answer": f"There are {count} orders.", "message": ""}


def main():
    print(json.dumps(assistant() if os.environ.get("ANTHROPIC_API_KEY") else patterns()))
"""

FILES: Mapping[str, str | None] = {
    "scaffold.toml": MANIFEST,
    "config.toml": 'provider = "anthropic"\n[models]\nanthropic = "m"\nopenai = "m"\n',
    ".gitignore": ".venv\n__pycache__/\n*.sqlite\n",
    "README.md": "# Ledger\n",
    "src/ledger/__init__.py": "",
    "src/ledger/__main__.py": "from ledger.assistant import main\n\nmain()\n",
    "src/ledger/assistant.py": ASSISTANT,
    "src/ledger/tools.py": TOOLS,
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
