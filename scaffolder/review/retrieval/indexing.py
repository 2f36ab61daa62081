"""Where documents are put into something that is searched, and whether there is a search at all.

Invariant: a call counts by its name together with what its file imports, an SQL text by its own
words; a package that is only required is no search.
"""

import re
from collections.abc import Iterator, Mapping

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import code_lines, identifiers, in_files, naming, place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.python.pysource import Call, PythonFile
from scaffolder.review.retrieval.sayings import sayings
from scaffolder.review.retrieval.standing import application_first, called, places, telling
from scaffolder.review.view import MAX_LINE, RepoView

_WRITES: Mapping[str, frozenset[str]] = {
    package: frozenset(names.split())
    for packages, names in (
        ("chromadb", "add upsert"),
        ("qdrant_client", "upsert upload_points upload_collection upload_records add"),
        ("pinecone", "upsert upsert_from_dataframe upsert_records"),
        ("weaviate", "insert insert_many add_object add_data_object"),
        ("pymilvus", "insert upsert"),
        ("lancedb", "create_table add merge_insert"),
        ("faiss", "add add_with_ids write_index IndexFlatL2 IndexFlatIP IndexHNSWFlat"),
        ("hnswlib usearch annoy", "add add_items add_item build"),
        ("elasticsearch opensearchpy", "bulk streaming_bulk parallel_bulk async_bulk index"),
        ("minsearch toysearch sqlitesearch", "fit add add_documents"),
        ("txtai whoosh tantivy meilisearch typesense marqo", "index upsert add_document"),
        ("turbopuffer vespa vespa.application", "write upsert feed_data_point feed_iterable"),
        ("llama_index", "VectorStoreIndex from_documents insert_nodes IngestionPipeline insert"),
        ("haystack", "write_documents DocumentWriter"),
        ("pgvector", "register_vector executemany"),
        ("azure", "upload_documents merge_or_upload_documents"),
        ("supabase pymongo motor", "insert upsert insert_many insert_one"),
        ("sqlite_vec", "executemany execute"),
        ("lightrag raganything cognee graphrag", "insert ainsert add cognify"),
        ("ragatouille", "index add_to_index"),
    )
    for package in packages.split()
}
_KEPT_IN = frozenset(
    (
        *("chromadb", "qdrant_client", "pinecone", "weaviate", "pymilvus", "lancedb", "faiss"),
        *("hnswlib", "minsearch", "toysearch", "rank_bm25", "bm25s", "sqlitesearch", "txtai"),
        *("turbopuffer", "sqlite_vec", "ragatouille", "lightrag", "pgvector", "langchain_chroma"),
        *("langchain_qdrant", "langchain_pinecone", "langchain_postgres", "langchain_milvus"),
    )
)
_ANYWHERE = re.compile(
    r"^(?:a?add_documents|a?from_documents|a?from_texts|a?add_texts|add_embeddings|from_embeddings"
    r"|vector_stores|file_search_stores|upload_points|write_documents|upsert_points|upsert_(?:chunks|documents|vectors|embeddings)"
    r"|(?:add|insert|save|store|index)_(?:chunks|passages)"
    r"|index_(?:documents|chunks|corpus|pdf|files)|build_(?:faiss|bm25|vector|search)_?index)$"
)
_STORES = re.compile(
    r"^(?:FAISS|Chroma|Qdrant\w{0,12}|Pinecone\w{0,14}|Weaviate\w{0,14}|PGVector|Milvus|LanceDB"
    r"|InMemoryVectorStore|InMemoryDocumentStore|VectorStoreIndex|VectorstoreIndexCreator|BM25Okapi"
    r"|BM25Retriever|ElasticsearchStore|AzureSearch|SupabaseVectorStore|MongoDBAtlasVectorSearch"
    r"|as_retriever|as_query_engine|similarity_search\w{0,30}|query_points|knn_search|vector_store"
    r"|vectorstore|(?:hybrid|vector|semantic|dense|bm25|fts|lexical|keyword)_search\w{0,20}"
    r"|search_(?:hybrid|vector|semantic|dense|bm25|fts|lexical|chunks|passages|documents|kb)"
    r"|search_knowledge_base|retrieve_(?:chunks|documents|docs|context|passages)|rrf"
    r"|reciprocal_rank_fusion)$"
)
_PACKED = re.compile(r"^(?:ids|metadatas|embeddings|documents|vectors|points|payloads?)$")
_QUERIED = re.compile(r"^(?:query_embeddings|query_texts|n_results)$")
_ADDS = re.compile(r"^(?:add|upsert|insert|insert_many|add_items|upload_points)$")
_GENERAL = {"supabase", "pymongo", "motor"}
_VECTOR_KEYS = {"embedding", "embeddings", "vector", "content_embedding"}
_EMBED = re.compile(r"embed", re.IGNORECASE)
_FINDS = re.compile(
    r"^_?(?:(?:search|retrieve|lookup)(?:_\w{1,30})?|(?:find|get|rank|query)_(?:\w{1,12}_)?"
    r"(?:chunks?|documents?|docs|passages?|context|content|texts?|sections?|neighbou?rs))$"
)
_NEAREST = re.compile(
    r"^_{0,2}(?:cosine_similarity|cos_sim|semantic_search|argsort|argpartition|topk)$"
)
_SAVES = re.compile(r"^(?:save|savez|savez_compressed|dump|to_pickle|to_parquet)$")
_LOADS = re.compile(r"^(?:load|read_pickle|read_parquet|loadtxt)$")
_LOADER = re.compile(r"^(?:pickle|cloudpickle|joblib|numpy|np|torch|pandas|pd)\.")
_VECTORS = re.compile(r"embed|vector|encode\(", re.IGNORECASE)
_ABOVE = 15
"""Lines above a call that say what it writes or reads."""
_NO_STORE = {"set", "dict", "list", "parser", "st", "app"}
_STORE = re.compile(r"index|collection|store|table|db|client|faiss|conn|cur|rag|session", re.I)
_BM25 = re.compile(r"^(?:BM25Okapi|BM25Plus|BM25L|BM25Retriever|BM25)$")
_EMBEDS = re.compile(r"embed|chunk|bm25|passage|corpus|document|vector|knowledge", re.IGNORECASE)
_SQL_WRITES = re.compile(
    r"insert into[^;]{0,300}(?:embedding|\bvectors?\b)|using (?:fts5|vec0|hnsw|ivfflat)"
    r"|vector\(\d{2,4}\)|vector_cosine_ops",
    re.IGNORECASE,
)
_SQL_READS = re.compile(
    r"<=>|<->|::vector\b|match_documents|ts_rank|vec_distance|\bbm25\(", re.IGNORECASE
)
_SQL_OF_WORDS = re.compile(r"fts5|ts_rank|\bbm25\(|tsquery|\"\"\"$", re.IGNORECASE)
_SCRIPT_WRITES = re.compile(
    r"\.(?:fromDocuments|fromTexts|fromExistingIndex|addDocuments|upsert)\(|[sS]tore\.addVectors\("
    r"|\bembedMany\(|insert\(embedding|VectorStoreIndex\.|new IndexWriter|\.addDocument\("
    r"|(?:vectorStore|embeddingStore|vector_store)\.(?:add|addAll|accept|write|ingest)\("
    r"|EmbeddingStoreIngestor|vectorStores\.(?:files|fileBatches)\."
    r"|insert into [^;]{0,120}embedding",
)
_SCRIPT_READS = re.compile(
    r"similaritySearch|asRetriever\(|match_documents|match_file_items|cosineDistance\("
    r"|vectorSearch|\$vectorSearch|new IndexSearcher|EmbeddingStoreContentRetriever|\bVectorStore\b"
    r"|QuestionAnswerAdvisor|\.query\(\{\s{0,3}vector"
)


