"""The evaluation from question to published figure, on a corpus of eight sentences."""

import json
import tomllib
from dataclasses import replace

import pytest
from llmock.pytest_plugin import LLMock
from small_corpus import (
    FACTS,
    ROOT,
    TOPICS,
    UNKNOWN,
    open_index,
    result_row,
    run_command,
    settings_in,
    trace_in,
)

from pytopics import retrieval
from pytopics.cli import main
from pytopics.errors import UsageError
from pytopics.evaluation import before, report, rows
from pytopics.evaluation.golden import load, targets
from pytopics.evaluation.reading import read_next
from pytopics.evaluation.run import (
    measure_answers,
    measure_retriever,
    question_hash,
    setting_of,
)
from pytopics.evaluation.tuning import (
    Point,
    around,
    best_threshold,
    threshold_curve,
)
from pytopics.ingest import ingest
from pytopics.layout import aligned, wrapped
from pytopics.settings import load_settings

MARKED = "above\n<!-- results:start -->\nold\n<!-- results:end -->\nbelow\n"


@pytest.fixture
def project(tmp_path):
    settings = settings_in(tmp_path)
    (tmp_path / "README.md").write_text(MARKED, encoding="utf-8")
    (tmp_path / "scaffold.toml").write_text(
        "[scaffold]\nformat = 1\n# claims:start\n# claims:end\n[[waive]]\nid = 'X'\n",
        encoding="utf-8",
    )
    return settings


@pytest.fixture
def command(project, monkeypatch, capsys):
    """Runs `eval` in the project; returns exit code, the JSON on stdout (or None) and stderr."""
    return run_command("eval", project, monkeypatch, capsys)


def means(measured) -> dict[str, float]:
    return {figure.metric: figure.value for figure in rows.figures(measured)}


@pytest.mark.parametrize("retriever", ["lexical", "dense", "hybrid"])
def test_every_retriever_finds_the_only_sentence_there_is(project, retriever):
    index = open_index(project)
    measured = measure_retriever(load(project.questions), index, project, retriever)
    assert len(measured) == len(TOPICS) + len(UNKNOWN)
    assert means(measured)[f"recall@{project.k}"] == 1.0
    assert measured[0].ranked[0][0] == f"{measured[0].id}.md"
    assert all(row.grades == {} for row in measured if row.slice == "out-of-corpus")


def test_answer_rows_have_what_the_passages_and_the_answer_were(project):
    index = open_index(project)
    measured = measure_answers(
        load(project.questions), index, project, "baseline", trace_in(project)
    )
    by_id = {row.id: row for row in measured}
    assert FACTS["lift"] in by_id["lift"].answer
    assert by_id["lift"].label_ranks == (1,)
    assert by_id["lift"].question == question_hash(load(project.questions)[5])
    assert means(measured)["abstention_recall"] == 1.0


def test_a_time_is_that_of_a_warm_system(project, monkeypatch):
    asked = []
    search = retrieval.search

    def spy(index, query, *rest):
        asked.append(query)
        return search(index, query, *rest)

    monkeypatch.setattr(retrieval, "search", spy)
    questions, index = load(project.questions), open_index(project)
    first = questions[0].question
    measure_retriever(questions, index, project, "dense")
    assert asked == [first, *(q.question for q in questions)]
    measure_answers(questions[:1], index, project, "baseline", trace_in(project))
    assert asked[-2:] == [first, first]


def test_rows_come_back_as_they_were_written(tmp_path, project):
    index = open_index(project)
    measured = measure_answers(
        load(project.questions), index, project, "baseline", trace_in(project)
    )
    rows.write(tmp_path / "x" / "baseline.jsonl", measured)
    assert rows.read(tmp_path / "x" / "baseline.jsonl") == measured


def test_rows_survive_line_separators_and_half_characters(tmp_path):
    made = replace(result_row("a", {}), answer="one\u2028two \ud83d")
    rows.write(tmp_path / "rows.jsonl", [made])
    assert rows.read(tmp_path / "rows.jsonl") == [replace(made, answer="one\u2028two ?")]


