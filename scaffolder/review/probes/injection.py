"""An instruction planted in a document: what keeps it text, and whether that was tried."""

import re
from collections.abc import Iterator, Sequence

from scaffolder.review.answering import planted
from scaffolder.review.answering.planted import Trial, Variant
from scaffolder.review.answering.wordings import Wording, spot, wordings
from scaffolder.review.model import Answer, Evidence, Reading, count, no, partial, unknown, yes
from scaffolder.review.models.codewords import SHOWN, identifiers, in_files, place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.probes import modeluse
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

VARIANTS = 10
"""Wordings of a planted instruction (rubric, RAG-11)."""

TECHNIQUES = 5
"""Ways of planting that the rubric names: override, address, false system message, hidden text,
other language."""

MOST_SYSTEMS = 4
"""Systems that a reason names, each with what it followed."""

_WHAT = (
    r"(?:retrieved[-_ ]?|search[-_ ]?|source[-_ ]?|untrusted[-_ ]?|external[-_ ]?)?(?:context"
    r"|document|doc|passage|source|chunk|excerpt|snippet|result|data|reference|evidence|content|material)s?"
)
_TAGS = re.compile(
    rf"</{_WHAT}(?:[-_ ]?\d)?>|<\{{\}}>\s{{0,3}}\{{\}}\s{{0,3}}</\{{\}}>", re.IGNORECASE
)
_MARKS = re.compile(
    rf"\b(?:begin|start|end)[-_ ](?:of[-_ ])?(?:the[-_ ])?{_WHAT}\b"
    rf"|\b{_WHAT}[-_ ](?:begin|start|end)s?\b",
    re.IGNORECASE,
)
_FENCED = re.compile(
    r"(?:```|\"\"\"|'''|~~~|#{3}|-{3}|={3}|<<<)\s{0,3}\{\{?\s?\w{0,20}(?:context|doc|passage|source|chunk"
    r"|result|text)\w{0,10}\s?\}?\}\s{0,3}(?:```|\"\"\"|'''|~~~|#{3}|-{3}|={3}|>>>)",
    re.IGNORECASE,
)
_AS_DATA = re.compile(
    r"(?:not|never|n't) (?:to )?(?:follow|obey|execute|act on|be treated as)\b"
    r"|(?:ignore|disregard) (?:any|all|every) (?:instruction|command|request)|\buntrusted\b"
    r"|\btreat\w{0,3}\b.{0,60}\bas (?:data|text|material|content|reference|quot)"
    r"|\b(?:is|are) (?:only |just )?(?:data|material|quoted text|reference material)\b"
    r"|(?:not|never|no|n't)\b.{0,30}\binstructions? (?:to|for) (?:you|follow)",
    re.IGNORECASE,
)
_NO_ANSWER = re.compile(
    r"(?:^|[/_.-])(?:eval\w*|judge\w*|ground_?truth\w*|grad(?:er|ing))(?=[/_.-])", re.IGNORECASE
)
_GRADES = re.compile(
    r"you are (?:an? )?(?:\w{1,14} ){0,3}(?:judge|evaluator|grader)"
    r"|generat\w{1,3} .{0,40}questions",
    re.IGNORECASE,
)
_FILTERS = re.compile(
    r"(?:without|strip|remove|drop|clean|block|filter|escape|sanit\w{0,6}|redact)"
    r"_?(?:\w{1,12}_)?(?:links?|urls?|images?|addresses|address|markdown|html|hosts?|domains?)\b"
    r"|^(?:bleach|nh3|DOMPurify|markupsafe|sanitize\w{0,20}|escape_html)$|(?:url|link)_?(?:allow|filter)",
    re.IGNORECASE,
)
_SCRIPT_FILTERS = re.compile(
    r"DOMPurify|sanitize-?[hH]tml|rehype-?[sS]anitize|urlTransform|transformLinkUri|disallowedElements"
    r"|(?:strip|remove|without)(?:Links|Urls|Images)|textContent\s?=",
)
_PAGES = (
    *("streamlit", "gradio", "chainlit", "flask", "fastapi", "django", "panel", "nicegui"),
    "reflex",
)
_ACTS = re.compile(
    r"^(?:send|post|delete|remove|write|create|update|insert|execute|exec|run|e?mail|publish|pay|transfer"
    r"|book|order|upload|fetch|browse|open|http|request|shell|python|bash|call|notify|schedule)_\w",
    re.IGNORECASE,
)
_POWERS = re.compile(
    r"(?:PythonREPL|PythonAstREPL|Shell|Bash|Requests(?:Get|Post)|Browser|Playwright|Gmail|Slack|FileWrite"
    r"|WriteFile|SQLDatabase)\w{0,12}(?:Tool|Toolkit)|CodeInterpreter|code_interpreter|load_mcp_tools"
    r"|MultiServerMCPClient"
)


def delimited(view: RepoView) -> Reading:
    """Passages stand between marks, so that the model can tell them from what it is told to do."""
    marked = [e for p in (_TAGS, _MARKS, _FENCED) for e in _prompts(view, p)]
    told = list(_prompts(view, _AS_DATA))
    if marked:
        also = "and the prompt says that they are data" if told else "and no prompt says why"
        return yes(f"Passages stand between marks, {also}.", *marked[:2], *told[:1])
    if told:
        reason = (
            "A prompt says not to follow what documents say; no marks around passages were found."
        )
        return partial(reason, *told[:3])
    reason = (
        "No marks around retrieved passages were found in prompts or code: tags with an end, lines "
        "that say where passages begin and end, or a fence around them."
    )
    return no(reason, *(place(view, c.path, c.line) for c in calls(view)[:1]))