def writes(view: RepoView) -> tuple[Evidence, ...]:
    """Places that fill an index: calls, SQL, other languages; the application's first."""
    return view.once(_writes)


def in_memory(view: RepoView) -> tuple[Evidence, ...]:
    """Indexes that a program makes anew whenever it starts: of words, or vectors in a list.

    Vectors that are read from a file were made before, by what the repository does not hold.
    """
    by_hand = () if any(_read_back(view)) else _by_hand(view)
    return tuple(application_first([*places(view, called(view, _BM25)), *by_hand]))


def _read_back(view: RepoView) -> Iterator[Call]:
    """Calls that read vectors from a file."""
    embedding = naming(view, _EMBED)
    for file, call in called(view, _LOADS):
        near = embedding & file.names and _LOADER.search(call.name)
        if near and _keeps_vectors(view, file, call):
            yield call


def saved(view: RepoView) -> tuple[Evidence, ...]:
    """Vectors written to a file, which a search of their own compares with."""
    embedding = naming(view, _EMBED)
    likely = ((f, c) for f, c in called(view, _SAVES) if embedding & f.names)
    found = ((f, c) for f, c in likely if _keeps_vectors(view, f, c))
    return tuple(application_first(places(view, found))) if _by_hand(view) else ()


def _keeps_vectors(view: RepoView, file: PythonFile, call: Call) -> bool:
    """Whether a word for vectors is near: a file that embeds keeps more than them."""
    start = max((f.line for f in file.functions if f.line <= call.line), default=1)
    above = code_lines(view, file.path)[max(start, call.line - _ABOVE) - 1 : call.end_line]
    return any(_VECTORS.search(line[:MAX_LINE]) for line in above)


