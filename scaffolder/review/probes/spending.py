"""What a run uses: tokens, money, time; what is recorded of it and what bounds it."""

import re
from collections.abc import Iterable

from scaffolder.review.model import Evidence, Reading, no, partial, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.codewords import SHOWN, identifiers, in_files, naming, place
from scaffolder.review.models.modelcalls import calls, clients
from scaffolder.review.models.modelreach import reaching
from scaffolder.review.models.money import PRICED_CALL, USAGE, money
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

_USAGE_KEY = re.compile(
    r"^(?:(?:total|prompt|completion|input|output|cached)_tokens|eval_count|usageMetadata)$"
)
_SCRIPT_MONEY = re.compile(r"\b\w{0,20}(?:[cC]ost|[pP]rice)(?:Usd|USD|Per|_per)\w{0,20}|totalCost")
_SCRIPT_USAGE = re.compile(
    r"total_tokens|\b(?:total|prompt|completion|input|output)Tokens\b|totalUsage"
    r"|\busage\.(?:input|output|prompt|model_dump)"
)
_SCRIPT_COUNTS = re.compile(r"\b(?:estimate|count)Tokens\(|\bencode\(.{0,60}\)\.length")
"""A script's own count of tokens, which says something of a model only where one is called."""


def cost_tracked(view: RepoView) -> Reading:
    """Money is computed from what the model used; tokens or quota alone are partial."""
    if not calls(view):
        return without_call(view)
    paid = _money(view)
    if paid:
        return yes("What the model calls cost is computed in money.", *paid[:SHOWN])
    tokens = _tokens(view)
    if tokens:
        return partial("Tokens are counted, and no price turns them into money.", *tokens[:SHOWN])
    return no("Neither tokens nor the cost of a model call are recorded.", *_first(view))


def usage_recorded(view: RepoView) -> Reading:
    """Tokens by kind, money from a dated price list, and time are recorded for each run."""
    if not calls(view):
        return without_call(view)
    tokens, paid, table = _tokens(view), _money(view), _dated_prices(view)
    if not tokens:
        return no("No token count of a reply is read: usage is not recorded.", *_first(view))
    near = _recording(view)
    missing = [
        what
        for what, seen in (
            ("tokens in and out apart", _says(view, near, _IN) and _says(view, near, _OUT)),
            ("cached tokens", _says(view, near, _CACHED)),
            ("money", paid),
            ("the time taken", _says(view, near, _TIME)),
            ("a dated price list or a library that keeps one (prices are constants)", table),
        )
        if not seen
    ]
    shown = list(dict.fromkeys([*tokens[:2], *paid[:2], *table[:1]]))
    if missing:
        return partial(f"Usage is recorded; not found: {', '.join(missing)}.", *shown)
    return yes("Tokens by kind, money by a kept price list and time are recorded.", *shown)


def bounded(view: RepoView) -> Reading:
    """Output tokens, calls, money and time of a run have limits."""
    if not calls(view):
        return without_call(view)
    found = {what: _limit(view, what) for what in _LIMITS}
    seen = [what for what, places in found.items() if places]
    shown = [places[0] for places in found.values() if places]
    if not seen:
        reason = "No limit was found on output tokens, number of calls, money or time."
        return no(reason, *_first(view))
    if "output tokens" in seen and "time" in seen and {"money", "calls"} & set(seen):
        return yes(f"A run is bounded in {', '.join(seen)}.", *shown)
    open_ends = ", ".join(what for what in found if what not in seen)
    return partial(f"A run is bounded in {', '.join(seen)}, and not in {open_ends}.", *shown)


def _first(view: RepoView) -> list[Evidence]:
    return [place(view, c.path, c.line) for c in calls(view)[:1]]


def _scripted(view: RepoView, pattern: re.Pattern[str]) -> list[Evidence]:
    asks = any(c.way == "script" for c in calls(view))
    return in_files(view, pattern, scripts(view)) if asks else []


def _money(view: RepoView) -> list[Evidence]:
    return [*money(view), *_scripted(view, _SCRIPT_MONEY)]


_LOCAL = ("transformers", "torch", "peft", "trl", "datasets")
"""Where weights are run, `input_tokens` is a tensor and `eval_count` a number of rows."""

_CUTS = re.compile(r"chunk|split|ingest|embed|index", re.IGNORECASE)
"""Where documents are cut by tokens, a count of them is no use of a model."""

_READ = re.compile(r"^(?:(?:total|prompt|completion)_tokens?|usage(?:_metadata)?|token_usage)$")


