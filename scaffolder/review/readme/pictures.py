"""What a README lets its reader look at: pictures, diagrams, recordings, hosted pages.

Invariant: a badge, a logo or a missing file is no picture; no address is opened.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scaffolder.review.readme.codeblocks import Fence
from scaffolder.review.readme.frontpage import Page, inside, is_outside
from scaffolder.review.readme.markdown import Link, plain
from scaffolder.review.view import RepoView


@dataclass(frozen=True, slots=True)
class Picture:
    """An image or film that a page shows; `file` where it is one of the repository.

    `counts` is false for badges, logos, and files that are not there; `diagram` where its name
    says that it draws the parts.
    """

    target: str
    alt: str
    line: int
    file: str | None
    counts: bool
    diagram: bool = False


_BADGE = re.compile(
    r"shields\.io|badge|badgen|/actions/workflows/|travis-ci|codecov\.io|circleci|coveralls"
    r"|pepy\.tech|star-history|contrib\.rocks"
    r"|visitor|hits\.|skillicons|github-readme-stats|streak-stats|capsule-render|readme-typing"
    r"|vercel\.com/button|deploytobluemix"
    r"|heroku(?:cdn)?\.com/deploy|deploy-button|buymeacoffee|ko-fi|zenodo\.org|trendshift"
    r"|producthunt|opencollective|deepwiki"
    r"|repobeats|komarev|simpleicons|devicon|gitpod\.io/button|colab-badge|codespaces\.new|wakatime"
    r"|readthedocs\.org/projects|snyk\.io|pypip\.in"
    r"|your[-_]?(?:user|name|repo|org)|path/to/|placeholder|example\.com|picsum\.photos|dummyimage",
    re.I,
)
_LOGO = {
    *(
        "logo",
        "logos",
        "icon",
        "icons",
        "favicon",
        "avatar",
        "avatars",
        "banner",
        "wordmark",
        "sponsor",
        "sponsors",
    ),
    *(
        "badge",
        "badges",
        "emoji",
        "flag",
        "portrait",
        "headshot",
        "mascot",
        "brand",
        "button",
        "divider",
    ),
}
_MOVING = (".gif", ".mp4", ".webm", ".mov", ".cast", ".apng")
_STILL = (".png", ".jpg", ".jpeg", ".webp", ".svg", ".avif", ".bmp")
_DIAGRAM = re.compile(
    r"arch|diagram|flow|pipeline|schema|overview|graph\b|components?|sequence|design"
    r"|\bhow[ _-]it\b|topology|\berd\b",
    re.I,
)
_DRAWN = re.compile(r"diagram|architect|flow ?-?_?chart|sequence|schema|topology|\berd\b", re.I)
_SCREEN = re.compile(
    r"screen|demo|\bui\b|chat|interface|dashboard|app\b|preview|recording|example|answer",
    re.I,
)
_ATTACHED = re.compile(
    r"github\.com/(?:user-attachments/assets|[\w.-]+/[\w.-]+/assets)/"
    r"|user-images\.githubusercontent"
)
_OWN_HOST = re.compile(
    r"^https?://(?:raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/|github\.com/[\w.-]+/[\w.-]+/(?:blob"
    r"|raw)/)"
)
_DEMO_WORD = re.compile(
    r"\bdemos?\b|\blive\b|\btry it\b|\bplayground\b|\bhosted\b|\bvideo\b|\bscreencast\b"
    r"|\bwalkthrough\b|\bopen (?:the )?app\b|\bwatch\b|演示|デモ|데모",
    re.I,
)
_DEMO_HOST = re.compile(
    r"^https?://(?:[\w-]+\.)*(?:streamlit\.app|share\.streamlit\.io|hf\.space|vercel\.app"
    r"|netlify\.app|github\.io|pages\.dev|onrender\.com"
    r"|fly\.dev|railway\.app|gradio\.(?:live|app)|replit\.app|web\.app|azurewebsites\.net"
    r"|herokuapp\.com|modal\.run|loom\.com/share|asciinema\.org/a"
    r"|youtu\.be|youtube\.com/(?:watch|embed|shorts)|vimeo\.com)",
    re.I,
)
_SPACE = re.compile(r"^https?://huggingface\.co/spaces/", re.I)
_LOCAL = re.compile(r"^https?://(?:localhost|127\.|0\.0\.0\.0|\[::1\])", re.I)
_BOX = re.compile(r"[┌┐┘╔╗▼▲►◄→←↓↑⇒]|\+-{2,}\+?|-{1,3}>|<-{1,3}|={1,3}>")
_TREE_LINE = re.compile(r"├─|└─|^[\s│|]*(?:\|--|`--|\+--)")
_PICTURELESS = re.compile(
    r"(?:^|/)(?:data|datasets?|corpus|fixtures?|tests?|node_modules|vendor|icons?|sponsors?"
    r"|samples?|raw)/",
    re.I,
)
_ARROWS = {"↓", "▼", "⬇", "⬇\ufe0f", "⇩"}
_DRAWN_ARROWS = 2
"""Lines that hold an arrow alone, which no running text has: a flow drawn without a fence."""

_ORNAMENT = re.compile(
    r"(?:^|[/_-])(?:ajax-)?(?:loading|loader|spinner|throbber|spacer|blank)\.\w{3,4}$", re.I
)
"""Pictures that a page moves while one waits."""

_CODE_LANGUAGES = {
    "python",
    "py",
    "bash",
    "sh",
    "shell",
    "console",
    "json",
    "yaml",
    "ts",
    "js",
    "typescript",
    "javascript",
    "sql",
    "java",
    "rust",
    "go",
    "jsx",
    "tsx",
    "powershell",
    "http",
    "toml",
}


def shown_pictures(view: RepoView, page: Page) -> list[Picture]:
    """Every image or film of a page, in order."""
    links = page.document.links
    attached = (link for link in links if not link.image and _ATTACHED.search(link.target))
    images = [*(link for link in links if link.image), *attached]
    found = {(link.target, link.line): link for link in reversed(images)}
    return sorted((_picture(view, page, k) for k in found.values()), key=lambda p: p.line)


def mermaid(page: Page) -> list[Fence]:
    """The diagrams that the host draws from text."""
    return [f for f in page.document.fences if f.language == "mermaid" and any(f.lines)]


def drawn_in_text(page: Page) -> Fence | None:
    """A diagram of characters: boxes or arrows, no tree of folders and no code."""
    fenced = next((f for f in page.document.fences if _is_drawn(f)), None)
    arrows = [n for n, row in enumerate(page.document.shown, 1) if row.strip() in _ARROWS]
    return fenced or (Fence("", (), arrows[0]) if len(arrows) >= _DRAWN_ARROWS else None)


def unlinked(view: RepoView, page: Page) -> str | None:
    """A picture of the repository that the page does not show."""
    shown = {p.file for p in shown_pictures(view, page)}
    found = [
        p
        for p in view.files
        if p.lower().endswith((*_MOVING, *_STILL)) and p not in shown and not _is_logo(p)
    ]
    found = [p for p in found if not (_PICTURELESS.search(p) or _ORNAMENT.search(p))]
    return min(
        found, key=lambda p: (not _SCREEN.search(p), not _DIAGRAM.search(p), p), default=None
    )


def demo_links(page: Page) -> list[Link]:
    """Links to a hosted page or a recording."""
    return [k for k in page.document.links if not k.image and _is_demo(page, k)]


def is_recording(path: str) -> bool:
    """Whether a path is that of a film or a cast."""
    return path.lower().partition("?")[0].endswith(_MOVING)


def _picture(view: RepoView, page: Page, link: Link) -> Picture:
    file = _file(view, page, link)
    named = "/".join((file or link.target.partition("?")[0]).split("/")[-2:])
    words = f"{named} {link.text}"
    small = link.width.rstrip("px").isdecimal() and int(link.width.rstrip("px")[:5]) <= 120
    found = file is not None or (is_outside(link) and link.target.startswith("http"))
    counts = found and not (_BADGE.search(link.target) or _is_logo(words) or small)
    above = [h.text for h in page.document.headings if h.line <= link.line][-1:]
    drawn = _DRAWN.search(words) or _DRAWN.search(" ".join(above))
    diagram = bool(drawn) or (bool(_DIAGRAM.search(words)) and not _SCREEN.search(words))
    return Picture(link.target, link.text, link.line, file, counts, diagram)


def _file(view: RepoView, page: Page, link: Link) -> str | None:
    """The file that an image link names, through the host's own address too."""
    target = link.target
    own = _OWN_HOST.match(target)
    if own:
        rest = target[own.end() :].removeprefix("refs/heads/").partition("/")[2]
        target = "/" + rest
    elif is_outside(link):
        return None
    found = inside(view, page.path, target)
    return found if found is not None and view.has(found) else None


def _is_logo(words: str) -> bool:
    return bool(_LOGO & set(re.split(r"[^a-z]+", words.lower())))


def _is_demo(page: Page, link: Link) -> bool:
    target = link.target
    if not target.startswith("http") or _LOCAL.match(target) or _BADGE.search(target):
        return False
    line = plain(page.document.shown[link.line - 1])[:200]
    if _SPACE.match(target) or _DEMO_HOST.match(target):
        return True
    says = link.text if link.text else line
    return bool(_DEMO_WORD.search(plain(says))) and "github.com" not in target


def _is_drawn(fence: Fence) -> bool:
    if fence.language in _CODE_LANGUAGES or fence.language == "mermaid":
        return False
    lines = [text for text in fence.lines if text.strip()]
    trees = sum(bool(_TREE_LINE.search(text)) for text in lines)
    boxes = sum(bool(_BOX.search(text)) for text in lines)
    return len(lines) >= 3 and boxes >= 2 and trees * 2 < len(lines)


def diagrams(view: RepoView, page: Page) -> Iterator[Picture]:
    """The pictures of a page that draw the parts."""
    return (p for p in shown_pictures(view, page) if p.counts and p.diagram)
