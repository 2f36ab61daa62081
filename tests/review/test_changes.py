"""What a change did is recomputed from the rows of before; bad news counts as good news does."""

import json
from pathlib import Path

import pytest

from scaffolder.review import view
from scaffolder.review.model import Answer, Reading
from scaffolder.review.probes import claims as probes
from scaffolder.review.probes import comparison
from scaffolder.review.results import intervals

NOW, BEFORE = "evals/results/hybrid.jsonl", "evals/results/before/headings/hybrid.jsonl"
BETTER, WORSE = [1.0] * 11 + [0.0] * 4, [1.0] * 8 + [0.0] * 7
README = """# Desk

Headings were added: the score of hybrid was {0:.2f} before and is {1:.2f} now,
a difference of {2:+.2f} [{3:+.2f}, {4:+.2f}], n = 15.
"""


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def rows(system: str, values: list[float]) -> str:
    made = (
        {"id": f"q{n}", "split": "test", "system": system, "answer": f"{v}", "score": v}
        for n, v in enumerate(values)
    )
    return "".join(json.dumps(row) + "\n" for row in made)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def claim(text: str, value: float, values: list[float], results: str, baseline: str = "") -> str:
    low, high = intervals.bootstrap(values)
    return (
        f'[[claims]]\ntext = "{text}"\nmetric = "score"\nvalue = {value:.6f}\nn = {len(values)}\n'
        f'ci = [{low:.6f}, {high:.6f}]\nmethod = "bootstrap"\nresults = "{results}"\n'
        + (f'baseline = "{baseline}"\n' if baseline else "")
    )


def changed(root: Path, then: list[float], now: list[float]) -> None:
    """A project in which a change moved the score from `then` to `now`."""
    moved = [b - a for a, b in zip(then, now, strict=True)]
    text = "score of hybrid minus hybrid before headings, test split"
    listed = [
        claim("score of hybrid, test split", mean(now), now, NOW),
        claim("score of hybrid, test split, before headings", mean(then), then, BEFORE),
        claim(text, mean(moved), moved, NOW, BEFORE),
    ]
    write(root, "scaffold.toml", "".join(listed))
    write(root, NOW, rows("hybrid", now))
    write(root, BEFORE, rows("hybrid", then))
    write(root, "evals/results/bm25.jsonl", rows("bm25", BETTER))
    figures = (mean(then), mean(now), mean(moved), *intervals.bootstrap(moved))
    write(root, "README.md", README.format(*figures))


AFTER = "evals/results/before/headings/after/hybrid.jsonl"
KEPT = """# Desk

- headings: score of hybrid {0:.2f} before, {1:.2f} after; {2:+.2f} [{3:+.2f}, {4:+.2f}], n = 15.

The score of hybrid is {5:.2f} on 15 questions.
"""


def kept(root: Path, then: list[float], after: list[float], now: list[float]) -> None:
    """A change of which both sides were kept, and what was measured since."""
    changed(root, then, after)
    moved = [b - a for a, b in zip(then, after, strict=True)]
    text = "score of hybrid after headings minus hybrid before headings, test split"
    listed = [
        claim("score of hybrid, test split", mean(now), now, NOW),
        claim("score of hybrid, test split, before headings", mean(then), then, BEFORE),
        claim("score of hybrid, test split, after headings", mean(after), after, AFTER),
        claim(text, mean(moved), moved, AFTER, BEFORE),
    ]
    write(root, "scaffold.toml", "".join(listed))
    write(root, AFTER, rows("hybrid", after))
    write(root, NOW, rows("hybrid", now))
    figures = (mean(then), mean(after), mean(moved), *intervals.bootstrap(moved), mean(now))
    write(root, "README.md", KEPT.format(*figures))


def read(root: Path) -> Reading:
    with view.opened(root) as seen:
        return probes.recomputed(seen)


NEWS = pytest.mark.parametrize(("then", "now"), [(WORSE, BETTER), (BETTER, WORSE)])


@NEWS
def test_good_and_bad_news_pass_all_three_alike(
    tmp_path: Path, then: list[float], now: list[float]
) -> None:
    changed(tmp_path, then, now)
    with view.opened(tmp_path) as seen:
        for probe in (probes.recomputed, probes.with_interval, comparison.against_baseline):
            assert probe(seen).answer is Answer.YES, probe(seen).reason


