"""Begin: three questions on the first start, kept for every project."""

from typing import Any

from onscreen import press, settle, shown, walk
from textual.pilot import Pilot

from scaffolder import progress


def test_three_answers_are_kept_and_lead_on(size: tuple[int, int]) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(pilot, "b")
        assert "One painful task of theirs" in seen
        assert "Esc keeps nothing" in seen
        for words in ("law", "clerks", "find [/] the rule"):
            await pilot.press(*words, "enter")
        assert "Begin: one domain" in shown(pilot.app)
        assert "Begin: one domain" not in await press(pilot, "enter")

    walk(size, steps)
    kept = progress.load().profile
    assert (kept["domain"], kept["users"], kept["task"]) == ("law", "clerks", "find [/] the rule")


def test_a_bad_answer_is_said_at_its_field_and_esc_keeps_nothing() -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        await press(pilot, "b")
        await pilot.press("q", "1", "question_mark")
        field = pilot.app.focused
        assert getattr(field, "value", "") == "q1?"
        field.value = "x" * 400  # type: ignore[union-attr]
        await settle(pilot)
        assert "longer than 300" in " ".join(shown(pilot.app).split())
        await press(pilot, "tab", "tab", "enter")
        assert "longer than 300" in " ".join(shown(pilot.app).split())
        assert "Begin: one domain" not in await press(pilot, "escape")

    walk((80, 24), steps)
    assert progress.load().profile == {}
