"""Does a judge decide by place, length, its own style, or what the judged text tells it?"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from scaffolder.review.judging import usage, verdicts
from scaffolder.review.model import Reading, no, partial, yes
from scaffolder.review.results import resultrows
from scaffolder.review.results.resultrows import Row
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

PROBES = 3
"""Of order, length, own style and a planted order; the last needs two models (rubric, EVL-08)."""

FEWEST = 10
_FILES = re.compile(r"bias|probe|swap|verbos|position|robust", re.IGNORECASE)
_PROBE = ("probe", "bias", "perturbation", "variant", "change")
_KINDS: Mapping[str, re.Pattern[str]] = {
    "a planted order": re.compile(r"plant|inject|instruct|obey|mark this", re.IGNORECASE),
    "order": re.compile(r"order|swap|position|place", re.IGNORECASE),
    "length": re.compile(r"length|verbos|pad|long", re.IGNORECASE),
    "own style": re.compile(r"self|prefer|family|own", re.IGNORECASE),
}


def probed(view: RepoView) -> Reading:
    """Rows of three probes and more, ten outputs each, with the verdict before and after."""
    found = _by_kind(view)
    if not found:
        if verdicts.judges(view):
            return no("No rows say whether the judge's verdicts flip when nothing should matter.")
        return usage.without_verdicts(view)
    told = ", ".join(
        f"{kind} {sum(map(_flipped, rows))} of {len(rows)}" for kind, rows in found.items()
    )
    places = [view.quote(rows[0].path, rows[0].line) for rows in found.values()]
    small = [kind for kind, rows in found.items() if len(rows) < FEWEST]
    if len(found) < PROBES:
        return partial(f"Flipped: {clean(told, 200)}; {PROBES} probes are asked for.", *places)
    if small:
        return partial(f"Under {FEWEST} outputs were tried for {small[0]}.", *places)
    return yes(f"Verdicts that flipped: {clean(told, 200)}.", *places)


def _by_kind(view: RepoView) -> Mapping[str, Sequence[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for path in resultrows.result_files(view):
        for row in resultrows.rows(view, path) if _FILES.search(path) else ():
            name = next((row.text(key) for key in _PROBE if row.text(key)), "")
            kind = next((k for k, words in _KINDS.items() if words.search(name[:80])), "")
            if kind and ("flipped" in row.data or {"before", "after"} <= row.data.keys()):
                found[kind].append(row)
    return found


def _flipped(row: Row) -> bool:
    said = row.data.get("flipped")
    return bool(said) if said is not None else row.data.get("before") != row.data.get("after")
