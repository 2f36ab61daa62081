"""What a run leaves behind: metrics, traces, logs, and what they must not hold."""

import re
from collections.abc import Iterator

from scaffolder.review.model import Evidence, Reading, no, partial, unknown, yes
from scaffolder.review.models.applies import without_call
from scaffolder.review.models.codewords import SHOWN, identifiers, in_files, naming, place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.models.modelreach import reaching
from scaffolder.review.models.scriptcalls import packages, scripts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

_TRACERS = (
    "langfuse",
    "langsmith",
    "phoenix",
    "arize",
    "openinference",
    "opentelemetry",
    "logfire",
    "mlflow",
    "weave",
    "traceloop",
    "agentops",
    "opik",
    "langtrace_python_sdk",
    "helicone",
    "braintrust",
    "openllmetry",
)
_METERS = (
    "wandb",
    "prometheus_client",
    "prometheus_fastapi_instrumentator",
    "sentry_sdk",
    "ddtrace",
    "newrelic",
    "comet_ml",
    "tensorboard",
    "tensorboardX",
    "statsd",
    "evidently",
    "applicationinsights",
    "structlog",
    "pythonjsonlogger",
)
_SCRIPT_TRACERS = re.compile(
    r"^(?:langfuse|langsmith|@langfuse/|@opentelemetry/|@sentry/|prom-client|@arizeai/|helicone"
    r"|@vercel/otel|pino|winston|braintrust|@traceloop/)"
)
_SWITCH = re.compile(
    r"LANG(?:CHAIN|SMITH)_TRACING|LANGFUSE_(?:PUBLIC|SECRET)_KEY|PHOENIX_COLLECTOR"
)
_BOARD = re.compile(
    r"^\s{0,8}image:\s{0,4}[\"']?\S{0,60}(?:grafana|prometheus|jaeger|phoenix|langfuse|tempo|loki)"
)
_TABLE = re.compile(
    r"(?:create\s+table\s+(?:if\s+not\s+exists\s+)?|insert\s+(?:or\s+\w{6,8}\s+)?into\s+)[\"'`]?"
    r"(?:\w{1,30}\.)?(?:\w{1,30}_)?(?:feedbacks?|traces?|logs?|metrics?|conversations?|audits?"
    r"|interactions?|requests?|llm_calls?|events?|usage|telemetry|monitoring|messages|queries|runs?"
    r"|spans?)\b",
    re.IGNORECASE,
)
_SCRIPT_TABLE = re.compile(r"insert into (?:feedback|traces|metrics|llm_calls)\b", re.IGNORECASE)
_MEASURES = re.compile(
    r"(?:^|_)(?:response_time|latency|elapsed|feedback|tokens?_count|prompt_tokens|total_tokens"
    r"|relevance|cost|duration|mean_score|avg_score)(?:$|_)"
)
_KEPT = re.compile(
    r"trace|trajector|telemetry|audit_?log|monitor|feedback|(?:^|[_\W])logs?(?:$|[_\W])|logger",
    re.IGNORECASE,
)
_MADE_DATA = re.compile(
    r"data_?set|train(?!ing)|synth|ground_?truth|generat|augment|corpus|chunk|sample|pairs|question"
    r"|golden|finetun|fine_tun|sft|scrape|crawl|download|ingest|convert|prepar",
    re.IGNORECASE,
)
"""A writer named for these makes data; its rows tell nothing of a run."""

_RUN_FILE = re.compile(r"^(?:run|trace|event)s?(?:_\w{1,20})?\.jsonl?$")
_TIMED = re.compile(r"^(?:latency|elapsed|duration)(?:_ms|_s|_seconds)?$")
_METERED = re.compile(r"^(?:prompt|completion|input|output|total)_tokens$")

_KEPT_KEY = re.compile(r"^(?:trajectory\w{0,20}|trace_id|span_id)$")


def monitored(view: RepoView) -> Reading:
    """Metrics, traces or structured logs that outlive the run; plain logging is partial.

    A project that calls no model can record its runs all the same; where it does not, the item
    does not speak of it.
    """
    shown = list(dict.fromkeys(_lasting(view)))
    if shown:
        return yes("What runs is recorded: traces, metrics or structured logs.", *shown[:SHOWN])
    plain = _plain_logs(view)
    if plain:
        reason = "Plain logging only: no trace, metric or structured record outlives the run."
        return partial(reason, *plain[:SHOWN])
    if not calls(view):
        return without_call(view)
    reason = "Neither tracing, metrics, monitoring tables nor logging was found."
    return no(reason, *[place(view, c.path, c.line) for c in calls(view)[:1]])


