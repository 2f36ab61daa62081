"""Where a project calls a language model, by which vendor's door, and which functions lead there.

Invariant: a call is known by its resolved name, its own keywords or its address, never by a word in
a README; embeddings, rerankers and tokenisers are no model calls. Tests are left out.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from scaffolder.review.models.scriptcalls import SCRIPT_CALL, SCRIPT_VENDORS, scripts
from scaffolder.review.python.pysource import Call, Literal, PythonFile
from scaffolder.review.view import RepoView


@dataclass(frozen=True, slots=True)
class ModelCall:
    """A place where a model is called or its client made.

    `way` is sdk, framework, http, local (weights on this machine) or script (JavaScript);
    `vendor` is "" where only the configuration knows.
    """

    path: str
    line: int
    way: str
    vendor: str = ""
    name: str = ""
    function: str = ""
    keywords: tuple[str, ...] = ()
    literals: Mapping[str, Literal] = field(default_factory=dict)


FRAMEWORKS = (
    "langchain",
    "langchain_core",
    "langchain_community",
    "langchain_classic",
    "langchain_openai",
    "langchain_anthropic",
    "langchain_google_genai",
    "langchain_google_vertexai",
    "langchain_ollama",
    "langchain_groq",
    "langchain_mistralai",
    "langchain_cohere",
    "langchain_aws",
    "langchain_huggingface",
    "langgraph",
    "llama_index",
    "haystack",
    "haystack_integrations",
    "dspy",
    "pydantic_ai",
    "smolagents",
    "crewai",
    "autogen",
    "autogen_agentchat",
    "autogen_ext",
    "ag2",
    "agents.Agent",
    "agents.Runner",
    "agents.function_tool",
    "semantic_kernel",
    "claude_agent_sdk",
    "instructor",
)

_FRAMEWORK_ROOTS = frozenset(FRAMEWORKS)

# The end of a call's resolved name, the vendor, and a word that the file has to import ("" none).
_SDK = tuple(
    (re.compile(pattern), vendor, package)
    for pattern, vendor, package in (
        (r"(?:^|\.)chat\.completions\.(?:create|parse|stream)$", "openai", ""),
        (r"(?:^|\.)(?:Chat)?Completion\.a?create$", "openai", ""),
        (r"(?:^|\.)responses\.(?:create|parse|stream)$", "openai", ""),
        (r"(?<!threads)\.messages\.(?:create|parse|stream)$", "anthropic", ""),
        (r"(?:^|\.)generate_content(?:_async|_stream)?$", "google", ""),
        (r"\.send_message(?:_async|_stream)?$", "google", "google"),
        (r"\.chat\.(?:complete|parse|stream)(?:_async)?$", "mistral", "mistralai"),
        (r"^cohere\..*\.(?:chat|chat_stream|generate)$", "cohere", ""),
        (r"^litellm\.(?:\w+\.)?a?(?:completion|responses|text_completion)$", "litellm", ""),
        (r"(?:^|[._])ollama(?:_client)?\.(?:\w+\.)?(?:chat|generate)$", "ollama", ""),
        (r"^huggingface_hub\..*\.(?:chat_completion|text_generation)$", "huggingface", ""),
        (r"\.(?:invoke_model(?:_with_response_stream)?|converse(?:_stream)?)$", "bedrock", ""),
        (r"^replicate\.(?:run|stream)$", "replicate", ""),
        (r"^vllm\.LLM\.(?:generate|chat)$", "vllm", ""),
        (r"\.create_chat_completion$", "llama.cpp", "llama_cpp"),
        (r"^claude_agent_sdk\.query$", "anthropic", ""),
    )
)

_CLIENT = re.compile(
    r"(?:^|\.)(?:(?:Async)?(?:Azure)?OpenAI|(?:Async)?Anthropic(?:Bedrock|Vertex)?|\w*genai\.Client"
    r"|GenerativeModel|Mistral|(?:Async)?ClientV2|(?:Async)?Groq|(?:Async)?Together"
    r"|(?:Async)?InferenceClient|vllm\.LLM|Llama|(?:cohere|ollama)\.(?:Async)?Client)$"
)
_FRAMEWORK_MODEL = re.compile(
    r"\.(?:(?:Azure)?(?:Chat|Generic)?(?:OpenAI|Anthropic|GoogleGenerativeAI|VertexAI|Vertex|Gemini"
    r"|GoogleGenAI|MistralAI|Mistral|Cohere|Groq|Together|Ollama|Bedrock|BedrockConverse"
    r"|HuggingFace\w{0,12}|Fireworks|DeepSeek|XAI|LiteLLM|Perplexity|NVIDIA|OpenRouter|OpenAILike)"
    r"(?:Chat)?(?:Generator|Model|ChatCompletionClient)?|init_chat_model|LM|LLM|Agent|ToolAgent"
    r"|(?:LiteLLM|InferenceClient|OpenAIServer|Transformers)Model|AssistantAgent|CodeAgent"
    r"|from_llm|create_react_agent|create_agent|ChatCompletionAgent)$"
)
_NO_CHAT = re.compile(r"Embed|Rerank|Loader|Callback|Splitter|callbacks|embeddings|loaders")
VENDORS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "claude": "anthropic",
    "google": "google",
    "genai": "google",
    "generativemodel": "google",
    "gemini": "google",
    "vertex": "google",
    "mistral": "mistral",
    "cohere": "cohere",
    "groq": "groq",
    "together": "together",
    "ollama": "ollama",
    "bedrock": "bedrock",
    "huggingface": "huggingface",
    "inferenceclient": "huggingface",
    "fireworks": "fireworks",
    "deepseek": "deepseek",
    "xai": "xai",
    "litellm": "litellm",
    "perplexity": "perplexity",
    "nvidia": "nvidia",
    "openrouter": "openrouter",
    "requesty": "requesty",
    "gigachat": "gigachat",
    "vllm": "vllm",
    "llama_cpp": "llama.cpp",
}
"""A word of a class, module or host name, and the vendor that it stands for."""

HOSTS = re.compile(
    r"api\.openai\.com|api\.anthropic\.com|generativelanguage\.googleapis|openrouter\.ai"
    r"|api\.groq\.com|api\.mistral\.ai|api\.together|api\.deepseek\.com|api\.cohere|:11434"
    r"|/api/(?:generate|chat)\b|/v1/(?:chat/)?(?:completions|messages|responses)|api\.fireworks"
    r"|router\.requesty|api-inference\.huggingface|/v1beta/models"
)
_POST = re.compile(r"\.(?:post|request|stream|urlopen)$")
_RUNS = re.compile(
    r"\.(?:a?invoke|a?stream|a?batch|astream_events|a?predict|a?run|run_sync|run_stream|a?complete"
    r"|a?chat|a?stream_chat|a?query|kickoff|a?generate|__call__)$"
)
_MODEL_WORD = re.compile(
    r"(?:^|[._])(?:llm|llms|chain|agent|graph|crew|chat_engine|query_engine|chatbot|gpt)(?:$|[._])"
    r"|(?:^|[._])(?:chat_)?model$"
)
_GRAPH_WORD = re.compile(r"(?:^|[._])(?:app|compiled|workflow|runnable)$")
_WAREHOUSE = re.compile(r"\bai_complete\(|cortex\.complete\(|\bai_query\(|ML\.GENERATE_TEXT", re.I)
_LOCAL = frozenset(
    {
        "AutoModelForCausalLM",
        "AutoModelForSeq2SeqLM",
        "LlamaForCausalLM",
        "PeftModel",
        "FastLanguageModel",
        "AutoPeftModelForCausalLM",
        "T5ForConditionalGeneration",
        "GPT2LMHeadModel",
    }
)
_TASKS = {"text-generation", "text2text-generation", "summarization", "conversational"}


def calls(view: RepoView) -> tuple[ModelCall, ...]:
    """Every place outside of the tests where a model is called."""
    return view.once(_calls)


def clients(view: RepoView) -> tuple[ModelCall, ...]:
    """Every place where a client or a framework's model is made, with the keywords it is given."""
    return view.once(_clients)


