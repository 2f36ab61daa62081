"""How much the tools can do: narrow verbs, authorised in code, with tests of what is refused."""

import ast
import re
from collections.abc import Iterator

from scaffolder.review.agentwork import tested, toolset
from scaffolder.review.agentwork.toolset import Tool
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import identifiers
from scaffolder.review.models.modelflow import dotted
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

_GENERIC = re.compile(
    r"^(?:run_|exec(?:ute)?_)?(?:shell|bash|terminal|command|cmd|python|code|sql|query_db|javascript)"
    r"(?:_(?:command|code|tool|query|exec\w{0,6}|repl|run))?$"
    r"|^(?:run|exec(?:ute)?|eval)_(?:\w{1,12}_)?(?:shell|bash|command|cmd|python|code|sql|query|script)$"
    r"|^(?:http_(?:get|post|request)|fetch_url|browse|curl|requests?_\w{3,4}|open_url)$"
    r"|(?:PythonREPL|PythonAstREPL|Shell|Bash|Terminal|Requests(?:Get|Post)|SQLDatabase)\w{0,12}$",
    re.IGNORECASE,
)
_POWERS = re.compile(
    r"^(?:PythonREPL\w{0,8}|PythonAstREPLTool|ShellTool|BashProcess|TerminalToolkit|Requests\w{0,8}Tool\w{0,4}"
    r"|SQLDatabaseToolkit|QuerySQLD\w{4,20}|create_sql_agent|create_python_agent|LocalShellTool)$"
)
_DANGER = re.compile(
    r"(?:^|\.)(?:subprocess\.\w{3,14}|os\.(?:system|popen)|eval|exec|check_output|Popen)$"
)
_FETCH = re.compile(
    r"(?:^|\.)(?:requests|httpx|urllib\.request|aiohttp)\.(?:get|post|request|urlopen|put)$"
)
_ALLOWED = re.compile(
    r"allow(?:ed|_?list|list)?(?:$|_)|whitelist|sandbox|permitted|safe_(?:commands?|builtins|root)|read_?only"
    r"|is_relative_to|resolve_within|docker|bwrap|mode=ro|firejail|E2B|nsjail",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"customer_?id|user_?id|owner(?:_?id)?|tenant(?:_?id)?|account_?id|actor|principal|current_user"
    r"|org_?id|is_relative_to|allow(?:ed|_?list)|permitted|scope[sd]?$|role",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"(?:other|another|someone|foreign|stranger)\w{0,5} (?:\w{1,12} ){0,3}"
    r"(?:users?|customers?|accounts?|tenants?|orders?)"
    r"|(?:belongs? to|of|from) (?:others?|another|someone)|travers|wildcard"
    r"|escapes? (?:the|its|from)"
    r"|outside (?:of )?(?:the |its |his )?(?:root|folder|workspace|list|director|sandbox|allow)"
    r"|not (?:his|her|their|your|my|its) own|only (?:his|her|their|its|your) own|own orders?"
    r"|unauthori|not allowed|allow ?list|sql injection|drop table|sandbox|least power|not authori",
    re.IGNORECASE,
)
_FEW = 2


def narrow(view: RepoView) -> Reading:
    """No tool runs a command, a query or a request of the model's own making, unless fenced in."""
    found = toolset.tools(view)
    if not found:
        return no("No tools were found, so nothing is known of their power.")
    powers = identifiers(view, _POWERS, view.code)
    open_ = [t for t in found if _is_open(view, t)]
    fenced = [t for t in open_ if _fenced(view, t)]
    bare = [t for t in open_ if t not in fenced]
    if powers and not identifiers(view, _ALLOWED, view.code):
        return no("A tool of a framework runs whatever the model writes.", *powers[:2])
    if bare:
        reason = f"The tool {clean(bare[0].name, 40)} runs what the model writes."
        return no(reason, *(toolset.spot(view, t) for t in bare[:3]))
    told = f"{count(len(found), 'tool')}, each for one thing"
    if fenced or powers:
        told = f"{count(len(found), 'tool')}; those that run more stand behind a list or a sandbox"
    shown = (*powers[:1], *(toolset.spot(view, t) for t in (fenced or found)[:3]))
    return yes(f"{told}.", *shown)