def test_the_command_measures_publishes_and_keeps_the_rest_of_both_files(project, command):
    code, result, err = command()
    assert code == 0
    assert "the model was not measured" in err
    assert result["measured"] == dict.fromkeys(("lexical", "dense", "hybrid", "baseline"), 10)
    readme = (project.root / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("above\n<!-- results:start -->\n## Results\n")
    assert readme.endswith("<!-- results:end -->\nbelow\n")
    manifest = tomllib.loads((project.root / "scaffold.toml").read_text(encoding="utf-8"))
    assert manifest["waive"] == [{"id": "X"}]
    assert len(manifest["claims"]) == len(result["claims"])


def test_every_claim_is_the_mean_of_its_rows_and_every_cell_is_a_claim(project, command):
    command()
    manifest = tomllib.loads((project.root / "scaffold.toml").read_text(encoding="utf-8"))
    readme = (project.root / "README.md").read_text(encoding="utf-8")
    for claim in manifest["claims"]:
        low, high = claim["ci"]
        assert low <= claim["value"] <= high
        if "test split" not in claim["text"].split(", ")[-1]:
            continue
        lines = (project.root / claim["results"]).read_text(encoding="utf-8").splitlines()
        grades = [r["grades"] for r in map(json.loads, lines) if r["split"] == "test"]
        values = [g[claim["metric"]] for g in grades if claim["metric"] in g]
        assert claim["n"] == len(values)
        assert claim["value"] == pytest.approx(sum(values) / len(values), abs=1e-6)
        assert f"{claim['value']:.2f} [{low:.2f}, {high:.2f}], n = {claim['n']}" in readme


def test_a_second_run_gives_the_same_figures(command):
    assert command()[1]["claims"] == command()[1]["claims"]


def test_one_sample_row_keeps_the_reference_heading():
    mine, shipped = result_row("a", {"recall@3": 1.0}), result_row("b", {"recall@3": 1.0})
    shipped = replace(shipped, origin=report.SAMPLE)
    assert report.build({"hybrid": [mine]}, "hybrid").markdown.startswith("## Results")
    assert report.build({"hybrid": [mine, shipped]}, "hybrid").markdown.startswith(
        "## Template reference run, not my result"
    )


def test_rows_of_other_questions_are_not_published(project, command):
    command()
    text = project.questions.read_text(encoding="utf-8")
    project.questions.write_text(text.replace("spare keys hang", "keys hang"), encoding="utf-8")
    _, _, err = command("--system", "hybrid")
    assert "the rows of lexical are of other questions" in err


def test_rows_of_changed_facts_are_not_published(project, command):
    command()
    text = project.questions.read_text(encoding="utf-8")
    changed = text.replace('[["green clock"]]', '[["clock"]]')
    assert changed != text
    project.questions.write_text(changed, encoding="utf-8")
    assert "the rows of lexical are of other questions" in command("--system", "hybrid")[2]


def test_rows_of_another_setting_are_not_published(project, command, monkeypatch, capsys):
    command()
    other = replace(project, k=2)
    _, result, err = run_command("eval", other, monkeypatch, capsys)("--system", "hybrid")
    setting = f"{project.chunk_words}/{project.chunk_overlap} lexical k=3 "
    assert f"the rows of lexical are of another setting ({setting}" in err
    assert {claim["results"] for claim in result["claims"]} == {"evals/results/hybrid.jsonl"}


def test_rows_of_another_setting_are_kept_and_compared(project, command, monkeypatch, capsys):
    assert command()[1]["before"] == []
    old = (project.results / "baseline.jsonl").read_text(encoding="utf-8")
    strict = replace(project, answer_threshold=9.0)
    _, result, _ = run_command("eval", strict, monkeypatch, capsys)()
    (change,) = result["before"]
    assert (change["system"], change["metric"], change["difference"]) == (
        "baseline",
        "fact_accuracy",
        -1.0,
    )
    assert (change["split"], change["n"], change["worse"][0]) == ("dev", 4, "boats")
    assert "slices that fell: exact-name." in result["message"]
    kept = project.results / "before" / "baseline.jsonl"
    assert kept.read_text(encoding="utf-8") == old
    assert all("/before/" not in claim["results"] for claim in result["claims"])


def test_rows_of_other_questions_are_no_before(tmp_path):
    path = tmp_path / "hybrid.jsonl"
    rows.write(path, [replace(result_row("h1", {"ndcg@10": 1.0}), setting="other")])
    assert before.keep(path, [result_row("q1", {"ndcg@10": 0.0})]) is None
    assert not (tmp_path / "before").exists()
    path.write_text("{", encoding="utf-8")
    assert before.keep(path, [result_row("q1", {"ndcg@10": 0.0})]) is None


def test_tables_for_a_terminal_are_aligned_and_words_are_whole():
    text = "## Head\n\n| a | bb |\n| --- | --- |\n| ccc | d |\n\nsome words that go on"
    assert aligned(text, 10) == "Head\n\na    bb\nccc  d\n\nsome words\nthat go on"
    assert aligned(text, 0) == text
    assert wrapped("    one two", 9) == "    one\n    two"


@pytest.mark.parametrize(
    ("change", "systems"),
    [
        ({"k": 4}, {"dense", "baseline", "model"}),
        ({"candidates": 7}, {"dense", "baseline", "model"}),
        ({"rrf_k": 7}, {"dense", "baseline", "model"}),
        ({"reranker": "x"}, {"dense", "baseline", "model"}),
        ({"roles": ("board",)}, {"dense", "baseline", "model"}),
        ({"chunk_words": 90}, {"dense", "baseline", "model"}),
        ({"retriever": "dense"}, {"baseline", "model"}),
        ({"answer_threshold": 0.91}, {"baseline"}),
        ({"answer_sentences": 1}, {"baseline"}),
        ({"max_output_tokens": 7}, {"model"}),
    ],
)
def test_a_setting_changes_with_what_can_change_a_row(project, change, systems):
    def settings_of(settings):
        index = open_index(settings)
        names = ("dense", "baseline", "model")
        found = {system: setting_of(system, index, settings) for system in names}
        index.close()
        return found

    before, after = settings_of(project), settings_of(replace(project, **change))
    assert {system for system in before if before[system] != after[system]} == systems


def test_a_setting_changes_with_the_corpus_and_the_prompt(project):
    before = setting_of("model", open_index(project), project)
    prompt = project.root / "prompts" / "answer.md"
    prompt.write_text(prompt.read_text(encoding="utf-8") + "Be brief.\n", encoding="utf-8")
    with_prompt = setting_of("model", open_index(project), project)
    (project.corpus_path / "bees.md").write_text("The beehives are gone.")
    ingest(project)
    with_corpus = setting_of("model", open_index(project), project)
    assert len({before, with_prompt, with_corpus}) == 3


def test_without_test_questions_the_dev_figures_are_shown_as_such(project, command):
    text = project.questions.read_text(encoding="utf-8")
    project.questions.write_text(text.replace('"test"', '"dev"'), encoding="utf-8")
    _, result, _ = command("--system", "hybrid")
    readme = (project.root / "README.md").read_text(encoding="utf-8")
    assert "means on the dev split" in readme
    assert all("dev split" in claim["text"] for claim in result["claims"])


def test_both_errors_of_an_answering_system_are_counted(command, project, monkeypatch, capsys):
    strict = replace(project, answer_threshold=9.0)
    run_command("eval", strict, monkeypatch, capsys)()
    readme = (project.root / "README.md").read_text(encoding="utf-8")
    declined = "- baseline declined 4 of 4 answerable questions and "
    assert f"{declined}answered 0 of 1 that the topics do not answer.\n" in readme


def test_a_project_without_a_manifest_is_not_told_about_it(project, command):
    (project.root / "scaffold.toml").unlink()
    assert "scaffold.toml" not in command()[2]


def test_the_same_price_for_all_is_no_claim():
    priced = [
        replace(result_row(f"q{n}", {}), system="model", cost_usd=0.0, latency_ms=900.0 + n)
        for n in range(3)
    ]
    published = report.build({"model": priced}, "hybrid")
    assert "cost_usd 0.0000, n = 3; seconds 0.9010 [" in published.markdown
    assert [claim.metric for claim in published.claims] == ["seconds"]


def test_no_difference_has_no_sign_of_its_own():
    runs = {
        "lexical": [result_row("a", {"ndcg@10": 0.501}), result_row("b", {"ndcg@10": 0.5})],
        "hybrid": [result_row("a", {"ndcg@10": 0.5}), result_row("b", {"ndcg@10": 0.5})],
    }
    assert "nDCG@10: +0.00 [" in report.build(runs, "hybrid").markdown


def test_the_gate_passes_then_fails_when_retrieval_breaks(command, monkeypatch):
    code, result, err = command("--gate")
    assert (code, result["gate"]) == (3, None)
    assert "--save-baseline" in err
    assert command("--save-baseline")[0] == 0
    assert command("--gate")[0] == 0
    monkeypatch.setattr("pytopics.retrieval.search", lambda *_, **__: [])
    code, result, err = command("--gate")
    assert (code, result["status"]) == (5, "failed")
    assert "hybrid recall@3 1.000 -> 0.000" in err


def test_the_model_by_name_needs_a_key_and_a_provider(command, model_server: LLMock, monkeypatch):
    model_server.outage()
    assert command("--system", "model")[0] == 4
    monkeypatch.undo()
    assert command("--system", "model")[0] == 3


def test_a_model_run_is_measured_beside_the_others(project, command, model_server: LLMock):
    model_server.reply('{"found": false, "citations": [], "answer": "unknown"}', times=None)
    code, result, _ = command()
    assert (code, result["system"], result["measured"]["model"]) == (0, "model", 10)
    assert result["usage"]["input_tokens"] > 0
    readme = (project.root / "README.md").read_text(encoding="utf-8")
    assert "| model | 0.00 [" in readme
    assert "Per question with" in readme


@pytest.mark.usefixtures("model_server")
def test_a_spent_budget_leaves_the_model_out_and_says_so(project, monkeypatch, capsys):
    poor = replace(project, llm=replace(project.llm, budget_usd=0.0))
    code, result, _ = run_command("eval", poor, monkeypatch, capsys)()
    assert (code, result["status"]) == (0, "budget_exceeded")
    assert "model" not in result["measured"]
    assert not (project.results / "model.jsonl").exists()


@pytest.mark.usefixtures("model_server")
@pytest.mark.parametrize("options", [(), ("--gate",)])
def test_the_model_by_name_with_a_spent_budget_is_an_error(project, monkeypatch, capsys, options):
    poor = replace(project, llm=replace(project.llm, budget_usd=0.0))
    run = run_command("eval", poor, monkeypatch, capsys)
    code, _, err = run("--system", "model", *options)
    assert code == 3
    assert "raise budget_usd" in err
    assert "--save-baseline" not in err


def test_failures_that_are_not_utf8_are_named(tmp_path):
    failures = tmp_path / "failures.jsonl"
    failures.write_text('{"id": "a", "failure": "caf\u00e9"}', encoding="latin-1")
    with pytest.raises(UsageError, match=r"cannot read .*failures\.jsonl"):
        read_next([result_row("a", {})], failures)


def test_results_to_read_are_failures_first_and_not_read_before(tmp_path):
    grades = {"good": 1.0, "bad": 0.0, "worse": 0.0, "half": 0.5}
    measured = [result_row(name, {"fact_accuracy": grade}) for name, grade in grades.items()]
    failures = tmp_path / "failures.jsonl"
    assert read_next(measured, failures) == ["bad", "worse", "half", "good"]
    failures.write_text('{"id": "bad", "system": "hybrid"}\n', encoding="utf-8")
    assert read_next(measured, failures) == ["worse", "half", "good"]


def test_test_results_are_not_offered_while_a_dev_result_is_unread(tmp_path):
    failures = tmp_path / "failures.jsonl"
    measured = [replace(result_row("d", {"fact_accuracy": 1.0}), split="dev")]
    measured.append(result_row("t", {"fact_accuracy": 0.0}))
    assert read_next(measured, failures) == ["d"]
    failures.write_text('{"id": "d", "system": "hybrid"}\n', encoding="utf-8")
    assert read_next(measured, failures) == ["t"]


def test_the_threshold_is_tuned_on_dev_only(project):
    index = open_index(project)
    questions = load(project.questions)
    only_dev = [q for q in questions if q.split == "dev"]
    curve = threshold_curve(questions, index, project)
    assert curve == threshold_curve(only_dev, index, project)
    best = best_threshold(curve)
    assert best.balance == max(point.balance for point in curve)
    assert (best.right_answers, best.right_abstentions) == (1.0, 1.0)


def test_tuning_shows_the_best_first_and_few_around_it(project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    read_settings = "pytopics.commands.eval.load_settings"
    monkeypatch.setattr(read_settings, lambda: project)
    assert main(["eval", "--tune"]) == 0
    first, _, _, *curve = capsys.readouterr().out.splitlines()
    assert first.startswith("Best on dev: threshold = ")
    assert first.endswith("n = 5 questions. Fewer than 20 are too few to choose by.")
    assert first.split()[5] in "".join(curve)
    points = [Point(n / 10, 0.1, 0.0, 0.0) for n in range(30)]
    assert around(points[0], points) == points[:10]
    assert around(points[29], points) == points[20:]
    assert len(around(points[1], points[:3])) == 3


def test_answerable_questions_without_facts_play_no_part_in_tuning(project):
    index = open_index(project)
    questions = load(project.questions)
    loose = replace(questions[1], id="loose", facts=())
    assert threshold_curve([*questions, loose], index, project) == threshold_curve(
        questions, index, project
    )


@pytest.mark.parametrize("kept", ['"relevant": [{', '"relevant": []'])
def test_a_threshold_needs_questions_of_both_kinds(project, command, kept):
    lines = project.questions.read_text(encoding="utf-8").splitlines(keepends=True)
    project.questions.write_text("".join(line for line in lines if kept in line))
    code, _, err = command("--tune")
    assert code == 2
    assert "it needs some with facts and some that the corpus does not answer" in err


def test_every_label_of_this_project_is_in_its_corpus(tmp_path):
    settings = replace(load_settings(ROOT), index_path=tmp_path / "index.sqlite")
    index = open_index(settings)
    for question in load(settings.questions, settings.corpus_name):
        assert len(targets(question, index)) == len(question.relevant)


def test_publishing_keeps_every_other_byte_and_the_line_ends_of_the_file(tmp_path):
    path, (start, end) = tmp_path / "README.md", report.README_MARKS
    path.write_bytes(f"caf\xe9\r\n{start}\r\nold\r\n{end}\r\nlast\n".encode("cp1252"))
    assert report.write_readme(path, report.Report("one\ntwo", ()))
    expected = f"caf\xe9\r\n{start}\r\none\r\ntwo\r\n{end}\r\nlast\n"
    assert path.read_bytes() == expected.encode("cp1252")
