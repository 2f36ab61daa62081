"""How a project declines: the words for it, the bar that a passage must clear, what tries it out.

Invariant: words count where a model or a reader is given them, never in a README; a message about
a missing file, user or setting declines no question.
"""

import re
from collections.abc import Iterable, Iterator

from scaffolder.review.answering.wordings import (
    Wording,
    of_tests,
    script_lines,
    spot,
    wordings,
)
from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import SHOWN, first_line, identifiers, in_files
from scaffolder.review.models.modelreach import reaching
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

_NOUN = (
    r"(?:context|information|evidence|data|documents?|details?|passages?|sources?|excerpts?"
    r"|material|records?|chunks?|answers?|content|knowledge)"
)
_NOT = r"(?:n['\u2019]?t| not)"
_ENGLISH = re.compile(
    r"\b(?:do(?:es)?" + _NOT + r" (?:\w{1,12} )?(?:know\b|have (?:enough|sufficient|adequate|any"
    r"|that|the|this|relevant)?[ ]?(?:\w{1,12} )?" + _NOUN + r")"
    r"|(?:not enough|insufficient|not sufficient|no (?:relevant|matching|supporting|pertinent"
    r"|suitable|specific)|lack of) (?:\w{1,12} ){0,2}" + _NOUN + r""
    r"|(?:(?:could|did)" + _NOT + r"|can(?:not|['\u2019]?t| not)|unable to|not able to)"
    r" (?:be )?(?:answer(?:ed)?\b|(?:find|found|locate|detect|determine)"
    r" (?:anything|the answer|enough|sufficient|(?:that|this|it) in\b|(?:\w{1,12} ){0,3}"
    + _NOUN
    + r"))"
    r"|say so\b|say that (?:you|plainly|clearly|it)|nothing relevant|(?<!-)unanswerable\b"
    r"|(?:I['\u2019]m|I am) not sure\b|politely (?:decline|refuse|respond|inform|say)\b"
    r"|(?:decline|refuse) to answer|rlm/rag-prompt"
    r"|(?:answers?|information|questions?|it|this|facts?|data|details?|topics?|some(?:thing)?"
    r"(?: \w{1,12})?) (?:is|are|was|were)"
    + _NOT
    + r" (?:\w{1,12} ){0,2}(?:in|by|from) (?:\w{1,12} ){0,2}"
    r"(?:context|documents?|passages?|sources?|knowledge|faq|excerpts?|database|text)\b"
    r"|(?:context|passages?|sources?|documents?|excerpts?|results?|information|corpus|data|records?)"
    r" (?:\w{1,12} ){0,2}(?:do(?:es)?" + _NOT + r"|is not|are not|is insufficient|lacks?)"
    r" (?:\w{1,12} ){0,2}(?:contain|have|cover|include|answer|mention|provide|support|enough|hold"
    r"|sufficient))",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"不知道|未(?:查到|找到|提及|涉及)|没有(?:找到|相关|提到|足够)|无法(?:回答|确定|找到|从)|信息不足"
    r"|わかりません|(?:情報|答え|回答)が(?:見つかりません|ありません)"
    r"|모르|찾을 수 없|정보가 (?:없|부족)|не знаю|нет информации|недостаточно (?:информации|данных)"
    r"|не (?:нашел|нашёл|найден\w{0,2}) (?:ответ|информаци)"
    r"|không (?:tìm thấy|có thông tin|đủ|biết)|chưa (?:có|tìm thấy|đủ) "
    r"|\bno (?:lo )?sé\b|\bno (?:tengo|hay|dispon\w{1,6}(?: de)?|encuentr\w{1,4}|encontr\w{1,5})"
    r" (?:\w{1,12} ){0,2}informaci|\bno (?:est[aá]|aparece|se encuentra|figura) en (?:el|la|los) "
    r"|\bn[ãa]o (?:sei\b|encontr\w{1,5}|há informa|tenho informa|está n[oa]s? |consta)"
    r"|\bje ne sais pas|\bpas (?:assez|suffisamment) d['\u2019e]|ne (?:figure|se trouve) pas"
    r"|\bwei(?:ß|ss) (?:es |ich )?(?:es )?nicht|nicht (?:beantwort|im kontext|in den dok)"
    r"|\bkeine (?:\w{1,14} )?(?:informationen|angaben)|\bnon (?:lo so|ho (?:abbastanza|trovato))",
    re.IGNORECASE,
)
_STEMS = (
    *("not know", "n't know", "not have", "n't have", "not enough", "not sufficient", "not answer"),
    *("not find", "not locate", "not detect", "n't find", "n't answer", "not determine", "cannot"),
    *("can't", "not in", "not contain", "not cover", "not include", "not mention", "not provide"),
    *("not support", "n't contain", "n't have", "n't in ", "not found", "n't cover", "n't mention"),
    *("unable", "not able", "say so", "say that", "nothing relevant", "unanswerable", "did not"),
    *("insufficient", "no relevant", "no matching", "no supporting", "no pertinent", "no suitable"),
    *(
        "no specific",
        "lack of",
        "not hold",
        "not seem",
        "lacks",
        "no lo s",
        "no tengo",
        "no hay",
        "no dispon",
        "no encuentr",
    ),
    *("no encontr", "no est", "no aparece", "no se encuentra", "no figura", "nao ", "ne sais pas"),
    *("pas assez", "pas suffisamment", "ne figure", "ne se trouve"),
    *("nicht", "keine ", "non ", "not sure", "politely", "decline to", "refuse to"),
)
"""One of them stands in what the two patterns find in ASCII, rare turns of it left out."""

