"""Verdicts: the lowest probe decides, own work is asked for, a waiver is no pass."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scaffolder import manifest
from scaffolder.review import engine, rubric, trees, view, weighing
from scaffolder.review.model import (
    Answer,
    Check,
    Item,
    ProbeCall,
    Reading,
    Status,
    no,
    not_applicable,
    partial,
    quote,
    unknown,
    yes,
)

TODAY = date(2026, 11, 22)
LICENCE = ProbeCall("hygiene.license_file")


def check(**changes: Any) -> Check:
    words = {"claim": "c", "why": "w", "fix": "Mend it.", "effort": 5, "source": ["S"]}
    given = {"id": "COM-04", "section": "COM", "weight": "must", "dimension": "reader"}
    return Check(**{**given, **words, "probes": [LICENCE], **changes})


@contextmanager
def viewed(folder: Path, tree: Mapping[str, Any]) -> Iterator[view.RepoView]:
    folder.mkdir()
    trees.build(tree, folder)
    with view.opened(folder) as seen:
        yield seen


def verdict(tmp_path: Path, tree: Mapping[str, Any], asked: Check) -> Item:
    tmp_path.mkdir(exist_ok=True)
    with viewed(tmp_path / "repo", tree) as seen:
        return engine.items([asked], seen, TODAY)[0]


def generated(files: Mapping[str, str], **changed: str) -> dict[str, str]:
    """A tree whose lock records `files`, with some of them changed since."""
    content = {name: text.encode() for name, text in files.items()}
    lock = manifest.lock_text("rag-app", "1.0.0", content)
    about = '[scaffold]\nformat = 1\nskill = "rag-app"\ntemplate_version = "1.0.0"\npackage = "p"\n'
    return {**files, ".scaffold/template.lock": lock, "scaffold.toml": about, **changed}


@pytest.mark.parametrize(
    ("readings", "wanted"),
    [
        ([yes("a"), no("b")], Answer.NO),
        ([yes("a"), partial("b")], Answer.PARTIAL),
        ([unknown("a", "look"), partial("b")], Answer.PARTIAL),
        ([unknown("a", "look"), yes("b")], Answer.UNKNOWN),
        ([yes("a"), yes("b")], Answer.YES),
        ([yes("a"), not_applicable("b", "how")], Answer.NOT_APPLICABLE),
        ([partial("a"), not_applicable("b", "how")], Answer.NOT_APPLICABLE),
        ([no("a"), not_applicable("b", "how")], Answer.NO),
    ],
)
def test_the_lowest_probe_decides(readings: list[Reading], wanted: Answer) -> None:
    assert weighing.lowest(readings).answer is wanted


def test_the_lowest_answer_brings_its_own_reason_and_evidence() -> None:
    found = weighing.lowest([yes("fine", quote("a", 1)), no("missing", quote("b", 2))])
    assert (found.reason, [e.path for e in found.evidence]) == ("missing", ["b"])


def test_a_pass_shows_where(tmp_path: Path) -> None:
    found = verdict(tmp_path, {"LICENSE": "MIT License"}, check())
    assert found.status is Status.PASS
    assert found.evidence[0].path == "LICENSE"


def test_a_failure_says_what_was_looked_for(tmp_path: Path) -> None:
    found = verdict(tmp_path, {"a.txt": "x"}, check())
    assert found.status is Status.FAIL
    assert found.reason
    assert found.evidence or found.how_to_verify


def test_an_item_about_a_model_does_not_speak_of_a_library(tmp_path: Path) -> None:
    asked = check(probes=[ProbeCall("spending.bounded"), LICENCE], run="Run it.")
    tree = {"LICENSE": "MIT License", "lib.py": "x = 1\n"}
    found = verdict(tmp_path, tree, asked)
    assert found.status is Status.NOT_APPLICABLE
    assert found.reason
    assert found.how_to_verify
    bare = verdict(tmp_path / "other", {"lib.py": "x = 1\n"}, asked)
    assert bare.status is Status.FAIL


def test_a_fact_that_is_not_applicable_is_a_no(tmp_path: Path) -> None:
    rules = rubric.load()
    with viewed(tmp_path / "repo", {"lib.py": "x = 1\n"}) as seen:
        fact = engine.facts(seen, rules)["cost_tracking"]
    assert fact.value is Answer.NO
    assert "No language model" in fact.reason


def test_what_only_a_run_can_show_is_unverified_until_then(tmp_path: Path) -> None:
    found = verdict(tmp_path, {"LICENSE": "MIT License"}, check(run="Run it."))
    assert (found.status, found.waits_for) == (Status.UNVERIFIED, "run")
    assert found.evidence


def test_a_failing_repository_needs_no_run_to_fail(tmp_path: Path) -> None:
    assert verdict(tmp_path, {"a.txt": "x"}, check(run="Run it.")).status is Status.FAIL


def test_an_asked_item_waits_for_a_person(tmp_path: Path) -> None:
    found = verdict(tmp_path, {"a.txt": "x"}, check(probes=[], ask="Can you?"))
    assert (found.status, found.waits_for) == (Status.UNVERIFIED, "person")
    assert "Can you?" in found.how_to_verify


def test_plumbing_of_the_template_passes_as_inherited(tmp_path: Path) -> None:
    found = verdict(tmp_path, generated({"LICENSE": "MIT License"}), check())
    assert (found.status, found.inherited) == (Status.PASS, True)


def test_an_item_with_an_area_is_not_started_while_the_area_is_the_templates(
    tmp_path: Path,
) -> None:
    tree = generated({"LICENSE": "MIT License", "README.md": "one\ntwo\nthree\nfour\nfive\nsix\n"})
    found = verdict(tmp_path, tree, check(own=["docs"]))
    assert found.status is Status.NOT_STARTED
    assert "of 6 lines" in found.reason


def test_an_item_with_an_area_is_judged_once_a_tenth_of_it_is_own(tmp_path: Path) -> None:
    files = {"LICENSE": "MIT License", "README.md": "one\ntwo\nthree\nfour\nfive\nsix\n"}
    tree = generated(files, **{"README.md": "one\ntwo\nthree\nfour\nfive\nmine\n"})
    assert verdict(tmp_path, tree, check(own=["docs"])).status is Status.PASS


def test_without_a_template_a_pass_is_a_pass(tmp_path: Path) -> None:
    found = verdict(tmp_path, {"LICENSE": "MIT License"}, check(own=["docs"]))
    assert (found.status, found.inherited) == (Status.PASS, False)


WAIVER = '[[waive]]\nid = "COM-04"\nreason = "Internal work, never published."\nuntil = {until}\n'


@pytest.mark.parametrize(
    ("until", "waivable", "wanted"),
    [
        ("2027-01-01", True, Status.WAIVED),
        ("2026-11-21", True, Status.FAIL),
        ("2027-01-01", False, Status.FAIL),
    ],
)
def test_a_waiver_counts_until_its_day_and_only_where_it_may(
    tmp_path: Path, until: str, waivable: bool, wanted: Status
) -> None:
    tree = {"scaffold.toml": WAIVER.format(until=until)}
    found = verdict(tmp_path, tree, check(waivable=waivable))
    assert found.status is wanted
    assert "aive" in found.reason


def test_a_waiver_of_what_passes_changes_nothing(tmp_path: Path) -> None:
    tree = {"LICENSE": "MIT License", "scaffold.toml": WAIVER.format(until="2027-01-01")}
    assert verdict(tmp_path, tree, check()).status is Status.PASS


def test_what_the_template_wrote_earns_nothing_because_a_neighbour_was_changed(
    tmp_path: Path,
) -> None:
    licence = "MIT License\n" + "".join(f"clause {n}\n" for n in range(8))
    tree = generated({"README.md": "x", "LICENSE": licence}, LICENSE=licence + "mine\n" * 4)
    found = verdict(tmp_path, tree, check())
    assert (found.status, found.inherited) == (Status.PASS, True)


def test_what_cannot_be_said_is_no_accusation(tmp_path: Path) -> None:
    with viewed(tmp_path / "repo", {"a.py": "x = 1\n"}) as seen:
        found = engine.facts(seen, rubric.load())["no_secret_in_history"]
    assert found.value is Answer.PARTIAL


def test_a_bare_repository_is_not_accused_of_what_it_cannot_show(tmp_path: Path) -> None:
    with viewed(tmp_path / "repo", {"a.txt": "x", "commits": []}):
        pass
    with view.opened(tmp_path / "repo" / ".git") as seen:
        found = engine.items([check()], seen, TODAY)[0]
    assert seen.history.commits
    assert found.status is Status.UNVERIFIED


def test_code_that_is_not_read_is_not_accused_of_holding_nothing(tmp_path: Path) -> None:
    ruby = {"app/models/answer.rb": "class Answer\nend\n" * 20, "tools/clean.py": "print(1)\n"}
    data = rubric.load(with_trees=False)
    with viewed(tmp_path / "ruby", ruby) as seen:
        found = engine.facts(seen, data)
        item = engine.items([c for c in data.checks if c.id == "COM-16"], seen, TODAY)[0]
    assert found["tests_with_assertions"].value is Answer.PARTIAL
    assert found["tests_with_assertions"].reason.startswith("Most of the code is Ruby")
    assert found["license_file"].value is Answer.NO
    assert item.status is Status.UNVERIFIED
    with viewed(tmp_path / "python", {**ruby, "app/answer.py": "x = 1\n" * 500}) as seen:
        assert engine.facts(seen, data)["tests_with_assertions"].value is Answer.NO
