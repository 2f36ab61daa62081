"""Numbers are recomputed from rows; one changed row, n, bound or README figure is noticed."""

import json
import random
import time
from pathlib import Path

import pytest

from scaffolder.review import view
from scaffolder.review.model import Answer, Reading
from scaffolder.review.probes import claims as probes
from scaffolder.review.probes import comparison, latency
from scaffolder.review.results import claims, intervals, readmenumbers, resultrows

README = """# Desk

| Retrieval | recall@5 | MRR@10 |
|---|---|---|
| lexical | 0.62 [0.38, 0.88], n = 4 | 0.60 |
| hybrid | 0.88 [0.62, 1.00], n = 4 | 0.88 |
"""
RANKS = {"lexical": [[1, 9], [1], [5, None], [9]], "hybrid": [[1, 9], [1], [1, 5], [2]]}


def rows(system: str) -> str:
    made = []
    for n, ranks in enumerate(RANKS[system]):
        row = {"id": f"q{n}", "split": "test", "slice": "easy" if n else "hard", "system": system}
        grades = {m: _grade(ranks, m) for m in ("recall@5", "mrr@10")}
        made.append(json.dumps({**row, "label_ranks": ranks, "grades": grades}) + "\n")
    return "".join(made)


def _grade(ranks: list[int | None], metric: str) -> float:
    found = [r for r in ranks if r is not None and r <= (5 if metric == "recall@5" else 10)]
    if metric == "recall@5":
        return len(found) / len(ranks)
    return 1 / min(found) if found else 0.0


def claim(text: str, metric: str, value: float, ci: list[float], method: str = "bootstrap") -> str:
    system = text.split(" of ")[1].split(",")[0].split(" ")[0]
    return (
        f'[[claims]]\ntext = "{text}"\nmetric = "{metric}"\nvalue = {value}\nn = 4\nci = {ci}\n'
        f'method = "{method}"\nresults = "evals/results/{system}.jsonl"\n\n'
    )


LEDGER = (
    claim("recall@5 of lexical, test split", "recall@5", 0.5, [0.125, 0.875])
    + claim("mrr@10 of lexical, test split", "mrr@10", 0.577778, [0.15, 1.0])
    + claim("recall@5 of hybrid, test split", "recall@5", 0.875, [0.625, 1.0])
    + claim("mrr@10 of hybrid, test split", "mrr@10", 0.875, [0.625, 1.0])
    + claim(
        "recall@5 of hybrid minus lexical, test split", "recall@5 difference", 0.375, [0.0, 0.875],
        "paired bootstrap",
    )
)  # fmt: skip
README = README.replace("0.62 [0.38, 0.88], n = 4 | 0.60", "0.50 [0.12, 0.88], n = 4 | 0.58")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for system in RANKS:
        write(tmp_path, f"evals/results/{system}.jsonl", rows(system))
    write(tmp_path, "scaffold.toml", LEDGER)
    write(tmp_path, "README.md", README)
    return tmp_path


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def edit(root: Path, name: str, old: str, new: str, count: int = 1) -> None:
    text = (root / name).read_text()
    assert old in text
    write(root, name, text.replace(old, new, count))


def read(root: Path) -> Reading:
    with view.opened(root) as seen:
        return probes.recomputed(seen)


def test_every_claim_and_number_follows_from_its_rows(project: Path) -> None:
    found = read(project)
    assert found.answer is Answer.YES, found.reason
    with view.opened(project) as seen:
        assert probes.with_interval(seen).answer is Answer.YES, probes.with_interval(seen).reason


def test_one_changed_row_is_named(project: Path) -> None:
    edit(project, "evals/results/hybrid.jsonl", '"label_ranks": [2]', '"label_ranks": [1]')
    found = read(project)
    assert found.answer is Answer.NO
    assert "mrr@10 of hybrid" in found.reason
    assert "evals/results/hybrid.jsonl" in found.reason


