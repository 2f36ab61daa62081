"""The model call itself: what happens when it fails, whose models it can use, where ids stand."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from scaffolder.review.model import Evidence, Reading, no, partial, unknown, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.codewords import SHOWN, in_files, keyword_place, place
from scaffolder.review.models.modelcalls import ModelCall, calls, clients
from scaffolder.review.models.modelflow import PROVIDER_ERROR, Catch, catches
from scaffolder.review.models.modelreach import leads_to_model, reaching
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.models.vendors import by_vendor, pointed, stubs
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

_LIMITS = {
    "timeout",
    "request_timeout",
    "default_request_timeout",
    "max_retries",
    "num_retries",
    "fallbacks",
    "retry",
    "retries",
    "retry_config",
}
_RETRIES = re.compile(
    r"^(?:tenacity|backoff|stamina|retrying|retry|aiolimiter)\b|retry|backoff", re.I
)
_AROUND = re.compile(r"\.with_(?:retry|fallbacks)$|(?:^|\.)(?:wait_for|Retrying|AsyncRetrying)$")
_SCRIPT_RETRY = re.compile(
    r"maxRetries|p-retry|pRetry|withRetry|withFallbacks|AbortSignal\.timeout|backOff|retry\("
    r"|\btimeout(?:Ms)?: ?(?!number|string|undefined|null|any\b)[\w(]"
)
_SCRIPT_BOUNDS = re.compile(r"(?<!function )\b\w{0,20}[wW]ithTimeout\(|\bPromise\.race\(")
_SCRIPT_RUNS = re.compile(
    r"\b\w{0,20}(?:[gG]raph|[aA]gent|[cC]hain|[lL]lm|[mM]odel|[wW]orkflow|[eE]xecutor)"
    r"\.(?:invoke|stream|streamEvents)\("
)
_SCRIPT_ASKS = re.compile(r"\.(?:invoke|call|stream)\(|generateText\(|streamText\(|completions\.")
_SCRIPT_CATCH = re.compile(r"\bcatch\s?\(|\.catch\(")


def failure_handled(view: RepoView) -> Reading:
    """Retry, time-out or fallback around the model call; a generic try/except is partial."""
    if not calls(view):
        return without_call(view)
    caught = catches(view)
    strong = [c for kind in ("retry", "fallback") for c in caught if c.kind == kind]
    shown = [*_places(view, strong), *_declared(view)]
    shown += in_files(view, _SCRIPT_RETRY, _script_paths(view))
    shown += in_files(view, _SCRIPT_BOUNDS, _script_runners(view))
    if shown and _only_judged(view, shown):
        reason = (
            "Only calls of the evaluation are tried again or bounded; the call that answers is not."
        )
        return partial(reason, *shown[:SHOWN])
    if shown:
        reason = "A retry, a time-out or a fallback stands around the model call."
        return yes(reason, *shown[:SHOWN])
    weak = _places(view, caught) or _script_catches(view)
    if weak:
        reason = (
            "The model call stands in a try/except, and nothing tries again, ends the wait or "
            "answers in another way."
        )
        return partial(reason, *weak[:SHOWN])
    reason = "Nothing handles a failing model call: no retry, time-out, fallback or except."
    return no(reason, *_called(view))


_JUDGES = re.compile(
    r"(?:^|[/_\-.])(?:evals?|evaluat\w{1,6}|judges?|ground_?truth|benchmarks?|graders?|metrics)"
    r"(?:$|[/_\-.])",
    re.IGNORECASE,
)


def _only_judged(view: RepoView, shown: list[Evidence]) -> bool:
    """Whether all the places serve an evaluation, while the project calls a model elsewhere."""
    served = (c for c in calls(view) if c.way != "local")
    elsewhere = any(not _JUDGES.search(c.path) for c in served)
    return elsewhere and all(_JUDGES.search(e.path) for e in shown)


def faults_mapped(view: RepoView) -> Reading:
    """Faults of the provider are told apart by type before they reach the user."""
    if not calls(view):
        return without_call(view)
    typed = list(_typed(view))
    kinds = {kind for kind, _ in typed}
    shown = list(dict.fromkeys(e for _, e in typed))[:SHOWN]
    if len(kinds) > 1:
        named = ", ".join(sorted(kinds)[:4])
        return yes(f"Faults of the provider are caught by type ({named}).", *shown)
    if kinds:
        reason = "One kind of provider fault is caught by type; the others are not told apart."
        return partial(reason, *shown)
    weak = _places(view, catches(view)) or _script_catches(view)
    if weak:
        return partial("Faults are caught, whatever they are, under one type.", *weak[:SHOWN])
    reason = "No except around the model call: a fault of the provider ends in a traceback."
    return no(reason, *_called(view))


def providers(view: RepoView) -> Reading:
    """Two or more vendors' models usable from the code; one and a stub of another is partial."""
    if not calls(view):
        return without_call(view)
    places = by_vendor(view)
    if len(places) > 1:
        named = ", ".join(sorted(places)[:6])
        return yes(
            f"Models of several providers can be called: {named}.", *list(places.values())[:SHOWN]
        )
    routed = [c for c in (*calls(view), *clients(view)) if _routed(c)]
    if routed:
        reason = "The calls go through a router, and the configuration names the provider."
        return yes(reason, place(view, routed[0].path, routed[0].line))
    one = next(iter(places), "one provider")
    set_outside = [c for c in clients(view) if pointed(c)]
    if set_outside:
        reason = f"The client speaks to {one}; its address can be set, and no second one is given."
        return partial(reason, *[place(view, c.path, c.line) for c in set_outside[:SHOWN]])
    others = stubs(view, set(places))
    if others:
        return partial(f"Only {one} is called; another is imported and not used.", *others[:SHOWN])
    return no(f"Only {one} is called.", *_called(view))


