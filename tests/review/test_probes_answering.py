"""Facts of the answer: sources shown, answers graded, questions declined."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask

ASK = "from openai import OpenAI\n\nclient = OpenAI()\n\n\n"
CALL = "client.chat.completions.create(model=model, messages=messages)"
PLAIN = f"{ASK}def answer(model, messages):\n    return {CALL}\n"
SCRIPT = "const result = await openai.chat.completions.create({ model, messages })\n"
CITES, GRADES, DECLINES = (
    "citations.sources_shown",
    "answers.quality_evaluated",
    "abstention.declines",
)
JUDGE = 'JUDGE = "You are an expert evaluator. Say RELEVANT, PARTLY_RELEVANT or NON_RELEVANT."\n'


def _page(line: str) -> str:
    return f"import streamlit as st\nfrom rag import answer\n\nresult = answer('m', [])\n{line}\n"


def _notebook(source: str, output: str) -> str:
    stream = {"output_type": "stream", "text": [output]}
    cell = {"cell_type": "code", "source": [source], "outputs": [stream], "metadata": {}}
    return json.dumps({"cells": [cell], "nbformat": 4, "metadata": {}})


@pytest.mark.parametrize("probe", [CITES, GRADES, DECLINES])
@pytest.mark.parametrize(
    "tree",
    [
        {},
        {
            "lib.py": "SOURCES = ['a']\n\n\ndef judge(x):\n    print('Sources:', SOURCES)\n",
            "README.md": "It cites sources, says I don't know, and judges answers: relevance 0.9.",
        },
    ],
)
def test_a_project_without_a_model_is_never_told_yes(
    probe: str, tree: dict[str, Any], tmp_path: Path
) -> None:
    assert ask(probe, tree, tmp_path).answer.value in {"no", "not_applicable"}


@pytest.mark.parametrize("probe", [CITES, GRADES, DECLINES])
def test_words_of_a_readme_and_docstrings_are_no_answer(probe: str, tmp_path: Path) -> None:
    said = '"""Cites its sources and says I don\'t know when the context has no answer."""\n'
    readme = "# Bot\n\nSources are shown. It says I don't know. Answers are good."
    assert ask(probe, {"a.py": said + PLAIN, "README.md": readme}, tmp_path).answer.value == "no"


@pytest.mark.parametrize(
    "shown",
    [
        {"app.py": _page("for source in result['sources']:\n    st.write(source['title'])")},
        {"app.py": _page("st.subheader('Sources')\nst.write(result.metadata)")},
        {"app.py": _page("hits = result.hits\nst.caption('Quellen: ' + hits)")},
        {"app.py": _page("hits = result.hits\nst.write('**来源**\\uff1a')")},
        {"app.py": _page("for doc in result['context']:\n    st.write(doc.page_content)")},
        {"app.py": _page("for n, hit in enumerate(rag_results, start=1):\n    st.write(hit)")},
        {"cli.py": f"{PLAIN}\nresult = answer(1, 2)\nprint(result['source_documents'])\n"},
        {
            "bot.py": f"{PLAIN}\ndef reply(found):\n    text = answer(1, 2)\n"
            "    return text + '\\n\\n*Sources: ' + ', '.join(c['title'] for c in found.chunks)\n"
        },
        {"web/page.html": "{% for s in answer.citations %}<li>{{ s.title }}</li>{% endfor %}"},
        {"views/chat.ejs": "<h3><i></i> Sources Used (<%= total %> chunks)</h3>"},
        {"ui/Message.tsx": "{message.sources?.map((s) => <a href={s.url}>{s.title}</a>)}\n"},
    ],
)
def test_sources_on_a_screen_or_in_the_answer_are_shown(
    shown: dict[str, str], tmp_path: Path
) -> None:
    assert ask(CITES, {"rag.py": PLAIN, **shown}, tmp_path).answer.value == "yes"