def test_a_grade_that_its_ranks_do_not_give_is_named(project: Path) -> None:
    edit(project, "evals/results/hybrid.jsonl", '"mrr@10": 0.5', '"mrr@10": 1.0')
    found = read(project)
    assert found.answer is Answer.NO
    assert "line 4 of evals/results/hybrid.jsonl" in found.reason


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("scaffold.toml", "value = 0.875", "value = 0.876"),
        ("scaffold.toml", "n = 4", "n = 5"),
        ("scaffold.toml", "results/hybrid", "results/none"),
        ("scaffold.toml", 'metric = "recall@5 diff', 'metric = "recollection diff'),
        ("scaffold.toml", "value = 0.375", "value = 0.475"),
        ("scaffold.toml", 'metric = "mrr@10"', "metric = 3"),
        ("README.md", "0.88 [0.62", "0.98 [0.62"),
        ("README.md", "| 0.58 |", "| 0.88 |"),
        ("README.md", "# Desk\n", "# Desk\nIt has an accuracy of 97 %.\n"),
        ("README.md", "# Desk\n", "# Desk\nIts recall@5 is > 0.97.\n"),
    ],
)
def test_a_number_that_was_edited_is_noticed(project: Path, name: str, old: str, new: str) -> None:
    edit(project, name, old, new)
    assert read(project).answer is Answer.NO


def test_a_number_that_is_no_result_can_be_allowed(project: Path) -> None:
    edit(project, "README.md", "# Desk\n", "# Desk\nOf all letters 97 % are short.\n")
    with (project / "scaffold.toml").open("a") as file:
        file.write('[review]\nallow_numbers = ["97 %"]\n')
    assert read(project).answer is Answer.YES


def test_a_number_beside_a_metric_is_not_excused_by_being_allowed(project: Path) -> None:
    edit(project, "README.md", "# Desk\n", "# Desk\nIts accuracy, which we like, is 97 %.\n")
    refused = read(project)
    assert refused.answer is Answer.NO
    assert "allow_numbers" not in refused.reason
    with (project / "scaffold.toml").open("a") as file:
        file.write('[review]\nallow_numbers = ["97 %"]\n')
    found = read(project)
    assert found.answer is Answer.PARTIAL
    assert "97 % in line 2" in found.reason


@pytest.mark.parametrize(
    "said",
    [
        "A prompt of that size has twice as many words and the accuracy is the same.",
        "Below, 0.50 [0.12, 0.88] of 4 answers hold their pages.",
        "## Where it fails\n\nq9: the right page scored 0.31, the threshold of 0.42 is above it.",
    ],
    ids=["a word", "a metric in other words", "what a diagnosis printed"],
)
def test_true_sentences_are_not_accused(project: Path, said: str) -> None:
    edit(project, "README.md", "# Desk\n", f"# Desk\n{said}\n\n## Results\n\n")
    assert read(project).answer is Answer.YES


@pytest.mark.parametrize(
    "said",
    [
        "The accuracy doubled.",
        "Below, 0.50 [0.32, 0.88] of 4 answers hold their pages.",
        "## Where it fails\n\nThe accuracy of model is 0.91 all the same.",
    ],
    ids=["a factor", "another interval", "a metric among failures"],
)
def test_false_sentences_in_the_same_places_are(project: Path, said: str) -> None:
    edit(project, "README.md", "# Desk\n", f"# Desk\n{said}\n\n## Results\n\n")
    assert read(project).answer is Answer.NO


def test_every_unclaimed_number_is_named_with_a_sentence_that_would_match(project: Path) -> None:
    lines = "".join(f"The recall@5 of hybrid is 0.{n}, they say.\n\n" for n in range(41, 49))
    edit(project, "README.md", "# Desk\n", f"# Desk\n{lines}")
    found = read(project)
    assert len(found.evidence) == 8
    assert "would match" in found.reason
    assert '"recall@5 of hybrid is 0.88 [0.62, 1.00], n = 4"' in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "Needs Python 3.12 and 0.5 GB; recall@5 is measured on 50 questions since 2026-11-01.",
        "Answers of Claude 3.5 and of gpt-4.1-mini were graded for recall@5.",
        "Figures of recall@5 are means with 95 % intervals.",
        "The sign test of recall@5 gives p = 0.02.",
        "```\nrecall@5 0.11\n```",
    ],
)
def test_what_is_no_result_needs_no_claim(project: Path, text: str) -> None:
    edit(project, "README.md", "# Desk\n", f"# Desk\n{text}\n")
    assert read(project).answer is Answer.YES, read(project).reason


def test_a_slice_is_not_the_whole(project: Path) -> None:
    with (project / "scaffold.toml").open("a") as file:
        text = "recall@5 of hybrid, test split, slice hard"
        file.write(claim(text, "recall@5", 0.5, [0.0, 1.0]).replace("n = 4", "n = 1"))
    assert read(project).answer is Answer.YES, read(project).reason
    edit(project, "README.md", "| hybrid | 0.88", "| hybrid | 0.50")
    assert read(project).answer is Answer.NO


