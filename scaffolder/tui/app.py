"""The program on the screen: its places, its themes, what all screens are about.

Invariant: one app; a place is made when it is first visited and kept, so that what goes on there
goes on. Nothing of the domain is decided here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.filter import LineFilter, Monochrome, NoColor
from textual.notifications import SeverityLevel
from textual.screen import Screen

from scaffolder import buglog, notebook
from scaffolder.journeys import study
from scaffolder.tui import actions, themes
from scaffolder.tui.filters import Colourless, Harmless, Striking
from scaffolder.tui.widgets.bar import PLACES

HOME = "sequence"

NOT_LOST = {"run": "A command of the project", "generate": "Making the project"}
"""Work that ends with the program and that nobody wants to end by a slip, in words."""


class ScaffoldApp(App[None], inherit_bindings=False):
    """`skill` is the slug of the skill that the screens are about, `project` its folder if any."""

    CSS_PATH = "scaffold.tcss"
    TITLE = "scaffold"
    COMMAND_PALETTE_BINDING = "colon"
    COMMAND_PALETTE_DISPLAY = ":"
    NOTIFICATION_TIMEOUT = 4
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("f1", "help", "Help", show=False),
        Binding("q", "quit", "Leave", tooltip="Leave the program: quit, exit"),
        *(
            Binding(key, f"visit({place!r})", f"Go to {name}", show=False)
            for place, (key, name) in PLACES.items()
        ),
        Binding("t", "next_theme", "Next theme", show=False),
        Binding("ctrl+c", "help_quit", "How to leave", show=False, system=True),
    ]

    def __init__(self) -> None:
        kept = notebook.load()
        super().__init__(ansi_color=False)
        self.skill = ""
        self.project: Path | None = None
        self.here: tuple[str, Path | None] = ("", None)
        self.crash: Exception | None = None
        self.warned = ""
        self._striking, self._colourless = Striking(), Colourless()
        ours = [Harmless(), self._striking, self._colourless]
        self._filters = [*filter(_is_kept, self._filters), *ours]
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.first(kept.settings.get(themes.SETTING, ""))

    def on_mount(self) -> None:
        """The sequence, at once; it is about the project that one is in, if one is in one."""
        self.here = study.here() or ("", None)
        self.choose(*self.here)
        self.push_screen(self.place(HOME))

    def watch_theme(self, name: str) -> None:
        """Colours are left out where the theme has none, and whenever NO_COLOR is set."""
        self._striking.enabled = name == themes.HIGH_CONTRAST.name
        self._colourless.enabled = name == themes.NO_COLOUR.name or themes.is_colourless()

    def choose(self, skill: str, project: Path | None) -> None:
        """What the other screens will be about."""
        self.skill, self.project = skill, project

    def place(self, name: str) -> Screen[Any]:
        """The screen of a place, made when it is first asked for."""
        if not self.is_screen_installed(name):
            module = importlib.import_module(f"scaffolder.tui.screens.{name}")
            self.install_screen(module.PAGE(), name)
        return self.get_screen(name)

    def action_visit(self, name: str) -> None:
        """Goes to a place; the sequence is always below, and not shown on the way."""
        if self.screen is self.place(name):
            return
        while len(self.screen_stack) > (2 if name == HOME else 3):
            self.pop_screen()
        if name != HOME and len(self.screen_stack) > 2:
            self.switch_screen(self.place(name))
        elif name != HOME:
            self.push_screen(self.place(name))

    def go_back(self) -> None:
        """To the place below; from the sequence there is no way back but out."""
        if len(self.screen_stack) > 2:
            self.pop_screen()
        else:
            self.notify("This is the first screen: q leaves.", markup=False)

    def action_help(self) -> None:
        """Everything that can be done here."""
        from scaffolder.tui.screens.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help(actions.of(self.screen)), self.perform)

    def action_next_theme(self) -> None:
        """Dark, light, high contrast, no colour; the choice is kept."""
        self.choose_theme(themes.after(self.theme))

    def choose_theme(self, name: str) -> None:
        """Takes a theme and keeps the choice."""
        self.theme = name
        self.notify(f"Theme: {name}", markup=False)
        self.run_worker(partial(self._keep_theme, name), thread=True, exit_on_error=False)

    def _keep_theme(self, name: str) -> None:
        for notice in notebook.set_setting(themes.SETTING, name):
            self.notify(notice, severity="warning", markup=False)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,  # noqa: ARG002 - never, whoever asks for it
    ) -> None:
        """One message at a time: what was said before is over. None is markup."""
        self.clear_notifications()
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    async def action_quit(self) -> None:
        """Leaves; where something is running, on the second time."""
        groups = {worker.group for worker in self.workers if not worker.is_finished}
        running = " ".join(words for task, words in NOT_LOST.items() if task in groups)
        if running and running != self.warned:
            self.warned = running
            self.notify(f"{running} is running: q again ends it and leaves.", markup=False)
            return
        self.exit()

    def action_help_quit(self) -> None:
        """Ctrl-C is a reflex, and copies in a field: it must not lose what goes on here."""
        self.notify("q leaves.", markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: what the screen can do, the places, the themes."""
        own = (action for action in actions.of(screen) if isinstance(action.node, App | Screen))
        for action in own:
            yield SystemCommand(action.words, action.key, partial(self.perform, action))
        for theme in themes.THEMES:
            yield SystemCommand(f"Theme: {theme.name}", "", partial(self.choose_theme, theme.name))

    async def run_action(
        self,
        action: str | Any,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """As Textual does it; an action that cannot be done now says why."""
        done = await super().run_action(action, default_namespace, namespaces)
        why = (
            "" if done or not isinstance(action, str) else actions.reason(default_namespace, action)
        )
        if why:
            self.notify(why, severity="warning", markup=False)
        return done

    async def perform(self, action: actions.Action | None) -> None:
        """Does what was chosen from a list, as its key would."""
        if action:
            await self.run_action(action.name, action.node)

    def _handle_exception(self, error: Exception) -> None:
        """Our bug: the terminal is given back, the command line says it in one sentence.

        What breaks once the program was left, as a screen that is half made does, is kept only.
        """
        if self._exit:
            buglog.keep(error)
            return
        if self.is_headless:
            super()._handle_exception(error)
            return
        self.crash = self.crash or error
        self._return_code = 70
        self._close_messages_no_wait()


def _is_kept(given: LineFilter) -> bool:
    """Textual's grey for NO_COLOR is still a colour."""
    return not isinstance(given, (Monochrome, NoColor))
