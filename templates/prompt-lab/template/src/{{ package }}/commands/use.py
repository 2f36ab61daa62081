"""`use`: which version of the prompt answers. Forward and back are the same small change."""

import argparse

from ..console import deliver
from ..errors import ConfigError
from ..result import Result
from ..versions import find, load_versions, lock, locked
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Lock a version; without one, say which answers and which there are."""
    settings = open_settings()
    folder = settings.prompts / settings.prompt
    versions = load_versions(folder)
    if args.version is None:
        now = locked(folder)
        lines = [f"{'*' if v == now else ' '} {v.short:4} {v.aims}".rstrip() for v in versions]
        message = f"{now.name} answers."
        detail = {"version": now.name, "versions": [v.name for v in versions]}
        shown = "\n".join([*lines, message])
        deliver(Result("answered", message, detail=detail), args.json, shown)
        return 0
    wanted = find(versions, args.version)
    try:
        before = locked(folder).name
    except ConfigError:
        before = "an edited version"
    lock(folder, wanted)
    message = f"{wanted.name} answers from now on; {before} did before."
    detail = {"version": wanted.name, "digest": wanted.digest}
    deliver(Result("answered", message, detail=detail), args.json, message)
    return 0
