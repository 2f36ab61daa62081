"""Results over time: one series a claim, each point with its interval, marked for what it is."""

import json
import subprocess
from pathlib import Path

import pytest

from scaffolder import manifest
from scaffolder.cli import main
from scaffolder.journeys import forest, plotting, results
from scaffolder.journeys.forest import Mark

SAMPLE = '{"id": "s1", "question": "Whose is this?"}\n'
MINE = '{"id": "q1", "question": "Mine?"}\n'


def claim(text: str, value: object, ci: object = "[0.2, 0.6]", n: object = 36) -> str:
    metric = text.partition(" of ")[0]
    return (
        f'[[claims]]\ntext = "{text}"\nmetric = "{metric}"\nvalue = {value}\nn = {n}\n'
        f'ci = {ci}\nresults = "evals/results/x.jsonl"\n'
    )


def write(root: Path, *claims: str, questions: str = MINE) -> None:
    head = (
        '[scaffold]\nformat = 1\nskill = "rag-app"\ntemplate_version = "1.1.0"\npackage = "notes"\n'
        '[paths]\ngolden = "evals/questions.jsonl"\ncorpus = "data"\n'
    )
    (root / "evals").mkdir(parents=True, exist_ok=True)
    (root / "scaffold.toml").write_text(head + "\n".join(claims), "utf-8")
    (root / "evals" / "questions.jsonl").write_text(questions, "utf-8")


def commit(root: Path, message: str) -> None:
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    if not (root / ".git").exists():
        subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", message], check=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A generated project: the template's run, then two of one's own."""
    root = tmp_path / "notes"
    root.mkdir()
    write(root, claim("hit@5 of hybrid", 0.9), questions=SAMPLE)
    (root / ".scaffold").mkdir()
    lock = manifest.lock_text("rag-app", "1.1.0", {"evals/questions.jsonl": SAMPLE.encode()})
    (root / ".scaffold" / "template.lock").write_text(lock, "utf-8")
    commit(root, "Start notes from the rag-app template")
    write(root, claim("hit@5 of hybrid", 0.3))
    commit(root, "First own run")
    write(root, claim("hit@5 of hybrid", 0.4), claim("hit@5 of lexical", 0.5))
    commit(root, "Second own run")
    return root


def test_a_claim_is_followed_through_the_commits_that_changed_it(project: Path) -> None:
    (project / "notes.md").write_text("nothing measured\n", "utf-8")
    commit(project, "Notes")
    hybrid, lexical = results.history(project).series
    assert [p.value for p in hybrid.points] == [0.9, 0.3, 0.4]
    assert [p.reference for p in hybrid.points] == [True, False, False]
    assert [p.other for p in hybrid.points] == [True, False, False]
    assert [p.now for p in hybrid.points] == [False, False, True]
    assert hybrid.latest.subject == "Second own run"
    assert [p.value for p in lexical.points] == [0.5]


def test_what_is_not_committed_yet_is_now(project: Path) -> None:
    write(project, claim("hit@5 of hybrid", 0.45), questions=MINE * 2)
    points = results.history(project).series[0].points
    assert (points[-1].value, points[-1].commit, points[-1].when) == (0.45, "", None)
    assert [p.other for p in points] == [True, True, True, False]


