"""How the model is used: tools, streams, answers of a known shape."""

import re
from collections.abc import Iterable, Iterator

from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.codewords import (
    SHOWN,
    first_line,
    identifiers,
    in_files,
    keyword_place,
    place,
)
from scaffolder.review.models.modelcalls import calls, clients
from scaffolder.review.models.modelreach import reaching
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.models.streams import shown, streams
from scaffolder.review.python.pysource import Call, PythonFile
from scaffolder.review.view import RepoView

_OFFER = re.compile(
    r"\.bind_tools$|(?:^|\.)(?:create_react_agent|create_agent|create_tool_calling_agent"
    r"|create_openai_tools_agent|initialize_agent|AgentExecutor(?:\.\w{2,30})?|ZeroShotAgent|ToolNode|ReActAgent|FunctionAgent"
    r"|CodeAgent|ToolCallingAgent|dspy\.ReAct|create_deep_agent|load_mcp_tools|MultiServerMCPClient"
    r"|register_function)$"
)
_SERVED = re.compile(r"(?:^|\.)(?:FastMCP|ClientSession)$")
_TOOL_WORDS = {"tools", "functions", "function_declarations", "toolConfig", "tool_config"}
_HANDLED = re.compile(r"^(?:tool_calls?|function_calls?|tool_use|toolUse|tool_results?|tool_map)$")
_HANDLED_TEXT = {"tool_calls", "tool_use", "function_call", "toolUse", "tool_result"}
_DEFINED = re.compile(r"(?:^|\.)(?:tool|function_tool|ai_function|beta_tool)$")
_SCRIPT_TOOLS = re.compile(r"\btools\s?[:=]|bindTools\(|tool_choice")
_SCRIPT_HANDLED = re.compile(
    r"tool_calls|toolCalls|function_call|tool_use|toolResults|execute\s?:|ToolNode"
)


def tools_called(view: RepoView) -> Reading:
    """Tools are offered to the model and its calls are answered; defined and unused is partial."""
    if not calls(view):
        return without_call(view)
    offered = [*_offered(view), *in_files(view, _SCRIPT_TOOLS, _asking_scripts(view))]
    handled = [*_answered(view), *in_files(view, _SCRIPT_HANDLED, _asking_scripts(view))]
    if offered and handled:
        return yes(
            "Tools are offered to the model, and its calls are answered.",
            *_few(offered[:3], handled[:2]),
        )
    if offered and _served(view):
        reason = "Tools that the provider runs itself are offered to the model."
        return yes(reason, *_few(offered[:3], _served(view)))
    if offered:
        return partial(
            "Tools are offered, and nothing was found that answers a call.", *offered[:SHOWN]
        )
    defined = list(_definitions(view))
    if defined:
        return partial("Tools are defined, and no model is offered them.", *defined[:SHOWN])
    return no(
        "No tool is offered to a model: no tools=, bind_tools, agent or MCP client.", *_first(view)
    )


def streamed(view: RepoView) -> Reading:
    """The answer is shown as it arrives; a stream that nothing uses is partial."""
    if not calls(view):
        return without_call(view)
    used: list[Evidence] = []
    unused: list[Evidence] = []
    for call in calls(view):
        if streams(call, view):
            words = {"stream", "streaming"} & set(call.keywords)
            there = keyword_place(view, call.path, call.line, words)
            (used if shown(call, view) else unused).append(there)
    used += [
        place(view, f.path, c.line)
        for f in view.code
        for c in f.calls
        if c.name.endswith(("TextIteratorStreamer", "TextStreamer"))
    ]
    used += in_files(view, _SCRIPT_STREAM, _asking_scripts(view))
    if used:
        return yes("The model's answer is streamed.", *used[:SHOWN])
    if unused:
        reason = "A stream is opened, and its pieces are collected or its function is never called."
        return partial(reason, *unused[:SHOWN])
    return no(
        "No model call streams: no stream=True, .stream or .astream was found.", *_first(view)
    )


