"""Was the question answered? The ledger says what is true, the status what was promised.

Invariant: nothing here looks at the wording beyond the figures and names that the truth holds.
"""

from ..figures import tells
from ..result import Result
from .questions import Question, Truth


def grades(question: Question, truth: Truth, result: Result) -> dict[str, float]:
    """`correct` and `tool_precision`, 0 to 1; a system that failed has 0 in both."""
    return {
        "correct": float(not fault(question, truth, result)),
        "tool_precision": precision(truth, result),
    }


def fault(question: Question, truth: Truth, result: Result) -> str:
    """What is wrong with the result, in words; "" if nothing is."""
    text = result.answer or ""
    if question.expect == "answer":
        if result.status != "answered":
            return f"it was to be answered and ended as {result.status}"
        missing = [value for value in truth.values if not tells(text, value)]
        return f"not told: {', '.join(map(str, missing))}" if missing else ""
    if result.status != "refused":
        return f"it was to be a {question.expect} and ended as {result.status}"
    if question.expect == "question" and "?" not in text:
        return "it had to ask back what is missing"
    return ""


def precision(truth: Truth, result: Result) -> float:
    """The share of queries that read nothing but tables of the truth; 1 without either."""
    queries = [a for a in result.detail["actions"] if a["tool"] == "run_select"]
    if not truth.tables:
        return float(not result.detail["actions"])
    good = [q for q in queries if q["outcome"] == "ok" and set(q["tables"]) <= truth.tables]
    return len(good) / len(queries) if queries else 0.0
