"""`calibrate`: hold a judge against the labels of people, split by split."""

import argparse
from dataclasses import asdict

from ..console import deliver
from ..errors import UsageError
from ..evaluation.claims import grid
from ..judging.calibration import GOOD, USABLE, Calibration, Rate, calibrate
from ..judging.labels import load_labels
from ..judging.panel import Checked, check, judge_of, policy_of, write_checked
from ..layout import aligned, terminal_width
from ..llm import client
from ..result import Result
from ..trace import Trace
from . import judged_metrics, open_suite


def run(args: argparse.Namespace) -> int:
    """Judge every label of dev and test, write the verdicts, print the rates."""
    suite = open_suite()
    settings = suite.settings
    name = args.judge or settings.judge
    trace = Trace.start(settings.traces, "calibrate")
    spend = client.Spend(settings.llm.budget_usd)
    checked: list[Checked] = []
    for metric in judged_metrics(suite.metrics):
        labels = [x for x in load_labels(settings.labels, metric.name) if x.split != "train"]
        judge = judge_of(name, metric, settings, trace, spend)
        checked += check(judge, labels, policy_of(settings))
    if not checked:
        raise UsageError("there are no labels of dev and test", "write some with `label`")
    path = write_checked(settings.results / "judge", name, checked)
    found = {
        (metric, split): calibrate(
            [(c.label, c.verdict) for c in checked if (c.metric, c.split) == (metric, split)]
        )
        for metric in dict.fromkeys(c.metric for c in checked)
        for split in ("dev", "test")
    }
    cells = {f"{metric}, {split}": _cells(each) for (metric, split), each in found.items()}
    table = grid(["Labels", "TPR", "TNR", "agreement", "kappa", "ungraded"], cells)
    usable = all(each.usable for (_, split), each in found.items() if split == "test")
    message = _message(name, usable)
    detail = {
        "judge": name,
        "usable": usable,
        "rows": path.relative_to(settings.root).as_posix(),
        "rates": {" ".join(key): asdict(each) for key, each in found.items()},
    }
    result = Result("answered", message, cost_usd=spend.spent_usd, system=name, detail=detail)
    deliver(result, args.json, f"{aligned(table, terminal_width())}\n\n{message}")
    return 0


def _cells(found: Calibration) -> list[str]:
    kappa = "-" if found.kappa is None else f"{found.kappa:.2f}"
    rates = map(_rate, (found.tpr, found.tnr, found.agreement))
    return [*rates, kappa, str(found.ungraded)]


def _rate(rate: Rate) -> str:
    if rate.value is None or rate.interval is None:
        return "no label"
    return f"{rate.value:.2f} [{rate.interval.low:.2f}, {rate.interval.high:.2f}], n = {rate.n}"


def _message(name: str, usable: bool) -> str:
    if usable:
        return f"The judge {name} may be used; {GOOD:.1f} in both rates is what to aim at."
    return (
        f"Below {USABLE:.1f} on test the verdicts of {name} are not evidence: sharpen the "
        "criterion, add critiques as examples, look at dev only, and come back to test once."
    )
