"""Facts of the model call: each answer on the smallest project that shows it."""

from pathlib import Path

import pytest
from asked import ask

ASK = "from openai import OpenAI\n\nclient = OpenAI()\n\n\n"
CALL = "client.chat.completions.create(model=model, messages=messages)"
PLAIN = f"{ASK}def ask(model, messages):\n    return {CALL}\n"
FACTS = [
    "models.failure_handled",
    "models.providers",
    "modeluse.tools_called",
    "modeluse.streamed",
    "modeluse.output_structured",
    "spending.cost_tracked",
    "observing.monitored",
]


@pytest.mark.parametrize("probe", [f for f in FACTS if f != "observing.monitored"])
def test_a_library_without_a_model_is_not_spoken_of(probe: str, tmp_path: Path) -> None:
    source = "import structlog\nimport logging\nlog = structlog.get_logger()\ntotal_cost = 3\n"
    reading = ask(probe, {"lib.py": source, "README.md": "Streams, costs and traces."}, tmp_path)
    assert reading.answer.value == "not_applicable"
    assert "No language model is called" in reading.reason


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({"app/main.py": "import sentry_sdk\nsentry_sdk.init(dsn=DSN)\n"}, "yes"),
        ({"app/main.py": "import logging\nlogging.info('up')\n"}, "partial"),
        ({"src/weave/__init__.py": "", "src/weave/a.py": "import weave.b\n"}, "not_applicable"),
        (
            {"loguru/__init__.py": "", "show.py": "import logging\nlogging.info('up')\n"},
            "not_applicable",
        ),
        ({"lib.py": "total = 3\n", "README.md": "It traces."}, "not_applicable"),
    ],
)
def test_a_project_without_a_model_may_record_its_runs(
    tree: dict[str, str], wanted: str, tmp_path: Path
) -> None:
    assert ask("observing.monitored", tree, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"lib.py": "import openai\n"},
        {"lib.py": "x = 1\n", "requirements.txt": "anthropic==0.40\n"},
        {"lib.py": "x = 1\n", ".scaffold/template.lock": "{}\n"},
        {"app.ts": "export {}\n", "package.json": '{"dependencies": {"openai": "^4"}}\n'},
    ],
)
def test_a_project_that_was_meant_to_call_a_model_gets_no(
    tree: dict[str, str], tmp_path: Path
) -> None:
    reading = ask("spending.usage_recorded", tree, tmp_path)
    assert reading.answer.value == "no"
    assert "No call of a language model" in reading.reason


@pytest.mark.parametrize("probe", FACTS)
def test_a_bare_call_gets_no_with_the_call_as_evidence(probe: str, tmp_path: Path) -> None:
    reading = ask(probe, {"app.py": PLAIN}, tmp_path)
    assert reading.answer.value == "no"
    assert [(e.path, e.line) for e in reading.evidence][:1] == [("app.py", 7)]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (PLAIN.replace("OpenAI()", "OpenAI(timeout=20)"), "yes"),
        (PLAIN.replace("OpenAI()", "OpenAI(max_retries=0)"), "no"),
        (f"import tenacity\n{PLAIN}".replace("def ask", "@tenacity.retry()\ndef ask"), "yes"),
        (
            f"import time\n{ASK}def ask(model, messages):\n    while True:\n        try:\n"
            f"            return {CALL}\n        except Exception:\n            time.sleep(1)\n",
            "yes",
        ),
        (
            f"{ASK}def ask(model, messages):\n    try:\n        return {CALL}\n"
            "    except Exception as error:\n        return fallback_answer(error)\n",
            "yes",
        ),
        (
            f"{ASK}def ask(model, messages):\n    try:\n        return {CALL}\n"
            "    except Exception as error:\n        return str(error)\n",
            "partial",
        ),
        (
            f"{ASK}def run(model, rows):\n    for messages in rows:\n        try:\n"
            f"            {CALL}\n        except Exception:\n            continue\n",
            "partial",
        ),
        (f"import tenacity\n{PLAIN}\n\n@tenacity.retry()\ndef fetch(page):\n    ...\n", "no"),
        (
            f"{ASK}def chat(model, messages):\n    while True:\n        input()\n        try:\n"
            f"            {CALL}\n        except KeyboardInterrupt:\n            break\n",
            "no",
        ),
        (
            f"{ASK}def chat(model, messages):\n    while True:\n        input()\n        try:\n"
            f"            {CALL}\n        except Exception:\n            continue\n",
            "partial",
        ),
        (
            f"{ASK}def ask(model, messages):\n    for _ in range(3):\n        try:\n"
            f"            return {CALL}\n        except Exception:\n            pass\n",
            "yes",
        ),
        (
            f"{ASK}from net import call_with_retry\n\n\ndef ask(model, messages):\n"
            f"    return call_with_retry(lambda: {CALL})\n",
            "yes",
        ),
        (f"{PLAIN}from net import call_with_retry\n\ncall_with_retry(fetch)\n", "no"),
        (PLAIN.replace("messages)\n", "messages, extra_body={'models': OTHERS})\n"), "yes"),
        (PLAIN.replace("messages)\n", "messages, extra_body={'top_k': 3})\n"), "no"),
        (
            f"import json\n{ASK}def ask(model, messages):\n    try:\n"
            f"        return json.loads({CALL})\n    except json.JSONDecodeError:\n        pass\n",
            "no",
        ),
        (
            f"import asyncio\n{ASK}async def ask(model):\n    try:\n"
            "        return await asyncio.to_thread(client.chat.completions.create, model=model)\n"
            "    except Exception:\n        return None\n",
            "partial",
        ),
    ],
)
def test_failure_handling_is_a_retry_a_timeout_or_a_fallback(
    source: str, wanted: str, tmp_path: Path
) -> None:
    assert ask("models.failure_handled", {"app.py": source}, tmp_path).answer.value == wanted