def run_traced(view: RepoView) -> Reading:
    """A structured trace of each run: ids, kinds of event, the prompt's version and the model."""
    if not calls(view):
        return without_call(view)
    writers, sdk = _row_writers(view), _imports(view, _TRACERS)
    sdk += in_files(view, _SWITCH, [f.path for f in view.code])
    if not (writers or sdk):
        reason = "No trace is written: neither a tracing library nor rows of events in a file."
        return no(reason, *[place(view, c.path, c.line) for c in calls(view)[:1]])
    near = sorted({e.path for e in writers} | {p for p in reaching(view) if p.endswith(".py")})
    wanted = {k: v for k, v in _FIELDS.items() if not sdk or k == _PROMPT}
    missing = [what for what, pattern in wanted.items() if not in_files(view, pattern, near)]
    shown = [*writers[:3], *sdk[:2]]
    if missing:
        return partial(f"Runs are traced; not found in it: {', '.join(missing)}.", *shown)
    return yes("Each run is traced with ids, events, prompt and model.", *shown)


def redacted(view: RepoView) -> Reading:
    """The writer of traces removes personal data, says how long it keeps, and guards prompts."""
    if not calls(view):
        return without_call(view)
    written = [*_row_writers(view), *_imports(view, _TRACERS)]
    if not written:
        reason = "Nothing is recorded of a run, so nothing could be redacted."
        return unknown(
            reason, "Write a trace (COM-24); then the writer is where redaction belongs."
        )
    paths = {e.path for e in written}
    files = [f for f in view.code if f.path in paths]
    cleaned = identifiers(view, _REDACTS, files)
    kept = in_files(view, _RETENTION, [*view.find("*.md", "*.toml", "*.y*ml"), *paths])
    flagged = identifiers(view, _FLAG, view.code) + in_files(view, _FLAG, view.find(".env.example"))
    if not cleaned:
        reason = "Traces are written, and no redaction of personal data sits on the writer."
        return no(reason, *written[:SHOWN])
    missing = [
        w
        for w, seen in (("how long it is kept", kept), ("a flag for full prompts", flagged))
        if not seen
    ]
    shown = [*cleaned[:2], *kept[:1], *flagged[:1]]
    if missing:
        return partial(f"The writer redacts; not found: {', '.join(missing)}.", *shown)
    return yes("The writer redacts, retention is stated, and full prompts need a flag.", *shown)


_PROMPT = "the prompt's id or version"
_FIELDS = {
    "an id of the run or step": re.compile(
        r"\b(?:run|trace|span|step|parent|session|request|event)_?id\b|\bseq\b|uuid4|token_hex"
    ),
    "the kind of event": re.compile(
        r"\b(?:event_type|step_type|log_event|kind)\b|\.event\(|[\"'](?:event|type|step)[\"']\s?:"
    ),
    _PROMPT: re.compile(
        r"prompt_?(?:id|name|version|hash|sha)\b|prompt\.(?:id|name|version)\b|PROMPT_VERSION|prompt@"
        r"|get_prompt\("
    ),
    "the model's id": re.compile(
        r"[\"']model(?:_id|_name)?[\"']|\bmodel(?:_id|_name)?\s?=|\.model\b"
    ),
}
_REDACTS = re.compile(
    r"redact|scrub|anonymi[sz]e|mask_?(?:pii|email|phone|personal)|presidio|_pii", re.I
)
_RETENTION = re.compile(
    r"retention|retain(?:ed|s)? for|kept for \d|deleted after|keep_days|max_age_days|"
    r"(?:traces?|logs?) .{0,40}(?:deleted|removed|kept) .{0,20}days",
    re.IGNORECASE,
)
_FLAG = re.compile(
    r"(?:log|trace|record|capture|store|save)_(?:full_)?(?:prompts?|content|messages?|text)"
    r"|CAPTURE_MESSAGE_CONTENT|full_prompts?|HIDE_(?:INPUTS|OUTPUTS)",
    re.IGNORECASE,
)


def _lasting(view: RepoView) -> Iterator[Evidence]:
    yield from _imports(view, (*_TRACERS, *_METERS))
    yield from in_files(view, _SWITCH, [f.path for f in view.code] + view.find(".env.example"))
    yield from _row_writers(view)
    yield from _run_files(view)
    yield from _sinks(view)
    yield from _tables(view)
    yield from in_files(view, _BOARD, view.find("*compose*.y*ml"))
    if any(c.way == "script" for c in calls(view)):
        yield from in_files(view, _SCRIPT_TABLE, scripts(view))
    if any(_SCRIPT_TRACERS.search(p) for p in packages(view)):
        traced = re.compile(
            r"langfuse|langsmith|opentelemetry|sentry|prom-client|pino|winston|braintrust"
        )
        yield from in_files(view, traced, [*view.find("package.json"), *scripts(view)])