def is_model_name(name: str) -> bool:
    """Whether a resolved name is that of a model call, whatever the file imports."""
    return any(not package for _, package in _shaped_as(name)) or bool(
        _RUNS.search(name) and _MODEL_WORD.search(name.rpartition(".")[0])
    )


def vendor(words: str) -> str:
    """The vendor that a class, module or host name stands for; "" where none is known."""
    low = words.lower()
    return next((v for word, v in VENDORS.items() if word in low), "")


def _calls(view: RepoView) -> tuple[ModelCall, ...]:
    framework = any(f.imports_any(*FRAMEWORKS) for f in view.code)
    found = [c for f in view.code for c in _in_file(f, framework)]
    found += _framework_only(view, {c.path for c in found})
    for place in view.search(SCRIPT_CALL, scripts(view)):
        who = next((v for word, v in SCRIPT_VENDORS.items() if word in place.text.lower()), "")
        found.append(ModelCall(place.path, place.line or 1, "script", who, place.text))
    return tuple(found)


def _in_file(file: PythonFile, framework: bool) -> Iterator[ModelCall]:
    http = _speaks_http(file)
    local = bool(_LOCAL & file.names) and file.imports_any("transformers", "peft", "unsloth")
    graphs = file.imports_any("langgraph", "langchain_core")
    asks = any(_WAREHOUSE.search(t.value) for t in file.texts)
    for call in file.calls:
        known = _sdk_vendor(call, file)
        if known:
            yield _made(file.path, call, "sdk", known)
        elif framework and _RUNS.search(call.name) and _framework_receiver(call.name, graphs):
            yield _made(file.path, call, "framework", vendor(call.name))
        elif asks and call.name.endswith(".execute"):
            yield _made(file.path, call, "sdk", "warehouse")
        elif http and _POST.search(call.name):
            yield _made(file.path, call, "http", http)
        elif (call.name.endswith(".generate") and (local or _decodes(call))) or _pipeline(call):
            yield _made(file.path, call, "local", "transformers")


