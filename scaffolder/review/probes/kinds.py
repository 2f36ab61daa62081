"""What kind of project it is, from what its code imports, calls, names and mostly consists of."""

import re
from collections.abc import Sequence

from scaffolder.review.model import Evidence, Reading, count, no, quote, yes
from scaffolder.review.models.codewords import SHOWN, first_line, identifiers, in_files, place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.models.scriptcalls import packages as script_packages
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.view import RepoView


def imports_any(view: RepoView, packages: Sequence[str]) -> Reading:
    """Whether code imports, or a package.json names, one of the packages or dotted members."""
    found = []
    for file in view.code:
        hit = next((i for i in file.imports if _within(i.name, packages)), None)
        if hit:
            found.append(place(view, file.path, hit.line))
    if found:
        return yes("One of the packages is imported.", *found[:SHOWN])
    named = sorted(script_packages(view) & set(packages))
    if named:
        return yes(
            "A package.json names one of the packages.", quote("package.json", None, named[0])
        )
    return no(f"None of {', '.join(packages)} is imported.")


def names_any(view: RepoView, names: Sequence[str], at_least: int = 1) -> Reading:
    """Whether the code has `at_least` of these identifiers (functions, classes, keywords too)."""
    found: dict[str, Evidence | None] = {}
    for file in view.code:
        defined = {f.name.rpartition(".")[2] for f in file.functions}
        defined |= {c.name for c in file.classes}
        for name in set(names) & (file.names | defined):
            word = re.compile(rf"\b{re.escape(name)}\b")
            found.setdefault(name, first_line(view, file.path, word))
    if len(found) >= at_least:
        return yes("The code speaks of it.", *[e for e in found.values() if e][:SHOWN])
    return no(f"Fewer than {at_least} of {', '.join(names)} were found in the code.")


def files_any(view: RepoView, patterns: Sequence[str], at_least: int = 1) -> Reading:
    """Whether `at_least` files match the shell patterns."""
    found = view.find(*patterns)
    if len(found) >= at_least:
        return yes("Such files are there.", *[quote(f) for f in found[:SHOWN]])
    return no(f"Fewer than {count(at_least, 'file')} found for {', '.join(patterns)}.")


def calls_model(view: RepoView) -> Reading:
    """Whether a language model is called anywhere outside of the tests."""
    found = calls(view)
    if found:
        return yes("A language model is called.", place(view, found[0].path, found[0].line))
    return no("No call of a language model was found.")


_STORES = (
    "faiss",
    "chromadb",
    "qdrant_client",
    "pinecone",
    "weaviate",
    "pymilvus",
    "lancedb",
    "pgvector",
    "elasticsearch",
    "opensearchpy",
    "sqlite_vec",
    "minsearch",
    "rank_bm25",
    "bm25s",
    "sentence_transformers",
    "wordllama",
    "fastembed",
    "turbopuffer",
    "vespa",
    "llama_index",
    "langchain_chroma",
    "langchain_qdrant",
    "langchain_pinecone",
    "langchain_postgres",
    "haystack.document_stores",
    "@pinecone-database/pinecone",
    "@qdrant/js-client-rest",
    "chromadb-default-embed",
    "weaviate-ts-client",
)
_RETRIEVES = re.compile(
    r"^(?:as_retriever|similarity_search\w{0,20}|retriever?|retrieve\w{0,20}|vector_?store|bm25|BM25\w{0,12}"
    r"|\w{0,20}(?:hybrid|vector|semantic|keyword)_search\w{0,20}|search_index|FAISS|Chroma|InMemoryVectorStore|knn_search|rrf\w{0,8})$"
)
_CHUNKS = re.compile(
    r"chunk|Splitter|embed|knowledge_base|passages?$|corpus|documents?$|context$", re.IGNORECASE
)


_INDEXED = re.compile(r"^(?:VectorStoreIndex|as_query_engine|as_chat_engine)$")
_VECTOR_SQL = re.compile(r"<=>|::vector\b|vector_cosine_ops|match_(?:documents|file_items)", re.I)
_SCRIPT_RETRIEVES = re.compile(
    r"similaritySearch|asRetriever|match_(?:documents|file_items)|\.upsert\(|cosineDistance\("
)