def _own_packages(view: RepoView) -> frozenset[str]:
    """A library for logs or traces that imports itself records nothing by that."""
    return frozenset(p.split("/")[-2] for p in view.files if p.endswith("/__init__.py"))


def _imports(view: RepoView, names: tuple[str, ...]) -> list[Evidence]:
    found = []
    wanted = set(names) - view.once(_own_packages)
    for file in view.code:
        hit = next((i for i in file.imports if i.name.partition(".")[0] in wanted), None)
        if hit:
            found.append(place(view, file.path, hit.line))
    return found


def _row_writers(view: RepoView) -> list[Evidence]:
    """Functions that append JSON rows to a file, or dump a record that is named for a trace."""
    return [e for f in view.code if not f.notebook for e in _writers(view, f)]


def _writers(view: RepoView, file: PythonFile) -> Iterator[Evidence]:
    appends = {c.function for c in file.calls if _appends(c.name, c.args, c.literals.get("mode"))}
    writes = {
        c.function for c in file.calls if c.name.endswith((".write", "write_text", "json.dump"))
    }
    keyed = any(_KEPT_KEY.search(t.value) for t in file.texts if len(t.value) < 40)
    for call in file.calls:
        if call.name not in {"json.dumps", "json.dump", "orjson.dumps"} and not call.name.endswith(
            ".model_dump_json"
        ):
            continue
        title = f"{file.path.rpartition('/')[2]} {call.function}"
        named = _KEPT.search(title) or keyed
        if named or not _MADE_DATA.search(title):
            kept = call.function in appends or (named and call.function in writes)
        else:
            kept = False
        if kept:
            yield place(view, file.path, call.line)
            return


def _run_files(view: RepoView) -> Iterator[Evidence]:
    """A file named for a run that JSON is written to, where calls are timed and tokens counted."""
    if not (naming(view, _TIMED) and naming(view, _METERED)):
        return
    for file in view.code:
        named = next((t for t in file.texts if _RUN_FILE.search(t.value[:40])), None)
        written = any(c.name.endswith(("write_text", "json.dump")) for c in file.calls)
        if named and written and not file.notebook:
            yield place(view, file.path, named.line)


def _appends(name: str, args: tuple[object, ...], mode: object) -> bool:
    return name.rpartition(".")[2] == "open" and ("a" in args or "ab" in args or mode == "a")


def _sinks(view: RepoView) -> Iterator[Evidence]:
    """A loguru sink that is a file, or one that serialises."""
    for file in view.code:
        if file.imports_any("loguru"):
            for call in file.calls:
                to_file = call.args and isinstance(call.args[0], str)
                if call.name.endswith("logger.add") and (to_file or "serialize" in call.keywords):
                    yield place(view, file.path, call.line)


def _tables(view: RepoView) -> Iterator[Evidence]:
    """Tables of conversations, feedback or metrics that code or a .sql file writes."""
    for file in view.code:
        rows = next((t for t in file.texts if _TABLE.search(t.value) and _measured(t.value)), None)
        if rows:
            yield from in_files(view, _TABLE, [file.path])
        elif file.names & {"mapped_column", "Column", "DeclarativeBase", "SQLModel"}:
            yield from identifiers(view, _MEASURES, [file])
    for path in view.find("*.sql"):
        for found in view.search(_TABLE, [path]):
            below = view.lines(path)[(found.line or 1) - 1 :][:_COLUMNS]
            if _measured(_statement(below)):
                yield found
                break


_COLUMNS = 40
"""Lines of a statement of SQL that are read."""


def _statement(rows: list[str]) -> str:
    """What stands before the end of the statement that the first line begins."""
    return "\n".join(rows).partition(";")[0]


def _measured(text: str) -> bool:
    words = re.findall(r"\w{3,40}", text)
    return any(_MEASURES.search(w) or w.lower() in {"feedback", "traces", "metrics"} for w in words)


_EMITS = re.compile(
    r"(?:^|[._])(?:log|logs|logger|logging|getLogger|get_logger|LOG|LOGGER|loguru)\."
    r"(?:debug|info|warning|warn|error|exception|critical|log)$|^logging\.(?:basicConfig|config\.)"
)


def _plain_logs(view: RepoView) -> list[Evidence]:
    """Lines that log, where a logging library is imported; silencing another's log is none.

    In a library that is itself for logs or traces, they are its subject.
    """
    subject = view.once(_own_packages) & {*_TRACERS, *_METERS, "loguru"}
    logs = not subject and any(f.imports_any("logging", "loguru") for f in view.code)
    found = []
    for file in view.code if logs else ():
        hit = next((c for c in file.calls if _EMITS.search(c.name)), None)
        if hit:
            found.append(place(view, file.path, hit.line))
    return found
