"""The README: who has the problem, how it is started, what it measured, what its top shows."""

import re
from collections.abc import Iterable

from scaffolder.review.model import Evidence, Reading, no, partial, quote, yes
from scaffolder.review.parse import Parsed, mapping
from scaffolder.review.readme import commands, figures, problem
from scaffolder.review.readme.commands import Command
from scaffolder.review.readme.figures import Figure
from scaffolder.review.readme.frontpage import Page, front, guides, nearest
from scaffolder.review.readme.pictures import demo_links, shown_pictures
from scaffolder.review.results import claims, matching, readmenumbers
from scaffolder.review.view import RepoView

SCREEN = 40
"""Lines that are not empty of the README's first screen (rubric, COM-06)."""

TELLING = 45
"""Bytes from which on a sentence is quoted as what the README says the project does."""

_NO_README = "There is no README: no file of that name at the top of the repository holds text."
_PROVIDERS = (
    *("openai", "anthropic", "groq", "mistralai", "cohere", "litellm", "replicate", "together"),
    *("google.generativeai", "google.genai", "vertexai", "voyageai", "tavily", "pinecone"),
    *("langchain_openai", "langchain_anthropic", "langchain_groq", "langchain_mistralai"),
    *("langchain_google_genai", "langchain_cohere", "langchain_google_vertexai", "fireworks"),
    *("llama_index.llms.openai", "llama_index.llms.anthropic", "langchain.chat_models", "boto3"),
    *("langchain.llms", "langchain_community.chat_models", "pydantic_ai", "crewai", "dspy"),
)
_PACKAGES = re.compile(
    r"^(?:openai|@anthropic-ai/.+|@google/(?:genai|generative-ai)|@langchain/(?!core)[\w-]+"
    r"|langchain|@ai-sdk/.+"
    r"|groq-sdk|cohere-ai|@mistralai/.+|@pinecone-database/.+|replicate)$"
)
_CHART = re.compile(r"eval|metric|result|accura|benchmark|score|recall|confusion|comparison", re.I)
_RESULT_FILE = re.compile(r"result|metric|score|benchmark|report|summary|leaderboard", re.I)


def problem_and_user(view: RepoView) -> Reading:
    """Whether the README says what the problem is and who has it."""
    page = nearest(view)
    if page is None:
        return no(_NO_README)
    said = problem.read(page.document)
    if said.pains and said.people:
        places = dict.fromkeys(s.line for s in (*said.pains[:2], *said.people[:2]))
        return yes("The README says what is hard, and for whom.", *_lines(view, page, places))
    if not said.described:
        return no("The README describes nothing: it has no sentence on what the project is for.")
    problem_too = (
        "what problem it solves" if said.people else "what problem it solves, and who has it"
    )
    missing = "who has the problem" if said.pains else problem_too
    long = [s for s in said.described if len(s.text.encode()) >= TELLING] or list(said.described)
    lines = [s.line for s in (*said.pains[:1], *long[:1])]
    return partial(
        f"The README says what the project does; it does not say {missing}.",
        *_lines(view, page, lines[:1]),
    )


def setup_commands(view: RepoView) -> Reading:
    """Whether the README has the commands that install it, set its key and run it."""
    page = nearest(view)
    if page is None:
        return no(_NO_README)
    steps = _told_steps(view, page)
    places = [view.quote(*place) for place in dict.fromkeys(filter(None, steps.values()))]
    missing = [name for name, place in steps.items() if place is None]
    if not missing:
        where = "The README has" if _is_all(page, places) else "The README and its guides have"
        return yes(f"{where} the steps: {', '.join(steps)}.", *places[:5])
    if not places:
        return no("The README has no command that installs or runs the project.")
    return partial(f"The README lacks this step: {', '.join(missing)}.", *places[:5])


def results_in_readme(view: RepoView) -> Reading:
    """Whether the README shows measured numbers that something in the repository stands behind."""
    page = front(view)
    if page is None:
        return no(_NO_README)
    found = figures.shown(page.document)
    own = [f for f in found if not f.template]
    if own:
        return _stand_behind(view, page, own)
    if found:
        reason = "The only numbers in the README are those of the template's own run."
        return partial(reason, view.quote(page.path, found[0].line))
    return _elsewhere(view, page)


