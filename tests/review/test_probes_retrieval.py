"""How passages are indexed, cut and searched: each answer on the smallest project that shows it."""

import json
from pathlib import Path
from typing import Any

import pytest
from asked import ask

FACTS = [
    "ingestion.scripted",
    "chunking.reasoned",
    "searching.hybrid_rerank_or_rewrite",
    "retrieval.measured",
]
INGEST = (
    "import chromadb\n\n"
    "collection = chromadb.PersistentClient('db').get_or_create_collection('d')\n"
    "collection.add(ids=ids, documents=texts)\n"
)
CUT = f"{INGEST}\nCHUNK_SIZE = 800\nchunks = split(text, CHUNK_SIZE)\n"
COMMENTED = CUT.replace("\nCHUNK", "\n# the model truncates at 256 tokens\nCHUNK", 1)
TABLE = "| chunk size | MRR |\n|---|---|\n| 200 | 0.61 |\n"
MODEL = "from openai import OpenAI\nOpenAI().responses.create(model=m, input=q)\n"
KINDS = (
    "from llama_index.core.retrievers import KeywordTableSimpleRetriever, VectorIndexRetriever\n\n"
    "words, vectors = KeywordTableSimpleRetriever(t), VectorIndexRetriever(i)\n\n\n"
)
SEARCH = f"{MODEL}def search(q):\n    return cos_sim(q, embeddings)\n"


def _notebook(code: str, output: str = "") -> str:
    outputs = [{"output_type": "stream", "text": output}] if output else []
    return json.dumps({"cells": [{"cell_type": "code", "source": code, "outputs": outputs}]})


@pytest.mark.parametrize("probe", FACTS)
@pytest.mark.parametrize(
    "source",
    [
        "for chunk in response.iter_content(chunk_size=8192):\n    write(chunk)\n",
        "def rank(rows):\n    return sorted(rows)\n\nhit_rate = cache.hits / cache.total\n",
        "def rewrite_query(sql):\n    return sql.strip()\n\nseen = set()\nseen.add(1)\n",
        "SQL = 'CREATE VIRTUAL TABLE notes USING fts5(body)'\nchunk_size = 100\n",
    ],
)
def test_a_project_without_retrieval_has_none_of_it(
    probe: str, source: str, tmp_path: Path
) -> None:
    tree = {"lib.py": source, "README.md": "Hit rate 0.91 of the cache, in chunks of 512.\n"}
    assert ask(probe, tree, tmp_path).answer.value == "no"


@pytest.mark.parametrize(
    "tree",
    [
        {"ingest.py": INGEST},
        {"store.py": "import chromadb\n", "load.py": "store.add(ids=i, embeddings=e)\n"},
        {"load.py": "from minsearch import Index\n\nindex = Index(f)\nindex.fit(docs)\n"},
        {"db.py": 'cur.execute("INSERT INTO chunks (body, embedding) VALUES (%s, %s)", row)\n'},
        {"es.py": "from elasticsearch import Elasticsearch, helpers\nhelpers.bulk(es, rows)\n"},
        {"app.py": "from llama_index.core import VectorStoreIndex as V\nV.from_documents(d)\n"},
        {"up.py": "client.vector_stores.file_batches.upload_and_poll(store, files)\n"},
        {"s.py": f"{MODEL}def search(q):\n    return cos_sim(q, embeddings)\nnp.save(p, v)\n"},
        {"s.py": f"{MODEL}def search(q):\n    return _cos_sim(q, embeddings)\nnp.save(p, v)\n"},
        {"scripts/ingest.ts": "await PineconeStore.fromDocuments(docs, embeddings, { index });\n"},
        {"lib/embed.ts": "const { embeddings } = await embedMany({ model, values: chunks });\n"},
        {"src/main/java/Ingest.java": "writer = new IndexWriter(dir, config);\n"},
    ],
)
def test_code_that_fills_an_index_is_a_script(tree: dict[str, Any], tmp_path: Path) -> None:
    assert ask("ingestion.scripted", tree, tmp_path).answer.value == "yes"


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"work.ipynb": _notebook(INGEST)}, "Only a notebook"),
        ({"examples/bot/load.py": INGEST}, "Only an example"),
        ({"s.py": f"{MODEL}def search(q):\n    return cos_sim(q, embeddings)\n"}, "whenever"),
        ({"s.py": "from rank_bm25 import BM25Okapi\nbm25 = BM25Okapi(corpus)\n"}, "whenever"),
        ({"s.py": f"{SEARCH}\ndef keep(rows):\n    json.dump(rows, out)\n"}, "whenever"),
    ],
)
def test_what_no_script_keeps_is_partial(tree: dict[str, Any], words: str, tmp_path: Path) -> None:
    reading = ask("ingestion.scripted", tree, tmp_path)
    assert reading.answer.value == "partial"
    assert words in reading.reason


def test_vectors_that_are_only_read_from_a_file_are_no_ingestion(tmp_path: Path) -> None:
    read = "import pickle\nwith open('embeddings.pkl', 'rb') as f:\n    rows = pickle.load(f)\n"
    reading = ask(
        "ingestion.scripted", {"s.py": SEARCH, "data.py": f"{read}embedding = rows\n"}, tmp_path
    )
    assert reading.answer.value == "no"
    assert "no code was found that fills it" in reading.reason