def test_a_retry_around_the_judge_alone_is_partial(tmp_path: Path) -> None:
    retried = f"import tenacity\n{PLAIN}".replace("def ask", "@tenacity.retry()\ndef judge")
    tree = {"app.py": PLAIN, "evals/judge.py": retried}
    assert ask("models.failure_handled", tree, tmp_path / "both").answer.value == "partial"
    alone = {"evals/judge.py": retried}
    assert ask("models.failure_handled", alone, tmp_path / "alone").answer.value == "yes"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ('const { answer } = require("../services/gemini.service")', "partial"),
        ('import { answer } from "../services/gemini.service.js"', "partial"),
        ('import { save } from "../services/store"', "no"),
    ],
)
def test_a_catch_counts_where_the_script_that_asks_is_imported(
    line: str, wanted: str, tmp_path: Path
) -> None:
    tree = {
        "src/services/gemini.service.js": "const result = await model.generateContent(prompt)\n",
        "src/controllers/chat.js": f"{line}\ntry {{ go() }} catch (error) {{ fail(error) }}\n",
    }
    assert ask("models.failure_handled", tree, tmp_path).answer.value == wanted


def test_a_catch_in_a_script_is_partial(tmp_path: Path) -> None:
    tree = {
        "lib/chain.ts": "export const model = new ChatOpenAI({ temperature: 0 });\n",
        "api/chat.ts": "try { await chain.invoke(q) } catch (error) { res.status(500) }\n",
    }
    assert ask("models.failure_handled", tree, tmp_path).answer.value == "partial"


POST = "axios.post(\n  'https://api.groq.com/openai/v1/chat/completions',\n  { model, messages },\n"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("  { timeout: 30000 });\n", "yes"),
        ("  { headers });\n", "no"),
        ("  { headers } as { timeout: number });\n", "no"),
    ],
)
def test_a_time_limit_of_a_posted_call_in_a_script_counts(
    more: str, wanted: str, tmp_path: Path
) -> None:
    tree = {"server/src/llm.js": f"const reply = await {POST}{more}"}
    assert ask("models.failure_handled", tree, tmp_path).answer.value == wanted


def test_a_time_limit_around_the_graph_of_a_script_counts(tmp_path: Path) -> None:
    made = "export const model = new ChatAnthropic({ temperature: 0 });\n"
    run = "const out = await executeWithTimeout(() => graph.invoke(state), limit);\n"
    defined = "export function withTimeout(p) {}\nconst out = await graph.invoke(state);\n"
    both = {"src/llm.ts": made, "src/run.ts": run}
    alone = {"src/llm.ts": made, "src/run.ts": defined}
    assert ask("models.failure_handled", both, tmp_path / "a").answer.value == "yes"
    assert ask("models.failure_handled", alone, tmp_path / "b").answer.value == "no"