@NEWS
@pytest.mark.parametrize(
    "words",
    [
        "The score of hybrid went from {0:.2f} to {1:.2f} after headings, on 15 questions.",
        "The score of hybrid: {0:.2f} -> {1:.2f}.",
        "| hybrid | before | now |\n|---|---|---|\n| score | {0:.2f} | {1:.2f} |",
        "The score of hybrid moved by {2:+.2f}.",
        "The score of hybrid moved by {3:+.0f} points.",
    ],
)
def test_it_can_be_told_in_many_forms(
    tmp_path: Path, then: list[float], now: list[float], words: str
) -> None:
    changed(tmp_path, then, now)
    moved = mean(now) - mean(then)
    write(tmp_path, "README.md", words.format(mean(then), mean(now), moved, 100 * moved))
    assert read(tmp_path).answer is Answer.YES, read(tmp_path).reason


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Headings hurt: the score of hybrid fell by 0.20.", Answer.YES),
        ("The score of hybrid is 0.20 lower with headings.", Answer.YES),
        ("The score of hybrid dropped 20 points.", Answer.YES),
        ("The score of hybrid rose by 0.20.", Answer.NO),
        ("The score of hybrid changed by +0.20, for the worse.", Answer.NO),
        ("The score of hybrid is 20 points better with headings.", Answer.NO),
    ],
)
def test_a_loss_may_be_told_without_a_sign_and_never_as_a_gain(
    tmp_path: Path, text: str, answer: Answer
) -> None:
    changed(tmp_path, BETTER, WORSE)
    write(tmp_path, "README.md", text + "\n")
    assert read(tmp_path).answer is answer, read(tmp_path).reason


