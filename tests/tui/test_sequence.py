"""Home: what one sees first, and where it leads."""

from pathlib import Path
from typing import Any

import pytest
from onscreen import press, settle, shown, walk
from textual.pilot import Pilot

from scaffolder import progress


def test_the_first_start_shows_the_seven_skills_and_an_offer(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        seen = shown(pilot.app)
        assert "Retrieval-augmented generation (RAG)" in seen
        assert "Tier 3: what to skip" in seen
        assert "three short questions" in seen

    walk(size, steps)


def test_studying_a_skill_is_shown_and_kept(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        assert "studying" in await press(pilot, "s")

    walk(size, steps)
    assert progress.load().skills["llm-api"].state == "studying"


def test_an_action_that_cannot_be_done_says_why() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        assert "It is begun already" in await press(pilot, "s", "s")

    walk((140, 42), steps)


def test_help_lists_what_can_be_done_and_does_it(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(pilot, "question_mark")
        assert "Help" in seen
        assert "Start the 48-hour clock" in seen
        seen = await press(pilot, *"study", "enter")
        assert "studying" in seen

    walk(size, steps)


def test_the_first_answers_are_kept_and_bring_advice(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(
            pilot, "b", *"law", "enter", *"clerks", "enter", *"find", "enter", "enter"
        )
        assert "Every project starts from these answers" in seen
        assert "Begin with llm-api" in seen

    walk(size, steps)
    assert progress.load().profile == {"domain": "law", "users": "clerks", "task": "find"}


def test_the_first_click_chooses_and_the_second_opens() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        rows = pilot.app.screen.query_one("#skills")
        line = next(n for n, text in enumerate(shown(pilot.app).splitlines()) if "(RAG)" in text)
        at = (10, line - rows.region.y)
        await pilot.click("#skills", offset=at)
        await settle(pilot)
        assert "$ scaffold skills rag-app" in shown(pilot.app)
        await pilot.click("#skills", offset=at)
        await settle(pilot)
        assert "[2 New]" in shown(pilot.app)

    walk((80, 24), steps)


def test_the_clock_is_asked_for_twice() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        assert "c again starts the 48 hours" in await press(pilot, "c")
        assert progress.load().skills == {}
        assert "building 48 h left" in await press(pilot, "c")

    walk((140, 42), steps)


def test_a_folder_that_is_a_project_is_what_the_screens_are_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = 'format = 1\nskill = "rag-app"\ntemplate_version = "1.1.0"\npackage = "notes"'
    (tmp_path / "scaffold.toml").write_text(f"[scaffold]\n{about}\n", "utf-8")
    monkeypatch.chdir(tmp_path)

    async def steps(pilot: Pilot[Any]) -> None:
        assert "$ scaffold skills rag-app" in shown(pilot.app)
        assert str(tmp_path.name) in await press(pilot, "3")

    walk((140, 42), steps)