def retrieves(view: RepoView) -> Reading:
    """Whether documents are cut or embedded, kept in an index, and searched."""
    found = imports_any(view, _STORES).evidence
    searched = [*identifiers(view, _RETRIEVES, view.code), *_queried(view)]
    cut = identifiers(view, _CHUNKS, view.code)
    indexed = identifiers(view, _INDEXED, view.code)
    if indexed:
        return yes("Documents are indexed and searched.", *indexed[:SHOWN])
    if cut and (found or searched) and (searched or script_packages(view)):
        return yes("Documents are indexed and searched.", *[*found, *searched][:SHOWN])
    vectors = [
        place(view, f.path, t.line)
        for f in view.code
        for t in f.texts
        if _VECTOR_SQL.search(t.value)
    ]
    kept = [*vectors, *in_files(view, _SCRIPT_RETRIEVES, scripts(view))]
    if kept:
        return yes("A store of vectors is searched.", *kept[:SHOWN])
    return no("No index of documents that a search reads was found.")


_QUERY = re.compile(r"\.(?:query|search|query_points|knn_query|similarity_\w{3,20})$")
_CLIENTS = (
    *("chromadb", "qdrant_client", "pinecone", "weaviate", "pymilvus", "lancedb", "faiss"),
    *("elasticsearch", "opensearchpy", "minsearch"),
)


def _queried(view: RepoView) -> list[Evidence]:
    """The first query of each file that imports a store of vectors."""
    files = [f for f in view.code if f.imports_any(*_CLIENTS)]
    hits = ((f.path, next((c for c in f.calls if _QUERY.search(c.name)), None)) for f in files)
    return [place(view, path, hit.line) for path, hit in hits if hit]


_RESULT = {"tool_result", "tool_call_id", "tool_use_id", "function_call_output", "toolResult"}


def answers_tools(view: RepoView) -> Reading:
    """Whether results of tools go back to the model, which is what makes calls of them a loop."""
    found = [
        *(place(view, f.path, t.line) for f in view.code for t in f.texts if t.value in _RESULT),
        *identifiers(view, re.compile(r"^(?:ToolMessage|tool_call_id|tool_use_id)$"), view.code),
        *in_files(view, re.compile(r"tool_call_id|tool_use_id|stopWhen|maxSteps"), scripts(view)),
    ]
    if found:
        return yes("Results of tools go back to the model.", *found[:SHOWN])
    return no("No result of a tool is given back to a model.")


def classes_end(view: RepoView, word: str) -> Reading:
    """Whether a class is named so that it ends in `word`."""
    found = [
        place(view, f.path, c.line) for f in view.code for c in f.classes if c.name.endswith(word)
    ]
    if found:
        return yes(f"A class is a kind of {word}.", *found[:SHOWN])
    return no(f"No class has a name that ends in {word}.")


def mostly(view: RepoView, words: Sequence[str], share: float) -> Reading:
    """Whether at least `share` (0 to 1) of the code's lines stand in files named for `words`."""
    named = re.compile(rf"(?:^|[/_\-])(?:{'|'.join(map(re.escape, words))})s?(?:$|[/_\-.])", re.I)
    code = [f for f in view.code if not f.notebook]
    inside = [f for f in code if named.search(f.path)]
    lines, total = sum(f.lines for f in inside), sum(f.lines for f in code)
    if total and lines / total >= share:
        shown = sorted(inside, key=lambda f: -f.lines)[:SHOWN]
        return yes(
            f"Of {count(total, 'line')} of code {lines:,} {'is' if lines == 1 else 'are'} there.",
            *[quote(f.path) for f in shown],
        )
    stand = f"{lines:,} {'is' if lines == 1 else 'are'} in files named for {', '.join(words)}."
    return no(f"Of {count(total, 'line')} of code {stand}")


def _within(name: str, packages: Sequence[str]) -> bool:
    return any(name == p or name.startswith(f"{p}.") for p in packages)
