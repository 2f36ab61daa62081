"""`ask`: one message, one record."""

import argparse

from ..console import deliver
from ..desk import handle
from ..errors import UsageError
from ..layout import terminal_width, wrapped
from ..trace import Trace
from ..versions import find, load_versions
from . import choose_system, open_settings

LONGEST_TEXT = 4000


def run(args: argparse.Namespace) -> int:
    """Read `args.text`; UsageError if it is empty or longer than any message."""
    text = " ".join(args.text.split())
    if not text:
        raise UsageError("the message is empty", 'ask "R48213: the kettle came broken yesterday."')
    if len(text) > LONGEST_TEXT:
        raise UsageError(f"the message has {len(text)} characters", f"at most {LONGEST_TEXT}")
    settings = open_settings()
    system = choose_system(args.system, settings)
    trace = Trace.start(settings.traces, "ask")
    folder = settings.prompts / settings.prompt
    version = find(load_versions(folder), args.version) if args.version else None
    result = handle(text, settings, system, trace, version=version)
    said = "\n".join(part for part in (result.answer, result.message) if part)
    deliver(result, args.json, wrapped(f"[{result.status}] {said}", terminal_width()))
    return 0
