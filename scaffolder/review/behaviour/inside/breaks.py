"""Functions of a project that misbehave: what `wrap` returns stands in for the real one.

Invariant: it takes what the real one takes, runs the real one, and changes only what comes back.
It runs alone, inside the sandbox, with the project's Python (3.9 or newer).
"""

import contextlib
import dataclasses
import functools
import inspect
import json
import os
import re
import time

LAG = 7
"""Calls that lie between a result and where it is handed out: next to each other, questions are
often about the same thing."""


def wrap(function, how, args):
    """`function`, misbehaving as `how` says; a plain or async function, a generator of either."""
    change = HOWS[how](**args)
    tell = _told_once()

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def asynchronous(*words, **named):
            tell()
            return change(await function(*words, **named))

        return asynchronous

    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def generating(*words, **named):
            tell()
            yield from change(list(function(*words, **named)))

        return generating

    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def streaming(*words, **named):
            tell()
            for part in change([part async for part in function(*words, **named)]):
                yield part

        return streaming

    @functools.wraps(function)
    def plain(*words, **named):
        tell()
        return change(function(*words, **named))

    return plain


def _told_once():
    """Says in the folder of our own that the function was called."""
    told = []

    def tell():
        if told:
            return
        told.append(True)
        with contextlib.suppress(OSError, KeyError, ValueError):
            with open(os.environ["SCAFFOLD_INSIDE"], encoding="utf-8") as source:
                folder = json.load(source)["said"]
            with open(os.path.join(folder, f"called-{os.getpid()}"), "x", encoding="utf-8"):
                pass

    return tell


def nothing():
    """What came back, emptied: parts that hold something are, so that it can be unpacked."""
    return _emptied


def no_result():
    """What a tool came back with, gone: an object without a key, else as `nothing`."""
    return lambda found: {} if isinstance(found, dict) else _emptied(found)


def _emptied(found):
    parts = found.values() if isinstance(found, dict) else found
    whole = isinstance(found, (dict, tuple)) and any(isinstance(p, list) for p in parts)
    if whole and isinstance(found, dict):
        return {name: [] if isinstance(part, list) else part for name, part in found.items()}
    if whole:
        emptied = [[] if isinstance(part, list) else part for part in found]
        return found._make(emptied) if hasattr(found, "_make") else tuple(emptied)
    return type(found)() if isinstance(found, (list, tuple, dict, set, str)) else None


def after(times=1):
    """A service that does what it is asked, and loses the connection before it can say so."""
    seen = []

    def change(found):
        seen.append(True)
        if len(seen) <= times:
            raise TimeoutError("the answer did not come in time")
        return found

    return change


def planted(text):
    """What came back with a sentence of a stranger behind each text of it."""

    def change(found):
        if isinstance(found, dict):
            return {name: change(part) for name, part in found.items()}
        if isinstance(found, list):
            return [change(part) for part in found] or [text]
        return f"{found} {text}" if isinstance(found, str) and " " in found else found

    return change


def previous(lag=LAG):
    """What came back some calls ago: for another question."""
    before = []

    def change(found):
        before.append(found)
        return before[max(len(before) - 1 - lag, 0)]

    return change


def constant():
    """What came back first, always."""
    first = []

    def change(found):
        first.append(found)
        return first[0]

    return change


def duplicates(times=3):
    """Each part several times, so that copies crowd out what comes after."""

    def change(found):
        if not isinstance(found, list):
            return found
        return [part for part in found for _ in range(times)][: len(found)]

    return change


def raises(message="broken on purpose"):
    """An error instead of a result."""

    def change(_):
        raise RuntimeError(message)

    return change


def hangs(seconds=600):
    """Nothing comes back for a long time."""

    def change(found):
        time.sleep(seconds)
        return found

    return change


def huge(characters=2_000_000):
    """Far more comes back than anybody can read, in the shape of what came."""

    def change(found):
        if isinstance(found, dict):
            return {**found, "padding": "x" * characters}
        return found + "x" * characters if isinstance(found, str) else "x" * characters

    return change


def malformed():
    """Something of another shape comes back."""
    return lambda _: ["%%%", 7, None]


def altered():
    """The same shape with other figures: each number is another one, also those in texts."""
    return _altered


def _altered(found):
    if isinstance(found, bool) or found is None:
        return found
    if isinstance(found, (int, float)):
        return found * 3 + 7
    if isinstance(found, str):
        return _NUMBER.sub(lambda number: str(int(number[0]) * 3 + 7), found)
    if isinstance(found, dict):
        return {name: _altered(part) for name, part in found.items()}
    if isinstance(found, (list, tuple)):
        parts = [_altered(part) for part in found]
        return found._make(parts) if hasattr(found, "_make") else type(found)(parts)
    if dataclasses.is_dataclass(found):
        held = {f.name: _altered(getattr(found, f.name)) for f in dataclasses.fields(found)}
        return dataclasses.replace(found, **held)
    return found


_NUMBER = re.compile(r"(?<![\w.,:/-])[0-9]{1,15}(?![\w.,:/-])")


def late(times=2):
    """A service that is away the first times and answers then."""
    seen = []

    def change(found):
        seen.append(True)
        if len(seen) <= times:
            raise ConnectionError("the service is away for a moment")
        return found

    return change


HOWS = {
    each.__name__: each
    for each in (
        nothing,
        no_result,
        previous,
        constant,
        duplicates,
        raises,
        hangs,
        huge,
        altered,
        malformed,
        after,
        planted,
        late,
    )
}