def test_a_script_that_counts_the_tokens_of_its_prompt_is_partial(tmp_path: Path) -> None:
    counted = f"const n = estimateTokens(context);\nawait {POST}  {{ headers }});\n"
    cut = {"llm.js": f"await {POST}  {{ headers }});\n", "cut.js": "countTokens(chunk);\n"}
    assert ask("spending.cost_tracked", {"llm.js": counted}, tmp_path / "a").answer == "partial"
    assert ask("spending.cost_tracked", cut, tmp_path / "b").answer == "no"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("import anthropic\nanthropic.Anthropic().messages.create(model='m')\n", "yes"),
        ("OpenAI(base_url='http://localhost:11434/v1')\n", "yes"),
        ("from langchain_anthropic import ChatAnthropic\n", "partial"),
        ("from openai import AsyncOpenAI\nAsyncOpenAI()\n", "no"),
        ("OpenAI(base_url=address)\n", "partial"),
        ("OpenAI(base_url=BASES[k])\nBASES = {'groq': 'https://api.groq.com/openai/v1'}\n", "yes"),
        ("OpenAI(base_url=x)\nDOCS = 'https://docs.mistral.ai/models'\n", "partial"),
    ],
)
def test_two_providers_are_two_vendors_in_the_code(more: str, wanted: str, tmp_path: Path) -> None:
    assert ask("models.providers", {"app.py": PLAIN + more}, tmp_path).answer.value == wanted


def test_an_address_makes_the_call_that_of_another_provider(tmp_path: Path) -> None:
    local = PLAIN.replace("OpenAI()", "OpenAI(base_url='http://localhost:11434/v1')")
    reading = ask("models.providers", {"app.py": local}, tmp_path)
    assert (reading.answer.value, reading.reason) == ("no", "Only ollama is called.")


def test_an_address_in_the_settings_is_that_of_the_one_provider(tmp_path: Path) -> None:
    made = PLAIN.replace("OpenAI()", "OpenAI(base_url=BASE)")
    tree = {"app.py": made, "config.py": "BASE = 'https://api.groq.com/openai/v1'\n"}
    reading = ask("models.providers", tree, tmp_path)
    assert reading.answer.value == "partial"
    assert "groq" in reading.reason


@pytest.mark.parametrize(
    ("second", "wanted"),
    [
        ("import Anthropic from '@anthropic-ai/sdk';\n", "yes"),
        ("import { OpenAIEmbeddings } from '@langchain/openai';\n", "no"),
        ("import { useChat } from '@ai-sdk/react';\n", "no"),
    ],
)
def test_scripts_name_their_providers_by_package(second: str, wanted: str, tmp_path: Path) -> None:
    first = "import OpenAI from 'openai';\nawait client.chat.completions.create({ model })\n"
    tree = {"a.ts": first, "b.ts": second}
    assert ask("models.providers", tree, tmp_path).answer.value == wanted


def test_a_client_for_embeddings_is_no_second_provider(tmp_path: Path) -> None:
    other = "from google import genai\nc = genai.Client()\nc.models.embed_content(contents='a')\n"
    tree = {"app.py": PLAIN, "embed.py": other}
    assert ask("models.providers", tree, tmp_path).answer.value == "no"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (
            PLAIN.replace("messages=messages)", "messages=messages, tools=TOOLS)")
            + "\n\ndef act(message):\n    return [run(c) for c in message.tool_calls]\n",
            "yes",
        ),
        (PLAIN.replace("messages=messages)", "messages=messages, tools=TOOLS)"), "partial"),
        (
            PLAIN + "\n\nfrom langchain_core.tools import tool\n\n@tool\ndef add(a: int): ...\n",
            "partial",
        ),
        (
            PLAIN.replace("messages=messages)", "messages=messages, tools=TOOLS)")
            + "\n\nTOOLS = [{'type': 'web_search'}]\n",
            "yes",
        ),
    ],
)
def test_tools_are_offered_and_their_calls_answered(
    source: str, wanted: str, tmp_path: Path
) -> None:
    assert ask("modeluse.tools_called", {"app.py": source}, tmp_path).answer.value == wanted


