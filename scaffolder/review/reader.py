"""What is seen of a repository without reading its code: by a person in two minutes, by a machine.

Invariant: a name counts as used where an import, a dependency or a file shows it, and as claimed
only where nothing but prose does; a line that denies or plans something claims nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from posixpath import splitext

from scaffolder.paths import rubric_dir
from scaffolder.records import read_list, record
from scaffolder.review.model import Answer, Evidence, Fact, Reader
from scaffolder.review.parse import Parsed
from scaffolder.review.project import packaging
from scaffolder.review.readme import commands, figures, pictures
from scaffolder.review.readme.frontpage import Page, front, is_outside
from scaffolder.review.readme.markdown import plain
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

SCREEN = 24
"""Lines of a README on a first screen."""

LANGUAGES = {
    **{".py": "Python", ".ipynb": "Jupyter", ".ts": "TypeScript", ".tsx": "TypeScript"},
    **{".js": "JavaScript", ".jsx": "JavaScript", ".mjs": "JavaScript", ".go": "Go", ".rs": "Rust"},
    **{".java": "Java", ".kt": "Kotlin", ".cs": "C#", ".cpp": "C++", ".c": "C", ".rb": "Ruby"},
    **{".sql": "SQL", ".sh": "Shell", ".html": "HTML", ".css": "CSS", ".vue": "Vue", ".r": "R"},
}
_CONFIGURED = (".yml", ".yaml", ".toml", ".cfg", ".ini", ".tf", ".env", ".example", ".json")
_MAX_LOOKED = 3_000
_PRESENT = {
    "tests": "tests_with_assertions",
    "CI": "ci_runs_tests",
    "licence": "license_file",
}
_DENIED = re.compile(
    r"\b(?:no|not|non|without|instead of|unlike|avoid\w*|rather than|never|replac\w+|alternatives?"
    r"|inspired by|such as|e\.g\.|could|future|planned|todo|roadmap|optional\w*)\b",
    re.IGNORECASE,
)
_LATER = re.compile(r"\b(?:optional\w*|planned|todo|later|soon|coming)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"roadmap|future|next steps|to ?do|ideas|planned|related|comparison|alternativ|acknowledg"
    r"|credit|reference|resources|further",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bn\s?=\s?\d|\bof \d|\d\s?/\s?\d|\d\s(?:\w+ )?(?:questions?|quer(?:y|ies)|examples?|cases?"
    r"|samples?|items?|rows?|runs?|tasks?|documents?|prompts?|answers?)\b",
    re.IGNORECASE,
)
_NUMERIC_CELL = re.compile(r"\|\s*[~$]?\d+(?:\.\d+)?\s*%?\s*\|")
"""A row that compares things by a number names models that need not be in the project."""

_COUNT_COLUMN = re.compile(r"^n$|count|questions|queries|examples|cases|samples|items|runs|size")


@dataclass(frozen=True)
class Name:
    """A library or technique, as prose spells it, and what stands behind it in a repository."""

    name: str
    words: Sequence[str] = field(default=())
    packages: Sequence[str] = field(default=())
    members: Sequence[str] = field(default=())
    files: Sequence[str] = field(default=())


def read(view: RepoView, facts: Mapping[str, Fact]) -> Reader:
    """Both readings; `facts` are the report's, so that it says one thing of tests, CI, licence."""
    page = front(view)
    used = dict(_used(view))
    history = view.history.commits
    numbers = list(_numbers(view, page)) if page else []
    paths = [p for p in view.files if splitext(p)[1].lower() in LANGUAGES]
    return Reader(
        readme=page.path if page else None,
        title=_title(page),
        paragraph=_paragraph(page),
        screen=tuple(islice(_screen(page), SCREEN)) if page else (),
        number=numbers[0][0] if numbers else None,
        picture=_picture(view, page) or _shown(facts.get("demo_picture")),
        command=_command(view, page),
        links=tuple(_links(page)),
        badges=sum(not p.counts for p in pictures.shown_pictures(view, page)) if page else 0,
        last_commit=max(c.when for c in history).date().isoformat() if history else None,
        languages=_languages(view, paths),
        files=len(view.files),
        lines=sum(view.text(p).count("\n") for p in paths if not p.endswith(".ipynb")),
        topics=tuple(_topics(view)),
        used=used,
        claimed=dict(_claimed(view, page, used)) if page else {},
        present={name: _shown(facts.get(fact)) for name, fact in _PRESENT.items()},
        numbers=tuple(evidence for evidence, _ in numbers),
        without_n=sum(not counted for _, counted in numbers),
        template_numbers=_of_the_template(page),
        template_run=_template_run(view, page),
    )