def test_the_figure_of_before_does_not_pass_for_todays(tmp_path: Path) -> None:
    changed(tmp_path, BETTER, WORSE)
    for text in (
        "The score of hybrid is 0.73.",
        "| system | score |\n|---|---|\n| hybrid | 0.73 |",
    ):
        write(tmp_path, "README.md", text + "\n")
        assert read(tmp_path).answer is Answer.NO


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (f'baseline = "{BEFORE}"\n', "", "no claim gives the difference to it"),
        (", before headings", "", 'does not say "before"'),
        ("before/headings/hybrid.jsonl", "before/none/hybrid.jsonl", "is not there"),
        (
            "value = -0.200000",
            "value = 0.200000",
            "results/hybrid.jsonl give -0.2",
        ),
    ],
)
def test_a_claim_on_earlier_rows_has_conditions(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    changed(tmp_path, BETTER, WORSE)
    text = (tmp_path / "scaffold.toml").read_text()
    assert old in text
    write(tmp_path, "scaffold.toml", text.replace(old, new))
    found = read(tmp_path)
    assert found.answer is Answer.NO
    assert says in found.reason


@NEWS
def test_a_change_that_was_taken_back_keeps_its_numbers(
    tmp_path: Path, then: list[float], now: list[float]
) -> None:
    kept(tmp_path, then, now, then)
    with view.opened(tmp_path) as seen:
        for probe in (probes.recomputed, probes.with_interval, comparison.against_baseline):
            assert probe(seen).answer is Answer.YES, probe(seen).reason


def test_an_earlier_change_outlives_other_questions(tmp_path: Path) -> None:
    kept(tmp_path, WORSE, BETTER, [1.0, 0.0])
    text = (tmp_path / "README.md").read_text()
    write(tmp_path, "README.md", text.replace("on 15 questions", "on 2 questions"))
    golden = "".join(json.dumps({"id": f"q{n}", "split": "test"}) + "\n" for n in range(2))
    write(tmp_path, "evals/questions.jsonl", golden)
    manifest = (tmp_path / "scaffold.toml").read_text()
    write(tmp_path, "scaffold.toml", f'[paths]\ngolden = "evals/questions.jsonl"\n{manifest}')
    assert read(tmp_path).answer is Answer.YES, read(tmp_path).reason


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Headings moved the score of hybrid by +0.20.", Answer.YES),
        ("With headings the score of hybrid went from 0.53 to 0.73.", Answer.YES),
        (
            "| hybrid | before | after headings |\n|---|---|---|\n| score | 0.53 | 0.73 |",
            Answer.YES,
        ),
        ("The score of hybrid is 0.73.", Answer.NO),
        ("The score of hybrid is 0.73 with headings.", Answer.NO),
        ("The score of hybrid is better by +0.20.", Answer.NO),
        ("With headings the score of hybrid went from 0.73 to 0.53.", Answer.NO),
        ("Headings moved the score of hybrid by -0.20.", Answer.NO),
        ("| system | score |\n|---|---|\n| hybrid | 0.73 |", Answer.NO),
    ],
)
def test_what_a_change_reached_does_not_pass_for_todays(
    tmp_path: Path, text: str, answer: Answer
) -> None:
    kept(tmp_path, WORSE, BETTER, [1.0] * 5 + [0.0] * 10)
    write(tmp_path, "README.md", text + "\n")
    assert read(tmp_path).answer is answer, read(tmp_path).reason


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (f'baseline = "{BEFORE}"\n', "", "no claim gives the difference to it"),
        (", after headings", "", 'does not say "after"'),
        (", before headings", "", 'does not say "before"'),
        ("headings/after/hybrid.jsonl", "rerank/after/hybrid.jsonl", "before the same change"),
        ("value = -0.200000", "value = 0.200000", "after/hybrid.jsonl give -0.2"),
    ],
)
def test_a_claim_on_a_kept_change_has_conditions(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    kept(tmp_path, BETTER, WORSE, BETTER)
    text = (tmp_path / "scaffold.toml").read_text()
    assert old in text
    write(tmp_path, "scaffold.toml", text.replace(old, new))
    found = read(tmp_path)
    assert found.answer is Answer.NO
    assert says in found.reason


def test_one_changed_row_of_after_is_noticed(tmp_path: Path) -> None:
    kept(tmp_path, WORSE, BETTER, WORSE)
    text = (tmp_path / AFTER).read_text()
    write(tmp_path, AFTER, text.replace('"score": 1.0', '"score": 0.0', 1))
    assert "after headings: scaffold.toml claims 0.733333" in read(tmp_path).reason


def test_one_changed_row_of_before_is_noticed(tmp_path: Path) -> None:
    changed(tmp_path, WORSE, BETTER)
    text = (tmp_path / BEFORE).read_text()
    write(tmp_path, BEFORE, text.replace('"score": 1.0', '"score": 0.0', 1))
    assert "before headings: scaffold.toml claims 0.533333" in read(tmp_path).reason


def test_questions_that_changed_between_the_runs_are_not_compared(tmp_path: Path) -> None:
    changed(tmp_path, WORSE, BETTER)
    for name, mark in ((NOW, "0123456789ab"), (BEFORE, "ba9876543210")):
        text = (tmp_path / name).read_text()
        write(tmp_path, name, text.replace('"split"', f'"question": "{mark}", "split"'))
    assert "15 questions changed between the two runs" in read(tmp_path).reason


def test_a_baseline_that_wins_is_a_comparison_as_any_other(tmp_path: Path) -> None:
    write(tmp_path, "evals/results/bm25.jsonl", rows("bm25", BETTER))
    write(tmp_path, NOW, rows("hybrid", WORSE))
    with view.opened(tmp_path) as seen:
        found = comparison.against_baseline(seen)
    assert found.answer is Answer.YES
    assert "hybrid minus bm25, score: -0.200" in found.reason


def test_the_bounds_of_few_items_may_lie_one_item_apart(tmp_path: Path) -> None:
    values = [1.0] * 6 + [0.5] * 3
    write(tmp_path, NOW, rows("hybrid", values))
    for low, answer in ((0.722222, Answer.YES), (0.9, Answer.NO)):
        made = claim("score of hybrid", mean(values) + 0.08 * (low > 0.8), values, NOW)
        head, _, rest = made.partition("ci = [")
        write(tmp_path, "scaffold.toml", f"{head}ci = [{low}{rest[rest.index(',') :]}")
        with view.opened(tmp_path) as seen:
            assert probes.with_interval(seen).answer is answer
