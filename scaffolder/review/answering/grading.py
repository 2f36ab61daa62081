"""What grades answers: judges, evaluation packages, comparison with a reference, people's labels.

Invariant: code and prompts decide, outside of the tests; what grades only the search is none.
"""

import re
from collections.abc import Iterator

from scaffolder.review.answering.wordings import spot, wordings
from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import identifiers, in_files, place
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

_PACKAGES = (
    *("ragas", "deepeval", "trulens", "openevals", "phoenix.evals", "agentevals", "giskard"),
    *("langchain.evaluation", "llama_index.core.evaluation", "llama_index.evaluation"),
    *("evidently.llm", "promptflow.evals", "azure.ai.evaluation", "autoevals", "langchain.smith"),
    *("langsmith.evaluation", "opik.evaluation", "mlflow.genai", "tonic_validate"),
    *("continuous_eval", "langfuse.evaluation", "pydantic_evals"),
)
JUDGE_NAME = re.compile(
    r"(?:^|_)judge(?:ment|ments|s|d)?(?:_|$)"
    r"|^(?:a?evaluate|grade|score|rate|assess|run)_(?:\w{1,20}_)?(?:answers?|response|responses"
    r"|relevance|relevancy|faithfulness|groundedness|generation|rag|aqa|aq)(?:_|$)"
    r"|faithfulness|groundedness|answer_(?:relevan\w{1,4}|correctness|similarity|quality)"
    r"|hallucination_(?:rate|score|eval\w{0,8})|fact_accuracy|grader_template|llm_judge"
    r"|evaluation_prompt|eval_prompt|prompt\d?_template_eval\w{0,8}"
    r"|human_(?:eval|rating|score|label)s?\w{0,12}|cosine_similarity_answers?",
    re.IGNORECASE,
)
"""What one calls a function, a field or a prompt that grades answers."""

JUDGE_WORDS = re.compile(
    r"NON_RELEVANT|PARTLY_RELEVANT|expert evaluator|impartial (?:judge|evaluator)"
    r"|(?:you are|act as) (?:an? )?(?:\w{1,14} ){0,3}(?:judge|evaluator|grader)\b|LLM-as-a-judge"
    r"|\b(?:evaluat\w{1,4}|grad\w{1,4}|judg\w{1,4}|rat\w{1,4}|scor\w{1,4}) (?:the )?"
    r"(?:\w{1,16} ){0,6}(?:answers?|responses?)\b|Predicted answer"
    r"|\bevaluate the \w{1,16} of the (?:generation|output|completion)\b"
    r"|(?:answer|response) is (?:faithful|grounded|relevant|correct)|裁判|评估.{0,10}回答",
    re.IGNORECASE,
)
"""What a judge is told."""

_SCRIPT_JUDGE = re.compile(
    r"\bjudge\w{0,20}\(|LLMJudge|llmJudge|evaluateAnswer|gradeAnswer|scoreAnswer|faithfulness"
    r"|answerRelevanc|NON_RELEVANT",
)
_STEMS = ("judge", "Judge", "faithfulness", "Answer", "answerRelevanc", "NON_RELEVANT")
_OVERLAP = re.compile(
    r"^(?:compute_|calculate_|evaluate_)?(?:rouge|bert_?score|bleu)", re.IGNORECASE
)
_REFERENCE = re.compile(r"answer_(?:llm|orig|generated|reference)|llm_answer|reference_answer")
_LONGEST_NAME = 60
_SHORTEST = 12


def graders(view: RepoView) -> list[Evidence]:
    """Code that grades answers, one place a file."""
    return view.once(_graders)


def overlaps(view: RepoView) -> list[Evidence]:
    """Code that counts the words an answer shares with a reference, which is no judge of it."""
    return identifiers(view, _OVERLAP, view.code)


def _graders(view: RepoView) -> list[Evidence]:
    found: dict[str, Evidence] = {}
    ways = (_packages(view), identifiers(view, JUDGE_NAME, view.code), _scripted(view))
    for evidence in (e for way in ways for e in way):
        found.setdefault(evidence.path, evidence)
    for wording in wordings(view):
        if wording.path not in found and _judges(wording.text):
            found[wording.path] = spot(view, wording, JUDGE_WORDS)
    for evidence in _compared(view):
        found.setdefault(evidence.path, evidence)
    return list(found.values())


def _packages(view: RepoView) -> Iterator[Evidence]:
    for file in view.code:
        used = next((i for i in file.imports if i.name.startswith(_PACKAGES)), None)
        if used:
            yield place(view, file.path, used.line)


def _scripted(view: RepoView) -> list[Evidence]:
    texts = ((path, view.text(path)) for path in scripts(view))
    return in_files(view, _SCRIPT_JUDGE, [p for p, t in texts if any(s in t for s in _STEMS)])


def _judges(text: str) -> bool:
    return len(text) > _SHORTEST and bool(JUDGE_WORDS.search(" ".join(text.split())))


def _compared(view: RepoView) -> Iterator[Evidence]:
    """Answers compared with a reference by their embeddings."""
    for file in view.code:
        close = "dot" in file.names or any("cosine" in n.lower() for n in file.names)
        if close and _names_reference(file):
            yield place(view, file.path, 1)


def _names_reference(file: PythonFile) -> bool:
    said = {t.value for t in file.texts if len(t.value) < _LONGEST_NAME}
    return any(_REFERENCE.search(n) for n in file.names | said if len(n) < _LONGEST_NAME)
