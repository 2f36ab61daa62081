"""From how many requests a day a tuned model is cheaper than the cheapest other way that passes.

Invariant: every figure comes from breakeven.toml, from result rows or from the dated price table,
so a change of any of them changes the conclusion by itself. Dollars are those of one month.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, isfinite
from pathlib import Path

from .errors import ConfigError
from .evaluation.report import TUNED, Runs
from .evaluation.rows import Row, by_item
from .evaluation.scoring import EXACT
from .llm.cost import cost_usd
from .result import Usage
from .systems import LOCAL

DAYS = 30.4  # of a month
SECONDS = 86_400  # of a day
MOST_MACHINES = 1_000
FACTORS = (0.5, 2.0)
KEYS: Mapping[str, tuple[str, ...]] = {
    "pass": ("exact",),
    "load": ("requests_a_day",),
    "machine": ("usd_an_hour", "requests_a_second", "hours_of_a_tune"),
    "people": (
        "usd_an_hour",
        "labelling_hours",
        "building_hours",
        "tuned_upkeep_hours",
        "other_upkeep_hours",
    ),
    "life": ("months",),
    "reference": ("input_tokens", "output_tokens"),
}
DIVISORS = {("machine", "requests_a_second"), ("life", "months")}  # must be above 0

Figures = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Sheet:
    """The assumptions, and the price of one request to the API model; None where unknown."""

    date: str
    figures: Figures
    rival: str
    rival_usd: float | None

    def __getitem__(self, key: tuple[str, str]) -> float:
        return self.figures[key]


@dataclass(frozen=True)
class Rival:
    """The cheapest other way that passes: `usd` a request, None where its price is unknown."""

    name: str
    usd: float | None
    measured: bool


def load(path: Path, rival: Rival) -> Sheet:
    """The sheet of a file; ConfigError names the figure that is missing or none."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}", "mend that place in the file") from error
    figures = {(t, k): _figure(content, t, k) for t, keys in KEYS.items() for k in keys}
    return Sheet(str(content.get("date", "no date")), figures, rival.name, rival.usd)


def rival_of(runs: Runs, path: Path, model: str) -> Rival:
    """The cheapest system with rows that passes; without an API row the reference of the file.

    A local system without a tune has a price of 0 a request, since its machine is the same one.
    """
    sheet = load(path, Rival("", None, False))
    least = sheet[("pass", "exact")]
    passing = [s for s, rows in runs.items() if s != TUNED and _exact(rows) >= least]
    rivals = [Rival(system, _usd(runs[system]), True) for system in passing]
    if "api" not in runs:
        tokens = Usage(
            int(sheet[("reference", "input_tokens")]),
            output_tokens=int(sheet[("reference", "output_tokens")]),
        )
        rivals.append(Rival(model, cost_usd(model, tokens), False))
    known = [rival for rival in rivals if rival.usd is not None]
    if not known:
        return rivals[0] if rivals else Rival("none", None, True)
    return min(known, key=lambda rival: rival.usd or 0.0)


def tuned_month(sheet: Sheet, machines: int) -> float:
    """Machines that are on all day, upkeep, and the start spread over the life of the tune."""
    hour = sheet[("people", "usd_an_hour")]
    once = (sheet[("people", "labelling_hours")] + sheet[("people", "building_hours")]) * hour
    once += sheet[("machine", "hours_of_a_tune")] * sheet[("machine", "usd_an_hour")]
    upkeep = sheet[("people", "tuned_upkeep_hours")] * hour
    served = machines * sheet[("machine", "usd_an_hour")] * 24 * DAYS
    return served + upkeep + once / sheet[("life", "months")]


def rival_month(sheet: Sheet, requests_a_day: float) -> float:
    """Requests at their price, and upkeep; a local rival needs the same machines."""
    hour, upkeep = sheet[("people", "usd_an_hour")], sheet[("people", "other_upkeep_hours")]
    machines = _machines(sheet, requests_a_day) if sheet.rival in LOCAL else 0
    served = machines * sheet[("machine", "usd_an_hour")] * 24 * DAYS
    return served + upkeep * hour + requests_a_day * DAYS * (sheet.rival_usd or 0.0)


def volume(sheet: Sheet) -> float | None:
    """Requests a day from which the tuned model is not dearer; None if it never is.

    Machines come one at a time, so each number of them has a volume of its own; the first one that
    they can answer is it.
    """
    if not sheet.rival_usd:
        return None
    fixed = rival_month(replace(sheet, rival_usd=0.0), 0)
    for machines in range(1, MOST_MACHINES):
        found = (tuned_month(sheet, machines) - fixed) / (DAYS * sheet.rival_usd)
        if found <= machines * _capacity(sheet):
            return max(found, 0.0)
    return None


def sensitivity(sheet: Sheet) -> dict[str, list[float | None]]:
    """What is halved and doubled -> the volumes that follow, in the order of FACTORS."""
    rows = {}
    for (table, key), value in sheet.figures.items():
        if table in ("machine", "people", "life"):
            changed = [{**sheet.figures, (table, key): value * factor} for factor in FACTORS]
            rows[f"{table} {key}"] = [volume(replace(sheet, figures=each)) for each in changed]
    prices = [(sheet.rival_usd or 0.0) * factor for factor in FACTORS]
    rows["price of a request"] = [volume(replace(sheet, rival_usd=price)) for price in prices]
    return rows


def sentence(sheet: Sheet, rival: Rival, runs: Runs) -> str:
    """The conclusion, with what it rests on."""
    least = sheet[("pass", "exact")]
    kind = "measured" if rival.measured else "assumed to pass, not measured"
    against = f"{rival.name} ({kind})"
    if TUNED in runs and _exact(runs[TUNED]) < least:
        return (
            f"A tune does not pass (exact {_exact(runs[TUNED]):.2f}, needed {least:.2f}): no volume"
            " pays for it."
        )
    if rival.usd is None:
        return f"Break-even unknown: the price of {against} is not in the price table."
    at = volume(sheet)
    if at is None:
        return f"At no volume is a tune cheaper than {against}."
    today = sheet[("load", "requests_a_day")]
    side = "above" if today >= at else "below"
    unproved = "" if TUNED in runs else " A tune was not measured yet."
    return (
        f"A tune pays from {at:,.0f} requests a day against {against} at ${rival.usd:.6f} a "
        f"request; the load of {today:,.0f} a day is {side} that (sheet of {sheet.date}).{unproved}"
    )


def _usd(rows: Sequence[Row]) -> float | None:
    """Today's list price of a mean request, from tokens; free where no API was asked."""
    if rows[0].system != "api":
        return 0.0
    prices = [cost_usd(row.model, row.usage) for row in rows]
    known = [price for price in prices if price is not None]
    return sum(known) / len(known) if len(known) == len(rows) else None


def _exact(rows: Sequence[Row]) -> float:
    grades = by_item(rows, EXACT).values()
    return sum(grades) / len(grades)


def _machines(sheet: Sheet, requests_a_day: float) -> int:
    return max(1, ceil(requests_a_day / _capacity(sheet)))


def _capacity(sheet: Sheet) -> float:
    return sheet[("machine", "requests_a_second")] * SECONDS


def _figure(content: Mapping[str, object], table: str, key: str) -> float:
    section = content.get(table)
    value = section.get(key) if isinstance(section, dict) else None
    where = f"breakeven.toml: [{table}] {key}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{where} is {value!r}, not a number", f"write `{key} = ...`")
    if not isfinite(value) or value < 0 or (value == 0 and (table, key) in DIVISORS):
        raise ConfigError(f"{where} is {value}, which cannot be", "a number above 0")
    return float(value)
