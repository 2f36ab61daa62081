"""Whether a recorded answer declines: by its status, by a flag, or by what it says.

Invariant: a row that says nothing of it, or that failed, is neither an answer nor a refusal.
"""

import re
from collections.abc import Mapping
from typing import Any

from scaffolder.review.answering.declining import declines

ANSWERS = (
    *("answer", "response", "generated_answer", "model_answer", "llm_answer", "answer_llm"),
    *("prediction", "predicted_answer", "actual_answer", "actual_output", "output", "reply"),
    *("completion", "generated", "answer_text", "rag_answer", "respuesta", "antwort"),
)
"""Fields in which rows hold what a system answered, the most telling first."""

FLAGS = (
    *("refused", "abstained", "declined", "is_refusal", "refusal", "abstain", "no_answer"),
    *("abstention", "unanswered", "is_declined", "did_refuse", "said_dont_know"),
)
_ANSWERED_FLAGS = ("answered", "is_answered")
_STATUS = ("status", "outcome", "result_type", "answer_status")
_DECLINED = re.compile(
    r"refus\w{0,3}|abst\w{3,8}|declin\w{0,3}|no[_ -]answer|unanswerable|insufficient[_ -]\w{1,12}"
    r"|not[_ -]found|out[_ -]of[_ -]\w{1,10}|cannot[_ -]answer|dont[_ -]know|unknown"
)
_ANSWERED = re.compile(r"answer\w{0,3}|ok|success\w{0,3}|degraded|complete\w?|found|grounded")
_SAYS_NO = re.compile(
    r"\b(?:do(?:es)? ?n[o']t know|not sure|(?:can ?not|can't|unable to|could ?n[o']t) (?:answer"
    r"|find|help"
    r"|determine|locate|provide)|no (?:relevant |such |matching )?(?:information|passage|document"
    r"|answer|context|mention)|not (?:in|found in|covered|contained|mentioned|specified|stated"
    r"|provided|available|part of)|do(?:es)? not (?:say|contain|mention|hold|cover|provide|answer"
    r"|include|specify)|doesn't (?:say|contain|mention|cover|answer|specify)|don't (?:say|have"
    r"|contain|mention)|insufficient|not enough (?:information|context)|outside (?:of )?(?:the|my)"
    r"|no lo s[eé]|no (?:se )?(?:encuentr|dispon|aparece)\w*|wei(?:ß|ss) (?:ich )?(?:es )?nicht"
    r"|keine (?:angaben?|informationen?|antwort)|je ne sais pas|n[aã]o sei)"
    r"|不知道|没有(?:相关|提到|找到)|无法回答|未提及",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"\b(?:no|not|none|nothing|never|cannot|without|missing|sorry|unable|unknown|outside|beyond"
    r"|insufficient|declin\w{0,4}|refus\w{0,4}|nicht|kein\w{0,2}|leider|desconoz\w{0,4}|pas|aucun\w?"
    r"|n[aã]o)\b|n['\u2019]t\b|不|没|无|未",
    re.IGNORECASE,
)
_TRUE = {"true", "yes", "1", "1.0", "y"}
_FALSE = {"false", "no", "0", "0.0", "n"}
_SHORT = 400
"""Characters of an answer that can be a refusal and nothing else; a longer one says more."""


def answer_of(row: Mapping[str, Any]) -> str:
    """What a row's system answered; "" where the row holds none."""
    found = next((v for k in ANSWERS if isinstance(v := row.get(k), str) and v.strip()), "")
    return found[:10_000]


def declined(row: Mapping[str, Any]) -> bool | None:
    """Whether a row is a refusal; None where neither status, flag nor answer says so."""
    for said in (_by_flag(row), _by_status(row)):
        if said is not None:
            return said
    if any(row.get(k) for k in _STATUS[:1]):
        return None
    answer = answer_of(row)
    return _reads_as_refusal(answer) if answer else None


def contradicts(row: Mapping[str, Any]) -> bool:
    """Whether a row is called a refusal and holds an answer that denies nothing."""
    answer = answer_of(row)
    called = _by_flag(row) or _by_status(row)
    return called is True and len(answer) > 40 and not _NEGATIVE.search(answer[:2000])


def truth(value: object) -> bool | None:
    """A yes or no in any of its usual forms; None for anything else."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower() if isinstance(value, str | int | float) else ""
    return True if text in _TRUE else False if text in _FALSE else None


def _by_flag(row: Mapping[str, Any]) -> bool | None:
    for key in FLAGS:
        if (said := truth(row.get(key))) is not None:
            return said
    for key in _ANSWERED_FLAGS:
        if (said := truth(row.get(key))) is not None:
            return not said
    return None


def _by_status(row: Mapping[str, Any]) -> bool | None:
    for key in _STATUS:
        said = row.get(key)
        word = said.strip().lower()[:40] if isinstance(said, str) else ""
        if word and _DECLINED.fullmatch(word):
            return True
        if word and _ANSWERED.fullmatch(word):
            return False
    return None


def _reads_as_refusal(answer: str) -> bool:
    short = answer[:_SHORT]
    return len(answer) <= _SHORT and (_SAYS_NO.search(short) is not None or declines(short))
