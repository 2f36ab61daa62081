"""`letter`: the mail about a run, to be read and sent by a person."""

import argparse
import json
from dataclasses import replace

from .. import runs
from ..console import deliver
from ..executor import Observation
from ..letter import changed, compose
from ..result import Result
from ..shop import opened
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Print the letter; UsageError where there is no such run."""
    settings = open_settings()
    found = runs.load_run(settings.runs, args.run)
    steps = [Observation(**step) for step in runs.load_steps(settings.runs, found.id)]
    with opened(found.database) as connection:
        query = "SELECT name FROM customers WHERE customer_id = ?"
        row = connection.execute(query, (found.customer,)).fetchone()
    text = compose(row["name"] if row else "customer", [_read(step) for step in steps])
    detail = {"run": found.id, "changed": changed(steps)}
    deliver(Result("answered", text, detail=detail), args.json, text)
    return 0


def _read(step: Observation) -> Observation:
    """The step with its result read again; one that was cut for a model says nothing to us."""
    try:
        data = json.loads(step.text)
    except ValueError:
        return step
    return replace(step, data=data) if isinstance(data, dict) else step
