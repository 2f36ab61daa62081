"""The drill: which questions come when, what a repository invites, and that our data adds up."""

import ast
import json
import operator
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder import notebook, progress, skills
from scaffolder.cli import main
from scaffolder.errors import BrokenTemplate, UsageError
from scaffolder.journeys import defend, drill, review
from scaffolder.journeys.drill import MISSED, PARTLY, STRONG, Asked, Round
from scaffolder.review import areas, rubric
from scaffolder.review.model import Answer, Evidence, Report, Status

ROOT = Path(__file__).parent.parent
PROMPTS = skills.design_prompts()
RULES = defend.rules()


def asked(*names: str) -> list[Asked]:
    return [Asked(name, name, f"{name}?", ()) for name in names]


def names(found: list[Asked] | tuple[Asked, ...]) -> str:
    return "".join(question.id for question in found)


def test_the_weak_come_first_then_the_new_then_the_strong() -> None:
    ratings = {"e": [MISSED, STRONG], "b": [STRONG, PARTLY], "d": [STRONG], "c": [MISSED]}
    assert names(drill.plan(asked(*"abcdef"), ratings)) == "cbafed"


def test_of_two_that_went_alike_the_one_rated_longer_ago_comes_first() -> None:
    for question in ("b", "a", "b"):
        notebook.rate(question, STRONG)
    assert names(drill.plan(asked(*"ab"), notebook.load().ratings)) == "ab"


def test_a_missed_question_comes_again_after_three_others() -> None:
    sitting = Round(tuple(asked(*"abcde"))).after(asked("a")[0], MISSED)
    assert names(sitting.queue) == "bcdae"
    assert names(sitting.after(asked("b")[0], PARTLY).queue) == "cdae"


def test_what_was_passed_over_goes_to_the_end() -> None:
    sitting = Round(tuple(asked(*"abcd"))).after(asked("c")[0], STRONG)
    assert names(sitting.queue) == "dab"


@given(st.lists(st.sampled_from([MISSED, PARTLY, STRONG]), max_size=30))
def test_nothing_is_lost_and_nothing_is_asked_twice_at_a_time(ratings: list[str]) -> None:
    questions = tuple(asked(*"abcde"))
    sitting = Round(questions)
    for rating in ratings:
        if not sitting.queue:
            break
        sitting = sitting.after(sitting.queue[0], rating)
    waiting = set(names(sitting.queue))
    assert len(waiting) == len(sitting.queue)
    held = {question for question, rating in sitting.rated.items() if rating != MISSED}
    assert waiting | held == set("abcde")
    assert not waiting & held


def test_a_question_that_is_reworded_is_new_and_no_other_is() -> None:
    assert drill.question_id("rag-app", "Why  RAG?") == drill.question_id("rag-app", "Why\nRAG?")
    assert drill.question_id("rag-app", "Why RAG?") != drill.question_id("rag-app", "Why rag?")
    assert drill.question_id("rag-app", "Why?") != drill.question_id("agent", "Why?")


def test_a_rating_is_kept_at_once_and_comes_first_the_next_time() -> None:
    first = drill.interview("rag-app")
    drill.rate(first, first.questions[4], MISSED)
    again = drill.interview("rag-app")
    assert again.questions[0] == first.questions[4]
    assert again.count(MISSED) == 1


def test_without_a_word_it_is_the_skill_that_is_studied(tmp_path: Path) -> None:
    assert drill.meant("") == "llm-api"
    progress.start_studying("agent")
    assert drill.meant("") == "agent"
    assert drill.meant(str(tmp_path)) == tmp_path


def test_a_word_that_is_neither_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean rag-app"):
        drill.meant("rag-ap")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is not a folder"):
        drill.meant(str(tmp_path / "file"))


# the design prompts

