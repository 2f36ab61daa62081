"""`scaffold init-review`: a `scaffold.toml` for a project that was not made here.

Invariant: nothing of the project is run, no file is replaced, and whatever the names in it are, the
draft is valid TOML that can be shown on a terminal. It names no template: own work is not counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scaffolder.errors import UsageError
from scaffolder.journeys import draft_commands, draft_places, export, review
from scaffolder.journeys.draft_places import Found
from scaffolder.manifest import MANIFEST
from scaffolder.review.view import RepoView, opened
from scaffolder.sanitise import clean

HEAD = """\
# How this project is run and read by `scaffold review --run`. Drafted from its files: check it.
# Each line says where it was found; a line that begins with # is yours to fill in, or to leave.
"""

_ASK = {
    "package": '"my_package"',
    "setup": '["python", "-m", "pip", "install", "-e", "."]',
    "test": '["python", "-m", "pytest", "-q"]',
    "demo": '["python", "-m", "my_package", "ask", "A question"]',
    "ask": '["python", "-m", "my_package", "ask", "{question}"]',
    "eval": '["python", "-m", "my_package", "eval"]',
    "ingest": '["python", "-m", "my_package", "ingest"]',
    "answer": '"my_package.module:function"',
    "search": '"my_package.module:function"',
    "retriever": '"my_package.module:function"',
    "corpus": '"data/corpus"',
    "golden": '"evals/questions.jsonl"',
    "results": '"evals/results"',
    "failures": '"evals/failures.jsonl"',
    "decisions": '"docs/decisions"',
    "prompts": '"prompts"',
}
_MEANT = {
    "package": "the package that the commands import",
    "setup": "run once, in the project's .venv",
    "test": "runs the tests",
    "demo": "shows it at work on one question, and ends",
    "ask": "asks any question: {question} is filled in",
    "eval": "measures it",
    "ingest": "makes the index from the documents",
    "answer": "takes a question, gives the answer",
    "search": "takes a question, gives the passages",
    "retriever": "broken on purpose by a run",
    "corpus": "the documents that answers come from",
    "golden": "questions with the answers that are right",
    "results": "where an evaluation writes its rows",
    "failures": "what went wrong, and why",
    "decisions": "what was decided, and why",
    "prompts": "the prompts",
}
_ABOUT = {
    "scaffold": "No template is named here: how much is your own work is not counted.",
    "commands": "argv lists, run from this folder with its .venv first on PATH",
    "entry_points": "module:function",
    "paths": "files and folders, relative to this one",
    "faults": "module:function, broken on purpose by a run",
}

Sections = Mapping[str, Mapping[str, Found | None]]


@dataclass(frozen=True)
class Draft:
    """The text of a manifest; `found` and `open` are the names that have a value, or none yet."""

    project: Path
    text: str
    found: Sequence[str]
    open: Sequence[str]

    @property
    def said(self) -> str:
        """How much was found."""
        return f"{len(self.found)} found, {len(self.open)} left open"


def draft(path: Path) -> Draft:
    """What the folder `path` could declare; errors as a review has them."""
    with opened(review.folder(path)) as view:
        sections = _sections(view)
        every = [(name, found) for part in sections.values() for name, found in part.items()]
        known = [name for name, found in every if _is_sayable(found)]
        left = [name for name, _ in every if name not in known]
        return Draft(view.root, _text(sections), known, left)


def place(path: Path, output: Path | None = None) -> Path:
    """Where the draft goes; UsageError where a file is there already."""
    found = export.target(output or review.folder(path) / MANIFEST)
    if found.exists():
        raise UsageError(
            f"{found} is there already, and nothing of it is replaced",
            "`--output FILE` writes beside it, `--output -` shows the draft.",
        )
    return found


def write(made: Draft, target: Path) -> Path:
    """Writes the draft whole; CannotWrite says why not, UsageError where a file came meanwhile."""
    if target.exists():
        raise UsageError(f"{target} is there already", "Nothing of it was replaced.")
    export.write(target, made.text)
    return target


def checks(made: Draft) -> list[str]:
    """What to look at before the draft is used."""
    told = []
    if draft_commands.QUESTION in made.text:
        told.append("put a question of your own into demo: the draft could not find one")
    if "demo" in made.open:
        told.append("declare demo: most faults are tried on it")
    if "package" in made.open:
        told.append("name the package, if the commands import one: a run proves what was imported")
    left = [name for name in made.open if name not in ("demo", "package")]
    if left:
        told.append(f"fill in what there is: {', '.join(left)}; what is not there stays a comment")
    return [*told, "run each command once by hand: a run tries what is declared, nothing else"]


def _sections(view: RepoView) -> Sections:
    demo = draft_commands.demo(view)
    search = draft_places.searches(view)
    return {
        "scaffold": {"package": draft_places.package(view)},
        "commands": {
            "setup": draft_commands.setup(view),
            "test": draft_commands.test(view),
            "demo": demo,
            "ask": draft_commands.asks(demo),
            "eval": draft_commands.evaluation(view),
            "ingest": draft_commands.ingest(view),
        },
        "entry_points": {"answer": draft_places.answers(view), "search": search},
        "paths": draft_places.places(view),
        "faults": {"retriever": search},
    }


def _text(sections: Sections) -> str:
    return HEAD + "".join(f"\n{_section(name, part)}" for name, part in sections.items())


def _section(name: str, part: Mapping[str, Found | None]) -> str:
    return "\n".join([f"# {_ABOUT[name]}", f"[{name}]", *_lines(part), ""])


def _lines(part: Mapping[str, Found | None]) -> Iterator[str]:
    for name, found in part.items():
        if found is not None and _is_sayable(found):
            yield f"{name} = {_value(found.value)}  # {clean(found.where, 200)}"
        else:
            yield f"# {name} = {_ASK[name]}  # {_MEANT[name]}"


def _is_sayable(found: Found | None) -> bool:
    """Whether TOML can hold it: a name that is no UTF-8 has no string."""
    words = [found.value] if found and isinstance(found.value, str) else found and found.value
    return bool(words) and not any(0xD800 <= ord(c) <= 0xDFFF for w in words or () for c in w)


def _value(value: str | Sequence[str]) -> str:
    return _string(value) if isinstance(value, str) else f"[{', '.join(map(_string, value))}]"


def _string(value: str) -> str:
    """A basic string of TOML; what a terminal would act on or hide is escaped in it as well."""
    return '"' + "".join(map(_letter, value)) + '"'


def _letter(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    if letter.isprintable() and clean(letter) == letter:
        return letter
    code = ord(letter)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
