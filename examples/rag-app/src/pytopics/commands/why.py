"""`why`: follow one labelled question through every stage, or list the questions that missed."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from difflib import get_close_matches
from textwrap import fill

from ..console import deliver
from ..diagnosis import Diagnosis, diagnose
from ..errors import UsageError
from ..evaluation.golden import Question, load
from ..evaluation.rows import Row, read
from ..project import load_env
from ..result import Result
from ..settings import Settings, load_settings
from ..trace import Trace
from . import open_index
from .ask import choose_system

MARKS = {True: "ok", False: "NO", None: "-"}
SHOWN = 10
ON_TEST = "a test question: what you change because of it can no longer be tested on it"


def run(args: argparse.Namespace) -> int:
    """Diagnose `args.id` with `args.system`; without an id say which questions to look at."""
    settings = load_settings()
    load_env(settings.root)
    index = open_index(settings)
    questions = load(settings.questions, index.corpus)
    if args.id is None:
        result = _misses(questions, settings)
        deliver(result, args.json, result.message)
        return 0
    system = choose_system(args.system)
    question = _find(questions, args.id, index.corpus)
    found = diagnose(question, index, settings, system, Trace.start(settings.traces, "why"))
    deliver(_result(found), args.json, human(found))
    return 0


def human(found: Diagnosis) -> str:
    """The walk as a table, then the verdict."""
    q = found.question
    lines = [f"{q.id} ({q.slice}, {q.split}): {q.question}", f"answered by: {_payer(found)}"]
    lines += [ON_TEST, ""] if q.split == "test" else [""]
    for stage in found.stages:
        seen = stage.value + (f" ({stage.note})" if stage.note else "")
        head = f"  {stage.stage:<9}{MARKS[stage.ok]:<4}"
        lines.append(fill(seen, 78, initial_indent=head, subsequent_indent=" " * 15))
    if state := _state(found):
        lines.insert(2, fill(state, 78))
    return "\n".join([*lines, "", fill(_verdict(found), 78), fill(found.experiment, 78)]).rstrip()


def _state(found: Diagnosis) -> str:
    """What to know first about a result that is neither an answer nor a refusal, or ""."""
    result = found.result
    usual = result.status in ("answered", "refused")
    return "" if usual else f"The result is {result.status}: {result.message}"


def _verdict(found: Diagnosis) -> str:
    if found.first_broken:
        return f"First stage that broke: {found.first_broken}."
    return "Every stage did its part: nothing to mend here."


def _result(found: Diagnosis) -> Result:
    detail = {
        "id": found.question.id,
        "split": found.question.split,
        "stages": [asdict(stage) for stage in found.stages],
        "first_broken": found.first_broken or None,
        "experiment": found.experiment or None,
    }
    answer = found.result
    return Result(
        status="answered",
        message=f"{_state(found)} {_verdict(found)}".strip(),
        usage=answer.usage,
        cost_usd=answer.cost_usd,
        steps=answer.steps,
        trace=answer.trace,
        system=answer.system,
        detail=detail,
    )


def _payer(found: Diagnosis) -> str:
    if found.result.system == "baseline":
        return "baseline"
    cost = found.result.cost_usd
    return "model, price unknown" if cost is None else f"model, {cost:.4f} USD"


def _find(questions: Sequence[Question], wanted: str, corpus: str) -> Question:
    by_id = {question.id: question for question in questions}
    if wanted in by_id:
        return by_id[wanted]
    near = get_close_matches(wanted, by_id, n=3, cutoff=0.5)
    hint = f"near it: {', '.join(near)}" if near else "`why` without an id lists what missed"
    raise UsageError(f"no question {wanted!r} for corpus {corpus!r}", hint)


def _misses(questions: Sequence[Question], settings: Settings) -> Result:
    """The questions of the index's corpus that the last `eval` counted as wrong, dev first."""
    systems = (settings.retriever, "baseline", "model")
    files = [path for name in systems if (path := settings.results / f"{name}.jsonl").exists()]
    if not files:
        raise UsageError("there are no results yet", "run `eval`, then `why` lists what missed")
    missed: dict[str, list[str]] = {}
    for row in (row for path in files for row in read(path)):
        for metric in _failed(row, settings.k):
            missed.setdefault(row.id, []).append(f"{row.system}: {metric}")
    known = sorted((q for q in questions if q.id in missed), key=lambda q: q.split)
    counts = Counter(what for q in known for what in missed[q.id])
    totals = [f"  {n:4}  {what}" for what, n in counts.most_common()]
    shown = known[:SHOWN]
    lines = [f"  {_marked(q)}  {q.question}\n      {'; '.join(missed[q.id])}" for q in shown]
    head = f"{len(known)} of {len(questions)} questions missed something in the last `eval`."
    detail = {
        "counts": dict(counts),
        "missed": {q.id: missed[q.id] for q in known},
        "test": [q.id for q in known if q.split == "test"],
    }
    if known:
        first = [f"The first {len(shown)}, dev before test:"] if len(known) > SHOWN else []
        advice = "`why ID` walks through one of them; leave those marked [test] alone."
        lines = ["", *first, *lines, "", advice]
    return Result("answered", "\n".join([head, *totals, *lines]), detail=detail)


def _marked(question: Question) -> str:
    return f"{question.id} [test]" if question.split == "test" else question.id


def _failed(row: Row, k: int) -> list[str]:
    """Names of the grades that say the outcome was wrong; ranking quality within k is not one."""
    watched = (f"recall@{k}", "fact_accuracy", "abstention_recall")
    return [metric for metric in watched if row.grades.get(metric, 1.0) < 1.0]
