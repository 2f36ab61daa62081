"""`ask`: one question, one answer with citations that open a passage, or a refusal."""

import argparse

from ..answer import System, answer
from ..console import deliver, note
from ..errors import ConfigError, UsageError
from ..layout import terminal_width, wrapped
from ..llm import client, provider
from ..project import load_env
from ..result import Result
from ..settings import load_settings
from ..trace import Trace
from . import open_index


def run(args: argparse.Namespace) -> int:
    """Ask `args.question`; `args.system` is None for "the model if there is a key"."""
    question = " ".join(args.question.split())
    if not question:
        raise UsageError("the question is empty", 'ask "How many days of leave do I have?"')
    settings = load_settings()
    load_env(settings.root)
    system = choose_system(args.system)
    index = open_index(settings)
    trace = Trace.start(settings.traces, "ask")
    result = answer(question, index, settings, system, trace)
    deliver(result, args.json, wrapped(human(result), terminal_width()))
    return 0


def choose_system(wanted: System | None) -> System:
    """The system to ask: as wanted, else the model if its key is set, else the baseline.

    Raises ConfigError naming the variable if the model is wanted and there is no key.
    """
    if wanted == "model" and not client.key_is_set():
        raise ConfigError(
            f"the model needs {provider.KEY_VARIABLE}, which is not set",
            "put it in .env, or ask with --system baseline",
        )
    if wanted is None and not client.key_is_set():
        note(f"{provider.KEY_VARIABLE} is not set: the baseline answers")
        return "baseline"
    return wanted or "model"


def human(result: Result) -> str:
    """The answer, its message and its numbered citations, for a terminal."""
    quotes = [
        f"[{i}] {c.source}\n    {' '.join(c.quote.split())}"
        for i, c in enumerate(result.citations, 1)
    ]
    return "\n\n".join(part for part in (result.answer, result.message, "\n".join(quotes)) if part)
