"""Which languages the code is written in, and whether they are among those that are read.

Invariant: sizes decide, and only of what is somebody's work; a notebook counts as its code does,
about a tenth of its bytes, since outputs are most of it.
"""

from pathlib import PurePosixPath

from scaffolder.review.areas import area
from scaffolder.review.view import RepoView

READ = frozenset({"Python", "JavaScript", "TypeScript"})

_BY_END = {
    **{".py": "Python", ".ipynb": "Python", ".pyx": "Python"},
    **{".js": "JavaScript", ".jsx": "JavaScript", ".mjs": "JavaScript", ".vue": "JavaScript"},
    **{".ts": "TypeScript", ".tsx": "TypeScript", ".svelte": "TypeScript"},
    **{".rb": "Ruby", ".go": "Go", ".rs": "Rust", ".java": "Java", ".kt": "Kotlin"},
    **{".cs": "C#", ".php": "PHP", ".swift": "Swift", ".scala": "Scala", ".ex": "Elixir"},
    **{".exs": "Elixir", ".dart": "Dart", ".c": "C", ".cc": "C++", ".cpp": "C++", ".r": "R"},
    **{".jl": "Julia", ".clj": "Clojure", ".hs": "Haskell", ".lua": "Lua", ".m": "Objective-C"},
}
_NOTEBOOK = 0.1


def unread(view: RepoView) -> str:
    """The language of most of the code where that is one which is not read; "" elsewhere."""
    return view.once(_unread)


def _unread(view: RepoView) -> str:
    sizes: dict[str, float] = {}
    for path in view.files:
        end = PurePosixPath(path).suffix.lower()
        if end in _BY_END and area(view, path):
            part = _NOTEBOOK if end == ".ipynb" else 1
            sizes[_BY_END[end]] = sizes.get(_BY_END[end], 0) + part * view.size(path)
    others = {language: size for language, size in sizes.items() if language not in READ}
    if 2 * sum(others.values()) <= sum(sizes.values()):
        return ""
    return max(others, key=lambda language: others[language])
