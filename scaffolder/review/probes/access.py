"""Who may read what: labels on passages, the filter in the search, its tests, the corpus itself."""

import re
from collections.abc import Iterator

from scaffolder.review import ownwork
from scaffolder.review.golden import corpus
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import SHOWN, in_files, place
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.python.pysource import Function, PythonFile
from scaffolder.review.readme import cards
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

WANTED = 2
"""Tests: one that a reader finds what is his, one that another does not ("a test per role")."""

_WORD = (
    r"(?:access(?:_(?:level|label|group|control|roles?|list))?|acl|acls|tenant(?:_?id)?|tenants"
    r"|roles?|permissions?|allowed_(?:roles|groups|users)|visibility|clearance"
    r"|security_(?:label|group)|org(?:anization|anisation)?_?id|user_?id|owner(?:_?id)?"
    r"|group_?ids?|department|confidentiality)"
)
_LABEL = re.compile(rf"^{_WORD}$", re.IGNORECASE)
_SQL = re.compile(
    rf"\b(?:where|and|or|on)\b[^\n]{{0,200}}?\b{_WORD}\b\"?\s{{0,3}}"
    r"(?:=|in\b|not in\b|&&|@>|<@|<=|!=|any\b)",
    re.IGNORECASE,
)
_READS = re.compile(r"\bselect\b|\bmatch\b|\bwhere\b", re.IGNORECASE)
_NO_SEARCH = re.compile(
    r"\b(?:conversations?|messages?|sessions?|feedback|users|history|chats?|accounts)\b", re.I
)
_FILTERS = {
    *("filter", "filters", "where", "query_filter", "pre_filter", "namespace", "tenant", "expr"),
    *("partition", "partition_names", "roles", "acl", "filter_query", "search_filter"),
}
_SEARCH = re.compile(
    r"search|query|retriev|similar|knn|find_passages|lexical|dense|bm25|as_retriever|get_relevant",
    re.IGNORECASE,
)
_PASSAGE = re.compile(r"chunk|passage|document|embedding|vector|retriev|corpus", re.IGNORECASE)
_SCRIPT_FILTER = re.compile(
    rf"\b(?:filter|where|namespace)\b[^\n]{{0,80}}\b{_WORD}\b|\.eq\(['\"]{_WORD}", re.IGNORECASE
)
_ROLE_TEST = re.compile(
    r"role|tenant|acl(?:_|$)|permission|restricted|forbidden|unauthori|may_see|not_see|cannot_see"
    r"|no_access|access_(?:label|control|rule|filter)|other_users?|visible_to",
    re.IGNORECASE,
)
_FRONT = re.compile(
    r"^(?:access|acl|tenant|roles?|visibility|audience|classification)\s?:\s{0,4}"
    r"[\"']?([\w -]{1,60})|<meta\s{1,4}name=[\"']access[\"']\s{1,4}content=[\"']([\w -]{1,60})",
    re.IGNORECASE,
)
_FOR_ALL = {"everyone", "all", "public", "any", "open"}
_SPEAKS = re.compile(
    r"\baccess(?:[ _](?:labels?|levels?|rights?|rules?|controls?|groups?|lists?|restrictions?)"
    r"|\W{0,4}[:|`=])|\bconfidential|\brestricted\b|\beveryone\b|\btenants?\b|\broles?\b"
    r"|\bwho may (?:read|see)\b|\bclearance\b|\b(?:all|every|documents?|files?|everything)\b"
    r"[^|\n]{0,40}\bpublic\b(?! domain)",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\bno (?:document|file|one|access|label)|\bnone\b|\bnot? (?:a |any )?(?:single )?document"
    r"|\beveryone\b|\bpublic(?:ly)?\b|\bdo(?:es)? not carry\b|\bnothing\b|\bwithout (?:a |any )"
    r"|\bcarr(?:y|ies) no\b",
    re.IGNORECASE,
)
_MOST_DOCUMENTS = 2000
_HEAD = 30
"""Documents, and lines at the top of each, in which a label is looked for."""


def filtered_before(view: RepoView) -> Reading:
    """Passages carry a label, and the search itself leaves out what the reader may not see."""
    filtered = [place(view, f.path, line) for f in view.code for line in _filters(f)[:2]]
    filtered += in_files(view, _SCRIPT_FILTER, [f for f in scripts(view) if _SEARCH.search(f)])
    labelled = [e for f in view.code if (e := _labelled(view, f))]
    if filtered:
        return yes("The search itself leaves out what a reader may not see.", *filtered[:SHOWN])
    if labelled:
        reason = "Passages carry a label of who may read them, and no search filters by it."
        return partial(reason, *labelled[:SHOWN])
    return no(
        "No access rule was found before the search: looked for a role, tenant or access label on "
        "passages, and for a filter by it in the query."
    )


