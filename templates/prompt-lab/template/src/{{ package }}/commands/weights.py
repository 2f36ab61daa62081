"""`weights`: fetch the local model's weights once and verify them."""

import argparse

from ..console import deliver, note
from ..local.weights import fetched, verify
from ..result import Result
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Leave the file in var/weights; ConfigError where it cannot be fetched or is another one."""
    settings = open_settings()
    config = settings.local
    place = fetched(config, settings.root, note)
    found = verify(place, config.sha256)
    checked = "as config.toml wants it" if config.sha256 else "not checked against anything"
    inside = place.is_relative_to(settings.root)
    where = place.relative_to(settings.root).as_posix() if inside else str(place)
    message = f"{config.model} ({config.licence}): {where}, sha256 {found}, {checked}."
    deliver(
        Result("answered", message, detail={"path": where, "sha256": found}), args.json, message
    )
    return 0
