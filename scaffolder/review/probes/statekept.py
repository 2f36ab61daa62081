"""What outlives a crash: the state of each step, keys that keep a side effect from coming twice."""

import re
from collections.abc import Iterable

from scaffolder.review.agentwork import loop, runs, tested, toolset
from scaffolder.review.agentwork.actions import Action
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import first_line, identifiers, in_files, place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.models.scriptcalls import scripts
from scaffolder.review.view import RepoView
from scaffolder.sanitise import clean

_SAVER = re.compile(
    r"(?:^|\.)(?:\w{0,16}Saver|\w{0,16}Checkpointer?|SQLiteSession|\w{0,10}SessionService|DBOS\.step"
    r"|DBOS\.workflow|activity\.defn|workflow\.defn)(?:\.\w{2,30})?$"
)
_SAVES = re.compile(
    r"^(?:save|write|store|append|record|log|persist|put|add|insert|commit|checkpoint)_?"
    r"(?:step|state|run|event|turn|checkpoint|history|transcript|intent)s?$|^checkpoint$",
    re.IGNORECASE,
)
_TABLE = re.compile(
    r"\binsert\s{1,4}(?:or\s{1,3}\w{6,8}\s{1,4})?into\s{1,4}[\"'`]?(?:\w{1,20}_)?(?:steps?|checkpoints?|runs?|events?"
    r"|turns?|journal|wal)\b",
    re.IGNORECASE,
)
_RESUMES = re.compile(r"(?:^|_)(?:resume|restore|recover|continue|replay|reload)(?:$|_)", re.I)
_KEY = re.compile(
    r"idempoten|(?:^|_)(?:dedup\w{0,8}|request_?key|effect_?key|operation_?(?:id|key)|intent_?(?:id|key)"
    r"|client_?token)(?:$|_)",
    re.IGNORECASE,
)
_EFFECTS = re.compile(
    r"\b(?:from|into|exists)\s{1,4}[\"'`]?(?:side_)?(?:effects?|intents?|idempotency\w{0,10}|processed\w{0,12}"
    r"|performed\w{0,10})\b",
    re.IGNORECASE,
)
_NATURAL = re.compile(
    r"\bon\s{1,3}conflict\b|\binsert\s{1,3}or\s{1,3}ignore\b|\bunique\s?\(|already_(?:done|refunded|sent|booked)",
    re.IGNORECASE,
)
_CRASH = re.compile(
    r"resum|kill|crash|restart|interrupt|after a stop|picks? up|continues? (?:where|after|from)",
    re.I,
)
_TWICE = re.compile(
    r"twice|idempoten|exactly one|duplicate|same key|second time|(?:shop|only|made|done"
    r"|happens?|writes?|wrote|sent|paid|booked|refund\w{0,3}|change\w?|effects?) once|once only"
    r"|one write|do(?:es|ing)? it again",
    re.IGNORECASE,
)
_MEMORY = re.compile(
    r"(?:^|\.)(?:Conversation\w{0,20}Memory|ChatMessageHistory|\w{0,20}ChatMessageHistory|MemorySaver"
    r"|InMemorySaver|InMemoryStore|(?:SQLite|SQLAlchemy|Redis|OpenAIConversations)Session|Mem0\w{0,6}|Memory)$"
)
_KEPT_MESSAGES = re.compile(
    r"^(?:chat_|message_|conversation_)?(?:history|messages|memory|transcript)$|^(?:thread|session|conversation)_id$"
)
_ACROSS = re.compile(r"^(?:thread_id|session_id|conversation_id|checkpointer|user_memory)$")
_SCRIPT = re.compile(r"checkpointer|threadId|sessionId|useChat\(|MemorySaver")


def saved_by_step(view: RepoView) -> Reading:
    """The state is written after each step, and a command takes a run up again."""
    saved = list(_savers(view))
    resumes = [
        place(view, f.path, d.line)
        for f in view.code
        for d in f.functions
        if _RESUMES.search(d.name.rpartition(".")[2])
    ]
    resumes += identifiers(view, re.compile(r"^(?:thread_id|checkpointer|resume)$"), view.code)
    if saved and resumes:
        return yes("Each step is saved, and a run can be taken up again.", *saved[:2], *resumes[:1])
    if saved:
        return partial("Steps are saved, and nothing takes a run up again.", *saved[:2])
    where = [loop.spot(view, x) for x in loop.loops(view)[:1]]
    return no("No step of a run is written anywhere that outlives the process.", *where)