def first_screen(view: RepoView) -> Reading:
    """Whether the top of the README has problem, number, picture and command."""
    page = front(view)
    if page is None:
        return no(_NO_README)
    last = _screen_end(page)
    found = {
        "the problem and who has it": _problem_line(page, last),
        "a measured number that the repository's results hold": _number_line(view, page, last),
        "a picture or a link to a demo": _picture_line(view, page, last),
        "a command that runs it": _run_line(view, page, last),
    }
    lines = _lines(view, page, [line for line in found.values() if line])
    missing = [name for name, line in found.items() if line is None]
    if not missing:
        return yes("The first screen has problem, number, picture and command.", *lines)
    reason = f"The first {SCREEN} lines of the README do not show {', nor '.join(missing)}."
    return partial(reason, *lines) if len(missing) < 3 else no(reason, *lines)


def _is_all(page: Page, places: list[Evidence]) -> bool:
    return all(place.path == page.path for place in places)


def _told_steps(view: RepoView, page: Page) -> dict[str, tuple[str, int] | None]:
    """Path and line of each step, looked for in the guides that the page links where it lacks it.

    A guide counts only with a command of its own: a key alone says nothing of the project.
    """
    found = {k: (page.path, n) if n else None for k, n in _steps(view, page).items()}
    for guide in guides(view, page) if None in found.values() else ():
        steps = _steps(view, guide)
        if steps["install"] or steps["run"]:
            for name in (k for k, place in found.items() if place is None):
                line = steps.get(name)
                found[name] = (guide.path, line) if line else None
    return found


def _steps(view: RepoView, page: Page) -> dict[str, int | None]:
    """The line of each step that is wanted, None where it is missing."""
    every = list(commands.commands(page.document))
    names = commands.scripts(view)
    composed = next((c.line for c in every if commands.composes(c)), None)
    steps = {
        "install": composed or _first(c for c in every if commands.installs(c)),
        "run": composed or _first(c for c in every if commands.runs(c, names)),
    }
    steps["run"] = steps["run"] or _library_use(view, page)
    if _needs_key(view) and not commands.says_no_key(page.document):
        steps["key or environment"] = commands.key_step(page.document)
    return steps


def _first(found: Iterable[Command]) -> int | None:
    return next((c.line for c in found), None)


def _library_use(view: RepoView, page: Page) -> int | None:
    """The line of an example that imports the project's own package: how a library is run.

    A block of Python that makes an object of the project's own class is such an example too.
    """
    own = {p.split("/")[-2] for p in view.files if p.endswith("/__init__.py")}
    made = {c.name for f in view.code for c in f.classes if c.name[:1].isupper()}
    for fence in page.document.fences:
        for number, line in enumerate(fence.lines, fence.line):
            words = line.replace(">>>", "").split()
            if len(words) > 1 and words[0] in {"import", "from"} and words[1].split(".")[0] in own:
                return number
            if len(words) > 2 and words[1] == "=" and words[2].partition("(")[0] in made:
                return number
    return None


def _needs_key(view: RepoView) -> bool:
    if any(f.imports_any(*_PROVIDERS) for f in view.code):
        return True
    for path in view.find("package.json")[:20]:
        table = mapping(view.json(path))
        needed = table.get("dependencies")
        if isinstance(needed, dict) and any(_PACKAGES.match(str(n)[:200]) for n in needed):
            return True
    return False


def _stand_behind(view: RepoView, page: Page, own: list[Figure]) -> Reading:
    metrics = dict.fromkeys(m for f in own for m in f.metrics)
    files = figures.behind(view, metrics)
    lines = _lines(view, page, [f.line for f in own[:3]])
    if files:
        reason = (
            "The README shows measured numbers, and the repository holds rows or code for them."
        )
        return yes(reason, *lines[:2], *(quote(p) for p in files[:2]))
    reason = "The README shows numbers, and no results file or evaluation code stands behind them."
    return partial(reason, *lines)


