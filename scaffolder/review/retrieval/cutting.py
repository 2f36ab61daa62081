"""How documents are cut into chunks: with which numbers, and why.

Invariant: a chunk of a stream, a download or a table is none; numbers come from code or
configuration, a reason from a comment, a document or a comparison.
"""

import re
from collections.abc import Iterator

from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import code_lines, in_files, naming, place
from scaffolder.review.python.pysource import Call, PythonFile
from scaffolder.review.retrieval.prose import matching
from scaffolder.review.retrieval.standing import application_first, is_left_behind, telling
from scaffolder.review.view import MAX_LINE, RepoView

_NAMES = re.compile(
    r"^_{0,2}(?:\w{1,40}_)?chunk_?(?:size|overlap|len|length|words|chars|tokens|max|limit|stride)"
    r"(?:_\w{1,20})?$|^_?(?:max|min|target|default)_(?:\w{1,12}_)?chunk(?:_\w{1,20})?$"
    r"|^(?:words|tokens|chars|sentences|lines)_per_chunk$|^overlap_(?:size|tokens|words|chars|len)$"
    r"|^\w{0,30}(?:TextSplitter|NodeParser|SentenceSplitter|TokenSplitter|DocumentSplitter"
    r"|HeaderSplitter|HTMLSplitter|Chunker)$",
    re.IGNORECASE,
)
_FUNCTIONS = re.compile(
    r"^_?(?:(?:chunk|split|segment)_(?:the_)?(?:texts?|docs?|documents?|pages?|sections?|content"
    r"|articles?|markdown|files?|sentences|paragraphs?|transcripts?|emails?|body|html|pdfs?|corpus"
    r"|records?|chunks|(?:into|by|on)_\w{1,30})(?:_\w{1,20})?"
    r"|(?:make|create|build|generate|get|to|into|produce)_(?:text_|document_|doc_)?chunks"
    r"|chunk(?:er|ify|ize|_it|_and_\w{1,20})?|sliding_window(?:_\w{1,12})?)$",
    re.IGNORECASE,
)
_CUT_BY = ("size", "step", "overlap", "window", "stride", "max_length", "max_tokens", "max_words")
_STREAM = re.compile(
    r"iter_(?:content|bytes|chunks|lines)|\.read\(|aiter|download|upload|read_csv|read_sql|to_sql"
    r"|chunksize|stream|\bfor chunk in|yield chunk|delta|batch|numpy|xarray|dask|progress|sha256"
    r"|^\s{0,20}(?:from|import)\s|hashlib|chunk\.(?:text|content|choices)|train_test",
    re.IGNORECASE,
)
_NO_TEXT = re.compile(
    r"stream|download|upload|fetch\(|socket|audio|buffer|speech|tts|voice", re.IGNORECASE
)
_SETTING = re.compile(
    r"^[\s\"'#-]{0,20}(?:[A-Za-z0-9.]{1,20}_)?(?:chunk(?:_?(?:size|overlap|tokens|words|length)|ing)"
    r"|overlap(?:_(?:tokens|words|size|chars))?)[A-Za-z_]{0,20}[\"']?\s{0,3}[:=]\s{0,3}[\"']?\d",
    re.IGNORECASE,
)
_SECTION = re.compile(r"^\[[\w.]{0,30}chunk\w{0,10}\]|^\s{0,8}chunk(?:ing|er)?:", re.IGNORECASE)
_SCRIPT = re.compile(
    r"\bchunkSize\b|\bchunkOverlap\b|CHUNK_SIZE|TextSplitter\(|TokenTextSplitter|SentenceSplitter\("
    r"|splitDocuments\(|\b(?:generate|create|make|split(?:Text)?Into)Chunks\b|\bchunkText\("
    r"|\bchunk(?:Document|Markdown|Content)s?\(|DocumentSplitters|MarkdownTextSplitter|\.chunk\(\{",
)
_CONFIGURED = ("*.toml", "*.y*ml", "*.env.example", ".env*", "*config*.json", "*.ini", "*.cfg")
_CUTS = re.compile(
    r"chunk(?:ed|ing|er)\b|chunk[ _-]?(?:size|overlap|length|boundar|strateg|limit|param)"
    r"|\bchunks? (?:of|by|into|per|at|that (?:is|are))\b|\boverlap|splitter"
    r"|(?:text|document|section|sentence|paragraph|page|passage|record)s?\b.{0,30}\bsplit\b"
    r"|\bsplit(?:s|ting)?\b.{0,30}(?:text|document|section|sentence|paragraph|heading|chunk|token"
    r"|page|passage|record)|\d+[ -]?(?:token|word|char\w{0,7}|sentence)s? (?:chunk|window|piece)"
    r"|small-to-big|parent[- ]child|sliding window|分块|切分|切块|分割|fragmento|trozos|чанк",
    re.IGNORECASE,
)
_CUT_WORDS = (
    *("chunk", "split", "overlap", "sliding", "parent", "small-to", "window", "piece"),
    *("分", "切", "fragmento", "trozos", "чанк"),
)
_REASON = re.compile(
    r"\b(?:because|so that|so (?:a|an|the|each|every|it|they|we|as|no|nothing|short|long|one)\b"
    r"|since (?:the|a|each|it|they|we|most|all)|in order to|due to|otherwise|rather than"
    r"|instead of|trade-?offs?|rationale|reasons?|why\b|avoid\w{0,3}|prevent\w{0,3}|preserv\w{0,5}"
    r"|maintain\w{0,3}|retain\w{0,3}|leav(?:e|es|ing) room|fits?\b|truncat\w{0,5}"
    r"|context (?:window|limit|length)|token limit|too (?:small|large|long|short|big|coarse|fine)"
    r"|sweet spot|balanc\w{1,4}|optimi[sz]ed|compar(?:ed|ison|ing)|experiment\w{0,8}|tuned"
    r"|outperform\w{0,3}|better\b|works? (?:well|best)|coheren\w{1,3}|granular\w{0,4}"
    r"|without (?:losing|cutting|splitting|breaking)|never (?:cut|split|cross|broken)"
    r"|to (?:keep|ensure|capture|improve|reduce|stay|allow|respect|provide|optimi[sz]e|minimi[sz]e)"
    r"|keep(?:s|ing)? (?:\w{1,20} ){0,4}(?:together|whole|intact|context|readable|self)"
    r"|porque|evitar|para (?:que|mantener|preservar|manter)|damit|чтобы|потому"
    r"|避免|因为|保持|上下文)",
    re.IGNORECASE,
)
_NO_REASON = re.compile(r"\b(?:train|test set|dev split|tf-?idf weights|git)\b", re.IGNORECASE)
_COMPARES = re.compile(
    r"^(?:chunk_sizes|chunkings|chunk_(?:configs?|grid|strategies|variants|settings|experiments?)"
    r"|chunking_(?:strategies|configs|variants|experiments?)|(?:sweep|compare|evaluate|tune|test)"
    r"_chunk\w{0,20}|CHUNK_SIZES|SIZES_TO_TEST)$",
    re.IGNORECASE,
)
_NEAR = 8
"""Lines around a number in which a comment can give its reason."""

