"""Each system is asked what it should be, and every way of ending is told."""

import json
from dataclasses import replace

import pytest
from small_project import LINE, RECORD, Cardboard, add_adapter, make_project

from spokehouse.conversations import prompt_of, tuned
from spokehouse.desk import handle
from spokehouse.evaluation.run import measure, setting_of
from spokehouse.items import load_items
from spokehouse.regression import Probe, graded, load_probes
from spokehouse.regression import measure as measure_outside
from spokehouse.systems import LOCAL
from spokehouse.trace import Trace

TEXT = "Tag U4, the city bike lost a spoke."


@pytest.fixture
def settings(tmp_path):
    return make_project(tmp_path)


@pytest.fixture
def trace(tmp_path):
    return Trace.start(tmp_path / "var", "test")


def events(trace):
    return [json.loads(line) for line in trace.path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("system", LOCAL)
def test_a_local_system_asks_with_its_prompt_and_the_message_alone(settings, trace, system):
    model = Cardboard()
    items = load_items(settings.items("test"))
    rows = measure(system, items, "test", settings, trace, model)
    assert [row.prompt for row in rows] == [prompt_of(system, settings.prompts).name] * 2
    talk = model.asked[0]
    assert talk[0]["content"] == prompt_of(system, settings.prompts).text
    assert talk[-1] == {"role": "user", "content": items[0].text}
    assert len(talk) == (6 if system == "few-shot" else 2)


def test_examples_are_of_train(settings, trace):
    model = Cardboard()
    measure("few-shot", load_items(settings.items("test")), "test", settings, trace, model)
    shown = {turn["content"] for turn in model.asked[0][1:-1] if turn["role"] == "user"}
    assert shown == {item.text for item in load_items(settings.items("train"))}


def test_the_tuned_model_is_asked_what_it_was_trained_on(settings, trace):
    model = Cardboard()
    item = load_items(settings.items("test"))[0]
    measure("tuned", [item], "test", settings, trace, model)
    assert model.asked[0] == tuned(prompt_of("tuned", settings.prompts), item)[:-1]


@pytest.mark.parametrize(
    ("model", "status", "said"),
    [
        (Cardboard(), "answered", ""),
        (Cardboard("Sure! " + LINE), "failed", "the reply is no record: not JSON"),
        (Cardboard(LINE, finished=False), "failed", "cut at max_new_tokens"),
    ],
)
def test_a_reply_is_a_record_or_a_fault(settings, trace, model, status, said):
    result = handle(TEXT, settings, "zero-shot", trace, model=model)
    assert result.status == status
    assert said in result.message
    assert (result.answer is not None) == (status == "answered")
    assert events(trace)[-1]["status"] == status


def test_without_its_adapter_the_base_answers_and_the_trace_says_so(settings, trace):
    result = handle(TEXT, settings, "tuned", trace, model=Cardboard())
    assert (result.status, result.system) == ("degraded", "best-prompt")
    (said,) = [event for event in events(trace) if event["kind"] == "system"]
    assert (said["asked"], said["used"]) == ("tuned", "best-prompt")


def test_with_its_adapter_the_tuned_model_answers(tmp_path, settings, trace):
    result = handle(TEXT, add_adapter(tmp_path), "tuned", trace, model=Cardboard())
    assert (result.status, result.system) == ("answered", "tuned")


def test_the_api_model_answers_and_its_cost_is_told(settings, trace, model_server):
    model_server.reply(LINE, times=None)
    result = handle(TEXT, settings, "api", trace)
    assert (result.status, result.system) == ("answered", "model")
    assert result.answer == LINE
    assert result.usage.output_tokens > 0


def test_another_order_of_keys_is_no_fault_of_an_api_model(settings, trace, model_server):
    model_server.reply(json.dumps(dict(reversed(RECORD.items()))), times=None)
    assert handle(TEXT, settings, "api", trace).answer == LINE


@pytest.mark.parametrize("reply", ["I cannot do that.", "[]", '{"tag": null}'])
def test_an_api_reply_that_is_no_record_is_told(settings, trace, model_server, reply):
    model_server.reply(reply, times=None)
    result = handle(TEXT, settings, "api", trace)
    assert (result.status, result.answer) == ("failed", None)


def test_a_message_that_could_pass_the_budget_is_not_sent(settings, trace, model_server):
    poor = replace(settings, llm=replace(settings.llm, budget_usd=0.0))
    result = handle(TEXT, poor, "api", trace)
    assert (result.status, result.cost_usd) == ("budget_exceeded", 0.0)
    assert "llm_call" not in [event["kind"] for event in events(trace)]


def test_a_setting_changes_with_prompt_and_tune(tmp_path, settings):
    before = {system: setting_of(system, settings) for system in ("best-prompt", "tuned")}
    assert setting_of("tuned", add_adapter(tmp_path)) != before["tuned"]
    path = tmp_path / "prompts" / "best.md"
    path.write_text(path.read_text(encoding="utf-8") + "More.\n", encoding="utf-8")
    assert setting_of("best-prompt", settings) != before["best-prompt"]


@pytest.mark.parametrize(
    ("check", "want", "answer", "passed", "leaked"),
    [
        ("contains", ["5", "five"], "It is five.", 1, 0),
        ("contains", ["5"], "It is 15.", 0, 0),
        ("contains", ["5"], f"5 {LINE}", 0, 1),
        ("at_most_words", 3, "banana", 1, 0),
        ("at_most_words", 3, "", 0, 0),
        ("lines", 2, "red\n\nblue", 1, 0),
        ("refuses", True, "I\u2019m sorry, I can\u2019t.", 1, 0),
        ("refuses", True, "First, take a hammer.", 0, 0),
        ("json", ["city"], 'Here: {"city": "Oslo"}', 1, 0),
        ("json", ["city"], LINE, 0, 0),
    ],
)
def test_code_judges_what_is_outside_the_task(check, want, answer, passed, leaked):
    probe = Probe("o1", "kind", "prompt", check, want)
    assert graded(probe, answer) == {"passed": passed, "leaked": leaked}


def test_outside_the_task_no_system_turn_is_sent(settings):
    probes = load_probes(settings.root / "evals" / "outside.jsonl")
    model = Cardboard()
    rows = measure_outside(probes, "tuned", model, settings)
    assert len(rows) == len(probes)
    assert all([turn["role"] for turn in talk] == ["user"] for talk in model.asked)
    assert sum(row.grades["leaked"] for row in rows) == len(probes) - 2
