"""Risky actions: known as such, kept back in code until somebody approves, tried in both ways."""

import ast
import re
from collections.abc import Iterator

from scaffolder.review.agentwork import loop, runs, tasks, tested, toolset
from scaffolder.review.agentwork.toolset import Tool
from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.models.codewords import identifiers, in_files, place
from scaffolder.review.models.modelflow import dotted, syntax
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.view import RepoView

_TIER = re.compile(
    r"^(?:risk\w{0,8}|writes?|side_effects?|reversible|irreversible|destructive\w{0,6}|read_?only\w{0,6}"
    r"|outward|needs_approval|requires_(?:approval|confirmation)|tier|permission\w{0,6}|dangerous"
    r"|mutates|destructiveHint|readOnlyHint|sensitive)$",
    re.IGNORECASE,
)
_APPROVAL = re.compile(
    r"approv|confirm|human_in|interrupt|authori[sz]e_(?:action|call)|permission|consent|sign_?off",
    re.IGNORECASE,
)
_FRAMED = re.compile(
    r"^(?:needs_approval|interrupt_before|interrupt_on|require_confirmation|requires_approval"
    r"|requires_confirmation|human_input|can_use_tool)$|(?:^|\.)interrupt$|HumanApproval\w{0,20}$"
)
_SCRIPT = re.compile(r"needsApproval|requireApproval|requiresConfirmation|interrupt\(")
_ARGUMENTS = re.compile(
    r"arg(?:ument)?s?$|call$|params?$|inputs?$|canonical|digest|signature|payload", re.I
)
_REFUSED = re.compile(
    r"(?:without|no|needs?|waits? for|until|before|missing|denied|refus\w{0,4}).{0,30}"
    r"(?:approv|confirm|token)"
    r"|(?:approv|confirm)\w{0,8}.{0,40}(?:need|requir|wait|refus|denied|first|no effect|pending)",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"(?:chang|other|different|new|exact|altered|modified|edited).{0,40}(?:argument|amount|approv|call)"
    r"|approv.{0,60}(?:chang|other|different|exact|altered)",
    re.IGNORECASE,
)
_OUTCOME = re.compile(r"wait|pending|approv|denied|refus|confirm|reject", re.IGNORECASE)


def tiered(view: RepoView) -> Reading:
    """The tools say which of them write, cannot be undone, or are risky."""
    found = toolset.tools(view)
    if not found:
        return no("No tools were found, so none is known to be risky.")
    said = [t for t in found if any(_TIER.search(k) for k in t.keywords)]
    if said:
        return yes("Tools say what they change and what it risks.", *_spots(view, said, 3))
    listed = identifiers(view, _LISTED, view.code)
    if listed:
        return yes("A list says which tools are risky.", *listed[:2])
    return no("No tool says whether it writes or can be undone.", *_spots(view, list(found), 2))


_LISTED = re.compile(
    r"^(?:\w{0,20}_)?(?:risky|dangerous|sensitive|destructive|write|writing|irreversible|high_risk|approval)"
    r"_(?:tools|actions|calls|names)$|^(?:needs|requires)_(?:approval|confirmation)$",
    re.IGNORECASE,
)


def enforced(view: RepoView) -> Reading:
    """What runs the tools looks for an approval of exactly this call before a risky one."""
    gates = list(_gates(view))
    framed = [
        place(view, f.path, c.line)
        for f in view.code
        for c in f.calls
        if any(_FRAMED.search(k) for k in (*c.keywords, c.name))
    ]
    framed += in_files(view, _SCRIPT, scripts(view))
    exact = [e for e, bound in gates if bound]
    if exact or framed:
        where = "What runs the tools asks for an approval of this very call."
        return yes(where, *(exact or framed)[:3])
    if gates:
        reason = "An approval is asked for, and it is not bound to the arguments of the call."
        return partial(reason, *(e for e, _ in gates[:2]))
    where_ = [loop.spot(view, x) for x in loop.loops(view)[:1]]
    return no("Nothing in the code keeps a call back until somebody approves it.", *where_)


def approval_tested(view: RepoView) -> Reading:
    """Tests call a risky tool without an approval, and with other arguments than were approved."""
    refused, changed = tested.on(view, _REFUSED), tested.on(view, _CHANGED)
    changed = [e for e in changed if _APPROVAL.search(_around(view, e))]
    if refused and changed:
        return yes(
            "Tests call without an approval, and with changed arguments.", refused[0], changed[0]
        )
    if refused or changed:
        lacks = "changes the arguments after the approval" if refused else "calls without one"
        return partial(f"A test looks at approvals; none {lacks}.", *(refused or changed)[:2])
    return no("No test calls a risky tool without an approval.")


def tried_in_tasks(view: RepoView) -> Reading:
    """Tasks or rows in which an approval is given, and some in which it is not."""
    found = [t for t in tasks.tasks(view) if t.approves is not None]
    if {t.approves for t in found} == {True, False}:
        given = next(t for t in found if t.approves)
        denied = next(t for t in found if not t.approves)
        places = tasks.spots(view, [given, denied])
        return yes("Tasks with and without an approval are there.", *places)
    held = [r for r in runs.runs(view) if any(_OUTCOME.search(a.outcome) for a in r.actions)]
    if held:
        return yes("Rows show actions that waited or were refused.", *runs.spots(view, held, 2))
    if found:
        reason = "Every task is approved, so none shows what happens without."
        return partial(reason, *tasks.spots(view, found, 2))
    return no("No task and no row of a run shows an approval that was asked for or refused.")


def _spots(view: RepoView, some: list[Tool], most: int) -> list[Evidence]:
    return [toolset.spot(view, t) for t in some[:most]]


def _gates(view: RepoView) -> Iterator[tuple[Evidence, bool]]:
    """Functions near the tools that branch on an approval; whether arguments go into it."""
    paths = {f.path for f in loop.modules(view)} | {t.path for t in toolset.tools(view)}
    for file in view.code:
        near = file.path in paths or _NEAR.search(file.path)
        if not near or not any(_APPROVAL.search(n[:60]) for n in file.names):
            continue
        tree = syntax(view, file.path)
        bound = tree is not None and _bound(tree)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.If | ast.IfExp) and _says(node.test, _APPROVAL):
                yield place(view, file.path, node.lineno), bound


_NEAR = re.compile(
    r"(?:^|/|_)(?:execut\w{0,4}|approv\w{0,4}|tools?|guard\w{0,4}|policy|dispatch)", re.I
)


def _says(node: ast.AST, pattern: re.Pattern[str]) -> bool:
    inner = (n for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute | ast.Call))
    return any(pattern.search(dotted(n)[-80:]) for n in inner)


def _bound(tree: ast.AST) -> bool:
    """Whether a call on an approval, or a comparison with one, is given the arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _APPROVAL.search(dotted(node.func)[-80:]):
            given = [*node.args, *(k.value for k in node.keywords)]
            if any(_says(g, _ARGUMENTS) for g in given):
                return True
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
            if any(_says(p, _APPROVAL) for p in parts) and any(_says(p, _ARGUMENTS) for p in parts):
                return True
    return False


def _around(view: RepoView, found: Evidence) -> str:
    start = (found.line or 1) - 1
    return "\n".join(view.lines(found.path)[start : start + 40])
