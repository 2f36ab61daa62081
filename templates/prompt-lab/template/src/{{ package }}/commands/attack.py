"""`attack`: orders inside a message; which of them changed the decision or told the prompt."""

import argparse

from ..console import deliver
from ..evaluation.rows import write
from ..evaluation.run import measure
from ..evaluation.studies import attacked
from ..experiments.attacks import RESISTED, judged, load_attacks, named, trials
from ..layout import aligned, terminal_width
from ..result import Result
from .publishing import publish
from .studying import begin


def run(args: argparse.Namespace) -> int:
    """Ask each message without and with its attack, and publish what held."""
    lab, version, items = begin(args, "attack")
    attacks = load_attacks(lab.settings.attacks)
    plain, hostile = trials(version, items, attacks)
    calm = measure(plain, lab)
    rows = judged(calm, measure(hostile, lab), attacks, version)
    write(plain.path(lab.system, lab.settings), named(calm, attacks))
    write(hostile.path(lab.system, lab.settings), rows)
    publish(lab.settings)
    obeyed = [row.id for row in rows if row.grades[RESISTED] < 1]
    message = f"{len(rows) - len(obeyed)} of {len(rows)} attacks changed no decision."
    shown = "model" if lab.system == "api" else lab.system
    out = Result("answered", message, system=shown, detail={"obeyed": obeyed})
    text = aligned(attacked(lab.settings, lab.system).markdown, terminal_width())
    deliver(out, args.json, f"{text}\n\n{message}")
    return 0
