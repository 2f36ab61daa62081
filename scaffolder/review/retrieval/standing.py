"""Where a piece of code stands: in the application, in a notebook, or in something that measures.

Invariant: a path decides alone; tests stand nowhere, and a project without an application is its
notebooks.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import naming, place
from scaffolder.review.models.modelcalls import calls as model_calls
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.ownpython import foreign
from scaffolder.review.python.pysource import Call, PythonFile
from scaffolder.review.view import RepoView, is_test


class Standing(StrEnum):
    """What a file is for."""

    APPLICATION = "application"
    NOTEBOOK = "notebook"
    MEASURING = "measuring"


_MEASURES = re.compile(
    r"(?:^|/)(?:evals?|evaluations?|benchmarks?|experiments?|ablations?|sandbox|playground"
    r"|homeworks?)/|(?:^|[/_-])(?:eval\w{0,8}|benchmark\w{0,3}|experiments?|ablations?|sweep)"
    r"(?:[_.-][^/]*)?$",
    re.IGNORECASE,
)
_LEFT_BEHIND = re.compile(r"(?:^|/)(?:legacy|_?archived?|deprecated|old|backup)/", re.IGNORECASE)
_WORDS = (
    *("embed", "vector", "retriev", "rerank", "chunk", "ndcg", "mrr", "hitrate", "hit_rate"),
    *("recall", "standalone", "rephrase", "rewrit", "hybrid", "similarity", "similarquestions"),
    *("indexwriter", "indexsearcher", "documents", "splitter", "upsert", "reciprocal", "condense"),
    *("queries(", "contextrecall", "precisionat"),
)
_OTHER_ENDS = (".java", ".kt", ".scala", ".go", ".rs", ".cs", ".rb", ".php")
_GENERATED = re.compile(r"(?:^|/)(?:target|build|dist|gen|docs)/")


def standing(path: str) -> Standing:
    """What the file at `path` is for."""
    if path.endswith(".ipynb"):
        return Standing.NOTEBOOK
    return Standing.MEASURING if _MEASURES.search(path) else Standing.APPLICATION


def is_left_behind(path: str) -> bool:
    """Whether the file at `path` lies among what the project does not use any more."""
    return bool(_LEFT_BEHIND.search(path))


def is_example(path: str) -> bool:
    """Whether the file at `path` shows how a library is used."""
    return path.startswith(("examples/", "example/", "samples/", "cookbook/", "docs/"))


def has_application(view: RepoView) -> bool:
    """Whether a model is called, or TypeScript written, outside of notebooks and evaluations."""
    return view.once(_has_application)


def in_use(view: RepoView, path: str) -> bool:
    """Whether what stands at `path` is what the project does, not what it only tried."""
    here = standing(path)
    if is_left_behind(path):
        return False
    return here is Standing.APPLICATION or (here is Standing.NOTEBOOK and not has_application(view))


def sources(view: RepoView) -> tuple[str, ...]:
    """The sources that are read as text: TypeScript, JavaScript, Java and other languages."""
    return view.once(_sources)


def telling(view: RepoView) -> tuple[str, ...]:
    """Those of `sources` that have a word of retrieval at all: few of a large project's."""
    return view.once(_telling)


def called(view: RepoView, names: re.Pattern[str]) -> Iterator[tuple[PythonFile, Call]]:
    """The calls in which a part of the resolved name is one of `names`, tests left out."""
    for file in view.code:
        hit = naming(view, names) & file.names
        if hit:
            yield from ((file, c) for c in file.calls if not hit.isdisjoint(c.name.split(".")))


def places(view: RepoView, found: Iterable[tuple[PythonFile, Call]]) -> list[Evidence]:
    """The first call of each file."""
    first: dict[str, int] = {}
    for file, call in found:
        first.setdefault(file.path, call.line)
    return [place(view, path, line) for path, line in first.items()]


def application_first(found: Iterable[Evidence]) -> list[Evidence]:
    """Evidence in the order of telling: application, measuring, notebooks; nothing left behind."""
    order = [Standing.APPLICATION, Standing.MEASURING, Standing.NOTEBOOK]
    kept = dict.fromkeys(e for e in found if not is_left_behind(e.path))
    return sorted(kept, key=lambda e: order.index(standing(e.path)))


def _telling(view: RepoView) -> tuple[str, ...]:
    texts = ((path, view.text(path).lower()) for path in sources(view))
    return tuple(path for path, text in texts if any(word in text for word in _WORDS))


def _has_application(view: RepoView) -> bool:
    paths = [c.path for c in model_calls(view)]
    return any(standing(p) is Standing.APPLICATION for p in paths)


def _sources(view: RepoView) -> tuple[str, ...]:
    others = (f for f in view.files if f.endswith(_OTHER_ENDS))
    own = (f for f in others if not (_GENERATED.search(f) or is_test(f) or foreign(f)))
    return (*scripts(view), *(f for f in own if "/test/" not in f))
