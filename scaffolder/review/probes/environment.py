"""Configuration: from the environment, and shown to a reader in an example file."""

import re

from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.project.variables import (
    ASIDE,
    examples,
    of_sdk,
    read_by_code,
    real_files,
    shown,
)
from scaffolder.review.view import RepoView, is_test
from scaffolder.sanitise import clean

_LOADERS = ("dotenv", "decouple", "environs", "pydantic_settings", "dynaconf")
_INDIRECT = re.compile(
    r"\bst\.secrets\b|userdata\.get\(|\bdotenv/config\b|\benviron\[[^\"'\\]|\b(?:environ\.get|getenv)\([^\"'\\]"
)
_COMPOSED = re.compile(r"\benv_file\s*:|\$\{[A-Z][A-Z0-9_]{1,80}")

FEW_MISSING = 0.34
"""The part of the variables that an example may lack and still be mostly of use."""


def example(view: RepoView) -> Reading:
    """Configuration from the environment with an example file; one of the two is partial."""
    files = examples(view)
    source = _source(view)
    real = [f for f in real_files(view) if f.rpartition("/")[2] == ".env"]
    if real:
        return partial("A real .env is tracked.", *_first(view, real + files))
    if files and source:
        return yes("An example file shows what the code reads.", *_first(view, files), source)
    if files:
        return partial("An example file is there, and no code reads it.", *_first(view, files))
    if real_files(view):
        said = "Settings files are tracked themselves, without an example to copy."
        return partial(said, *_first(view, real_files(view)))
    if source:
        said = "The configuration comes from the environment, and no .env.example shows it."
        return partial(said, source)
    return no("No code reads the environment, and there is no .env.example of any usual name.")


def example_complete(view: RepoView) -> Reading:
    """Every variable that the code reads stands in an example file; those of SDKs may lack."""
    wanted = {n: p for n, p in read_by_code(view).items() if not of_sdk(n)}
    files = examples(view)
    if not wanted:
        if not view.code and not files:
            return no("There is no code that could read a variable.")
        said = "The code reads no variable by name that an example would have to show."
        return yes(said, *_first(view, files))
    if not files:
        return no(
            f"The code reads {count(len(wanted), 'variable')} and no example file shows "
            f"{'it' if len(wanted) == 1 else 'them'}.",
            *(view.quote(*place) for place in list(wanted.values())[:4]),
        )
    known = frozenset(n for f in files for n in shown(view, f))
    missing = {n: p for n, p in wanted.items() if n not in known}
    if not missing:
        said = f"The example shows all that the code reads: {count(len(wanted), 'variable')}."
        return yes(said, *_first(view, files))
    names = ", ".join(clean(n, 60) for n in list(missing)[:4])
    read = "variable that is" if len(wanted) == 1 else "variables that are"
    said = f"The example lacks {len(missing)} of {len(wanted)} {read} read: {names}."
    places = [view.quote(*place) for place in list(missing.values())[:4]]
    few = len(missing) <= FEW_MISSING * len(wanted)
    return partial(said, *places) if few else no(said, *places)


def _source(view: RepoView) -> Evidence | None:
    """Where the configuration is read from the environment."""
    read = read_by_code(view)
    if read:
        return view.quote(*next(iter(read.values())))
    for file in view.code:
        for imported in file.imports:
            if imported.name.split(".")[0] in _LOADERS:
                return view.quote(file.path, imported.line)
    endings = (".py", ".ipynb", ".ts", ".tsx", ".js", ".mjs")
    own = [f for f in view.files if f.endswith(endings) and not (is_test(f) or ASIDE.search(f))]
    found = next(view.search(_INDIRECT, own), None)
    settings = view.find("*compose*.y*ml", "application*.properties", "application*.y*ml")
    return found or next(view.search(_COMPOSED, settings), None)


def _first(view: RepoView, paths: list[str]) -> list[Evidence]:
    return [view.quote(p, 1) for p in paths[:3]]
