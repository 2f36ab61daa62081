"""Numbers: whether what the README shows follows from committed rows, and how sure it is."""

import math
from collections.abc import Iterator, Sequence

from scaffolder.manifest import MANIFEST
from scaffolder.review.judging import corrected
from scaffolder.review.model import Answer, Evidence, Reading, count, no, partial, yes
from scaffolder.review.results import (
    answers,
    beside,
    byhand,
    claims,
    intervals,
    matching,
    provenance,
    readmenumbers,
    resultrows,
    wordnumbers,
)
from scaffolder.review.results.claims import Claim, Recomputed
from scaffolder.review.results.provenance import Doubt
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
_NAMED = 20
"""Unclaimed numbers that are shown, each with its line."""


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
        return _unclaimed(view, unclaimed)
    if numbers.cut:
        return no("The README shows more numbers than could be checked, by us or by a reader.")
    over = [s for s in numbers.results if _is_over_others(view, s)]
    if over:
        return _over_others(view, over[0])
    rows = _behind_the_rows(view, ledger.claims, numbers)
    excused = [s for s in numbers.results if _is_metric(view, s) and not _follows(view, s)]
    return rows if rows.answer is Answer.NO or not excused else _excused(excused)


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
    ledger = f"[[claims]] of {MANIFEST}"
    problems = claims.ledger(view).problems
    if not shown:
        return no(f"No measured number was found in the README, and no {ledger}.", *problems[:1])
    places = tuple(dict.fromkeys(s.evidence for s in shown))[:3]
    file = next((f for f in resultrows.result_files(view) if resultrows.rows(view, f)), None)
    if file:
        reason = f"Numbers and result rows are there, but no {ledger} say which rests on which."
        return partial(reason, *places, view.quote(file, 1))
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
    row = view.once_for(resultrows.inconsistent, claim.results)
    if row:
        said = f"line {row.line} of {file} has a grade that its own ranks do not give"
        yield f"{name}: {said}.", (view.quote(row.path, row.line), claim.evidence)
    odd = answers.fault(view, claim.results)
    if odd:
        yield f"{file}, line {odd.row.line}: {odd.said}.", (view.quote(file, odd.row.line),)


def _is_claimed(view: RepoView, shown: Shown) -> bool:
    return matching.is_allowed(shown, claims.ledger(view).allowed) or _follows(view, shown)


def _is_metric(view: RepoView, shown: Shown) -> bool:
    """Whether a number stands beside the name of a metric, so that nothing excuses it."""
    metrics = {c.metric.removesuffix(" difference") for c in claims.ledger(view).claims}
    return beside.is_of_metric(shown.context, shown.text, metrics, shown.in_table)


def _follows(view: RepoView, shown: Shown) -> bool:
    """Whether a number follows from the ledger, its rows or a judge's; a time is left to COM-25."""
    if shown.parts in matching.tallies(view) or matching.is_time(view, shown):
        return True
    if corrected.follows(view, shown):
        return True
    if shown.unit == wordnumbers.RATIO:
        return matching.is_ratio(view, shown)
    if shown.unit == wordnumbers.COUNT:
        return matching.is_counted(view, shown)
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


def _unclaimed(view: RepoView, shown: Sequence[Shown]) -> Reading:
    first = shown[0]
    left = len(shown) - 1
    lines = dict.fromkeys(str(s.evidence.line) for s in shown[1:_NAMED])
    are = "is 1 more" if left == 1 else f"are {left} more"
    where = f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}"
    more = f" So {are}, in {where}{', …' if left >= _NAMED else ''}." if left else ""
    reason = (
        f"{clean(first.text, 20)} in line {first.evidence.line} of the README is no claim of the "
        f"ledger for what it stands beside.{more} {_way_out(view, shown)}"
    )
    return no(reason, *dict.fromkeys(s.evidence for s in shown[:_NAMED]))


def _way_out(view: RepoView, shown: Sequence[Shown]) -> str:
    """What would do: a sentence that matches, or the exception for what is no metric's."""
    matching_one = matching.sentence(view, shown[0])
    out = f'Write the README from the rows: "{clean(matching_one, 120)}" would match.'
    if all(_is_metric(view, s) for s in shown):
        return out
    return f"{out} A number that is no result is allowed by [review] allow_numbers in {MANIFEST}."


