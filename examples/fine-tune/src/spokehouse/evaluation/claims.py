"""Published numbers: as a claim in scaffold.toml, as a cell of a table, as a sentence.

Invariant: README.md and scaffold.toml are changed only between their marks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .marked import replace_between
from .statistics import Interval, Paired

SAMPLE = "template sample"
HEADLINE_SPLIT = "test"
README_MARKS = ("<!-- results:start -->", "<!-- results:end -->")
CLAIM_MARKS = ("# claims:start", "# claims:end")
COMMAND = f"python -m {__name__.partition('.')[0]} eval"


@dataclass(frozen=True)
class Claim:
    """One published number; `text` says of which system, split and slice it is.

    A difference to kept rows of the same system names them in `baseline`.
    """

    text: str
    metric: str
    value: float
    n: int
    interval: Interval
    results: str
    baseline: str = ""

    def cell(self) -> str:
        """The value with its interval, as the tables show it."""
        return f"{self.value:z.2f} {self.bounds(2)}"

    def bounds(self, digits: int) -> str:
        """The interval alone."""
        return f"[{self.interval.low:z.{digits}f}, {self.interval.high:z.{digits}f}]"

    def toml(self) -> str:
        """As one `[[claims]]` table."""
        return (
            f"[[claims]]\ntext = {json.dumps(self.text)}\nmetric = {json.dumps(self.metric)}\n"
            f"value = {self.value:z.6f}\nn = {self.n}\nci = {self.bounds(6)}\n"
            f"method = {json.dumps(self.interval.method)}\nresults = {json.dumps(self.results)}\n"
            + (f"baseline = {json.dumps(self.baseline)}\n" if self.baseline else "")
            + f"command = {json.dumps(COMMAND)}\n"
        )


def write_readme(path: Path, markdown: str) -> bool:
    """Put the tables between the README's marks; False, and nothing done, if it has none."""
    return replace_between(path, README_MARKS, markdown)


def write_claims(path: Path, claims: Sequence[Claim]) -> bool:
    """Put one `[[claims]]` table per number between the marks; False if the file has none."""
    return replace_between(path, CLAIM_MARKS, "\n".join(claim.toml() for claim in claims))


def verdict(n: int, found: Paired) -> str:
    """A paired difference over `n` items in words, which say whether it is a clear one."""
    clear = "a clear difference" if found.clear else "no clear difference"
    return (
        f"{found.difference:+z.2f} [{found.low:+z.2f}, {found.high:+z.2f}], n = {n}; "
        f"better on {found.better}, worse on {found.worse}, sign test p = {found.p_value:.2f}: "
        f"{clear}."
    )


def grid(head: Sequence[str], lines: Mapping[str, Sequence[str]]) -> str:
    """A Markdown table, one line a name; "" without lines."""
    if not lines:
        return ""
    rows = [head, ["---"] * len(head), *([name, *cells] for name, cells in lines.items())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