_JUDGES = re.compile(
    r"\b(?:you are (?:an? )?(?:\w{1,12} ){0,2}(?:judg|evaluat|grad)|expert evaluator|ground truth"
    r"|NON_RELEVANT|(?:generated|reference|predicted|gold) (?:answer|target))",
    re.IGNORECASE,
)
_ASKS_MODEL = re.compile(
    r"\b(?:if|when|only|must|always|never|say|respond|reply|answer|state|using)\b|如果|若|wenn|\bsi\b|\bse\b",
    re.IGNORECASE,
)
_RAISED = re.compile(r"^\s*raise\b|^\s*throw\b|\b(?:logger|logging|log|console)\.\w+\(|[lL]og\(")
_SHORT = 260
"""Characters of a message; what is longer is a prompt."""

_BAR_NAME = re.compile(
    r"(?:score|similarity|relevance|distance|confidence|retrieval|abst\w{1,8}|refus\w{1,4}"
    r"|declin\w{1,4}|reject\w{0,4}|answer\w{0,9}|evidence)_?(?:threshold|cut_?off|floor|gate)"
    r"|^(?:min_?(?:score|similarity|relevance|confidence|rerank_score)|max_?distance)$",
    re.IGNORECASE,
)
_BAR_LINE = re.compile(
    r"(?<!back_)(?:score|similarity|distances?|relevance|confidence)[\"')\]]{0,4}\s?[<>]=?\s?"
    r"(?:0?\.\d|[1-9]|[\w.]{0,40}(?:threshold|THRESHOLD|Threshold|cutoff|CUTOFF|min_|MIN_|max_|MAX_))"
    r"|\b[gl]te?\(\w{0,12}similarity,|(?:score|similarity|relevance)_?(?:Threshold|Cutoff)\b"
    r"|\bsimilarity_score_threshold\b",
)
_TRIED_NAME = re.compile(
    r"(?:^|_)(?:abst(?:ain|ention)\w{0,20}|refus(?:al|als|ed|es)\w{0,20}|unanswer\w{0,20}"
    r"|declin(?:e|ed|es)\w{0,20}|no_answer\w{0,20}|answer_found|dont_know|out_of_(?:scope|domain"
    r"|corpus|context)|off_topic|no_context|insufficient\w{0,20}|not_in_(?:context|corpus|docs))",
    re.IGNORECASE,
)
_ROWS = re.compile(
    r"unanswerable|should (?:decline|refuse|abstain|say (?:it|that))"
    r"|out[_ -]of[_ -](?:scope|domain|corpus)|\"answerable\": ?false|off[_-]topic"
    r"|expected_(?:refusal|abst)|\"relevant\": ?\[\]|not in the corpus"
    r"|\"(?:abstain|refuse|decline)d?\"",
    re.IGNORECASE,
)
_GOLDEN = re.compile(
    r"(?:^|[/_.-])(?:evals?|evaluations?|golden|ground[_-]?truth|questions?|test[_-]?(?:set|cases)"
    r"|datasets?|benchmarks?|tests?)(?=[/_.-]|\d)[^/]{0,80}(?:/[^/]{0,80}){0,3}\.(?:jsonl?|csv|ya?ml)$",
    re.IGNORECASE,
)
_MAX_GOLDEN = 40


def declines(text: str) -> bool:
    """Whether a text of at most 2,000 characters has words for not answering."""
    return bool(_ENGLISH.search(text) or _OTHERS.search(text))


