"""Somebody else's YAML, checked as a stream of events before any of it is built.

Invariant: only PyYAML's scanner in Python sees the text (the one in C dies of deep nesting), and a
document that would expand, nest or merge beyond the limits is refused before it is built.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from scaffolder.review.parsing.limits import MAX_DEPTH, MAX_DIGITS, Excess, long_number

MAX_EVENTS = 30_000
"""Scalars, lists and mappings of one document, its aliases expanded: about a second of work."""

MAX_ALIASES = 64
MAX_MERGES = 8
_NUMBER = re.compile("[-+0-9A-Fa-f_xob:]*+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def first_document(text: str) -> Any:
    """The first document of the stream, as `yaml.safe_load` gives it; None where there is none.

    Raises Excess, and whatever PyYAML raises.
    """
    import yaml

    events = list(_checked(yaml.parse(text, Loader=yaml.SafeLoader)))
    return _replay()(events).get_single_data()


def _checked(events: Iterator[Any]) -> Iterator[Any]:
    """The events up to the end of the first document."""
    import yaml

    weigh = _Weight()
    for event in events:
        if isinstance(event, yaml.DocumentEndEvent):
            yield event
            break
        weigh.add(event)
        yield event
    yield yaml.StreamEndEvent()


class _Weight:
    """Counts what a document becomes once its aliases are expanded."""

    def __init__(self) -> None:
        self.total = self.aliases = self.merges = 0
        self.open: list[tuple[str | None, int]] = []
        self.sizes: dict[str, int] = {}

    def add(self, event: Any) -> None:
        """Excess where the event is one too many."""
        import yaml

        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self.aliases += 1
            if event.anchor not in self.sizes:
                raise Excess("an alias names nothing that is complete", line)
            self.total += self.sizes[event.anchor]
        elif isinstance(event, yaml.CollectionStartEvent):
            self.open.append((event.anchor, self.total))
            self.total += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            self._keep(*self.open.pop())
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        self._compare(line)

    def _scalar(self, event: Any, line: int) -> None:
        self._keep(event.anchor, self.total)
        self.total += 1
        self.merges += event.value == "<<"
        if event.anchor:
            self.sizes[event.anchor] = 1
        if _SURROGATE.search(event.value):
            raise Excess("it holds half a character", line)
        if len(event.value) > MAX_DIGITS and (event.implicit[0] or event.tag):
            self._number(event.value, line)

    def _number(self, value: str, line: int) -> None:
        if _NUMBER.fullmatch(value) and (reason := long_number(value)):
            raise Excess(reason, line)

    def _keep(self, anchor: str | None, before: int) -> None:
        if anchor:
            self.sizes[anchor] = self.total - before

    def _compare(self, line: int) -> None:
        limits = (
            (self.aliases > MAX_ALIASES, f"it has more than {MAX_ALIASES} aliases"),
            (self.merges > MAX_MERGES, f"it has more than {MAX_MERGES} merge keys"),
            (len(self.open) > MAX_DEPTH, f"it is nested deeper than {MAX_DEPTH} levels"),
            (self.total > MAX_EVENTS, f"it expands to more than {MAX_EVENTS:,} values"),
        )
        for passed, reason in limits:
            if passed:
                raise Excess(reason, line)


@cache
def _replay() -> Any:
    """A PyYAML loader that is given events instead of a text."""
    import yaml

    class Replay(yaml.composer.Composer, yaml.constructor.SafeConstructor, yaml.resolver.Resolver):
        def __init__(self, events: list[Any]) -> None:
            self.events = events[::-1]
            yaml.composer.Composer.__init__(self)
            yaml.constructor.SafeConstructor.__init__(self)
            yaml.resolver.Resolver.__init__(self)

        def check_event(self, *kinds: type) -> bool:
            return bool(self.events) and (not kinds or isinstance(self.events[-1], kinds))

        def peek_event(self) -> Any:
            return self.events[-1] if self.events else None

        def get_event(self) -> Any:
            return self.events.pop()

    return Replay
