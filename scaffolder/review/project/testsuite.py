"""The project's tests: what they assert, which modules they import, what they would reach.

Invariant: a test module counts by what its code does; its name only says where to look. Nothing
is run, so a call deep inside of the project that a test sets off is not seen here.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from scaffolder.review.python.pysource import Call, PythonFile
from scaffolder.review.view import RepoView


@dataclass(frozen=True, slots=True)
class TestModule:
    """A test module; `asserts` are lines that compare something, `imports` project paths.

    `replaces` is the place, path and line, where something is put in the place of a client, model
    or network; `reaches` the line where one is called that is not replaced; `guarded` says that it
    only runs when asked for (a marker, a skip without a key).
    """

    __test__ = False

    path: str
    asserts: tuple[int, ...]
    weak: tuple[int, ...]
    imports: frozenset[str]
    replaces: tuple[str, int] | None = None
    reaches: int | None = None
    guarded: bool = False


_OTHER_TEST = re.compile(
    r"(?:^|/)(?:[^/]+[._](?:test|spec)\.[cm]?[jt]sx?|__tests__/[^/]+\.[cm]?[jt]sx?|[^/]+_test\.go"
    r"|[^/]*Tests?\.(?:java|kt|cs)|[^/]+_spec\.rb|tests?/[^/]+\.(?:rs|bats|php)"
    r"|(?:tests?|specs?)/(?:[\w.-]++/){0,4}[\w.-]+\.[cm]?[jt]sx?)$"
)
"""Outside of Python; in a folder of tests any script counts that asserts, whatever its name."""
_OTHER_ASSERT = re.compile(
    r"\bexpect\(|\bassert\w{0,30}[!.(]|\bt\.(?:Error|Fatal)f?\(|\.should\b|\bAssert\.\w"
)
_OTHER_IMPORT = re.compile(
    r"(?:from|require\(|import)\s?[\"'](\.{1,2}/[^\"']{1,200}|@/[^\"']{1,200})"
)
_OTHER_FAKE = re.compile(
    r"\b(?:vi|jest|sinon|nock|msw|td)\.(?:mock|fn|spyOn|stub)|\bnock\(|setupServer\("
    r"|@Mock(?:Bean)?\b|\bMockito\.mock\(|\bmockk\("
)
_OTHER_KEY = re.compile(
    r"\b\w*(?:API_?KEY|_KEY|_TOKEN)\b.{0,40}?process\.env|process\.env\.\w*(?:KEY|TOKEN)"
)
"""A key that a test outside of Python reads: it calls a live service, or is skipped without."""
_OTHER_KEY_SET = re.compile(
    r"\bdelete process\.env\.\w{0,60}(?:KEY|TOKEN)|process\.env\.\w{0,60}(?:KEY|TOKEN)\s?=\s?[\"'`]"
)
"""A test that takes the key away or makes one up tries the settings, not the service."""
_HIDDEN = re.compile(r"(?:^|/)\.[^/]+/")
"""What lies in a folder of a tool (`.claude`, `.github`) is not the project."""

_TEST_FUNCTION = re.compile(r"(?:^|\.)test", re.I)
_FAKE = re.compile(r"_?(?:fake|stub|dummy|mock|scripted|recorded|canned|simulated)", re.I)
_TOOLS = (
    *("unittest.mock", "mock", "respx", "responses", "vcr", "pytest_httpx", "requests_mock"),
    *(
        "llmock",
        "pact",
        "httpretty",
        "aioresponses",
        "pytest_mock",
        "moto",
        "fakeredis",
        "mongomock",
    ),
    *("langchain_core.language_models.fake", "langchain_community.llms.fake", "pytest_recording"),
)
_TOOL_NAMES = {
    *(
        "mocker",
        "MagicMock",
        "AsyncMock",
        "MockTransport",
        "httpx_mock",
        "responses",
    ),
    *("FakeListLLM", "FakeListChatModel", "GenericFakeChatModel", "FakeEmbeddings", "TestModel"),
    *("FunctionModel", "MockLLM", "DeterministicModel", "requests_mock", "respx_mock", "vcr"),
}
_PATCHES = re.compile(r"(?:monkeypatch|mp)\.(?:setattr|setitem)")
_MARKS = re.compile(
    r"(?:pytest\.mark\.(?:integration|live|e2e|network|external|online|slow|requires_\w+|needs_\w+"
    r"|skip|skipif|llm|api|vcr\w*)|unittest\.skip\w*|skip_if_no_\w+|requires_\w+|needs_\w+)$"
)
_LIVE = re.compile(
    r"(?:openai\.(?:Async)?(?:Azure)?OpenAI|anthropic\.(?:Async)?Anthropic|google\.genai\.Client"
    r"|google\.generativeai\.GenerativeModel|groq\.(?:Async)?Groq|cohere\.Client(?:V2)?|mistralai\.Mistral"
    r"|litellm\.a?completion|ollama\.(?:chat|generate|Client)|boto3\.client"
    r"|langchain_[a-z_]+\.(?:Azure)?Chat[A-Z]\w*|langchain\.chat_models\.\w+|tavily\.TavilyClient"
    r"|(?:requests|httpx)\.(?:get|post|put|delete|patch|request)|urllib\.request\.urlopen"
    r"|psycopg2?\.connect|pymongo\.MongoClient|redis\.(?:Redis|from_url)|elasticsearch\.Elasticsearch"
    r"|qdrant_client\.QdrantClient|dotenv\.load_dotenv|sqlalchemy\.create_engine)(?:\.\w+){0,4}"
)
_SENDS = re.compile(
    r"\.(?:create|parse|a?invoke|a?stream|generate\w*|chat|a?complet\w+|embed\w*|get|post|put|request"
    r"|urlopen|connect|search|send_message)$"
)
_LOADS = re.compile(
    r"llama_cpp\.Llama|transformers\.\w+\.from_pretrained|transformers\.pipeline|vllm\.LLM"
    r"|(?:sentence_transformers\.SentenceTransformer|fastembed\.TextEmbedding)"
)
_WEIGHTS = re.compile(r"llama_cpp\.Llama|transformers\.AutoModel\w*\.from_pretrained|vllm\.LLM")
"""What fetches a model's weights whatever else of the test module is replaced."""
_IN_MEMORY = ("sqlite://", ":memory:", "http://127.", "http://localhost", "http://test")


