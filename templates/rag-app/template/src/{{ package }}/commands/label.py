"""`label`: ask a question, see what every retriever finds, mark what answers it."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from textwrap import indent, shorten, wrap

from ..baseline import sentences
from ..console import deliver, printable
from ..errors import UsageError
from ..evaluation.golden import Label, Question
from ..evaluation.metrics import has_facts
from ..index import Index
from ..labelling import (
    AUTHOR,
    SLICES,
    Candidate,
    append,
    candidates,
    check_quote,
    existing,
    find_same,
    make_question,
    quote_for,
    suggest_slice,
)
from ..result import Result
from ..settings import RETRIEVERS, Settings, load_settings

KEYS = "123456789abcdefghijklm"  # leaves q, s, u and v for the actions
ANSWERABLE = SLICES[:-1]
CTRL_D = b"\x04"
ENTER = ("\r", "\n", "")
WIDTH = 78
HELP = "1-9 a-m mark · v full text · Enter save · u not in documents · s skip · q quit"


class Ended(Exception):
    """The author wants to stop; the question at hand is dropped, earlier ones are saved."""


@dataclass(frozen=True)
class Terminal:
    """Where the dialogue reads and writes; both readers raise Ended at the end of input."""

    read_key: Callable[[], str]
    read_line: Callable[[str], str]
    write: Callable[[str], None]


def run(args: argparse.Namespace) -> int:
    settings = load_settings()
    index = Index.open(settings)
    if args.relevant or args.unanswerable:
        saved, message = _from_flags(args, index, settings)
    elif sys.stdin.isatty():
        saved, message = dialogue(index, settings, keyboard(), args.question or ""), ""
    else:
        raise UsageError(
            "label needs a terminal, or the label on the command line",
            'label "question" --relevant SOURCE --quote TEXT, or label "question" --unanswerable',
        )
    result = _result(saved, message, index, settings)
    deliver(result, args.json, result.message)
    return 0


def dialogue(
    index: Index, settings: Settings, terminal: Terminal, question: str = ""
) -> list[Question]:
    """Label `question`, or one after another until an empty line; returns what was saved."""
    saved: list[Question] = []
    try:
        while text := question or terminal.read_line("\nYour question (empty line ends): ").strip():
            made = _label_one(text, index, settings, terminal)
            if made:
                append(settings.questions, made)
                saved.append(made)
                terminal.write(f"saved {made.id} ({made.slice}, {made.split} split)")
            if question:
                break
    except Ended:
        terminal.write("stopped")
    return saved


def _label_one(text: str, index: Index, settings: Settings, terminal: Terminal) -> Question | None:
    stored = existing(settings.questions)
    if same := find_same(text, index.corpus, stored):
        terminal.write(_already(same))
        return None
    found = candidates(index, text, settings)
    terminal.write(_listing(found))
    marked = _choose(found, terminal)
    if marked is None:
        return None
    passages = [candidate.hit.text for candidate in marked]
    facts = _ask_facts(passages, terminal) if marked else []
    labels = [_ask_quote(text, hit, facts, index, terminal) for hit in marked]
    slice_name = _ask_slice(suggest_slice(text, passages), terminal) if marked else SLICES[-1]
    return make_question(text, index.corpus, slice_name, labels, facts, stored)


def _choose(found: Sequence[Candidate], terminal: Terminal) -> list[Candidate] | None:
    """The marked passages, [] for "not in the documents", None for "skip"; `q` raises Ended."""
    keys = KEYS[: len(found)]
    marked: set[str] = set()
    terminal.write(HELP)
    while True:
        key = terminal.read_key()
        if key == "q":
            raise Ended
        if key == "s":
            return None
        if key == "u":
            return []
        if key in ENTER and marked:
            return [c for k, c in zip(keys, found, strict=False) if k in marked]
        if key == "v":
            terminal.write(_listing(found, full=True))
        elif key and key in keys:
            marked ^= {key}
            terminal.write("marked: " + (" ".join(k for k in keys if k in marked) or "none"))
        else:
            terminal.write(HELP)


def _ask_facts(passages: Sequence[str], terminal: Terminal) -> list[tuple[str, ...]]:
    """Facts the answer must contain, kept even if no marked passage words them so; none is fine."""
    facts: list[tuple[str, ...]] = []
    prompt = "Fact it must contain (a | b for two wordings; Enter ends): "
    while line := terminal.read_line(prompt).strip():
        if wordings := _wordings(line):
            facts.append(wordings)
            if not any(has_facts(passage, [wordings]) for passage in passages):
                terminal.write("No marked passage says it in these words: add the wording it has.")
    return facts


def _ask_quote(
    question: str,
    candidate: Candidate,
    facts: Sequence[tuple[str, ...]],
    index: Index,
    terminal: Terminal,
) -> Label:
    source = candidate.hit.source
    quote = quote_for(candidate.hit.text, question, facts)
    terminal.write(f"Words of {source} that answer it:")
    terminal.write(indent("\n".join(wrap(quote, WIDTH - 4)), "    "))
    while True:
        typed = terminal.read_line("Enter keeps them, or paste the right words: ").strip()
        label = Label(source, typed or quote)
        try:
            check_quote(index, label)
        except UsageError as error:
            terminal.write(f"{error.message}; {error.hint}")
        else:
            return label


def _ask_slice(suggested: str, terminal: Terminal) -> str:
    terminal.write(f"Slices: {', '.join(ANSWERABLE)}")
    while typed := terminal.read_line(f"Slice (Enter: {suggested}): ").strip():
        if typed in ANSWERABLE:
            return typed
    return suggested


def _listing(found: Sequence[Candidate], full: bool = False) -> str:
    if not found:
        return "No retriever finds a passage for it."
    header = "     " + "".join(f"{name:>9}" for name in RETRIEVERS) + "   passage"
    return "\n".join([header, *(_entry(k, c, full) for k, c in zip(KEYS, found, strict=False))])


def _entry(key: str, candidate: Candidate, full: bool) -> str:
    ranks = "".join(f"{candidate.ranks.get(name, '-'):>9}" for name in RETRIEVERS)
    text = " ".join(sentences(candidate.hit.text))
    shown = wrap(text if full else shorten(text, 2 * (WIDTH - 6), placeholder=" …"), WIDTH - 6)
    return f"[{key}]  {ranks}   {_place(candidate)}\n" + indent("\n".join(shown), "      ")


def _place(candidate: Candidate) -> str:
    """The source and the heading right above the passage, cut to what is left of the line."""
    place = f"{candidate.hit.source}: {candidate.hit.heading.rpartition(' > ')[2]}"
    return shorten(place, WIDTH - 35, placeholder=" …")


def _from_flags(
    args: argparse.Namespace, index: Index, settings: Settings
) -> tuple[list[Question], str]:
    labels = _labels_from_flags(args)
    for label in labels:
        check_quote(index, label)
    stored = existing(settings.questions)
    if same := find_same(args.question, index.corpus, stored):
        return [], _already(same)
    facts = [wordings for fact in args.fact if (wordings := _wordings(fact))]
    slice_name = args.slice or suggest_slice(args.question, [label.quote for label in labels])
    made = make_question(args.question, index.corpus, slice_name, labels, facts, stored)
    append(settings.questions, made)
    return [made], f"saved {made.id} ({made.slice}, {made.split} split)"


def _labels_from_flags(args: argparse.Namespace) -> list[Label]:
    if not (args.question or "").strip():
        raise UsageError("the question is missing", 'label "question" --unanswerable')
    if args.unanswerable and (args.relevant or args.fact or args.slice):
        raise UsageError("--unanswerable goes without --relevant, --fact and --slice")
    if args.relevant and args.slice == SLICES[-1]:
        raise UsageError(f"a question with a relevant passage is not {SLICES[-1]}")
    if len(args.relevant) != len(args.quote):
        raise UsageError("each --relevant SOURCE needs one --quote TEXT")
    return [Label(source, quote) for source, quote in zip(args.relevant, args.quote, strict=True)]


def _already(same: Question) -> str:
    return f"{same.id} already asks this; nothing added (to change it, edit its line)"


def _wordings(text: str) -> tuple[str, ...]:
    return tuple(wording.strip() for wording in text.split("|") if wording.strip())


def _result(saved: Sequence[Question], message: str, index: Index, settings: Settings) -> Result:
    stored = existing(settings.questions)
    own = [q for q in stored if q.origin == AUTHOR and q.corpus == index.corpus]
    dev = sum(q.split == "dev" for q in own)
    counts = {"own": len(own), "dev": dev, "test": len(own) - dev}
    total = f"your questions on {index.corpus!r}: {len(own)} ({dev} dev, {len(own) - dev} test)"
    detail = {"saved": [asdict(question) for question in saved], "counts": counts}
    return Result("answered", f"{message}\n{total}".strip(), detail=detail)


def keyboard() -> Terminal:
    """The real terminal, on stderr so that stdout keeps the result; a key counts without Enter."""
    return Terminal(_read_key, _read_line, lambda text: print(printable(text), file=sys.stderr))


def _read_key() -> str:
    """One key; the terminal is put back before anything else happens, Ctrl-C included."""
    try:
        import termios
        import tty
    except ImportError:  # Windows: a key followed by Enter
        return _read_line("> ")[:1]
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        pressed = os.read(descriptor, 1)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    if pressed in (b"", CTRL_D):
        raise Ended
    return pressed.decode("ascii", "replace")


def _read_line(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    try:
        return input()
    except EOFError:
        raise Ended from None
