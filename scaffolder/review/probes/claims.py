"""Numbers: whether what the README shows follows from committed rows, and how sure it is."""

import math
from collections.abc import Iterator, Sequence

from scaffolder.manifest import MANIFEST, row_hash
from scaffolder.review import ownwork
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.results import (
    answers,
    claims,
    intervals,
    matching,
    readmenumbers,
    resultrows,
    timings,
)
from scaffolder.review.results.claims import Claim, Recomputed
from scaffolder.review.results.readmenumbers import Numbers, Shown
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

INDICATIVE = 50
"""Items below which a figure is only indicative: a rate of a half is then known to ±14 points."""

TOLERANCE = 0.2
"""How far a resampled bound may lie from ours, in widths of the interval.

Two seeded bootstraps of 2,000 differ by about a fiftieth of the width; percentile, BCa and t
intervals of few uneven items by up to a sixth.
"""

_PLACES = 5


def recomputed(view: RepoView) -> Reading:
    """Each number of the README is a claim, and each claim follows from its rows."""
    ledger = claims.ledger(view)
    if not ledger.claims:
        return _without_ledger(view)
    if ledger.problems:
        return no("The ledger has entries that claim nothing.", *ledger.problems[:_PLACES])
    faults = [fault for claim in ledger.claims for fault in _faults(view, claim)]
    if faults:
        told = " ".join(dict.fromkeys(said for said, _ in faults[:2]))
        more = f" {len(faults) - 2} more differ." if len(faults) > 2 else ""
        return no(told + more, *dict.fromkeys(e for _, found in faults for e in found[:2]))
    numbers = readmenumbers.read(view, ledger.claims)
    unclaimed = [s for s in numbers.results if not _is_claimed(view, s)]
    if unclaimed:
        return _unclaimed(unclaimed)
    if numbers.cut:
        return no("The README shows more numbers than could be checked, by us or by a reader.")
    over = [s for s in numbers.results if _is_over_others(view, s)]
    if over:
        return _over_others(view, over[0])
    return _from_known_commits(view, ledger.claims, numbers)


def with_interval(view: RepoView) -> Reading:
    """Each claim has its n and an interval whose method is named, and both can be recomputed."""
    ledger = claims.ledger(view)
    if not ledger.claims:
        return _interval_in_words(view)
    faults = [
        (f"{clean(c.text, 80)}: {said}.", c.evidence)
        for c in ledger.claims
        if (said := _interval_fault(c, claims.recompute(view, c)))
    ]
    if faults:
        more = f" {count(len(faults) - 1, 'more has', 'more have')} a fault." * (len(faults) > 1)
        return no(faults[0][0] + more, *(e for _, e in faults[:_PLACES]))
    small = [c for c in ledger.claims if c.n is not None and c.n < INDICATIVE]
    rest = count(len(small), "rests", "rest")
    note = f" {rest} on under {INDICATIVE} items: indicative only." if small else ""
    carry = _all(len(ledger.claims), "claim carries", "claims carry")
    told = f"{carry} n and an interval that was recomputed.{note}"
    return yes(told, *(c.evidence for c in [*small, *ledger.claims][:2]))


def _without_ledger(view: RepoView) -> Reading:
    shown = readmenumbers.measured(view)
    files = [f for f in resultrows.result_files(view) if resultrows.rows(view, f)]
    ledger = f"[[claims]] of {MANIFEST}"
    problems = claims.ledger(view).problems
    if not shown:
        return no(f"No measured number was found in the README, and no {ledger}.", *problems[:1])
    places = tuple(dict.fromkeys(s.evidence for s in shown))[:3]
    if files:
        reason = f"Numbers and result rows are there, but no {ledger} say which rests on which."
        return partial(reason, *places, view.quote(files[0], 1))
    return no(f"The README shows numbers, and no result rows or {ledger} are behind them.", *places)


def _faults(view: RepoView, claim: Claim) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    found = claims.recompute(view, claim)
    name, file = clean(claim.text, 80), clean(claim.results, 80)
    at = (claim.evidence, view.quote(claim.results, found.rows[0].line if found.rows else 1))
    if found.problem:
        yield f"{name}: {found.problem}.", at[:1]
        return
    if not claims.agrees(claim, found):
        said = f"claims {claim.value:g}, and the rows of {file} give {found.candidates[0]:.4g}"
        yield f"{name}: {MANIFEST} {said}.", at
    if claim.n is not None and claim.n != len(found.values):
        yield f"{name}: n is {claim.n}, and {file} has {count(len(found.values), 'such row')}.", at
    row = _odd_row(view, claim.results)
    if row:
        said = f"line {row.line} of {file} has a grade that its own ranks do not give"
        yield f"{name}: {said}.", (view.quote(row.path, row.line), claim.evidence)
    odd = answers.fault(view, claim.results)
    if odd:
        yield f"{file}, line {odd.row.line}: {odd.said}.", (view.quote(file, odd.row.line),)


