"""Where text of a model gains power: code, shell, SQL, HTML."""

import re

from scaffolder.review.model import Answer, Evidence, Reading, count, no, partial, unknown, yes
from scaffolder.review.models.applies import NO_CALL, without_call
from scaffolder.review.models.codewords import SHOWN, in_files, place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.models.modelflow import Spill, spills
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.view import RepoView

_LOOKED_FOR = (
    "eval, exec, a shell, pickle.loads, an unsafe yaml.load, SQL made of text and unescaped HTML"
)
_SCRIPT_RAW = re.compile(
    r"dangerouslySetInnerHTML|\.innerHTML\s?\+?=|v-html=|\{@html|new Function\(|(?<![\w.])eval\("
    r"|execSync\(|rehypeRaw|rehype-raw"
)
_SCRIPT_CLEAN = re.compile(r"DOMPurify|sanitize|escapeHtml|rehype-sanitize", re.IGNORECASE)
_WORDS = r"(?:answer|reply|completion|response|message\.(?:content|text)|llm|bot|assistant|output)"
_SCRIPT_LINKED = re.compile(
    rf"(?:dangerouslySetInnerHTML|innerHTML\s?\+?=|v-html=|@html|eval\().{{0,80}}\b{_WORDS}"
)
_PAGE_LINKED = re.compile(rf"\{{\{{[^{{}}|]{{0,80}}\b{_WORDS}[^{{}}|]{{0,40}}\|\s{{0,3}}safe\b")


def output_contained(view: RepoView) -> Reading:
    """No model text reaches a call that would run it or show it raw; unclear cases are partial."""
    if not calls(view):
        return _without_call(view)
    found = spills(view)
    linked = [_shown(view, s) for s in found if s.linked]
    linked += in_files(view, _PAGE_LINKED, view.find("*.html", "*.jinja", "*.jinja2", "*.j2"))
    raw = _raw_scripts(view)
    linked += in_files(view, _SCRIPT_LINKED, [e.path for e in raw])
    if linked:
        kinds = "; ".join(sorted({s.what for s in found if s.linked})) or "unescaped HTML"
        return no(f"Text of a model reaches a dangerous call: {kinds}.", *linked[:SHOWN])
    unclear = [*(_shown(view, s) for s in found), *raw]
    if unclear:
        reason = (
            "Dangerous calls are there; that text of the model reaches them cannot be seen within "
            "the function, and neither can it be ruled out."
        )
        return partial(reason, *unclear[:SHOWN])
    first = calls(view)[0]
    reason = (
        f"Looked in {count(len(view.code) + len(scripts(view)), 'source file')} "
        f"for {_LOOKED_FOR}: none."
    )
    return yes(reason, place(view, first.path, first.line))


def _without_call(view: RepoView) -> Reading:
    """Not applicable where no model was meant; a call that cannot be seen accuses nobody here."""
    reading = without_call(view)
    if reading.answer is Answer.NOT_APPLICABLE:
        return reading
    return unknown(NO_CALL, "Make the call through an SDK or name its address in code.")


def _shown(view: RepoView, spill: Spill) -> Evidence:
    return place(view, spill.path, spill.line)


def _raw_scripts(view: RepoView) -> list[Evidence]:
    """Raw HTML or evaluation in a script that cleans nothing."""
    found = in_files(view, _SCRIPT_RAW, scripts(view))
    cleaned = {e.path for e in in_files(view, _SCRIPT_CLEAN, [e.path for e in found])}
    return [e for e in found if e.path not in cleaned]
