"""`question`: add one to the golden set, after its truth was looked up."""

import argparse

from ..assistant import database_of
from ..console import deliver
from ..errors import UsageError
from ..evaluation.questions import Question, add_question, load_questions, truth_of
from ..result import Result
from . import open_settings


def run(args: argparse.Namespace) -> int:
    """Append the question; UsageError if its SQL does not run or it is there already."""
    settings = open_settings()
    asked = " ".join(args.question.split())
    if not asked:
        raise UsageError("the question is empty", "say it as somebody would ask it")
    if bool(args.sql) != (args.expect == "answer"):
        raise UsageError("an answer needs --sql, and nothing else has any", "see evals/README.md")
    known = load_questions(settings.questions)
    if asked.lower() in {question.question.lower() for question in known}:
        raise UsageError("that question is there already", f"see {settings.questions.name}")
    numbers = [int(q.id[1:]) for q in known if q.id[1:].isdecimal()]
    name = f"q{max(numbers, default=0) + 1:03}"
    question = Question(name, args.split, args.slice, asked, tuple(args.sql), args.expect)
    truth = truth_of(question, database_of(settings))
    add_question(settings.questions, question)
    said = ", ".join(map(str, truth.values)) or f"a {args.expect} is expected"
    message = f"{name} added: {said}"
    deliver(
        Result("answered", message, detail={"id": name, "truth": truth.values}), args.json, message
    )
    return 0