STREAM = CALL.replace("messages=messages)", "messages=messages, stream=True)")


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (
            f"{ASK}def parts(model, messages):\n    for part in {STREAM}:\n        yield part\n"
            "\n\nfor part in parts('m', []):\n    print(part)\n",
            "yes",
        ),
        (
            f"{ASK}def parts(model, messages):\n    for part in {STREAM}:\n        yield part\n",
            "partial",
        ),
        (
            f"{ASK}def whole(model, messages):\n    return ''.join({STREAM})\n\n\nwhole('m', [])\n",
            "partial",
        ),
        (
            f"{ASK}def opened(model, messages):\n    return {STREAM}\n\n\n"
            "def show(socket):\n    for part in opened('m', []):\n        socket.send(part)\n",
            "yes",
        ),
        (
            f"{ASK}def opened(model, messages):\n    return {STREAM}\n\n\n"
            "def whole():\n    return [p for p in opened('m', [])]\n\n\nprint(whole())\n",
            "partial",
        ),
    ],
)
def test_a_stream_counts_where_its_pieces_are_used(
    source: str, wanted: str, tmp_path: Path
) -> None:
    assert ask("modeluse.streamed", {"app.py": source}, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (PLAIN.replace("completions.create", "completions.parse"), "yes"),
        (
            f'import json\n{PLAIN}\n\nPROMPT = "Return only valid JSON."\n\n\n'
            "def read(text):\n    return json.loads(text)\n",
            "partial",
        ),
        (f"import json\n{PLAIN}\n\nrows = json.loads('[]')\n", "no"),
        (
            f"import json\n{PLAIN}\n\njson.loads('[]')\nP = 'Отвечай ТОЛЬКО валидным JSON'\n",
            "partial",
        ),
        (f"import json\n{PLAIN}\n\njson.loads('[]')\nWRONG = 'It was not valid JSON'\n", "no"),
    ],
)
def test_structure_is_a_schema_and_json_in_words_is_partial(
    source: str, wanted: str, tmp_path: Path
) -> None:
    assert ask("modeluse.output_structured", {"app.py": source}, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("def cost(usage):\n    return usage.prompt_tokens * PRICE_PER_TOKEN\n", "yes"),
        ("def used(reply):\n    return reply.usage.total_tokens\n", "partial"),
        ("def shipping(cart):\n    return cart.price + cart.weight\n", "no"),
        (
            "def used(reply):\n    return {'n': reply.usage.total_tokens, 'cost_usd': 0.0}\n",
            "partial",
        ),
        ("class Used:\n    cost_usd: float = 0.0\n    total_tokens: int = 0\n", "partial"),
        ("def paid(i, o):\n    token_cost = i * 0.15 + o * 0.6\n    return token_cost\n", "yes"),
    ],
)
def test_cost_is_money_and_tokens_are_partial(more: str, wanted: str, tmp_path: Path) -> None:
    assert ask("spending.cost_tracked", {"app.py": PLAIN + more}, tmp_path).answer.value == wanted


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ("from langfuse import Langfuse\n", "yes"),
        (
            "import json\n\ndef record(row):\n    with open('runs.jsonl', 'a') as f:\n"
            "        f.write(json.dumps(row))\n",
            "yes",
        ),
        ("SAVE = 'INSERT INTO feedback (id, score) VALUES (?, ?)'\n", "yes"),
        ("SAVE = 'INSERT INTO messages (id, text) VALUES (?, ?)'\n", "no"),
        ("import logging\nlogging.info('asked')\n", "partial"),
        ("import logging\nlogging.getLogger('httpx').setLevel(40)\n", "no"),
        (
            "import json\n\ndef generate_pairs(row):\n    with open('pairs.jsonl', 'a') as f:\n"
            "        f.write(json.dumps(row))\n",
            "no",
        ),
        ("KEEP = 'INSERT OR REPLACE INTO query_audit (id, elapsed_ms) VALUES (?, ?)'\n", "yes"),
        ("print('asked')\n", "no"),
        (
            "import json\n\ndef flush(folder, latency_ms, input_tokens):\n"
            "    (folder / 'run.json').write_text(json.dumps([latency_ms, input_tokens]))\n",
            "yes",
        ),
        ("import json\n\ndef flush(f):\n    (f / 'run.json').write_text(json.dumps(f))\n", "no"),
    ],
)
def test_monitoring_outlives_the_run(more: str, wanted: str, tmp_path: Path) -> None:
    assert ask("observing.monitored", {"app.py": PLAIN + more}, tmp_path).answer.value == wanted


def test_evidence_in_a_notebook_shows_the_code(tmp_path: Path) -> None:
    import json

    cell = {"cell_type": "code", "source": PLAIN.splitlines(keepends=True), "outputs": []}
    tree = {"rag.ipynb": json.dumps({"cells": [cell]}, indent=1)}
    reading = ask("models.failure_handled", tree, tmp_path)
    assert "chat.completions.create" in reading.evidence[0].text


def test_the_total_of_a_cart_is_no_cost_of_a_model(tmp_path: Path) -> None:
    cart = "def bill(rows):\n    total_price = sum(rows) * 2\n    return total_price\n"
    tree = {"app.py": PLAIN, "shop.py": cart}
    assert ask("spending.cost_tracked", tree, tmp_path).answer.value == "no"


def test_a_table_of_sql_is_read_by_its_own_columns(tmp_path: Path) -> None:
    calendar = "CREATE TABLE events (\n  id INT\n);\nCREATE TABLE tapes (\n  duration INT\n);\n"
    tree = {"app.py": PLAIN, "schema.sql": calendar}
    assert ask("observing.monitored", tree, tmp_path / "other").answer.value == "no"
    tree = {"app.py": PLAIN, "schema.sql": calendar.replace("id INT", "latency INT")}
    assert ask("observing.monitored", tree, tmp_path / "own").answer.value == "yes"