def suite(view: RepoView) -> tuple[TestModule, ...]:
    """Every test module that asserts something or would call something, whatever its language."""
    return view.once(_suite)


def asserting(view: RepoView) -> list[TestModule]:
    """Those with at least one assertion that compares something."""
    return [t for t in suite(view) if t.asserts]


def loaded_model(view: RepoView) -> tuple[str, int] | None:
    """Where the tests or their fixtures load a real model, themselves or by a project class."""
    loaders = {
        c.function.split(".")[0]
        for f in view.code
        for c in f.calls
        if "." in c.function and _LOADS.fullmatch(c.name)
    }
    for file in view.tests:
        replaced = _replacement(file) is not None
        for call in file.calls:
            loads = _LOADS.fullmatch(call.name) or call.name.rpartition(".")[2] in loaders
            if _WEIGHTS.fullmatch(call.name) or (loads and not replaced):
                return file.path, call.line
    return None


def modules(view: RepoView) -> frozenset[str]:
    """The project's own Python modules that hold functions, without tests and notebooks."""
    return frozenset(f.path for f in view.code if not f.notebook and (f.functions or f.classes))


def _packages(view: RepoView, known: dict[str, str]) -> dict[str, frozenset[str]]:
    """What an `__init__.py` without functions hands on, by the dotted names of its package."""
    found: dict[str, frozenset[str]] = {}
    for file in view.code:
        parts = PurePosixPath(file.path).parts
        if parts[-1] != "__init__.py" or file.functions or file.classes:
            continue
        given = frozenset(p for i in file.imports for p in _resolved(i.name, file.path, known))
        for cut in range(len(parts) - 1):
            found[".".join(parts[cut:-1])] = given
    return found


def _suite(view: RepoView) -> tuple[TestModule, ...]:
    known = _places(view)
    calling = _calling(view)
    packages = _packages(view, known)
    fixtures = (_replacement(f) for f in view.tests if f.path.endswith("conftest.py"))
    shared = next(filter(None, fixtures), None)
    own = (f for f in view.tests if not _HIDDEN.search(f.path))
    python = (_python(f, known, packages, calling, shared) for f in own)
    return (*(t for t in python if t.asserts or t.weak or t.reaches), *_others(view))