def powerless(view: RepoView) -> Reading:
    """Nothing that an obeyed instruction could use: no acting tool, no address in the answer."""
    acting = list(_acting(view))
    if acting:
        reason = "The model is offered a tool that acts, so a planted instruction could use it."
        return no(reason, *acting[:3])
    filters = [
        *identifiers(view, _FILTERS, view.code),
        *in_files(view, _SCRIPT_FILTERS, scripts(view)),
    ]
    if filters:
        reason = "No tool that acts is offered to the model, and links are taken out of answers."
        return yes(reason, *filters[:3])
    pages = [f for f in view.code if f.imports_any(*_PAGES)]
    if pages or scripts(view):
        reason = "No tool that acts is offered to the model; nothing takes links and images out of "
        reason += "an answer before a page shows it."
        return partial(reason, *(_import(view, f) for f in pages[:2]))
    return yes("No tool that acts is offered to the model, and no page shows its answers.")


def tried(view: RepoView) -> Reading:
    """Enough ways of planting an instruction, each tried, with rows that say what came of it."""
    found = planted.variants(view)
    if not found:
        return no(
            "No planted instructions were found: looked for rows, documents and tests on injection."
        )
    ways = len(planted.techniques(found))
    said = f"{count(len(found), 'wording')} of planted instructions by {count(ways, 'technique')}"
    if len(found) < VARIANTS or ways < TECHNIQUES:
        reason = f"{said}; {VARIANTS} wordings and {TECHNIQUES} techniques are asked for."
        return partial(reason, *_places(found))
    if sum(map(planted.instructs, found)) < len(found) / 2:
        reason = f"{said}; fewer than half of them can be recognised as an instruction."
        return partial(reason, *_places([v for v in found if not planted.instructs(v)]))
    return _outcome(view, found, said)


def _outcome(view: RepoView, found: Sequence[Variant], said: str) -> Reading:
    by_id = {v.id: v for v in found if v.id}
    every = [t for t in planted.trials(view) if not by_id or t.variant in by_id]
    made = [t for t in every if t.is_model]
    if not made:
        also = "only rows of the baseline say" if every else "no row says"
        verify = "Ask a model with each in a passage, and keep a row: id, answer, followed or not."
        reason = f"{said} are there; {also} what came of them."
        return unknown(reason, verify, *_places(found), waits_for="model")
    denied = [t for t in every if not t.followed and t.variant in by_id]
    odd = next((t for t in denied if planted.shows_obedience(t, by_id[t.variant])), None)
    if odd is not None:
        reason = (
            "A row says that its instruction was not followed, but its answer does what it says."
        )
        return no(reason, odd.evidence)
    return _rated(made, f"{said}; as tried and reported, {_rates(every)}.", _places(found))


def _rates(every: Sequence[Trial]) -> str:
    """How often each system followed: what was seen, whether the claim gains by it or not."""
    by_system: dict[str, list[bool]] = {}
    for trial in every:
        by_system.setdefault(clean(trial.system, 40), []).append(trial.followed)
    told = [f"{name} followed {sum(f)} of {len(f):,}" for name, f in by_system.items()]
    more = len(told) - MOST_SYSTEMS
    return ", ".join(told[:MOST_SYSTEMS]) + (f", and {count(more, 'other system')}" * (more > 0))


def _rated(made: Sequence[Trial], reason: str, places: Sequence[Evidence]) -> Reading:
    followed = [t for t in made if t.followed]
    shown = [t.evidence for t in (followed or made)[:2]]
    tried_out = len({t.variant for t in made})
    if tried_out < VARIANTS:
        lacks = f"{reason} Only {tried_out} of the wordings were tried; {VARIANTS} are asked for."
        return partial(lacks, *shown, *places[:1])
    unseen = [t for t in made if not t.seen]
    if unseen:
        lacks = f"{reason} {count(len(unseen), 'row')} keep no answer, so that cannot be looked up."
        return partial(lacks, unseen[0].evidence, *places[:1])
    return yes(reason, *shown, *places[:2])


def _prompts(view: RepoView, pattern: re.Pattern[str]) -> Iterator[Evidence]:
    """Where prompts match, one place a file: files of prompts first."""
    found = [w for w in wordings(view) if pattern.search(w.text) and not _judges(w)]
    once = {w.path: w for w in reversed(found)}
    ordered = sorted(once.values(), key=lambda w: w.kind != "prompt")
    yield from (spot(view, w, pattern) for w in ordered[:SHOWN])


def _judges(wording: Wording) -> bool:
    """Whether a prompt grades answers or makes up questions: no reader is answered by it."""
    return bool(_NO_ANSWER.search(wording.path) or _GRADES.search(wording.text))


def _acting(view: RepoView) -> Iterator[Evidence]:
    """Tools that act: functions that are named for it where tools are offered, and known ones."""
    offered = modeluse.tools_called(view)
    if offered.answer not in (Answer.YES, Answer.PARTIAL):
        return
    yield from identifiers(view, _POWERS, view.code)
    paths = {e.path for e in offered.evidence}
    for file in view.code:
        for made in file.functions:
            is_tool = any("tool" in d.lower() for d in made.decorators) or file.path in paths
            if is_tool and _ACTS.search(made.name.rpartition(".")[2]):
                yield place(view, file.path, made.line)


def _import(view: RepoView, file: PythonFile) -> Evidence:
    """Where a page's framework is imported."""
    line = next((i.line for i in file.imports if i.name.partition(".")[0] in _PAGES), 1)
    return place(view, file.path, line)


def _places(found: Sequence[Variant]) -> list[Evidence]:
    return [v.evidence for v in found[:3]]
