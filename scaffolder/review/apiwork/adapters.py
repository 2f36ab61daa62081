"""Which modules speak to which vendor, and who beside them knows a vendor's name.

Invariant: a vendor is known by the SDK that a module imports, or the host that it asks; what only
names one in a text is a place that knows too much.
"""

import re
from collections.abc import Mapping

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import place
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

SDKS: Mapping[str, str] = {
    "anthropic": "anthropic",
    "openai": "openai",
    "google.genai": "google",
    "google.generativeai": "google",
    "vertexai": "google",
    "mistralai": "mistral",
    "groq": "groq",
    "cohere": "cohere",
    "ollama": "ollama",
    "together": "together",
}
_NAMES = re.compile(r"^(?:anthropic|claude|openai|gpt|google|gemini|mistral|groq|cohere|ollama)$")
_BRANCH = re.compile(
    r"^\s{0,80}(?:el)?if\b.{0,120}[\"'](?:anthropic|claude|openai|gpt|google|gemini|mistral|groq)[\"']"
)


def by_module(view: RepoView) -> Mapping[str, frozenset[str]]:
    """The vendors whose SDK each module of the code imports, by path; none left out."""
    return view.once(_by_module)


def vendors(view: RepoView) -> Mapping[str, Evidence]:
    """The first import of each vendor's SDK."""
    found: dict[str, Evidence] = {}
    for file in view.code:
        for imported in file.imports:
            if (who := _vendor(imported.name)) and who not in found:
                found[who] = place(view, file.path, imported.line)
    return found


def branches(view: RepoView) -> list[Evidence]:
    """Lines outside of the adapters that ask which vendor it is."""
    adapters = by_module(view)
    found = []
    for file in view.code:
        if file.path in adapters or not _is_named(file):
            continue
        lines = enumerate(view.lines(file.path), 1)
        found += [view.quote(file.path, n) for n, line in lines if _BRANCH.search(line[:300])]
    return found


def _by_module(view: RepoView) -> Mapping[str, frozenset[str]]:
    named = {f.path: {_vendor(i.name) for i in f.imports} - {""} for f in view.code}
    return {path: frozenset(who) for path, who in named.items() if who}


def _vendor(name: str) -> str:
    packages = (p for p in SDKS if name == p or name.startswith(f"{p}."))
    return next((SDKS[p] for p in packages), "")


def _is_named(file: PythonFile) -> bool:
    return any(_NAMES.match(t.value[:20]) for t in file.texts)
