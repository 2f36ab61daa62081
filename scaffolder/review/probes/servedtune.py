"""The model that is served is the one that was scored: the same answers, and how fast."""

import re
from dataclasses import dataclass

from scaffolder.review.model import Evidence, Reading, no, partial, quote, yes
from scaffolder.review.models.codewords import in_files
from scaffolder.review.parse import Parsed
from scaffolder.review.results.resultrows import number
from scaffolder.review.tunework import told
from scaffolder.review.view import RepoView

FEWEST = 20
SAME = 0.95
"""Prompts of a comparison, and the share that has to answer alike unless it is explained."""

_PARITY = re.compile(r"parity|served|serving", re.IGNORECASE)
_ENDPOINT = re.compile(
    r"/v1/chat/completions|/v1/completions|\bvllm\b|text-generation-inference|llama[_-]?cpp|\bollama\b"
    r"|FastAPI\(|HTTPServer|Flask\("
)
_SAME = re.compile(r"serv", re.IGNORECASE)
_EXPLAINED = re.compile(r"differ|round|because|batch|quanti|precision|float", re.IGNORECASE)


@dataclass(frozen=True)
class Parity:
    """How many prompts were asked on both paths, how many answered alike, and what was timed."""

    asked: float
    alike: float
    timed: bool
    evidence: Evidence


def same(view: RepoView) -> Reading:
    """The same prompts were asked on the served path and the scored one, and answer alike."""
    found = view.once(_parity)
    if not found:
        return no("No comparison of served and scored answers was found.")
    said = f"{found.alike:.0f} of {found.asked:.0f} answers are the same, served and scored"
    if found.asked < FEWEST:
        return partial(f"{said}; that is under {FEWEST} prompts.", found.evidence)
    if found.alike < SAME * found.asked:
        line = told.first(view, _SAME, _EXPLAINED)
        if not line:
            return no(f"{said}, and nothing explains the rest.", found.evidence)
        return partial(f"{said}, and the rest is explained.", found.evidence, line)
    return yes(f"{said}.", found.evidence)


def timed(view: RepoView) -> Reading:
    """An endpoint serves it, and p50, p95 or tokens a second were measured there."""
    endpoint = in_files(view, _ENDPOINT, [f.path for f in view.code])
    found = view.once(_parity)
    if found and found.timed:
        return yes("The served path was timed.", found.evidence, *endpoint[:1])
    if endpoint:
        return partial("The model is served, and the served path was not timed.", endpoint[0])
    return no("Nothing serves the model, so its speed is not known.")


def _parity(view: RepoView) -> Parity | None:
    paths = [p for p in view.find("*.json") if _PARITY.search(p) and view.size(p) < 2_000_000]
    found = (_of_file(view, path) for path in paths[:10])
    return next((one for one in found if one), None)


def _of_file(view: RepoView, path: str) -> Parity | None:
    read = view.json(path)
    values = read.value if isinstance(read, Parsed) and isinstance(read.value, dict) else {}
    asked = number(values.get("prompts", values.get("n")))
    alike = number(values.get("identical", values.get("same")))
    if not asked or alike is None:
        return None
    timed = (
        number(values.get("p95_ms")) is not None
        or number(values.get("tokens_a_second")) is not None
    )
    return Parity(asked, alike, timed, quote(path, None, f"{alike:.0f} of {asked:.0f} identical"))