def searches(view: RepoView) -> tuple[Evidence, ...]:
    """Places that read an index, the application's first."""
    return view.once(_searches)


def retrieves(view: RepoView) -> bool:
    """Whether the project finds passages at all.

    An index of words in a database is one of passages only where vectors or a model are near.
    """
    return view.once(_retrieves)


def _retrieves(view: RepoView) -> bool:
    found = (*writes(view), *searches(view))
    return any(e.text and not _SQL_OF_WORDS.search(e.text) for e in found) or bool(
        found and calls(view)
    )


def _writes(view: RepoView) -> tuple[Evidence, ...]:
    stored = [place(view, f.path, c.line) for f, c in _by_package(view)]
    anywhere = places(view, [*called(view, _ANYWHERE), *_packed(view)])
    found = [*stored, *anywhere, *_sql(view, _SQL_WRITES)]
    return tuple(application_first([*found, *in_files(view, _SCRIPT_WRITES, telling(view))]))


def _searches(view: RepoView) -> tuple[Evidence, ...]:
    named = identifiers(view, _STORES, view.code)
    near = [e for e in named if _is_about_passages(view, e.path)]
    asked = identifiers(view, _QUERIED, view.code)
    found = [*near, *asked, *_by_hand(view), *_imported(view), *_sql(view, _SQL_READS)]
    return tuple(application_first([*found, *in_files(view, _SCRIPT_READS, telling(view))]))


def _by_package(view: RepoView) -> Iterator[tuple[PythonFile, Call]]:
    """The first writing call of each file that imports a store."""
    for file in view.code:
        roots = {i.name.partition(".")[0] for i in file.imports} & _WRITES.keys()
        if roots & _GENERAL and not _VECTOR_KEYS & {t.value for t in file.texts}:
            roots -= _GENERAL
        wanted = frozenset[str]().union(*(_WRITES[r] for r in roots)) & file.names
        found = (c for c in file.calls if c.name.rpartition(".")[2] in wanted) if wanted else ()
        first = next((c for c in found if _is_write(c)), None)
        if first:
            yield file, first


def _by_hand(view: RepoView) -> list[Evidence]:
    """Functions that find the nearest of embedded texts without a store, near a model's call."""
    nearest, embedding = naming(view, _NEAREST), naming(view, _EMBED)
    found = []
    for file in view.code if calls(view) else ():
        if nearest & file.names and embedding & file.names:
            made = (f.line for f in file.functions if _FINDS.search(f.name.rpartition(".")[2][:60]))
            found += [place(view, file.path, line) for line in list(made)[:1]]
    return found


def _packed(view: RepoView) -> Iterator[tuple[PythonFile, Call]]:
    """Calls that add documents or vectors by name to a store that another module opened."""
    for file, call in called(view, _ADDS):
        if sum(bool(_PACKED.search(k)) for k in call.keywords) > 1:
            yield file, call


def _imported(view: RepoView) -> list[Evidence]:
    """The first import of a store in each file."""
    first: dict[str, int] = {}
    for file in view.code:
        for imported in file.imports:
            if imported.name.partition(".")[0] in _KEPT_IN:
                first.setdefault(file.path, imported.line)
    return [place(view, path, line) for path, line in first.items()]


def _is_write(call: Call) -> bool:
    """A set, a list and a parser have an `add` as well."""
    receiver, _, name = call.name.rpartition(".")
    if receiver.partition(".")[0] in _NO_STORE:
        return False
    bare = name in {"add", "insert", "index", "execute"} and not call.keywords
    return not bare or bool(_STORE.search(receiver))


def _is_about_passages(view: RepoView, path: str) -> bool:
    """Whether the file that names a store also names what is kept in it."""
    file = next((f for f in view.code if f.path == path), None)
    return bool(file and any(_EMBEDS.search(n) for n in file.names if len(n) < 60))


def _sql(view: RepoView, pattern: re.Pattern[str]) -> Iterator[Evidence]:
    """The first text of each file that the pattern is found in.

    Files of SQL are left out: a column that could hold a vector is no search.
    """
    first: dict[str, int] = {}
    for file, text in sayings(view):
        if file.path not in first and pattern.search(text.value):
            first[file.path] = text.line
    yield from (place(view, path, line) for path, line in first.items())