@pytest.mark.parametrize(
    "kept",
    [
        {
            "api.py": "import fastapi\n\n\ndef ask(r):\n"
            "    return {'answer': r, 'sources': r.hits}\n"
        },
        {"api.py": f"{PLAIN}\n\ndef ask(r):\n    return dict(answer=r, citations=r.hits)\n"},
        {"p.py": f"{PLAIN}P = 'Answer the question from the passages, and cite each of them.'"},
    ],
)
def test_sources_that_nobody_is_shown_are_partial(kept: dict[str, str], tmp_path: Path) -> None:
    assert ask(CITES, {"rag.py": PLAIN, **kept}, tmp_path).answer.value == "partial"


@pytest.mark.parametrize(
    "other",
    [
        {"p.py": 'P = "Sources:\\n{hits}\\n\\nQuestion: {question}"\nanswer = results = P\n'},
        {"app.py": _page("with st.spinner('Retrieving relevant context...'):\n    chunks = 1")},
        {"api.js": f"{SCRIPT}res.json({{ answer, sources: matches.length }})\n"},
        {"app.py": _page("st.text_input('Source URL')\nst.write('**Source System:** x')")},
        {"app.py": _page("st.info('How to build it with your own data-sources, in our blog')")},
        {"search.ipynb": _notebook("answer = es.search()\nprint(answer['_source'])", "")},
        {
            "rag.py": PLAIN + "def build(query, search_results):\n    context_text = ''\n"
            "    for hit in search_results:\n        context_text += hit\n"
        },
        {"load.py": f"{PLAIN}sources = ['a']\nquery = print(f'{{len(sources)}} sources loaded')\n"},
        {"load.py": "sources = ['a']\nfor source in sources:\n    print('loading', source)\n"},
    ],
)
def test_sources_for_the_model_or_of_an_ingestion_are_not_shown(
    other: dict[str, str], tmp_path: Path
) -> None:
    assert ask(CITES, {"rag.py": PLAIN, **other}, tmp_path).answer.value == "no"


@pytest.mark.parametrize(
    "numbers",
    [
        {"results/answers.csv": "question,answer_llm,relevance\na,b,RELEVANT\n"},
        {"eval/rows.jsonl": '{"answer": "x", "grades": {"faithfulness": 1.0}}\n'},
        {"eval/summary.json": '{"relevance": 4.8, "grounding": 4.6}\n'},
        {"README.md": "# A\n\n## LLM as a judge\n\n- 167 (83%) `RELEVANT`\n"},
        {"README.md": "# A\n\n## Judge\n\n| prompt | RELEVANT |\n|---|---|\n| v1 | 82.7% |\n"},
        {"eval.ipynb": _notebook(JUDGE + "df.relevance.value_counts()", "RELEVANT    0.84\n")},
    ],
)
def test_graded_answers_with_numbers_are_evaluated(numbers: dict[str, str], tmp_path: Path) -> None:
    assert ask(GRADES, {"rag.py": PLAIN + JUDGE, **numbers}, tmp_path).answer.value == "yes"


@pytest.mark.parametrize(
    "numbers",
    [
        {},
        {"README.md": "# A\n\n## Evaluation\n\nHit rate 0.9, MRR 0.8; relevance threshold 0.5\n"},
        {"results/retrieval.csv": "question,hit_rate,mrr\na,1,0.5\n"},
        {"results/answers.csv": "question,answer_llm,relevance\na,b,\n"},
        {"eval.ipynb": _notebook(JUDGE + "judge(rows[0])", "{'relevance': 'RELEVANT'}\n")},
    ],
)
def test_a_judge_without_numbers_of_answers_is_partial(
    numbers: dict[str, str], tmp_path: Path
) -> None:
    assert ask(GRADES, {"rag.py": PLAIN + JUDGE, **numbers}, tmp_path).answer.value == "partial"


