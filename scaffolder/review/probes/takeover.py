"""Text that tools return: named as a threat, marked as data, cut off from what leaves the house."""

import re

from scaffolder.review.agentwork import toolset
from scaffolder.review.answering import planted
from scaffolder.review.areas import below, manifest_paths
from scaffolder.review.model import Answer, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import identifiers, in_files
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.probes import injection
from scaffolder.review.results import resultrows
from scaffolder.review.view import RepoView

PLANTED = 10
"""Planted instructions that say which tool returns them (rubric, AGT-11)."""

_PRIVATE = re.compile(
    r"private|personal|confidential|customer (?:data|record)|sensitive|secret|internal data", re.I
)
_UNTRUSTED = re.compile(
    r"untrusted|stranger|third[- ]part|written by (?:others|customers|anyone|outsiders)|attacker"
    r"|(?:customer|user|incoming) (?:text|messages?|mail)|web ?pages?",
    re.IGNORECASE,
)
_OUTWARD = re.compile(
    r"outward|outside|exfiltrat|leav(?:e|es|ing)\b|channel|send(?:s|ing)? (?:mail|e-?mail|data)"
    r"|way out|outbound|external (?:call|request|channel)",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\bcut\b|\bremoved\b|\bblocked\b|\bapproval\b|\bno (?:tool|way|channel)\b"
    r"|\bnot? (?:able|possible)"
    r"|\bcannot\b|\btaken away\b|\ballow[- ]?list|\brefused\b|\bonly (?:after|with)\b",
    re.IGNORECASE,
)
_TAINT = re.compile(
    r"taint|untrusted|quarantin|trust_?level|provenance|from_stranger|contaminat|(?:^|_)tainted(?:$|_)",
    re.IGNORECASE,
)
_SCRIPT_TAINT = re.compile(r"\btainted\b|\buntrusted\w{0,20}\b\s?[=:(]", re.IGNORECASE)
_OUT_TOOL = re.compile(
    r"(?:^|_)(?:send|e?mail|post|publish|upload|http|fetch|browse|request|webhook|share|notify|sms|slack)"
    r"(?:$|_)",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"threat|secur|risk|trifecta|injection|readme|decision|\badr", re.IGNORECASE)
_STRANGERS = {"untrusted", "tainted", "from_strangers", "external"}
_WHERE = ("tool", "tool_name", "via", "returned_by", "source", "channel", "where", "in")


def threats_named(view: RepoView) -> Reading:
    """A note names private data, untrusted text and the way out, and which of them is cut."""
    corpus = manifest_paths(view).get("corpus", "")
    pages = [p for p in view.find("*.md", "*.rst")[:200] if not below(p, corpus)]
    named = [p for p in pages if _DOCUMENT.search(p)]
    parts = {"private data": _PRIVATE, "untrusted text": _UNTRUSTED, "the way out": _OUTWARD}
    best: tuple[int, list[str], str] = (0, [], "")
    for path in named:
        text = "\n".join(view.lines(path)[:3000])
        found = [name for name, pattern in parts.items() if pattern.search(text)]
        best = max(best, (len(found), found, path))
    many, found, path = best
    if many < 2:
        return no("No note names private data, untrusted text and the way out of the agent.")
    lines = view.lines(path)
    first = next((n for n, t in enumerate(lines, 1) if _UNTRUSTED.search(t)), 1)
    cut = next((n for n, t in enumerate(lines, 1) if _CUT.search(t)), None)
    if many < len(parts) or cut is None:
        lacks = [n for n in parts if n not in found] or ["which of them is cut"]
        reason = f"A note on threats does not say {' or '.join(lacks)}."
        return partial(reason, view.quote(path, first))
    reason = "A note names private data, untrusted text and the way out, and what is cut."
    return yes(reason, view.quote(path, first), view.quote(path, cut))


def cut_in_code(view: RepoView) -> Reading:
    """After untrusted text a tool that leads outside is kept back, or there is none."""
    tracked = identifiers(view, _TAINT, view.code)
    tracked += in_files(view, _SCRIPT_TAINT, scripts(view))
    found = toolset.tools(view)
    outward = [t for t in found if _OUT_TOOL.search(t.name) or "outward" in t.keywords]
    if tracked:
        return yes(
            "What comes from strangers is marked, and tools are kept back by it.", *tracked[:3]
        )
    if not found:
        return no("No tools were found, so nothing is said of what their text could set off.")
    places = [toolset.spot(view, t) for t in (outward or found)[:3]]
    if outward:
        reason = "Tools lead outside, and nothing keeps them back after untrusted text was read."
        return no(reason, *places)
    return yes("No tool of the agent leads outside.", *places)


def results_are_data(view: RepoView) -> Reading:
    """Text of a tool stands between marks, or the model is told that it is data."""
    read = injection.delimited(view)
    if read.answer in (Answer.YES, Answer.PARTIAL):
        return yes("What tools return is marked, or told to be data.", *read.evidence)
    return no("Nothing tells the model that what tools return is data.", *read.evidence)


def planted_in_results(view: RepoView) -> Reading:
    """At least ten planted instructions, by more than one tool or by all that bring any."""
    found = planted.variants(view)
    if not found:
        return no("No planted instructions were found.")
    rows = {(r.path, r.line): r for p in _paths(found) for r in resultrows.rows(view, p)}
    held = [
        (v, next((row.text(k) for k in _WHERE if row.text(k)), ""))
        for v in found
        if (row := rows.get((v.evidence.path, v.evidence.line or 0))) is not None
    ]
    placed = [(v, tool) for v, tool in held if tool]
    places = [v.evidence for v, _ in placed[:2]] or [found[0].evidence]
    told = (
        f"{count(len(placed), 'planted instruction')} of {len(found):,} say which tool returns it"
    )
    if len(placed) < PLANTED:
        return partial(f"{told}; {PLANTED} are asked for.", *places)
    tools = {tool for _, tool in placed}
    flagged = {t.name for t in toolset.tools(view) if _STRANGERS & t.keywords}
    if len(tools) < 2 and not (flagged and flagged <= tools):
        return partial(f"{told}, and all come by one tool.", *places)
    return yes(f"{told}, by {count(len(tools), 'tool')}.", *places)


def _paths(found: tuple[planted.Variant, ...]) -> list[str]:
    return list(dict.fromkeys(v.evidence.path for v in found))
