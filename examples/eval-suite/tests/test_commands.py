"""What a person types: the right exit code, one clear sentence, nothing lost."""

import json

import pytest
from small_suite import item, make_project, runner, six

from deskcheck.errors import ConfigError
from deskcheck.evaluation.registry import load_metrics
from deskcheck.graders import GRADERS
from deskcheck.items import as_row
from deskcheck.settings import load_settings


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, six())


@pytest.fixture
def run(project, monkeypatch, capsys):
    return runner(project, monkeypatch, capsys)


def test_ask_answers_without_a_key(run):
    code, result, err = run("ask", "12 March at 10:00?", "--received", "2026-03-02")
    assert (code, result["status"], result["system"]) == (0, "answered", "baseline")
    assert "Thursday 12 March at 10:00" in result["answer"]
    assert "is not set: the baseline answers" in err


def test_a_model_that_is_wanted_needs_its_key(run):
    code, result, err = run("ask", "--system", "model", "Hello there")
    assert (code, result) == (3, None)
    assert "_API_KEY" in err


def test_a_model_that_sends_nothing_usable_is_replaced_and_that_is_said(run, model_server):
    model_server.reply("no JSON")
    _, result, _ = run("ask", "12 March at 10:00?")
    assert result["status"] == "degraded"
    assert "this is the baseline's" in result["message"]
    assert "12 March at 10:00" in result["answer"]


def test_a_day_that_is_none_is_refused(run):
    with pytest.raises(SystemExit, match="2"):
        run("ask", "Thursday at 10?", "--received", "2026-02-30")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("evla",), "did you mean `eval`?"),
        (("ask", "   "), "the message is empty"),
        (("compare", "baseline", "baseline"), "the same"),
        (("compare", "baseline", "silent"), "was not measured"),
        (("ask", "Hello", "--system", "nobody"), "no [systems.nobody]"),
    ],
)
def test_a_wrong_word_gets_one_sentence(run, words, said):
    code, result, err = run(*words)
    assert code in (2, 3)
    assert result is None
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("workers = 2", "workers = 0", "[run] workers is 0"),
        ("workers = 2", "", "[run] workers is missing"),
        ("workers = 2", "workers = 2\nworker = 3", "unknown key [run] worker"),
        ('judge = "rule"', 'judge = "oracle"', "choose rule or model"),
        ('kind = "callable"', 'kind = "magic"', "kind is none of"),
        ('["silent", "baseline"]', '["silent", "x"]', "names 'x'"),
        ("near_duplicate = 0.85", "near_duplicate = 3", "at most 1"),
    ],
)
def test_a_wrong_setting_is_named(run, project, old, new, said):
    path = project / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    code, _, err = run("items")
    assert code == 3
    assert said in err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('failure = "old slot kept"', 'failure = "unheard of"', "no failure 'unheard of'"),
        ('failure = "old slot kept"', "", "has no failure"),
        ("[metrics.slot_accuracy]", "[metrics.cleverness]", "graders.py has no cleverness"),
        ('grader = "code"', 'grader = "oracle"', "it is code or judge"),
        ('prompt = "prompts/judge.md"', "", "has no prompt"),
        ("headline = true", "weight = 3", "unknown key weight"),
    ],
)
def test_a_metric_that_informs_nothing_is_refused(project, old, new, said):
    path = project / "evals" / "metrics.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_metrics(load_settings(project))
    assert said in f"{refused.value.message} {refused.value.hint}"


def test_compare_counts_flips_and_keeps_them(run, project):
    run("eval")
    code, result, _ = run("compare", "silent", "baseline")
    assert code == 0
    assert result["comparisons"]["slot_accuracy"]["better"] == 1
    path = project / "evals" / "results" / "compare" / "silent-baseline.jsonl"
    flips = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert {"id", "before", "after", "metric"} <= flips[0].keys()


def test_items_are_counted_by_slice_and_split(run):
    assert run("items", "--near")[1]["slices"] == {"single": ["2", "1"], "other": ["1", "2"]}


def test_calibrate_needs_labels_and_names_a_judge_that_is_not_good_enough(run, project):
    assert run("calibrate")[0] == 2
    from small_suite import ROOT

    (project / "evals" / "labels.jsonl").write_bytes((ROOT / "evals" / "labels.jsonl").read_bytes())
    code, result, _ = run("calibrate")
    assert code == 0
    assert result["rates"]["no_false_word test"]["tpr"]["n"] >= 8
    assert run("bias")[1]["probes"][0]["n"] >= 8


@pytest.mark.parametrize("name", list(GRADERS))
def test_a_grader_takes_an_output_without_its_key_for_wrong(name):
    expected = {"action": "book", "date": "2026-03-12", "time": "10:00"}
    assert GRADERS[name](expected, {}) == 0
    assert GRADERS[name]({}, {"reply": "x"}) is None


@pytest.mark.parametrize(
    ("output", "right"),
    [
        ({"action": "book", "date": "2026-03-12", "time": "10:00"}, 1),
        ({"action": "book", "date": "2026-03-13", "time": "10:00"}, 0),
        ({"action": "book", "date": "2026-03-12", "time": None}, 0),
        ({"action": "ask", "date": None, "time": None}, 1),
    ],
)
def test_only_a_slot_that_the_message_does_not_name_is_a_wrong_one(output, right):
    expected = {"action": "book", "date": "2026-03-12", "time": "10:00"}
    assert GRADERS["no_closed_door"](expected, output) == right


def test_a_slot_for_a_message_that_names_none_is_a_wrong_one():
    output = {"action": "book", "date": "2026-03-12", "time": "10:00"}
    assert GRADERS["no_closed_door"]({"action": "ask"}, output) == 0


def test_ten_thousand_rows_take_seconds_and_memory_stays_flat(project):
    """Asked, graded by three graders, written, read and summed with 95 % intervals."""
    import time
    import tracemalloc

    from deskcheck.evaluation.report import build, load_runs
    from deskcheck.evaluation.rows import write
    from deskcheck.evaluation.run import Grading, measure
    from deskcheck.items import load_items
    from deskcheck.trace import Trace

    settings = load_settings(project)
    three = ("slot_accuracy", "day_accuracy", "time_accuracy")
    metrics = [m for m in load_metrics(settings) if m.name in three]
    spec = settings.systems["baseline"]
    trace = Trace.start(settings.traces, "test")
    peaks = []
    for n in (1_000, 10_000):
        items = [item(f"i{k}", f"What does bike number {k} cost for a day?") for k in range(n)]
        settings.items.write_text(
            "".join(json.dumps(as_row(i)) + "\n" for i in items), encoding="utf-8"
        )
        tracemalloc.start()
        started = time.perf_counter()
        rows = measure(items, spec, Grading(metrics, {}, ""), settings, trace, 1)
        write(settings.results / "baseline.jsonl", rows)
        runs, _ = load_runs(load_items(settings.items), settings)
        assert len(build(runs, metrics).claims) >= 3
        seconds = time.perf_counter() - started
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert seconds < 60  # about 5 without the tracer on two cores; loose for slow machines
    assert peaks[1] - peaks[0] < 9_000 * 6_000  # bytes a row, its item included