def output_structured(view: RepoView) -> Reading:
    """A schema is given with the call and what comes back is checked; JSON in words is partial."""
    if not calls(view):
        return without_call(view)
    near = _near(view)
    strong = [*_schemas(view), *in_files(view, _SCRIPT_SCHEMA, _asking_scripts(view))]
    if strong:
        return yes("The answer's shape is a schema that is checked.", *strong[:SHOWN])
    given = [*identifiers(view, _SCHEMA_NAME, near), *_texts(view, near, _SCHEMA_TEXT)]
    checked = identifiers(view, _CHECKS, near)
    if given and (checked or _read_back(near)):
        return yes(
            "A schema goes with the call, and the answer is read by it.", *_few(given, checked)
        )
    words = [*_texts(view, [f for f in view.code if _read_back([f])], _JSON_WORDS), *given]
    if words:
        reason = "JSON is asked for in words or as a mode; no schema is enforced on the answer."
        return partial(reason, *words[:SHOWN])
    tools = [place(view, c.path, c.line) for c in calls(view) if _TOOL_WORDS & set(c.keywords)]
    if tools:
        reason = "Only the arguments of tools have a schema; answers have none."
        return partial(reason, *tools[:SHOWN])
    return no("No schema, no JSON mode and no parser was found at the model calls.", *_first(view))


def _few(*lists: list[Evidence]) -> list[Evidence]:
    return list(dict.fromkeys(e for found in lists for e in found))[:SHOWN]


def _first(view: RepoView) -> list[Evidence]:
    return [place(view, c.path, c.line) for c in calls(view)[:1]]


def _asking_scripts(view: RepoView) -> list[str]:
    """Scripts are read only where one of them calls a model."""
    asks = any(c.way == "script" for c in calls(view))
    return list(scripts(view)) if asks else []


def _near(view: RepoView) -> list[PythonFile]:
    """The files that call a model or lead to one, and those whose functions these call."""
    inside = reaching(view)
    used = {c.name.rpartition(".")[2] for f in view.code if f.path in inside for c in f.calls}
    return [
        f
        for f in view.code
        if f.path in inside or any(fn.name.rpartition(".")[2] in used for fn in f.functions)
    ]


def _offered(view: RepoView) -> Iterator[Evidence]:
    for call in (*calls(view), *clients(view)):
        if _TOOL_WORDS & set(call.keywords):
            yield keyword_place(view, call.path, call.line, sorted(_TOOL_WORDS))
    for file in view.code:
        for made in file.calls:
            if _OFFER.search(made.name) or _typed_tool(made, file):
                yield place(view, file.path, made.line)
        if file.path in reaching(view) and _keyed(file):
            yield from filter(None, [first_line(view, file.path, _TOOLS_KEY)])


_BUILT_IN = re.compile(
    r"^(?:web_search|web_fetch|file_search|code_interpreter|code_execution|google_search)"
    r"(?:_preview|_\d{8})?$"
)


def _served(view: RepoView) -> list[Evidence]:
    """Tools of the provider, which answers their calls itself."""
    near = [f for f in view.code if f.path in reaching(view) or f.imports_any("langchain_core")]
    named = [
        place(view, f.path, t.line) for f in near for t in f.texts if _BUILT_IN.search(t.value)
    ]
    return named[:2]


_TOOLS_KEY = re.compile(r"[\"'](?:tools|functions|toolConfig)[\"']")


def _keyed(file: PythonFile) -> bool:
    """The parameters of the call are a dictionary with a key for tools."""
    said = {t.value for t in file.texts if len(t.value) < 40}
    return bool(said & {"tools", "functions", "toolConfig"}) and "messages" in (said | file.names)


_WITH_TOOLS = ("agents.Agent", "pydantic_ai", "smolagents", "crewai", "autogen")


def _typed_tool(call: Call, file: PythonFile) -> bool:
    if call.name.endswith(("types.Tool", "FunctionDeclaration")):
        return True
    if call.name.endswith("GenerateContentConfig") and "tools" in call.keywords:
        return True
    return "tools" in call.keywords and file.imports_any(*_WITH_TOOLS)


def _answered(view: RepoView) -> Iterator[Evidence]:
    yield from identifiers(view, _HANDLED, view.code)
    for file in view.code:
        for text in file.texts:
            if text.value in _HANDLED_TEXT:
                yield place(view, file.path, text.line)
                break
        for made in file.calls:
            if _OFFER.search(made.name) and not made.name.endswith("bind_tools"):
                yield place(view, file.path, made.line)