def names() -> list[Name]:
    """The names that are known, from `rubric/reader.yml`."""
    listed = read_list(rubric_dir() / "reader.yml")
    return [record(Name, entry, "rubric/reader.yml") for entry in listed]


def _title(page: Page | None) -> str:
    found = page.document.headings if page else ()
    return clean(found[0].text, 200) if found else ""


def _paragraph(page: Page | None) -> str:
    """The first lines of running text that stand together."""
    kept: list[str] = []
    last = 0
    for number, text in page.document.prose() if page else ():
        if kept and (number > last + 1 or len(kept) == 6):
            break
        if kept or len(text.split()) > 3:
            kept.append(text)
        last = number
    return clean(" ".join(kept), 600)


def _screen(page: Page) -> Iterator[str]:
    """The README line by line as bare text, without what is empty."""
    code = {
        fence.line + offset: text
        for fence in page.document.fences
        for offset, text in enumerate(fence.lines)
    }
    for number, line in enumerate(page.document.shown, 1):
        shown = f"    {code[number].strip()}" if number in code else plain(line)
        if any(letter.isalnum() for letter in shown):
            yield clean(shown, 200)


def _numbers(view: RepoView, page: Page) -> Iterator[tuple[Evidence, bool]]:
    """Lines with a measured number, and whether they or their table say of how many."""
    counted = {
        line
        for table in page.document.tables
        if any(_COUNT_COLUMN.search(cell.lower()) for cell in table.header)
        for line, _ in table.rows
    }
    for figure in figures.shown(page.document):
        if not figure.template:
            evidence = view.quote(page.path, figure.line)
            yield evidence, figure.line in counted or bool(_COUNTED.search(evidence.text))


def _of_the_template(page: Page | None) -> int:
    found = figures.shown(page.document) if page else []
    return sum(len(figure.values) for figure in found if figure.template)


def _template_run(view: RepoView, page: Page | None) -> Evidence | None:
    line = figures.template_heading(page.document) if page else None
    return view.quote(page.path, line) if page and line and _of_the_template(page) else None


def _picture(view: RepoView, page: Page | None) -> Evidence | None:
    found = pictures.shown_pictures(view, page) if page else []
    first = next((p for p in found if p.counts), None)
    return view.quote(page.path, first.line) if page and first else None


def _command(view: RepoView, page: Page | None) -> Evidence | None:
    names = commands.scripts(view)
    found = commands.commands(page.document) if page else iter(())
    first = next((c for c in found if commands.runs(c, names) or commands.composes(c)), None)
    return view.quote(page.path, first.line) if page and first else None


def _links(page: Page | None) -> Iterator[Evidence]:
    seen: set[str] = set()
    for link in page.document.links if page else ():
        out = is_outside(link) and link.target.startswith("http") and not link.image
        if page and out and link.target not in seen:
            seen.add(link.target)
            said = f"{plain(link.text)} {link.target}".strip()
            yield Evidence(page.path, link.line, None, clean(said, 200))