def tested(view: RepoView) -> Reading:
    """Tests show for several roles what is found and what is not."""
    found = [(f, d) for f in view.tests for d in f.functions if _is_role_test(f, d)]
    places = [place(view, f.path, d.line) for f, d in found[:SHOWN]]
    checks = sum(_checks(f, d) for f, d in found)
    if not found:
        return no("No test searches as a role or tenant and looks at what it must not find.")
    if checks < WANTED:
        return partial(f"One check looks at roles; {WANTED} are asked for, one a role.", *places)
    untested = [label for label in _labels(view) if not _is_tested(view, label)]
    if untested:
        named = clean(", ".join(untested[:4]), 80)
        reason = f"No test speaks of the labels that your documents carry: {named}."
        return partial(reason, *places)
    tests = count(len(found), "test looks", "tests look")
    return yes(f"{tests} at what a role finds and does not.", *places)


def corpus_says(view: RepoView) -> Reading:
    """The author says which documents are for whom, and the documents agree."""
    left = ownwork.left_over_sample(view)
    if left == 1:
        place = [view.quote(path, 1) for path in corpus.documents(view)[:3]]
        return no("The corpus is still the template's sample: its labels are not yours.", *place)
    said, labels = cards.said(view, _SPEAKS), _labels(view)
    carrying = list(labels.values())[:3]
    held = sum(1 for _ in labels)
    if said is None and carrying:
        reason = f"Your documents carry {count(held, 'access label')}, and no data card tells so."
        return partial(reason, *carrying)
    if said is None:
        return no("No data card says which documents are for whom, or that all are for everyone.")
    denies = bool(_NONE.search(view.lines(said.path)[(said.line or 1) - 1]))
    if carrying and denies and not _names_one(view, said, labels):
        named = clean(", ".join(list(labels)[:4]), 80)
        return partial(f"The data card speaks of no label, and documents carry {named}.", said)
    if not carrying and not denies:
        return partial("The data card speaks of access, and no document carries a label.", said)
    told = "which documents are for whom" if carrying else "that every document is for everyone"
    return yes(f"The data card says {told}.", said, *carrying)


def _filters(file: PythonFile) -> list[int]:
    """Lines of a search that filters by a label."""
    held = {name for name in file.names if _LABEL.search(name[:60])}
    keyed = {t.value for t in file.texts if len(t.value) < 40 and _LABEL.search(t.value)}
    found = [t.line for t in file.texts if _is_query(t.value)]
    if held or keyed:
        found += [c.line for c in file.calls if _SEARCH.search(c.name) and _FILTERS & {*c.keywords}]
    return found


def _is_query(text: str) -> bool:
    joined = " ".join(text.split())[:1500]
    return bool(
        _READS.search(joined)
        and _SQL.search(joined)
        and _PASSAGE.search(joined)
        and not _NO_SEARCH.search(joined)
    )


def _labelled(view: RepoView, file: PythonFile) -> Evidence | None:
    """Where a file names a label that is one of passages and of nothing else."""
    sure = re.compile(r"^(?:access(?:_\w{1,20})?|acls?|tenant(?:_?id)?|clearance)$", re.I)
    names = [n for n in file.names if len(n) < 40 and sure.search(n)]
    if not names or not any("chunk" in n.lower() or "passage" in n.lower() for n in file.names):
        return None
    lines = view.lines(file.path) if not file.notebook else []
    found = (n for n, line in enumerate(lines, 1) if any(name in line for name in names))
    return place(view, file.path, next(found, 1))


def _is_role_test(file: PythonFile, function: Function) -> bool:
    name = function.name.rpartition(".")[2]
    if not name.startswith("test") or not _ROLE_TEST.search(name):
        return False
    inside = [c for c in file.calls if function.line <= c.line <= function.end_line]
    return any(_SEARCH.search(c.name) for c in inside) and _checks(file, function) > 0


def _checks(file: PythonFile, function: Function) -> int:
    inside = (a for a in file.asserts if function.line <= a.line <= function.end_line)
    return sum(not a.trivial for a in inside)


def _is_tested(view: RepoView, label: str) -> bool:
    return any(label in t.value for f in view.tests for t in f.texts if len(t.value) < 200)


def _labels(view: RepoView) -> dict[str, Evidence]:
    """The labels that documents of the author's carry, each with its first place."""
    return view.once(_found_labels)


def _found_labels(view: RepoView) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for path in corpus.documents(view)[:_MOST_DOCUMENTS]:
        theirs: frozenset[int] | None = None
        for number, label in _tops(view, path):
            theirs = ownwork.template_lines(view, path) if theirs is None else theirs
            if label not in found and number not in theirs:
                found[label] = view.quote(path, number)
    return found


def _tops(view: RepoView, path: str) -> Iterator[tuple[int, str]]:
    if not path.lower().endswith((".md", ".txt", ".html", ".htm", ".mdx")):
        return
    for number, line in enumerate(view.lines(path)[:_HEAD], 1):
        match = _FRONT.search(line)
        if match and (number > 1 or match[2]):
            label = (match[1] or match[2]).strip()
            if label.casefold() not in _FOR_ALL:
                yield number, label


def _names_one(view: RepoView, said: Evidence, labels: dict[str, Evidence]) -> bool:
    line = view.lines(said.path)[(said.line or 1) - 1].casefold()
    return any(label.casefold() in line for label in labels)
