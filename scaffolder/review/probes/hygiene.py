"""The tree: what belongs in a repository, and what does not."""

import fnmatch
import re
from pathlib import PurePosixPath

from scaffolder.review.model import Evidence, Reading, count, no, partial, quote, unknown, yes
from scaffolder.review.parse import Parsed
from scaffolder.review.project.packaging import manifests
from scaffolder.review.project.variables import examples, read_by_code
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

LARGE = 5_000_000
"""Bytes above which a file does not belong in git: every reader clones it (DTC, REDF)."""

_LICENSE = re.compile(
    r"(?:[\w.-]*[._-])?(?:un)?licen[sc]e(?:[._-][\w.-]*)?|copying(?:\.[\w-]+)?|unlicense(?:\.\w+)?",
    re.I,
)
_LICENSE_TEXT = re.compile(
    r"\b(?=[a-z木])(?:MIT\b|Apache\b|BSD\b|[AL]?GPL|GNU\b|Mozilla Public|MPL\b|ISC\b|EUPL\b"
    r"|Creative Commons|CC0\b|CC[ -]BY|unlicense\b|unencumbered|public domain|CeCILL|PolyForm"
    r"|Eclipse Public|Boost Software|zlib\b|Artistic License|Business Source|Server Side Public"
    r"|Open Data Commons|Mulan|木兰|Permission is hereby granted|Redistribution and use in source"
    r"|permission to use, copy)",
    re.I,
)
"""A name or a phrase that stands in the text of each usual licence."""
_GRANTS = re.compile(
    r"\b(?:may|can|free to|allowed to|permit(?:s|ted) to|permission to|licen[sc]ed? to)\s(?!not\b)"
    r"|\bgrant(?:s|ed)?\b|\blicen[sc]ed under\b",
    re.I,
)
"""What a licence that somebody wrote alone must say to be one: that something is allowed."""
_NO_LICENSE_TEXT = (".py", ".ts", ".js", ".html", ".png", ".yml", ".yaml", ".json", ".svg", ".pdf")
_FOR_OTHERS = re.compile(r"^(?:data|weight|third[_-]?party|model|font|dataset)[\w]*[_-]licen", re.I)
_NAMED = re.compile(
    r"\blicen[sc]ed? under\b|\b(?:MIT|Apache|BSD|GPL|AGPL|MPL|ISC)[ -](?:\d[\w.]* )?licen[sc]e\b"
    r"|\blicen[sc]e\s?[:-]\s?(?:MIT|Apache|BSD|GPL|CC)|\breleased under|/badge/licen[sc]e",
    re.I,
)
_HEADING = re.compile(r"#{1,4}\s.{0,40}\blicen[sc]e|\*\*licen[sc]e", re.I)
_KNOWN = re.compile(r"\b(?:MIT|Apache|BSD|A?GPL|MPL|ISC|CC[ -]BY|Unlicense)\b")
_METADATA = re.compile(
    r"^\s*\"?licen[sc]e\"?\s*[=:]\s*.{0,40}[\"'](?!UNLICENSED|SEE LICENSE)[\w.-]", re.I
)
_RUBBISH = re.compile(
    r"(?:^|/)(?:__pycache__|\.ipynb_checkpoints|\.venv|venv|node_modules|\.pytest_cache|\.mypy_cache"
    r"|\.ruff_cache|site-packages|\.idea|\.vs|[^/]+\.egg-info|\.gradle|\.terraform)/"
    r"|(?:^|/)(?:\.DS_Store|Thumbs\.db|desktop\.ini)$|\.py[co]$|(?:^|/)\.env(?:\.local)?$|\.sw[op]$"
)
_WEIGHTS = (
    *(".safetensors", ".pt", ".pth", ".ckpt", ".gguf", ".ggml", ".h5", ".onnx", ".tflite", ".pkl"),
    *(".joblib", ".faiss", ".bin"),
)
_SMALL_WEIGHTS = 1_000_000
"""Bytes below which a .pkl or .bin is more likely a fixture than a model."""