def _tokens(view: RepoView) -> list[Evidence]:
    near = set(reaching(view))
    local = [f for f in view.code if f.imports_any(*_LOCAL)]
    cuts = [f for f in view.code if _CUTS.search(f.path)]
    named = identifiers(view, USAGE, [f for f in view.code if f not in local and f not in cuts])
    named += identifiers(view, _READ, cuts)
    named += identifiers(view, _READ, local)
    keyed = [
        place(view, f.path, t.line)
        for f in view.code
        if f.path in near
        for t in f.texts
        if _USAGE_KEY.search(t.value)
    ]
    asking = dict.fromkeys(c.path for c in calls(view) if c.way == "script")
    counted = [*_scripted(view, _SCRIPT_USAGE), *in_files(view, _SCRIPT_COUNTS, asking)]
    return list(dict.fromkeys([*named, *keyed[:2], *counted]))


_IN = re.compile(r"(?:input|prompt)_(?:text_)?tokens?|prompt_eval_count")
_OUT = re.compile(r"(?:output|completion|candidates)_tokens?|(?:^|_)eval_count")
_CACHED = re.compile(r"cached?_(?:\w{0,20}_)?tokens?|cache_(?:read|creation)|cached_content")
_TIME = re.compile(
    r"latency|duration|elapsed|perf_counter|monotonic|response_time|(?:^|_)(?:seconds|time_ms|ms)$"
)


def _recording(view: RepoView) -> list[PythonFile]:
    near = reaching(view)
    return [f for f in view.code if f.path in near or naming(view, USAGE) & f.names]


def _says(view: RepoView, files: Iterable[PythonFile], pattern: re.Pattern[str]) -> bool:
    return any(
        naming(view, pattern) & f.names
        or any(pattern.search(t.value) for t in f.texts if len(t.value) < 60)
        for f in files
    )


_DATE = re.compile(r"\b20[2-9]\d-[01]\d\b")
_PRICE_FILES = (
    "*price*.*",
    "*pricing*.*",
    "*cost*.toml",
    "*cost*.json",
    "*cost*.y*ml",
    "models.toml",
)
_DATA_FILE = re.compile(r"\.(?:toml|ya?ml|json|csv)$")


def _dated_prices(view: RepoView) -> list[Evidence]:
    """A library that keeps the prices, or a data file of prices with a date."""
    files = [p for p in view.find(*_PRICE_FILES) if _DATA_FILE.search(p)]
    kept = [
        place(view, f.path, i.line)
        for f in view.code
        for i in f.imports
        if i.name.startswith(("genai_prices", "tokencost", "llm_prices"))
    ]
    asked = [
        place(view, f.path, c.line)
        for f in view.code
        for c in f.calls
        if PRICED_CALL.search(c.name)
    ]
    return [*kept, *asked, *in_files(view, _DATE, files)]


_LIMITS = {
    "output tokens": re.compile(
        r"^max_(?:output_|completion_|new_|answer_)?tokens$|^num_predict$|maxOutputTokens|^maxTokens$"
        r"|_token_limit$",
        re.IGNORECASE,
    ),
    "money": re.compile(
        r"^budget$|budget_?(?:usd|cost|exceeded|dollars)|(?:cost|usd|spend|money|llm)_?budget"
        r"|^(?:max|global)_?(?:cost|usd|spend)|cost_limit|spend(?:ing)?_limit|usd_limit",
        re.IGNORECASE,
    ),
    "calls": re.compile(
        r"^max_(?:\w{1,20}_)?(?:steps|calls|iterations|turns|rounds)$|^max_iter$"
        r"|^(?:step|call|recursion|iteration)_limit$",
        re.IGNORECASE,
    ),
    "time": re.compile(
        r"deadline|time_limit|wall_clock|^(?:request_|llm_|call_|total_)?timeout(?:_s|_seconds)?$"
        r"|max_(?:seconds|time|duration)",
        re.IGNORECASE,
    ),
}


_ANYWHERE = ("money", "calls")
"""Limits whose names say what they are for; a token count or a time-out may be for anything."""


def _limit(view: RepoView, what: str) -> list[Evidence]:
    """Where the model's own code is given such a limit: a keyword, a name or a key."""
    pattern = _LIMITS[what]
    given = [
        place(view, c.path, c.line)
        for c in (*calls(view), *clients(view))
        if any(pattern.search(k) for k in c.keywords)
    ]
    near = set(reaching(view)) | {c.path for c in clients(view)}
    files = [f for f in view.code if what in _ANYWHERE or f.path in near]
    keyed = [
        place(view, f.path, t.line)
        for f in files
        for t in f.texts
        if len(t.value) < 40 and pattern.search(t.value)
    ]
    return [*given, *identifiers(view, pattern, files), *keyed, *_scripted(view, pattern)]
