"""Hybrid search, reranking and rewriting of questions: which of them the code has, and uses.

Invariant: a technique is in use where the application itself calls it, prompts for it or asks its
store for it; what only a notebook or an evaluation does was tried.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import code_lines, naming, place
from scaffolder.review.python.pysource import Call, PythonFile
from scaffolder.review.retrieval.sayings import sayings
from scaffolder.review.retrieval.standing import called, in_use, is_left_behind, telling
from scaffolder.review.view import MAX_LINE, RepoView

_LIBRARY = re.compile(
    r"^(?:EnsembleRetriever|MergerRetriever|MultiQueryRetriever|ContextualCompressionRetriever"
    r"|create_history_aware_retriever|ConversationalRetrievalChain|CondenseQuestionChatEngine"
    r"|CondensePlusContextChatEngine|QueryFusionRetriever|HyDEQueryTransform|SelfQueryRetriever"
    r"|HypotheticalDocumentEmbedder|StepDecomposeQueryTransform|MultiStepQueryEngine"
    r"|SubQuestionQueryEngine|TransformQueryEngine|PineconeHybridSearchRetriever"
    r"|WeaviateHybridSearchRetriever|QdrantHybridRetriever|AzureAISearchRetriever|CrossEncoder"
    r"|TextCrossEncoder|LateInteractionTextEmbedding|FlagReranker|FlagLLMReranker|RankGPTRerank"
    r"|LLMRerank|CohereRerank|CohereRanker|JinaRerank\w{0,8}|VoyageAIRerank|NVIDIARerank|LLMRanker"
    r"|SentenceTransformerRerank|FlagEmbeddingReranker|ColbertRerank|FlashrankRerank"
    r"|CrossEncoderReranker|LLMChainExtractor|LLMChainFilter|DocumentCompressorPipeline"
    r"|LinearCombinationReranker|RRFReranker|CohereReranker|ColbertReranker|OpenaiReranker"
    r"|TransformersSimilarityRanker|SentenceTransformersSimilarityRanker|DocumentJoiner"
    r"|FusionQuery|RrfQuery|RRFHybrid|BM25Retriever\w{0,3}HybridRetriever|QueryExpander)$"
)
_OWN = re.compile(
    r"^_{0,2}(?:async_|a)?(?:\w{0,30}hybrid_?(?:search|retriev|query|rank|engine|index|context)\w{0,20}"
    r"|(?:search|retrieve|retriever|query|fetch|lookup|find|get|run|evaluate|\w{1,12}_search)_hybrid\w{0,20}"
    r"|hybrid|rrf|rrf_\w{1,30}|\w{1,30}_rrf|(?:compute|apply)_rrf\w{0,20}"
    r"|reciprocal_rank_fusion\w{0,20}|\w{0,20}(?:rank|score|result)_fusion|fuse\w{0,3}(?:_\w{1,30})?"
    r"|re_?rank(?:_\w{1,30})?|\w{1,30}_rerank(?:ed|er|ing)?|reranker|rerankings?"
    r"|(?:re)?write_(?:the_|user_|search_)?(?:query|question|prompt_query)\w{0,20}|query_rewrite\w{0,12}"
    r"|(?:query|question)_(?:rewrit|expan|transform|decompos|reformulat|condens|refin)\w{1,12}"
    r"|(?:expand|reformulate|rephrase|decompose|condense|contextuali[sz]e|refine|enhance|improve"
    r"|transform|translate_and_rewrite)_(?:the_|user_|search_|follow_?up_)?(?:query|question|queries)\w{0,20}"
    r"|generate_(?:sub|multi|multiple|search|alternative|expanded)_?(?:queries|questions|query)"
    r"|(?:generate|create)_hyde\w{0,20}|hyde(?:_\w{1,20})?|multi_query\w{0,20}"
    r"|\w{0,20}(?:Hybrid\w{0,12}|Re-?[Rr]ank\w{0,6}|QueryRewrit\w{1,4}|QueryExpan\w{1,6}|QueryTransform\w{1,4})"
    r"(?:Retriever|Searcher|Search|Service|Engine|Pipeline)?)$"
)
_ASKED = {
    "chat_mode": {"condense_question", "condense_plus_context", "best"},
    "query_type": {"hybrid", "semantic"},
    "search_type": {"hybrid"},
    "vector_store_query_mode": {"hybrid"},
    "query_mode": {"hybrid"},
    "mode": {"hybrid"},
    "strategy": {"hybrid"},
}
_SERVICE = re.compile(
    r"^(?:a?rerank|rerank_documents|hybrid|a?hybrid_search|RetrievalMode|VectorStoreQueryMode)$"
)
_OF_VECTORS = {"VectorIndexRetriever", "VectorStoreRetriever", "VectorStoreIndex", "as_retriever"}
_OF_WORDS = {
    *("KeywordTableSimpleRetriever", "KeywordTableRAKERetriever", "KeywordTableGPTRetriever"),
    *("BM25Retriever", "TFIDFRetriever", "SimpleKeywordTableIndex", "KeywordTableIndex"),
}
_RETRIEVES = {"retrieve", "aretrieve", "invoke", "ainvoke", "get_relevant_documents"}
_BOTH = re.compile(r"^(?:query|search|a?query_points)$")
_PAIRS = (
    {"vector", "sparse_vector"},
    {"search_text", "vector_queries"},
)
_KEYWORDS = re.compile(r"^(?:chat_mode|query_type|search_type|vector_store_query_mode|query_mode)$")
_PROMPT = re.compile(
    r"standalone (?:question|query|search)"
    r"|(?<!or )(?<!please )(?<!try )(?<!try to )\bre-?(?:write|phrase|formulate)s? (?!your)"
    r"(?:\w{1,20}[ '\u2019]{1,3}){0,6}?(?<!your )(?:quer|question)"
    r"|\b(?:generate|produce|create|write|give) (?:\w{1,12} ){0,4}"
    r"(?:different|alternative|multiple|optimi[sz]ed|search|sub|related)[ -]"
    r"(?:\w{1,12} ){0,2}(?:quer(?:y|ies)|questions|versions)"
    r"|hypothetical (?:answer|document|passage)"
    r"|(?:重写|改写|重新表述).{0,12}(?:问题|查询)|reescrib\w{1,5} la (?:pregunta|consulta)"
    r"|\bexpand(?:ed|s)? (?:the |this )(?:user )?(?:query|question)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s\"']{0,80}/rerank\b")
_STANDALONE = re.compile(r"standalone (?:question|query|search)", re.IGNORECASE)
_WEB = re.compile(
    r"tavily|serp(?:er|api)|searx|duckduckgo|ddgs|web_?search|brave_?search|bing_?search|search_?results"
    r"|search_?provider",
    re.IGNORECASE,
)
_VECTOR_SIDE = {"knn", "query_vector", "rrf"}
_WORDS_SIDE = {"multi_match", "match", "query_string", "match_phrase", "simple_query_string"}
_SQL_VECTOR = re.compile(r"<=>|<->|<#>|vec_distance|embedding", re.IGNORECASE)
_SQL_WORDS = re.compile(r"ts_rank|to_tsquery|websearch_to_tsquery|\bbm25\(", re.IGNORECASE)
_SCRIPT = re.compile(
    r"\b(?:re[rR]ank\w{0,20}\(|CohereRerank|EnsembleRetriever|MultiQueryRetriever|HydeRetriever"
    r"|createHistoryAwareRetriever|ConversationalRetrievalQAChain|ContextualCompressionRetriever"
    r"|hybrid_?[sS]earch\w{0,12}\(|reciprocalRank\w{0,10}|rewrit\w{1,4}(?:Query|Question)\w{0,8}\("
    r"|similarQuestions\b|(?:expand|decompose|condense|refine|rephrase|reformulate)\w{0,12}(?:Query|Queries"
    r"|Question|Questions)\(|(?:generate|create)\w{0,12}(?:Sub|Multi|Search|Alternative|Related)\w{0,4}Queries\("
    r"|CONDENSE_\w{1,20}|CompressionQueryTransformer|ExpandingQueryTransformer"
    r"|RewriteQueryTransformer|hybrid_search)"
)
_SCRIPT_PROMPT = re.compile(
    r"standalone question|rephrase the|rewrite the (?:\w{1,12} ){0,3}(?:query|question)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Technique:
    """A place of hybrid search, reranking or rewriting; `used` where the project itself does it."""

    evidence: Evidence
    used: bool


def techniques(view: RepoView) -> tuple[Technique, ...]:
    """Every place that has one, those in use first, one of each file and kind."""
    return view.once(_techniques)


def asks_standalone(view: RepoView) -> bool:
    """Whether a prompt turns a dialogue into a query of a project that searches the web."""
    asks = any(_STANDALONE.search(text.value) for _, text in sayings(view))
    return asks and bool(naming(view, _WEB))


def _techniques(view: RepoView) -> tuple[Technique, ...]:
    found = [
        *_libraries(view),
        *_own(view),
        *_served(view),
        *_asked(view),
        *_both_kinds(view),
        *_texts(view),
        *_scripts(view),
    ]
    once = {t.evidence: t for t in sorted(found, key=lambda t: t.used)}
    kept = (t for t in once.values() if not is_left_behind(t.evidence.path))
    return tuple(sorted(kept, key=lambda t: not t.used))


def _libraries(view: RepoView) -> Iterator[Technique]:
    seen: set[str] = set()
    for file, call in called(view, _LIBRARY):
        if file.path not in seen:
            seen.add(file.path)
            yield Technique(place(view, file.path, call.line), in_use(view, file.path))


def _own(view: RepoView) -> Iterator[Technique]:
    """Functions and classes of the project, used where something else of it calls them."""
    defined = _defined(view)
    called_at: dict[str, set[str]] = {}
    for file, call in called(view, _OWN):
        parts = set(call.name.split(".")[-2:]) & defined.keys()
        if parts and not _is_inner(call, defined):
            for name in parts if in_use(view, file.path) else ():
                called_at.setdefault(name, set()).add(file.path)
    for name, (path, line) in defined.items():
        yield Technique(place(view, path, line), bool(called_at.get(name)))


def _served(view: RepoView) -> Iterator[Technique]:
    """Methods and modes of a store or a service: `client.rerank`, `collection.query.hybrid`."""
    defined = _defined(view)
    for file, call in called(view, _SERVICE):
        receiver, _, name = call.name.rpartition(".")
        if receiver and name not in defined and (_SERVICE.search(name) or "HYBRID" in file.names):
            yield Technique(place(view, file.path, call.line), in_use(view, file.path))
    for file, call in called(view, _BOTH):
        if any(both <= set(call.keywords) for both in _PAIRS):
            yield Technique(place(view, file.path, call.line), in_use(view, file.path))


def _defined(view: RepoView) -> dict[str, tuple[str, int]]:
    names = naming(view, _OWN)
    found: dict[str, tuple[str, int]] = {}
    for file in view.code:
        if names & file.names:
            made = [(f.name.rpartition(".")[2], f.line) for f in file.functions]
            made += [(c.name, c.line) for c in file.classes]
            for name, line in made:
                if name in names:
                    found.setdefault(name, (file.path, line))
    return found


def _is_inner(call: Call, defined: dict[str, tuple[str, int]]) -> bool:
    """A part of a technique calls another of its parts: that shows no use."""
    inside = call.function.split(".")
    return any(part in defined for part in inside)


def _asked(view: RepoView) -> Iterator[Technique]:
    """Calls that ask a store or a framework for it by a keyword."""
    for file, call in _with_keywords(view):
        for key, values in _ASKED.items():
            if call.literals.get(key) in values:
                yield Technique(place(view, file.path, call.line), in_use(view, file.path))


def _both_kinds(view: RepoView) -> Iterator[Technique]:
    """A function that asks a retriever of vectors and one of words, and joins what they find."""
    for file in view.code:
        if not (_OF_VECTORS & file.names and _OF_WORDS & file.names):
            continue
        asked = [c for c in file.calls if c.name.rpartition(".")[2] in _RETRIEVES]
        both = (c for c in asked if len({o.name for o in asked if o.function == c.function}) > 1)
        first = next(both, None)
        if first:
            yield Technique(place(view, file.path, first.line), in_use(view, file.path))


def _with_keywords(view: RepoView) -> Iterator[tuple[PythonFile, Call]]:
    names = naming(view, _KEYWORDS)
    for file in view.code:
        if names & file.names:
            yield from ((file, c) for c in file.calls if c.literals)


def _texts(view: RepoView) -> Iterator[Technique]:
    """Prompts that rewrite a question, and queries that ask for words and vectors at once."""
    first: dict[str, int] = {}
    for file, text in sayings(view):
        if file.path not in first and _is_telling(text.value):
            first[file.path] = text.line
    for path, line in first.items():
        yield Technique(place(view, path, line), in_use(view, path))
    for file in view.code:
        yield from _both_sides(view, file)


def _is_telling(text: str) -> bool:
    return bool(_PROMPT.search(text) or _ADDRESS.search(text)) or _is_both(text)


def _is_both(text: str) -> bool:
    """Whether one SQL text ranks by vectors and by words."""
    return bool(_SQL_WORDS.search(text) and _SQL_VECTOR.search(text))


def _both_sides(view: RepoView, file: PythonFile) -> Iterator[Technique]:
    """A function whose search body has a vector side and a side of words, or their fusion."""
    if not _VECTOR_SIDE & {t.value for t in file.texts}:
        return
    for function in file.functions:
        inside = {t.value for t in file.texts if function.line <= t.line <= function.end_line}
        fused = "rrf" in inside and bool({"retrievers", "rank", "sub_searches"} & inside)
        if fused or (_VECTOR_SIDE & inside and _WORDS_SIDE & inside):
            yield Technique(place(view, file.path, function.line), in_use(view, file.path))
            return


def _scripts(view: RepoView) -> Iterator[Technique]:
    for path in telling(view):
        for number, line in enumerate(code_lines(view, path), 1):
            bare = line[:MAX_LINE]
            aside = bare.lstrip().startswith(("//", "*", "#", "import", "from"))
            if not aside and (_SCRIPT.search(bare) or _SCRIPT_PROMPT.search(bare)):
                yield Technique(place(view, path, number), not is_left_behind(path))
                break
