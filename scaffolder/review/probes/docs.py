"""The README as a text: its length, its filler, its links, what is still to write."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.readme.frontpage import Page, front, inside, is_outside, page, wanted
from scaffolder.review.readme.markdown import plain, slug
from scaffolder.review.readme.problem import GAP
from scaffolder.review.view import RepoView

FEWEST, MOST = 300, 1500
"""Words outside of code and tables that a README should have (rubric, COM-09)."""

EMOJI_HEADINGS = 3
FILLER = 3
"""So many headings with an emoji, or stock phrases, are too many (rubric, COM-09)."""

_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55]")
_FILLER = re.compile(
    r"\bleverag(?:e|es|ing)\b|\bcutting[- ]edge\b|\bseamless(?:ly)?\b|\bstate[- ]of[- ]the[- ]art\b"
    r"|\bharness(?:es|ing)? the power\b|\bpower(?:ed)? of (?:ai|llms?)\b"
    r"|\brevolutioni[sz]\w+|\bgame[- ]chang\w+|\bnext[- ]gen(?:eration)?\b|\brobust and scalable\b"
    r"|\bblazing(?:ly)?[- ]fast\b|\bunlock(?:s|ing)?\b|\bempower(?:s|ing)?\b"
    r"|\beffortless(?:ly)?\b|\bsupercharge\w*|\bworld[- ]class\b|\bunparalleled\b|\bdelve\w*"
    r"|\bcomprehensive suite\b|\brich ecosystem\b|\bintuitive and user-friendly\b"
    r"|\bin today's (?:fast|digital)\w*|\bever[- ]evolving\b|\btransformative\b|\bholistic\b"
    r"|\bparadigm\b|\bsynerg\w+|\btestament to\b|\bbest[- ]in[- ]class\b",
    re.I,
)


def concise(view: RepoView) -> Reading:
    """Whether the README is short, finished, and free of dead links and stock phrases."""
    readme = front(view)
    if readme is None:
        return no("There is no README to read.")
    gaps = list(_gaps(view, readme))
    if gaps:
        reason = f"Parts of the README are still to be written: {len(gaps)}."
        return no(reason, *gaps[:4])
    dead = list(_dead(view, readme))
    if dead:
        reason = f"Links of the README that lead nowhere in this repository: {len(dead)}."
        return no(reason, *dead[:4])
    return _measured(view, readme)


def _measured(view: RepoView, readme: Page) -> Reading:
    words = _words(readme)
    place = view.quote(readme.path, 1)
    if not FEWEST / 2 <= words <= MOST * 2:
        return no(_length(words), place)
    if not FEWEST <= words <= MOST:
        return partial(_length(words), place)
    marked = [h for h in readme.document.headings if _EMOJI.search(h.text)]
    if len(marked) >= EMOJI_HEADINGS:
        reason = f"{len(marked)} headings of the README carry an emoji."
        return partial(reason, *(view.quote(readme.path, h.line) for h in marked[:3]))
    stock = [(n, m[0]) for n, t in readme.document.prose() for m in _FILLER.finditer(t)]
    if len(stock) >= FILLER:
        reason = (
            f"{len(stock)} stock phrases fit any project; the first is “{stock[0][1].lower()}”."
        )
        return partial(reason, *(view.quote(readme.path, n) for n, _ in stock[:3]))
    return yes(
        f"The README has {count(words, 'word')} outside of code and tables, and its links hold.",
        place,
    )


def _length(words: int) -> str:
    return (
        f"The README has {count(words, 'word')} outside of code and tables; "
        f"{FEWEST} to {MOST} are wanted."
    )


def _words(readme: Page) -> int:
    """Words of running text and headings; two characters of a script without blanks are one."""
    texts = [t for _, t in readme.document.prose()] + [h.text for h in readme.document.headings]
    wide = sum(len(_WIDE.findall(t)) for t in texts)
    return sum(len(_WORD.findall(_WIDE.sub(" ", t))) for t in texts) + wide // 2


def _gaps(view: RepoView, readme: Page) -> Iterator[Evidence]:
    for number, line in enumerate(readme.document.shown, 1):
        if GAP.search(line) and GAP.search(plain(line) or line):
            yield view.quote(readme.path, number)


def _dead(view: RepoView, readme: Page) -> Iterator[Evidence]:
    told: set[str] = set()
    for link in readme.document.links[:1000]:
        if (
            link.target not in told
            and not is_outside(link)
            and not _leads(view, readme, link.target)
        ):
            told.add(link.target)
            yield view.quote(readme.path, link.line)


def _leads(view: RepoView, readme: Page, target: str) -> bool:
    """Whether a relative link has an end; one that leaves the repository is the host's affair."""
    file, _, anchor = target.partition("#")
    if not file:
        return not anchor or _anchored(readme, anchor)
    if wanted(readme.path, file) is None:
        return True
    found = inside(view, readme.path, file)
    if found is None:
        return False
    is_text = found.lower().endswith((".md", ".rst")) and view.has(found)
    return not anchor or not is_text or _anchored(page(view, found), anchor)


def _anchored(where: Page, anchor: str) -> bool:
    name = slug(unquote(anchor))
    known = where.document.anchors
    return not name or name == "top" or name in known or name.rstrip("0123456789") in known