_COMMENT = re.compile(r"#\s{0,5}(.{8,})")
_COMMENT_MARK = re.compile(r"^\s{0,40}#+")
_VALUE = re.compile(r"\d\.\d|\d%")
_METRIC = re.compile(r"hit[ _-]?rate|\bmrr\b|recall|ndcg|score|accuracy", re.IGNORECASE)


def cuts(view: RepoView) -> tuple[Evidence, ...]:
    """Where documents are cut into chunks, the places with a number first."""
    return view.once(_cuts)


def reasons(view: RepoView) -> tuple[Evidence, ...]:
    """Why they are cut so: comparisons, comments beside the numbers, sentences of documents."""
    return view.once(_reasons)


def _cuts(view: RepoView) -> tuple[Evidence, ...]:
    named = [e for f in _cutting_files(view) for e in _first(view, f)]
    settings = [*_configured(view, _SETTING), *_configured(view, _SECTION)]
    scripts = [
        e
        for e in in_files(view, _SCRIPT, telling(view))
        if not _NO_TEXT.search(f"{e.path} {e.text}")
    ]
    found = application_first([*named, *settings, *scripts])
    return tuple(sorted(found, key=lambda e: not re.search(r"\d", e.text)))


def _configured(view: RepoView, pattern: re.Pattern[str]) -> list[Evidence]:
    if not _cutting_files(view):
        return []
    return in_files(view, pattern, view.find(*_CONFIGURED)[:100])


def _cutting_files(view: RepoView) -> tuple[PythonFile, ...]:
    return view.once(_named)


def _named(view: RepoView) -> tuple[PythonFile, ...]:
    names, cutters = naming(view, _NAMES), naming(view, _FUNCTIONS)
    likely = (f for f in view.code if (names | cutters) & f.names)
    return tuple(f for f in likely if not is_left_behind(f.path) and any(_lines(view, f)))


