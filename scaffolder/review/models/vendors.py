"""Whose models a project can use: by its calls, its clients' addresses, its scripts' packages.

Invariant: a vendor counts where code makes a call or a client of it, or gives one its address; an
import that nothing uses is a stub.
"""

import re
from collections.abc import Iterator

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import in_files, place
from scaffolder.review.models.modelcalls import HOSTS, ModelCall, calls, clients, vendor
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.view import RepoView


def pointed(call: ModelCall) -> bool:
    """A client whose address comes from outside."""
    return "base_url" in call.keywords and "base_url" not in call.literals


_UNSAID = {"", "http", "litellm", "transformers"}


def by_vendor(view: RepoView) -> dict[str, Evidence]:
    """The first place of each vendor; a client given another host is that host's."""
    found: dict[str, Evidence] = {}
    asking = {c.path for c in calls(view)}
    embedding = {f.path for f in view.code if any("embed" in c.name for c in f.calls)} - asking
    made = any(c.vendor == "openai" for c in clients(view))
    hosts = dict(_named_hosts(view))
    for call in (*calls(view), *clients(view)):
        elsewhere = (made and _by_client(call)) or (hosts and pointed(call) and call.way == "sdk")
        if call.path in embedding or elsewhere:
            continue
        base = str(call.literals.get("base_url", ""))
        who = vendor(base) or ("another host" if base else call.vendor)
        if "localhost" in base or "11434" in base:
            who = "ollama"
        elif "base_url" in call.keywords and not base:
            who = vendor(call.function) or call.vendor
        if who and who not in _UNSAID:
            found.setdefault(who, place(view, call.path, call.line))
    return {**hosts, **dict(_script_vendors(view)), **found}


def _by_client(call: ModelCall) -> bool:
    """A call in OpenAI's shape whose client says whose it is, by the address it was given."""
    shaped = call.way == "sdk" and call.vendor == "openai"
    direct = call.name.startswith(("openai.chat", "openai.resp", "openai.Chat", "openai.Comp"))
    return shaped and not direct and bool(_SHAPED.search(call.name))


_SHAPED = re.compile(r"\.(?:create|parse|stream)$")
_HOST = re.compile(
    r"^https?://(?:[\w.-]{0,60}\.)?(?:(?:openai|anthropic|deepseek|mistral|together|groq|fireworks"
    r"|x|openrouter|moonshot|perplexity|cohere|cerebras)\.(?:com|ai|xyz|cn)|googleapis\.com/v1beta"
    r"|dashscope\.aliyuncs\.com|bigmodel\.cn|(?:localhost|127\.0\.0\.1|ollama):11434)(?:[/:]|$)"
)


_API = re.compile(r"api|/v1|:11434")
"""What the address of an interface has, and that of a page about it has not."""


def _named_hosts(view: RepoView) -> Iterator[tuple[str, Evidence]]:
    """Addresses in code that a client can be given, where one is given an address by name."""
    if any(pointed(c) for c in clients(view)):
        for file in view.code:
            for text in file.texts:
                if len(text.value) < 120 and _HOST.search(text.value) and _API.search(text.value):
                    host = text.value.split("/")[2]
                    who = "ollama" if "11434" in host else vendor(host) or host
                    yield who, place(view, file.path, text.line)


_SCRIPT_SDK = re.compile(
    r"(?:from|require\()\s?[\"'](?:@ai-sdk/(?!react|rsc|vue|svelte|provider|ui)[\w-]{2,30}|openai"
    r"|@anthropic-ai/sdk|@google/gen[\w-]{2,20}|groq-sdk|ollama(?:/browser)?|ai-sdk-ollama"
    r"|ollama-ai-provider[\w-]{0,5}|@mistralai/\w{2,20}|cohere-ai|together-ai|@huggingface/inference"
    r"|@langchain/(?:openai|anthropic|google-\w{2,10}|ollama|groq|mistralai|cohere)"
    r"|@openrouter/ai-sdk-provider)[\"']"
)


def _script_vendors(view: RepoView) -> Iterator[tuple[str, Evidence]]:
    """Vendors whose package a script imports for more than embeddings."""
    if not any(c.way == "script" for c in calls(view)):
        return
    for found in view.search(_SCRIPT_SDK, scripts(view)):
        package = _SCRIPT_SDK.search(found.text)
        if package and not ("Embedding" in found.text and "Chat" not in found.text):
            name = package.group().replace("openai-compatible", "another host")
            yield vendor(name) or "another host", found


_CHAT_CLASS = re.compile(
    r"\.(?:Chat\w{2,30}|OpenAI|Anthropic|HuggingFaceHub|Ollama|Groq|Mistral|Cohere)$"
)
_MESSAGE = re.compile(r"Chat(?:Prompt|Message|Result|Generation|History|Completion)")


def stubs(view: RepoView, used: set[str]) -> list[Evidence]:
    """Imports of another vendor's model that nothing makes; addresses in settings count too."""
    found = []
    made = {c.name.rpartition(".")[2] for c in clients(view)}
    for file in view.code:
        for imported in (i for i in file.imports if i.name.rpartition(".")[2] not in made):
            who = vendor(imported.name.rpartition(".")[2]) or vendor(imported.name)
            known = _CHAT_CLASS.search(imported.name) and not _MESSAGE.search(imported.name)
            if known and who and who not in used:
                found.append(place(view, file.path, imported.line))
    settings = in_files(view, HOSTS, view.find(".env.example", "*.toml", "config*.y*ml"))
    return found + [e for e in settings if vendor(e.text) and vendor(e.text) not in used]