OPERATORS: Mapping[type[Any], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def value(node: ast.expr, known: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=op, right=right):
            return float(OPERATORS[type(op)](value(left, known), value(right, known)))
    raise AssertionError(ast.dump(node))


def shown(text: str) -> tuple[float, float]:
    """The number that a result shows, and half of what its last digit is worth."""
    found = re.fullmatch(r"(about )?\$?([\d,]+)(\.\d+)?([kM]?)( %)?", text)
    assert found, text
    whole, decimals = found[2].replace(",", ""), found[3] or ""
    scale = {"k": 1e3, "M": 1e6, "": 1.0}[found[4]] * (0.01 if found[5] else 1)
    zeros = len(whole) - len(whole.rstrip("0")) if found[1] else 0
    last = 10.0 ** (zeros if not decimals else 1 - len(decimals))
    return float(whole + decimals) * scale, last * scale / 2


@pytest.mark.parametrize("prompt", PROMPTS.prompts, ids=lambda prompt: prompt.title)
def test_every_sum_of_a_design_prompt_holds(prompt: skills.DesignPrompt) -> None:
    models = PROMPTS.prices.models.items()
    known = {f"{k}_{w}": float(v) for k, m in models for w, v in m.items() if w != "model"}
    for line in prompt.sums:
        found = value(ast.parse(line.sum, mode="eval").body, known)
        wanted, slack = shown(line.gives)
        assert abs(found - wanted) <= slack * 1.0001, f"{line.what}: {found} is not {line.gives}"
        if line.called:
            assert line.called not in known
            known[line.called] = found


def test_every_skill_has_a_design_prompt_and_every_prompt_names_skills() -> None:
    slugs = {skill.slug for skill in skills.load()}
    assert len(PROMPTS.prompts) == 6
    assert {slug for prompt in PROMPTS.prompts for slug in prompt.skills} == slugs
    assert PROMPTS.prices.checked >= "2026-11-22"
    assert all(drill.design(slug).questions for slug in slugs)


def test_a_sum_is_written_with_its_prices() -> None:
    line = PROMPTS.prompts[0].sums[0]
    assert "(2,500 x $2 + 3,000 x $0.10" in drill.worked(line, PROMPTS.prices).replace(
        "\N{MULTIPLICATION SIGN}", "x"
    )


# the questions of a repository


def test_the_rules_name_only_what_a_report_can_hold() -> None:
    data = rubric.load(with_trees=False)
    items, facts = {check.id for check in data.checks}, set(data.facts)
    for rule in RULES:
        when = rule.when
        assert when.item in items | {""}, rule.title
        assert when.fact in facts | {""}, rule.title
        assert set(rule.shows) <= items | facts, rule.title
        assert when.area in {*areas.AREAS, "all", ""}, rule.title
        known = {*Status} if when.item else {*Answer}
        assert set(when.found) <= {one.value for one in known}, rule.title
        assert bool(when.found) == bool(when.item or when.fact), rule.title
        assert 1 <= rule.sharpness <= 5, rule.title
    assert len({rule.ask for rule in RULES}) == len(RULES)


def test_a_mistake_in_the_rules_names_file_and_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scaffolder.journeys.defend.rubric_dir", lambda: tmp_path)
    (tmp_path / "defend.yml").write_text("entries: [{title: t, ask: a, strong: s}]")
    with pytest.raises(BrokenTemplate, match=r"defend.yml: entries\[1\]: missing key: sharpness"):
        defend.rules()


HOSTILE = "[bold red]owned[/] {claim} \x1b[31m"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that was not made here, with a number in its README and markup in its text."""
    root = tmp_path_factory.mktemp("plain") / "chat"
    root.mkdir()
    number = f"Accuracy 0.91 on 40 questions {HOSTILE}"
    (root / "README.md").write_text(
        f"# Chat {HOSTILE}\n\n{number}\n\n## Run\n\n    python app.py\n"
    )
    (root / "app.py").write_text(
        "import openai\n\nclient = openai.OpenAI()\n\n\ndef ask(q):\n"
        "    return eval(client.responses.create(model='gpt-6-luna', input=q).output_text)\n"
    )
    return root


@pytest.fixture(scope="module")
def report(plain: Path, rule_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patched.setenv("KF_RULE_CACHE_DIR", str(rule_cache))
        return review.review_repo(plain)


def test_a_plain_repository_invites_questions_with_their_evidence(report: Report) -> None:
    found = defend.questions(report)
    assert defend.LEAST <= len(found) <= defend.MOST
    assert len({question.id for question in found}) == len(found)
    fails = next(q for q in found if q.title == "A model call that fails")
    assert fails.quoted[0].path == "app.py"
    assert "app.py:" in fails.ask
    assert any("COM-27" in part.about for part in fails.strong)
    assert not any("template" in question.ask for question in found)


def test_text_of_a_repository_fills_a_question_and_is_not_read_again(report: Report) -> None:
    rule = defend.Rule("t", "{claim} {place}", "s", 5, defend.When(item="COM-06", found=("fail",)))
    item = next(item for item in report.items if item.check.id == "COM-06")
    hostile = replace(
        item,
        check=replace(item.check, claim=HOSTILE),
        status=Status.FAIL,
        evidence=(Evidence("{id}.md", 3),),
    )
    found = defend.questions(replace(report, items=(hostile,)), [rule])
    assert found[0].ask == " ".join(f"{HOSTILE} {{id}}.md:3".split())


def test_what_a_report_says_decides_what_is_asked(report: Report) -> None:
    before = {question.title for question in defend.questions(report)}
    assert "The worst answer" in before
    passed = [
        replace(item, status=Status.PASS) if item.check.id == "COM-08" else item
        for item in report.items
    ]
    after = {question.title for question in defend.questions(replace(report, items=tuple(passed)))}
    assert "The worst answer" not in after


def test_a_waived_item_has_to_be_defended(report: Report) -> None:
    waived = [
        replace(item, status=Status.WAIVED, evidence=(Evidence("scaffold.toml", 9),))
        if item.check.id in ("COM-04", "COM-09")
        else item
        for item in report.items
    ]
    found = defend.questions(replace(report, items=tuple(waived)))
    assert [q.title for q in found if "waiver" in q.title] == [
        "A waiver: COM-04",
        "A waiver: COM-09",
    ]


def test_an_untouched_template_is_asked_what_of_it_is_ones_own(report: Report) -> None:
    none = review.ownwork.OwnWork(0.0, {"code": 0.0, "prompts": 0.0})
    some = review.ownwork.OwnWork(0.4, {"code": 0.1, "prompts": 0.0})
    first = [defend.questions(replace(report, own_work=own))[0] for own in (none, some)]
    assert [question.title for question in first] == ["What of this is yours", "Whose work it is"]
    assert "40 %" in first[1].ask


def test_a_project_that_has_not_changed_is_not_read_again(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = defend.defend(plain)
    monkeypatch.setattr("scaffolder.journeys.defend.review_repo", None)
    assert defend.defend(plain, known).drill.questions == known.drill.questions
    with pytest.raises(TypeError):
        defend.defend(plain, replace(known, path="elsewhere"))


# the command


def test_where_nobody_answers_it_prints_questions_and_answers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["drill", "rag-app"]) == 0
    said = capsys.readouterr().out
    assert "10. What are the main trade-offs?" in said
    assert "Two halves: offline" in said


def test_json_is_one_object_and_nothing_else(
    plain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drill", str(plain), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["project"] == str(plain)
    assert {"id", "ask", "strong", "quoted", "rating"} <= set(said["questions"][0])
    assert main(["drill", "system-design", "--design", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["questions"]) == 6


def test_a_mistake_is_said_in_a_sentence(plain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drill", "rag-ap"]) == 2
    assert "Did you mean rag-app?" in capsys.readouterr().err
    assert main(["drill", str(plain), "--design"]) == 2
    assert "goes with a skill" in capsys.readouterr().err


def on_a_terminal(home: Path, typed: list[tuple[str, str]]) -> str:
    """What `scaffold drill rag-app` shows on a terminal; each text is typed after its prompt."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "scaffolder", "drill", "rag-app"],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = ""
    for prompt, text in typed:
        at = len(seen)
        while prompt not in seen[at:]:
            assert select.select([ours], [], [], 20)[0], f"no {prompt!r} in {seen}"
            seen += os.read(ours, 4096).decode("utf-8", "replace")
        os.write(ours, text.encode())
    assert process.wait(20) == 0
    while select.select([ours], [], [], 0)[0]:
        try:
            seen += os.read(ours, 4096).decode("utf-8", "replace")
        except OSError:
            break
    os.close(ours)
    return seen


def test_on_a_terminal_one_answers_compares_rates_and_leaves(home: Path) -> None:
    typed = [
        ("Answer aloud", "it has two halves\n"),
        ("How did it hold?", "maybe\n"),
        ("How did it hold?", "1\n"),
        ("Answer aloud", "\n"),
        ("How did it hold?", "s\n"),
        ("Answer aloud", "q\n"),
    ]
    seen = on_a_terminal(home, typed)
    assert seen.index("Answer aloud") < seen.index("Two halves: offline")
    assert "missed  Explain RAG from end to end." in seen
    kept = notebook.load().ratings
    assert sorted(rating[-1] for rating in kept.values()) == [MISSED, STRONG]
    assert b"two halves" not in notebook.notebook_file().read_bytes()
