"""What counts as a model call, and which functions lead to one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scaffolder.review import trees, view
from scaffolder.review.models import modelcalls
from scaffolder.review.models.modelcalls import ModelCall
from scaffolder.review.models.modelreach import reaching


def found(tree: Mapping[str, Any], folder: Path) -> tuple[ModelCall, ...]:
    trees.build(tree, folder)
    with view.opened(folder) as seen:
        return modelcalls.calls(seen)


@pytest.mark.parametrize(
    ("source", "vendor"),
    [
        ("import anthropic\nanthropic.Anthropic().messages.create(model='m')", "anthropic"),
        ("def f(client):\n    client.chat.completions.create(model='m')", "openai"),
        ("from groq import Groq\nGroq().chat.completions.create(model='m')", "groq"),
        ("from google import genai\ngenai.Client().models.generate_content(model='m')", "google"),
        ("import litellm\nlitellm.completion(model='m')", "litellm"),
        ("import ollama\nollama.chat(model='m')", "ollama"),
        ("import boto3\nboto3.client('bedrock-runtime').converse(modelId='m')", "bedrock"),
        (
            "import requests\nrequests.post('https://api.openai.com/v1/chat/completions', json={})",
            "openai",
        ),
        (
            "from transformers import pipeline\npipe = pipeline('text-generation')",
            "transformers",
        ),
        ("from langchain_openai import ChatOpenAI\nllm = ChatOpenAI()\nllm.invoke('q')", "openai"),
    ],
)
def test_a_model_call_is_known_by_its_vendor(source: str, vendor: str, tmp_path: Path) -> None:
    assert [c.vendor for c in found({"app.py": source}, tmp_path)] == [vendor]


@pytest.mark.parametrize(
    "source",
    [
        "from openai import OpenAI\nOpenAI().embeddings.create(model='m', input='a')",
        "from langchain_openai import OpenAIEmbeddings\nOpenAIEmbeddings().embed_query('q')",
        "from twilio.rest import Client\nClient().messages.create(to='1', body='b')",
        "import requests\nrequests.post('https://example.org/orders', json={})",
        "from transformers import pipeline\npipeline('sentiment-analysis')",
        "def f(model):\n    model.eval()\n    model.fit()",
    ],
)
def test_neither_embeddings_nor_other_services_are_model_calls(source: str, tmp_path: Path) -> None:
    assert found({"app.py": source}, tmp_path) == ()


def test_a_call_in_a_script_counts_and_one_in_its_tests_does_not(tmp_path: Path) -> None:
    line = "const r = await client.messages.create({ model, max_tokens: 9 })\n"
    calls = found({"src/ask.ts": line, "src/ask.test.ts": line, "dist/ask.js": line}, tmp_path)
    assert [(c.path, c.vendor) for c in calls] == [("src/ask.ts", "anthropic")]


def test_python_that_cannot_be_parsed_is_read_as_text(tmp_path: Path) -> None:
    source = "def ask(c, q):\n    print q\n    return c.responses.create(model='m', input=q)\n"
    assert [(c.path, c.line) for c in found({"app.py": source}, tmp_path)] == [("app.py", 3)]


def test_the_path_to_the_model_is_followed_across_files(tmp_path: Path) -> None:
    tree = {
        "rag.py": "def rag(client, q):\n    return client.responses.create(model='m', input=q)\n",
        "api.py": "from rag import rag\n\ndef endpoint(q):\n    return rag(None, q)\n",
        "other.py": "def total(rows):\n    return sum(rows)\n",
    }
    trees.build(tree, tmp_path)
    with view.opened(tmp_path) as seen:
        assert dict(reaching(seen)) == {"rag.py": {"rag"}, "api.py": {"endpoint"}}
