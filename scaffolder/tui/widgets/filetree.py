"""A tree of files one walks with arrows or j and k.

Invariant: names are shown as they are, never as markup; a tree that is made anew keeps open what
was open, and the cursor where it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from scaffolder.sanitise import clean


class FileTree(Tree[str], inherit_bindings=False):
    """The data of a node is its posix path."""

    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", show=False),
        Binding("space", "toggle_node", "Open or close the folder", show=False),
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("up,k", "cursor_up", "Up", show=False),
        Binding("home,g", "scroll_home", "First", show=False),
        Binding("end,G", "scroll_end", "Last", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
    ]
    DEFAULT_CSS = """
    FileTree {
        background: $background;
        & > .tree--guides, & > .tree--guides-hover, & > .tree--guides-selected {
            color: $border-blurred;
        }
        &:focus {
            background-tint: transparent;
        }
    }
    """

    class Shown(Message):
        """The cursor stands on a file; "" where there is none."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def __init__(self, *, id: str, classes: str = "pane") -> None:
        super().__init__("", id=id, classes=classes)
        self.show_root = False
        self.guide_depth = 2
        self.opened: dict[str, bool] = {}
        self.at = ""

    def show(self, paths: Sequence[str], first: str, everything_open: bool = False) -> None:
        """The files at `paths`; the cursor where it was, else on `first`."""
        self.clear()
        nodes: dict[str, TreeNode[str]] = {"": self.root}
        counts = _counts(paths)
        for path in sorted(paths, key=_folders_first):
            name = PurePosixPath(path).name
            self._folder(path, nodes, counts, everything_open).add_leaf(Text(clean(name)), path)
        wanted = self.at if self.at in paths else first
        self.call_after_refresh(self._go_to, wanted)

    def render_label(self, node: TreeNode[str], base_style: Style, style: Style) -> Text:
        """Folders with a sign whether they are open."""
        label = super().render_label(node, base_style, style)
        return label if node.allow_expand else Text.assemble("  ", label)

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[str]) -> None:
        """Tells which file is under the cursor."""
        if event.node.data and not event.node.allow_expand:
            self.at = event.node.data
            self.post_message(self.Shown(self.at))

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[str]) -> None:
        """Stays open."""
        self.opened[event.node.data or ""] = True

    def on_tree_node_collapsed(self, event: Tree.NodeCollapsed[str]) -> None:
        """Stays closed."""
        self.opened[event.node.data or ""] = False

    def _folder(
        self,
        path: str,
        nodes: dict[str, TreeNode[str]],
        counts: Mapping[str, int],
        everything_open: bool,
    ) -> TreeNode[str]:
        """The node of the folder of `path`, made with those above it where they are missing."""
        folder = path.rpartition("/")[0]
        if folder not in nodes:
            above = self._folder(folder, nodes, counts, everything_open)
            name = Text(f"{clean(PurePosixPath(folder).name)}/  {counts[folder]}")
            is_open = self.opened.get(folder, False)
            nodes[folder] = above.add(name, folder, expand=everything_open or is_open)
        return nodes[folder]

    def _go_to(self, path: str) -> None:
        found = next((n for n in _walk(self.root) if n.data == path), None)
        if found:
            self.move_cursor(found)
            if not found.allow_expand:
                self.at = path
        self.post_message(self.Shown(path if found else ""))


def _walk(node: TreeNode[str]) -> Iterable[TreeNode[str]]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _counts(paths: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for path in paths:
        for folder in PurePosixPath(path).parents:
            counts[str(folder)] = counts.get(str(folder), 0) + 1
    return counts


def _folders_first(path: str) -> list[tuple[bool, str]]:
    *folders, name = path.split("/")
    return [*((False, folder) for folder in folders), (True, name)]
