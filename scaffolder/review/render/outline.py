"""What is seen without reading the code, as labelled rows that each format sets in its own way.

Invariant: a row says what was found or what was looked for; what is only claimed is called that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from scaffolder.review.model import Evidence, Reader, count
from scaffolder.review.render.wording import line

LISTED = 12
"""Rows of one kind that are listed before the others are counted."""


@dataclass(frozen=True)
class Row:
    """A label, what is said of it, and the line that shows it."""

    label: str
    said: str
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Group:
    """Rows under a heading; `note` says whose eyes these are."""

    title: str
    note: str
    rows: tuple[Row, ...]


def groups(reader: Reader) -> tuple[Group, ...]:
    """Both readers: a person in two minutes, and a machine that looks for words."""
    return (
        Group(
            "A person, in two minutes",
            "What a hiring reader meets before opening any code.",
            tuple(_person(reader)),
        ),
        Group(
            "A machine that looks for words",
            "What a screening program can back with code, and what it finds only in the README.",
            tuple(_machine(reader)),
        ),
        Group(
            "Claimed, not found in code",
            "Named in the README; no import, dependency or file of the repository shows it.",
            _claimed(reader.claimed),
        ),
    )


def _person(reader: Reader) -> Iterator[Row]:
    yield Row("README", line(reader.readme) if reader.readme else "there is none")
    yield Row("title", line(reader.title, 200) or "the README has no title")
    yield Row("first paragraph", line(reader.paragraph, 400) or "the README has no running text")
    yield _found("first number", reader.number, _no_number(reader))
    yield _found("first picture", reader.picture, "no picture in the README (badges left out)")
    yield _found("command to run", reader.command, "no command to run it in the README")
    yield Row("links", count(len(reader.links), "link") if reader.links else "no link out")
    yield from (Row("", "", e) for e in reader.links[:5])
    yield Row("last commit", line(reader.last_commit) if reader.last_commit else "no git history")
    yield Row("languages", _shares(reader.languages) or "no source code")
    yield Row("badges", count(reader.badges, "badge"))
    yield Row("size", f"{count(reader.files, 'file')}, {count(reader.lines, 'line')} of code")


def _machine(reader: Reader) -> Iterator[Row]:
    yield Row("topics", ", ".join(map(line, reader.topics)) or "no keywords in package metadata")
    for name, evidence in reader.present.items():
        yield _found(line(name), evidence, "not found")
    numbers = len(reader.numbers)
    said = f"{count(numbers, 'line')} of the README with a measured number"
    without = f", {reader.without_n} of them without saying of how many" * (reader.without_n > 0)
    yield Row("numbers", said + without if numbers else _no_number(reader))
    yield from (Row("", "", e) for e in reader.numbers[:5])
    yield Row("in the code", count(len(reader.used), "library or technique", "known names"))
    yield from _named(reader.used)


def _claimed(claimed: Mapping[str, Evidence]) -> tuple[Row, ...]:
    return tuple(_named(claimed)) or (Row("", "Nothing: every name that is known has code."),)


def _named(by: Mapping[str, Evidence]) -> Iterator[Row]:
    yield from (Row(line(name), "", e) for name, e in islice(by.items(), LISTED))
    if len(by) > LISTED:
        yield Row("", f"and {len(by) - LISTED} more: --format json lists them all")


def _no_number(reader: Reader) -> str:
    """What there is where the README has no measured number of the author's own."""
    if reader.template_run is None:
        return "no measured number in the README"
    heading = line(reader.template_run.text.strip("# "))
    return (
        f"none of the author's own; {count(reader.template_numbers, 'number')}, under '{heading}'"
    )


def _found(label: str, evidence: Evidence | None, otherwise: str) -> Row:
    return Row(label, "" if evidence else otherwise, evidence)


def _shares(languages: Mapping[str, int]) -> str:
    whole = sum(languages.values())
    most = sorted(languages.items(), key=lambda pair: -pair[1])[:5]
    return ", ".join(
        f"{line(name)} {size / whole:.0%}" for name, size in most if whole and size / whole >= 0.005
    )
