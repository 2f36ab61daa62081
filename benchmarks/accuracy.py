"""Agreement of the review's facts with labels made by hand, as Markdown.

usage: python benchmarks/accuracy.py FOLDER [SET]

FOLDER holds a clone of each repository named in accuracy.yml, as OWNER+NAME; one that is missing is
fetched from GitHub. SET is one set of labels; without it all are compared. The labels were written
by reading, before the review was run on the repository. Nothing of the repositories is run.
"""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from compare import BIN

LABELS = Path(__file__).with_name("accuracy.yml")
GOAL = 0.9
"""Agreement of yes against no over all facts that is aimed at."""


@dataclass(frozen=True)
class Compared:
    """One fact of one repository: what the label says and what the review says."""

    repository: str
    fact: str
    label: str
    said: str

    @property
    def is_flip(self) -> bool:
        """Whether one says yes and the other no."""
        return {self.label, self.said} == {"yes", "no"}

    @property
    def is_decided(self) -> bool:
        """Whether both say yes or no, so that they can contradict each other."""
        return {self.label, self.said} <= {"yes", "no"}


def main(folder: Path, wanted: str = "") -> int:
    """Prints a table for each set and one over all; 1 where the goal is missed."""
    sets = yaml.safe_load(LABELS.read_text("utf-8"))["sets"]
    chosen = {name: rows for name, rows in sets.items() if wanted in ("", name)}
    found = {name: list(_compared(rows, folder)) for name, rows in chosen.items()}
    for name, compared in found.items():
        print(f"\n### {name}\n\n{_table(compared)}\n")
        print("\n".join(_flips(compared)) or "No fact was taken for its opposite.")
    everything = [c for compared in found.values() for c in compared]
    return int(_agreement(everything) < GOAL)


def _compared(rows: list[Mapping[str, object]], folder: Path) -> Iterator[Compared]:
    for row in rows:
        name, labels = str(row["repository"]), row["labels"]
        facts = _facts(_clone(folder, name, str(row["commit"])))
        assert isinstance(labels, dict)
        for fact, label in labels.items():
            # YAML 1.1 reads bare yes and no as booleans.
            said = {True: "yes", False: "no"}.get(label, str(label))
            yield Compared(name, fact, said, facts[fact])


def _clone(folder: Path, name: str, commit: str) -> Path:
    clone = folder / name.replace("/", "+")
    if not clone.exists():
        address = f"https://github.com/{name}"
        subprocess.run(["git", "clone", "-q", address, clone], check=True)
        subprocess.run(["git", "-C", clone, "checkout", "-q", commit], check=True)
    return clone


def _facts(clone: Path) -> Mapping[str, str]:
    command = [BIN / "scaffold", "review", clone, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {name: fact["value"] for name, fact in json.loads(done.stdout)["facts"].items()}


def _table(compared: list[Compared]) -> str:
    by_fact: dict[str, list[Compared]] = defaultdict(list)
    for one in compared:
        by_fact[one.fact].append(one)
    head = "| fact | labels | same | a step apart | opposite | yes against no |"
    rule = "|---|--:|--:|--:|--:|--:|"
    rows = [_row(fact, ones) for fact, ones in by_fact.items()]
    return "\n".join([head, rule, *rows, _row("**all**", compared)])


def _row(name: str, ones: list[Compared]) -> str:
    same = sum(c.label == c.said for c in ones)
    flips = sum(c.is_flip for c in ones)
    decided = Counter(c.is_decided for c in ones)[True]
    share = f"{_agreement(ones):.0%} of {decided}" if decided else "-"
    return f"| {name} | {len(ones)} | {same} | {len(ones) - same - flips} | {flips} | {share} |"


def _agreement(ones: list[Compared]) -> float:
    """Share of the facts on which both say yes or no, where they say the same; 1.0 without any."""
    decided = [c for c in ones if c.is_decided]
    return sum(not c.is_flip for c in decided) / len(decided) if decided else 1.0


def _flips(compared: list[Compared]) -> Iterator[str]:
    for one in compared:
        if one.is_flip:
            yield f"- {one.repository}: `{one.fact}` labelled {one.label}, read as {one.said}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))
