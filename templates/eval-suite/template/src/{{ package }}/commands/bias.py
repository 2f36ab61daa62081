"""`bias`: does a judge decide by place, length, an order in the text, or its own style?"""

import argparse
from dataclasses import asdict

from ..console import deliver
from ..errors import UsageError
from ..evaluation.claims import grid
from ..jsonl import write_objects
from ..judging import ORDER, Case
from ..judging.bias import Leniency, leniency, probe, summed
from ..judging.labels import load_labels
from ..judging.panel import judge_of, policy_of
from ..layout import aligned, terminal_width
from ..llm import client
from ..result import Result
from ..trace import Trace
from . import judged_metrics, open_suite


def run(args: argparse.Namespace) -> int:
    """Probe the judge of the first judged metric on the labels of dev; write one row a flip."""
    suite = open_suite()
    settings = suite.settings
    metric = judged_metrics(suite.metrics)[0]
    labels = [x for x in load_labels(settings.labels, metric.name) if x.split == "dev"]
    if not labels:
        raise UsageError("the dev split has no labels to probe with", "write some with `label`")
    trace = Trace.start(settings.traces, "bias")
    spend = client.Spend(settings.llm.budget_usd)
    judge = judge_of(args.judge or settings.judge, metric, settings, trace, spend)
    policy = policy_of(settings)
    flips = [*probe(judge, labels, policy)]
    path = settings.results / "bias" / f"{judge.name}.jsonl"
    write_objects(path, (asdict(flip) | {"flipped": flip.flipped} for flip in flips))
    found = summed(flips)
    cells = {
        bias.probe: [
            f"{bias.flipped} of {bias.n} [{bias.interval.low:.2f}, {bias.interval.high:.2f}]",
            str(bias.towards_pass),
        ]
        for bias in found
    }
    verdicts = [judge.decide(Case(policy, x.message, x.reply), ORDER).verdict for x in labels]
    own = [s.name for s in settings.systems.values() if s.kind == "model" == judge.name]
    gaps = leniency(labels, verdicts, own)
    lines = [_told(gap) for gap in gaps]
    if not any(gap.own for gap in gaps):
        lines.append("No label is on an output of the judge's own model: whether it prefers that")
        lines.append("is not known. Label some of its replies to find out.")
    table = grid(["Probe", "verdicts that flipped", "towards pass"], cells)
    message = "\n".join(lines)
    detail = {
        "judge": judge.name,
        "probes": [asdict(b) for b in found],
        "leniency": [asdict(gap) for gap in gaps],
    }
    result = Result("answered", message, cost_usd=spend.spent_usd, system=judge.name, detail=detail)
    deliver(result, args.json, f"{aligned(table, terminal_width())}\n\n{message}")
    return 0


def _told(gap: Leniency) -> str:
    whose = "its own outputs" if gap.own else f"outputs of {gap.system}"
    sure = f" [{gap.interval.low:+.2f}, {gap.interval.high:+.2f}]" if gap.interval else ""
    return f"passes {gap.gap:+.2f}{sure} against people on {whose}, n = {gap.n}"