def _is_claimed(view: RepoView, shown: Shown) -> bool:
    ledger = claims.ledger(view)
    if shown.parts in matching.tallies(view) or _is_timing(view, shown):
        return True
    if matching.is_allowed(shown, ledger.allowed):
        return True
    return bool(matching.matches(view, shown))


def _is_over_others(view: RepoView, shown: Shown) -> bool:
    """Whether the place of a matched number gives an n that is not that of its claim."""
    found = matching.matches(view, shown)
    if not shown.counts or not found:
        return False
    known = matching.known_counts(view)
    of_claim = any(c.n in shown.counts for c in found)
    return not of_claim or any(n not in known for n in shown.counts)


def _over_others(view: RepoView, shown: Shown) -> Reading:
    claim = matching.matches(view, shown)[0]
    said = ", ".join(f"{n:,}" for n in shown.counts[:3])
    reason = (
        f"{clean(shown.text, 20)} in line {shown.evidence.line} of the README is given over {said} "
        f"items, and its claim, {clean(claim.text, 80)}, over {claim.n}."
    )
    return no(reason, shown.evidence, claim.evidence)


def _is_timing(view: RepoView, shown: Shown) -> bool:
    """Whether a number is a percentile that timed rows give, which needs no claim of its own."""
    told = [t for t in view.once(timings.told) if t.evidence.line == shown.evidence.line]
    groups = view.once(timings.timed)
    return any(t.value == shown.value and timings.holds(t, g) for t in told for g in groups)


def _odd_row(view: RepoView, path: str) -> resultrows.Row | None:
    known = view.once(_odd_rows)
    if path not in known:
        known[path] = resultrows.inconsistent(view, path)
    return known[path]


def _odd_rows(_: RepoView) -> dict[str, resultrows.Row | None]:
    return {}


def _unclaimed(shown: Sequence[Shown]) -> Reading:
    first = shown[0]
    left = len(shown) - 1
    more = f" So {'is' if left == 1 else 'are'} {left} more." if left else ""
    reason = (
        f"{clean(first.text, 20)} in line {first.evidence.line} of the README is no claim of the "
        f"ledger for what it stands beside.{more} Write the README from the rows, or allow a "
        f"number that is no result: [review] allow_numbers in {MANIFEST}."
    )
    return no(reason, *dict.fromkeys(s.evidence for s in shown[:_PLACES]))


def _from_known_commits(view: RepoView, listed: Sequence[Claim], numbers: Numbers) -> Reading:
    files = tuple(dict.fromkeys(c.results for c in listed))
    follow = _all(len(listed), "claim follows", "claims follow")
    places = (listed[0].evidence, *(view.quote(f, 1) for f in files[:3]))
    shown = numbers.results
    if not shown:
        reason = f"{follow} from the rows, but the README shows no number."
        return partial(reason, *places)
    strange = [e for f in files for e in _strange_commits(view, f)]
    if strange:
        reason = (
            f"{follow} from the rows, but some rows do not say which "
            "commit of this repository made them."
        )
        return partial(reason, *strange[:_PLACES])
    reason = _what_follows(view, listed, numbers)
    return yes(reason, *places, *dict.fromkeys(s.evidence for s in shown[:1]))


def _what_follows(view: RepoView, listed: Sequence[Claim], numbers: Numbers) -> str:
    """What was matched, what was allowed, what was not judged, which grades were believed."""
    ledger = claims.ledger(view)
    allowed = sum(matching.is_allowed(s, ledger.allowed) for s in numbers.results)
    matched = count(len(numbers.results) - allowed, "result")
    of_ledger = count(len(listed), "claim")
    said = [f"{of_ledger} of the ledger and {matched} that the README shows agree with the rows."]
    if allowed:
        said.append(f"{allowed} more are allowed by {MANIFEST} and were not checked.")
    if numbers.others:
        text, line = numbers.other
        such = (
            f"{count(numbers.others, 'other number')}, such as `{clean(text, 20)}` in line {line}"
        )
        said.append(f"{such}, {'is' if numbers.others == 1 else 'are'} no result in a known form.")
    taken = list(answers.taken_as_stated(view, listed))
    if taken:
        said.append(f"As the rows state them, and not recomputed: {clean(', '.join(taken), 120)}.")
    return " ".join(said)


