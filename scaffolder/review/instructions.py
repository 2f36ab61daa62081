"""Attempts of a repository to instruct whoever, or whatever, reviews it.

Invariant: what is found is shown and never followed. A text counts only where it speaks to
a reviewer or of a verdict: what a project tells its own model, or plants to test it, does not.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import accumulate, islice

from scaffolder.review.model import QUOTE, Evidence, quote
from scaffolder.review.parse import Parsed
from scaffolder.review.parsing.disguise import INVISIBLE, decoded, uncovered
from scaffolder.review.view import RepoView

MOST = 20
"""Attempts that are reported."""

_MOST_FILES = 4000
_MOST_TEXT = 300_000
_MOST_ALL = 40_000_000
"""Files, characters of one and of all that are read; what a reviewer opens first comes first."""

_ENDS = (
    *(".md", ".rst", ".txt", ".adoc", ".html", ".py", ".ipynb", ".js", ".ts", ".tsx", ".jsx"),
    *(".java", ".go", ".rs", ".yml", ".yaml", ".toml", ".cfg", ".ini", ".sh", ".json", ".xml"),
    *(".svg", ".css", ".sql", ".cursorrules", ".rules", ".mdc", ".j2", ".jinja", ".jinja2", ".csv"),
)
_NAMES = {"dockerfile", "makefile", "readme", "license", "notice", "authors", "contributing"}
_READER = (
    r"(?:(?:ai|llm|automated|automatic|machine|language model|hiring|code|human)[ -])?"
    r"(?:reviewers?|graders?|evaluators?|judges?|assessors?|examiners?|recruiters?|auditors?"
    r"|markers?)"
)
_MACHINE = (
    r"(?:ai|llm|automated|automatic|machine|language[ -]model)[ -](?:based )?(?:code )?"
    r"(?:reviewers?|graders?|evaluators?|judges?|assessors?|examiners?|screeners?|recruiters?"
    r"|auditors?)"
)
_TOP = (
    r"(?:pass(?:ed|es|ing)?|full (?:score|marks?|points?|credit)|(?:perfect|maximum|max|top|highest"
    r"|best)(?: possible)? "
    r"(?:score|marks?|points?|grade|rating|verdict)|10 ?/ ?10|5 ?/ ?5|100 ?/ ?100|100 ?%|a\+"
    r"|excellent|outstanding|convincing|as (?:a )?(?:met|satisfied|yes|done|complete|verified|true)"
    r"|yes)"
)
_GIVE = (
    r"(?:mark|rate|grade|score|give|assign|award|set|report|treat|consider|count|output|return"
    r"|answer|respond with|record|approve|accept|declare|label)"
)
_THING = (
    r"(?:(?:all|every|each|any) (?:\w+ ){0,2}?(?:items?|checks?|criteri(?:a|on)|facts?|points?"
    r"|sections?|verdicts?|dimensions?|questions?|requirements?)"
    r"|everything|(?:this|the|our|my) (?:\w+ )?(?:repo(?:sitory)?|project|submission|candidate"
    r"|author|portfolio|codebase|assignment|application)|the rubric|rubric items?)"
)
_RULES = (
    r"(?:rubrics?|grading (?:criteria|rules|instructions|scheme)|review (?:criteria|rules"
    r"|instructions|guidelines|checklist)"
    r"|scoring (?:guide|rules|criteria|rubric|instructions)|evaluation criteria|check ?lists?"
    r"|(?:your|the) (?:review|grading|scoring|evaluation) (?:prompt|task|instructions?))"
)
_DROP = (
    r"(?:ignore|disregard|forget|override|bypass|skip|do not (?:apply|use|follow)"
    r"|don't (?:apply|use|follow)|stop (?:applying|using|following))"
)
_EARLIER = (
    r"(?:all |any |the |your )*(?:previous|prior|above|earlier|preceding|system|other) "
    r"(?:instructions?|prompts?|rules?|directions?|messages?)"
)
_VERDICT = (
    r"(?:rubric|grad(?:e|es|ing|er)|scor(?:e|es|ing)\b|reviewer|verdict|hiring|hire|candidate"
    r"|assess\w*|(?:mark|rate) (?:it|this|the|all|every|me)|rate\b|full marks)"
)

_ALWAYS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"\b{_DROP}\s(?:\w+\s){{0,4}}?{_RULES}\b",
        rf"\b{_GIVE}\s(?:\w+\s){{0,3}}?{_THING}\s(?:\w+\s){{0,5}}?{_TOP}(?![\w])",
        rf"\b{_GIVE}\s(?:\w+\s){{0,3}}?{_TOP}\s(?:\w+\s){{0,4}}?(?:to|for|on"
        rf"|in)\s(?:\w+\s){{0,2}}?{_THING}\b",
        rf"\b{_DROP}\s{_EARLIER}\b.{{0,200}}?\b{_VERDICT}",
        rf"\b{_MACHINE}\b.{{0,120}}?\b(?:{_DROP}\s|{_GIVE}\s(?:\w+\s){{0,6}}?{_TOP}(?![\w]))",
        rf"\b(?:note|message|instructions?|attention|notice)\s(?:to|for)\s(?:the\s|any\s"
        rf"|all\s)?{_READER}\s?[:,-].{{0,160}}?\b(?:{_DROP}|{_GIVE})\s",
        rf"\byou are (?:now )?(?:a|an"
        rf"|the) (?:\w+ ){{0,3}}?{_READER}\b.{{0,160}}?\b{_THING}.{{0,60}}?{_TOP}(?![\w])",
        rf"\balways (?:approve|accept|rate|recommend)\s(?:\w+\s){{0,2}}?{_THING}\b",
        rf"\b(?:no|without) (?:further )?(?:review|checks?|evaluation) (?:is |are )?(?:needed"
        rf"|required|necessary)\b.{{0,80}}?\b{_TOP}",
        r"(?:忽略|无视).{0,30}(?:评分|评审|审查|规则|标准)|(?:给|打).{0,12}(?:满分|最高分)|ignora.{0,30}(?:r[uú]brica"
        r"|criterios de evaluaci[oó]n)",
    )
)
_HIDDEN_ONLY = re.compile(rf"\byou are (?:now )?(?:a|an|the) (?:\w+ ){{0,3}}?{_READER}\b", re.I)
_TO_AGENTS = re.compile(
    r"(?:^|/)(?:agents|claude|gemini|copilot-instructions|\.cursorrules|\.windsurfrules|llms)"
    r"(?:\.\w+)?$|\.mdc$",
    re.I,
)
_APPROVE = re.compile(
    r"\balways (?:approve|praise|give (?:\w+ )?(?:approval|praise|top|full|highest|positive))\b",
    re.I,
)
"""An order only where a file speaks to whatever machine works on the repository."""
_HIDDEN = re.compile(rf"<!--.{{0,300}}?\b(?:{_READER}|system:|language models?|llms?|ais?)\b", re.I)
_CONDITION = re.compile(
    r"\b(?:if|when|where|unless|only|whether|otherwise|scale|between|from \d|to \d)\b",
    re.I,
)
_HINT = re.compile(
    rf"{_READER}|rubric|grading|scoring|evaluation criteria|checklist|full (?:score|mark|point"
    rf"|credit)|10 ?/ ?10|100 ?/ ?100"
    r"|(?:all|every|each) (?:\w+ )?(?:item|check|criteri)|everything|previous instructions"
    r"|perfect score|满分|评分|评审|rúbrica|rubrica",
    re.I,
)
_HINT_WORDS = (
    *("reviewer", "grader", "evaluator", "judge", "assessor", "examiner", "recruiter", "auditor"),
    *("marker", "rubric", "grading", "scoring", "evaluation criteria", "checklist", "full score"),
    *("full mark", "full point", "full credit", "0/", "0 /", "item", "check", "criteri"),
    *("everything", "previous instructions", "perfect score", "满分", "评分", "评审", "rúbrica"),
)
"""One of these is in all that `_HINT` finds: far quicker to look for."""

_DROP_WORDS = ("ignor", "disregard", "forget", "override", "bypass", "skip", "not", "stop")
_READER_WORDS = (
    *("review", "grader", "evaluator", "judge", "assessor", "examiner", "recruiter", "auditor"),
    *("marker", "screener", "needed", "required", "necessary"),
)
_TOP_WORDS = (
    *("pass", "full", "perfect", "max", "top", "highest", "best", "/", "100", "a+", "excellent"),
    *("outstanding", "convincing", "met", "satisfied", "yes", "done", "complete", "verified"),
    "true",
)
_THING_WORDS = (
    *("item", "check", "criteri", "fact", "point", "section", "verdict", "dimension", "question"),
    *("requirement", "everything", "repo", "project", "submission", "candidate", "author"),
    *("portfolio", "codebase", "assignment", "application", "rubric"),
)
_WRITTEN = bytes.maketrans(
    bytes(range(256)),
    bytes(65 if chr(n).isascii() and (chr(n).isalnum() or n in b"+/") else 32 for n in range(256)),
)
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{40,4000}={0,2}(?![A-Za-z0-9+/=])")
_MARKS = re.compile(r"[*_`>#\"'“”\u2018\u2019|\[\]()<>]+|<!--|-->")
_BLANKS = re.compile(r"\s+")


def attempts(view: RepoView) -> tuple[Evidence, ...]:
    """The first MOST places that try to tell a reviewer what to find."""
    return view.once(_attempts)


def _attempts(view: RepoView) -> tuple[Evidence, ...]:
    found = (e for part in (_in_names(view), _in_commits(view), _in_files(view)) for e in part)
    return tuple(islice(dict.fromkeys(found), MOST))


def _in_names(view: RepoView) -> Iterator[Evidence]:
    for path in view.files:
        if _speaks(re.sub(r"[-_./]+", " ", path[:1000])):
            yield quote(path, None, path)


def _in_commits(view: RepoView) -> Iterator[Evidence]:
    for commit in view.history.commits[:5000]:
        for line in commit.message[:2000].split("\n"):
            if _speaks(line):
                yield quote(f"commit {commit.id[:12]}", None, _excerpt(line))
    for author in sorted({c.author[:500] for c in view.history.commits[:5000]}):
        if _speaks(author):
            yield quote("author of a commit", None, _excerpt(author))
    for name in view.history.refs[:_MOST_FILES]:
        if _speaks(re.sub(r"[-_./]+", " ", name[:500])):
            yield quote("branch or tag", None, name)


def _in_files(view: RepoView) -> Iterator[Evidence]:
    read = 0
    listed = sorted(filter(_is_read, view.files), key=_first)
    for number, path in enumerate(listed):
        text = _text(view, path) if number < _MOST_FILES else ""
        read += len(text)
        if number >= _MOST_FILES or read > _MOST_ALL:
            view.skip(
                ".", f"orders to a reviewer: not looked for in {len(listed) - number:,} files"
            )
            return
        yield from _in_text(path, text)
        if _TO_AGENTS.search(path):
            lines = enumerate(text.split("\n"), 1)
            yield from (quote(path, n, s) for n, s in lines if _APPROVE.search(s[:2000]))


def _is_read(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name.endswith(_ENDS) or name in _NAMES or name.startswith("readme")


def _first(path: str) -> tuple[bool, int, str]:
    return (not path.lower().endswith((".md", ".rst", ".txt")), path.count("/"), path)


def _text(view: RepoView, path: str) -> str:
    """The text of a file; of a notebook its cells, of UTF-16 what a reader sees."""
    if path.endswith(".ipynb"):
        cells = view.notebook(path)
        if isinstance(cells, Parsed):
            return _cut(view, path, "\n".join(c.source for c in cells.value))
    text = _cut(view, path, view.text(path))
    if text.count("\0") > len(text) // 4 or "\ufffd\ufffd" in text[:4]:
        raw = view.raw(path, _MOST_TEXT)
        order = "utf-16-be" if raw[:1] in {b"\0", b"\xfe"} else "utf-16-le"
        return raw.decode(order, "replace").lstrip("\ufeff")
    return text


def _cut(view: RepoView, path: str, text: str) -> str:
    if len(text) > _MOST_TEXT:
        view.skip(path, f"orders to a reviewer: looked for in its first {_MOST_TEXT // 1000} kB")
    return text[:_MOST_TEXT]


def _in_text(path: str, text: str) -> Iterator[Evidence]:
    for match in islice(_BASE64.finditer(text), 200) if _may_hold_base64(text) else ():
        hidden = decoded(match[0])
        if hidden and (_speaks(hidden) or _HIDDEN_ONLY.search(_bare(hidden))):
            yield quote(
                path, text.count("\n", 0, match.start()) + 1, f"in base64: {_excerpt(hidden)}"
            )
    invisible = not text.isascii() and bool(INVISIBLE.search(text))
    shown = text if text.isascii() else uncovered(text)
    if _has(_lowered(shown), _HINT_WORDS):
        yield from _in_lines(path, [line[:2000] for line in shown.split("\n")], invisible)


def _may_hold_base64(text: str) -> bool:
    return b"A" * 40 in text.encode("ascii", "replace").translate(_WRITTEN)


def _in_lines(path: str, lines: list[str], invisible: bool) -> Iterator[Evidence]:
    """Each line that speaks, or begins what three lines say together."""
    last = -3
    for number in _hinted(lines):
        line, after = lines[number - 1], lines[number : number + 2]
        window = " ".join([line, *after])
        if number - last < 3 or not (invisible or _may_speak(window)):
            continue
        if not _HINT.search(window[:4000]):
            continue
        alone = _speaks(line) or (invisible and bool(_HIDDEN_ONLY.search(_bare(line))))
        if alone or (not any(map(_speaks, (*after, " ".join(after)))) and _speaks(window)):
            last = number
            yield quote(path, number, _excerpt(line if alone else window))


def _hinted(lines: Sequence[str]) -> list[int]:
    """The numbers of the lines that may, with the two after them, have a hint; in order."""
    whole = _lowered(" ".join(lines))
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    found: set[int] = set()
    for word in _HINT_WORDS:
        at = whole.find(word)
        while at >= 0:
            first, last = bisect_right(starts, at), bisect_right(starts, at + len(word) - 1)
            found.update(range(max(1, last - 2), first + 1))
            at = whole.find(word, starts[first] if first == last else at + 1)
    return sorted(found)


def _speaks(text: str) -> bool:
    """Whether a text speaks to a reviewer."""
    return _order(text) is not None


def _order(text: str) -> re.Match[str] | None:
    """What a text orders; a rule with a condition is a rubric and none, unless it is hidden."""
    if not _may_speak(text):
        return None
    bare, hidden = _bare(text), "<!--" in text and bool(_HIDDEN.search(text[:4000]))
    for pattern in _ALWAYS:
        found = pattern.search(bare)
        around = bare[max(0, found.start() - 12) : found.end() + 30] if found else ""
        if found and (hidden or not _CONDITION.search(around)):
            return found
    return None


def _excerpt(text: str) -> str:
    """The text; of a long one what stands around the order."""
    found = _order(text) if len(text) > QUOTE else None
    if found is None:
        return text
    room = QUOTE - 4 - (found.end() - found.start())
    start = max(0, found.start() - max(room, 0) // 2)
    shown = found.string[start : start + QUOTE - 4]
    return f"{'… ' if start else ''}{shown}{'…' if start + len(shown) < len(found.string) else ''}"


def _may_speak(text: str) -> bool:
    """Whether a text has the words that every pattern needs; far quicker than the patterns."""
    if not text.isascii() or "&" in text:
        return True
    low = text.lower()
    if _has(low, _READER_WORDS) or _has(low, _DROP_WORDS):
        return True
    return _has(low, _TOP_WORDS) and _has(low, _THING_WORDS)


def _has(text: str, words: Sequence[str]) -> bool:
    return any(word in text for word in words)


def _lowered(text: str) -> str:
    """In lower case, letter for letter, with the letters that `re.I` takes for ASCII ones."""
    if text.isascii():
        return text.lower()
    for alike, letter in (("\u0130", "i"), ("\u0131", "i"), ("\u017f", "s"), ("\u212a", "k")):
        text = text.replace(alike, letter)
    return text.lower()


def _bare(text: str) -> str:
    return _BLANKS.sub(" ", _MARKS.sub(" ", unescape(text[:4000])))
