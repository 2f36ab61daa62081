"""The page, the JUnit file and the Inspect log hold what the rows hold, whatever is in them."""

import json
import threading
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from small_suite import item, make_project, row, runner, six

from deskcheck.commands.serve import Visit
from deskcheck.errors import UsageError
from deskcheck.evaluation.rows import read
from deskcheck.reporting.html import page
from deskcheck.reporting.inspect_log import from_log, read_log, to_log
from deskcheck.reporting.junit import junit

HOSTILE = "</td><script>alert(1)</script>\x1b[31m\x00&"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    command = runner(make_project(tmp_path, six()), monkeypatch, capsys)
    command("eval")
    return command


def test_the_page_escapes_what_others_wrote_and_loads_nothing():
    rows = [row(HOSTILE, {"x": 0.0}, slice=HOSTILE, output={"reply": HOSTILE})]
    text = page(HOSTILE, {HOSTILE: rows}, "test")
    assert "<script" not in text
    assert "src=" not in text
    assert "http" not in text
    assert "0.00 [0.00, 0.79], n = 1" in text


def test_junit_fails_a_case_below_a_full_grade_and_is_well_formed():
    rows = [row("a", {"x": 1.0}), row("b", {"x": 0.5, "y": 1.0}, output={"reply": HOSTILE})]
    suite = ElementTree.fromstring(junit({"s": rows}).encode()).find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert suite.find("testcase/failure").get("message") == "x 0.5"


def test_junit_asks_for_what_the_committed_baseline_has():
    rows = [row("a", {"x": 0.5, "judged": 0.0}), row("b", {"x": 0.0})]
    suite = junit({"s": rows}, {"s": {"x": {"a": 0.5, "b": 1.0}}})
    found = ElementTree.fromstring(suite.encode()).find("testsuite")
    assert [c.get("name") for c in found if c.find("failure") is not None] == ["b trial 1"]


def test_report_writes_both_files(run, tmp_path):
    html, xml = tmp_path / "out" / "r.html", tmp_path / "out" / "j.xml"
    assert run("report", "--html", str(html), "--junit", str(xml))[0] == 0
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert len(ElementTree.parse(xml).getroot().findall("testsuite")) == 2


def test_a_place_that_cannot_be_written_is_named(run, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = run("report", "--html", str(tmp_path / "file" / "r.html"))
    assert code == 2
    assert "cannot write" in err


def test_a_log_comes_back_as_the_rows_it_was_made_from():
    rows = [row("a", {"x": 1.0, "y": 0.25}), row("a", {"x": 0.0}, trial=2)]
    back = from_log(to_log(rows, [item("a")], "task"), "s")
    assert [(r.id, r.trial, r.grades) for r in back] == [(r.id, r.trial, r.grades) for r in rows]
    assert back[0].output == {"reply": "Which day would suit you?"}


def test_inspect_reads_what_was_written_and_its_own_logs_are_read(tmp_path):
    inspect_log = pytest.importorskip("inspect_ai.log")
    rows = [row("a", {"x": 0.5}), row("b", {"x": 1.0})]
    path = tmp_path / "log.json"
    path.write_text(json.dumps(to_log(rows, [item("a"), item("b")], "task")), encoding="utf-8")
    log = inspect_log.read_eval_log(str(path))
    assert [(s.id, s.epoch, s.scores["x"].value) for s in log.samples] == [
        ("a", 1, 0.5),
        ("b", 1, 1),
    ]
    assert log.samples[0].output.completion == "Which day would suit you?"
    theirs = tmp_path / "theirs.json"
    inspect_log.write_eval_log(log, str(theirs))
    assert [r.grades for r in from_log(read_log(theirs), "s")] == [{"x": 0.5}, {"x": 1.0}]


def test_an_eval_file_of_inspect_is_read_too(tmp_path):
    path = tmp_path / "log.eval"
    log = to_log([row("a", {"x": 0.5})], [item("a")], "task")
    samples = log.pop("samples")
    with ZipFile(path, "w") as archive:
        archive.writestr("header.json", json.dumps(log))
        archive.writestr("samples/a_epoch_1.json", json.dumps(samples[0]))
    assert [r.grades for r in from_log(read_log(path), "s")] == [{"x": 0.5}]


def test_scores_with_several_values_tokens_and_errors_come_along():
    sample = {
        "id": 1,
        "epoch": 1,
        "scores": {"x": {"value": {"recall": 0.5, "note": "so"}}},
        "model_usage": {"m": {"input_tokens": 3, "output_tokens": 2}},
        "error": {"message": "the limit of time"},
    }
    (found,) = from_log({"version": 2, "eval": {"model": "m"}, "samples": [sample]}, "s")
    assert found.grades == {"x.recall": 0.5}
    assert (found.usage.input_tokens, found.usage.output_tokens) == (3, 2)
    assert (found.status, found.error) == ("failed", "the limit of time")


def test_letters_are_grades_and_words_are_not():
    sample = {"id": 7, "epoch": 1, "scores": {"x": {"value": "C"}, "y": {"value": "fine"}}}
    log = {"version": 2, "eval": {"model": "m"}, "samples": [sample]}
    assert from_log(log, "s")[0].grades == {"x": 1.0}


@pytest.mark.parametrize(
    "log", [{}, {"version": 1}, {"version": 2, "eval": {"model": 1}, "samples": [3]}]
)
def test_what_is_no_log_is_refused(log):
    with pytest.raises(UsageError):
        from_log(log, "s")


def test_logs_go_out_and_come_in_by_command(run, tmp_path):
    path = tmp_path / "log.json"
    assert run("inspect", "export", str(path), "--system", "baseline")[0] == 0
    assert run("inspect", "import", str(path), "--system", "elsewhere")[0] == 0
    assert len(read(tmp_path / "evals" / "results" / "inspect" / "elsewhere.jsonl")) == 6
    compared = run("compare", "baseline", "elsewhere")[1]["comparisons"]
    assert compared["slot_accuracy"]["difference"] == 0
    path.write_text("PK", encoding="utf-8")
    code, _, err = run("inspect", "import", str(path))
    assert code == 2
    assert "as an Inspect log" in err


def visited(url, host=None):
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    with urllib.request.urlopen(request, timeout=20) as reply:
        return reply.read().decode(), reply.headers


def test_the_report_is_served_on_this_machine_only_under_its_own_name(run):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Visit)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    try:
        text, headers = visited(url)
        assert "95 % intervals" in text
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        for address, host in ((url, "evil.example"), (url + "etc/passwd", None)):
            with pytest.raises(urllib.error.HTTPError):
                visited(address, host)
    finally:
        server.shutdown()
