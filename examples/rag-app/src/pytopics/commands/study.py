"""`study`: measure what `eval` does not, write its rows and the page about them."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from ..console import deliver, note
from ..errors import UsageError
from ..evaluation.golden import Question, check_labels, load
from ..index import Index
from ..result import Result
from ..settings import Settings, load_settings
from ..studies import STUDIES, depth, edited, latency, ledger, planted, prompts, record
from . import open_index


def run(args: argparse.Namespace) -> int:
    """Make the rows of the studies that `args.name` names and publish all there are."""
    settings = load_settings()
    index = open_index(settings)
    questions = load(settings.questions, index.corpus)
    if not questions:
        raise UsageError(f"no question for the corpus {index.corpus!r}", "write some with `label`")
    check_labels(settings.questions, questions, index)
    for name in STUDIES if args.name == "all" else (args.name,):
        note(f"study {name} ...")
        rows = _rows(name, questions, index, settings)
        record.write(settings.results / ledger.FILES[name], rows)
    findings = ledger.publish(settings)
    lines = [f"{each.text}: {each.cell()}, n = {each.n}" for each in findings]
    result = Result("answered", f"{len(findings)} figures", detail={"claims": _plain(findings)})
    deliver(result, args.json, "\n".join(lines))
    return 0


def _rows(
    name: str, questions: Sequence[Question], index: Index, settings: Settings
) -> Sequence[record.StudyRow]:
    match name:
        case "depth":
            return depth.rows(questions, index, settings)
        case "planted":
            injections = planted.load(settings.injections)
            return planted.rows(injections, questions, settings)
        case "edited":
            return edited.rows(questions, index, settings)
        case "latency":
            return latency.rows(questions, settings)
        case _:
            return prompts.rows(questions, index, settings)


def _plain(findings: Sequence[ledger.Finding]) -> list[dict[str, object]]:
    return [asdict(each) for each in findings]
