"""Why a model stopped: named, each with a branch, none of them taken for an answer."""

import re
from collections.abc import Iterator

from scaffolder.review.agentwork import runs, tested
from scaffolder.review.model import Evidence, Reading, count, no, partial, yes
from scaffolder.review.models.codewords import place
from scaffolder.review.models.modelcalls import calls
from scaffolder.review.view import RepoView

_KINDS = {
    "cut off": re.compile(r"^(?:max_tokens|length|max_output_tokens|truncated)$", re.IGNORECASE),
    "refused": re.compile(r"^(?:refusal|refused|content_filter|safety|prohibited_content)$", re.I),
    "too long": re.compile(
        r"^(?:model_context_window_exceeded|context_(?:overflow|exceeded|length_exceeded"
        r"|window_exceeded))$",
        re.I,
    ),
    "paused": re.compile(r"^(?:pause_turn|paused?|incomplete|in_progress|queued)$", re.IGNORECASE),
    "tool": re.compile(r"^(?:tool_use|tool_calls?|function_call)$", re.IGNORECASE),
}
_FEW = 2
_UNKNOWN = re.compile(
    r"^(?:OTHER|UNKNOWN|Unknown\w{0,12}(?:Stop|Reason|Error)|UnexpectedStop\w{0,10}"
    r"|unknown_stop\w{0,8}"
    r"|assert_never)$",
    re.IGNORECASE,
)
_TESTED = {
    "cut off": re.compile(r"cut|max[_ ]tokens|truncat|length", re.IGNORECASE),
    "refused": re.compile(r"refus|declin|content filter|safety", re.IGNORECASE),
    "others": re.compile(
        r"paus|context|too long|unknown (?:stop|reason)|stop reason|every stop|each stop"
        r"|incomplete",
        re.I,
    ),
}


def named(view: RepoView) -> Reading:
    """The reasons why a model stops are told apart, and one that is not known has a name."""
    if not calls(view):
        return no("No model is called, so none stops.")
    found = {kind: next(_places(view, pattern), None) for kind, pattern in _KINDS.items()}
    known = {kind: e for kind, e in found.items() if e}
    other = next(_unknown(view), None)
    told = ", ".join(known) or "none"
    if len(known) == len(_KINDS) and other:
        return yes(
            f"Reasons that are told apart: {told}, and one that is not known.", *known.values()
        )
    lacks = ", ".join(k for k in _KINDS if k not in known) or "a reason that is not known"
    where = [*known.values()][:3]
    if len(known) > _FEW:
        return partial(f"Reasons that are told apart: {told}; not: {lacks}.", *where)
    return no(f"Reasons why a model stopped that are told apart: {told}; not: {lacks}.", *where)


def each_tested(view: RepoView) -> Reading:
    """Tests stop the model in three ways: cut off, refused, and another."""
    found = {kind: tested.on(view, pattern) for kind, pattern in _TESTED.items()}
    shown = [some[0] for some in found.values() if some]
    lacks = [kind for kind, some in found.items() if not some]
    if not lacks:
        return yes("Tests let the model be cut off, refuse, and stop in another way.", *shown)
    if shown:
        return partial(f"No test stops the model in these ways: {', '.join(lacks)}.", *shown[:2])
    return no("No test looks at why a model stopped.")


def rows_honest(view: RepoView) -> Reading:
    """No row counts as answered that holds no answer, or whose model did not end."""
    every = [r for r in runs.runs(view) if r.status]
    if not every:
        return no("No rows say how a run ended.")
    wrong = [r for r in every if r.status == "answered" and (not r.answer.strip() or _cut(r))]
    if wrong:
        told = f"{count(len(wrong), 'row')} of {len(every):,} count as answered"
        reason = f"{told}, and hold no whole answer."
        return no(reason, *runs.spots(view, wrong, 2))
    kinds = ", ".join(sorted({r.status for r in every})[:6])
    return yes(
        f"{count(len(every), 'row')} say how they ended ({kinds}).", *runs.spots(view, every, 2)
    )


def _cut(run: runs.Run) -> bool:
    reason = run.row.text("stop") or run.row.text("stop_reason") or run.row.text("finish_reason")
    return any(p.search(reason[:60]) for k, p in _KINDS.items() if k not in ("tool", "paused"))


def _places(view: RepoView, pattern: re.Pattern[str]) -> Iterator[Evidence]:
    """Texts of the code that are such a reason, and nothing else."""
    for file in view.code:
        for text in file.texts:
            if len(text.value) < 40 and pattern.search(text.value):
                yield place(view, file.path, text.line)
                break


def _unknown(view: RepoView) -> Iterator[str]:
    for file in view.code:
        yield from (n for n in file.names if len(n) < 40 and _UNKNOWN.search(n))