def _python(
    file: PythonFile,
    known: dict[str, str],
    packages: dict[str, frozenset[str]],
    calling: frozenset[tuple[str, str]],
    shared: tuple[str, int] | None,
) -> TestModule:
    own = [a for a in file.asserts if _TEST_FUNCTION.search(a.function)]
    imports = {p for i in file.imports for p in _resolved(i.name, file.path, known)}
    imports |= {p for i in file.imports for p in packages.get(i.name, ())}
    imports |= {p for t in file.texts for p in _named(t.value, known)}
    replaces = _replacement(file) or shared
    return TestModule(
        path=file.path,
        asserts=tuple(a.line for a in own if not a.trivial),
        weak=tuple(a.line for a in own if a.trivial),
        imports=frozenset(imports - {file.path}),
        replaces=replaces,
        reaches=None if replaces else _reached(file, known, calling),
        guarded=any(_MARKS.search(d) for f in file.functions for d in f.decorators)
        or any(_MARKS.search(d) for c in file.classes for d in c.decorators)
        or _marked(file),
    )


def _marked(file: PythonFile) -> bool:
    return "pytestmark" in file.names and bool(
        {"integration", "live", "e2e", "skipif", "network", "slow", "external"} & file.names
    )


def _replacement(file: PythonFile) -> tuple[str, int] | None:
    """Where a test module brings in or makes a stand-in."""
    for imported in file.imports:
        leaf = imported.name.rpartition(".")[2]
        tool = any(imported.name == t or imported.name.startswith(f"{t}.") for t in _TOOLS)
        if tool or leaf in _TOOL_NAMES or _FAKE.match(leaf):
            return file.path, imported.line
    defined = [(c.name, c.line) for c in file.classes]
    if not file.path.endswith("conftest.py"):
        defined += [(f.name, f.line) for f in file.functions]
    for name, line in defined:
        if _FAKE.match(name.rpartition(".")[2]):
            return file.path, line
    for call in file.calls:
        if _PATCHES.fullmatch(call.name) or _TOOL_NAMES & set(call.name.split(".")):
            return file.path, call.line
    return None


def _reached(
    file: PythonFile, known: dict[str, str], calling: frozenset[tuple[str, str]]
) -> int | None:
    for call in file.calls:
        if _LIVE.fullmatch(call.name) and not _local(call):
            return call.line
        module, _, leaf = call.name.rpartition(".")
        if any((path, leaf) in calling for path in _resolved(module, file.path, known)):
            return call.line
    return None


def _local(call: Call) -> bool:
    given = [a for a in (*call.args, *call.literals.values()) if isinstance(a, str)]
    return any(a.startswith(_IN_MEMORY) or a == ":memory:" for a in given)


def _calling(view: RepoView) -> frozenset[tuple[str, str]]:
    """Path and name of the project's functions that call a model or a service themselves."""
    found = {
        (f.path, c.function.rpartition(".")[2])
        for f in view.code
        for c in f.calls
        if c.function and _LIVE.fullmatch(c.name) and _SENDS.search(c.name)
    }
    return frozenset((p, n) for p, n in found if not n.startswith("__"))


def _places(view: RepoView) -> dict[str, str]:
    """Dotted names, whole and shortened from the left, of the project's modules -> path."""
    found: dict[str, str] = {}
    for path in sorted(modules(view), key=lambda p: -p.count("/")):
        parts = list(PurePosixPath(path).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        for cut in range(len(parts)):
            found[".".join(parts[cut:])] = path
        found[path.rpartition("/")[2]] = path
    return found


def _resolved(name: str, by: str, known: dict[str, str]) -> Iterator[str]:
    dotted = name.lstrip(".")
    if dotted == name and dotted.split(".")[0] in sys.stdlib_module_names:
        return
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        path = known.get(".".join(parts[:cut]))
        if path is not None and path != by:
            yield path
            return


def _named(text: str, known: dict[str, str]) -> Iterator[str]:
    """A module that a test loads or starts by its file name."""
    leaf = text.rpartition("/")[2]
    if leaf.endswith(".py") and leaf in known and len(text) < 300:
        yield known[leaf]


def _others(view: RepoView) -> Iterator[TestModule]:
    for path in view.files:
        if _OTHER_TEST.search(path) and not _HIDDEN.search(path) and "node_modules/" not in path:
            lines = list(enumerate(view.lines(path), 1))
            asserts = tuple(n for n, s in lines if _OTHER_ASSERT.search(s))
            found = frozenset(m[1] for _, s in lines for m in _OTHER_IMPORT.finditer(s))
            fake = next(((path, n) for n, s in lines if _OTHER_FAKE.search(s)), None)
            key = next((n for n, s in lines if _OTHER_KEY.search(s)), None)
            key = None if any(_OTHER_KEY_SET.search(s) for _, s in lines) else key
            if asserts:
                yield TestModule(path, asserts, (), found, fake, None if fake else key)
