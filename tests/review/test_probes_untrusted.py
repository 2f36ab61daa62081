"""Where text of a model gains power, and the kind of a project."""

from pathlib import Path

import pytest
from asked import ask

from scaffolder.review import engine, rubric, trees, view

ASK = "from openai import OpenAI\n\n\ndef ask(q):\n    made = OpenAI().responses.create(input=q)\n"


@pytest.mark.parametrize(
    ("rest", "wanted"),
    [
        ("    return eval(made.output_text)\n", "no"),
        ("    text = made.output_text\n    code = text.strip()\n    exec(code)\n", "no"),
        ("    import subprocess\n    subprocess.run(made.output_text, shell=True)\n", "no"),
        ("    import subprocess\n    subprocess.run(['ls'])\n    return made\n", "yes"),
        ("    import subprocess\n    subprocess.run(q, shell=True)\n    return made\n", "partial"),
        ("    import ast\n    return ast.literal_eval(made.output_text)\n", "yes"),
        ("    import torch\n    torch.nn.Module().eval()\n    return made\n", "yes"),
        ("    cursor.execute(made.output_text)\n", "no"),
        ("    check_sql(made.output_text)\n    cursor.execute(made.output_text)\n", "partial"),
        ("    cursor.execute('INSERT INTO a VALUES (?)', (made.output_text,))\n", "yes"),
    ],
)
def test_text_of_a_model_must_not_reach_power(rest: str, wanted: str, tmp_path: Path) -> None:
    reading = ask("untrusted.output_contained", {"app.py": ASK + rest}, tmp_path)
    assert reading.answer.value == wanted, reading.reason


def test_raw_html_of_an_answer_in_a_page_is_found(tmp_path: Path) -> None:
    tree = {"app.py": f"{ASK}    return made\n", "templates/a.html": "<p>{{ answer | safe }}</p>"}
    reading = ask("untrusted.output_contained", tree, tmp_path)
    assert [(e.path, e.line) for e in reading.evidence] == [("templates/a.html", 1)]


def test_without_a_model_it_does_not_apply(tmp_path: Path) -> None:
    reading = ask("untrusted.output_contained", {"app.py": "print(1)\n"}, tmp_path)
    assert reading.answer.value == "not_applicable"


CHUNKS = "import faiss\n\nchunk_size = 100\n\ndef retrieve(q):\n    return faiss.search(q)\n"
LOOP = (
    "from openai import OpenAI\n\nclient = OpenAI()\n\n\nclass Agent:\n"
    "    def step(self, max_steps):\n"
    "        reply = client.responses.create(tools=TOOLS)\n        return reply.tool_calls\n"
    "\n\nAgent().step(max_steps=3)\n"
)


@pytest.mark.parametrize(
    ("tree", "kind"),
    [
        ({"app.py": f"{ASK}    return made\n"}, "llm-api"),
        ({"app.py": f"{CHUNKS}{ASK}    return made, retrieve(q)\n"}, "rag-app"),
        ({"train.py": "from peft import LoraConfig\n\nLoraConfig()\n"}, "fine-tune"),
        ({"agent.py": LOOP}, "agent"),
        ({"grader/judge.py": f"{ASK}    return made\n"}, "eval-suite"),
        ({"lib.py": "import logging\n\ndef retrieve(rows):\n    return rows\n"}, None),
        ({"notes.txt": "an agent with RAG"}, None),
    ],
)
def test_the_kind_is_known_from_the_code(
    tree: dict[str, str], kind: str | None, tmp_path: Path
) -> None:
    trees.build(tree, tmp_path)
    with view.opened(tmp_path) as seen:
        assert engine.kind(seen, rubric.load()) == kind
