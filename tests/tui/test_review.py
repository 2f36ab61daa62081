"""Review: what is seen of a report, at every size, whatever a repository holds."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from handmade import HOSTILE, report
from onscreen import press, settle, shown, walk
from reviewed import choose, page, small_project, until, visit
from textual.pilot import Pilot
from textual.widgets import Input

from scaffolder.review.model import Report
from scaffolder.tui.widgets.evidence import Source
from scaffolder.tui.widgets.verdicts import Verdicts

MARKUP = (
    "[/",
    "x [$error] y",
    "[@click=app.quit()]X[/]",
    "[link=https://e]l[/]",
    "[$error]e",
    "end\\",
)
CONTROL = "\x1b]0;t\x07\x1b]52;c;eA==\x07\x1b[2J\x9b31m\x07\x08\u202e\u200b" + "a" + "\u0301" * 1000


def _show(pilot: Pilot[Any], made: Report) -> None:
    """A report as if a review had brought it."""
    page(pilot).watching = False
    page(pilot).report = made
    page(pilot).refresh_report()


async def _with(pilot: Pilot[Any], made: Report, root: Path) -> str:
    pilot.app.choose("", root)  # type: ignore[attr-defined]
    pilot.app.action_visit("review")  # type: ignore[attr-defined]
    await pilot.pause()
    page(pilot).stop()
    _show(pilot, made)
    await settle(pilot)
    return shown(pilot.app)


def test_without_a_project_the_page_says_how_to_go_on(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("scaffolder.manifest.enclosing_project", lambda _: None)

    async def steps(pilot: Pilot[Any]) -> None:
        seen = await press(pilot, "4")
        assert "There is no project here to review yet" in seen
        assert "names a folder to review" in seen

    walk(size, steps)


def test_a_folder_is_named_checked_and_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("scaffolder.manifest.enclosing_project", lambda _: None)
    root = small_project(tmp_path / "mini")

    async def steps(pilot: Pilot[Any]) -> None:
        await press(pilot, "4", "o")
        assert "is not there" in await press(pilot, *"nowhere", "enter")
        pilot.app.screen.query_one(Input).value = str(root)
        await press(pilot, "enter")
        seen = await until(pilot, lambda: page(pilot).report is not None)
        assert "draft: held back by" in seen
        assert "✗ shut by" in seen
        assert "COM-04" in seen
        assert "$ scaffold review mini --only COM-" in seen

    walk((80, 24), steps)


def test_an_error_of_the_review_is_shown_with_a_way_on(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    async def steps(pilot: Pilot[Any]) -> None:
        pilot.app.choose("", tmp_path / "empty")  # type: ignore[attr-defined]
        await press(pilot, "4")
        seen = await until(pilot, lambda: page(pilot).error is not None)
        assert "nothing to review" in " ".join(seen.split())
        assert "tries again" in seen

    walk((80, 24), steps)


def test_a_review_can_be_stopped(tmp_path: Path) -> None:
    root = small_project(tmp_path / "mini")

    async def steps(pilot: Pilot[Any]) -> None:
        pilot.app.choose("", root)  # type: ignore[attr-defined]
        pilot.app.action_visit("review")  # type: ignore[attr-defined]
        await pilot.pause()
        assert "Reviewing" in shown(pilot.app)
        seen = await press(pilot, "escape")
        assert "The review was stopped" in seen
        assert page(pilot).report is None

    walk((80, 24), steps)


def test_an_item_shows_its_reason_and_the_file_at_the_line(
    size: tuple[int, int], tmp_path: Path
) -> None:
    root = small_project(tmp_path / "mini")
    (root / "src" / "app.py").write_text("".join(f"line_{n} = {n}\n" for n in range(1, 400)))

    async def steps(pilot: Pilot[Any]) -> None:
        await _with(pilot, report(), root)
        await choose(pilot, "COM-03")
        seen = await press(pilot, "enter")
        assert "COM-03 is so." in seen
        assert "Make COM-03 so." in seen
        assert "Evidence: src/app.py:1 (1 of 7)" in seen
        seen = await press(pilot, "n", "n")
        assert "(3 of 7)" in seen
        assert "▶   3 │ line_3 = 3" in seen
        seen = await press(pilot, "right", "right", "end")
        assert "399 │ line_399 = 399" in seen
        assert "COM-03" in await press(pilot, "escape")
        assert pilot.app.focused is page(pilot).query_one(Verdicts)

    walk(size, steps)


def test_filter_views_and_headings_keep_the_cursor_on_its_item(tmp_path: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        seen = await _with(pilot, report(), tmp_path)
        assert "Common to every project" in seen
        await choose(pilot, "COM-04")
        seen = await press(pilot, "s")
        assert "Common to every project" not in seen
        assert "by dimension" in seen
        seen = await press(pilot, "b")
        assert "only what shuts the gate" in seen
        assert "COM-05  COM-05" not in seen
        seen = await press(pilot, "slash", *"com04")
        assert page(pilot).item.check.id == "COM-04"  # type: ignore[union-attr]
        assert "COM-04  COM-04" in seen
        assert "COM-03  COM-03" not in seen
        assert "COM-04  COM-04" not in await press(pilot, *"zz")
        seen = await press(pilot, "escape", "b", "s")
        assert "Common to every project" in seen
        assert "COM-05  COM-05" in seen

    walk((80, 24), steps)


def test_an_item_asked_for_elsewhere_is_found_whatever_is_filtered(tmp_path: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        pilot.app.choose("", tmp_path)  # type: ignore[attr-defined]
        pilot.app.place("review").show_item("COM-04")  # type: ignore[attr-defined]
        await _with(pilot, report(), tmp_path)
        assert page(pilot).item.check.id == "COM-04"  # type: ignore[union-attr]
        await press(pilot, "slash", *"com04", "enter")
        page(pilot).show_item("COM-05")
        await settle(pilot)
        assert page(pilot).item.check.id == "COM-05"  # type: ignore[union-attr]

    walk((80, 24), steps)


def test_the_weakest_dimension_is_the_last_to_be_cut(tmp_path: Path) -> None:
    async def steps(pilot: Pilot[Any]) -> None:
        made = report()
        seen = await _with(pilot, made, tmp_path)
        assert f"\n >{made.weakest_dimension} " in seen

    walk((80, 24), steps)


def test_two_thousand_verdicts_are_walked_by_pages(tmp_path: Path) -> None:
    from dataclasses import replace

    one = report()
    many = tuple(
        replace(i, check=replace(i.check, id=f"COM-{n:04}", section="COM"))
        for n, i in enumerate(one.items[:1] * 2000)
    )

    async def steps(pilot: Pilot[Any]) -> None:
        await _with(pilot, replace(one, items=many, blockers=()), tmp_path)
        assert "COM-1999" in await press(pilot, "G")
        assert "COM-0000" in await press(pilot, "g")
        assert "COM-0030" in await press(pilot, "pagedown")

    walk((140, 42), steps)


@pytest.mark.parametrize("text", [HOSTILE, CONTROL + " ".join(MARKUP)], ids=["html", "markup"])
def test_what_a_repository_says_is_text_and_nothing_else(tmp_path: Path, text: str) -> None:
    root = small_project(tmp_path / "mini")
    written = f"{text}\nsecond\n{text}\n".encode("utf-8", "replace")
    (root / "src" / "app.py").write_bytes(written)

    async def steps(pilot: Pilot[Any]) -> None:
        await _with(pilot, report(text), root)
        for check_id in ("COM-03", "COM-04", "COM-08"):
            _is_safe(await choose(pilot, check_id))
        _is_safe(await press(pilot, "m"))
        await _click(pilot)
        _is_inert(pilot)
        assert not pilot.app._exit
        _is_safe(shown(pilot.app))

    walk((140, 42), steps)


def test_a_hostile_repository_is_reviewed_and_shown(tmp_path: Path) -> None:
    root = _hostile(tmp_path / "x [$error] y")

    async def steps(pilot: Pilot[Any]) -> None:
        _is_safe(await visit(pilot, root))
        made = page(pilot).report
        assert made is not None
        for item in made.items:
            _is_safe(await choose(pilot, item.check.id))
        assert "x [$error] y" in shown(pilot.app)
        _is_safe(await press(pilot, "m", "end", "home"))

    walk((140, 42), steps)


def _hostile(root: Path) -> Path:
    root.mkdir(parents=True)
    for name in ("[@click=app.quit()]X[].py", "[$error].md", "a\x1b]0;t\x07.txt", "\u202egpj.py"):
        (root / name).write_text(f"{CONTROL}\n{' '.join(MARKUP)}\n")
    (root / "long.jsonl").write_text('{"a": "' + "x" * 10_000_000 + '"}\n')
    dense = "[a](javascript:1) ![b](http://e) > * # [/] [@click=app.quit()]X[/] " * 15_000
    (root / "README.md").write_text(f"# [/ {CONTROL}\n\n{dense}\n" + "e" + "\u0301" * 100_000)
    git = ["git", "-c", "user.name=[/]", "-c", "user.email=a@b", "-C", str(root)]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", f"[/ {CONTROL} \\"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    return root


def _is_safe(seen: str) -> None:
    bad = {c for c in seen if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160}
    assert not bad
    assert not set(seen) & set("\u202e\u200b\ud800\udce9")


def _is_inert(pilot: Pilot[Any]) -> None:
    """No cell of the screen does anything or leads anywhere when it is clicked."""
    for strip in pilot.app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style
            assert not (style and (style.link or any(k.startswith("@") for k in style.meta)))


async def _click(pilot: Pilot[Any]) -> None:
    for selector in ("#detail", "#source", "#verdicts"):
        await pilot.click(page(pilot).query_one(selector), offset=(20, 2))
    await settle(pilot)
    assert pilot.app.screen is page(pilot)


def test_only_the_lines_that_are_seen_are_made(tmp_path: Path) -> None:
    """A file of many lines is paged, not painted."""
    root = small_project(tmp_path / "mini")
    (root / "src" / "app.py").write_text("x = 1\n" * 200_000)

    async def steps(pilot: Pilot[Any]) -> None:
        await _with(pilot, report(), root)
        await choose(pilot, "COM-03")
        await press(pilot, "right", "right", "right", "pagedown", "pagedown")
        source = page(pilot).query_one(Source)
        assert source.virtual_size.height == 200_000
        assert len(source._pieces) <= 3

    walk((140, 42), steps)