def told(view: RepoView) -> list[Evidence]:
    """Instructions to the model to decline."""
    found = [w for w in view.once(_declining) if not _is_message(w)]
    near = view.once(_answering)
    found.sort(key=lambda w: (w.kind != "prompt", w.path not in near))
    return _first(view, found)


def messages(view: RepoView) -> list[Evidence]:
    """Messages of the code itself that decline a question."""
    found = (w for w in view.once(_declining) if _is_message(w))
    spots = _first(view, (w for w in found if _speaks(view, w)))
    return [e for e in spots if not _RAISED.search(e.text)]


def bars(view: RepoView) -> list[Evidence]:
    """Thresholds that a passage or an answer must clear, one place a file."""
    modules = [f for f in view.code if not f.notebook]
    named = identifiers(view, _BAR_NAME, modules)
    paths = [f.path for f in modules if _may_hold_bar(view, f.path)]
    scripted = [p for p in scripts(view) if _may_hold_bar(view, p)]
    seen = {e.path for e in named}
    return [
        *named,
        *(e for e in in_files(view, _BAR_LINE, [*paths, *scripted]) if e.path not in seen),
    ]


def trials(view: RepoView) -> list[Evidence]:
    """What tries it out: tests, counts in the evaluation, questions that have no answer."""
    return [*_tests(view), *identifiers(view, _TRIED_NAME, view.code), *_unanswerable(view)][:SHOWN]


def _declining(view: RepoView) -> tuple[Wording, ...]:
    both = (*wordings(view), *script_lines(view, _STEMS))
    return tuple(w for w in both if len(w.text) > 8 and _is_declining(w.text))


def _is_declining(text: str) -> bool:
    flat = " ".join(text.split())
    return declines(flat) and not _JUDGES.search(flat)


def _is_message(wording: Wording) -> bool:
    return wording.kind != "prompt" and len(wording.text) < _SHORT and not _instructs(wording.text)


def _instructs(text: str) -> bool:
    return len(_ASKS_MODEL.findall(text)) > 1


def _speaks(view: RepoView, wording: Wording) -> bool:
    """Not in a notebook, where nobody asks; a line of a script, where the words stand in quotes."""
    if wording.kind == "script":
        return any(q in wording.text for q in "\"'`")
    return wording.path in view.once(_answering) and not wording.path.endswith(".ipynb")


def _answering(view: RepoView) -> frozenset[str]:
    """The modules that lead to a model, serve its answers, or search for them."""
    found = (f for f in view.code if f.path in reaching(view) or _searches(f))
    return frozenset(f.path for f in found)


def _searches(file: PythonFile) -> bool:
    named = any(w in n.lower() for n in file.names for w in ("answer", "retriev", "search"))
    return named or file.imports_any("streamlit", "gradio", "chainlit", "fastapi", "flask")


def _first(view: RepoView, found: Iterable[Wording]) -> list[Evidence]:
    """One place a file."""
    places: dict[str, Evidence] = {}
    for wording in found:
        if wording.path not in places:
            pattern = _ENGLISH if _ENGLISH.search(wording.text) else _OTHERS
            places[wording.path] = spot(view, wording, pattern)
    return list(places.values())[:SHOWN]


def _may_hold_bar(view: RepoView, path: str) -> bool:
    text = view.text(path)
    return "imilarity" in text or "score" in text or "distance" in text or "confidence" in text


def _tests(view: RepoView) -> Iterator[Evidence]:
    for file in view.tests:
        for function in file.functions:
            if function.name.rpartition(".")[2].startswith("test") and _TRIED_NAME.search(
                function.name.rpartition(".")[2][4:104]
            ):
                yield view.quote(file.path, function.line)
                break
    for file, wording in of_tests(view):
        if len(wording.text) < _SHORT and _is_declining(wording.text):
            yield view.quote(file.path, wording.line)
    specs = view.find("*.test.ts", "*.test.tsx", "*.spec.ts", "*.test.js", "*.spec.js")
    yield from filter(None, (first_line(view, p, _ENGLISH) for p in specs[:_MAX_GOLDEN]))


def _unanswerable(view: RepoView) -> list[Evidence]:
    """Questions of an evaluation whose right answer is to decline."""
    named = [p for p in view.files if _GOLDEN.search(p) and "node_modules" not in p]
    return list(_one_a_file(view, named[:_MAX_GOLDEN]))


def _one_a_file(view: RepoView, paths: Iterable[str]) -> Iterator[Evidence]:
    for path in paths:
        found = next(view.search(_ROWS, [path]), None)
        if found:
            yield found
