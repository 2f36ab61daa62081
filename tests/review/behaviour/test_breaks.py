"""Each way to misbehave, on a plain, an async and a generator function."""

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scaffolder.review.behaviour import environment

_SPEC = importlib.util.spec_from_file_location("breaks", environment.INSIDE / "breaks.py")
assert _SPEC is not None
assert _SPEC.loader is not None
breaks = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(breaks)

Call = Callable[[int], Any]


def plain(how: str, args: dict[str, Any]) -> Call:
    return breaks.wrap(lambda n: [n, n + 100], how, args)


def asynchronous(how: str, args: dict[str, Any]) -> Call:
    async def real(n: int) -> list[int]:
        return [n, n + 100]

    broken = breaks.wrap(real, how, args)
    return lambda n: asyncio.run(broken(n))


def generator(how: str, args: dict[str, Any]) -> Call:
    def real(n: int) -> Iterator[int]:
        yield from (n, n + 100)

    broken = breaks.wrap(real, how, args)
    return lambda n: list(broken(n))


def stream(how: str, args: dict[str, Any]) -> Call:
    async def real(n: int) -> AsyncIterator[int]:
        for each in (n, n + 100):
            yield each

    async def listed(n: int) -> list[int]:
        return [each async for each in broken(n)]

    broken = breaks.wrap(real, how, args)
    return lambda n: asyncio.run(listed(n))


KINDS = pytest.mark.parametrize("kind", [plain, asynchronous, generator, stream])


@KINDS
@pytest.mark.parametrize(
    ("how", "args", "seen"),
    [
        ("nothing", {}, [[], [], []]),
        ("previous", {"lag": 1}, [[0, 100], [0, 100], [1, 101]]),
        ("constant", {}, [[0, 100], [0, 100], [0, 100]]),
        ("duplicates", {"times": 2}, [[0, 0], [1, 1], [2, 2]]),
    ],
)
def test_what_comes_back_is_changed(
    kind: Callable[..., Call], how: str, args: dict[str, Any], seen: list[list[int]]
) -> None:
    broken = kind(how, args)
    assert [broken(n) for n in range(3)] == seen


@KINDS
def test_an_error_comes_instead(kind: Callable[..., Call]) -> None:
    with pytest.raises(RuntimeError, match="on purpose"):
        kind("raises", {})(1)


@pytest.mark.parametrize(
    ("found", "empty"),
    [
        ([1], []),
        ("text", ""),
        ({"a": 0.5}, {}),
        (5, None),
        (([1], [0.5]), ([], [])),
        ({"passages": [1], "seconds": 2}, {"passages": [], "seconds": 2}),
    ],
)
def test_what_is_emptied_keeps_its_shape(found: object, empty: object) -> None:
    """A caller that unpacks it must not fail for another reason than that nothing was found."""
    assert breaks.wrap(lambda: found, "nothing", {})() == empty


def test_a_call_is_told_in_a_folder_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inside.json").write_text(json.dumps({"said": str(tmp_path)}))
    monkeypatch.setenv("SCAFFOLD_INSIDE", str(tmp_path / "inside.json"))
    broken = plain("nothing", {})
    assert not list(tmp_path.glob("called-*"))
    broken(1)
    broken(2)
    assert len(list(tmp_path.glob("called-*"))) == 1


def test_of_a_tool_that_returns_nothing_no_key_is_left() -> None:
    order = {"order_id": "O1", "lines": [1, 2]}
    assert breaks.wrap(lambda: order, "no_result", {})() == {}
    assert breaks.wrap(lambda: order, "nothing", {})() == {"order_id": "O1", "lines": []}
    assert breaks.wrap(lambda: "text", "no_result", {})() == ""