def _routed(call: ModelCall) -> bool:
    """A router is asked, and the model that it is given is no constant."""
    if call.name.endswith("init_chat_model"):
        return "model" in call.keywords and "model" not in call.literals
    return call.vendor == "litellm" and "model" in call.keywords and "model" not in call.literals


def _places(view: RepoView, found: list[Catch] | tuple[Catch, ...]) -> list[Evidence]:
    return [place(view, c.path, c.line) for c in found]


def _called(view: RepoView) -> list[Evidence]:
    return [place(view, c.path, c.line) for c in calls(view)[:2]]


def _declared(view: RepoView) -> Iterator[Evidence]:
    """Keywords of the call or its client, decorators and wrappers of the functions around it."""
    for call in (*calls(view), *clients(view)):
        limits = [word for word in call.keywords if _limits(call, word)]
        if limits:
            yield keyword_place(view, call.path, call.line, limits)
    yield from _routed_on(view)
    inside = reaching(view)
    for file in view.code:
        for function in file.functions:
            if function.name in inside.get(file.path, ()) and any(
                _RETRIES.search(d) for d in function.decorators
            ):
                yield place(view, file.path, function.line)
        for made in file.calls:
            waits = made.name.endswith(".result") and "timeout" in made.keywords
            if made.function in inside.get(file.path, ()) and (_AROUND.search(made.name) or waits):
                yield place(view, file.path, made.line)
        yield from _wrapped(view, file)


def _routed_on(view: RepoView) -> Iterator[Evidence]:
    """Models that a router asks when the first one fails: `models` in what OpenRouter is sent."""
    asked = {(c.path, c.line) for c in calls(view)}
    for file in view.code if any("extra_body" in f.names for f in view.code) else ():
        for made in file.calls:
            if "extra_body" in made.keywords and (file.path, made.line) in asked:
                inside = (t for t in file.texts if made.line <= t.line <= made.end_line)
                named = (t.line for t in inside if t.value in {"models", "fallbacks"})
                yield from (place(view, file.path, line) for line in list(named)[:1])