def _strange_commits(view: RepoView, path: str) -> Iterator[Evidence]:
    """The first row of a commit that is not in the history, where all of the history is known."""
    history = view.history
    # The history of a folder inside a repository leaves out the commits beside it.
    if not history.available or not history.complete or history.prefix:
        return
    ids = [commit.id for commit in history.commits]
    lines = view.text(path).split("\n")
    template = ownwork.known(view) or frozenset()
    seen: set[str] = set()
    for row in resultrows.rows(view, path):
        commit = row.text("commit")
        brought = commit == "template" and row_hash(lines[row.line - 1 : row.line][0]) in template
        if brought or commit in seen:
            continue
        seen.add(commit)
        if len(commit) < 7 or not any(i.startswith(commit) for i in ids):
            yield view.quote(path, row.line)


def _interval_in_words(view: RepoView) -> Reading:
    shown = readmenumbers.measured(view)
    lines = {s.evidence.line: s.evidence for s in shown}
    sure = [e for e in lines.values() if "±" in e.text or "CI" in e.text or "interval" in e.text]
    if sure:
        reason = f"The README gives an interval, but no [[claims]] of {MANIFEST} to recompute it."
        return partial(reason, *sure[:3])
    what = "no number with its n and interval" if shown else "no measured number"
    return no(f"No [[claims]] in {MANIFEST}; the README shows {what}.", *list(lines.values())[:3])


def _interval_fault(claim: Claim, found: Recomputed) -> str:
    """What is wrong with n, bounds or method; "" where they hold."""
    if claim.n is None or claim.n < 1:
        return "it has no n"
    if claim.ci is None or not claim.method.strip():
        return "it has no interval (ci)" if claim.ci is None else "the interval names no method"
    low, high = claim.ci
    if not low <= claim.value <= high:
        return f"its interval [{low:g}, {high:g}] does not hold its value"
    if found.problem:
        return found.problem
    if claim.n != len(found.values):
        return f"n is {claim.n}, and {count(len(found.values), 'row has', 'rows have')} it"
    return "" if found.percentile is not None else _bounds_fault(claim, found, low, high)


def _bounds_fault(claim: Claim, found: Recomputed, low: float, high: float) -> str:
    method, values = claim.method.lower(), found.values
    rate = set(values) <= {0.0, 1.0} and not found.compared
    scale = 100 if 1 < high <= 100 and max(map(abs, values)) <= 1 else 1
    low, high = low / scale, high / scale
    if method.startswith("wilson") and rate:
        ours, slack = intervals.wilson(round(sum(values)), len(values)), 0.006
    elif method.startswith("wilson") and not (found.compared and len(set(values)) == 1):
        return "Wilson's interval is for yes/no grades, and these are none"
    elif len(set(values)) == 1:
        ours, slack = _of_equal(values, found.compared), 0.05
    elif "cluster" in method:
        return _cluster_fault(found, low, high)
    else:
        plain = intervals.wilson(round(sum(values)), len(values))
        ours = plain if rate and "bootstrap" not in method else intervals.bootstrap(values)
        slack = TOLERANCE * (ours[1] - ours[0])
    if abs(low - ours[0]) <= slack and abs(high - ours[1]) <= slack:
        return ""
    ours_said, theirs = f"[{ours[0]:.3f}, {ours[1]:.3f}]", f"[{low:.3f}, {high:.3f}]"
    return f"the rows give {ours_said} by {clean(claim.method, 30)}, and it says {theirs}"


def _of_equal(values: Sequence[float], compared: bool) -> tuple[float, float]:
    """Equal values claim no certainty: as many others differ as Wilson's bound for 0 of n."""
    unseen = intervals.wilson(0, len(values))[1]
    worst, value = (-1.0 if compared else 0.0), values[0]
    return value + unseen * (worst - value), value + unseen * (1 - value)


def _cluster_fault(found: Recomputed, low: float, high: float) -> str:
    """Clusters are looked for in the rows; without them the interval must not be narrower."""
    groups: dict[str, list[float]] = {}
    step = 2 if found.compared else 1
    for row, value in zip(found.rows[::step], found.values, strict=True):
        keys = ("cluster", "group", "source", "document", "doc_id", "conversation")
        name = next((row.text(k) for k in keys if row.text(k)), "")
        groups.setdefault(name, []).append(value)
    clustered = len(groups) > 1
    ours = intervals.cluster_bootstrap(groups) if clustered else intervals.bootstrap(found.values)
    width = ours[1] - ours[0]
    if math.isclose(width, 0) or high - low >= (1 - 2 * TOLERANCE) * width:
        return ""
    return f"the rows give an interval {width:.3f} wide, and its own is {high - low:.3f}"


def _all(number: int, one: str, many: str) -> str:
    return f"The {one}" if number == 1 else f"All {number:,} {many}"
