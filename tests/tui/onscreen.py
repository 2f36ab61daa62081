"""Reads a screen in a test: no sleeps, and what the user sees as text."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from scaffolder.tui.app import ScaffoldApp

SIZES = [(80, 24), (140, 42), (200, 60)]
"""The three sizes that the layouts are made for."""


async def settle(pilot: Pilot[Any]) -> None:
    """Waits until all work beside the screen is done and what it brought is drawn."""
    await pilot.pause()
    while any(not worker.is_finished for worker in pilot.app.workers):
        with suppress(WorkerCancelled):
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def press(pilot: Pilot[Any], *keys: str) -> str:
    """Presses the keys, waits for what follows, returns what is seen then."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return shown(pilot.app)


def shown(app: App[Any]) -> str:
    """What the user sees: the characters of the screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def _home(pilot: Pilot[Any]) -> None:
    """Waits until the first screen shows where one stands: what comes late chooses a row."""
    for _ in range(40):
        await settle(pilot)
        if getattr(pilot.app.screen, "standings", None):
            break
    await settle(pilot)


def walk(size: tuple[int, int], steps: Callable[[Pilot[Any]], Awaitable[None]]) -> None:
    """Starts the program at a size, waits for the first screen, goes through the steps."""

    async def run() -> None:
        async with ScaffoldApp().run_test(size=size, notifications=True) as pilot:
            await _home(pilot)
            await steps(pilot)

    asyncio.run(run())