def authorised(view: RepoView) -> Reading:
    """The code, and not the model, decides whose data a tool may touch."""
    found = toolset.tools(view)
    if not found:
        return no("No tools were found, so nothing says whose data they may touch.")
    checks = [e for t in found for e in _checks(view, t)]
    checks += list(_checks_near(view, found))
    if checks:
        return yes("Code compares whose data it is before a tool touches it.", *_once(checks)[:3])
    reason = (
        "Nothing in the tools compares an owner, a role, a path or a host with what is allowed."
    )
    return no(reason, *(toolset.spot(view, t) for t in found[:2]))


def refusal_tested(view: RepoView) -> Reading:
    """Tests ask for another user's data, or reach outside, and look for the refusal."""
    found = tested.on(view, _REFUSED)
    if found:
        return yes("Tests ask for what is not allowed.", *found[:_FEW])
    return no("No test asks a tool for another user's data, or for something out of its reach.")


def schemas(view: RepoView) -> Reading:
    """Tools have typed arguments or a schema; a description in prose alone is partial."""
    found = toolset.tools(view)
    if not found:
        return no("No tools were found: decorators, schemas, registries and lists were looked for.")
    typed = [t for t in found if t.typed]
    told = f"{len(typed):,} of {count(len(found), 'tool')} have typed arguments or a schema."
    if 2 * len(typed) >= len(found):
        return yes(told, *(toolset.spot(view, t) for t in typed[:3]))
    return partial(told, *(toolset.spot(view, t) for t in found[:3]))


def _once(found: list[Evidence]) -> list[Evidence]:
    return list(dict.fromkeys(found))


def _is_open(view: RepoView, tool: Tool) -> bool:
    """By its name, or because its function runs or fetches what it is given."""
    if _GENERIC.search(tool.name[-64:]):
        return True
    body = toolset.body(view, tool)
    for node in ast.walk(body) if body else ():
        if isinstance(node, ast.Call) and _DANGER.search(dotted(node.func)):
            return True
        if isinstance(node, ast.Call) and _fetches(node, _given(body)):
            return True
    return False


def _fetches(call: ast.Call, given: set[str]) -> bool:
    """Whether it asks an address that the model gave."""
    return bool(_FETCH.search(dotted(call.func)) and {dotted(a) for a in call.args[:1]} & given)


def _given(body: ast.AST | None) -> set[str]:
    if not isinstance(body, ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    return {a.arg for a in (*body.args.args, *body.args.kwonlyargs)}


def _fenced(view: RepoView, tool: Tool) -> bool:
    return bool(_ALLOWED.search(toolset.source(view, tool)[:20_000]))


def _checks(view: RepoView, tool: Tool) -> Iterator[Evidence]:
    """Comparisons with an owner in a tool's function, or a query that filters by one."""
    body = toolset.body(view, tool)
    if body is None or tool.code is None:
        return
    yield from (view.quote(tool.code[0], line) for line in _compared(body))


def _checks_near(view: RepoView, found: tuple[Tool, ...]) -> Iterator[Evidence]:
    """Functions of the tools' modules, which several tools may call to look up what is theirs."""
    paths = {t.code[0] for t in found if t.code} | {t.path for t in found}
    for file in view.code:
        if file.path not in paths:
            continue
        for text in file.texts:
            if _QUERY.search(text.value[:2000]):
                yield view.quote(file.path, text.line)
        from_module = toolset.module_functions(view, file.path)
        yield from (view.quote(file.path, n) for d in from_module for n in _compared(d))


_QUERY = re.compile(
    r"\bwhere\b[^;]{0,200}\b(?:customer|user|owner|tenant|account|org)_?id\b\"?\s{0,3}=", re.I
)


def _compared(body: ast.AST) -> Iterator[int]:
    for node in ast.walk(body):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and _OWNER.search(dotted(node.func).rpartition(".")[2]):
            parts = [node.func]
        else:
            continue
        named = (dotted(n) for p in parts for n in ast.walk(p) if isinstance(n, _NAMED))
        texts = (str(n.value) for p in parts for n in ast.walk(p) if isinstance(n, ast.Constant))
        if any(_OWNER.search(s[-60:]) for s in (*named, *texts)):
            yield node.lineno


_NAMED = (ast.Name, ast.Attribute)