_NOTEBOOKS = re.compile(r"(?:^|/)(?:notebooks?|nbs|exploration|experiments|analysis|eda)/", re.I)


def license_file(view: RepoView) -> Reading:
    """A licence file at the root; a licence named in text or metadata only is partial."""
    found = [f for f in view.files if _is_license(view, f)]
    root = [f for f in found if "/" not in f or f.lower().startswith("licenses/")]
    own = [f for f in root if not _FOR_OTHERS.search(f)]
    known = next((f for f in own if _LICENSE_TEXT.search(_beginning(view, f))), None)
    if known:
        return yes("A licence file is there.", _text(view, known))
    named = _named(view)
    if named:
        return partial("A licence is named, but its text is not in the repository.", named)
    if own:
        return _unknown_text(view, own)
    near = [f for f in found if f.count("/") <= 1 and not f.startswith(".")]
    if near:
        return partial("A licence file covers a part only.", _text(view, near[0]))
    return no("No LICENSE, LICENCE, COPYING or UNLICENSE file was found, and none is named.")


def only_source(view: RepoView) -> Reading:
    """No environment, cache, key file, model weights or large file is tracked."""
    tracked = [f for f in view.files if view.tracked(f)]
    if not tracked:
        return no("There is no file.")
    rubbish = [f for f in tracked if _RUBBISH.search(f) and view.size(f)]
    if rubbish:
        kinds = ", ".join(dict.fromkeys(_kind(f) for f in rubbish[:200]))
        places = [quote(f, None, "does not belong in git") for f in _spread(rubbish)]
        does = "does" if len(rubbish) == 1 else "do"
        many = count(len(rubbish), "tracked file")
        return no(f"{many} {does} not belong in git: {kinds}.", *places)
    heavy = [f for f in tracked if view.size(f) > (LARGE if not _weighs(f) else _SMALL_WEIGHTS)]
    if heavy:
        return no(
            f"{count(len(heavy), 'tracked file is', 'tracked files are')} model weights or larger "
            f"than {LARGE // 10**6} MB.",
            *(quote(f, None, f"{view.size(f) / 1e6:.1f} MB") for f in heavy[:4]),
        )
    return yes("Nothing that a program wrote, and no large file, is tracked.", _anchor(view))


def notebooks_clean(view: RepoView) -> Reading:
    """Notebooks hold no outputs, or lie in a folder for notebooks."""
    books = [f for f in view.files if f.endswith(".ipynb") and view.tracked(f)]
    loose = [f for f in books if not _NOTEBOOKS.search(f)]
    held = {f: _has_outputs(view, f) for f in loose}
    full = [f for f in loose if held[f]]
    if full:
        return partial(
            f"{count(len(full), 'notebook')} outside of notebooks/ "
            f"{'is' if len(full) == 1 else 'are'} committed with outputs.",
            *(view.quote(f, 1) for f in full[:3]),
        )
    unread = [f for f in loose if held[f] is None]
    if unread:
        return unknown(
            f"{clean(unread[0], 80)} could not be read as a notebook: whether it holds outputs is "
            "not known.",
            "Open it in Jupyter, clear its outputs and save it.",
        )
    return yes(
        "No notebook outside of notebooks/ is committed with its outputs.",
        *(view.quote(f, 1) for f in books[:2]),
    )


def ignores_what_is_written(view: RepoView) -> Reading:
    """A .gitignore that leaves out secrets, environments and caches of the languages in use."""
    files = [f for f in view.files if f.rpartition("/")[2] == ".gitignore"]
    if not files:
        return no("There is no .gitignore.")
    patterns = [p for f in files for p in (s.strip() for s in view.lines(f)) if p and p[0] != "#"]
    missing = [shown for shown, tried in _written(view) if not _ignored(tried, patterns)]
    if missing:
        return partial(
            f"The .gitignore does not leave out {' and '.join(missing)}.", view.quote(files[0], 1)
        )
    return yes(
        "The .gitignore leaves out secrets, environments and caches.", view.quote(files[0], 1)
    )