def _elsewhere(view: RepoView, page: Page) -> Reading:
    other = next(figures.elsewhere(view, page.path), None)
    if other:
        path, figure = other
        return partial(
            "Measured numbers are not in the README, but here.", view.quote(path, figure.line)
        )
    charts = (p for p in shown_pictures(view, page) if p.file and _CHART.search(p.file))
    chart = next(charts, None)
    if chart:
        return partial(
            "The README shows results as a picture only.", view.quote(page.path, chart.line)
        )
    kept = (
        p for p in figures.rows(view) if _RESULT_FILE.search(figures.name(p)) or "/results/" in p
    )
    for path in kept:
        head = [line[:500] for line in view.lines(path)[:200]]
        if any(figures.METRIC.search(h) for h in head) and any(figures.numbers(h) for h in head):
            return partial("Results are in the repository and not in the README.", quote(path))
    return no("No measured number was found in the README, the documents or the results files.")


def _screen_end(page: Page) -> int:
    """The number of the line after the first screen; code counts as lines, comments do not."""
    full = {f.line + i for f in page.document.fences for i, t in enumerate(f.lines) if t.strip()}
    seen = 0
    for number, line in enumerate(page.document.shown, 1):
        seen += bool(line.strip()) or number in full
        if seen == SCREEN:
            return number + 1
    return len(page.document.shown) + 1


def _problem_line(page: Page, last: int) -> int | None:
    said = problem.read(page.document)
    here = [s.line for s in said.pains if s.line < last]
    return here[0] if here and any(s.line < last for s in said.people) else None


def _number_line(view: RepoView, page: Page, last: int) -> int | None:
    """The line of a number in the first screen that a claim or a results file repeats."""
    own = [f for f in figures.shown(page.document) if f.line < last and not f.template]
    claimed = view.once(_claimed)
    for figure in own:
        values = [v for v in map(figures.share, figure.values) if v is not None]
        if any(_near(value, claimed or view.once(_told)) for value in values):
            return figure.line
        if not claimed and any(
            p in figures.rows(view) for p in figures.behind(view, figure.metrics)
        ):
            return figure.line
    return _matched_line(view, page, last)


def _matched_line(view: RepoView, page: Page, last: int) -> int | None:
    """The line of a number that is a claim's, whatever its author calls the metric."""
    if page.path != view.readme:
        return None
    shown = readmenumbers.read(view, claims.ledger(view).claims).results
    early = (s for s in shown if s.evidence.line and s.evidence.line < last)
    return next((s.evidence.line for s in early if matching.matches(view, s)), None)


def _near(value: float, known: tuple[float, ...]) -> bool:
    """Equal as far as a number of two decimals, or a whole percentage, can say."""
    return any(abs(value - k) < 0.0051 for k in known)


def _claimed(view: RepoView) -> tuple[float, ...]:
    read = view.toml("scaffold.toml")
    table = read.value if isinstance(read, Parsed) else {}
    claims = table.get("claims") if isinstance(table, dict) else None
    listed = claims if isinstance(claims, list) else []
    values = (c.get("value") for c in listed if isinstance(c, dict))
    return tuple(float(v) for v in values if isinstance(v, int | float))


def _told(view: RepoView) -> tuple[float, ...]:
    """Numbers below the first screen, in other documents and in results files."""
    page = front(view)
    below = figures.shown(page.document) if page else []
    told = [f for f in below if page and f.line >= _screen_end(page)]
    others = [f for _, f in figures.elsewhere(view, page.path if page else None)]
    written = [v for f in (*told, *others) for v in f.values]
    kept = [n for p in figures.rows(view)[:30] for n in _decimals(view, p)]
    return tuple(v for v in (*map(figures.share, written), *kept) if v is not None)


def _decimals(view: RepoView, path: str) -> list[float]:
    found = (
        m[0] for line in view.lines(path)[:500] for m in re.finditer(r"(?<![\w.])\d\.\d{2,8}", line)
    )
    return [float(n) for n, _ in zip(found, range(2000), strict=False)]


def _picture_line(view: RepoView, page: Page, last: int) -> int | None:
    shown = [p.line for p in shown_pictures(view, page) if p.counts and p.line < last]
    linked = [link.line for link in demo_links(page) if link.line < last]
    return min([*shown, *linked], default=None)


def _run_line(view: RepoView, page: Page, last: int) -> int | None:
    names = commands.scripts(view)
    every = (c for c in commands.commands(page.document) if c.line < last)
    return next((c.line for c in every if commands.runs(c, names) or commands.composes(c)), None)


def _lines(view: RepoView, page: Page, lines: Iterable[int]) -> list[Evidence]:
    return [view.quote(page.path, line) for line in list(dict.fromkeys(lines))[:5]]
