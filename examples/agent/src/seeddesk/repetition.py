"""Notices that a run turns in circles: the same call with the same result, alone or in turn.

Invariant: it looks at what was observed, not at what the model says of it.
"""

import json
from collections import Counter
from dataclasses import dataclass, field

from .executor import Observation


@dataclass
class Repetition:
    """How often each call came to the same result; A B A B counts as A twice and B twice."""

    most: int
    seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def note(self, observation: Observation) -> int:
        """How often this has now been seen, the first time 1."""
        arguments = json.dumps(observation.arguments, sort_keys=True)
        key = (observation.tool, arguments, observation.text)
        self.seen[key] += 1
        return self.seen[key]

    def is_told(self, times: int) -> bool:
        """Whether the model should be told that it repeats itself."""
        return times == self.most

    def is_over(self, times: int) -> bool:
        """Whether the run should end."""
        return times > self.most


def told(observation: Observation) -> str:
    """What the model reads when it repeats itself."""
    return (
        f"You already called {observation.tool} with these arguments and the result was the same. "
        "Do something else, answer, or escalate."
    )
