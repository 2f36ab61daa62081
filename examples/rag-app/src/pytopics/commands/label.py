"""`label`: ask a question, see what every retriever finds, mark what answers it."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from textwrap import indent, shorten, wrap

from ..baseline import sentences
from ..console import deliver, note
from ..errors import UsageError
from ..evaluation import ANSWERABLE, OUTSIDE
from ..evaluation.golden import Label, Question
from ..evaluation.metrics import has_facts
from ..index import Index
from ..keyboard import Ended, Terminal, keyboard
from ..labelling import (
    AUTHOR,
    Candidate,
    append,
    candidates,
    check_quote,
    documents_like,
    existing,
    find_same,
    make_question,
    passages_of,
    quote_for,
    suggest_slice,
)
from ..result import Result
from ..settings import RETRIEVERS, Settings, load_settings
from . import open_index

KEYS = "123456789abcdefghijklm"  # leaves o, q, s, u and v for the actions
ENTER = ("\r", "\n", "")
WIDTH = 78
HELP = (
    "1-9 a-m mark · v full text · Enter save · s skip · q quit\n"
    "o in another document · u not in the documents"
)
SURE = "Sure? `o` names a document that the search missed; `u` again: no document answers it."


@dataclass(frozen=True)
class Session:
    """What the dialogue works with; `facts` and `slice_name` are its defaults, from the flags."""

    index: Index
    settings: Settings
    terminal: Terminal
    facts: tuple[tuple[str, ...], ...] = ()
    slice_name: str = ""


@dataclass(frozen=True)
class Marked:
    """Passages that the search found, labels in documents that it missed; neither: no answer."""

    found: tuple[Candidate, ...] = ()
    missed: tuple[Label, ...] = ()


def run(args: argparse.Namespace) -> int:
    settings = load_settings()
    index = open_index(settings)
    if index.corpus != settings.corpus_name:
        note(f"what you label is stored for the corpus {index.corpus!r} and counts for no other")
    if args.relevant or args.unanswerable:
        saved, message = _from_flags(args, index, settings)
    elif sys.stdin is not None and sys.stdin.isatty():
        saved, message = dialogue(_session(args, index, settings), args.question or ""), ""
    else:
        raise UsageError(
            "label needs a terminal, or the label on the command line",
            'label "question" --relevant SOURCE --quote TEXT, or label "question" --unanswerable',
        )
    result = _result(saved, message, index, settings)
    deliver(result, args.json, result.message)
    return 0


def _session(args: argparse.Namespace, index: Index, settings: Settings) -> Session:
    if args.quote:
        raise UsageError("each --quote TEXT needs one --relevant SOURCE")
    if args.slice == OUTSIDE:
        raise UsageError(f"{OUTSIDE} goes with --unanswerable")
    if (args.fact or args.slice) and not (args.question or "").strip():
        raise UsageError("--fact and --slice go with a question", 'label "question" --fact "A|B"')
    return Session(index, settings, keyboard(), _facts_from_flags(args), args.slice or "")


def dialogue(session: Session, question: str = "") -> list[Question]:
    """Label `question`, or one after another until an empty line; returns what was saved."""
    saved: list[Question] = []
    ask, write = session.terminal.read_line, session.terminal.write
    try:
        while text := question or ask("\nYour question (empty line ends): ").strip():
            made = _label_one(text, session)
            if made:
                append(session.settings.questions, made)
                saved.append(made)
                write(f"saved {made.id} ({made.slice}, {made.split} split)")
            if question:
                break
    except Ended:
        write("stopped")
    return saved


def _label_one(text: str, session: Session) -> Question | None:
    index, terminal = session.index, session.terminal
    stored = existing(session.settings.questions)
    if same := find_same(text, index.corpus, stored):
        terminal.write(_already(same))
        return None
    found = candidates(index, text, session.settings)
    terminal.write(_listing(found))
    marked = _choose(found, session)
    if marked is None:
        return None
    if marked == Marked():
        return make_question(text, index.corpus, OUTSIDE, [], [], stored)
    passages = [c.hit.text for c in marked.found] + passages_of(index, marked.missed)
    facts = _ask_facts(passages, session)
    labels = [_ask_quote(text, c, facts, session) for c in marked.found] + [*marked.missed]
    guess = session.slice_name or suggest_slice(text, passages_of(index, labels))
    return make_question(text, index.corpus, _ask_slice(guess, terminal), labels, facts, stored)


def _choose(found: Sequence[Candidate], session: Session) -> Marked | None:
    """What answers the question; None for "skip". `q` raises Ended, `u` has to be pressed twice."""
    by_key = dict(zip(KEYS, found, strict=False))
    terminal = session.terminal
    keys: set[str] = set()
    missed: list[Label] = []
    last = key = ""
    terminal.write(HELP)
    while True:
        last, key = key, terminal.read_key()
        match key:
            case "q":
                raise Ended
            case "s":
                return None
            case "u" if last == "u":
                return Marked()
            case "u":
                terminal.write(SURE)
            case "v":
                terminal.write(_listing(found, full=True))
            case "o":
                missed += _ask_missed(session)
                terminal.write(_marks(keys, missed))
            case _ if key in by_key:
                keys ^= {key}
                terminal.write(_marks(keys, missed))
            case _ if key in ENTER and (keys or missed):
                return Marked(tuple(c for k, c in by_key.items() if k in keys), tuple(missed))
            case _:
                terminal.write(HELP)


def _marks(keys: set[str], missed: Sequence[Label]) -> str:
    return "marked: " + (" ".join([*sorted(keys), *(x.source for x in missed)]) or "none")


def _ask_missed(session: Session) -> list[Label]:
    """A label in a document that the search did not show, or none if an empty line goes back."""
    source = _ask_source(session)
    prompt = f"Words of {source} that answer it (empty line goes back): "
    while source and (typed := session.terminal.read_line(prompt).strip()):
        label = Label(source, typed)
        if _is_held(label, session):
            return [label]
    return []


def _ask_source(session: Session) -> str:
    """The path of a document, typed or taken by its number from a search; "" goes back."""
    listed: list[str] = []
    prompt = "Its path, or words to find it by (empty line goes back): "
    while typed := session.terminal.read_line(prompt).strip():
        if typed in session.index.sources():
            return typed
        if typed.isdecimal() and 0 < int(typed) <= len(listed):
            return listed[int(typed) - 1]
        listed = documents_like(typed, session.index, session.settings)
        shown = [f"  {number}  {source}" for number, source in enumerate(listed, 1)]
        session.terminal.write("\n".join([*shown, "Type its number, its path, or other words."]))
    return ""


def _ask_facts(passages: Sequence[str], session: Session) -> list[tuple[str, ...]]:
    """Facts the answer must contain, those of the flags first; none is fine.

    A fact is kept even if no marked passage words it so.
    """
    facts: list[tuple[str, ...]] = []
    new = [*session.facts]
    prompt = "Fact it must contain (a | b for two wordings; Enter ends): "
    while True:
        for fact in new:
            if not any(has_facts(passage, [fact]) for passage in passages):
                unsaid = f"No marked passage says {fact[0]!r}: add the wording that it has."
                session.terminal.write(unsaid)
        facts += new
        if not (typed := session.terminal.read_line(prompt).strip()):
            return facts
        new = [wordings for line in typed.splitlines() if (wordings := _wordings(line))]


def _ask_quote(
    question: str, candidate: Candidate, facts: Sequence[tuple[str, ...]], session: Session
) -> Label:
    source = candidate.hit.source
    quote = quote_for(candidate.hit.text, question, facts)
    session.terminal.write(f"Words of {source} that answer it:")
    session.terminal.write(indent("\n".join(wrap(quote, WIDTH - 4)), "    "))
    while True:
        typed = session.terminal.read_line("Enter keeps them, or paste the right words: ").strip()
        label = Label(source, typed or quote)
        if _is_held(label, session):
            return label


def _is_held(label: Label, session: Session) -> bool:
    """Whether the document holds the quote; if not, the terminal says so."""
    try:
        check_quote(session.index, label)
    except UsageError as error:
        session.terminal.write(f"{error.message}; {error.hint}")
        return False
    return True


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
    facts = _facts_from_flags(args)
    slice_name = args.slice or suggest_slice(args.question, passages_of(index, labels))
    made = make_question(args.question, index.corpus, slice_name, labels, facts, stored)
    append(settings.questions, made)
    return [made], f"saved {made.id} ({made.slice}, {made.split} split)"


def _labels_from_flags(args: argparse.Namespace) -> list[Label]:
    if not (args.question or "").strip():
        raise UsageError("the question is missing", 'label "question" --unanswerable')
    if args.unanswerable and (args.relevant or args.fact or args.slice not in (None, OUTSIDE)):
        raise UsageError("--unanswerable goes without --relevant, --fact and another --slice")
    if args.relevant and args.slice == OUTSIDE:
        raise UsageError(f"a question with a relevant passage is not {OUTSIDE}")
    if len(args.relevant) != len(args.quote):
        raise UsageError("each --relevant SOURCE needs one --quote TEXT")
    return [Label(source, quote) for source, quote in zip(args.relevant, args.quote, strict=True)]


def _facts_from_flags(args: argparse.Namespace) -> tuple[tuple[str, ...], ...]:
    return tuple(wordings for fact in args.fact if (wordings := _wordings(fact)))


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