def _wrapped(view: RepoView, file: PythonFile) -> Iterator[Evidence]:
    """A model call that is given to a function named for trying again."""
    for made in file.calls:
        if _RETRIES.search(made.name.rpartition(".")[2]):
            within = (c for c in file.calls if c is not made)
            given = (c for c in within if made.line <= c.line <= made.end_line)
            if any(leads_to_model(view, file.path, c.name) for c in given):
                yield place(view, file.path, made.line)


def _limits(call: ModelCall, word: str) -> bool:
    if call.way == "http":
        return word == "timeout"
    return word in _LIMITS and call.literals.get(word, 1) not in (0, False)


_PROVIDER_PACKAGES = (
    "openai",
    "anthropic",
    "google",
    "groq",
    "litellm",
    "mistralai",
    "cohere",
    "ollama",
    "botocore",
    "httpx",
    "httpx2",
)


def _typed(view: RepoView) -> Iterator[tuple[str, Evidence]]:
    """Error types of a provider that an except around the model, or beside its call, names."""
    near = {c.path.rpartition("/")[0] for c in calls(view)}
    for file in view.code:
        beside = file.path.rpartition("/")[0] in near
        for handler in file.handlers:
            guards = any(leads_to_model(view, file.path, n) for n in handler.guarded)
            for kind in handler.types:
                own = beside and kind.partition(".")[0] in _PROVIDER_PACKAGES
                if (own or guards) and _is_fault(kind):
                    yield kind.rpartition(".")[2], place(view, file.path, handler.line)


def _is_fault(kind: str) -> bool:
    name = kind.rpartition(".")[2]
    return bool(PROVIDER_ERROR.search(name)) and name not in _NO_FAULT


_NO_FAULT = {"FileNotFoundError", "ModuleNotFoundError"}


def _script_paths(view: RepoView) -> list[str]:
    return sorted({c.path for c in calls(view) if c.way == "script"})


def _script_catches(view: RepoView) -> list[Evidence]:
    if not _script_paths(view):
        return []
    asking = [e.path for e in in_files(view, _SCRIPT_ASKS, scripts(view))]
    around = [*asking, *_script_paths(view), *_script_importers(view)]
    return in_files(view, _SCRIPT_CATCH, dict.fromkeys(around))


def _script_importers(view: RepoView) -> list[str]:
    """Scripts that import one that calls a model, by the name of its file."""
    stems = {PurePosixPath(p).stem for p in _script_paths(view)} - {"index"}
    named = "|".join(re.escape(s[:100]) for s in sorted(stems)) or "(?!)"
    ending = rf"[\"'][^\"']{{0,200}}/(?:{named})(?:\.[cm]?[jt]sx?)?[\"']"
    imports = re.compile(rf"(?:\bfrom |\brequire\(|\bimport\(){ending}")
    return [e.path for e in in_files(view, imports, scripts(view))]


def _script_runners(view: RepoView) -> list[str]:
    """Scripts that call a model, or run the graph, agent or chain that does."""
    calling = _script_paths(view)
    running = [e.path for e in in_files(view, _SCRIPT_RUNS, scripts(view))] if calling else []
    return list(dict.fromkeys([*calling, *running]))


