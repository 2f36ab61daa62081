"""What can be done from a review: answer, waive, take back, edit, export, publish, another folder.

Invariant: what an action may be asked of is said by the journeys; every one of them that writes is
followed by a review.
"""

from __future__ import annotations

from pathlib import Path

from scaffolder.journeys import attest
from scaffolder.journeys.attest import Recorded
from scaffolder.review.model import Evidence, Item, Status
from scaffolder.review.render import wording
from scaffolder.sanitise import clean
from scaffolder.tui.editing import open_in_editor
from scaffolder.tui.screens.answer import Answer
from scaffolder.tui.screens.export import Export
from scaffolder.tui.screens.folder import Folder
from scaffolder.tui.screens.sure import Sure
from scaffolder.tui.screens.waive import Waive
from scaffolder.tui.trying import GOES_ON, Trying
from scaffolder.tui.wording.commands import command
from scaffolder.tui.words import plain

NEEDS_ITEM = ("answer", "waive", "take_out", "edit", "place")
NEEDS_REPORT = (*NEEDS_ITEM, "filter", "blocking", "open_only", "by", "export", "reader", "publish")


class Acting(Trying):
    """`item` is the one that is spoken of, `place` the evidence of it that is looked at."""

    item: Item | None = None
    place: Evidence | None = None

    def why_not(self, action: str) -> str:
        """What needs a folder, a report, an item, or an item of another kind."""
        if action == "run_it":
            return self.why_not_run()
        if action == "again":
            ready = GOES_ON if self.is_trying else ""
            return ready if self.root else "There is no folder to review: o names one."
        if self.report is None:
            return "There is no report yet." if action in NEEDS_REPORT else ""
        if action == "publish" and not self.report.ready:
            return "The gate is shut: b shows what shuts it."
        if action == "edit" and self.place is not None and self.place.ran is not None:
            return "That was run, and is no file: there is no line to go to."
        if action not in NEEDS_ITEM:
            return ""
        return _why_not(action, self.item) if self.item else "No item is chosen."

    def action_again(self) -> None:
        """Reviews again, from the beginning if a review goes on."""
        self.start()

    def action_watch(self) -> None:
        """Reviews again on each save, or only when asked."""
        self.watching = not self.watching
        self.refresh_state()

    def action_folder(self) -> None:
        """Asks for a folder."""
        self.app.push_screen(Folder(), self._named)

    def action_answer(self) -> None:
        """Asks what only a person can decide."""
        item = self.item
        if item and self.root:
            self.app.push_screen(Answer(self.root, item.check), self._recorded)

    def action_waive(self) -> None:
        """Asks why it does not count, and until when."""
        item = self.item
        if item and self.root:
            self.app.push_screen(Waive(self.root, item.check), self._recorded)

    def action_take_out(self) -> None:
        """Takes an answer or a waiver out of `scaffold.toml`."""
        item = self.item
        if item is None or self.root is None:
            return
        kind = _kind(item)
        what = "waiver" if kind == "waive" else "answer"
        question = plain(f"Take the {what} of {item.check.id} out of scaffold.toml?")
        same = command(kind, self.root, item.check.id, "--remove")
        self.app.push_screen(Sure(question, "Yes, take it out", same), self._taken_out)

    def action_edit(self) -> None:
        """Opens the file of the evidence at its line."""
        if self.place and self.root:
            open_in_editor(self, self.root / self.place.path, self.place.line, self.root)

    def action_publish(self) -> None:
        """Says which command publishes it: it asks for a name and a visibility of its own."""
        self.show_publish()
        self.notify("The gate is ready. The command below publishes it: y copies it.", markup=False)

    def show_publish(self) -> None:
        """The command that publishes; a page says how."""

    def action_export(self) -> None:
        """Asks where the report is to go."""
        if self.report:
            self.app.push_screen(Export(self.report, Path.cwd()), self._exported)

    def _named(self, root: Path | None) -> None:
        if root is not None:
            self.take(root)

    def _recorded(self, recorded: Recorded | None) -> None:
        if recorded is not None:
            self.notify(f"Recorded in {clean(str(recorded.path))}.", markup=False)
            self.start()

    def _taken_out(self, sure: bool | None) -> None:
        item = self.item
        if sure and item and self.root:
            known = item.check.id
            self.work_apart("remove", self._removed, attest.remove, self.root, _kind(item), known)

    def _removed(self, place: Path) -> None:
        self.notify(f"Taken out of {clean(str(place))}.", markup=False)
        self.start()

    def _exported(self, place: Path | None) -> None:
        if place is not None:
            self.notify(f"The report is in {clean(str(place))}", markup=False)


def _why_not(action: str, item: Item) -> str:
    if action == "answer":
        return attest.why_not_answered(item.check)
    if action == "waive":
        return attest.why_not_waived(item.check)
    if action == "take_out" and not _is_recorded(item):
        return f"Nobody answered or waived {item.check.id}: there is nothing to take out."
    if action in ("edit", "place") and not item.evidence:
        return f"No file stands for {item.check.id}: there is no line to go to."
    return ""


def _kind(item: Item) -> attest.Kind:
    return "waive" if item.status is Status.WAIVED else "answer"


def _is_recorded(item: Item) -> bool:
    return item.status is Status.WAIVED or wording.is_answered(item)
