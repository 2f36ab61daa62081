"""The sizes that every screen is tried at, and a folder whose name fits on the smallest."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from onscreen import SIZES


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    width, height = request.param
    return width, height


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder with a name so short that a screen shows it whole."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)