def _lines(view: RepoView, file: PythonFile) -> list[tuple[int, str]]:
    """The lines of a file that name how something is cut, or begin a function that cuts."""
    return view.once_for(_cutting_lines, file.path)


def _cutting_lines(view: RepoView, path: str) -> list[tuple[int, str]]:
    file = next(f for f in view.code if f.path == path)
    words = "|".join(map(re.escape, sorted(naming(view, _NAMES) & file.names)))
    wanted = re.compile(rf"\b(?:{words})\b" if words else r"(?!)")
    lines = [line[:MAX_LINE] for line in code_lines(view, path)]
    made = [f.line for f in file.functions if _FUNCTIONS.search(f.name.rpartition(".")[2][:80])]
    named = (n for n, t in enumerate(lines, 1) if wanted.search(t) and not _is_aside(t))
    called = (c.line for c in file.calls if _is_cut(c))
    return [(n, lines[n - 1]) for n in sorted({*made, *named, *called}) if n <= len(lines)]


def _is_cut(call: Call) -> bool:
    """A call of a function that cuts, made elsewhere, with the numbers that it cuts by."""
    named = _FUNCTIONS.search(call.name.rpartition(".")[2][:80])
    return bool(named) and any(isinstance(call.literals.get(k), int) for k in _CUT_BY)


def _is_aside(line: str) -> bool:
    return line.lstrip().startswith("#") or bool(_STREAM.search(line))


def _first(view: RepoView, file: PythonFile) -> list[Evidence]:
    """The first line with a number, else the first; none where only streams are cut."""
    lines = _lines(view, file)
    counted = [n for n, text in lines if re.search(r"[=(,]\s{0,5}\d", text)]
    return [place(view, file.path, n) for n in [*counted, *(n for n, _ in lines)][:1]]


def _reasons(view: RepoView) -> tuple[Evidence, ...]:
    compared = [e for f in view.code for e in _comparison(view, f)]
    return (*compared, *_commented(view), *_documented(view))


def _comparison(view: RepoView, file: PythonFile) -> list[Evidence]:
    found = naming(view, _COMPARES) & file.names
    if not found:
        return []
    words = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(found)))})\b")
    hits = (n for n, t in enumerate(code_lines(view, file.path), 1) if words.search(t[:MAX_LINE]))
    return [place(view, file.path, n) for n in list(hits)[:1]]


def _commented(view: RepoView) -> Iterator[Evidence]:
    """A comment or docstring with a reason, in a file that cuts."""
    for file in _cutting_files(view):
        for text in (*(f.docstring for f in file.functions), file.docstring):
            said = next((p for p in text.split("\n\n") if _is_reason(_joined(p))), "")
            if said:
                yield _docstring(view, file.path, said.split("\n")[0])
        yield from _beside(view, file)


def _docstring(view: RepoView, path: str, said: str) -> Evidence:
    lines = enumerate(code_lines(view, path), 1)
    return place(view, path, next((n for n, line in lines if said.strip() in line), 1))


def _beside(view: RepoView, file: PythonFile) -> Iterator[Evidence]:
    """Comments with a reason: near a number, or anywhere where they speak of cutting."""
    lines = code_lines(view, file.path)
    near = {n for at, _ in _lines(view, file) for n in range(at - _NEAR, at + _NEAR + 1)}
    for number, line in enumerate(lines, 1):
        comment = _COMMENT.search(line[:MAX_LINE]) if "#" in line else None
        if comment and _REASON.search(comment[1]):
            block = " ".join(_COMMENT_MARK.sub("", t[:300]) for t in lines[number - 2 : number + 2])
            if number in near or _CUTS.search(block):
                yield place(view, file.path, number)


def _documented(view: RepoView) -> Iterator[Evidence]:
    for prose, number, line in matching(view, _CUT_WORDS, _CUTS):
        compared = _is_table_of_settings(line) and _VALUE.search(prose.below(number))
        if compared or _is_reason(_joined(f"{line}\n{prose.continued(number)}")):
            yield prose.place(number)


def _is_table_of_settings(line: str) -> bool:
    return line.startswith("|") and bool(_METRIC.search(line))


def _joined(text: str) -> str:
    """A paragraph as one line."""
    return " ".join(text[:MAX_LINE].split())


def _is_reason(text: str) -> bool:
    bare = text[:MAX_LINE]
    return bool(_CUTS.search(bare) and _REASON.search(bare) and not _NO_REASON.search(bare))