def keyed(view: RepoView) -> Reading:
    """Tools that write carry an idempotency key, or a rule of the database that does the same."""
    keys = identifiers(view, _KEY, view.code)
    tabled = [f.path for f in view.code if any(_EFFECTS.search(t.value) for t in f.texts)]
    keys += in_files(view, _EFFECTS, tabled)
    if keys:
        return yes("Side effects carry a key, so that they happen once.", *keys[:3])
    near = {t.path for t in toolset.tools(view)} | {
        t.code[0] for t in toolset.tools(view) if t.code
    }
    natural = in_files(view, _NATURAL, sorted(near))
    if natural:
        reason = "The database keeps one kind of row from coming twice; no key stands for a call."
        return partial(reason, *natural[:2])
    writing = [t for t in toolset.tools(view) if _writes(t.name)]
    where = [toolset.spot(view, t) for t in writing[:2]]
    return no("No idempotency key and no rule against a second write was found.", *where)


def crash_tested(view: RepoView) -> Reading:
    """Tests interrupt a run and go on, and call a writing tool again."""
    crash, twice = tested.on(view, _CRASH), tested.on(view, _TWICE)
    if crash and twice:
        return yes("Tests take up a run again, and repeat a side effect.", crash[0], twice[0])
    if crash or twice:
        lacks = "a repeated side effect" if crash else "a run that is taken up after it was killed"
        return partial(f"No test looks at {lacks}.", *(crash or twice)[:2])
    return no("No test interrupts a run and takes it up, and none repeats a side effect.")


def once_in_rows(view: RepoView) -> Reading:
    """No run of the rows did the same side effect twice."""
    listed = [r for r in runs.runs(view) if r.actions]
    if not listed:
        return no("No rows of runs list what was done, so a doubled side effect cannot be seen.")
    twice = [r for r in listed if _doubled(r.actions)]
    if twice:
        action = _doubled(twice[0].actions)
        named = clean(action.tool, 40) if action else ""
        reason = f"A run did {named} twice with the same arguments, and both took effect."
        return no(reason, *runs.spots(view, twice, 2))
    told = f"No side effect came twice in {count(len(listed), 'run')}."
    return yes(told, *runs.spots(view, listed, 2))


def remembered(view: RepoView) -> Reading:
    """Memory or a checkpointer holds what was said across turns; a list within a run is partial."""
    held = [
        place(view, f.path, c.line)
        for f in view.code
        for c in f.calls
        if _SAVER.search(c.name) or _MEMORY.search(c.name)
    ]
    held += identifiers(view, _ACROSS, view.code)
    held += in_files(view, _SCRIPT, scripts(view) if calls(view) else ())
    held += list(_savers(view)) if loop.loops(view) else []
    if held:
        return yes("What was said and done is kept across turns.", *dict.fromkeys(held[:3]))
    within = identifiers(view, _KEPT_MESSAGES, [f for f in view.code if f.path in _asking(view)])
    if within:
        return partial("Messages are kept within one run.", *within[:2])
    return no("Nothing keeps what was said or done from one turn to the next.")


def _asking(view: RepoView) -> set[str]:
    return {c.path for c in calls(view)} | {x.path for x in loop.loops(view)}


def _savers(view: RepoView) -> Iterable[Evidence]:
    """Where a step is written: a checkpointer, a function that is named so, a table of steps."""
    for file in view.code:
        for call in file.calls:
            if _SAVER.search(call.name) or _SAVES.search(call.name.rpartition(".")[2]):
                yield place(view, file.path, call.line)
                break
        if any(_TABLE.search(t.value) for t in file.texts):
            found = first_line(view, file.path, _TABLE)
            if found:
                yield found


def _writes(name: str) -> bool:
    return Action(name, "", "", True).writes


def _doubled(done: Iterable[Action]) -> Action | None:
    """The first side effect that took twice with the same arguments."""
    seen: set[tuple[str, str]] = set()
    for action in done:
        if not (action.writes and action.done):
            continue
        if (action.tool, action.arguments) in seen:
            return action
        seen.add((action.tool, action.arguments))
    return None