def _languages(view: RepoView, paths: Iterable[str]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for path in paths:
        language = LANGUAGES[splitext(path)[1].lower()]
        sizes[language] = sizes.get(language, 0) + view.size(path)
    return sizes


def _topics(view: RepoView) -> Iterator[str]:
    """Keywords of the package's own metadata; GitHub's topics are not in a repository."""
    for path in ("pyproject.toml", "package.json"):
        if not view.has(path):
            continue
        parsed = view.toml(path) if path.endswith(".toml") else view.json(path)
        raw = parsed.value if isinstance(parsed, Parsed) else {}
        table = raw.get("project", raw) if isinstance(raw, dict) else {}
        words = table.get("keywords") if isinstance(table, dict) else None
        if isinstance(words, list):
            yield from (clean(w, 60) for w in words[:20] if isinstance(w, str))


def _shown(fact: Fact | None) -> Evidence | None:
    if fact is None or fact.value is Answer.NO:
        return None
    return next(iter(fact.evidence), None)


def _used(view: RepoView) -> Iterator[tuple[str, Evidence]]:
    """Each known name that an import, a dependency or a file of the repository shows."""
    imported, members, declared = _imports(view), _members(view), _dependencies(view)
    for known in names():
        shown = next((imported[p] for p in known.packages if p in imported), None)
        shown = shown or next((members[m] for m in known.members if m in members), None)
        shown = shown or next((declared[p] for p in known.packages if p in declared), None)
        files = view.find(*known.files) if known.files else []
        if shown:
            yield known.name, view.quote(*shown)
        elif files:
            yield known.name, Evidence(files[0])


def _imports(view: RepoView) -> dict[str, tuple[str, int]]:
    """Every dotted prefix of what Python code imports: where first."""
    found: dict[str, tuple[str, int]] = {}
    for file in view.python:
        for one in file.imports:
            parts = one.name.split(".")[:3]
            for end in range(1, len(parts) + 1):
                found.setdefault(".".join(parts[:end]), (file.path, one.line))
    return found


def _members(view: RepoView) -> dict[str, tuple[str, int]]:
    """What is imported by name from packages that are not the project's own: where first."""
    own = {part.removesuffix(".py") for file in view.python for part in file.path.split("/")}
    found: dict[str, tuple[str, int]] = {}
    for file in view.python:
        for one in file.imports:
            package, _, path = one.name.partition(".")
            if package and path and package not in own:
                found.setdefault(path.rpartition(".")[2], (file.path, one.line))
    return found


def _dependencies(view: RepoView) -> dict[str, tuple[str, int]]:
    """Declared dependencies where they stand, of what is no Python: imports are not read there."""
    found: dict[str, tuple[str, int]] = {}
    for manifest in packaging.manifests(view):
        if manifest.ecosystem != "python":
            names = {f'"{d.name}"': d.name for d in manifest.dependencies}
            for number, line in enumerate(view.lines(manifest.path), 1):
                name = names.get(line.partition(":")[0].strip())
                if name:
                    found.setdefault(name, (manifest.path, number))
    return found


def _claimed(
    view: RepoView, page: Page, used: Mapping[str, Evidence]
) -> Iterator[tuple[str, Evidence]]:
    """Known names that the README gives as the project's and nothing of the project shows."""
    lines = list(_claims(page))
    for known in names():
        if known.name in used:
            continue
        spelt = _spelt(known)
        for number, text in lines:
            match = spelt.search(text)
            if match and not _denied(text, match):
                if not _mentioned(view, spelt):
                    yield known.name, view.quote(page.path, number)
                break


def _denied(text: str, match: re.Match[str]) -> bool:
    """Whether the clause before a name, or a word behind it, takes it back."""
    clause = re.split(r"[.;:]\s", text[max(0, match.start() - 80) : match.start()])[-1]
    return bool(_DENIED.search(clause) or _LATER.search(text[match.end() : match.end() + 25]))


def _claims(page: Page) -> Iterator[tuple[int, str]]:
    """The lines that speak of the project itself, with their numbers."""
    document = page.document
    elsewhere = {
        n for part in document.sections(_ELSEWHERE) for n in range(part.heading.line, part.end)
    }
    for number, line in enumerate(document.shown, 1):
        rival = "|" in line and _NUMERIC_CELL.search(line)
        if number not in elsewhere and line.strip() and not rival:
            yield number, plain(line)[:2000]


def _spelt(known: Name) -> re.Pattern[str]:
    words = "|".join(re.escape(w) for w in (known.name, *known.words))
    return re.compile(rf"(?<![\w/.-])(?:{words})(?![\w-])", re.IGNORECASE)


def _mentioned(view: RepoView, spelt: re.Pattern[str]) -> bool:
    """Whether code or configuration says the word anywhere: then it is no mere claim."""
    suffixes = (*LANGUAGES, *_CONFIGURED)
    looked = (
        p
        for p in view.files
        if p.lower().endswith(suffixes) or "dockerfile" in p.lower() or "requirements" in p.lower()
    )
    return any(spelt.search(view.text(p)) for p in islice(looked, _MAX_LOOKED))
