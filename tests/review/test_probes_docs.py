"""Decisions, failures, data card and diagram: what the trees of the checks do not show."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder.review import trees, view
from scaffolder.review.model import Answer, Reading
from scaffolder.review.probes import datacard, docs, picture, records
from scaffolder.review.project import personal
from scaffolder.review.view import RepoView


def _ask(probe: Callable[[RepoView], Reading], folder: Path, files: dict[str, str]) -> Reading:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    with view.opened(folder) as seen:
        return probe(seen)


def test_a_link_to_a_folder_and_one_to_the_hosts_pages_hold(tmp_path: Path) -> None:
    text = "It answers from the protocols and quotes the passage. " * 40
    links = "[a](docs/) [b](../../issues) [c](docs/a.md#one-more) [d](docs/my%20plan.md)\n"
    files = {"docs/a.md": "# One more", "docs/my plan.md": "x"}
    found = _ask(docs.concise, tmp_path, {"README.md": f"# Desk\n\n{text}\n{links}", **files})
    assert found.answer is Answer.YES


def test_stock_phrases_alone_never_fail(tmp_path: Path) -> None:
    text = "It seamlessly leverages cutting-edge protocols and quotes the passage. " * 40
    assert _ask(docs.concise, tmp_path, {"README.md": f"# Desk\n\n{text}"}).answer is Answer.PARTIAL


def test_the_manifest_says_where_decisions_are(tmp_path: Path) -> None:
    record = "# 1: Hybrid\n## Context\nWords differ.\n## Decision\nHybrid.\n"
    manifest = '[paths]\ndecisions = "notes/choices"\n'
    files = {"scaffold.toml": manifest, "notes/choices/1.md": record}
    found = _ask(records.decisions, tmp_path, files)
    assert [e.path for e in found.evidence] == ["notes/choices/1.md"]


def test_the_first_record_that_is_not_complete_is_shown_with_what_it_lacks(tmp_path: Path) -> None:
    record = (
        "# 1: Hybrid\n## Context\nWords differ.\n## Decision\nHybrid.\n## Consequences\nSlow.\n"
    )
    found = _ask(records.decisions, tmp_path, {"docs/adr/0001-a.md": record})
    assert found.answer is Answer.PARTIAL
    assert "options" in found.reason


def test_an_svg_is_read_by_its_texts(tmp_path: Path) -> None:
    svg = "<svg><text>retrieval</text><text>citations</text><text>index store</text></svg>"
    code = dict.fromkeys(("src/retrieval.py", "src/citations.py", "src/index.py"), "x = 1")
    files = {"README.md": "# Desk\n\n![Architecture](docs/parts.svg)\n", "docs/parts.svg": svg}
    assert _ask(picture.diagram, tmp_path, {**files, **code}).answer is Answer.YES


RECORD = """# 0001: hybrid was chosen

## Context
Half of the questions use other words.

## Options
1. lexical: less
2. hybrid, see [the rows](../../evals/results/hybrid.jsonl)

## Decision
hybrid: its recall@5 is {}, p = 0.02, for 0.40 ms.

## Consequences
Each query takes more.
"""


@pytest.mark.parametrize(
    ("said", "is_given"),
    [("0.75", True), ("0.50", True), ("0.75, needed 0.80", True), ("0.80, n = 4", False)],
)
def test_a_record_quotes_rows_of_today_or_of_its_time(
    said: str, is_given: bool, tmp_path: Path
) -> None:
    def rows(hits: int) -> str:
        row = '{"id": "q%d", "system": "hybrid", "grades": {"recall@5": %d}}\n'
        return "".join(row % (n, n < hits) for n in range(4))

    file = "evals/results/hybrid.jsonl"
    tree = {"docs/decisions/0001-hybrid.md": RECORD.format(said), file: rows(3)}
    first = {"message": "measure", "days_ago": 2, "files": {file: rows(2)}}
    trees.build({**tree, "commits": [first]}, tmp_path)
    with view.opened(tmp_path) as seen:
        reason = records.decisions(seen).reason
    assert ("lacks rows that give 0.80 (recall@5)" not in reason) is is_given


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("| questions | 63 written by me |", Answer.PARTIAL),
        ("- **Questions:** 63 questions, labelled by hand", Answer.PARTIAL),
        ("63 questions were written by me; of them 55 are left out\n\n8 questions", Answer.YES),
        ("| questions | 8 written by me |", Answer.YES),
        ("In the forum 63 questions were read before.", Answer.YES),
    ],
)
def test_a_card_does_not_count_more_questions_than_there_are(
    line: str, answer: Answer, tmp_path: Path
) -> None:
    card = (
        "# Data\nOrigin: written for this project. Licence: MIT. Size: 2 documents.\n"
        f"Labels: marked by the author. All of it is synthetic.\n\n{line}\n"
    )
    row = '{"id": "q%d", "question": "how long %d?", "relevant": [{"source": "a.txt"}]}\n'
    golden = "".join(row % (n, n) for n in range(8))
    places = '[paths]\ngolden = "evals/questions.jsonl"\n'
    files = {"data/README.md": card, "evals/questions.jsonl": golden, "scaffold.toml": places}
    found = _ask(datacard.data_card, tmp_path, files)
    assert found.answer is answer
    assert answer is Answer.YES or "63 questions, and the golden set has 8" in found.reason


def test_a_stated_reason_explains_persons_in_the_data(tmp_path: Path) -> None:
    card = (
        "# Data\nOrigin: written for this project. Licence: MIT. Size: 2 documents.\n"
        "Labels: marked by the author. All of it is synthetic, with fictional persons.\n"
    )
    files = {"data/README.md": card, "data/a.txt": "maria.lopez@hospital-norte.es"}
    assert _ask(datacard.data_card, tmp_path, files).answer is Answer.YES


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        ("write to maria.lopez@hospital-norte.es", ["an e-mail address"]),
        ("write to maria@example.org or info@hospital-norte.es", []),
        ("DE89 3704 0044 0532 0130 00", ["an account number"]),
        ("DE88 3704 0044 0532 0130 00", []),
        ("4539 1488 0343 6467", ["a card number"]),
        ("4539 1488 0343 6468", []),
        ("+34 943 21 87 65", ["a telephone number"]),
        ("+1 212 555 0143, version 3.11.4, 2026-01-01", []),
    ],
)
def test_a_number_is_personal_when_its_checksum_holds(line: str, kinds: list[str]) -> None:
    assert list(personal.found(line)) == kinds