@lru_cache(maxsize=16_384)
def _shaped_as(name: str) -> tuple[tuple[str, str], ...]:
    """The vendors, with the package to import, whose calls a name may be; names come often."""
    return tuple((who, package) for pattern, who, package in _SDK if pattern.search(name))


def _sdk_vendor(call: Call, file: PythonFile) -> str:
    for who, package in _shaped_as(call.name):
        if not package or file.imports_any(package):
            if who == "anthropic" and call.name.startswith("twilio"):
                return ""
            return _root_vendor(call.name, file) or who
    return ""


def _root_vendor(name: str, file: PythonFile) -> str:
    """OpenAI's shape of call is spoken by other SDKs too: the import says whose it is."""
    root = name.partition(".")[0]
    if root in VENDORS:
        return VENDORS[root]
    if name.endswith("completions.create") and not file.imports_any("openai"):
        others = ("groq", "together", "huggingface_hub", "litellm", "mistralai")
        return next((vendor(p) for p in others if file.imports_any(p)), "")
    return ""


def _framework_receiver(name: str, graphs: bool) -> bool:
    receiver = name.rpartition(".")[0]
    if graphs and _GRAPH_WORD.search(receiver):
        return True
    if _NO_CHAT.search(receiver):
        return False
    if receiver.partition(".")[0] in FRAMEWORKS:
        return bool(_FRAMEWORK_MODEL.search(f".{receiver}") or _MODEL_WORD.search(receiver.lower()))
    return bool(_MODEL_WORD.search(receiver.lower()))


def _speaks_http(file: PythonFile) -> str:
    """The vendor whose API the file speaks without an SDK; "http" where it is not said."""
    if not file.imports_any("requests", "httpx", "aiohttp", "urllib", "urllib3"):
        return ""
    address = next((t.value for t in file.texts if HOSTS.search(t.value[:500])), "")
    said = {t.value for t in file.texts}
    body = "model" in said and bool(said & {"prompt", "messages"})
    if not address and not body:
        return ""
    spoken = "ollama" if "ollama" in " ".join(file.names).lower() else "http"
    return vendor(address) or vendor(file.path) or spoken


def _decodes(call: Call) -> bool:
    """Arguments that only weights on this machine are given."""
    return bool({"max_new_tokens", "pad_token_id", "do_sample"} & set(call.keywords))


def _pipeline(call: Call) -> bool:
    if not call.name.endswith("transformers.pipeline"):
        return False
    return bool({*call.args, call.literals.get("task")} & _TASKS)


def _made(path: str, call: Call, way: str, who: str) -> ModelCall:
    return ModelCall(
        path, call.line, way, who, call.name, call.function, call.keywords, call.literals
    )


def _clients(view: RepoView) -> tuple[ModelCall, ...]:
    return tuple(
        _made(f.path, c, "framework" if _framework_made(c) else "sdk", vendor(c.name))
        for f in view.code
        for c in f.calls
        if _framework_made(c) or (_CLIENT.search(c.name) and vendor(c.name)) or _bedrock(c)
    )


def _bedrock(call: Call) -> bool:
    runtime = "bedrock-runtime"
    return call.name.endswith("client") and runtime in (*call.args, *call.literals.values())


def _framework_made(call: Call) -> bool:
    root = call.name.partition(".")[0]
    known = root in _FRAMEWORK_ROOTS or call.name in FRAMEWORKS or root.startswith("langchain_")
    return known and bool(_FRAMEWORK_MODEL.search(call.name)) and not _NO_CHAT.search(call.name)


def _framework_only(view: RepoView, known: set[str]) -> list[ModelCall]:
    """A framework's model that a chain of its own calls: making it is all that can be seen."""
    return [c for c in clients(view) if c.way == "framework" and c.path not in known]
