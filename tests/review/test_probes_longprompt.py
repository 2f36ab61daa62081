"""The whole corpus in the prompt: its tokens, its price, and what came of it."""

import json
from pathlib import Path

import pytest
from asked import ask

from scaffolder.review.results import amounts
from scaffolder.review.results.resultrows import Row, model_of

CORPUS = {"data/corpus/a.txt": "Rules have words. " * 5000}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("36,000 tokens", [(36_000, "tokens")]),
        ("27 000 words", [(27_000, "words")]),
        ("1.2M input tokens", [(1_200_000, "tokens")]),
        ("40k tokens of 30k words", [(40_000, "tokens"), (30_000, "words")]),
        ("$1.00 per million tokens", []),
    ],
)
def test_counts_are_read_as_they_are_written(line: str, found: list[tuple[float, str]]) -> None:
    assert [c for c in amounts.counts(line) if c[0] > 1] == found


def test_a_price_is_no_amount() -> None:
    line = "$3 per million tokens and $0.25/1M cached make $0.02, or 2 cents"
    assert list(amounts.prices(line)) == [3.0, 0.25]
    assert [value for value, _ in amounts.amounts(line)] == [0.02, 0.02]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The whole corpus has 20,000 tokens.", "yes"),
        ("The whole corpus has 15,000 words.", "partial"),
        ("The whole corpus has 2,000,000 tokens.", "partial"),
        ("An answer has 20,000 tokens.", "no"),
    ],
)
def test_the_stated_tokens_fit_the_documents(text: str, answer: str, tmp_path: Path) -> None:
    tree = {**CORPUS, "README.md": f"# Desk\n{text}\n"}
    assert ask("longprompt.counted", tree, tmp_path).answer == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("at $2 per million tokens a prompt costs $0.04, cached $0.004", "yes"),
        ("cached, at $2 per million tokens, a prompt costs 0.4 cents", "yes"),
        ("at $2 per million tokens a prompt costs $0.40", "partial"),
        ("a prompt costs $0.04", "partial"),
        ("embedding it cost $0.04 at $2 per million tokens", "no"),
        ("it was cheap", "no"),
    ],
)
def test_the_cost_is_tokens_times_price(text: str, answer: str, tmp_path: Path) -> None:
    tree = {**CORPUS, "README.md": f"# Desk\nThe whole corpus has 20,000 tokens; {text}.\n"}
    assert ask("longprompt.costed", tree, tmp_path).answer == answer


def test_words_alone_are_told_that_tokens_are_missing(tmp_path: Path) -> None:
    words = {**CORPUS, "README.md": "# Desk\nThe corpus has 14,000 words; a prompt costs $0.02.\n"}
    found = ask("longprompt.costed", words, tmp_path)
    assert found.answer == "no"
    assert "state its tokens" in found.reason


def test_words_and_the_tokens_of_a_word_are_a_count_of_tokens(tmp_path: Path) -> None:
    said = "14,000 words at 1.4 tokens per word; at $1 per million tokens a prompt costs $0.0196"
    tree = {**CORPUS, "README.md": f"# Desk\nThe corpus has {said}.\n"}
    assert ask("longprompt.counted", tree, tmp_path).answer == "yes"
    assert ask("longprompt.costed", tree, tmp_path / "again").answer == "yes"


def test_without_a_model_nothing_is_said_of_quality(tmp_path: Path) -> None:
    found = ask("longprompt.compared", CORPUS, tmp_path)
    assert (found.answer, found.waits_for) == ("unknown", "model")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("whole-corpus", "yes"),
        ("full_context", "yes"),
        ("full-text", "partial"),
        ("no-rag", "partial"),
    ],
)
def test_only_rows_with_the_corpus_in_the_prompt_are_compared(
    name: str, answer: str, tmp_path: Path
) -> None:
    row = '{{"id": "q{}", "system": "model", "model": "m-1", "accuracy": 1}}\n'
    text = "".join(row.format(n) for n in range(10))
    tree = {"evals/results/model.jsonl": text, f"evals/results/{name}.jsonl": text}
    assert ask("longprompt.compared", tree, tmp_path).answer == answer


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"model": "m-1", "accuracy": 1}, "yes"),
        ({"status": "answered", "accuracy": 1}, "yes"),
        ({"model": "m-1", "input_tokens": 9000, "cost_usd": 0.1}, "unknown"),
        ({"model": "m-1", "grades": {"cache_hit_tokens": 9, "usd_per_1000": 1}}, "unknown"),
        ({"model": "none (baseline)", "accuracy": 1}, "unknown"),
        ({"model": "no model", "status": "answered"}, "unknown"),
    ],
)
def test_tokens_and_cost_of_the_whole_corpus_are_no_answers(
    fields: dict[str, object], answer: str, tmp_path: Path
) -> None:
    usual = {"system": "passages", "model": "none (baseline)", "status": "answered", "accuracy": 1}
    listed = [{"id": f"q{n}", **usual} for n in range(10)]
    listed += [{"id": f"q{n}", "system": "whole corpus", **fields} for n in range(10)]
    text = "".join(json.dumps(row) + "\n" for row in listed)
    assert ask("longprompt.compared", {"evals/results/p.jsonl": text}, tmp_path).answer == answer


@pytest.mark.parametrize(
    ("named", "is_one"),
    [
        *[(name, False) for name in ("none (baseline)", "None", "no model", "n/a", "-", "")],
        *[(name, False) for name in ("baseline (no model)", "no-llm", "without a model")],
        *[(name, True) for name in ("m-1", "nomic-embed-text", "none-such-7b", "llama", "nano")],
    ],
)
def test_a_model_is_named_or_said_to_be_none(named: str, is_one: bool) -> None:
    assert bool(model_of(Row("a.jsonl", 1, {"model": named}))) is is_one