# Ids as the providers write them: family, a version and what follows.
_ID = re.compile(
    r"^(?:(?:openai|anthropic|google|gemini|groq|mistral|azure|openrouter|bedrock)/)?(?:"
    r"gpt-[3-9][\w.\-]{0,40}|o[1-9](?:-[\w.\-]{1,30})?|chatgpt-[\w.\-]{1,30}|text-davinci-\d{3}"
    r"|claude-[\w.\-]{3,50}|gemini-[\w.\-]{2,40}|(?:open-)?mi[sx]tral-[\w.\-]{2,40}"
    r"|command-(?:r|a|light)[\w.\-]{0,30}|deepseek-[\w.\-]{2,30}|llama-?[23][\w.:\-]{0,40}"
    r"|(?:meta-llama|qwen|mistralai|google|microsoft)/[\w.\-]{3,60}"
    r"|anthropic\.claude-[\w.:\-]{3,60}|qwen-?[23][\w.:\-]{0,40}|gemma-?[\d][\w.:\-]{0,30})$",
    re.IGNORECASE,
)
_IN_TEXT = re.compile(
    r"(?<![\w/.\-])(?:gpt-[3-9]|claude-(?:[a-z]{3,8}-)?\d|gemini-\d|mistral-(?:large|small|medium)"
    r"|command-r|deepseek-(?:chat|reasoner|v\d)|llama-?3|o[134]-(?:mini|preview|pro))[\w.:\-]{0,40}"
)
_CONFIG_PATH = re.compile(
    r"(?:^|/)(?:\.env[\w.]*example|example\.env|[^/]*(?:config|settings|models?|constants|registry)"
    r"[^/]*\.(?:py|toml|ya?ml|json|ini|cfg|ts|js))$|(?:^|/)(?:conf|configs?|settings)/[^/]+$"
)
_DATA = (
    "*.toml",
    "*.yaml",
    "*.yml",
    "*.ini",
    "*.cfg",
    ".env.example",
    "*config*.json",
    "models.json",
)
_NOT_SETTINGS = re.compile(r"(?:^|/)(?:\.github|docs?|tests?|data|evals?|\.scaffold)/|lock|compose")
_CHECKED = re.compile(r"retires?_?(?:on|s|d)?\b|checked_?on|deprecat|shut_?down|end_of_life", re.I)
_DATE = re.compile(r"\b20[2-9]\d-[01]\d(?:-[0-3]\d)?\b")
_ALIAS = re.compile(r"latest", re.IGNORECASE)


def ids_in_config(view: RepoView) -> Reading:
    """Model ids stand in one configuration file, exact, with the date they retire."""
    if not calls(view):
        return without_call(view)
    stray, held = list(_literals(view)), list(_configured(view))
    homes = {e.path for e in held}
    if len({e.path for e in stray} | homes) > 1 and stray:
        reason = "Model ids are written in the code, outside of the one configuration file."
        return no(reason, *stray[:SHOWN])
    if stray:
        return partial(
            "The model id stands in one place, which is code, not configuration.", *stray[:SHOWN]
        )
    if not held:
        reason = "No model id was found in code or configuration: it comes from outside."
        return unknown(reason, "Name the model ids in one tracked configuration file.")
    if len(homes) > 1:
        return partial("Model ids stand in several configuration files.", *held[:SHOWN])
    if any(_ALIAS.search(e.text) for e in held):
        return partial("A model id is an alias that moves, not an exact id.", *held[:SHOWN])
    path = held[0].path
    if not (in_files(view, _CHECKED, [path]) and in_files(view, _DATE, [path])):
        reason = (
            "The ids stand in one file, which does not say when each retires and when that was "
            "looked up."
        )
        return partial(reason, *held[:SHOWN])
    return yes(
        "The model ids stand in one file, with the dates that were looked up.", *held[:SHOWN]
    )


def _literals(view: RepoView) -> Iterator[Evidence]:
    for file in view.code:
        if file.notebook or _CONFIG_PATH.search(file.path):
            continue
        for text in file.texts:
            if _ID.search(text.value.strip()[:120]):
                yield place(view, file.path, text.line)
                break
    yield from in_files(view, _IN_TEXT, [p for p in scripts(view) if not _CONFIG_PATH.search(p)])


def _configured(view: RepoView) -> Iterator[Evidence]:
    paths = {p for p in view.find(*_DATA) if not _NOT_SETTINGS.search(p)}
    paths |= {f.path for f in view.code if _CONFIG_PATH.search(f.path) and not f.notebook}
    yield from in_files(view, _IN_TEXT, sorted(paths))
