"""Where the sources of an answer are shown to its reader, handed back, or asked for.

Invariant: shown is what a screen, a terminal or the answer itself carries; the sources that a
prompt gives to the model, and those of an ingestion, are none.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from scaffolder.review.answering.wordings import LONGEST, Wording, spot, wordings
from scaffolder.review.model import Evidence
from scaffolder.review.models.codewords import code_lines, first_line, place
from scaffolder.review.models.modelreach import reaching
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import PythonFile
from scaffolder.review.view import RepoView

_SCREENS = (
    *("streamlit", "gradio", "chainlit", "nicegui", "dash", "panel", "shiny", "mesop", "reflex"),
    *("rich", "typer", "click", "telegram", "aiogram", "telebot", "discord", "slack_bolt"),
    *("slack_sdk", "textual", "taipy", "ipywidgets", "IPython.display", "solara", "flet"),
    *("tkinter", "customtkinter", "PyQt5", "PyQt6", "PySide6"),
)
_CERTAIN = (
    r"(?:sources|citations?|source_documents|source_nodes|source_docs|cited_\w{1,20}|cited"
    r"|get_formatted_sources)"
)
_THING = (
    _CERTAIN[:-1] + r"|references?|evidence|relevant_docs|retrieved_\w{1,20}|context_docs|hits"
    r"|page_content|(?:rag|search|retrieval)_(?:results|hits|docs))"
)
_LABEL = re.compile(
    r"(?:^|[\n>])[\W_]{0,12}(?:(?:\w{2,14}) ){0,2}(?:sources|citations?|references|fuentes|quellen"
    r"|fontes|fonti|r[eé]f[eé]rences|refer[eê]ncias|źródła|kaynaklar|sumber|источники|джерела|出典"
    r"|参考(?:资料|来源|文献)?|检索结果|相关文档|来源|引用(?:来源)?|出处|nguồn|출처"
    r"|source (?:documents?|passages?|chunks?|text|nodes)|official evidence"
    r"|(?:retrieved|supporting|relevant) (?:\w{2,10} )?(?:documents?|passages?|chunks?|context"
    r"|sources?|evidence|reviews?|records?))(?: used)?[\W_]{0,6}(?:$|[\n:\uff1a—{]|\((?!s\))|</)",
    re.IGNORECASE,
)
_SOURCE_AND = re.compile(
    r"^[\W_]{0,8}(?:source|fuente|quelle|来源|nguồn)(?: ?#?\{\})?[*_ ]{0,4}[:\uff1a]", re.I
)
_STEMS = (
    *("ource", "itation", "eference", "cited", "evidence", "etrieved", "hits", "relevant_docs"),
    *("context", "page_content", "_results", "_docs"),
)
_LABEL_STEMS = (
    *("source", "citation", "refer", "référence", "fuente", "quelle", "fonte", "fonti", "źródła"),
    *(
        "kaynaklar",
        "sumber",
        "источник",
        "джерела",
        "参考",
        "来源",
        "引用",
        "出处",
        "出典",
        "nguồn",
    ),
    *("출처", "evidence", "retrieved", "supporting", "relevant"),
)
"""One of them stands in whatever the patterns of a line and of a label find."""

_KEY = re.compile(r"[a-z_]+")
_FOR_MODEL = re.compile(
    r"\bcontext\s?:|\bquestion\s?:|\byou (?:are|must|should)\b"
    r"|\b(?:answer|use|cite) (?:the|only|based)"
    r"|^data sources?|\bdata sources?\s*[:\n]",
    re.IGNORECASE,
)
_EACH = r"\bfor \w[\w, ()]{0,40} in (?:\w{1,20}\()?"
_LOOP = re.compile(
    _EACH + r"[\w.\[\]\"'()]{0,60}?\b" + _THING + r"\b"
    r"|" + _EACH + r"\w{1,30}(?:\[[\"']context[\"']\]|\.context\b)"
)
_LOOP_SURELY = re.compile(_EACH + r"[\w.\[\]\"'()]{0,60}?\b" + _CERTAIN + r"\b")
_CALL = (
    r"(?:\b(?:print|pprint|echo|display|write|markdown|caption|text|json|dataframe|link_button|badge"
    r"|table|info|send_text|send_message|reply_text|send|stream_token|pprint_response|code"
    r"|pprint_source_node|success|expander|html|Text|Element|reply|say|answer)\().{0,160}?"
    r"\b_?"
)
_PRINTS = re.compile(_CALL + _THING + r"\b")
_PRINTS_SURELY = re.compile(_CALL + _CERTAIN + r"\b")
_NOT_SHOWN = re.compile(r"[\"']_source[\"']|\blog(?:ger|ging)?\.")
"""What Elasticsearch calls the fields of a hit, and what goes to a log."""
_FILLED = re.compile(r"[fF][rR]?(?:\"[^\"]{0,2000}\"|'[^']{0,2000}')")
_HOLE = re.compile(r"\{[^{}]{0,200}\}")
_LENGTH = re.compile(r"\blen\([^()]{0,80}\)")
_PLAIN_STRING = re.compile(
    r"(?<![fF])(\"(?!\w{1,25}\")[^\"]{0,2000}\"|'(?!\w{1,25}')[^']{0,2000}')"
)
"""A string that is neither a key nor filled in."""
_REMARK = re.compile(r"(?:^|\s)#.*")
_ADDS = re.compile(
    r"^\s*(?!\w{0,20}(?:context|prompt))"
    r"\w{0,20}(?:response|answer|reply|output|message|html|markdown|text)\w{0,10} ?\+="
)
_DRAWS = re.compile(r"\b(?:st|cl|gr|ui|console|click|typer)\.\w|\b(?:print|display|echo)\(|\w ?\+=")
_RENDERS = re.compile(
    r"(?:render|show|display|print|draw|write)_(?:\w{1,20}_)?"
    r"(?:sources|citations|references|source_documents|evidence)$"
)
_NEAR = 5
"""Lines below a loop over passages in which they are shown."""
_MARKUP = (".tsx", ".jsx", ".vue", ".svelte", ".html", ".js", ".mjs", ".htm", ".j2", ".ejs", ".hbs")
_MARKUP_LOOP = re.compile(
    r"(?<!re)(?:sources|citations|sourceDocs|sourceDocuments|source_documents|sourceNodes|references"
    r"|retrievedDocs|retrievedChunks|sourceUrls)(?:\b|\?|!|\))[^=\n]{0,60}?\.(?:map|forEach)\("
    r"|v-for=.{0,60} (?:in|of) .{0,40}(?:sources|citations|references)"
    r"|\{#each .{0,40}(?:sources|citations|references)"
    r"|\{% ?for .{0,30} in .{0,40}(?:sources|citations|source_documents|references)"
    r"|for ?\((?:const|let|var) \w{1,30} of .{0,40}(?:sources|citations|references)\b"
    r"|part\.type === [\"']source|\*ngFor=.{0,60} of .{0,40}(?:sources|citations|references)\b"
    r"|<(?:Sources?|Citations?|SourceList|References)(?:List|Panel|Card|Chip)?[ />]"
    r"|(?:title=|label=|>)[\"'{]{0,2}\s{0,4}(?:Sources?|Citations?|References|来源|引用|参考)"
    r"(?: (?:used|cited))?\s{0,2}[:\uff1a]?(?:[\"'}<]|\((?=[<{$]))",
    re.IGNORECASE,
)
_MARKUP_SKIP = re.compile(
    r"(?:^|/)(?:node_modules|dist|build|out|vendor|docs?|tests?|__tests__|coverage|\.next|data|corpus"
    r"|generated|site|notebooks)/|\.(?:test|spec|min)\.\w{2,4}$|\.config\.\w{2,4}$"
)
_KEYS = {
    *("sources", "citations", "source_documents", "source_nodes", "cited_sources", "references"),
    *("source_urls", "source_docs"),
}
_NAMES = {
    *("source_documents", "source_nodes", "return_source_documents", "citations", "cited_sources"),
    *("source_docs", "sourceDocuments"),
}
_SERVES = ("fastapi", "flask", "pydantic", "starlette", "django", "aiohttp", "langserve")
_SCRIPT_KEYS = re.compile(
    r"\b(?:sourceDocuments|sourceNodes|returnSourceDocuments|citations|sources)\b\s?[:,}]"
    r"(?!\s{0,3}(?:\d|[\w.?]{1,60}\.length\b))"
)
"""What is returned; their number alone names none of them."""
_ASKS = re.compile(
    r"\bcit(?:e|ing|ations?)\b"
    r"|\b(?:name|mention|list|include|provide|give) (?:\w{1,12} ){0,2}sources?\b"
    r"|\bcit[ae] (?:la|las|el|los|le|les) |引用|注明来源|标注来源|quelle(?:n)? an",
    re.IGNORECASE,
)


def shown(view: RepoView) -> list[Evidence]:
    """Places where a reader is shown the sources, one a file."""
    found = {e.path: e for e in _in_python(view)}
    for wording in wordings(view):
        if wording.kind == "code" and wording.path not in found and _is_label(view, wording):
            found[wording.path] = spot(view, wording, _LABEL)
    for path in _markup(view):
        hit = first_line(view, path, _MARKUP_LOOP)
        if hit:
            found[path] = hit
    return list(found.values())


def returned(view: RepoView) -> list[Evidence]:
    """Places where the sources go back with the answer."""
    return [*_keyed(view), *_scripted(view)]


def asked(view: RepoView) -> list[Evidence]:
    """Prompts that ask the model to cite."""
    found: dict[str, Evidence] = {}
    for wording in wordings(view):
        if wording.path not in found and _asks(wording):
            found[wording.path] = spot(view, wording, _ASKS)
    return list(found.values())


def _in_python(view: RepoView) -> Iterator[Evidence]:
    for file in view.code:
        if not (_screen(file) or file.path in reaching(view)) or not _speaks(file):
            continue
        lines = code_lines(view, file.path)
        showing = (n for n, line in enumerate(lines, 1) if _shows(lines, n, line, _screen(file)))
        named = (f.line for f in file.functions if _screen(file) and _RENDERS.search(f.name))
        yield from (place(view, file.path, n) for n in islice(chain(showing, named), 1))


def _shows(lines: Sequence[str], number: int, line: str, screen: bool) -> bool:
    """Whether a line prints sources, or goes through them where a screen or an answer is built."""
    if not _mentions(line) or _NOT_SHOWN.search(line[:LONGEST]):
        return False
    bare = _bare(line[:LONGEST])
    if (_PRINTS if screen else _PRINTS_SURELY).search(bare):
        return True
    sure = bool(_LOOP_SURELY.search(bare))
    if screen and sure:
        return True
    after = [row[:LONGEST] for row in lines[number : number + _NEAR]]
    if screen and _LOOP.search(bare):
        return any(_DRAWS.search(row) for row in after)
    return sure and any(_ADDS.match(row) for row in after)


def _bare(line: str) -> str:
    """A line without remarks and the words of its strings; what fills a string is kept."""
    filled = _FILLED.sub(lambda m: " ".join(_HOLE.findall(m[0])), line)
    return _LENGTH.sub("", _REMARK.sub("", _PLAIN_STRING.sub('""', filled)))


def _mentions(line: str) -> bool:
    return any(w in line for w in _STEMS)


def _screen(file: PythonFile) -> bool:
    return file.imports_any(*_SCREENS)


def _speaks(file: PythonFile) -> bool:
    """Whether the file knows anything of an answer, which an ingestion does not."""
    said = {t.value for t in file.texts if len(t.value) < 40}
    words = ("answer", "question", "query", "chat", "prompt", "reply", "response")
    return any(w in name.lower() for name in file.names | said for w in words)


def _is_label(view: RepoView, wording: Wording) -> bool:
    text = wording.text
    if (
        len(text) > 400
        or _KEY.fullmatch(text)
        or not _mentions_label(text)
        or _FOR_MODEL.search(text)
        or text.rstrip().endswith(("...", "…"))  # says what is being done
    ):
        return False
    file = view.once(_by_path)[wording.path]
    if _LABEL.search(text):
        there = _screen(file) or wording.path in reaching(view) or file.imports_any(*_SERVES)
        return there and _speaks(file) and _knows_passages(file)
    return _screen(file) and _speaks(file) and bool(_SOURCE_AND.search(text))


def _mentions_label(text: str) -> bool:
    low = text.lower()
    return any(s in low for s in _LABEL_STEMS)


def _knows_passages(file: PythonFile) -> bool:
    names = file.names | {t.value for t in file.texts if len(t.value) < 40}
    kept = {
        *("sources", "source", "citations", "citation", "hits", "docs", "documents", "chunks"),
        *(
            "passages",
            "source_documents",
            "source_nodes",
            "context",
            "metadata",
            "payload",
            "nodes",
        ),
        *("search_results", "retrieved", "references", "evidence", "results"),
    }
    return bool(names & kept)


def _by_path(view: RepoView) -> dict[str, PythonFile]:
    return {f.path: f for f in view.code}


def _markup(view: RepoView) -> list[str]:
    own = [p for p in view.files if p.lower().endswith(_MARKUP) and not _MARKUP_SKIP.search(p)]
    return [p for p in own[:600] if _has_markup(view, p)]


def _has_markup(view: RepoView, path: str) -> bool:
    text = view.text(path)
    return any(w in text for w in ("ource", "itation", "eference", "来源", "引用", "参考"))


def _keyed(view: RepoView) -> Iterator[Evidence]:
    for file in view.code:
        if not (file.path in reaching(view) or file.imports_any(*_SERVES)):
            continue
        hits = [t.line for t in file.texts if t.value in _KEYS]
        hits += [c.line for c in file.calls if (_KEYS - {"references"}) & set(c.keywords)]
        if hits:
            yield place(view, file.path, min(hits))
        elif _NAMES & file.names:
            named = re.compile(r"\b(?:" + "|".join(sorted(_NAMES & file.names)) + r")\b")
            yield from filter(None, [first_line(view, file.path, named)])


def _scripted(view: RepoView) -> Iterator[Evidence]:
    for path in scripts(view):
        if "ource" in view.text(path) or "itation" in view.text(path):
            yield from filter(None, [first_line(view, path, _SCRIPT_KEYS)])


def _asks(wording: Wording) -> bool:
    """A prompt, not a name: a line of code may hold the word for anything."""
    return wording.kind != "script" and len(wording.text) > 60 and bool(_ASKS.search(wording.text))
