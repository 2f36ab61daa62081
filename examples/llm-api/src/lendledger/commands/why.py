"""`why`: one question again, step by step, held against its truth."""

import argparse

from ..assistant import database_of
from ..console import deliver
from ..evaluation.judging import fault
from ..evaluation.questions import Question, by_id, load_questions, truth_of
from ..evaluation.rows import CORRECT, read
from ..evaluation.run import attempt, name_of
from ..layout import terminal_width, wrapped
from ..result import Result
from ..settings import Settings
from ..trace import Trace
from ..viewer import shown
from . import choose_system, open_settings


def run(args: argparse.Namespace) -> int:
    """Answer the question `args.id` again and explain it; without an id, list what was wrong."""
    settings = open_settings(args.provider)
    questions = load_questions(settings.questions)
    system = choose_system(args.system, settings)
    if args.id is None:
        return _list(questions, settings, name_of(system, settings), args.json)
    question = by_id(questions, args.id)
    truth = truth_of(question, database_of(settings))
    trace = Trace.start(settings.traces, "why")
    result, graded, _ = attempt(question, truth, system, settings, trace)
    wrong = fault(question, truth, result)
    lines = [f"{question.id} ({question.slice}): {question.question}", shown(trace.path)]
    lines += [f"truth: {value}" for value in truth.values]
    lines.append(f"wrong: {wrong}" if wrong else "correct")
    detail = {"id": question.id, "grades": graded, "fault": wrong, "truth": truth.values}
    out = Result("answered", wrong or "correct", trace=result.trace, system=system, detail=detail)
    deliver(out, args.json, "\n".join(lines))
    return 0


def _list(questions: list[Question], settings: Settings, name: str, as_json: bool) -> int:
    known = {question.id: question for question in questions}
    rows = read(settings.results / f"{name}.jsonl")
    missed = [row for row in rows if row.grades[CORRECT] < 1 and row.id in known]
    lines = [f"{row.id} {row.slice:<12} {known[row.id].question[:60]}" for row in missed]
    message = f"{len(missed)} questions that {name} did not get right."
    text = "\n".join([*lines, wrapped(message, terminal_width())])
    detail = {"ids": [row.id for row in missed]}
    deliver(Result("answered", message, detail=detail), as_json, text)
    return 0