def test_without_git_or_results_it_says_so(project: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    write(bare, claim("hit@5 of hybrid", 0.4))
    found = results.history(bare)
    assert len(found.series[0].points) == 1
    assert "only what stands now" in found.note
    write(project)
    assert results.history(project).series == ()
    assert "no result yet" in results.history(project).note


def test_the_result_that_the_readme_tells_comes_first(project: Path) -> None:
    (project / "README.md").write_text("Its hit@5 is 0.50 [0.2, 0.6].\n", "utf-8")
    assert results.history(project).series[0].name == "hit@5 of lexical"


def test_changes_stand_against_zero_each_under_its_name(project: Path) -> None:
    text = "ndcg@10 of hybrid after {0} minus hybrid before {0}, test split"
    write(
        project,
        claim("ndcg@10 of hybrid", 0.4),
        claim("ndcg@10 of hybrid, before glossary", 0.3),
        claim(text.format("glossary"), 0.1, "[0.03, 0.2]"),
    )
    commit(project, "Rows of change 1")
    write(
        project,
        claim("ndcg@10 of hybrid", 0.4),
        claim(text.format("copies"), -0.01, "[-0.05, 0.02]"),
        claim(text.format("glossary"), 0.1, "[0.03, 0.2]"),
    )
    commit(project, "Rows of change 2")
    plain, changes = results.history(project).series
    assert plain.name == "ndcg@10 of hybrid"
    assert [p.change for p in changes.points] == ["glossary", "copies"]
    assert plotting.notes(changes) == [
        "glossary: the interval is above zero",
        "copies: the interval holds zero: it may be chance",
    ]
    assert "┼" in str(plotting.rows(changes, 80)[-2])


def test_values_that_are_none_are_left_out(project: Path) -> None:
    odd = ["nan", "inf", "1e999", '"0.5"', "true", "[]", "{}", "1" + "0" * 200]
    made = [claim(f"hit@5 of s{k}", value) for k, value in enumerate(odd)]
    bounds = ["[nan, 1]", "[0.9, 0.1]", "[1]", '"x"', "3"]
    made += [claim(f"mrr of c{k}", 0.5, ci, '"n"') for k, ci in enumerate(bounds)]
    write(project, *made)
    series = results.history(project).series
    assert [s.name for s in series] == [f"mrr of c{k}" for k in range(len(bounds))]
    assert all(s.latest.ci is None and s.latest.n is None for s in series)


def test_ten_thousand_claims_and_hostile_names_do_no_harm(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = "hit@5 of \\u001b[31mred\\u202e"
    write(project, claim(bad, 0.5), *(claim(f"m{n} of x", n) for n in range(900)))
    assert len(results.history(project).series) == 200
    assert main(["results", str(project)]) == 0
    said = capsys.readouterr().out
    assert "\x1b[31m" not in said
    assert "\u202e" not in said


@pytest.mark.parametrize("width", [20, 60, 200])
@pytest.mark.parametrize("value", [0.0, 1e15, -1e15, 1e-12, 0.5, 122658.4])
def test_a_plot_has_its_width_whatever_the_numbers(value: float, width: int) -> None:
    marks = [Mark("now", value, (value, value), 3), Mark("before", value / 2, None)]
    for zero in (False, True):
        rows = forest.plot(marks, width, zero)
        assert len({len(row.plot) for row in rows}) == 1
        assert len(rows) == 4
        assert "●" in rows[0].plot
        assert rows[-1].plot.strip()


def test_the_command_plots_the_headline_and_names_the_rest(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["results", str(project)]) == 0
    said = capsys.readouterr().out
    assert "template reference run, not yours" in said
    assert "0.40 [0.20, 0.60]  n 36" in said
    assert "1 more" in said
    assert main(["results", str(project), "--metric", "lexical", "--json"]) == 0
    series = json.loads(capsys.readouterr().out)["series"]
    assert [s["name"] for s in series] == ["hit@5 of lexical"]
    assert main(["results", str(project), "--metric", "bleu"]) == 2
    assert "hit@5" in capsys.readouterr().err


def test_a_project_inside_a_larger_repository_has_its_own_history(tmp_path: Path) -> None:
    root = tmp_path / "all" / "notes"
    write(root, claim("hit@5 of hybrid", 0.3))
    commit(tmp_path / "all", "One")
    write(root, claim("hit@5 of hybrid", 0.4))
    commit(tmp_path / "all", "Two")
    assert [p.value for p in results.history(root).series[0].points] == [0.3, 0.4]
