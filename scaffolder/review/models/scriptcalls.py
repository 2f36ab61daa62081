"""Model calls of JavaScript and TypeScript, and of Python that cannot be parsed, found as text.

Invariant: only the project's own sources are read, no tests and nothing bundled.
"""

import re
from posixpath import splitext
from typing import Any

from scaffolder.review.parse import Parsed
from scaffolder.review.view import RepoView, is_test

_SUFFIXES = {".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte"}
_NOT_OWN = re.compile(
    r"(?:^|/)(?:node_modules|dist|build|out|vendor|public|static|coverage|__tests__|tests?|docs)/"
    r"|\.min\.js$|\.(?:test|spec)\.\w+$|\.config\.\w+$|\.d\.ts$"
)
SCRIPT_CALL = re.compile(
    r"\.chat\.completions\.(?:create|parse|stream)\(|\.responses\.(?:create|parse|stream)\("
    r"|\.messages\.(?:create|stream)\(|\.generateContent(?:Stream)?\(|\.createChatCompletion\("
    r"|\b(?:generateText|streamText|generateObject|streamObject)\(|\.textGeneration\("
    r"|new (?:Chat|Azure)\w{0,20}(?:OpenAI|Anthropic|Ollama|Groq|Mistral|Gen\w{0,12}AI)\("
    r"|fetch\(.{0,40}(?:api\.openai\.com|api\.anthropic\.com|openrouter\.ai|:11434)"
    r"|[\"'`]https://(?:api\.(?:openai|anthropic|groq|mistral|together|deepseek|fireworks|perplexity"
    r"|cohere)\.\w{2,4}|openrouter\.ai|generativelanguage\.googleapis\.com)/[\w./-]{0,60}"
    r"(?:completions|messages|responses|:generateContent|/chat)\b"
)
SCRIPT_VENDORS = {
    "anthropic": "anthropic",
    "messages.": "anthropic",
    "generatecontent": "google",
    "genai": "google",
    "ollama": "ollama",
    "11434": "ollama",
    "groq": "groq",
    "together": "together",
    "mistral": "mistral",
    "openrouter": "openrouter",
    "openai": "openai",
    "chat.completions": "openai",
    "responses.": "openai",
}
"""A word of the calling line and the vendor that it stands for."""


def scripts(view: RepoView) -> tuple[str, ...]:
    """The project's own JavaScript and TypeScript sources, and its unparsed Python."""
    return view.once(_scripts)


def packages(view: RepoView) -> frozenset[str]:
    """Every package that a package.json of the project depends on, development included."""
    return view.once(_packages)


def _scripts(view: RepoView) -> tuple[str, ...]:
    own = (f for f in view.files if splitext(f)[1].lower() in _SUFFIXES)
    return (*(f for f in own if not _NOT_OWN.search(f)), *_unparsed(view))


def _unparsed(view: RepoView) -> list[str]:
    """Python of another version than this one's, which can only be read as text."""
    return [p for p in view.unparsed if not is_test(p)]


def _packages(view: RepoView) -> frozenset[str]:
    found: set[str] = set()
    for path in view.find("package.json"):
        if "node_modules" in path:
            continue
        read = view.json(path)
        whole: Any = read.value if isinstance(read, Parsed) else {}
        for key in ("dependencies", "devDependencies"):
            named = whole.get(key) if isinstance(whole, dict) else None
            found |= {str(n) for n in named} if isinstance(named, dict) else set()
    return frozenset(found)
