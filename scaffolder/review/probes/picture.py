"""What can be seen without installing: pictures, recordings, a diagram that fits the code."""

import re
from collections.abc import Iterable, Iterator

from scaffolder.review.model import Answer, Reading, no, partial, quote, yes
from scaffolder.review.parse import mapping
from scaffolder.review.readme.codeblocks import Fence
from scaffolder.review.readme.frontpage import Page, front, page
from scaffolder.review.readme.pictures import (
    Picture,
    demo_links,
    diagrams,
    drawn_in_text,
    is_recording,
    mermaid,
    shown_pictures,
    unlinked,
)
from scaffolder.review.view import RepoView

HEAVY = 5_000_000
"""Bytes above which a picture keeps the page from loading (rubric, COM-10)."""

MAPPED = 0.7
"""The share of the boxes that must be found in the code (rubric, COM-11)."""

_NO_README = "There is no README, so nothing is shown."
_RUNS = ("runs/published/*", "*/runs/published/*", "docs/runs/*", "examples/runs/*")
_BORDER = re.compile(
    r"^(?:the |an? )?(?:end )?(?:users?|person|client|browser|students?|customers?|reader|human"
    r"|questions?|query|answers?|results?|response|input|output|start|end|refusal|done|error|yes"
    r"|no|reply|request|documents?)\b",
    re.I,
)
_NODE = re.compile(
    r"(?<![\w-])([A-Za-z_][\w-]{0,60})\s{0,3}(?:@\{[^{}]{0,200}\}|(?:\(\(|\[\[|\[\(|\(\[|\{\{|\[/"
    r"|\[\\|>|\[|\(|\{)(?=[^)\]}]{0,206}+[)\]}])\s?\"?([^\[\]{}\"]{1,200}?)\"?\s?(?:\)\)|\]\]|\)\]|\]\)|\}\}|/\]|\\\]|\]|\)"
    r"|\}))"
)
_EDGE = re.compile(r"(?:<?[-=.~]{2,}[->ox.=]{0,3}|&)(?: {0,3}\|[^|]{0,200}\|)?")
_PART = re.compile(
    r"^\s*(?:participant|actor|class|state|component|service|database|queue"
    r"|container)\s+([\w.-]{1,60})(?:\s+as\s+(.{1,120}))?",
    re.I,
)
_MESSAGE = re.compile(r"^\s*([\w.-]{1,60})\s*-{1,2}[->x)]{1,2}[+-]?\s*([\w.-]{1,60})\s*:")
_FLOW_WORDS = {
    "graph",
    "flowchart",
    "subgraph",
    "end",
    "direction",
    "style",
    "classdef",
    "click",
    "linkstyle",
    "class",
    "note",
    "rect",
    "loop",
    "alt",
    "else",
    "opt",
    "par",
    "and",
    "title",
    "section",
    "autonumber",
    "td",
    "tb",
    "lr",
    "rl",
    "bt",
    "activate",
    "deactivate",
    "statediagram-v2",
    "sequencediagram",
}
_SVG_TEXT = re.compile(r"<(?:text|tspan|div|span|p)\b[^<>]{0,500}>([^<>]{2,120})<")
_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")


def demo_picture(view: RepoView) -> Reading:
    """Whether the README shows a screenshot, a film or a rendered diagram."""
    front_page = front(view)
    if front_page is None:
        return no(_NO_README)
    shown = [p for p in shown_pictures(view, front_page) if p.counts]
    drawn = mermaid(front_page)
    if shown or drawn:
        lines = [*(p.line for p in shown[:3]), *(f.line for f in drawn[:1])]
        found = (view.quote(front_page.path, line) for line in lines)
        return yes("The README shows a picture or a diagram.", *found)
    text = drawn_in_text(front_page)
    if text:
        reason = "The README has a diagram in characters; it shows no picture."
        return partial(reason, view.quote(front_page.path, text.line))
    loose = unlinked(view, front_page)
    if loose:
        return partial(
            "A picture is in the repository, and the README does not show it.", quote(loose)
        )
    return no("The README shows no screenshot, film or diagram; badges and logos are none.")


