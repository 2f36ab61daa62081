"""The `[[claims]]` of one version of a manifest, and the prose of a README that tells them.

Invariant: what is read may be anybody's: every number is finite, every text cleaned, and no more
entries are taken than the review reads.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scaffolder.regularfile import read_regular
from scaffolder.review.results.claims import MAX_CLAIMS
from scaffolder.review.results.resultrows import number
from scaffolder.sanitise import clean

_KEPT = re.compile(r",? (?:before|after) [\w.-]{1,60}$")
_CHANGE = re.compile(r"(.{1,120}) of (.{1,80}) after ([^\s,]{1,60}) minus \2 before \3(.{0,120})")
_README_SIZE = 512 * 1024
_MOST_N = 10**12


@dataclass(frozen=True)
class Entry:
    """One claim. `kept` where it is of a setting left behind; `change` names what was changed.

    `change_of` is the name that the differences of all changes of this metric share.
    """

    text: str
    metric: str
    value: float
    ci: tuple[float, float] | None
    n: int | None
    change: str = ""
    change_of: str = ""

    @property
    def kept(self) -> bool:
        """Whether it says what was before or after a change."""
        return not self.change_of and _KEPT.search(self.text) is not None

    @property
    def is_difference(self) -> bool:
        """Whether it is one system minus another."""
        return " minus " in self.text or self.metric.endswith(" difference")


def entries(table: Mapping[str, Any]) -> tuple[Entry, ...]:
    """The claims of a manifest, each text once; one without a finite value is left out."""
    raw = table.get("claims")
    listed = raw[:MAX_CLAIMS] if isinstance(raw, list) else []
    made = [entry for each in listed if isinstance(each, dict) and (entry := _entry(each))]
    return tuple({entry.text: entry for entry in reversed(made)}.values())[::-1]


def prose(project: Path) -> list[str]:
    """The lines of the README that are no table, as `spoken`; none where it cannot be read."""
    try:
        text = read_regular(project / "README.md", _README_SIZE).decode("utf-8", "replace")
    except OSError:
        return []
    return [spoken(line) for line in text.split("\n") if not line.startswith(("|", "- "))]


def spoken(text: str) -> str:
    """A name as prose writes it: without case and underscores."""
    return text.casefold().replace("_", " ")


def _entry(raw: Mapping[str, Any]) -> Entry | None:
    text, metric, value = raw.get("text"), raw.get("metric"), _number(raw.get("value"))
    if not isinstance(metric, str) or value is None:
        return None
    said = clean(text if isinstance(text, str) else metric, 200)
    n = raw.get("n")
    counted = n if type(n) is int and 0 <= n <= _MOST_N else None
    named = _CHANGE.fullmatch(said)
    change, change_of = (named[3], _of_changes(named)) if named else ("", "")
    return Entry(said, clean(metric, 80), value, _interval(raw), counted, change, change_of)


def _of_changes(named: re.Match[str]) -> str:
    return f"{named[1]} of {named[2]}, what each change did{named[4]}"


def _interval(raw: Mapping[str, Any]) -> tuple[float, float] | None:
    listed = raw.get("ci", [raw.get("ci_low"), raw.get("ci_high")])
    found = [_number(v) for v in listed] if isinstance(listed, list) and len(listed) == 2 else []
    low, high = found or (None, None)
    return None if low is None or high is None or low > high else (low, high)


def _number(value: object) -> float | None:
    return None if isinstance(value, bool) else number(value)
