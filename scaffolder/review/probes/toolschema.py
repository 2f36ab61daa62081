"""Tools as the model reads them: what they are for, what they take, what a bad call meets."""

import ast
import re

from scaffolder.review.agentwork import runs, tested, toolset
from scaffolder.review.agentwork.toolset import Tool
from scaffolder.review.model import Reading, count, no, partial, yes
from scaffolder.review.models.codewords import identifiers, in_files
from scaffolder.review.models.modelflow import syntax
from scaffolder.review.view import RepoView

WORDS = 25
"""Words of a description at least (rubric, API-05)."""

MOST_TOOLS = 20
MOST_ERRORS = 0.2
"""Part of the calls in the rows that may have been refused for their arguments."""

_WHEN_NOT = re.compile(
    r"\b(?:do(?:es)? not|don't|never|not (?:for|to|when|if|needed)|only (?:when|for|if|after)"
    r"|instead|unless)\b",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"additionalProperties[\"']?\s?[:=]\s?(?:False|false)|[\"']?strict[\"']?\s?[:=]\s?(?:True|true)"
    r"|extra\s?=\s?[\"']forbid[\"']|extra[\"']?\s?:\s?[\"']forbid[\"']"
)
_CHECKS = re.compile(
    r"^(?:jsonschema|Draft\w{3,20}Validator|fastjsonschema|model_validate(?:_json)?|TypeAdapter"
    r"|validate_(?:arguments|args|call|input|python|json)|check_(?:arguments|args|call|input)"
    r"|(?:arguments?|args|schema)_(?:fault|error|problem|valid)\w{0,4}|ValidationError"
    r"|parse_arguments)$"
)
_BY_HAND = re.compile(r"\[[\"']required[\"']\]|get\([\"']required[\"']")
_TESTED = re.compile(
    r"unknown (?:tool|argument|key)|wrong type|(?:extra|missing|unknown|bad|wrong|malformed"
    r"|invalid|broken)"
    r" (?:\w{1,12} )?(?:arguments?|args|keys?|calls?|values?)|arguments? (?:that|which|are|is"
    r"|of) (?:\w{1,9} )?"
    r"(?:wrong|missing|no|not|malformed|checked|refused|another)|not in (?:the|its) schema"
    r"|no such tool",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"err|invalid|unknown|refus|malformed", re.IGNORECASE)


def described(view: RepoView) -> Reading:
    """Each description has 25 words or more and says when not to call; fewer than 20 tools."""
    found = toolset.tools(view)
    if not found:
        return no("No tools were found, so nothing describes them.")
    if len(found) >= MOST_TOOLS:
        where = (toolset.spot(view, t) for t in found[:2])
        return partial(
            f"{len(found):,} tools are offered; fewer than {MOST_TOOLS} can be told apart.", *where
        )
    said = {t.name: _description(view, t) for t in found}
    good = [t for t in found if _is_told(said[t.name])]
    told = f"{len(good):,} of {count(len(found), 'tool')} say in {WORDS} words when not to call"
    shown = [toolset.spot(view, t) for t in ([t for t in found if t not in good] or found)[:3]]
    if len(good) == len(found):
        return yes(f"{told}.", *shown)
    return (partial if 2 * len(good) >= len(found) else no)(f"{told}.", *shown)


def closed(view: RepoView) -> Reading:
    """The schemas allow nothing but what they name, or the provider is asked to be strict."""
    found = toolset.tools(view)
    if not found:
        return no("No tools were found, so no schema is closed.")
    paths = sorted({t.path for t in found} | {t.code[0] for t in found if t.code})
    shut = in_files(view, _CLOSED, paths)
    if shut:
        return yes("The schemas of the tools are closed.", *shut[:2])
    elsewhere = in_files(view, _CLOSED, [f.path for f in view.code])
    if elsewhere:
        return partial("A schema is closed, and it is not that of a tool.", *elsewhere[:2])
    where = (toolset.spot(view, t) for t in found[:2])
    return no("The schemas take arguments that they do not name.", *where)


def arguments_checked(view: RepoView) -> Reading:
    """Code holds arguments against their schema before a tool runs, and tests make bad calls."""
    checks = identifiers(view, _CHECKS, view.code)
    checks += in_files(view, _BY_HAND, [f.path for f in view.code])
    bad = tested.on(view, _TESTED)
    if checks and bad:
        return yes(
            "Arguments are checked before a tool runs, and tests make bad calls.",
            checks[0],
            *bad[:2],
        )
    if checks:
        return partial("Arguments are checked, and no test makes a bad call.", *checks[:2])
    where = (toolset.spot(view, t) for t in toolset.tools(view)[:2])
    return no("Nothing holds the arguments of a call against their schema before it runs.", *where)


def calls_valid(view: RepoView) -> Reading:
    """In the rows few calls were refused for what they asked."""
    done = [(r, a) for r in runs.runs(view) for a in r.actions]
    if not done:
        return no("No rows list the calls of a run, so nobody knows how many were refused.")
    refused = [(r, a) for r, a in done if not a.done and _REFUSED.search(a.outcome)]
    told = f"{len(refused):,} of {count(len(done), 'call')} in the rows were refused"
    where = runs.spots(view, [r for r, _ in (refused or done)], 2)
    if len(refused) > MOST_ERRORS * len(done):
        return partial(f"{told}: the tools mislead whoever reads them.", *where)
    return yes(f"{told}.", *where)


def _is_told(text: str) -> bool:
    return len(text.split()) >= WORDS and _WHEN_NOT.search(text) is not None


def _description(view: RepoView, tool: Tool) -> str:
    """What the model reads of a tool: a keyword, a key, the second text of a call, a docstring."""
    for node in ast.walk(syntax(view, tool.path) or ast.Module([], [])):
        if getattr(node, "lineno", 0) == tool.line and (said := _said(node)):
            return said
    return tool.code[1].docstring if tool.code else ""


def _said(node: ast.AST) -> str:
    match node:
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            named = [
                v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "description"
            ]
        case ast.Call(args=args, keywords=keywords):
            named = [k.value for k in keywords if k.arg == "description"] or args[:2]
        case _:
            return ""
    texts = [n.value for n in named if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return max(texts, key=len, default="")
