"""Where a text holds long runs of certain bytes.

Invariant: linear, and nearly free where there are none: the bytes are mapped to two, and C
searches. A pattern that is tried at each byte takes ten times as long.
"""

from collections.abc import Callable, Iterator

Span = tuple[int, int]


def finder(alphabet: bytes, least: int) -> Callable[[bytes], Iterator[Span]]:
    """A function that gives begin and end of each run of at least `least` bytes of `alphabet`."""
    table = bytes(0x61 if c in alphabet else 0x20 for c in range(256))
    needle = b"a" * least

    def found(data: bytes) -> Iterator[Span]:
        mask, end = data.translate(table), 0
        while (start := mask.find(needle, end)) >= 0:
            end = mask.find(b" ", start + least)
            end = end if end >= 0 else len(mask)
            yield start, end

    return found


def neighbourhood(alphabet: bytes, least: int, margin: int) -> Callable[[bytes], Iterator[Span]]:
    """A function that gives stretches in which all those runs are, with `margin` bytes around.

    They do not touch. It looks once in each `margin` bytes, not once a run.
    """
    table = bytes(0x61 if c in alphabet else 0x20 for c in range(256))
    needle = b"a" * least

    def found(data: bytes) -> Iterator[Span]:
        mask, begin, end = data.translate(table), 0, -1
        at = mask.find(needle)
        while at >= 0:
            if at - margin > end:
                if end >= 0:
                    yield begin, end
                begin = max(at - margin, 0)
            end = min(at + least + 2 * margin, len(data))
            at = mask.find(needle, at + margin)
        if end >= 0:
            yield begin, end

    return found
