"""The model's last word as data: held to a schema by the provider, then checked for meaning here.

Invariant: an Answer that `checked` lets pass tells no figure that no result holds.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .executor import Observation
from .figures import unfounded

Kind = Literal["answer", "question", "no_data", "out_of_scope"]

# By hand and not from pydantic: references and titles are not understood by every provider.
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "description": "what the user reads, in one to four sentences"},
        "kind": {"type": "string", "enum": ["answer", "question", "no_data", "out_of_scope"]},
        "results": {
            "type": "array",
            "items": {"type": "string"},
            "description": "names of the results that the figures come from, such as q3",
        },
    },
    "required": ["text", "kind", "results"],
    "additionalProperties": False,
}


class Answer(BaseModel):
    """What the user reads, what kind of answer it is, and the results behind its figures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(min_length=1)]
    kind: Kind
    results: tuple[str, ...]


def parse(text: str) -> Answer | str:
    """The answer in a reply, or in words what is wrong with its form."""
    try:
        return Answer.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the reply"
        return f"{place}: {first['msg']}"


def checked(answer: Answer, question: str, done: Sequence[Observation]) -> str:
    """What is wrong with the meaning of an answer, in words for the model; "" if nothing is."""
    known = {seen.name: seen for seen in done if not seen.is_error and seen.table is not None}
    if wrong := [name for name in answer.results if name not in known]:
        return f"there is no result {wrong[0]!r}; there are {', '.join(known) or 'none'}"
    named = [known[name].table for name in answer.results]
    tables = [table for table in named if table is not None]
    if answer.kind == "question" and "?" not in answer.text:
        return "an answer of the kind question has to ask something"
    if answer.kind == "no_data" and any(_holds(seen) for seen in known.values()):
        return "the kind no_data is for results without rows, and a result has some"
    if answer.kind == "answer" and any(not _holds(known[name]) for name in answer.results):
        return "a result that is named has no rows: say that there is no data"
    if missing := unfounded(answer.text, question, tables):
        return (
            f"the text says {', '.join(missing)}, which no result that `results` names holds: tell "
            "only figures from results, rounded if you like, and let SQL compute them"
        )
    return ""


def _holds(seen: Observation) -> bool:
    """Whether a result has a row with a value in it."""
    table = seen.table
    return table is not None and any(cell is not None for row in table.rows for cell in row)
