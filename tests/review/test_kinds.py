"""The kind of a project, on the smallest tree that shows it."""

from pathlib import Path

import pytest

from scaffolder.review import engine, rubric, trees, view

CALL = "from openai import OpenAI\n\nr = OpenAI().responses.create(model='m', input='q'{})\n"
REACT = (
    "def run(m):\n    while True:\n        text = ask(m)\n        action = parse(text)\n"
    "        m.append('Observation: ' + act(action))\n\n\n"
    "def ask(m):\n    return OpenAI().responses.create(model='m', input=m)\n"
)
DECLARED = '[entry_points]\nsearch = "lib:find"\n[paths]\ncorpus = "texts"\n'
LOOP = CALL.format(", tools=TOOLS") + "for c in r.tool_calls: send('function_call_output', c)\n"


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        ({"app.py": CALL.format("")}, "llm-api"),
        ({"app.py": LOOP}, "agent"),
        ({"app.py": CALL.format("") + REACT}, "agent"),
        ({"app.py": CALL.format("") + REACT.replace("while True", "for m in tasks")}, "llm-api"),
        ({"app.py": CALL.format(", tools=TOOLS") + "print(r.tool_calls)\n"}, "llm-api"),
        (
            {"app.py": CALL.format("") + "i = VectorStoreIndex.from_documents(d)\n"},
            "rag-app",
        ),
        (
            {
                "app.py": CALL.format(""),
                "store.py": "import chromadb\nc = chromadb.Client()\nc.query(documents=['a'])\n",
            },
            "rag-app",
        ),
        ({"sql_eval/run.py": CALL.format("")}, "eval-suite"),
        ({"lib.py": "x = 1\n", "scaffold.toml": DECLARED}, "rag-app"),
        ({"lib.py": "x = 1\n", "scaffold.toml": DECLARED.replace("corpus", "golden")}, None),
        ({"lib.py": "x = 1\n"}, None),
    ],
)
def test_the_code_says_what_kind_of_project_it_is(
    tree: dict[str, str], wanted: str | None, tmp_path: Path
) -> None:
    trees.build(tree, tmp_path)
    with view.opened(tmp_path) as seen:
        assert engine.kind(seen, rubric.load()) == wanted