def _definitions(view: RepoView) -> Iterator[Evidence]:
    for file in view.code:
        for function in file.functions:
            if any(_DEFINED.search(d) for d in function.decorators):
                yield place(view, file.path, function.line)
        for made in file.calls:
            if _SERVED.search(made.name) and file.imports_any("mcp", "fastmcp"):
                yield place(view, file.path, made.line)


_SCRIPT_STREAM = re.compile(
    r"\bstream\s?:\s?true|streaming\s?:\s?true|streamText\(|streamObject\(|\.messages\.stream\("
    r"|generateContentStream\(|\.stream\("
)


_PARSED = re.compile(
    r"(?:completions|responses|messages)\.parse$|\.with_structured_output$"
    r"|(?:^|\.)instructor\.\w{2,30}$|(?:^|\.)(?:PydanticOutputParser|outlines\.\w{2,30}"
    r"|TypedChainOfThought|StructuredOutputParser|LLMTextCompletionProgram|as_structured_llm"
    r"|PydanticToolsParser|GuidelinesParser)$|(?:^|\.)guardrails\.Guard"
)
_SHAPED = {
    "output_type",
    "result_type",
    "response_model",
    "text_format",
    "output_cls",
    "pydantic_object",
}
_SCHEMA_NAME = re.compile(
    r"^(?:response_schema|response_json_schema|output_config|json_schema|output_schema)$"
)
_SCHEMA_TEXT = re.compile(r"^(?:json_schema|response_schema|response_json_schema|output_config)$")
_CHECKS = re.compile(
    r"^(?:parsed|model_validate(?:_json)?|parse_raw|TypeAdapter|jsonschema|Draft\w{3,20}Validator"
    r"|validate_(?:json|python)|fastjsonschema|output_parsed)$|^_?validate_\w{2,40}$"
)
_JSON_WORDS = re.compile(
    r"^json_object$|\b(?:return|respond|reply|output|answer|produce|generate|provide|only"
    r"|following|strict|(?<!not )(?<!not a )valid)\b(?![^.]{0,60}\bnot\b)[^.]{0,60}\bJSON\b"
    r"|(?:返回|输出|回复|верни|отвеча|валидн|devuelve|responde|retorne|apenas|antworte|renvoie)"
    r"[^.]{0,60}JSON",
    re.IGNORECASE,
)
_SCRIPT_SCHEMA = re.compile(
    r"zodResponseFormat|generateObject\(|streamObject\(|withStructuredOutput|StructuredOutputParser"
    r"|responseSchema|json_schema|model_validate_json|text_format="
)


def _schemas(view: RepoView) -> Iterator[Evidence]:
    """Calls that cannot go without a schema: the SDK or the framework checks by it."""
    called = {(c.path, c.line) for c in (*calls(view), *clients(view))}
    for file in view.code:
        framework = file.imports_any("dspy", "pydantic_ai", "agents.Agent", "crewai")
        for call in file.calls:
            route = call.name.endswith((".get", ".post", ".put", ".patch", ".delete"))
            shaped = not _SHAPED.isdisjoint(call.keywords) and not route
            ours = shaped and ((file.path, call.line) in called or framework)
            if _PARSED.search(call.name) or ours or _class_format(call):
                yield place(view, file.path, call.line)
        for made in file.classes:
            if "dspy.Signature" in made.bases:
                yield place(view, file.path, made.line)


def _class_format(call: Call) -> bool:
    """litellm and others take a class as response_format; a literal dictionary is no class."""
    return call.name.startswith("litellm.") and "response_model" in call.keywords


def _texts(view: RepoView, files: Iterable[PythonFile], pattern: re.Pattern[str]) -> list[Evidence]:
    """The first string constant of each file that matches; docstrings do not ask a model."""
    found = []
    for file in files:
        told = {d[:40] for d in (file.docstring, *(f.docstring for f in file.functions))}
        for text in file.texts:
            if pattern.search(text.value) and text.value.strip()[:40] not in told:
                found.append(place(view, file.path, text.line))
                break
    return found


def _read_back(files: Iterable[PythonFile]) -> bool:
    return any(
        c.name in {"json.loads", "json_repair.loads", "orjson.loads"}
        for f in files
        for c in f.calls
    )
