"""Hostile lines cost no time: every pattern of the review is linear in the way it is used."""

import importlib
import inspect
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import scaffolder.review

ROOM = Path(scaffolder.review.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(ROOM.parent.parent).with_suffix("").parts)
    for path in ROOM.rglob("*.py")
    if "re.compile(" in path.read_text("utf-8")
)
UNITS = [
    *(
        "a",
        " ",
        "a ",
        "-",
        "A_",
        "a.",
        "/",
        "a/",
        "=",
        "A=1 ",
        '"a',
        "'",
        "(",
        "[",
        "{,",
        "\t",
        "1.",
    ),
    *(
        "pip install ",
        "test",
        "uses ",
        "license ",
        "env_",
        "<version>",
        "key ",
        "no ",
        "ENV A",
        "@",
    ),
]
LINE = 2000
BUDGET = 0.002
"""Seconds a line: twice the 50 ms for the 50 lines that 100 KB have, since the measure itself
strays by a fifth on a busy machine; a pattern that is not linear takes hundreds of times as long.
The fastest of several tries counts.

Of the processor, and of one that is as quick as `_pace` says: what else the machine does, and on
which machine this runs, is not counted.
"""

_YARDSTICK = re.compile(r"\b(?:ab|ac|ad|ae)\b", re.I)
_YARD_SECONDS = 0.0003
"""What the yardstick takes for 10,000 characters where the budget was set."""

TRIES = 8


def _used(module: ModuleType) -> list[tuple[str, Callable[[str], object]]]:
    """Each pattern of a module as the module calls it; one that is handed on is searched for."""
    source = inspect.getsource(module)
    found: list[tuple[str, Callable[[str], object]]] = []
    for name, value in vars(module).items():
        if isinstance(value, re.Pattern) and f"{name} = " in source:
            ways = set(re.findall(rf"\b{name}\.(\w+)", source)) & {"match", "fullmatch"}
            other = set(re.findall(rf"\b{name}\.(\w+)|\({name}\b(?!\.)", source)) - ways
            called = sorted(ways) + (["findall"] if other or not ways else [])
            found += [(f"{name}.{way}", _fed(value, way)) for way in called]
    return found


def _fed(pattern: re.Pattern[Any], way: str) -> Callable[[str], object]:
    """The call with what the pattern is for: text, or bytes."""
    call: Callable[[Any], object] = getattr(pattern, way)
    return call if isinstance(pattern.pattern, str) else lambda line: call(line.encode())


@pytest.mark.parametrize("name", MODULES)
def test_no_pattern_is_slow(name: str) -> None:
    module = importlib.import_module(name)
    slow = {}
    for said, call in _used(module):
        for unit in UNITS:
            line = (unit * LINE)[: LINE - 1] + "!"
            best = _best(call, line)
            if best > BUDGET and best > BUDGET * _pace():
                slow[said, unit] = best
    assert slow == {}


def _pace() -> float:
    """How many times slower this machine is at this moment; at least 1."""
    return max(1.0, _best(_YARDSTICK.findall, "a " * 5000, 0.0) / _YARD_SECONDS)


def _best(call: Callable[[str], object], line: str, enough: float = BUDGET) -> float:
    """Seconds of the fastest try; the first that takes no more than `enough` will do."""
    best = float("inf")
    for _ in range(TRIES):
        started = time.thread_time()
        call(line)
        best = min(best, time.thread_time() - started)
        if best <= enough:
            break
    return best