def something_to_see(view: RepoView) -> Reading:
    """Whether the thing itself can be seen without installing it."""
    front_page = front(view)
    if front_page is None:
        return no(_NO_README)
    shown = [p for p in shown_pictures(view, front_page) if p.counts]
    views = [p for p in shown if not p.diagram]
    good = [p for p in views if _is_good(view, p)]
    if good:
        reason = "The README shows it at work, with a text for those who cannot see it."
        return yes(reason, *(view.quote(front_page.path, p.line) for p in good[:3]))
    runs = [p for p in (*view.find(*_RUNS), *view.files) if _is_run(view, p)]
    if runs:
        return yes("A recorded run is in the repository.", *map(quote, runs[:2]))
    if views:
        return partial(_fault(views[0]), view.quote(front_page.path, views[0].line))
    return _linked_only(view, front_page, shown)


def diagram(view: RepoView) -> Reading:
    """Whether one diagram shows the parts under the names that they have in the code."""
    pages = [p for p in (front(view), *_documents(view)) if p]
    drawn = [(p, f, _nodes(f)) for p in pages for f in mermaid(p)]
    scored = [(*_mapped(view, nodes), p, f) for p, f, nodes in drawn if len(nodes) >= 3]
    for page_, picture in ((p, d) for p in pages for d in diagrams(view, p)):
        if picture.file and picture.file.lower().endswith(".svg"):
            names = [m[1] for line in view.lines(picture.file) for m in _SVG_TEXT.finditer(line)]
            if len(names) >= 3:
                fence = Fence("svg", (), picture.line)
                scored.append((*_mapped(view, dict.fromkeys(names)), page_, fence))
    if scored:
        return _fit(view, max(scored, key=lambda s: s[0]))
    return _unmapped(view, pages)


def _fit(view: RepoView, best: tuple[float, list[str], Page, Fence]) -> Reading:
    share, lost, where, fence = best
    place = view.quote(where.path, fence.line)
    if share >= MAPPED:
        return yes(f"The diagram's boxes are in the code: {share:.0%} of them were found.", place)
    names = quote("", None, ", ".join(lost[:4])).text
    reason = (
        f"Of the diagram's boxes {share:.0%} are in the code under that name; not found: {names}."
    )
    return partial(reason, place) if share >= 0.3 else no(reason, place)


def _unmapped(view: RepoView, pages: list[Page]) -> Reading:
    for where in pages:
        picture = next(diagrams(view, where), None)
        text = drawn_in_text(where)
        line = picture.line if picture else text.line if text else None
        if line:
            reason = "There is a diagram, in a form whose names cannot be compared with the code."
            return partial(reason, view.quote(where.path, line))
    return no("No diagram was found in the README or in the documents: no Mermaid, SVG or picture.")


def _is_good(view: RepoView, picture: Picture) -> bool:
    light = picture.file is None or view.size(picture.file) < HEAVY
    return light and bool(picture.alt.strip())


def _fault(picture: Picture) -> str:
    if not picture.alt.strip():
        return "The README shows it, and the picture has no alternative text."
    return "The README shows it, in a file of 5 MB or more."


def _is_run(view: RepoView, path: str) -> bool:
    recorded = path.endswith(".cast") or "runs/published/" in path
    return recorded and view.size(path) > 200 and not path.endswith((".md", ".gitkeep"))


def _linked_only(view: RepoView, where: Page, shown: list[Picture]) -> Reading:
    links = demo_links(where)
    if links:
        reason = "The README links to a hosted page or recording; whether it answers was not tried."
        place = view.quote(where.path, links[0].line)
        return Reading(Answer.UNKNOWN, reason, (place,), "Open the link in a browser.")
    if shown or mermaid(where):
        line = shown[0].line if shown else mermaid(where)[0].line
        reason = "The README shows a diagram and nothing of the running program."
        return partial(reason, view.quote(where.path, line))
    loose = next((p for p in view.files if is_recording(p)), None)
    if loose:
        return partial(
            "A recording is in the repository, and the README does not show it.", quote(loose)
        )
    return no("The README shows no picture, recording or hosted page of the program.")


