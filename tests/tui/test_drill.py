"""Drill: answer first, compare, rate, come back; what a repository is asked."""

from pathlib import Path
from typing import Any

import pytest
from onscreen import press, settle, shown, walk
from textual.pilot import Pilot

from scaffolder import notebook, progress
from scaffolder.journeys import drill

MARKUP = "[bold red]owned[/] [@click=app.quit]x[/]"
STRONG_ANSWER = "Two halves"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with markup in the line that a question quotes."""
    root = tmp_path / "chat"
    root.mkdir()
    (root / "README.md").write_text("# Chat\n")
    (root / "app.py").write_text(
        "import openai\n\nclient = openai.OpenAI()\n\n\ndef ask(q):\n"
        f"    return client.responses.create(model='gpt-6-luna', input=q)  # {MARKUP}\n"
    )
    return root


async def rag_app(pilot: Pilot[Any], project: Path | None = None) -> str:
    """The drill of rag-app."""
    pilot.app.choose("rag-app", project)  # type: ignore[attr-defined]
    return await press(pilot, "5")


def test_the_strong_answer_is_hidden_until_one_compares(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        seen = await rag_app(pilot)
        assert "Explain RAG from end to end." in seen
        assert "$ scaffold drill rag-app" in seen
        assert STRONG_ANSWER not in seen
        assert "Missed" not in seen
        await press(pilot, "s")
        await settle(pilot)
        assert "Compare first" in shown(pilot.app)
        seen = await press(pilot, "c")
        assert STRONG_ANSWER in seen
        assert all(f"{key} {word}" in seen for key, word in zip("mps", WORDS, strict=True))

    walk(size, steps)
    assert notebook.load().ratings == {}


WORDS = ("Missed", "Partly", "Strong")


def test_what_is_typed_stands_beside_the_comparison_and_is_written_nowhere() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await rag_app(pilot)
        seen = await press(pilot, "a", *"mostly", "escape", "c")
        assert "mostly" in seen
        assert STRONG_ANSWER in seen
        seen = await press(pilot, "p")
        assert "mostly" not in seen
        assert "1 weak" in seen

    walk((140, 42), steps)
    rated = drill.interview("rag-app").questions[0]
    assert rated.ask == "Explain RAG from end to end."
    assert notebook.load().ratings == {rated.id: ["partly"]}
    kept = notebook.notebook_file().parent
    assert not any(b"mostly" in path.read_bytes() for path in kept.rglob("*") if path.is_file())


def test_a_missed_question_comes_again_after_some_others() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await rag_app(pilot)
        await press(pilot, "c", "m")
        for _ in range(3):
            assert "Explain RAG" not in question(await press(pilot, "c"))
            await press(pilot, "s")
        seen = question(shown(pilot.app))
        assert "Explain RAG" in seen
        assert "last: missed" in seen

    walk((80, 24), steps)


def question(seen: str) -> str:
    """The first lines of a narrow screen, where the question stands."""
    return "\n".join(seen.splitlines()[2:8])


def test_the_weak_come_first_and_at_the_end_they_are_named() -> None:
    first, second = drill.design("agent").questions
    for asked, rating in ((first, "strong"), (second, "partly")):
        notebook.rate(asked.id, rating)

    async def steps(pilot: Pilot[Any]) -> None:
        pilot.app.choose("agent", None)  # type: ignore[attr-defined]
        assert second.ask[:40] in await press(pilot, "5", "d")
        seen = await press(pilot, "c", "p", "c", "s")
        assert "That was all: 2 rated" in seen
        assert f"{second.title} (partly)" in seen
        assert second.ask[:40] in await press(pilot, "n")
        assert "nothing weak: oldest first" in await press(pilot, "c", "s")

    walk((80, 24), steps)


def test_design_prompts_show_their_sums_and_their_command() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await rag_app(pilot)
        seen = await press(pilot, "d", "c")
        assert "$ scaffold drill rag-app --design" in seen
        assert "300,000 contracts" in seen
        assert "The sums" in await press(pilot, "pagedown")

    walk((140, 42), steps)


def test_the_filter_narrows_the_list_and_esc_goes_back_step_by_step(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await rag_app(pilot)
        seen = await press(pilot, "slash", *"ic c")
        assert "semantic cache" in seen
        assert "huge PDFs" not in seen
        assert "no question holds that" in await press(pilot, "x")
        seen = await press(pilot, "escape")
        assert "huge PDFs" in seen
        assert "[1 Skills]" in await press(pilot, "escape")

    walk(size, steps)


def test_without_a_project_it_says_how_to_get_one() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await rag_app(pilot)
        seen = await press(pilot, "r")
        assert "no project of rag-app" in seen
        assert "2 makes a project" in seen
        await press(pilot, "c")
        await settle(pilot)
        assert "no question here" in shown(pilot.app)

    walk((80, 24), steps)


def test_a_repository_is_asked_about_what_it_holds_and_its_text_is_no_markup(project: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await rag_app(pilot, project)
        seen = await press(pilot, "r")
        assert "chat" in seen.splitlines()[-2]
        assert "1 of " in seen
        seen = await press(pilot, "slash", *"fails", "enter", "enter", "c")
        assert "The model call at app.py:7 fails." in seen
        assert "[bold red]owned[/]" in "".join(seen.split("\n"))
        assert "The repository shows" in seen

    walk((200, 60), steps)


def test_a_repository_that_cannot_be_read_says_why_in_its_place(shelf: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await rag_app(pilot, shelf / "gone [bold]")
        seen = await press(pilot, "r")
        assert "there is no" in seen
        assert "gone [bold]" in seen
        assert "r tries again" in seen

    walk((80, 24), steps)


def test_a_project_that_changed_is_asked_anew(project: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await rag_app(pilot, project)
        assert "A loop overnight" in await press(pilot, "r")
        (project / "app.py").write_text("def ask(q):\n    return q\n")
        assert "A loop overnight" not in await press(pilot, "i", "r")

    walk((140, 42), steps)


def test_it_begins_with_the_skill_that_is_studied() -> None:
    progress.start_studying("eval-suite")

    async def steps(pilot: Pilot[Any]) -> None:
        pilot.app.choose("tier-3", None)  # type: ignore[attr-defined]
        assert "$ scaffold drill eval-suite" in await press(pilot, "5")

    walk((80, 24), steps)