def test_a_slice_may_have_underscores_in_its_name(project: Path) -> None:
    """A renderer takes the one in a name for emphasis, and it is gone from what is read."""
    path = project / "evals" / "results" / "hybrid.jsonl"
    path.write_text(path.read_text().replace('"hard"', '"not_so_easy"'))
    with (project / "scaffold.toml").open("a") as file:
        text = "recall@5 of hybrid, test split, slice not_so_easy"
        file.write(claim(text, "recall@5", 0.5, [0.0, 1.0]).replace("n = 4", "n = 1"))
    table = "| Slice | recall@5, hybrid |\n| --- | --- |\n| not_so_easy (n = 1) | {} |\n"
    with (project / "README.md").open("a") as file:
        file.write("\n" + table.format("0.50 [0.00, 1.00]"))
    assert read(project).answer is Answer.YES, read(project).reason
    edit(project, "README.md", "0.50 [0.00, 1.00]", "0.60 [0.00, 1.00]")
    assert read(project).answer is Answer.NO


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("n = 4\n", "", "no n"),
        ("ci = [0.125, 0.875]\n", "", "no interval"),
        ('method = "bootstrap"\n', "", "no method"),
        ("[0.125, 0.875]", "[0.48, 0.52]", "the rows give"),
        ("[0.125, 0.875]", "[0.6, 0.875]", "does not hold its value"),
        ('"bootstrap"', '"Wilson"', "yes/no"),
    ],
)
def test_an_interval_that_does_not_hold_is_named(
    project: Path, old: str, new: str, says: str
) -> None:
    edit(project, "scaffold.toml", old, new)
    with view.opened(project) as seen:
        found = probes.with_interval(seen)
    assert found.answer is Answer.NO
    assert says in found.reason


def test_few_items_are_called_indicative(project: Path) -> None:
    with view.opened(project) as seen:
        assert "indicative" in probes.with_interval(seen).reason


def test_the_difference_is_that_of_the_same_items(project: Path) -> None:
    with view.opened(project) as seen:
        last = claims.ledger(seen).claims[-1]
        assert claims.recompute(seen, last).values == (0.0, 0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(24, 30, 0.627, 0.905), (29, 30, 0.833, 0.994), (0, 9, 0.0, 0.299), (9, 9, 0.701, 1.0)],
)
def test_wilsons_interval_is_the_published_one(
    successes: int, n: int, low: float, high: float
) -> None:
    assert intervals.wilson(successes, n) == pytest.approx((low, high), abs=5e-4)


def test_our_statistics_are_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = random.Random(1)
    for n in (5, 40, 300, 1200):
        values = [rng.choice([0.0, 0.5, 1.0, 1.0]) for _ in range(n)]
        theirs = stats.bootstrap(
            (values,), lambda v, axis: v.mean(axis), method="percentile", rng=1
        )
        low, high = theirs.confidence_interval
        width = high - low
        assert intervals.bootstrap(values) == pytest.approx((low, high), abs=0.1 * width)
        differences = [v - 0.5 for v in values]
        better, worse = sum(d > 0 for d in differences), sum(d < 0 for d in differences)
        wanted = stats.binomtest(better, better + worse).pvalue
        assert intervals.sign_test(differences) == pytest.approx(wanted)
    assert intervals.sign_test([0.0]) == 1
    assert intervals.percentiles([3, 1, 2, 4], 0.5) == (2, 2.5)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("r.jsonl", '{"id": 1, "score": true}\n[1]\n{broken\n{"id": 2, "score": 0}\n'),
        ("r.json", '{"model": "x", "rows": [{"id": 1, "score": 1}, {"id": 2, "score": 0.0}]}'),
        ("r.csv", "id,score\n1,1.0\n2,0\n"),
    ],
)
def test_rows_are_read_from_any_usual_form(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, name, text)
    with view.opened(tmp_path) as seen:
        found = resultrows.rows(seen, name)
        assert [(r.id, resultrows.grade(r, "Score")) for r in found] == [("1", 1.0), ("2", 0.0)]


@pytest.mark.parametrize(
    "cell", ["NaN", "1e999", "-1e400", "[" * 900 + "]" * 900, '"\\u0000"', "1" * 3000, "{}"]
)
def test_odd_values_are_no_grades(project: Path, cell: str) -> None:
    edit(project, "evals/results/hybrid.jsonl", '"mrr@10": 0.5', f'"mrr@10": {cell}')
    edit(project, "evals/results/hybrid.jsonl", '"label_ranks"', '"other"', 9)
    assert read(project).answer is Answer.NO


