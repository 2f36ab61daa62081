"""`weights`: fetch the base model's weights once and verify them."""

import argparse

from ..console import deliver, note
from ..local.weights import fetched, verify
from ..result import Result
from ..training.config import load
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Leave the file in var/weights; ConfigError where it cannot be fetched or is another one."""
    settings = open_settings()
    config = load(settings.root)
    place = fetched(config, note)
    found = verify(place, config.base.sha256)
    checked = "as training.toml wants it" if config.base.sha256 else "not checked against anything"
    inside = place.is_relative_to(settings.root)
    where = place.relative_to(settings.root).as_posix() if inside else str(place)
    message = f"{config.base.model} ({config.base.licence}): {where}, sha256 {found}, {checked}."
    deliver(
        Result("answered", message, detail={"path": where, "sha256": found}), args.json, message
    )
    return 0