def test_the_example_in_a_judges_prompt_is_no_number(tmp_path: Path) -> None:
    told = "Evaluate the relevancy of the generation on a scale.\n\n## Example\n\n**Score**: 0.3\n"
    tree = {"rag.py": PLAIN, "evals/prompts/relevancy.md": told}
    assert ask(GRADES, tree, tmp_path).answer.value == "partial"


def test_a_search_that_is_measured_grades_no_answer(tmp_path: Path) -> None:
    table = (
        "# A\n\n## Evaluation\n\n| search | hit rate | MRR |\n|---|---|---|\n| text | 0.7 | 0.5 |\n"
    )
    rows = "question,document,hit_rate\na,b,1\n"
    tree = {"rag.py": PLAIN, "README.md": table, "results/search.csv": rows}
    assert ask(GRADES, tree, tmp_path).answer.value == "no"


WORDS = [
    'P = "Use the context. If the answer is not in the context, say that you do not know."\n',
    'P = "Responde solo con el contexto. Si no está en el contexto, di que no lo sabes."\n',
    'P = "使用以下段落来回答问题\uff0c如果段落内容不相关就返回未查到相关信息"\n',
    'P = "Wenn die Antwort nicht im Kontext steht, sag: Ich weiß es nicht."\n',
    'def say(hits):\n    if not hits:\n        return "I couldn\'t find anything relevant."\n',
]


@pytest.mark.parametrize("words", WORDS)
def test_words_alone_decline_in_part(words: str, tmp_path: Path) -> None:
    assert ask(DECLINES, {"rag.py": PLAIN + words}, tmp_path).answer.value == "partial"


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize(
    "proof",
    [
        {"search.py": "def search(q, score_threshold=0.4):\n    return q\n"},
        {"search.py": "def search(hits):\n    return [h for h in hits if h.score > 0.5]\n"},
        {"tests/test_rag.py": "def test_refuses_off_topic():\n    assert answer() == ''\n"},
        {"eval/questions.jsonl": '{"question": "x", "answerable": false}\n'},
    ],
)
def test_words_with_a_threshold_or_a_test_decline(
    words: str, proof: dict[str, str], tmp_path: Path
) -> None:
    assert ask(DECLINES, {"rag.py": PLAIN + words, **proof}, tmp_path).answer.value == "yes"


def test_a_prompt_file_and_a_script_are_read(tmp_path: Path) -> None:
    said = "If no relevant information is found in the tools, say you don't know."
    prompt = {"rag.py": PLAIN, "prompts/answer.md": said}
    script = {"chat.ts": f'{SCRIPT}const system = "{said}"\nconst near = gt(similarity, 0.3)\n'}
    assert ask(DECLINES, prompt, tmp_path / "a").answer.value == "partial"
    assert ask(DECLINES, script, tmp_path / "b").answer.value == "yes"
    bar = "const near = found.filter((f) => f.similarity >= CONFIG.SIMILARITY_THRESHOLD)\n"
    named = {"chat.js": f'{SCRIPT}const system = "{said}"\n', "search.js": bar}
    assert ask(DECLINES, named, tmp_path / "c").answer.value == "yes"


@pytest.mark.parametrize(
    "other",
    [
        "def load(p):\n    raise ValueError(f'Could not find the file {p}')\n",
        'P = "Judge whether the generated answer is right; it may say I don\'t know."\n',
        "def user(u):\n    return 'User not found'\n",
    ],
)
def test_an_error_or_a_judge_declines_nothing(other: str, tmp_path: Path) -> None:
    source = PLAIN + other + "score_threshold = 0.5\n"
    assert ask(DECLINES, {"rag.py": source}, tmp_path).answer.value == "no"


def test_the_end_of_a_long_prompt_is_read(tmp_path: Path) -> None:
    long = "Be kind to the reader.\n" * 150
    said = "If the passages do not contain the answer, say so."
    source = f'{PLAIN}P = """{long}{said}"""\n'
    assert ask(DECLINES, {"rag.py": source}, tmp_path).answer.value == "partial"