@pytest.mark.parametrize(
    ("tree", "answer"),
    [
        ({"ingest.py": INGEST}, "no"),
        (
            {"ingest.py": f"{INGEST}chunks = chunk_documents(docs, size=2000, step=1000)\n"},
            "partial",
        ),
        ({"ingest.py": f"{INGEST}chunks = chunk_documents(docs)\n"}, "no"),
        ({"ingest.py": CUT}, "partial"),
        ({"ingest.py": INGEST, "config.toml": "[chunking]\nsize = 3\n"}, "no"),
        ({"ingest.py": CUT + "for chunk in stream:\n    print(chunk)\n"}, "partial"),
        ({"ingest.py": COMMENTED}, "yes"),
        (
            {"ingest.py": CUT, "README.md": "Split into chunks of 800 words, because\nit fits.\n"},
            "yes",
        ),
        ({"ingest.py": CUT, "README.md": "We retrieve the best chunks to answer.\n"}, "partial"),
        ({"ingest.py": CUT, "sweep.py": "for size in chunk_sizes:\n    measure(size)\n"}, "yes"),
        ({"ingest.py": CUT, "docs/choice.md": TABLE}, "yes"),
        ({"lib/embed.ts": "embedMany(x);\nnew TextSplitter({ chunkSize: 9 });\n"}, "partial"),
    ],
)
def test_chunks_need_numbers_and_a_reason(
    tree: dict[str, Any], answer: str, tmp_path: Path
) -> None:
    assert ask("chunking.reasoned", tree, tmp_path).answer.value == answer


@pytest.mark.parametrize(
    "source",
    [
        "from sentence_transformers import CrossEncoder\nscores = CrossEncoder(n).predict(pairs)\n",
        "from langchain.retrievers import EnsembleRetriever\nr = EnsembleRetriever([a, b])\n",
        "hits = cohere_client.rerank(query=q, documents=docs)\n",
        "hits = collection.query.hybrid(query=q, limit=5)\n",
        "hits = index.query(vector=v, sparse_vector=s, top_k=5)\n",
        "RERANKER = 'https://api.jina.ai/v1/rerank'\n",
        "engine = index.as_chat_engine(chat_mode='condense_question')\n",
        "docs = client.search(query, search_type='hybrid')\n",
        'cur.execute("SELECT 1 - (embedding <=> %s), ts_rank(tsv, q) FROM chunks")\n',
        "PROMPT = 'Rewrite the user question into a better search query: {question}'\n",
        "def rerank(hits):\n    return hits\n\ndef answer(q):\n    return rerank(search(q))\n",
        f"{KINDS}def find(q):\n    return words.retrieve(q) + vectors.retrieve(q)\n",
        "def find(q, v):\n    return es.search({'knn': {'query_vector': v}, 'multi_match': q})\n",
    ],
)
def test_a_technique_that_the_application_calls_is_in_use(source: str, tmp_path: Path) -> None:
    tree = {"ingest.py": INGEST, "app.py": MODEL + source}
    reading = ask("searching.hybrid_rerank_or_rewrite", tree, tmp_path)
    assert (reading.answer.value, reading.evidence[0].path) == ("yes", "app.py")


@pytest.mark.parametrize(
    "line",
    [
        "const { ranking } = await rerank({ model, documents, query });",
        "const chain = await createHistoryAwareRetriever({ llm, retriever });",
        "const T = `rephrase the follow up question to be a standalone question.`;",
        "const rows = await hybridSearch(query);",
    ],
)
def test_a_script_that_reranks_or_rewrites_is_read_as_text(line: str, tmp_path: Path) -> None:
    tree = {"lib/rag.ts": f"const found = await store.similaritySearch(q);\n{line}\n"}
    assert ask("searching.hybrid_rerank_or_rewrite", tree, tmp_path).answer.value == "yes"


@pytest.mark.parametrize(
    "tree",
    [
        {"search.py": "def hybrid_search(q):\n    return q\n"},
        {
            "search.py": "def hybrid_search(q):\n    return q\n",
            "evaluation/run.py": "hybrid_search(1)\n",
        },
        {"try.ipynb": _notebook("def rerank(x):\n    return x\n\nrerank(1)\n")},
        {"search.py": "def rrf(a):\n    return a\n\ndef hybrid_search(q):\n    return rrf(q)\n"},
    ],
)
def test_what_was_only_tried_is_partial(tree: dict[str, Any], tmp_path: Path) -> None:
    tree = {"ingest.py": INGEST, "app.py": MODEL, **tree}
    assert ask("searching.hybrid_rerank_or_rewrite", tree, tmp_path).answer.value == "partial"


@pytest.mark.parametrize(
    "source",
    [
        "NOTE = 'I cannot answer that. Please rephrase your question or rephrase the question.'\n",
        "PROMPT = 'Rewrite the text in plain English.'\n",
        f"{KINDS}def find(q):\n    return vectors.retrieve(q)\n",
        "import sentence_transformers\nmodel = sentence_transformers.SentenceTransformer(n)\n",
    ],
)
def test_plain_search_is_no(source: str, tmp_path: Path) -> None:
    tree = {"ingest.py": INGEST, "app.py": MODEL + source, "README.md": "Hybrid search: planned.\n"}
    assert ask("searching.hybrid_rerank_or_rewrite", tree, tmp_path).answer.value == "no"