def _is_license(view: RepoView, path: str) -> bool:
    name = path.rpartition("/")[2]
    if path.lower().startswith("licenses/") and view.text(path).strip():
        return True
    if not _LICENSE.fullmatch(name) or name.lower().endswith(_NO_LICENSE_TEXT):
        return False
    return "node_modules/" not in path and bool(view.text(path).strip())


def _unknown_text(view: RepoView, own: list[str]) -> Reading:
    granting = next((f for f in own if _GRANTS.search(_beginning(view, f))), None)
    if granting:
        said = "The licence is a text of its own and none that is known: a reader has to study it."
        return partial(said, _text(view, granting))
    said = "The licence file allows nothing, and is the text of no known licence."
    return no(said, _text(view, own[0]))


def _beginning(view: RepoView, path: str) -> str:
    return " ".join(view.text(path)[:20_000].split())


def _text(view: RepoView, path: str) -> Evidence:
    lines = view.lines(path)
    return view.quote(path, next(n for n, s in enumerate(lines, 1) if s.strip()))


def _named(view: RepoView) -> Evidence | None:
    """Where the README or the metadata, of a part too, names a licence of the project itself."""
    found_at = view.find("pyproject.toml", "setup.py", "setup.cfg", "package.json")
    metadata = sorted((p for p in found_at if p.count("/") <= 1), key=lambda p: p.count("/"))
    found = next(view.search(_METADATA, metadata), None)
    if found or view.readme is None:
        return found
    lines = view.lines(view.readme)
    for number, line in enumerate(lines, 1):
        below = " ".join(lines[number : number + 3])[:300] if _HEADING.match(line) else ""
        if _NAMED.search(line) or _KNOWN.search(below):
            return view.quote(view.readme, number, number + 2 if below else None)
    return None


def _kind(path: str) -> str:
    match = _RUBBISH.search(path)
    return clean(match[0].strip("/") if match else path, 40)


def _spread(paths: list[str]) -> list[str]:
    """One of each kind first, four at most."""
    first = {_kind(p): p for p in reversed(paths)}
    return list(first.values())[:4]


def _weighs(path: str) -> bool:
    return path.lower().endswith(_WEIGHTS)


def _anchor(view: RepoView) -> Evidence:
    name = next((p for p in (".gitignore", "pyproject.toml") if view.has(p)), view.files[0])
    return view.quote(name, 1)


def _has_outputs(view: RepoView, path: str) -> bool | None:
    """Whether a cell holds an output; None where the notebook cannot be read."""
    read = view.notebook(path)
    return any(c.ran for c in read.value) if isinstance(read, Parsed) else None


def _written(view: RepoView) -> list[tuple[str, str]]:
    """What this project writes or could leak: a word for it, and a path that must be ignored."""
    wanted = []
    if examples(view) or read_by_code(view):
        wanted.append((".env", ".env"))
    if any(not f.notebook for f in view.code):
        wanted.append(("__pycache__", "__pycache__/a.cpython-312.pyc"))
    ecosystems = {m.ecosystem for m in manifests(view)}
    if "node" in ecosystems:
        wanted.append(("node_modules", "node_modules/a"))
    return wanted


def _ignored(path: str, patterns: list[str]) -> bool:
    """Whether it or a folder above is left out; of each the last pattern that fits decides."""
    whole = PurePosixPath(path)
    above = [whole, *list(whole.parents)[:-1]]
    return any(_left_out({str(p), p.name}, patterns) for p in above)


def _left_out(names: set[str], patterns: list[str]) -> bool:
    for pattern in reversed(patterns):
        bare = pattern.removeprefix("!").rstrip("/").removeprefix("/").removeprefix("**/")
        if any(fnmatch.fnmatchcase(n, bare) for n in names):
            return not pattern.startswith("!")
    return False