def _documents(view: RepoView) -> Iterator[Page]:
    paths = [p for p in view.find("*.md") if p.startswith(("docs/", "doc/")) or "/" not in p]
    paths = [p for p in paths if not p.lower().startswith("readme")]
    chosen = (p for p in paths[:40] if "mermaid" in view.text(p) or "![" in view.text(p))
    return (page(view, p) for p in chosen)


def _nodes(fence: Fence) -> dict[str, None]:
    """The names of the boxes of a Mermaid diagram; where a box has a label, both with a blank."""
    named: dict[str, str] = {}
    for line in fence.lines[:400]:
        first = line.split(maxsplit=1)[0].lower() if line.strip() else "%%"
        part = _PART.match(line)
        message = _MESSAGE.match(line)
        if part:
            named[part[1]] = part[2] or named.get(part[1], "")
        elif message:
            for word in (message[1], message[2]):
                named.setdefault(word, "")
        elif first not in _FLOW_WORDS and not first.startswith("%%"):
            _flow(line[:500], named)
    return dict.fromkeys(f"{name} {label}".strip() for name, label in named.items())


def _flow(line: str, named: dict[str, str]) -> None:
    for match in _NODE.finditer(line):
        named[match[1]] = match[2] or named.get(match[1], "")
    bare = _NODE.sub(lambda m: m[1], line)
    parts = [p.strip().partition(":::")[0].rstrip(";") for p in _EDGE.split(bare)]
    for part in parts if len(parts) > 1 else []:
        if re.fullmatch(r"[A-Za-z_][\w-]{0,60}", part):
            named.setdefault(part, "")


def _mapped(view: RepoView, nodes: dict[str, None]) -> tuple[float, list[str]]:
    """The share of the boxes that are in the code, and those that are not; borders left out."""
    known = view.once(_names)
    inner = [n for n in nodes if not _BORDER.match(n) and not _BORDER.match(n.partition(" ")[2])]
    lost = [n for n in inner if not _is_known(view, n, known)]
    return (1 - len(lost) / len(inner) if inner else 0.0), lost


def _is_known(view: RepoView, node: str, known: frozenset[str]) -> bool:
    for word in node.replace("<br/>", " ").split():
        path = word.strip("`,;:.()").strip("/")
        if "/" in path and (view.has(path) or any(f.startswith(path + "/") for f in view.files)):
            return True
    words = [w.lower() for w in _SPLIT.split(node) if len(w) > 2]
    joined = {"".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, i + 4)}
    return bool(joined & known) or any(_alike(w, k) for w in words for k in known)


def _alike(word: str, known: str) -> bool:
    """`retriever` and `retrieval`: alike for six letters and most of the shorter one."""
    return (
        len(word) >= 6
        and len(known) >= 6
        and word[:6] == known[:6]
        and abs(len(word) - len(known)) < 5
    )


def _names(view: RepoView) -> frozenset[str]:
    """What the parts are called: modules, folders, classes, functions, services, packages used."""
    names = set(_services(view))
    whole: set[str] = set()
    for path in view.files:
        if path.endswith((".py", ".ts", ".tsx", ".js", ".java", ".go", ".rs", ".ipynb")):
            names |= {part.partition(".")[0] for part in path.split("/")}
    for file in view.code:
        names |= {c.name for c in file.classes}
        whole |= {f.name.rpartition(".")[2] for f in file.functions}
        whole |= {i.name.partition(".")[0] for i in file.imports}
    return frozenset((*_flat(names), *("".join(_SPLIT.split(w)).lower() for w in whole)))


def _flat(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        words = [w.lower() for w in _SPLIT.split(name) if w]
        yield "".join(words)
        yield from (w for w in words if len(w) > 4)


def _services(view: RepoView) -> Iterator[str]:
    for path in view.find("*compose*.yml", "*compose*.yaml")[:10]:
        table = mapping(view.yaml(path))
        services = table.get("services")
        for name, service in services.items() if isinstance(services, dict) else []:
            yield str(name)[:80]
            image = service.get("image", "") if isinstance(service, dict) else ""
            yield str(image)[:200].partition(":")[0].rpartition("/")[2]