def _excused(shown: Sequence[Shown]) -> Reading:
    """Numbers beside a metric's name that nothing but `allow_numbers` speaks for."""
    named = ", ".join(f"{clean(s.text, 20)} in line {s.evidence.line}" for s in shown[:_PLACES])
    reason = (
        f"{named} of the README {'stands' if len(shown) == 1 else 'stand'} beside the name of a "
        "metric and follows from no rows: allow_numbers is for what is no result, and excuses none."
    )
    return partial(reason, *dict.fromkeys(s.evidence for s in shown[:_NAMED]))


def _behind_the_rows(view: RepoView, listed: Sequence[Claim], numbers: Numbers) -> Reading:
    """What speaks for and against the rows themselves, once everything follows from them."""
    files = tuple(dict.fromkeys(c.results for c in listed))
    follow = _all(len(listed), "claim follows", "claims follow")
    places = (listed[0].evidence, *(view.quote(f, 1) for f in files[:3]))
    shown = numbers.results
    doubts = _doubts(view, listed)
    if doubts:
        said = "; and ".join(d.said.removesuffix(".") for d in doubts[:2])
        more = f" (and {count(len(doubts) - 2, 'other doubt')})" if len(doubts) > 2 else ""
        reason = f"{follow} from the rows, but {said}{more}."
        answer = no if any(d.certain for d in doubts) else partial
        return answer(reason, *dict.fromkeys(e for d in doubts[:_PLACES] for e in d.evidence))
    if not shown:
        reason = f"{follow} from the rows, but the README shows no number."
        return partial(reason, *places)
    reason = _what_follows(view, listed, numbers)
    return yes(reason, *places, *dict.fromkeys(s.evidence for s in shown[:1]))


def _doubts(view: RepoView, listed: Sequence[Claim]) -> list[Doubt]:
    behind = (row.path for claim in listed for row in claims.recompute(view, claim).rows)
    files = tuple(dict.fromkeys([*(c.results for c in listed), *behind]))
    origins = provenance.doubts(view, files)
    current = view.history.available and view.history.complete and not origins
    found = [*origins, *byhand.signs(view, listed, current)]
    return sorted(found or provenance.unclaimed(view, files), key=lambda d: not d.certain)


def _what_follows(view: RepoView, listed: Sequence[Claim], numbers: Numbers) -> str:
    """What was matched, what was allowed, what was not judged, which grades were believed."""
    ledger = claims.ledger(view)
    allowed = sum(matching.is_allowed(s, ledger.allowed) for s in numbers.results)
    times = sum(matching.is_time(view, s) for s in numbers.results)
    matched = count(len(numbers.results) - allowed - times, "result")
    of_ledger = count(len(listed), "claim")
    said = [f"{of_ledger} of the ledger and {matched} that the README shows agree with the rows."]
    if allowed:
        said.append(f"{allowed} more are allowed by {MANIFEST} and were not checked.")
    if times:
        said.append(f"{count(times, 'time is', 'times are')} left to COM-25.")
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
        ours, slack = _of_rate(values), 0.006
    elif method.startswith("wilson") and not (found.compared and len(set(values)) == 1):
        return "Wilson's interval is for yes/no grades, and these are none"
    elif len(set(values)) == 1:
        ours, slack = _of_equal(values, found.compared), 0.05
    elif "cluster" in method:
        return _cluster_fault(found, low, high)
    else:
        by_rate = rate and "bootstrap" not in method
        ours = _of_rate(values) if by_rate else intervals.bootstrap(values)
        # The bounds of few items move in steps: by one item that goes from worst to best.
        slack = max(TOLERANCE * (ours[1] - ours[0]), (max(values) - min(values)) / len(values))
    if max(abs(low - ours[0]), abs(high - ours[1])) <= slack + 1e-6:
        return ""
    ours_said, theirs = f"[{ours[0]:.3f}, {ours[1]:.3f}]", f"[{low:.3f}, {high:.3f}]"
    return f"the rows give {ours_said} by {clean(claim.method, 30)}, and it says {theirs}"


def _of_rate(values: Sequence[float]) -> tuple[float, float]:
    return intervals.wilson(round(sum(values)), len(values))


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