def test_a_baseline_is_compared_item_by_item(project: Path) -> None:
    extra = "".join(
        json.dumps({"id": f"x{n}", "split": "test", "system": s, "grades": {"recall@5": g}}) + "\n"
        for s, g in (("lexical", 0), ("hybrid", 1))
        for n in range(9)
    )
    write(project, "evals/results/more.jsonl", extra)
    with view.opened(project) as seen:
        found = comparison.against_baseline(seen)
    assert found.answer is Answer.YES
    assert "hybrid minus lexical, recall@5: +0.808" in found.reason
    assert "13 shared items" in found.reason


def test_percentiles_of_the_readme_are_those_of_the_rows(tmp_path: Path) -> None:
    made = [
        {"id": n, "model": "gpt", "latency_ms": 10.0 * n, "ttft_ms": n, "cost_usd": 0.01}
        for n in range(1, 101)
    ]
    write(tmp_path, "evals/results/latency.jsonl", "".join(json.dumps(r) + "\n" for r in made))
    told = "100 requests, laptop, 2026-11-20: p50 {} ms, p95 0.95 s.\n"
    for value, answer in (("500", Answer.YES), ("505", Answer.YES), ("400", Answer.PARTIAL)):
        write(tmp_path, "README.md", told.format(value))
        with view.opened(tmp_path) as seen:
            assert latency.measured(seen).answer is answer


@pytest.mark.parametrize("unit", ["0.9 ", "1/2", "p50 ", "-", "9", "recall@5 0.1 ", "p = ", "of "])
def test_a_hostile_line_is_read_in_time(tmp_path: Path, unit: str) -> None:
    write(tmp_path, "README.md", f"recall@5 {unit * (100_000 // len(unit))}\n")
    write(tmp_path, "scaffold.toml", LEDGER)
    with view.opened(tmp_path) as seen:
        listed = claims.ledger(seen).claims
        started = time.monotonic()
        readmenumbers.read(seen, listed)
        latency.measured(seen)
        assert time.monotonic() - started < 0.5


def test_timings_of_the_readme_need_no_claim_while_the_rows_give_them(project: Path) -> None:
    made = [{"id": n, "latency_ms": 10 * n} for n in range(1, 101)]
    write(project, "evals/results/latency.jsonl", "".join(json.dumps(r) + "\n" for r in made))
    with (project / "README.md").open("a") as file:
        file.write("\nLatency over 100 requests: p50 500 ms, p95 0.95 s.\n")
    assert read(project).answer is Answer.YES, read(project).reason
    edit(project, "README.md", "p50 500", "p50 540")
    assert read(project).answer is Answer.YES
    with view.opened(project) as seen:
        assert "before the last run" not in latency.measured(seen).reason
    edit(project, "README.md", "p50 540", "p50 300")
    assert read(project).answer is Answer.YES
    with view.opened(project) as seen:
        found = latency.measured(seen)
    assert found.answer is Answer.PARTIAL
    assert "before the last run, write it again" in found.reason


def test_a_time_that_names_its_run_is_compared_exactly(project: Path) -> None:
    made = [{"id": n, "latency_ms": 10 * n, "commit": "0a1b2c3d"} for n in range(1, 101)]
    write(project, "evals/results/latency.jsonl", "".join(json.dumps(r) + "\n" for r in made))
    with (project / "README.md").open("a") as file:
        file.write("\nAt 0a1b2c3: p50 540 ms.\n")
    with view.opened(project) as seen:
        assert latency.measured(seen).answer is Answer.NO


def test_a_time_without_timed_rows_needs_a_claim(project: Path) -> None:
    with (project / "README.md").open("a") as file:
        file.write("\nLatency over 100 requests: p50 500 ms.\n")
    assert read(project).answer is Answer.NO


def test_a_claimed_percentile_is_recomputed_as_one(project: Path) -> None:
    made = [{"id": n, "latency_ms": 10 * n} for n in range(1, 5)]
    write(project, "evals/results/timed.jsonl", "".join(json.dumps(r) + "\n" for r in made))
    with (project / "scaffold.toml").open("a") as file:
        file.write(claim("time of timed", "p50_latency_ms", 25, [10, 40]))
    assert read(project).answer is Answer.YES, read(project).reason
    edit(project, "scaffold.toml", "value = 25", "value = 24")
    assert read(project).answer is Answer.NO
