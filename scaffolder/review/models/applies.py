"""Whether a project that calls no model was meant to: what its items then say.

Invariant: an item is not applicable only where there is code, and neither the template, nor an
import, nor a list of dependencies speaks of a model; where one does, the call is missing.
"""

import re

from scaffolder.review.model import Reading, no, not_applicable
from scaffolder.review.models.codewords import in_files
from scaffolder.review.models.modelcalls import FRAMEWORKS
from scaffolder.review.models.scriptcalls import packages, scripts
from scaffolder.review.view import RepoView

NO_CALL = (
    "No call of a language model was found: the SDKs of the providers, the frameworks around them "
    "and requests to their addresses were looked for."
)
_SDKS = (
    *("openai", "anthropic", "google.genai", "google.generativeai", "groq", "mistralai", "cohere"),
    *("ollama", "litellm", "together", "replicate", "vllm", "llama_cpp", "transformers", "peft"),
    *("huggingface_hub", "sentence_transformers", "mcp", "fastmcp", "guidance", "outlines"),
)
_REQUIRED = re.compile(
    r"\b(?:openai|anthropic|google-gen(?:ai|erativeai)|groq|mistralai|cohere|ollama|litellm|vllm"
    r"|langchain|langgraph|llama[-_]?(?:index|cpp)|haystack-ai|transformers|pydantic-ai|crewai"
    r"|autogen|smolagents|dspy|instructor|huggingface[-_]hub)\b",
    re.IGNORECASE,
)
_LISTS = ("pyproject.toml", "*requirements*.txt", "environment.y*ml", "setup.py", "setup.cfg")
_SCRIPT_SDK = re.compile(
    r"^(?:ai|openai|ollama|langchain|groq-sdk|cohere-ai|@(?:ai-sdk|anthropic-ai|langchain|google)/.+)$"
)


def without_call(view: RepoView) -> Reading:
    """The reading of an item about model calls where none was found."""
    if view.once(_speaks_of_models):
        return no(NO_CALL)
    return not_applicable(
        "No language model is called, and no package for one is imported or required: this item "
        "does not speak of the project.",
        "If it calls one all the same, make the call through an SDK or name its address in code.",
    )


def _speaks_of_models(view: RepoView) -> bool:
    if not (view.code or scripts(view)) or view.find(".scaffold/template.lock"):
        return True
    return (
        any(f.imports_any(*_SDKS, *FRAMEWORKS) for f in view.code)
        or any(_SCRIPT_SDK.search(name) for name in packages(view))
        or bool(in_files(view, _REQUIRED, view.find(*_LISTS)))
    )
