"""Asks one probe of a repository that a test spells out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scaffolder.review import rubric, trees, view
from scaffolder.review.model import ProbeCall, Reading


def ask(probe: str, tree: Mapping[str, Any], folder: Path) -> Reading:
    """The reading of `module.function` over the tree, which is built in `folder`."""
    trees.build(tree, folder)
    with view.opened(folder) as seen:
        return rubric.probe(ProbeCall(probe))(seen)
