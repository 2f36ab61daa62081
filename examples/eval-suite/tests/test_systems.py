"""Whatever is evaluated, an item gets an output or the reason why it has none."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from small_suite import make_project, six

from deskcheck import cache, systems
from deskcheck.errors import ConfigError
from deskcheck.llm.client import Spend
from deskcheck.settings import SystemSpec, load_settings
from deskcheck.systems import Context
from deskcheck.trace import Trace

GIVEN = {"message": "Is Thursday free?", "received": "2026-03-02"}


@pytest.fixture
def context(tmp_path):
    settings = load_settings(make_project(tmp_path, six()))
    return Context(settings, Trace.start(tmp_path / "traces", "test"), Spend(1.0))


def asked(context, kind, target="", argv=(), given=GIVEN, **more):
    return systems.answer(given, SystemSpec("s", kind, target, tuple(argv), **more), context)


def program(code):
    return [sys.executable, "-c", code]


def test_a_function_is_called_with_the_input(context, monkeypatch):
    module = type(sys)("theirs")
    module.reply = lambda given: {"reply": given["message"].upper()}
    monkeypatch.setitem(sys.modules, "theirs", module)
    assert asked(context, "callable", "theirs:reply").output == {"reply": GIVEN["message"].upper()}


@pytest.mark.parametrize(
    ("returned", "said"), [(["a"], "list, not a JSON object"), ({"a": {1}}, "not JSON")]
)
def test_a_function_that_returns_something_else_has_failed(context, monkeypatch, returned, said):
    module = type(sys)("odd")
    module.reply = lambda given: returned
    monkeypatch.setitem(sys.modules, "odd", module)
    output = asked(context, "callable", "odd:reply")
    assert output.status == "failed"
    assert said in output.error


def test_a_function_that_raises_has_failed_with_its_reason(context, monkeypatch):
    module = type(sys)("broken")
    module.reply = lambda given: 1 / 0
    monkeypatch.setitem(sys.modules, "broken", module)
    assert "ZeroDivisionError" in asked(context, "callable", "broken:reply").error


@pytest.mark.parametrize("target", ["nowhere:reply", "json:nothing", "json"])
def test_a_function_that_is_not_there_stops_the_run(context, target):
    with pytest.raises(ConfigError, match=r"cannot be imported|names no function"):
        asked(context, "callable", target)


def test_a_program_gets_the_input_on_stdin(context):
    echo = program("import json,sys; print(json.dumps({'reply': json.load(sys.stdin)['message']}))")
    assert asked(context, "command", argv=echo).output == {"reply": GIVEN["message"]}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("print('hello')", "not JSON"),
        ("import sys; print('no way', file=sys.stderr); sys.exit(3)", "ended with 3: no way"),
        ("print('[]')", "list, not a JSON object"),
        ("print('x' * 2_000_000)", "more than 1000000 bytes"),
    ],
)
def test_a_program_that_does_not_answer_has_failed(context, code, said):
    assert said in asked(context, "command", argv=program(code)).error


def test_a_program_that_hangs_is_stopped(context):
    quick = Context(
        context.settings.__class__(**{**context.settings.__dict__, "timeout_s": 0.3}),
        context.trace,
        context.spend,
    )
    output = asked(quick, "command", argv=program("import time; time.sleep(30)"))
    assert "longer than 0.3 s" in output.error
    assert output.latency_ms < 10_000


def test_a_program_that_is_not_there_stops_the_run(context):
    with pytest.raises(ConfigError, match="cannot start no-such-program"):
        asked(context, "command", argv=["no-such-program"])


@pytest.fixture
def address():
    class Desk(BaseHTTPRequestHandler):
        def do_POST(self):
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"reply": given["message"]}).encode()
            self.send_response(200 if self.path == "/ask" else 500)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_an_address_gets_the_input_as_a_post(context, address):
    assert asked(context, "url", f"{address}/ask").output == {"reply": GIVEN["message"]}
    assert "did not answer" in asked(context, "url", f"{address}/broken").error
    with pytest.raises(ConfigError, match="no http or https address"):
        asked(context, "url", "file:///etc/hostname")


def project(folder, code, demo_question="What is it?"):
    """A project whose demo runs `code`, with the question as the last word."""
    folder.mkdir()
    words = json.dumps([sys.executable, "-c", code, "ask", "--json", demo_question])
    (folder / "scaffold.toml").write_text(f"[commands]\ndemo = {words}\n", encoding="utf-8")
    return folder


def test_a_project_is_asked_as_its_demo_is(context, tmp_path):
    said = (
        "import json,sys; print(json.dumps({'status': 'answered', 'answer': sys.argv[-1], "
        "'citations': [{'source': 'a.md'}], 'usage': {'input_tokens': 3}, 'cost_usd': 0.5}))"
    )
    project(tmp_path / "theirs", said)
    output = asked(context, "project", "theirs")
    assert output.output["reply"] == GIVEN["message"]
    assert output.output["sources"] == ["a.md"]
    assert (output.usage.input_tokens, output.cost_usd) == (3, 0.5)


def test_a_project_starts_anew_for_each_item_and_shows_its_steps(context, tmp_path):
    said = (
        "import json,pathlib as p; d=p.Path('var'); d.mkdir(exist_ok=True); f=d/'n'; "
        "n=int(f.read_text())+1 if f.exists() else 1; f.write_text(str(n)); "
        "(d/'t.jsonl').write_text('{\"kind\": \"request\"}\\n'); "
        "print(json.dumps({'answer': f'number {n}', 'trace': 'var/t.jsonl', "
        "'citations': [{'source': 'a.md'}] * 2}))"
    )
    project(tmp_path / "theirs", said)
    for _ in range(2):
        output = asked(context, "project", "theirs").output
        assert output["reply"] == "number 1"
        assert output["steps"] == ['{"kind": "request"}']
        assert output["sources"] == ["a.md"]
    assert not (tmp_path / "theirs" / "var").exists()


def test_an_answer_of_a_command_is_not_kept_once_its_program_changed(context):
    program = context.settings.root / "theirs.py"
    spec = SystemSpec("s", "command", argv=("python", "theirs.py"))
    keys = set()
    for text in ("print(1)", "print(2)"):
        program.write_text(text, encoding="utf-8")
        cache._code_of.cache_clear()
        keys.add(cache.key_of(spec, GIVEN, 1, context.settings))
    assert len(keys) == 2
    assert not cache.is_kept(SystemSpec("s", "url", "http://localhost"))


def test_options_of_an_item_go_to_the_project(context, tmp_path):
    project(tmp_path / "theirs", "import json,sys; print(json.dumps({'answer': sys.argv[-2:]}))")
    given = {"message": "Where is it?", "options": {"customer": "C012"}}
    found = asked(context, "project", "theirs", given=given)
    assert found.output["reply"] == ["--customer", "C012"]


def test_a_project_that_asks_nothing_stops_the_run(context, tmp_path):
    project(tmp_path / "theirs", "print(1)", demo_question="nothing")
    with pytest.raises(ConfigError, match="asks nothing"):
        asked(context, "project", "theirs")
    with pytest.raises(ConfigError, match="cannot be asked"):
        asked(context, "project", "nowhere")


def test_a_model_replies_by_the_schema(context, model_server):
    reply = {"action": "ask", "date": None, "time": None, "reply": "When?"}
    model_server.reply(json.dumps(reply))
    output = asked(context, "model", "prompts/reply.md")
    assert output.output == reply
    assert output.prompt == "reply@1"
    assert output.usage.output_tokens > 0


def test_a_model_that_replies_no_object_has_failed(context, model_server):
    model_server.reply("I would rather not.")
    output = asked(context, "model", "prompts/reply.md")
    assert (output.status, output.error) == ("failed", "the reply is not JSON")
